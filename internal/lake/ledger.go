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

// ledger is the set of objects that were read. What was committed long ago is
// a sorted list, 16 bytes an object: 16 MB for a million. What was committed
// lately and what is pending are maps, about 40 bytes an object.
type ledger struct {
	sorted  []objectID
	recent  map[objectID]struct{}
	pending map[objectID]struct{}
	objects []objectRef // of the pending, in the order they came
}

func (l *ledger) has(id objectID) bool {
	_, ok := l.pending[id]
	return ok || l.settled(id)
}

// settled reports whether a commit has the object.
func (l *ledger) settled(id objectID) bool {
	if _, ok := l.recent[id]; ok {
		return true
	}
	_, ok := slices.BinarySearchFunc(l.sorted, id, compareIDs)
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

// taken makes id committed, by another writer, and reports whether it was
// pending; if so it is to be dropped.
func (l *ledger) taken(id objectID) (pending bool) {
	_, pending = l.pending[id]
	l.settle(id)
	return pending
}

// drop takes objects out of what is pending.
func (l *ledger) drop(ids map[objectID]struct{}) {
	l.objects = slices.DeleteFunc(l.objects, func(o objectRef) bool {
		id := idOf(o.object())
		if _, ok := ids[id]; !ok {
			return false
		}
		delete(l.pending, id)
		return true
	})
}

// commit makes the pending committed.
func (l *ledger) commit() {
	for id := range l.pending {
		l.settle(id)
	}
	clear(l.pending)
	l.objects = nil
}

// fewRecent is how many objects are kept in a map without a thought.
const fewRecent = 1 << 16

func (l *ledger) settle(id objectID) {
	if l.recent == nil {
		l.recent = map[objectID]struct{}{}
	}
	l.recent[id] = struct{}{}
	if len(l.recent) > max(fewRecent, len(l.sorted)/4) {
		l.merge()
	}
}

// merge moves the recent to the sorted.
func (l *ledger) merge() {
	l.sorted = slices.Grow(l.sorted, len(l.recent))
	for id := range l.recent {
		l.sorted = append(l.sorted, id)
	}
	slices.SortFunc(l.sorted, compareIDs)
	l.sorted = slices.Compact(l.sorted)
	l.recent = nil
}

func compareIDs(a, b objectID) int { return bytes.Compare(a[:], b[:]) }
