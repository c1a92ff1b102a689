package lake

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"
)

// Page headers in Thrift's compact protocol, by hand: a file of few rows has
// more pages than anything else, and to encode their headers by reflection took
// longer than to encode what is in them. The package also states a null count of
// 0 in each, whatever the page has.
//
// Sources: parquet.thrift, version 2.12; the Thrift compact protocol.

const (
	nextInt    = 0x15 // the field after the last one, an i32
	nextTrue   = 0x11 // the same, a bool that is true
	dictStruct = 0x3c // three fields on, a struct: 7 after 4
	dataStruct = 0x4c // four fields on, a struct: 8 after 4
	stop       = 0
)

// appendInts adds i32 fields that follow one another.
func appendInts(b []byte, values ...int32) []byte {
	for _, v := range values {
		b = binary.AppendVarint(append(b, nextInt), int64(v))
	}
	return b
}

// appendDataHead adds the header of a DATA_PAGE_V2 whose values are compressed.
func appendDataHead(b []byte, raw, packed int, crc uint32, h *format.DataPageHeaderV2) []byte {
	b = appendInts(b, int32(format.DataPageV2), int32(raw), int32(packed), int32(crc))
	b = appendInts(append(b, dataStruct), h.NumValues, h.NumNulls, h.NumRows, int32(h.Encoding),
		h.DefinitionLevelsByteLength, h.RepetitionLevelsByteLength)
	return append(b, nextTrue, stop, stop)
}

// appendDictionaryHead adds the header of a dictionary page of n values.
func appendDictionaryHead(b []byte, raw, packed int, crc uint32, n int) []byte {
	b = appendInts(b, int32(format.DictionaryPage), int32(raw), int32(packed), int32(crc))
	b = appendInts(append(b, dictStruct), int32(n), int32(format.Plain))
	return append(b, stop, stop)
}

// tinyPage is how many bytes are stored as they are: there is nothing to find
// in them.
const tinyPage = 32

// appendStored adds src, which is at most 255 bytes, as a zstd frame of one raw
// block.
//
// Source: RFC 8878, 3.1.1.
func appendStored(dst, src []byte) []byte {
	const last, single = 1, 0x20
	n := uint32(len(src))
	block := n<<3 | last
	dst = append(dst, 0x28, 0xb5, 0x2f, 0xfd, single, byte(n), byte(block), byte(block>>8), byte(block>>16))
	return append(dst, src...)
}
