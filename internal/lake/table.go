package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/event"
)

// tableBatch is how many rows are decoded before they go to the columns.
const tableBatch = 128

// table writes one Parquet file after another, with the same buffers.
type table struct {
	parquet *parquet.GenericWriter[event.Event]
	batch   []event.Event
}

func newTableWriter() (*table, error) {
	codec, err := newCodec(1)
	if err != nil {
		return nil, err
	}
	return &table{newTable(io.Discard, codec), make([]event.Event, 0, tableBatch)}, nil
}

// write makes the file name of all rows of src, durable, and returns what the
// log says about it but for its place. The footer was read back.
func (t *table) write(name string, src source) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, err
	}
	sum := &summed{to: f, sum: sha256.New()}
	t.parquet.Reset(sum)
	file, err := t.copy(src)
	if err == nil {
		err = t.parquet.Close()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return File{}, err
	}
	file.Bytes, file.SHA256 = sum.n, hex.EncodeToString(sum.sum.Sum(nil))
	return file, checkRows(name, file.Rows)
}

// copy writes the rows of src and counts them.
func (t *table) copy(src source) (file File, err error) {
	for {
		row, err := src.next()
		if err == io.EOF {
			return file, t.flush()
		}
		if err != nil {
			return file, err
		}
		t.batch = t.batch[:len(t.batch)+1]
		e := &t.batch[len(t.batch)-1]
		if err := decodeRow(row, e); err != nil {
			return file, err
		}
		file.note(e.EventTime)
		if len(t.batch) == cap(t.batch) {
			if err := t.flush(); err != nil {
				return file, err
			}
		}
	}
}

func (t *table) flush() error {
	_, err := t.parquet.Write(t.batch)
	clear(t.batch)
	t.batch = t.batch[:0]
	return err
}

// note counts a row of this time.
func (f *File) note(t time.Time) {
	if f.Rows == 0 || t.Before(f.Min) {
		f.Min = t
	}
	if f.Rows == 0 || t.After(f.Max) {
		f.Max = t
	}
	f.Rows++
}

// checkRows reads the footer of a file back.
func checkRows(name string, want int64) error {
	f, pf, err := openTable(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if pf.NumRows() != want {
		return fmt.Errorf("%d rows were written, the footer says %d", want, pf.NumRows())
	}
	return nil
}

// openTable opens a Parquet file; the first result is to be closed.
func openTable(name string) (*os.File, *parquet.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	pf, err := parquet.OpenFile(f, info.Size(),
		parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(16<<10))
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, pf, nil
}

// summed counts and hashes what passes through.
type summed struct {
	to  io.Writer
	sum hash.Hash
	n   int64
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}
