package lake

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
}

// What an entry that removes files was made by.
const (
	kindCompact = "compact"
	kindPrune   = "prune"
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

func (l *Lake) entryName(sequence int64) string {
	return filepath.Join(l.dir, logDir, fmt.Sprintf("%08d%s", sequence, entrySuffix))
}

// history returns the number of entries in the log, which has no holes.
func (l *Lake) history() (int64, error) {
	entries, err := os.ReadDir(filepath.Join(l.dir, logDir))
	if err != nil {
		return 0, fmt.Errorf("read log: %w", err)
	}
	var last int64
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), entrySuffix) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { // numbers may outgrow eight digits
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	for _, name := range names {
		last++
		if want := filepath.Base(l.entryName(last)); name != want {
			return 0, fmt.Errorf("read log: %s is missing", want)
		}
	}
	return last, nil
}

// entries calls each with every entry of the log in order, decoded into a new
// E: a caller names the fields that it needs and pays for no others.
func entries[E any](l *Lake, each func(int64, *E) error) error {
	last, err := l.history()
	if err != nil {
		return err
	}
	for n := int64(1); n <= last; n++ {
		var e E
		if err := l.readEntry(n, &e); err != nil {
			return err
		}
		if err := each(n, &e); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lake) readEntry(sequence int64, into any) error {
	name := l.entryName(sequence)
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read log entry %s: %w", name, err)
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(z); err != nil {
		return fmt.Errorf("read log entry %s: %w", name, err)
	}
	var v struct {
		Version int `json:"version"`
	}
	if err := errors.Join(json.Unmarshal(data.Bytes(), &v), json.Unmarshal(data.Bytes(), into)); err != nil {
		return fmt.Errorf("read log entry %s: %w", name, err)
	}
	if v.Version > Version {
		return &VersionError{l.dir, v.Version, Version}
	}
	return nil
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
