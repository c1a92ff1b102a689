package lake

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/format"
)

// kind is the physical type of a column.
type kind int

const (
	kindText kind = iota
	kindInt
	kindBool
)

func kindOf(n parquet.Node) kind {
	switch n.Type().Kind() {
	case parquet.Int64:
		return kindInt
	case parquet.Boolean:
		return kindBool
	}
	return kindText
}

// chunk is one column of a row group: pages that are done, and the one that is
// being filled. Rows come in order; those that are left out have no value.
type chunk struct {
	coder  *pageCoder
	path   []string
	kind   kind
	heavy  bool // bounds are of the first byte alone
	bloom  bool
	sorted bool // its values ascend
	maxDef byte
	maxRep byte

	// dict numbers the texts; nil for columns that have none. plain says that
	// it has grown too large, and that pages are plain from then on.
	dict  *dictionary
	plain bool
	// numbers are what interned texts have in dict, by their number there:
	// round in the upper half, the index in the lower. Others are not there yet.
	numbers []uint64
	round   uint32 // which row group this is

	// The page at hand has the levels of rows up to, but without, the row at.
	from, at   int
	reps, defs []byte
	bools      []byte // one a value
	ints       []int64
	indexes    []int32  // in dict
	data       []byte   // of texts outside of the dictionary,
	offsets    []uint32 // where each begins, and the end
	low, high  extent   // the least and the greatest of them, in data

	// What is done.
	body   []byte // headers and compressed pages
	raw    int64  // size of body, had it not been compressed
	pages  []pageInfo
	values int64 // and nulls
	nulls  int64
	min    []byte // of all pages, where there are bounds
	max    []byte
	hashes []uint64 // of plain texts, for the Bloom filter
}

type extent struct{ start, end uint32 }

// pageInfo is what the page indexes and the encoding statistics say of a page.
type pageInfo struct {
	offset   int // in body
	size     int // with its header
	first    int // row
	nulls    int64
	empty    bool // nothing but nulls
	min, max []byte
	encoding format.Encoding
}

// skipTo gives the rows before row, as far as they have none, the levels of an
// absent value.
func (c *chunk) skipTo(row int) {
	n := row - c.at
	c.at = row
	if n == 0 || c.maxDef == 0 {
		return
	}
	c.defs = appendZeros(c.defs, n)
	if c.maxRep > 0 {
		c.reps = appendZeros(c.reps, n)
	}
}

func appendZeros(b []byte, n int) []byte {
	b = slices.Grow(b, n)
	b = b[:len(b)+n]
	clear(b[len(b)-n:])
	return b
}

// begin makes room for a value of row.
func (c *chunk) begin(row int) {
	if c.full() {
		c.endPage(row)
	}
	c.skipTo(row)
	c.at++
	if c.maxDef > 0 {
		c.defs = append(c.defs, c.maxDef)
	}
}

// full reports whether the page has to end. Columns of numbers have one page.
func (c *chunk) full() bool {
	return len(c.data) >= pageBytes || c.dict != nil && !c.plain && len(c.dict.data) >= dictionaryBytes
}

func (c *chunk) int(row int, v int64) {
	c.begin(row)
	c.ints = append(c.ints, v)
}

func (c *chunk) bool(row int, v bool) {
	c.begin(row)
	b := byte(0)
	if v {
		b = 1
	}
	c.bools = append(c.bools, b)
}

func (c *chunk) text(row int, v []byte) {
	c.begin(row)
	c.value(v)
}

// again adds the interned text with this number if it can tell at a glance that
// the dictionary has it, which is nearly always.
func (c *chunk) again(row int, n uint64) bool {
	if n >= uint64(len(c.numbers)) || row != c.at || c.full() {
		return false
	}
	have := c.numbers[n]
	if uint32(have>>32) != c.round || c.plain {
		return false
	}
	c.at++
	if c.maxDef > 0 {
		c.defs = append(c.defs, c.maxDef)
	}
	c.indexes = append(c.indexes, int32(uint32(have)))
	return true
}

// number adds v, an interned text with this number.
func (c *chunk) number(row, n int, v []byte) {
	c.begin(row)
	if c.dict == nil || c.plain {
		c.value(v)
		return
	}
	if n >= len(c.numbers) {
		c.numbers = append(c.numbers, make([]uint64, n+1-len(c.numbers))...)
	}
	if have := c.numbers[n]; uint32(have>>32) == c.round {
		c.indexes = append(c.indexes, int32(uint32(have)))
		return
	}
	i := c.dict.index(v)
	c.numbers[n] = uint64(c.round)<<32 | uint64(i)
	c.indexes = append(c.indexes, i)
}

// element adds one of a list's values, the empty one as null; more says that
// it is not the first.
func (c *chunk) element(row int, v []byte, more bool) {
	rep := byte(1)
	if !more {
		if c.full() {
			c.endPage(row)
		}
		c.skipTo(row)
		c.at++
		rep = 0
	}
	c.reps = append(c.reps, rep)
	if len(v) == 0 {
		c.defs = append(c.defs, c.maxDef-1)
		return
	}
	c.defs = append(c.defs, c.maxDef)
	c.value(v)
}

func (c *chunk) value(v []byte) {
	if c.dict != nil && !c.plain {
		c.indexes = append(c.indexes, c.dict.index(v))
		return
	}
	at := extent{uint32(len(c.data)), uint32(len(c.data) + len(v))}
	c.data = append(c.data, v...)
	c.offsets = append(c.offsets, at.start)
	c.widen(v, at)
	if c.bloom {
		c.hashes = append(c.hashes, xxhash.Sum64(v))
	}
}

// widen makes the bounds of the page at hand hold v.
func (c *chunk) widen(v []byte, at extent) {
	if c.heavy { // its bounds are of the first byte, if that
		at.end = min(at.end, at.start+1)
		v = v[:min(len(v), 1)]
	}
	if len(c.offsets) == 1 {
		c.low, c.high = at, at
		return
	}
	if bytes.Compare(v, c.data[c.low.start:c.low.end]) < 0 {
		c.low = at
	} else if bytes.Compare(v, c.data[c.high.start:c.high.end]) > 0 {
		c.high = at
	}
}

// bounds returns the least and the greatest value of the page at hand, which
// has values. Those of a dictionary are of all that it has, up to this page.
func (c *chunk) bounds() (low, high []byte) {
	switch {
	case c.kind == kindInt:
		return binary.LittleEndian.AppendUint64(nil, uint64(slices.Min(c.ints))),
			binary.LittleEndian.AppendUint64(nil, uint64(slices.Max(c.ints)))
	case c.kind == kindBool:
		return []byte{slices.Min(c.bools)}, []byte{slices.Max(c.bools)}
	case len(c.indexes) > 0:
		return c.dict.bounds()
	}
	return c.data[c.low.start:c.low.end], c.data[c.high.start:c.high.end]
}

// endPage ends the page before row and begins one with it.
func (c *chunk) endPage(row int) {
	c.skipTo(row)
	if row > c.from {
		c.coder.page(c)
	}
	if c.dict != nil && len(c.dict.data) >= dictionaryBytes {
		c.plain = true
	}
	c.from = row
	c.clearPage()
}

func (c *chunk) clearPage() {
	c.reps, c.defs, c.bools, c.ints = c.reps[:0], c.defs[:0], c.bools[:0], c.ints[:0]
	c.indexes, c.data, c.offsets = c.indexes[:0], c.data[:0], c.offsets[:0]
}

// reset forgets all values. Buffers that one huge value has made are dropped.
func (c *chunk) reset() {
	c.clearPage()
	c.from, c.at, c.plain = 0, 0, false
	c.round++
	if c.dict != nil {
		c.dict.reset()
	}
	c.body, c.raw, c.pages = c.body[:0], 0, c.pages[:0]
	c.values, c.nulls, c.min, c.max, c.hashes = 0, 0, c.min[:0], c.max[:0], c.hashes[:0]
	if cap(c.data) > 4*pageBytes {
		c.data = nil
	}
}
