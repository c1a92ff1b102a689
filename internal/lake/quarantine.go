package lake

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
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
	name string // of the file in the stage, JSON lines
	file *os.File
	seen map[quarantineKey]struct{}
	refs []quarantineRef
	ids  []objectID // of the refs
	// left are objects whose lines another writer has committed meanwhile.
	left map[objectID]struct{}
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
	if err := json.NewEncoder(s.file).Encode(line); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.seen[key] = struct{}{}
	s.refs = append(s.refs, quarantineRef{q.Object.URI, q.Index, q.Reason})
	s.ids = append(s.ids, key.object)
	return nil
}

func (s *quarantine) create() error {
	f, err := os.OpenFile(s.name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.file, s.seen = f, map[quarantineKey]struct{}{}
	return nil
}

// drop leaves out what belongs to these objects.
func (s *quarantine) drop(objects map[objectID]struct{}) {
	if s.left == nil {
		s.left = map[objectID]struct{}{}
	}
	maps.Copy(s.left, objects)
	var refs []quarantineRef
	var ids []objectID
	for i, id := range s.ids {
		if _, ok := objects[id]; !ok {
			refs, ids = append(refs, s.refs[i]), append(ids, id)
		}
	}
	s.refs, s.ids = refs, ids
}

// write makes the file name of what was added, and returns what the log says
// about it but for the path.
func (s *quarantine) write(name string) (file File, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return File{}, fmt.Errorf("quarantine: %w", err)
	}
	sum := &summed{to: f, sum: sha256.New()}
	z := gzip.NewWriter(sum)
	if err := errors.Join(s.copy(z), z.Close(), f.Sync(), f.Close()); err != nil {
		return File{}, fmt.Errorf("quarantine: %w", err)
	}
	return File{Rows: int64(len(s.refs)), Bytes: sum.n, SHA256: hex.EncodeToString(sum.sum.Sum(nil))}, nil
}

// copy writes the lines that are not left out.
func (s *quarantine) copy(to io.Writer) error {
	lines := io.NewSectionReader(s.file, 0, math.MaxInt64)
	if len(s.left) == 0 {
		_, err := io.Copy(to, lines)
		return err
	}
	from, out := json.NewDecoder(lines), json.NewEncoder(to)
	for {
		var line quarantineLine
		if err := from.Decode(&line); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if _, ok := s.left[idOf(line.Object.object())]; ok {
			continue
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
}

// reset forgets what was committed.
func (s *quarantine) reset() error {
	var err error
	if s.file != nil {
		err = errors.Join(s.file.Close(), os.Remove(s.name))
	}
	*s = quarantine{name: s.name}
	return err
}
