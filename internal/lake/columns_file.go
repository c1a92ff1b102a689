package lake

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// tableFile is a Parquet file that is being written: row groups, each followed
// by its Bloom filters; then the page indexes and the footer.
//
// Source: the Parquet format, version 2.12, README.md and parquet.thrift.
type tableFile struct {
	to      *summed
	table   *table
	groups  []format.RowGroup
	columns [][]format.ColumnIndex // by row group and column
	offsets [][]format.OffsetIndex
	rows    int64
	err     error // sticky
}

const magic = "PAR1"

// maxStatistic is how long a bound in the footer is at most, in bytes. Those
// are exact: a longer one is left out.
const maxStatistic = 256

func newTableFile(w io.Writer, t *table) *tableFile {
	f := &tableFile{to: &summed{to: w, sum: sha256.New()}, table: t}
	f.write([]byte(magic))
	return f
}

func (f *tableFile) write(p []byte) {
	if f.err == nil {
		_, f.err = f.to.Write(p)
	}
}

// encode writes v, a struct of the format, and returns its place.
func (f *tableFile) encode(v any) (offset int64, length int32) {
	offset = f.to.n
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	f.err = cmp.Or(f.err, err)
	f.write(b)
	return offset, int32(len(b))
}

// rowGroup writes the rows of c, if there are any, and forgets them.
func (f *tableFile) rowGroup(c *columns) error {
	if c.rows == 0 {
		return f.err
	}
	if err := c.end(); err != nil {
		return err
	}
	g := format.RowGroup{
		NumRows: int64(c.rows), Ordinal: int16(len(f.groups)), FileOffset: f.to.n, SortingColumns: f.table.sorting,
		Columns: make([]format.ColumnChunk, len(c.all)),
	}
	columns, offsets := make([]format.ColumnIndex, len(c.all)), make([]format.OffsetIndex, len(c.all))
	for i, k := range c.all {
		m := &g.Columns[i].MetaData
		*m = f.chunk(k)
		g.TotalByteSize += m.TotalUncompressedSize
		g.TotalCompressedSize += m.TotalCompressedSize
		columns[i], offsets[i] = k.columnIndex(), k.offsetIndex(m.DataPageOffset)
	}
	for i, k := range c.all {
		if k.bloom && k.values > k.nulls {
			f.bloomFilter(k, &g.Columns[i].MetaData)
		}
	}
	f.groups = append(f.groups, g)
	f.columns, f.offsets = append(f.columns, columns), append(f.offsets, offsets)
	f.rows += g.NumRows
	c.reset()
	return f.err
}

// chunk writes a column.
func (f *tableFile) chunk(c *chunk) format.ColumnMetaData {
	m := format.ColumnMetaData{
		Type:         [...]format.Type{format.ByteArray, format.Int64, format.Boolean}[c.kind],
		PathInSchema: c.path, Codec: format.Zstd, NumValues: c.values,
		TotalUncompressedSize: c.raw, TotalCompressedSize: int64(len(c.body)),
		Statistics: c.statistics(),
	}
	count := func(t format.PageType, e format.Encoding) {
		for i := range m.EncodingStats {
			if s := &m.EncodingStats[i]; s.PageType == t && s.Encoding == e {
				s.Count++
				return
			}
		}
		m.EncodingStats = append(m.EncodingStats, format.PageEncodingStats{PageType: t, Encoding: e, Count: 1})
		m.Encoding = append(m.Encoding, e)
	}
	if c.dict != nil && len(c.dict.entries) > 0 {
		m.DictionaryPageOffset = f.to.n
		head, body, raw := c.coder.dictionary(c)
		f.write(head)
		f.write(body)
		m.TotalUncompressedSize += raw
		m.TotalCompressedSize += int64(len(head) + len(body))
		count(format.DictionaryPage, format.Plain)
	}
	for i := range c.pages {
		count(format.DataPageV2, c.pages[i].encoding)
	}
	if c.maxDef > 0 {
		m.Encoding = append(m.Encoding, format.RLE)
	}
	slices.Sort(m.Encoding)
	m.Encoding = slices.Compact(m.Encoding)
	m.DataPageOffset = f.to.n
	f.write(c.body)
	return m
}

func (c *chunk) statistics() format.Statistics {
	s := format.Statistics{NullCount: c.nulls}
	if len(c.min) > 0 && len(c.min) <= maxStatistic && len(c.max) <= maxStatistic {
		s.MinValue, s.MaxValue = bytes.Clone(c.min), bytes.Clone(c.max)
	}
	return s
}

func (c *chunk) columnIndex() (x format.ColumnIndex) {
	for i := range c.pages {
		p := &c.pages[i]
		x.NullPages = append(x.NullPages, p.empty)
		x.NullCounts = append(x.NullCounts, p.nulls)
		x.MinValues = append(x.MinValues, p.min)
		x.MaxValues = append(x.MaxValues, p.max)
	}
	if c.sorted {
		x.BoundaryOrder = format.Ascending
	}
	return x
}

// offsetIndex is where the pages are, the first of them at start.
func (c *chunk) offsetIndex(start int64) (x format.OffsetIndex) {
	for i := range c.pages {
		p := &c.pages[i]
		x.PageLocations = append(x.PageLocations, format.PageLocation{
			Offset: start + int64(p.offset), CompressedPageSize: int32(p.size), FirstRowIndex: int64(p.first)})
	}
	return x
}

// bloomFilter writes the Bloom filter of a column.
func (f *tableFile) bloomFilter(c *chunk, m *format.ColumnMetaData) {
	hashes := c.hashes
	if c.dict != nil {
		for i := range c.dict.entries {
			hashes = append(hashes, xxhash.Sum64(c.dict.text(int32(i))))
		}
	}
	filter := make(bloom.SplitBlockFilter, bloom.NumSplitBlocksOf(int64(len(hashes)), bloomBits))
	filter.InsertBulk(hashes)
	c.hashes = hashes
	var n int32
	m.BloomFilterOffset, n = f.encode(&format.BloomFilterHeader{
		NumBytes:    int32(len(filter.Bytes())),
		Algorithm:   format.BloomFilterAlgorithm{Value: &format.SplitBlockAlgorithm{}},
		Hash:        format.BloomFilterHash{Value: &format.XxHash{}},
		Compression: format.BloomFilterCompression{Value: &format.BloomFilterUncompressed{}},
	})
	f.write(filter.Bytes())
	m.BloomFilterLength = n + int32(len(filter.Bytes()))
}

// finish writes what ends the file.
func (f *tableFile) finish() error {
	for i := range f.groups {
		for j := range f.groups[i].Columns {
			c := &f.groups[i].Columns[j]
			c.ColumnIndexOffset, c.ColumnIndexLength = f.encode(&f.columns[i][j])
		}
	}
	for i := range f.groups {
		for j := range f.groups[i].Columns {
			c := &f.groups[i].Columns[j]
			c.OffsetIndexOffset, c.OffsetIndexLength = f.encode(&f.offsets[i][j])
		}
	}
	footer := *f.table.footer
	footer.NumRows, footer.RowGroups = f.rows, f.groups
	_, n := f.encode(&footer)
	f.write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), magic...))
	return f.err
}
