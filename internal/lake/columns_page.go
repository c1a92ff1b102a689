package lake

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"
)

// pageCoder encodes and compresses pages, for all columns of a table.
type pageCoder struct {
	codec   *zstdCodec
	nothing []byte // compressed
	header  []byte
	reps    []byte
	defs    []byte
	values  []byte
	packed  []byte
	lengths delta.LengthByteArrayEncoding
	deltas  delta.BinaryPackedEncoding
	numbers rle.DictionaryEncoding
	err     error // the first
}

func newPageCoder(codec *zstdCodec) *pageCoder {
	return &pageCoder{codec: codec, nothing: codec.encoder.EncodeAll(nil, nil)}
}

// page appends the page at hand to the body of c.
func (p *pageCoder) page(c *chunk) {
	rows := c.at - c.from
	info := pageInfo{offset: len(c.body), first: c.from, encoding: p.encode(c)}
	count, present := rows, rows
	p.reps, p.defs = p.reps[:0], p.defs[:0]
	if c.maxDef > 0 {
		count, present = len(c.defs), bytes.Count(c.defs, []byte{c.maxDef})
		p.defs = p.levels(p.defs, c.defs, c.maxDef)
	}
	if c.maxRep > 0 {
		p.reps = p.levels(p.reps, c.reps, c.maxRep)
	}
	info.nulls, info.empty = int64(count-present), present == 0
	p.compress()
	levels := len(p.reps) + len(p.defs)
	p.header = appendDataHead(p.header[:0], levels+len(p.values), levels+len(p.packed), crcOf(p.reps, p.defs, p.packed),
		&format.DataPageHeaderV2{
			NumValues: int32(count), NumNulls: int32(info.nulls), NumRows: int32(rows), Encoding: info.encoding,
			RepetitionLevelsByteLength: int32(len(p.reps)), DefinitionLevelsByteLength: int32(len(p.defs)),
		})
	c.body = append(append(append(append(c.body, p.header...), p.reps...), p.defs...), p.packed...)
	info.size = len(c.body) - info.offset
	c.raw += int64(len(p.header) + levels + len(p.values))
	c.values, c.nulls = c.values+int64(count), c.nulls+info.nulls
	if !info.empty {
		low, high := c.bounds()
		c.note(&info, low, high)
	}
	c.pages = append(c.pages, info)
}

// dictionary returns the dictionary page of c, and its size had it not been
// compressed. It is valid until the next page.
func (p *pageCoder) dictionary(c *chunk) (head, body []byte, raw int64) {
	p.values = append(p.values[:0], c.dict.data...)
	p.compress()
	p.header = appendDictionaryHead(p.header[:0], len(p.values), len(p.packed), crcOf(p.packed), len(c.dict.entries))
	return p.header, p.packed, int64(len(p.header) + len(p.values))
}

// encode fills p.values with the values of the page at hand.
func (p *pageCoder) encode(c *chunk) (encoding format.Encoding) {
	var err error
	p.values, encoding = p.values[:0], format.Plain // also where there are none
	switch {
	case len(c.ints) > 0:
		p.values, err = p.deltas.EncodeInt64(p.values, c.ints)
		encoding = format.DeltaBinaryPacked
	case len(c.bools) > 0:
		p.values = appendBits(p.values, c.bools)
	case len(c.indexes) > 0:
		p.values, err = p.numbers.EncodeInt32(p.values, c.indexes)
		encoding = format.RLEDictionary
	case len(c.offsets) > 0:
		c.offsets = append(c.offsets, uint32(len(c.data)))
		p.values, err = p.lengths.EncodeByteArray(p.values, c.data, c.offsets)
		c.offsets = c.offsets[:len(c.offsets)-1]
		encoding = format.DeltaLengthByteArray
	}
	p.fail(err)
	return encoding
}

// levels encodes levels up to most, in bits.
func (p *pageCoder) levels(dst, levels []byte, most byte) []byte {
	width := 1
	if most > 1 {
		width = 2
	}
	dst, err := (&rle.Encoding{BitWidth: width}).EncodeLevels(dst, levels)
	p.fail(err)
	return dst
}

func appendBits(dst, values []byte) []byte {
	for i, v := range values {
		if i%8 == 0 {
			dst = append(dst, 0)
		}
		dst[len(dst)-1] |= v << (i % 8)
	}
	return dst
}

func (p *pageCoder) compress() {
	if len(p.values) == 0 {
		p.packed = append(p.packed[:0], p.nothing...)
		return
	}
	if len(p.values) <= tinyPage {
		p.packed = appendStored(p.packed[:0], p.values)
		return
	}
	p.packed = p.codec.encoder.EncodeAll(p.values, p.packed[:0])
}

func (p *pageCoder) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func crcOf(parts ...[]byte) (sum uint32) {
	for _, b := range parts {
		sum = crc32.Update(sum, crc32.IEEETable, b)
	}
	return sum
}

// less orders values as Parquet does the column's type.
func (c *chunk) less(a, b []byte) bool {
	if c.kind == kindInt {
		return int64(binary.LittleEndian.Uint64(a)) < int64(binary.LittleEndian.Uint64(b))
	}
	return bytes.Compare(a, b) < 0
}

// indexBytes is how long the bounds in a page index are at most.
const indexBytes = 16

// note takes the bounds of a page down.
func (c *chunk) note(info *pageInfo, low, high []byte) {
	if c.kind == kindText {
		info.min, info.max = lowerBound(low), upperBound(high, c.heavy)
	} else {
		info.min, info.max = low, high
	}
	if c.heavy {
		return
	}
	if len(c.min) == 0 || c.less(low, c.min) {
		c.min = append(c.min[:0], low...)
	}
	if len(c.max) == 0 || c.less(c.max, high) {
		c.max = append(c.max[:0], high...)
	}
}

// lowerBound returns a copy of the beginning of v, which is no greater. It
// ends with a whole character.
func lowerBound(v []byte) []byte {
	n := min(len(v), indexBytes)
	for n > 0 && n < len(v) && !utf8.RuneStart(v[n]) {
		n--
	}
	return bytes.Clone(v[:n])
}

// upperBound returns what is no less than v, and than all that begins with it
// if v was cut: a beginning of v with its last ASCII character one higher.
func upperBound(v []byte, cut bool) []byte {
	if len(v) <= indexBytes && !cut {
		return bytes.Clone(v)
	}
	for n := min(len(v), indexBytes); n > 0; n-- {
		if v[n-1] < 0x7f {
			bound := bytes.Clone(v[:n])
			bound[n-1]++
			return bound
		}
	}
	if cut {
		return []byte{0xff} // no UTF-8, and above all that is
	}
	return bytes.Clone(v)
}
