package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// documentDirs are where documents may be: beside the data, and in nobody's way.
var documentDirs = []string{reportsDir, runDir}

const (
	reportsDir = "reports"
	runDir     = "_run"
)

// documentName refuses what is no name of a document.
func documentName(name string) error {
	dir, _, below := strings.Cut(name, "/")
	if !fs.ValidPath(name) || !below || !slices.Contains(documentDirs, dir) {
		return fmt.Errorf("%q is no name of a document", name)
	}
	return nil
}

// Document reads a small file that is kept beside the data: below reports or
// _run. The error is fs.ErrNotExist where there is none.
func (l *Lake) Document(name string) ([]byte, error) {
	if err := documentName(name); err != nil {
		return nil, err
	}
	data, err := l.store.read(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", l.fullName(name), err)
	}
	return data, nil
}

// SaveDocument makes a document, or another content of it: whole and durable,
// or not at all.
func (l *Lake) SaveDocument(name string, data []byte) error {
	if err := documentName(name); err != nil {
		return err
	}
	if err := l.store.replace(name, data); err != nil {
		return fmt.Errorf("write %s: %w", l.fullName(name), err)
	}
	return nil
}

// NewDocument is SaveDocument only where there is none of that name: of
// several that try at once one wins, the others get fs.ErrExist.
func (l *Lake) NewDocument(name string, data []byte) error {
	err := documentName(name)
	if err != nil {
		return err
	}
	if d, ok := l.store.(disk); ok {
		err = os.MkdirAll(filepath.Dir(d.path(name)), 0o700)
	}
	if err == nil {
		err = l.store.create(name, data, "")
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", l.fullName(name), err)
	}
	return nil
}

// RemoveDocuments removes documents; those that are gone are no error.
func (l *Lake) RemoveDocuments(names ...string) error {
	for _, name := range names {
		if err := documentName(name); err != nil {
			return err
		}
	}
	return l.store.remove(names)
}

// Documents lists the names of the documents below a folder, sorted. What is
// being written is none yet.
func (l *Lake) Documents(dir string) ([]string, error) {
	if err := documentName(dir + "/x"); err != nil {
		return nil, err
	}
	var names []string
	err := l.store.list(dir, func(name string, _ int64) error {
		if !isTemporary(path.Base(name)) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s: %w", l.fullName(dir), err)
	}
	slices.Sort(names)
	return names, nil
}
