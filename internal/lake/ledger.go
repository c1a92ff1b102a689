package lake

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/trimtrail/trimtrail/internal/event"
)

// objectID is 128 bits of a hash of an object's name, size and version.
type objectID [16]byte

func idOf(o event.Object) objectID {
	buf := make([]byte, 0, 256)
	buf = append(append(buf, o.URI...), 0)
	buf = append(append(buf, o.Version...), 0)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(o.Size))
	sum := sha256.Sum256(buf)
	return objectID(sum[:16])
}

// ledger is the set of objects that were read. What is committed is a sorted
// list, 16 bytes an object: 16 MB for a million. What is pending is a map,
// about 40 bytes an object, emptied by each commit.
type ledger struct {
	committed []objectID
	pending   map[objectID]struct{}
	objects   []objectRef // of the pending, in the order they came
}

func (l *ledger) has(id objectID) bool {
	if _, ok := l.pending[id]; ok {
		return true
	}
	_, ok := slices.BinarySearchFunc(l.committed, id, compareIDs)
	return ok
}

// add makes o pending; an object that is known already is left alone.
func (l *ledger) add(o event.Object) {
	id := idOf(o)
	if o == (event.Object{}) || l.has(id) {
		return
	}
	if l.pending == nil {
		l.pending = map[objectID]struct{}{}
	}
	l.pending[id] = struct{}{}
	l.objects = append(l.objects, objectRef(o))
}

// commit makes the pending committed.
func (l *ledger) commit() {
	for id := range l.pending {
		l.committed = append(l.committed, id)
	}
	slices.SortFunc(l.committed, compareIDs)
	clear(l.pending)
	l.objects = nil
}

func compareIDs(a, b objectID) int { return bytes.Compare(a[:], b[:]) }
