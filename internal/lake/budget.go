package lake

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"

	"github.com/trimtrail/trimtrail/internal/event"
)

// part returns the partition, known or new.
func (w *Writer) part(key partKey) *partition {
	p, ok := w.parts[key]
	if !ok {
		p = &partition{key: key}
		w.parts[key] = p
	}
	return p
}

// date is the name of a day, made once.
func (w *Writer) date(d day) string {
	s, ok := w.dates[d]
	if !ok {
		s = d.String()
		w.dates[d] = s
	}
	return s
}

// find returns the partition of an account and day, its keys loaded, and
// whether the key is there or a day beside it. An event id does not quite fix
// the time: real archives hold one event twice with times some minutes apart,
// on both sides of midnight.
//
// Note: to look at all days of the account would take memory, or reads an
// event, that grow with the archive.
func (w *Writer) find(account string, d day, key event.Key) (own *partition, known bool, err error) {
	w.clock++
	own = w.part(partKey{account, w.date(d)})
	near := [...]*partition{own, w.parts[partKey{account, w.date(d - 1)}], w.parts[partKey{account, w.date(d + 1)}]}
	for _, p := range near { // all first: to load one may bring news for another
		if p != nil {
			if err := w.need(p); err != nil {
				return nil, false, err
			}
		}
	}
	for _, p := range near {
		if p != nil {
			_, ok := p.keys[key]
			known = known || ok
		}
	}
	if w.keys > w.opts.Keys {
		w.evict()
	}
	return own, known, nil
}

// need has the keys of p loaded, and not evicted in this step.
func (w *Writer) need(p *partition) error {
	p.used = w.clock
	if p.keys != nil {
		return nil
	}
	err := p.load(w.lake)
	for try := 1; errors.Is(err, fs.ErrNotExist) && try < attempts; try++ {
		if _, err := w.catchUp(); err != nil { // a file was compacted away
			return err
		}
		err = p.load(w.lake)
	}
	if err != nil {
		return err
	}
	w.keys += len(p.keys)
	w.loaded = append(w.loaded, p)
	return nil
}

// evict drops the keys of the partitions used longest ago until a quarter of
// the limit is free; those of this step stay, whatever they take.
func (w *Writer) evict() {
	slices.SortFunc(w.loaded, func(a, b *partition) int {
		return cmp.Or(cmp.Compare(a.used, b.used), comparePartitions(a, b))
	})
	n := 0
	for n < len(w.loaded) && w.loaded[n].used < w.clock && w.keys > w.opts.Keys*3/4 {
		w.keys -= len(w.loaded[n].keys)
		w.loaded[n].keys = nil
		n++
	}
	w.loaded = slices.Delete(w.loaded, 0, n)
}

// spill moves rows to disk, the largest partitions first, until half of the
// memory is free.
func (w *Writer) spill() error {
	var parts []*partition
	for _, p := range w.parts {
		if p.rows.size > 0 {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b *partition) int {
		return cmp.Or(cmp.Compare(b.rows.size, a.rows.size), comparePartitions(a, b))
	})
	for _, p := range parts {
		if w.held <= w.opts.Memory/2-w.texts.size {
			break
		}
		w.held -= p.rows.size
		if err := p.spill(&w.spilled); err != nil {
			return err
		}
	}
	return nil
}

func comparePartitions(a, b *partition) int {
	return cmp.Or(cmp.Compare(a.key.account, b.key.account), cmp.Compare(a.key.date, b.key.date))
}
