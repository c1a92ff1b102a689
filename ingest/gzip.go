package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/trimtrail/trimtrail/internal/inflate"
)

// Limits guard against objects that unpack to more than a machine bears. The
// zero value means the defaults.
type Limits struct {
	MaxRaw   int64 // bytes after unpacking, 1 GiB by default
	MaxRatio int64 // unpacked over stored, 250 by default; CloudTrail's own reach about 60
}

const (
	defaultMaxRaw   = 1 << 30
	defaultMaxRatio = 250
	// freeRaw is what any object may unpack to, however well it was packed.
	freeRaw = 16 << 20
)

func (l Limits) orDefault() Limits {
	if l.MaxRaw <= 0 {
		l.MaxRaw = defaultMaxRaw
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = defaultMaxRatio
	}
	return l
}

// ceiling is how far an object of this stored size may unpack, and why not
// further.
func (l Limits) ceiling(stored int64) (int64, string) {
	byRatio := max(freeRaw, stored*l.MaxRatio)
	if byRatio < l.MaxRaw {
		return byRatio, fmt.Sprintf("unpacks to more than %d times its size, a gzip bomb: stopped", l.MaxRatio)
	}
	return l.MaxRaw, "larger than the limit of " + size(l.MaxRaw) + ": stopped"
}

// unpack returns content unpacked, or as it is where it is no gzip, with pad
// zero bytes behind it.
func (m *memory) unpack(content []byte, limits Limits) ([]byte, error) {
	limits = limits.orDefault()
	if len(content) < 2 || content[0] != 0x1f || content[1] != 0x8b {
		if int64(len(content)) > limits.MaxRaw {
			return nil, &FormatError{"larger than the limit of " + size(limits.MaxRaw)}
		}
		return append(content, make([]byte, pad)...), nil
	}
	most, tooMuch := limits.ceiling(int64(len(content)))
	d := inflaters.Get().(*inflate.Decoder)
	defer inflaters.Put(d)
	if need := expected(content, most) + inflate.Spare + pad; int64(cap(m.raw)) < need {
		m.raw = make([]byte, 0, need)
	}
	buf, used, err := d.Member(m.raw[:0], content, int(most))
	switch {
	case errors.Is(err, inflate.ErrTooLarge):
		return nil, &GzipError{What: tooMuch, Raw: most}
	case err != nil:
		return nil, gzipError(buf, err)
	case used < len(content):
		return nil, trailing(content[used:], buf)
	}
	m.raw = append(buf, make([]byte, pad)...)
	return m.raw, nil
}

// inflaters holds decoders: each carries tables of some 12 KB.
var inflaters = sync.Pool{New: func() any { return new(inflate.Decoder) }}

// expected is the unpacked size that the trailer states, so that the buffer is
// made once; what a trailer may lie is bounded by most.
func expected(content []byte, most int64) int64 {
	if len(content) < 18 {
		return 0
	}
	return min(int64(binary.LittleEndian.Uint32(content[len(content)-4:])), most)
}

// gzipError says what is wrong, and counts what was whole before it.
func gzipError(buf []byte, err error) error {
	what := "damaged gzip"
	if errors.Is(err, io.ErrUnexpectedEOF) {
		what = "truncated gzip"
	} else if errors.Is(err, inflate.ErrChecksum) {
		what = "damaged gzip (its checksum does not fit)"
	}
	return &GzipError{What: what, Raw: int64(len(buf)), Records: countRecords(buf)}
}

// trailing refuses what follows the first member: some readers stop before it
// and some do not, so that it hides records from one of them.
func trailing(rest, buf []byte) error {
	what := "bytes behind the end of the gzip data"
	if rest[0] == 0x1f {
		what = "more than one gzip member"
	}
	return &GzipError{What: what, Raw: int64(len(buf)), Records: countRecords(buf)}
}

// countRecords counts the complete records of a text that may be cut short.
func countRecords(buf []byte) int {
	buf, err := plainText(append(bytes.Clone(buf), make([]byte, pad)...))
	if err != nil {
		return 0
	}
	d := newDecoder(buf, new(memory))
	d.stream()
	return d.index
}
