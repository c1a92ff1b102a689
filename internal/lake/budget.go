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
		p = &partition{key: key, rows: rows{spare: &w.spare}}
		w.parts[key] = p
		w.near = nil
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
	near := w.neighbours(account, d)
	for _, p := range near { // all first: to load one may bring news for another
		if err := w.need(p); err != nil {
			return nil, false, err
		}
	}
	for _, p := range near {
		known = known || p.keys.has(key)
	}
	if w.keys > w.opts.Keys {
		w.evict()
	}
	return near[0], known, nil
}

// neighbours returns the partition of an account and day, and those of the days
// beside it that there are. Most events are of the day of the one before.
func (w *Writer) neighbours(account string, d day) []*partition {
	if w.near != nil && w.nearDay == d && w.near[0].key.account == account {
		return w.near
	}
	near := []*partition{w.part(partKey{account, w.date(d)})}
	for _, beside := range [...]day{d - 1, d + 1} {
		if p := w.parts[partKey{account, w.date(beside)}]; p != nil {
			near = append(near, p)
		}
	}
	w.near, w.nearDay = near, d
	return near
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
	w.keys += p.keys.len()
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
		w.keys -= w.loaded[n].keys.len()
		w.loaded[n].keys = nil
		n++
	}
	w.loaded = slices.Delete(w.loaded, 0, n)
}

// Full reports whether the rows that wait for a commit take most of their
// memory, or more than it: then a commit soon saves writing them twice.
func (w *Writer) Full() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.spilled.size > 0 || w.held+w.texts.size > w.opts.Memory*3/4
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
