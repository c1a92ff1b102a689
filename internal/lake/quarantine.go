package lake

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/trimtrail/trimtrail/internal/event"
)

// WholeObject is the Index of a Quarantined that is no single record.
const WholeObject = -1

// Quarantined is something that could not be read, and why.
type Quarantined struct {
	Object event.Object
	// Index is the record's place in its object, from 0; WholeObject where
	// nothing of the object could be read.
	Index int
	// Reason says, in a sentence without a period, what is wrong.
	Reason string
	// Record is the text of the record as it came; empty for a whole object,
	// which stays where it is.
	Record string
}

// quarantineLine is a Quarantined as its file holds it, one JSON line each.
type quarantineLine struct {
	Object objectRef `json:"object"`
	Index  int       `json:"index"`
	Reason string    `json:"reason"`
	Record string    `json:"record,omitempty"`
}

type quarantineKey struct {
	object objectID
	index  int
}

// quarantine collects what one commit quarantines. Records go to disk as they
// come; memory keeps where and why.
type quarantine struct {
	name string // of the staged file
	file *os.File
	zip  *gzip.Writer
	seen map[quarantineKey]struct{}
	refs []quarantineRef
}

// add keeps q, once for each object and index.
func (s *quarantine) add(q Quarantined) error {
	key := quarantineKey{idOf(q.Object), q.Index}
	if _, ok := s.seen[key]; ok {
		return nil
	}
	if s.file == nil {
		if err := s.create(); err != nil {
			return err
		}
	}
	line := quarantineLine{objectRef(q.Object), q.Index, q.Reason, q.Record}
	if err := json.NewEncoder(s.zip).Encode(line); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.seen[key] = struct{}{}
	s.refs = append(s.refs, quarantineRef{q.Object.URI, q.Index, q.Reason})
	return nil
}

func (s *quarantine) create() error {
	f, err := os.OpenFile(s.name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.file, s.zip, s.seen = f, gzip.NewWriter(f), map[quarantineKey]struct{}{}
	return nil
}

// finish closes the staged file, if there is one, and returns what the log
// says about it but for the path.
func (s *quarantine) finish() (*File, error) {
	if s.file == nil {
		return nil, nil
	}
	err := errors.Join(s.zip.Close(), s.file.Sync(), s.file.Close())
	s.file = nil
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	data, err := os.ReadFile(s.name)
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	sum := sha256.Sum256(data)
	return &File{Rows: int64(len(s.refs)), Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// close drops what was not finished.
func (s *quarantine) close() {
	if s.file != nil {
		s.file.Close()
	}
}
