package lake

import (
	"errors"
	"io/fs"
	"maps"
	"slices"

	"github.com/trimtrail/trimtrail/internal/event"
)

// follow reads the entries since the last one seen and calls each with them.
// Files that may hold events not seen before join unseen; what a compaction
// made of files that were seen does not.
func (c *committer) follow(each func(e *logEntry)) error {
	for {
		var e logEntry
		err := c.lake.readEntry(c.next(), &e)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		seen := e.Kind == kindCompact
		for _, name := range e.Removed {
			seen = seen && c.log.files[name] != nil && c.unseen[name] == nil
			delete(c.unseen, name)
		}
		if err := c.log.apply(c.next(), &e); err != nil {
			return err
		}
		for i := range e.Files {
			if f := &e.Files[i]; !seen {
				c.unseen[f.Path] = f
			}
		}
		each(&e)
	}
}

// catchUp takes in what other writers have committed since: their objects are
// known, their events are duplicates where they are pending here too. It
// reports whether that changed what is pending.
func (w *Writer) catchUp() (changed bool, err error) {
	for try := 1; ; try++ {
		err := w.follow(func(e *logEntry) {
			w.moveFiles(e)
			changed = w.forget(e.Objects) || changed
		})
		if err != nil {
			return changed, err
		}
		more, err := w.siftAll()
		changed = more || changed
		if !errors.Is(err, fs.ErrNotExist) || try == attempts { // else compacted meanwhile
			return changed, err
		}
	}
}

// moveFiles keeps the partitions' files as the log has them.
func (w *Writer) moveFiles(e *logEntry) {
	for _, f := range e.Files {
		p := w.part(f.part())
		p.files = append(p.files, f.Path)
	}
	for _, name := range e.Removed {
		if p := w.parts[partOf(name)]; p != nil {
			p.drop(name)
		}
	}
}

// forget takes objects that another writer has read out of what is pending.
func (w *Writer) forget(objects []objectRef) (changed bool) {
	pending := map[objectID]struct{}{}
	for _, o := range objects {
		id := idOf(o.object())
		if w.ledger.taken(id) {
			pending[id] = struct{}{}
		}
	}
	if len(pending) == 0 {
		return false
	}
	w.ledger.drop(pending)
	w.bad.drop(pending)
	return true
}

// siftAll compares the unseen files with the pending rows and the loaded keys.
func (w *Writer) siftAll() (changed bool, err error) {
	for _, name := range slices.Sorted(maps.Keys(w.unseen)) {
		n, err := w.sift(w.unseen[name])
		if err != nil {
			return changed, err
		}
		changed = changed || n > 0
		w.counters.Events -= n
		w.counters.Duplicates += n
		w.late += n
		delete(w.unseen, name)
	}
	return changed, nil
}

// sift takes the events of f out of the pending rows of its day and those
// beside it, and returns how many there were.
func (w *Writer) sift(f *File) (dropped int64, err error) {
	own, near := w.around(f)
	pending := make([]map[event.Key]struct{}, len(near))
	for i, p := range near {
		if pending[i], err = p.pendingKeys(); err != nil {
			return 0, err
		}
	}
	if len(near) == 0 && own.keys == nil {
		return 0, nil
	}
	hit := make([]map[event.Key]struct{}, len(near))
	err = w.lake.eventIDs(f.Path, func(id []byte) {
		key := event.KeyOf(f.AccountID, string(id))
		for i := range near {
			if _, ok := pending[i][key]; ok {
				if hit[i] == nil {
					hit[i] = map[event.Key]struct{}{}
				}
				hit[i][key] = struct{}{}
			}
		}
		if own.keys != nil {
			if own.keys.add(key) {
				w.keys++
			}
		}
	})
	if err != nil {
		return 0, err
	}
	for i, p := range near {
		n, freed := p.leaveOut(hit[i])
		dropped, w.held = dropped+n, w.held-freed
	}
	return dropped, nil
}

// around returns the partition of f and those, of its day and beside, with
// pending rows.
func (w *Writer) around(f *File) (own *partition, near []*partition) {
	own = w.part(f.part())
	dates := []string{f.Date}
	if d, ok := parseDay(f.Date); ok {
		dates = append(dates, w.date(d-1), w.date(d+1))
	}
	for _, date := range dates {
		if p := w.parts[partKey{f.AccountID, date}]; p != nil && p.pending > 0 {
			near = append(near, p)
		}
	}
	return own, near
}

// Late returns how many events Add counted as added that turned out, by the
// time of their commit, to have been committed by another writer: duplicates.
func (w *Writer) Late() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.late
}
