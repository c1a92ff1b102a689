package lake

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// slim leaves out of a Parquet file what helps to skip parts of large ones:
// page indexes, statistics, sizes of levels. A table of a rollup is small and
// read whole, and without slim half of its bytes would be about its other half.
func slim(data []byte) ([]byte, error) {
	const tail = 4 + len(magic)
	n := int(binary.LittleEndian.Uint32(data[len(data)-tail:]))
	var m format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data[len(data)-tail-n:len(data)-tail], &m); err != nil {
		return nil, fmt.Errorf("read the footer back: %w", err)
	}
	end := int64(len(magic))
	for i := range m.RowGroups {
		g := &m.RowGroups[i]
		for j := range g.Columns {
			end = max(end, slimColumn(&g.Columns[j]))
		}
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &m)
	if err != nil {
		return nil, err
	}
	out := append(data[:end:end], footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), magic...), nil
}

// slimColumn returns where the column ends.
func slimColumn(c *format.ColumnChunk) int64 {
	c.ColumnIndexOffset, c.ColumnIndexLength, c.OffsetIndexOffset, c.OffsetIndexLength = 0, 0, 0, 0
	m := &c.MetaData
	// The number of NULLs stays: none would be taken for zero.
	m.Statistics = format.Statistics{NullCount: m.Statistics.NullCount}
	m.EncodingStats, m.SizeStatistics, m.KeyValueMetadata = nil, format.SizeStatistics{}, nil
	start := m.DataPageOffset
	if m.DictionaryPageOffset > 0 {
		start = min(start, m.DictionaryPageOffset)
	}
	return start + m.TotalCompressedSize
}
