// Package lake is the Parquet dataset: its layout, schema, commit log, writer
// and reader, in a local directory or a bucket.
//
// Batches of events come in through a Writer, are deduplicated, and leave as
// few, large, sorted Parquet files under Hive-style partitions that any engine
// reads with a plain glob; Events streams them back. A numbered log says which
// files count and which source objects were read, so that a run that was
// killed anywhere loses nothing and counts nothing twice.
//
// It does not decode CloudTrail (package ingest does) and judges nothing.
//
//	l, err := lake.Create(dir)
//	w, err := l.Writer(lake.WriterOptions{})
//	defer w.Close()
//	added, duplicates, err := w.Add(batch)
//	err = w.Commit()
//	for e, err := range l.Events(ctx, lake.Query{From: from}) { … }
package lake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Version is the lake format that this package writes; it reads this one and
// older ones. Version 2 has log entries that remove files.
const Version = 2

// Lake is an opened dataset. It holds no state but the directory: each method
// reads the log as it is at that moment, and all are safe for concurrent use.
type Lake struct {
	store store
}

// NotLakeError says that a directory is no lake.
type NotLakeError struct {
	Dir    string
	Reason string // "it does not exist", "it is empty", …
}

func (e *NotLakeError) Error() string { return fmt.Sprintf("%s is not a lake: %s", e.Dir, e.Reason) }

// VersionError says that a lake was made by a newer trimtrail.
type VersionError struct {
	Dir       string
	Version   int // of the lake
	Supported int // the newest that this program reads
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("lake %s has format version %d, made by a newer trimtrail; this one reads up to %d", e.Dir, e.Version, e.Supported)
}

// formatFile is the content of _log/format.json, which makes a directory a lake.
type formatFile struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

const formatName = "trimtrail.lake"

// Create opens the lake in dir and makes it where dir is absent or empty. It
// refuses, with a *NotLakeError, a directory that holds anything else.
func Create(dir string) (*Lake, error) {
	l, err := Open(dir)
	var not *NotLakeError
	if !errors.As(err, &not) {
		return l, err
	}
	if other := vacant(dir); errors.As(other, &not) {
		return Open(dir) // another process may have made it meanwhile; if not, this says what is there
	} else if other != nil {
		return nil, other
	}
	if err := os.MkdirAll(filepath.Join(dir, logDir), 0o700); err != nil {
		return nil, fmt.Errorf("create lake: %w", err)
	}
	if err := writeFormat(disk{dir}); err != nil {
		return nil, err
	}
	return Open(dir)
}

// writeFormat makes a lake of an empty store. Another process may do so at the
// same moment.
func writeFormat(s store) error {
	data, err := json.Marshal(formatFile{formatName, Version})
	if err != nil {
		return err
	}
	err = s.create(formatPath, append(data, '\n'), "")
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("create lake: %w", err)
	}
	return nil
}

// formatPath is what makes a lake one.
const formatPath = logDir + "/" + formatJSON

// Open opens an existing lake for reading. The error is a *NotLakeError or a
// *VersionError where the directory is to blame.
func Open(dir string) (*Lake, error) { return openStore(disk{dir}) }

func openStore(s store) (*Lake, error) {
	data, err := s.read(formatPath)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir) {
		return nil, &NotLakeError{s.root(), s.whyNot()}
	}
	if err != nil {
		return nil, fmt.Errorf("open lake: %w", err)
	}
	var f formatFile
	if err := json.Unmarshal(data, &f); err != nil || f.Format != formatName {
		return nil, &NotLakeError{s.root(), formatPath + " is not of trimtrail"}
	}
	if f.Version > Version {
		return nil, &VersionError{s.root(), f.Version, Version}
	}
	return &Lake{s}, nil
}

// Dir returns the directory of the lake, as it was opened, or the name of its
// bucket and prefix.
func (l *Lake) Dir() string { return l.store.root() }

// whyNot says in words what is at dir instead of a lake.
func (d disk) whyNot() string {
	dir := d.dir
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "it does not exist"
	case !info.IsDir():
		return "it is a file"
	case vacant(dir) == nil:
		return "it is empty"
	}
	return "it holds other files"
}

// vacant reports, as an error, what keeps a lake from being made in dir. What
// a Create that was killed leaves behind does not.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if errors.Is(err, errNotDir) {
		return &NotLakeError{dir, "it is a file"}
	}
	if err != nil {
		return fmt.Errorf("create lake: %w", err)
	}
	for _, e := range entries {
		if e.Name() != logDir || !onlyTemporary(filepath.Join(dir, logDir)) {
			return &NotLakeError{dir, "it holds other files"}
		}
	}
	return nil
}

func onlyTemporary(dir string) bool {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if !isTemporary(e.Name()) {
			return false
		}
	}
	return err == nil
}
