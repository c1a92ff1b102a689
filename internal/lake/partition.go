package lake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/trimtrail/trimtrail/internal/event"
)

// partition is what a writer knows of one account and day.
type partition struct {
	key   partKey
	files []string // committed, relative to the lake

	// Rows that wait for a commit: in memory, and in sorted runs of spillName.
	rows      rows
	runs      []run
	spillName string
	pending   int64

	// keys are those of all rows, committed and pending; nil while not loaded.
	keys map[event.Key]struct{}
	used int64 // when the keys were last needed, in steps of the writer
}

// spill moves the rows in memory to the partition's spill file.
func (p *partition) spill() error {
	r, err := p.rows.spill(p.spillName)
	if err != nil {
		return err
	}
	p.runs = append(p.runs, r)
	p.rows = rows{}
	return nil
}

// sources returns the pending rows, each source sorted, and what closes them.
func (p *partition) sources() ([]source, func() error, error) {
	p.rows.sort()
	sources := []source{&memory{rows: &p.rows}}
	if len(p.runs) == 0 {
		return sources, func() error { return nil }, nil
	}
	f, err := os.Open(p.spillName)
	if err != nil {
		return nil, nil, fmt.Errorf("read spilled rows: %w", err)
	}
	for _, r := range p.runs {
		sources = append(sources, newSpilled(f, r))
	}
	return sources, f.Close, nil
}

// clear forgets the pending rows, which are committed now as file.
func (p *partition) clear(file string) error {
	p.files = append(p.files, file)
	p.rows, p.pending = rows{}, 0
	if len(p.runs) == 0 {
		return nil
	}
	p.runs = nil
	return os.Remove(p.spillName)
}

// load reads the keys of all the partition's rows.
func (p *partition) load(l *Lake) error {
	p.keys = make(map[event.Key]struct{}, p.pending)
	add := func(id []byte) { p.keys[event.KeyOf(p.key.account, string(id))] = struct{}{} }
	for _, name := range p.files {
		if err := eventIDs(l.path(name), add); err != nil {
			return fmt.Errorf("read event ids of %s: %w", name, err)
		}
	}
	if p.pending == 0 {
		return nil
	}
	sources, done, err := p.sources()
	if err != nil {
		return err
	}
	for _, s := range sources {
		err = errors.Join(err, eachID(s, add))
	}
	return errors.Join(err, done())
}

func eachID(s source, add func(id []byte)) error {
	for {
		row, err := s.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		add(rowID(row))
	}
}

// target is where the partition's file of this commit goes.
func (p *partition) target(sequence int64, n int) string {
	return path.Join(p.key.dir(), dataName(sequence, n))
}
