package lake

import (
	"bytes"
	"cmp"
	"io"
	"math/bits"
	"slices"

	"github.com/trimtrail/trimtrail/internal/event"
)

const (
	minChunk = 4 << 10
	maxChunk = minChunk << (chunkSizes - 1)
)

// rows are encoded rows in memory, in chunks that never move.
type rows struct {
	chunks [][]byte
	refs   []ref
	size   int64 // bytes held, in chunks and refs
	spare  *spare
}

// spare has the memory of rows that are done, for the next ones: chunks by
// their size, from minChunk doubling to maxChunk. To ask for memory, and to
// have it cleared, takes longer than to fill it.
type spare struct {
	chunks [chunkSizes][][]byte
	refs   [][]ref
	size   int64
	limit  int64 // of size
}

// keep leaves a row's memory to others, if there is not too much of it.
func (s *spare) keep(r *rows) {
	for _, c := range r.chunks {
		class := bits.Len(uint(cap(c)/minChunk)) - 1
		if class < 0 || class >= chunkSizes || cap(c) != minChunk<<class || s.size >= s.limit {
			continue
		}
		s.chunks[class] = append(s.chunks[class], c[:0])
		s.size += int64(cap(c))
	}
	if n := int64(cap(r.refs)) * refSize; n > 0 && s.size < s.limit {
		s.refs = append(s.refs, r.refs[:0])
		s.size += n
	}
}

// chunk returns memory of this class, nil where there is none.
func (s *spare) chunk(class int) (c []byte) {
	if n := len(s.chunks[class]) - 1; n >= 0 {
		c, s.chunks[class] = s.chunks[class][n], s.chunks[class][:n]
		s.size -= int64(cap(c))
	}
	return c
}

// places returns memory for refs, nil where there is none.
func (s *spare) places() (f []ref) {
	if n := len(s.refs) - 1; n >= 0 {
		f, s.refs = s.refs[n], s.refs[:n]
		s.size -= int64(cap(f)) * refSize
	}
	return f
}

const chunkSizes = 7

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
	if r.refs == nil {
		r.refs = r.spare.places()
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
	class := min(len(r.chunks), chunkSizes-1)
	size := minChunk << class
	if need > size {
		r.chunks, r.size = append(r.chunks, make([]byte, 0, need)), r.size+int64(need)
		return
	}
	r.size += int64(size)
	c := r.spare.chunk(class)
	if c == nil {
		c = make([]byte, 0, size)
	}
	r.chunks = append(r.chunks, c)
}

// clear forgets the rows and leaves their memory to others.
func (r *rows) clear() {
	r.spare.keep(r)
	r.chunks, r.refs, r.size = nil, nil, 0
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
