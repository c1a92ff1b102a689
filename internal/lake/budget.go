package lake

import (
	"cmp"
	"fmt"
	"slices"
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

// need has the keys of p loaded, and makes room for them where there are too many.
func (w *Writer) need(p *partition) error {
	w.clock++
	p.used = w.clock
	if p.keys == nil {
		if err := p.load(w.lake); err != nil {
			return err
		}
		w.keys += len(p.keys)
	}
	if w.keys > w.opts.Keys {
		w.evict(p)
	}
	return nil
}

// evict drops the keys of the partitions used longest ago, never those of
// keep, until a quarter of the limit is free.
func (w *Writer) evict(keep *partition) {
	var loaded []*partition
	for _, p := range w.parts {
		if p.keys != nil && p != keep {
			loaded = append(loaded, p)
		}
	}
	slices.SortFunc(loaded, func(a, b *partition) int { return cmp.Compare(a.used, b.used) })
	for _, p := range loaded {
		if w.keys <= w.opts.Keys*3/4 {
			return
		}
		w.keys -= len(p.keys)
		p.keys = nil
	}
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
		if w.held <= w.opts.Memory/2 {
			break
		}
		if p.spillName == "" {
			w.spills++
			p.spillName = w.stage(fmt.Sprintf("spill-%06d", w.spills))
		}
		w.held -= p.rows.size
		if err := p.spill(); err != nil {
			return err
		}
	}
	return nil
}

func comparePartitions(a, b *partition) int {
	return cmp.Or(cmp.Compare(a.key.account, b.key.account), cmp.Compare(a.key.date, b.key.date))
}
