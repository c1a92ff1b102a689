package lake

import (
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/trimtrail/trimtrail/internal/event"
)

// partition is what a writer knows of one account and day.
type partition struct {
	key   partKey
	files []string // committed, relative to the lake

	// Rows that wait for a commit: in memory, and in sorted runs of spilled.
	rows    rows
	runs    []run
	spilled *spillFile
	pending int64 // without those left out
	// left are pending rows that another writer has committed meanwhile.
	left map[event.Key]struct{}

	// keys are those of all rows, committed and pending; nil while not loaded.
	keys *keySet
	used int64 // when the keys were last needed, in steps of the writer
}

// spill moves the rows in memory to the spill file.
func (p *partition) spill(to *spillFile) error {
	r, err := to.add(&p.rows)
	if err != nil {
		return err
	}
	p.runs, p.spilled = append(p.runs, r), to
	p.rows.clear()
	return nil
}

// sources returns the pending rows, each source sorted.
func (p *partition) sources() []source {
	p.rows.sort()
	sources := []source{p.filtered(&memory{rows: &p.rows})}
	for _, r := range p.runs {
		sources = append(sources, p.filtered(p.spilled.source(r)))
	}
	return sources
}

// filtered is s without the rows that are left out.
func (p *partition) filtered(s source) source {
	if len(p.left) == 0 {
		return s
	}
	return &filter{s, p.key.account, p.left}
}

// filter is a source without some rows.
type filter struct {
	source
	account string
	left    map[event.Key]struct{}
}

func (f *filter) next() ([]byte, error) {
	for {
		row, err := f.source.next()
		if err != nil {
			return nil, err
		}
		if _, ok := f.left[event.KeyOf(f.account, string(rowID(row)))]; !ok {
			return row, nil
		}
	}
}

// pendingKeys are those of the pending rows.
func (p *partition) pendingKeys() (map[event.Key]struct{}, error) {
	keys := make(map[event.Key]struct{}, p.pending)
	return keys, p.eachPending(func(id []byte) { keys[event.KeyOf(p.key.account, string(id))] = struct{}{} })
}

func (p *partition) eachPending(each func(id []byte)) (err error) {
	if p.pending == 0 {
		return nil
	}
	for _, s := range p.sources() {
		err = errors.Join(err, eachID(s, each))
	}
	return err
}

// leaveOut takes pending rows out and returns how many, and the bytes of
// memory that this frees.
func (p *partition) leaveOut(keys map[event.Key]struct{}) (n, freed int64) {
	if len(keys) == 0 {
		return 0, 0
	}
	if p.left == nil {
		p.left = map[event.Key]struct{}{}
	}
	maps.Copy(p.left, keys)
	n = int64(len(keys))
	if p.pending -= n; p.pending == 0 {
		freed = p.rows.size
		p.clear()
	}
	return n, freed
}

// drop forgets a committed file.
func (p *partition) drop(name string) {
	p.files = slices.DeleteFunc(p.files, func(s string) bool { return s == name })
}

// clear forgets the pending rows, which are committed now.
func (p *partition) clear() {
	p.rows.clear()
	p.runs, p.pending, p.left = nil, 0, nil
}

// load reads the keys of all the partition's rows.
func (p *partition) load(l *Lake) error {
	keys := newKeySet(int(p.pending))
	add := func(id []byte) { keys.add(event.KeyOf(p.key.account, string(id))) }
	for _, name := range p.files {
		if err := l.eventIDs(name, add); err != nil {
			return err
		}
	}
	if err := p.eachPending(add); err != nil {
		return err
	}
	p.keys = keys
	return nil
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
