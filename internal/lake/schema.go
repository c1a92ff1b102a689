package lake

import (
	"bytes"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/trimtrail/trimtrail/internal/event"
)

const (
	// rowsPerGroup trades memory against size: measured, 64 k rows take
	// 105 MB to write and 16 k rows 39 MB, for 3 % larger files.
	rowsPerGroup = 32 << 10
	// pageBytes is before compression. A writer holds one page a column.
	pageBytes = 128 << 10
	// dictionaryBytes bounds a column's dictionary in a row group; beyond it
	// the column goes on in plain pages.
	dictionaryBytes = 1 << 20
	// groupBytes ends a row group of very long rows early, in bytes of rows.
	groupBytes = 64 << 20
)

// heavy are the JSON text columns: most of an event's bytes, rarely needed to
// judge it. Their bounds would tell a reader nothing.
var heavy = []string{
	"identity_extra", "request_parameters", "response_elements",
	"additional_event_data", "service_event_details", "extra",
}

// heavySet is heavy as a set.
func heavySet() map[string]bool {
	set := map[string]bool{}
	for _, name := range heavy {
		set[name] = true
	}
	return set
}

// sortColumns are what rows are sorted by within a file.
var sortColumns = []string{"event_time", "event_id"}

// bloomColumns have a Bloom filter of bloomBits a value: those that a question
// about one event or one key asks for.
var bloomColumns = []string{"event_id", "access_key_id"}

const bloomBits = 10

// tableTemplate is the footer of a file without rows: all but the row groups.
func tableTemplate() (*format.FileMetaData, error) {
	var empty bytes.Buffer
	w := parquet.NewGenericWriter[event.Event](&empty, parquet.CreatedBy("trimtrail", "1", "lake"))
	if err := w.Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return nil, err
	}
	return f.Metadata(), nil
}

// zstdCodec is parquet-go's zstd with one more option: without entropy coding
// of all literals, random hex such as event ids is stored raw (36 bytes an id
// instead of 20).
type zstdCodec struct {
	encoder *zstd.Encoder
	decoder func() (*zstd.Decoder, error)
}

func newCodec(workers int) (*zstdCodec, error) {
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(workers),
		zstd.WithWindowSize(256<<10),
		zstd.WithLowerEncoderMem(true),
		zstd.WithAllLitEntropyCompression(true),
		zstd.WithZeroFrames(true),
		zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	decoder := sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	})
	return &zstdCodec{encoder, decoder}, nil
}

func (c *zstdCodec) String() string { return "ZSTD" }

func (c *zstdCodec) CompressionCodec() format.CompressionCodec { return format.Zstd }

func (c *zstdCodec) Encode(dst, src []byte) ([]byte, error) {
	return c.encoder.EncodeAll(src, dst[:0]), nil
}

func (c *zstdCodec) Decode(dst, src []byte) ([]byte, error) {
	d, err := c.decoder()
	if err != nil {
		return nil, err
	}
	return d.DecodeAll(src, dst[:0])
}
