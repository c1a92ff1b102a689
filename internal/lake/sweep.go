package lake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// sweep removes what a killed run left: its stage, and files of ours that it
// had moved into place but not logged. Without a stage there is nothing to
// look for, so a clean start does not walk the lake.
func (w *Writer) sweep() error {
	if _, err := os.Lstat(w.stage("")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	log, err := w.lake.state()
	if err != nil {
		return err
	}
	for _, dir := range []string{eventsDir, quarantineDir} {
		if err := w.sweepDir(dir, log); err != nil {
			return err
		}
	}
	return os.RemoveAll(w.stage(""))
}

// sweepDir removes the files below dir that a writer made and no entry names,
// and the directories that this leaves empty. What others put there stays.
func (w *Writer) sweepDir(dir string, log *state) error {
	return w.lake.walk(dir, func(rel string) error {
		if log.counts(rel) || !ours.MatchString(filepath.Base(rel)) {
			return nil
		}
		if err := os.Remove(w.lake.path(rel)); err != nil {
			return err
		}
		parent := filepath.Dir(w.lake.path(rel))
		for parent != w.lake.dir && os.Remove(parent) == nil {
			parent = filepath.Dir(parent)
		}
		return nil
	})
}

// walk calls each with every file below dir, as a path of the lake, in
// lexical order. A directory that is not there has no files.
func (l *Lake) walk(dir string, each func(rel string) error) error {
	return filepath.WalkDir(l.path(dir), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(l.dir, name)
		if err != nil {
			return err
		}
		return each(filepath.ToSlash(rel))
	})
}
