package lake

import (
	"encoding/binary"

	"github.com/trimtrail/trimtrail/internal/event"
)

// keySet is a set of event keys: an open-addressing table of nothing else. A
// key is a piece of a hash already, so that its own bits say where it goes.
//
// Note: a Go map of the same keys takes three times as long to fill.
type keySet struct {
	slots []event.Key // a power of two long; the zero key means free
	n     int
	zero  bool // the zero key is in the set
}

const smallSet = 16

// newKeySet has room for about n keys.
func newKeySet(n int) *keySet {
	size := smallSet
	for size*3 < n*4 {
		size *= 2
	}
	return &keySet{slots: make([]event.Key, size)}
}

// len is 0 for the set that is nil.
func (s *keySet) len() int {
	if s == nil {
		return 0
	}
	return s.n
}

func (s *keySet) has(k event.Key) bool {
	if k == (event.Key{}) {
		return s.zero
	}
	return s.slots[s.place(k)] == k
}

// place is where k is, or where it would go.
func (s *keySet) place(k event.Key) uint64 {
	mask := uint64(len(s.slots) - 1)
	at := binary.LittleEndian.Uint64(k[:]) & mask
	for s.slots[at] != k && s.slots[at] != (event.Key{}) {
		at = (at + 1) & mask
	}
	return at
}

// add reports whether k is new.
func (s *keySet) add(k event.Key) bool {
	if s.has(k) {
		return false
	}
	s.n++
	if k == (event.Key{}) {
		s.zero = true
		return true
	}
	s.slots[s.place(k)] = k
	if s.n*4 > len(s.slots)*3 {
		s.grow()
	}
	return true
}

func (s *keySet) grow() {
	old := s.slots
	s.slots = make([]event.Key, 2*len(old))
	for _, k := range old {
		if k != (event.Key{}) {
			s.slots[s.place(k)] = k
		}
	}
}
