package lake

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

// dictionary numbers the texts of a column in the order in which they come.
// An open-addressing table over the bytes of the dictionary page itself: no
// memory is asked for per text.
type dictionary struct {
	data    []byte // the PLAIN form: length in 4 bytes, text, …
	entries []entryRef
	table   []uint32 // 1 + index in entries, or 0; a power of two long
	seed    maphash.Seed
	last    int32 // what index returned last
}

// entryRef is where a text is in data, and its hash.
type entryRef struct {
	extent
	hash uint32
}

const smallTable = 64

func newDictionary() *dictionary {
	return &dictionary{seed: maphash.MakeSeed(), table: make([]uint32, smallTable), last: -1}
}

func (d *dictionary) text(i int32) []byte {
	e := &d.entries[i]
	return d.data[e.start:e.end]
}

// index returns the number of v, a new one if need be. Most columns say the
// same in row after row.
func (d *dictionary) index(v []byte) int32 {
	if d.last >= 0 && bytes.Equal(d.text(d.last), v) {
		return d.last
	}
	n, hash, free := d.find(v)
	if n < 0 {
		n = d.insert(v, hash, free)
	}
	d.last = n
	return n
}

// find returns the number of v, or -1 and what insert wants to know.
func (d *dictionary) find(v []byte) (n int32, hash, free uint32) {
	hash = uint32(maphash.Bytes(d.seed, v))
	mask := uint32(len(d.table) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		i := d.table[at]
		if i == 0 {
			return -1, hash, at
		}
		if e := &d.entries[i-1]; e.hash == hash && bytes.Equal(d.data[e.start:e.end], v) {
			return int32(i - 1), hash, 0
		}
	}
}

// insert adds v, which find has not found, and returns its number.
func (d *dictionary) insert(v []byte, hash, free uint32) int32 {
	d.data = binary.LittleEndian.AppendUint32(d.data, uint32(len(v)))
	start := uint32(len(d.data))
	d.data = append(d.data, v...)
	d.entries = append(d.entries, entryRef{extent{start, uint32(len(d.data))}, hash})
	n := len(d.entries)
	d.table[free] = uint32(n)
	if 2*n > len(d.table) {
		d.grow()
	}
	return int32(n - 1)
}

func (d *dictionary) grow() {
	d.resize(2 * len(d.table))
	mask := uint32(len(d.table) - 1)
	for i := range d.entries {
		at := d.entries[i].hash & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = uint32(i + 1)
	}
}

// resize empties the table and makes it n long.
func (d *dictionary) resize(n int) {
	if cap(d.table) < n {
		d.table = make([]uint32, n)
		return
	}
	d.table = d.table[:n]
	clear(d.table)
}

// bounds returns the least and the greatest text.
func (d *dictionary) bounds() (low, high []byte) {
	low = d.text(0)
	high = low
	for i := range d.entries {
		switch v := d.text(int32(i)); {
		case bytes.Compare(v, low) < 0:
			low = v
		case bytes.Compare(v, high) > 0:
			high = v
		}
	}
	return low, high
}

// reset forgets all texts.
func (d *dictionary) reset() {
	if cap(d.data) > 2*dictionaryBytes {
		d.data = nil
	}
	d.data, d.entries, d.last = d.data[:0], d.entries[:0], -1
	d.resize(smallTable)
}
