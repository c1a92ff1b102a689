package lake

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// entry is one commit: a numbered, gzipped JSON file in _log. What it names
// counts; nothing else does.
type entry struct {
	Version     int             `json:"version"`
	Sequence    int64           `json:"sequence"`       // from 1, without holes
	Kind        string          `json:"kind,omitempty"` // of the commit; an ingest has none
	Counters    counters        `json:"counters"`
	Files       []File          `json:"files"`
	Quarantine  *File           `json:"quarantine,omitempty"`
	Quarantined []quarantineRef `json:"quarantined"`
	Objects     []objectRef     `json:"objects"`
	// Removed are paths that earlier entries named and that count no longer:
	// Files hold their rows now, or the rows are forgotten.
	Removed []string `json:"removed,omitempty"`
	// Fenced are marks of writers that were taken for dead: they write no entry
	// after this one.
	Fenced []string `json:"fenced,omitempty"`
	// Retried is what of the totals of earlier entries this one counts anew.
	Retried *retried `json:"retried,omitempty"`
}

// What an entry that is no ingest was made by.
const (
	kindCompact = "compact"
	kindPrune   = "prune"
	kindFence   = "fence"
)

type counters struct {
	Events     int64 `json:"events"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`
}

// File is one committed file of the lake.
type File struct {
	Path   string    `json:"path"` // relative to the lake, with slashes
	Rows   int64     `json:"rows"`
	Bytes  int64     `json:"bytes"`
	SHA256 string    `json:"sha256"` // hex
	Min    time.Time `json:"min_time,omitzero"`
	Max    time.Time `json:"max_time,omitzero"`

	AccountID string `json:"account_id,omitempty"`
	Date      string `json:"event_date,omitempty"`
}

type objectRef struct {
	URI     string `json:"uri"`
	Size    int64  `json:"size"`
	Version string `json:"version"`
}

func (o objectRef) object() event.Object { return event.Object(o) }

// quarantineRef is a Quarantined without the record itself.
type quarantineRef struct {
	URI    string `json:"uri"`
	Index  int    `json:"index"`
	Reason string `json:"reason"`
}

const entrySuffix = ".json.gz"

// entryPath is the place of entry n.
func entryPath(n int64) string { return path.Join(logDir, fmt.Sprintf("%08d%s", n, entrySuffix)) }

// last returns the number of entries in the log, which has no holes.
func (l *Lake) last() (int64, error) {
	var names []string
	err := l.store.list(logDir, func(name string, _ int64) error {
		if strings.HasSuffix(name, entrySuffix) && path.Dir(name) == logDir {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read log: %w", err)
	}
	slices.SortFunc(names, func(a, b string) int { // numbers may outgrow eight digits
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	for i, name := range names {
		if want := entryPath(int64(i) + 1); name != want {
			return 0, fmt.Errorf("read log: %s is missing", path.Base(want))
		}
	}
	return int64(len(names)), nil
}

// entries calls each with every entry of the log in order, decoded into a new
// E: a caller names the fields that it needs and pays for no others.
func entries[E any](l *Lake, each func(int64, *E) error) error {
	last, err := l.last()
	if err != nil {
		return err
	}
	return entriesFrom(l, 1, last, each)
}

// entriesFrom is entries for those from first to last. Several are fetched at
// once.
func entriesFrom[E any](l *Lake, first, last int64, each func(int64, *E) error) error {
	var packed [parallel][]byte
	for ; first <= last; first += parallel {
		n := int(min(parallel, last-first+1))
		err := atOnce(n, func(i int) (err error) {
			packed[i], err = l.store.read(entryPath(first + int64(i)))
			return err
		})
		if err != nil {
			return fmt.Errorf("read log: %w", err)
		}
		for i := range n {
			var e E
			if err := l.decodeEntry(first+int64(i), packed[i], &e); err != nil {
				return err
			}
			if err := each(first+int64(i), &e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Lake) readEntry(n int64, into any) error {
	packed, err := l.store.read(entryPath(n))
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	return l.decodeEntry(n, packed, into)
}

func (l *Lake) decodeEntry(n int64, packed []byte, into any) error {
	var data bytes.Buffer
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		_, err = data.ReadFrom(z)
	}
	if err == nil {
		if v := versionOf(data.Bytes()); v > Version {
			return &VersionError{l.Dir(), v, Version}
		}
		err = json.Unmarshal(data.Bytes(), into)
	}
	if err != nil {
		return fmt.Errorf("read log entry %s of %s: %w", path.Base(entryPath(n)), l.Dir(), err)
	}
	return nil
}

// versionOf returns the version of a document whose first field it is, as all
// are written; 0 where it is another. Decoding all for it would take as long as
// decoding all.
func versionOf(data []byte) int {
	var v int
	d := json.NewDecoder(bytes.NewReader(data[:min(len(data), 256)]))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0
	}
	if t, err := d.Token(); err != nil || t != "version" || d.Decode(&v) != nil {
		return 0
	}
	return v
}

// encode returns e as its file holds it. Equal entries give equal bytes.
func (e *entry) encode() ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if err := errors.Join(json.NewEncoder(z).Encode(e), z.Close()); err != nil {
		return nil, fmt.Errorf("write log entry: %w", err)
	}
	return out.Bytes(), nil
}
