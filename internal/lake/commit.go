package lake

import (
	"errors"
	"fmt"
	"path"
	"slices"
)

// Commit makes what was added and quarantined since the last commit count.
// After an error either all of it counts or nothing; the next Writer knows
// which. With nothing pending it does nothing.
//
// Files are written in the stage, made durable, moved into place, and then
// named by one new log entry: a reader of the log never sees half of it, and a
// plain glob sees complete files only. What other writers have committed
// meanwhile is left out: an event is nobody's twice.
func (w *Writer) Commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if !w.anything() {
		return nil
	}
	if err := w.commit(); err != nil {
		w.err = fmt.Errorf("commit: %w", err)
	}
	return w.err
}

// anything reports whether something is pending.
func (w *Writer) anything() bool {
	return w.counters.Events > 0 || len(w.ledger.objects) > 0 || len(w.bad.refs) > 0
}

func (w *Writer) commit() error {
	if _, err := w.catchUp(); err != nil {
		return err
	}
	for w.anything() {
		parts := w.dirty()
		e, files, err := w.prepare(parts)
		if err != nil {
			return err
		}
		if err := w.publish(files); err != nil {
			return err
		}
		won, err := w.offer(e)
		if err != nil {
			return err
		}
		if won {
			return w.settle(parts, e)
		}
		if err := w.retract(); err != nil {
			return err
		}
	}
	return nil
}

// offer tries one number after the other until the entry has one, or until
// what others committed makes it another entry.
func (w *Writer) offer(e *entry) (won bool, err error) {
	for {
		if won, err := w.append(e); won || err != nil {
			return won, err
		}
		if changed, err := w.catchUp(); changed || err != nil {
			return false, err
		}
	}
}

// dirty returns the partitions with pending rows, sorted.
func (w *Writer) dirty() []*partition {
	var parts []*partition
	for _, p := range w.parts {
		if p.pending > 0 {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, comparePartitions)
	return parts
}

// prepare writes all files of the commit in the stage and returns its entry.
func (w *Writer) prepare(parts []*partition) (*entry, []staged, error) {
	e := &entry{Counters: w.counters, Objects: w.ledger.objects}
	if err := w.replaceQuarantine(e); err != nil {
		return nil, nil, err
	}
	e.Quarantined = w.bad.refs
	e.Counters.Rejected = int64(len(w.bad.refs) - w.keptLines())
	files, err := w.writeFiles(parts)
	if err != nil {
		return nil, nil, err
	}
	var moves []staged
	for _, f := range files {
		moves = append(moves, staged{w.stage(path.Base(f.Path)), f.Path})
	}
	e.Files = files
	if len(w.bad.refs) == 0 {
		return e, moves, nil
	}
	name := quarantineName(w.next(), w.claim.mark)
	bad, err := w.bad.write(w.stage(name))
	if err != nil {
		return nil, nil, err
	}
	bad.Path = path.Join(quarantineDir, name)
	e.Quarantine = &bad
	return e, append(moves, staged{w.stage(name), bad.Path}), nil
}

// settle makes the writer's memory agree with the log.
func (w *Writer) settle(parts []*partition, e *entry) error {
	for n, p := range parts {
		p.files = append(p.files, e.Files[n].Path)
		p.clear()
	}
	w.ledger.commit()
	w.counters = counters{}
	w.held = 0
	w.texts.reset()
	if err := errors.Join(w.bad.reset(), w.spilled.reset()); err != nil {
		return err
	}
	if len(e.Removed) > 0 { // quarantine files of which something was read again
		if err := w.removeReplaced(); err != nil {
			return err
		}
		w.retry.settle(e)
	}
	if err := w.at("settled"); err != nil {
		return err
	}
	return w.tidy(parts)
}
