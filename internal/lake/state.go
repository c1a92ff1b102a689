package lake

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// state is what the log says at one moment.
type state struct {
	last    int64 // number of the last entry seen
	objects int64 // that were read
	// quarantined are records and whole objects.
	quarantined int64
	files       map[string]*File // of events, that count, by path
	quarantine  map[string]*File // of the quarantine, that count, by path
	// removed are paths that counted once. Such files are gone, or about to be.
	// Of a state that began at a checkpoint they are those removed since.
	removed map[string]bool
	fenced  map[string]bool // marks of writers that were taken for dead
}

func newState() *state {
	return &state{files: map[string]*File{}, quarantine: map[string]*File{}, removed: map[string]bool{}, fenced: map[string]bool{}}
}

// logEntry is an entry as those see it that fold the log.
type logEntry struct {
	Kind        string
	Files       []File
	Quarantine  *File
	Quarantined []struct{}
	Objects     []objectRef
	Removed     []string
	Fenced      []string
	Retried     *retried
}

// folded is e as a logEntry.
func (e *entry) folded() *logEntry {
	return &logEntry{e.Kind, e.Files, e.Quarantine, make([]struct{}, len(e.Quarantined)), e.Objects, e.Removed, e.Fenced, e.Retried}
}

// apply folds the next entry in.
func (s *state) apply(n int64, e *logEntry) error {
	s.last = n
	s.objects += int64(len(e.Objects))
	s.quarantined += int64(len(e.Quarantined))
	if r := e.Retried; r != nil {
		s.objects -= r.Objects
		s.quarantined -= r.Lines
	}
	for i := range e.Files {
		f := &e.Files[i]
		if !fs.ValidPath(f.Path) || !strings.HasPrefix(f.Path, eventsDir+"/") {
			return fmt.Errorf("read log: %q leads out of the lake", f.Path)
		}
		s.files[f.Path] = f
	}
	if q := e.Quarantine; q != nil {
		s.quarantine[q.Path] = q
	}
	for _, mark := range e.Fenced {
		s.fenced[mark] = true
	}
	for _, path := range e.Removed {
		s.removed[path] = true
		delete(s.files, path)
		delete(s.quarantine, path)
	}
	return nil
}

// history reads the log whole, as it is now.
func (l *Lake) history() (*state, error) {
	s := newState()
	return s, entries(l, s.apply)
}

// state reads the log as it is now, from a checkpoint on where there is one.
func (l *Lake) state() (*state, error) {
	s, _, err := l.replay(func(*logEntry) {})
	return s, err
}

// replay is state that calls each with the entries after the checkpoint, which
// is nil where there is none.
func (l *Lake) replay(each func(*logEntry)) (*state, *checkpoint, error) {
	last, err := l.last()
	if err != nil {
		return nil, nil, err
	}
	s, c := l.checkpointed(last)
	if s == nil {
		s = newState()
	}
	err = entriesFrom(l, s.last+1, last, func(n int64, e *logEntry) error {
		each(e)
		return s.apply(n, e)
	})
	return s, c, err
}

// counts reports whether a file counts.
func (s *state) counts(path string) bool { return s.files[path] != nil || s.quarantine[path] != nil }

// list returns the files of events, by path: account, date, commit.
func (s *state) list() []File {
	all := make([]File, 0, len(s.files))
	for _, f := range s.files {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// part is the partition of f.
func (f *File) part() partKey { return partKey{f.AccountID, f.Date} }

// partitions returns the files of events by partition, in the order of account
// and date, each partition's by first time.
func (s *state) partitions() [][]File {
	var all [][]File
	for _, f := range s.list() {
		if n := len(all) - 1; n >= 0 && dirOf(all[n][0].Path) == dirOf(f.Path) {
			all[n] = append(all[n], f)
			continue
		}
		all = append(all, []File{f})
	}
	for _, files := range all {
		slices.SortFunc(files, func(a, b File) int {
			return cmp.Or(a.Min.Compare(b.Min), strings.Compare(a.Path, b.Path))
		})
	}
	return all
}

// of returns the files of the partition that a path is in, by first time.
func (s *state) of(path string) []File {
	for _, files := range s.partitions() {
		if dirOf(files[0].Path) == dirOf(path) {
			return files
		}
	}
	return nil
}

// dirOf is path.Dir without cleaning.
func dirOf(path string) string { return path[:strings.LastIndexByte(path, '/')+1] }

// files returns the committed files of events, by path.
func (l *Lake) files() ([]File, error) {
	s, err := l.state()
	if err != nil {
		return nil, err
	}
	return s.list(), nil
}
