package lake

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// A checkpoint is what the log says up to an entry, so that the entries before
// need not be read: 16 bytes an object instead of its whole name. It is made
// from the log and can be left out: whoever finds none, or one that does not
// fit, reads the log.
//
//	_log/checkpoints/00001000.json.gz    files that count, totals, sums
//	_log/checkpoints/00001000.ids        ids of the objects read, sorted
type checkpoint struct {
	Version     int      `json:"version"`
	Sequence    int64    `json:"sequence"`
	Entry       string   `json:"entry_sha256"` // of that entry's file
	IDs         string   `json:"ids_sha256"`   // of the file of ids
	Objects     int64    `json:"objects"`
	Quarantined int64    `json:"quarantined"`
	Files       []File   `json:"files"`
	Quarantine  []File   `json:"quarantine"`
	Fenced      []string `json:"fenced"`
}

const (
	checkpointsDir = logDir + "/checkpoints"
	idsSuffix      = ".ids"
	// A checkpoint is made when the log has grown by this many entries, or by
	// this many objects, since the last.
	checkpointEntries, checkpointObjects = 64, 50_000
)

func checkpointPath(n int64, suffix string) string {
	return path.Join(checkpointsDir, fmt.Sprintf("%08d%s", n, suffix))
}

// checkpoints returns the paths below checkpointsDir, and the number of the
// newest checkpoint; 0 is none.
func (l *Lake) checkpoints() (names []string, newest int64, err error) {
	err = l.store.list(checkpointsDir, func(name string, _ int64) error {
		names = append(names, name)
		var n int64
		base, ok := strings.CutSuffix(path.Base(name), entrySuffix)
		if _, err := fmt.Sscanf(base, "%d", &n); ok && err == nil && checkpointPath(n, entrySuffix) == name {
			newest = max(newest, n)
		}
		return nil
	})
	return names, newest, err
}

// checkpointed returns the state at the newest checkpoint that fits a log of
// so many entries; nil where there is none.
func (l *Lake) checkpointed(last int64) (*state, *checkpoint) {
	_, n, err := l.checkpoints()
	if err != nil || n == 0 || n > last {
		return nil, nil
	}
	packed, err := l.store.read(checkpointPath(n, entrySuffix))
	if err != nil {
		return nil, nil
	}
	var c checkpoint
	if l.decodeEntry(n, packed, &c) != nil || c.Sequence != n {
		return nil, nil
	}
	if entry, err := l.store.read(entryPath(n)); err != nil || sumOf(entry) != c.Entry {
		return nil, nil
	}
	s := newState()
	e := &logEntry{Files: c.Files, Fenced: c.Fenced}
	if s.apply(n, e) != nil {
		return nil, nil
	}
	for i := range c.Quarantine {
		s.quarantine[c.Quarantine[i].Path] = &c.Quarantine[i]
	}
	s.objects, s.quarantined = c.Objects, c.Quarantined
	return s, &c
}

// ids reads the objects of a checkpoint.
func (l *Lake) ids(c *checkpoint) ([]objectID, error) {
	data, err := l.store.read(checkpointPath(c.Sequence, idsSuffix))
	if err != nil {
		return nil, err
	}
	if sumOf(data) != c.IDs || len(data)%len(objectID{}) != 0 {
		return nil, errors.New("the ids of a checkpoint are not those that it names")
	}
	ids := make([]objectID, len(data)/len(objectID{}))
	for i := range ids {
		copy(ids[i][:], data[i*len(ids[i]):])
	}
	return ids, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// checkpoint writes one where the log has grown enough. The ledger is as of the
// last entry that was seen.
func (w *Writer) checkpoint() error {
	n := w.log.last
	_, newest, err := w.lake.checkpoints()
	if err != nil || n <= newest || (n-newest < checkpointEntries && w.log.objects-w.base < checkpointObjects) {
		return err
	}
	entry, err := w.lake.store.read(entryPath(n))
	if err != nil {
		return err
	}
	w.ledger.merge()
	ids := make([]byte, 0, len(w.ledger.sorted)*len(objectID{}))
	for _, id := range w.ledger.sorted {
		ids = append(ids, id[:]...)
	}
	c := &checkpoint{
		Version: Version, Sequence: n, Entry: sumOf(entry), IDs: sumOf(ids),
		Objects: w.log.objects, Quarantined: w.log.quarantined,
		Files: w.log.list(), Fenced: sorted(w.log.fenced),
	}
	for _, name := range slices.Sorted(maps.Keys(w.log.quarantine)) {
		c.Quarantine = append(c.Quarantine, *w.log.quarantine[name])
	}
	return w.lake.saveCheckpoint(c, ids)
}

// saveCheckpoint writes the ids first, for the other file makes it one, and
// removes the checkpoints before.
func (l *Lake) saveCheckpoint(c *checkpoint, ids []byte) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(z).Encode(c), z.Close()); err != nil {
		return err
	}
	old, _, err := l.checkpoints()
	if err != nil {
		return err
	}
	if err := l.store.replace(checkpointPath(c.Sequence, idsSuffix), ids); err != nil {
		return err
	}
	if err := l.store.replace(checkpointPath(c.Sequence, entrySuffix), packed.Bytes()); err != nil {
		return err
	}
	var drop []string
	for _, name := range old {
		if path.Base(name) < path.Base(checkpointPath(c.Sequence, "")) {
			drop = append(drop, name)
		}
	}
	return l.store.remove(drop)
}
