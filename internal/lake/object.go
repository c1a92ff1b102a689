package lake

import (
	"io"

	"github.com/parquet-go/parquet-go"
)

const (
	// objectBlock is how many bytes of an object are fetched at once where
	// nothing is known about what comes next, and objectBlocks how many such
	// blocks are held.
	objectBlock  = 512 << 10
	objectBlocks = 4
)

// object is an object of a bucket, read by ranges.
type object struct {
	bucket *bucket
	name   string
	n      int64
	ahead  span   // fetched by window
	blocks []span // the last used first
}

// span is a part of an object.
type span struct {
	from int64
	data []byte
}

// has returns what s has from a place on.
func (s span) has(at int64) []byte {
	if at < s.from || at >= s.from+int64(len(s.data)) {
		return nil
	}
	return s.data[at-s.from:]
}

func (b *bucket) open(name string) (blob, error) {
	n, err := b.api.Size(b.ctx, name)
	if err != nil {
		return nil, err
	}
	return &object{bucket: b, name: name, n: n}, nil
}

func (o *object) size() int64 { return o.n }

func (o *object) Close() error {
	o.ahead, o.blocks = span{}, nil
	return nil
}

// ReadAt is for one goroutine at a time.
func (o *object) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at+int64(n) >= o.n {
			return n, io.EOF
		}
		data, err := o.at(at + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data)
	}
	return n, nil
}

// at returns some bytes from a place on.
func (o *object) at(at int64) ([]byte, error) {
	if data := o.ahead.has(at); data != nil {
		return data, nil
	}
	for i, b := range o.blocks {
		if data := b.has(at); data != nil {
			copy(o.blocks[1:i+1], o.blocks[:i])
			o.blocks[0] = b
			return data, nil
		}
	}
	from := at / objectBlock * objectBlock
	data, err := o.bucket.api.Get(o.bucket.ctx, o.name, from, min(objectBlock, o.n-from))
	if err != nil {
		return nil, err
	}
	b := span{from, data}
	if b.has(at) == nil {
		return nil, io.ErrUnexpectedEOF
	}
	o.blocks = append([]span{b}, o.blocks[:min(len(o.blocks), objectBlocks-1)]...)
	return b.has(at), nil
}

// window fetches a range that is about to be read.
func (o *object) window(from, to int64) error {
	o.ahead = span{}
	if to-from <= objectBlock {
		return nil
	}
	data, err := o.bucket.api.Get(o.bucket.ctx, o.name, from, to-from)
	o.ahead = span{from, data}
	return err
}

// announce tells a file that a row group but for the columns in skip is about
// to be read; of a bucket it then comes with one request.
func announce(f blob, pf *parquet.File, group int, skip map[string]bool) error {
	o, ok := f.(*object)
	if !ok {
		return nil
	}
	from, to := o.n, int64(0)
	for _, c := range pf.Metadata().RowGroups[group].Columns {
		m := &c.MetaData
		if len(m.PathInSchema) > 0 && skip[m.PathInSchema[0]] {
			continue
		}
		start := m.DataPageOffset
		if m.DictionaryPageOffset > 0 {
			start = min(start, m.DictionaryPageOffset)
		}
		from, to = min(from, start), max(to, start+m.TotalCompressedSize)
	}
	if from < 0 || from >= to || to > o.n {
		return nil // a damaged footer; reading will tell
	}
	return o.window(from, to)
}
