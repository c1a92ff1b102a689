package lake

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// retry is the quarantine as it was when Retry was called, and what of it has
// been read again since.
type retry struct {
	files []retryFile
	done  map[string]bool // URIs
	kept  int             // lines taken over into the new file
}

// retryFile is a quarantine file that counts. Its lines stay in it.
type retryFile struct {
	path string
	rows int64
	ids  map[string][]objectID // of the objects in it, by URI
}

// retried are what an entry takes out of the totals: lines of quarantine files
// that it replaces, and objects that were read before.
type retried struct {
	Lines   int64 `json:"lines"`
	Objects int64 `json:"objects"`
}

// Retry makes all quarantined objects unknown, those of which single records are
// quarantined among them, and returns how many they are. What is added or
// quarantined again with this writer replaces, with its commit, what the
// quarantine says of an object of that name; the rest stays. Events that counts
// already are duplicates.
func (w *Writer) Retry() (objects int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &retry{done: map[string]bool{}}
	all := map[objectID]struct{}{}
	for _, path := range slices.Sorted(maps.Keys(w.log.quarantine)) {
		f := retryFile{path: path, rows: w.log.quarantine[path].Rows, ids: map[string][]objectID{}}
		err := w.lake.quarantined(path, func(l *quarantineLine) error {
			id := idOf(l.Object.object())
			if !slices.Contains(f.ids[l.Object.URI], id) {
				f.ids[l.Object.URI] = append(f.ids[l.Object.URI], id)
			}
			all[id] = struct{}{}
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("retry: %w", err)
		}
		r.files = append(r.files, f)
	}
	w.ledger.forget(all)
	w.retry = r
	return len(all), nil
}

// quarantined calls each with the lines of a quarantine file.
func (l *Lake) quarantined(path string, each func(*quarantineLine) error) error {
	packed, err := l.store.read(path)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	for d := json.NewDecoder(z); ; {
		var line quarantineLine
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if err := each(&line); err != nil {
			return err
		}
	}
}

// forget makes objects unknown.
func (l *ledger) forget(ids map[objectID]struct{}) {
	gone := func(id objectID) bool { _, ok := ids[id]; return ok }
	l.sorted = slices.DeleteFunc(l.sorted, gone)
	maps.DeleteFunc(l.recent, func(id objectID, _ struct{}) bool { return gone(id) })
}

// again notes that an object was read again.
func (r *retry) again(uri string) {
	if r != nil {
		r.done[uri] = true
	}
}

// replaceQuarantine puts into the entry what it takes out of the quarantine, and
// among the pending lines those that stay. A file that another writer has
// replaced meanwhile is left alone.
func (w *Writer) replaceQuarantine(e *entry) error {
	if w.retry == nil || len(w.retry.done) == 0 {
		return nil
	}
	gone := map[objectID]bool{}
	for _, f := range w.retry.files {
		if !w.retry.touches(f) || w.log.quarantine[f.path] == nil {
			continue
		}
		err := w.lake.quarantined(f.path, func(l *quarantineLine) error {
			if w.retry.done[l.Object.URI] {
				gone[idOf(l.Object.object())] = true
				return nil
			}
			before := len(w.bad.refs)
			err := w.bad.add(Quarantined{l.Object.object(), l.Index, l.Reason, l.Record})
			w.retry.kept += len(w.bad.refs) - before
			return err
		})
		if err != nil {
			return err
		}
		e.Removed = append(e.Removed, f.path)
		if e.Retried == nil {
			e.Retried = &retried{}
		}
		e.Retried.Lines += f.rows
	}
	if e.Retried != nil {
		e.Retried.Objects = int64(len(gone))
	}
	return nil
}

// touches reports whether a file has lines of what was read again.
func (r *retry) touches(f retryFile) bool {
	for uri := range f.ids {
		if r.done[uri] {
			return true
		}
	}
	return false
}

// keptLines are how many of the pending lines were quarantined before.
func (w *Writer) keptLines() int {
	if w.retry == nil {
		return 0
	}
	return min(w.retry.kept, len(w.bad.refs))
}

// settle follows a commit: what it kept lies in its own file now, and may still
// be read again by this writer.
func (r *retry) settle(e *entry) {
	left := retryFile{path: e.Quarantine.pathOr(""), ids: map[string][]objectID{}}
	var files []retryFile
	for _, f := range r.files {
		if !slices.Contains(e.Removed, f.path) {
			files = append(files, f)
			continue
		}
		for uri, ids := range f.ids {
			if !r.done[uri] {
				left.ids[uri] = append(left.ids[uri], ids...)
			}
		}
	}
	if left.path != "" {
		left.rows = e.Quarantine.Rows
		files = append(files, left)
	}
	*r = retry{files: files, done: map[string]bool{}}
}

func (f *File) pathOr(other string) string {
	if f == nil {
		return other
	}
	return f.Path
}
