package lake

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Page headers are read as what was meant.
func TestPageHeads(t *testing.T) {
	for _, n := range []int32{0, 1, 63, 64, 8191, 8192, 1 << 20, math.MaxInt32} {
		for _, crc := range []uint32{1, 1 << 31, math.MaxUint32} {
			v2 := format.DataPageHeaderV2{
				NumValues: n, NumNulls: n / 2, NumRows: n / 3, Encoding: format.DeltaLengthByteArray,
				DefinitionLevelsByteLength: n / 5, RepetitionLevelsByteLength: n / 7, IsCompressed: thrift.New(true)}
			h := format.PageHeader{Type: format.DataPageV2, UncompressedPageSize: n, CompressedPageSize: n / 4,
				CRC: int32(crc), DataPageHeaderV2: thrift.New(v2)}
			sameHead(t, &h, appendDataHead(nil, int(n), int(n/4), crc, &v2))
			h = format.PageHeader{Type: format.DictionaryPage, UncompressedPageSize: n, CompressedPageSize: n / 4, CRC: int32(crc),
				DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: n / 9, Encoding: format.Plain})}
			sameHead(t, &h, appendDictionaryHead(nil, int(n), int(n/4), crc, int(n/9)))
		}
	}
}

func sameHead(t *testing.T, h *format.PageHeader, got []byte) {
	t.Helper()
	var read format.PageHeader
	check(t, thrift.Unmarshal(new(thrift.CompactProtocol), got, &read))
	if !reflect.DeepEqual(&read, h) {
		t.Errorf("%x is read as\n%+v, not\n%+v", got, read, h)
	}
}

// A stored page is a zstd frame that gives its bytes back.
func TestStoredPage(t *testing.T) {
	codec := testCodec(t)
	for n := range 256 {
		want := bytes.Repeat([]byte{byte(n)}, n)
		got, err := codec.Decode(nil, appendStored(nil, want))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: %x, %v", n, got, err)
		}
	}
}
