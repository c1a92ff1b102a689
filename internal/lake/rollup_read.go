package lake

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Partition is the committed files of events of one account and day, by first
// time.
type Partition []File

// Partitions returns those that have events between from and to, in the order
// of account and date; zero times are unbounded.
func (l *Lake) Partitions(from, to time.Time) ([]Partition, error) {
	log, err := l.state()
	if err != nil {
		return nil, err
	}
	q := Query{From: from, To: to}
	var all []Partition
	for _, files := range log.partitions() {
		if slices.ContainsFunc(files, func(f File) bool { return q.overlaps(f.Min, f.Max) }) {
			all = append(all, files)
		}
	}
	return all, nil
}

// Steady calls read with the files of p, and again, from the start, with those
// that the log names by then, where one of them was replaced under it.
func (l *Lake) Steady(p Partition, read func(Partition) error) error {
	for try := 1; ; try++ {
		err := read(p)
		if !errors.Is(err, fs.ErrNotExist) || try == attempts {
			return err
		}
		changed, serr := l.changed(p)
		if serr != nil {
			return serr
		}
		if slices.Equal(changed, p) {
			return err // the log still names it
		}
		if p = changed; len(p) == 0 {
			return nil // forgotten
		}
	}
}

// changed is the partition as the log has it by now.
func (l *Lake) changed(p Partition) (Partition, error) {
	log, err := l.state()
	if err != nil {
		return nil, err
	}
	return log.of(p[0].Path), nil
}

// FileEvents yields the events of one file, in their order, under the terms of
// Events. Where the file was replaced meanwhile the error is fs.ErrNotExist.
func (l *Lake) FileEvents(ctx context.Context, f *File) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		m := &merged{lake: l, view: wholeView(ctx), waiting: []File{*f}}
		err := m.each(func(e *event.Event) bool { return yield(e, nil) })
		if err = errors.Join(err, m.close()); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}
