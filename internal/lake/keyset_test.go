package lake

import (
	"encoding/binary"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// The set is what a map is, also where all keys want one place, and for the key
// that is all zeros.
func TestKeySet(t *testing.T) {
	for name, step := range map[string]uint64{"each its place": 1, "one place": 1 << 40, "few places": 1 << 3} {
		s, want := newKeySet(0), map[event.Key]bool{}
		for i := range uint64(500) {
			var k event.Key
			binary.LittleEndian.PutUint64(k[:], i%300*step) // 0 among them
			if s.has(k) != want[k] || s.add(k) == want[k] {
				t.Fatalf("%s: key %d is not new once", name, i)
			}
			want[k] = true
		}
		if s.len() != len(want) {
			t.Errorf("%s: %d keys, want %d", name, s.len(), len(want))
		}
		for k := range want {
			if !s.has(k) {
				t.Errorf("%s: %x is gone", name, k)
			}
		}
	}
	if (*keySet)(nil).len() != 0 || newKeySet(3000).add(event.Key{15: 1}) == false {
		t.Error("the set that is not there has keys, or one with room takes none")
	}
}

// Memory of rows that are done is used again, up to the limit, and rows that
// use it are what they were.
func TestSpareMemory(t *testing.T) {
	s := &spare{limit: 3 * minChunk}
	first := &rows{spare: s}
	for range 7 {
		first.grow(1)
	}
	first.grow(2 * maxChunk)
	first.clear()
	if s.size < s.limit || s.size > s.limit+maxChunk || first.size != 0 {
		t.Errorf("%d bytes are kept, the limit is %d; %d are held", s.size, s.limit, first.size)
	}
	kept := s.size
	next := &rows{spare: s}
	next.grow(1)
	if s.size != kept-minChunk || len(next.chunks[0]) != 0 || cap(next.chunks[0]) != minChunk {
		t.Errorf("a chunk is not used again: %d bytes are left", s.size)
	}
}

// A writer is full once the rows take most of their memory, and after a spill,
// until the commit.
func TestFull(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{Memory: 200_000})
	full := 0
	for i := range 10 {
		add(t, w, batch(string(rune('a'+i)), sample(one, i*100, 100)), 100, 0)
		if w.Full() {
			full++
		}
		if !w.Full() && (full > 0 || w.held > 150_000) {
			t.Fatalf("not full with %d bytes held, %d spilled", w.held, w.spilled.size)
		}
	}
	if full == 0 || full == 10 {
		t.Errorf("full after %d of 10 batches", full)
	}
	check(t, w.Commit())
	if w.Full() {
		t.Error("full after a commit")
	}
}
