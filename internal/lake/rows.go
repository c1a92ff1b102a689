package lake

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/trimtrail/trimtrail/internal/event"
)

const (
	minChunk = 4 << 10
	maxChunk = 256 << 10
)

// rows are encoded rows in memory, in chunks that never move.
type rows struct {
	chunks [][]byte
	refs   []ref
	size   int64 // bytes held, in chunks and refs
}

// ref is a row's place.
type ref struct {
	micros     int64
	chunk      int32
	start, end int32
}

const refSize = 24

// add copies e into the rows, with what t has of its texts.
func (r *rows) add(e *event.Event, t *interned, scratch []byte) []byte {
	scratch = appendRow(scratch[:0], e, t)
	last := len(r.chunks) - 1
	if last < 0 || cap(r.chunks[last])-len(r.chunks[last]) < len(scratch) {
		r.grow(len(scratch))
		last++
	}
	start := len(r.chunks[last])
	r.chunks[last] = append(r.chunks[last], scratch...)
	r.refs = append(r.refs, ref{rowTime(scratch), int32(last), int32(start), int32(start + len(scratch))})
	r.size += refSize
	return scratch
}

// grow starts a chunk that holds at least need bytes: small at first, since
// many partitions get few rows.
func (r *rows) grow(need int) {
	size := minChunk << min(len(r.chunks), 6)
	size = max(min(size, maxChunk), need)
	r.chunks = append(r.chunks, make([]byte, 0, size))
	r.size += int64(size)
}

func (r *rows) row(f ref) []byte { return r.chunks[f.chunk][f.start:f.end] }

// sort orders the rows by time, then event id.
func (r *rows) sort() {
	slices.SortFunc(r.refs, func(a, b ref) int {
		if c := cmp.Compare(a.micros, b.micros); c != 0 {
			return c
		}
		return bytes.Compare(rowID(r.row(a)), rowID(r.row(b)))
	})
}

// source yields encoded rows, sorted; a row is valid until the next call. It
// ends with io.EOF.
type source interface {
	next() ([]byte, error)
}

// memory is the source of rows that are in memory.
type memory struct {
	rows *rows
	at   int
}

func (m *memory) next() ([]byte, error) {
	if m.at == len(m.rows.refs) {
		return nil, io.EOF
	}
	m.at++
	return m.rows.row(m.rows.refs[m.at-1]), nil
}
