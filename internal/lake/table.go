package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/trimtrail/trimtrail/internal/event"
)

// tableBatch is how many rows are decoded before they go to the columns.
const tableBatch = 128

// table writes one Parquet file after another.
//
// Note: each gets a parquet-go writer of its own. A writer that is used again
// after Reset leaves path_in_schema empty and names wrong sorting columns
// (parquet-go issue 602, in v0.32.0): Spark, Trino and Athena cannot read such
// a file, while parquet-go, DuckDB and Arrow see nothing wrong.
type table struct {
	options []parquet.WriterOption
	parquet *parquet.GenericWriter[event.Event] // of the file at hand
	batch   []event.Event
}

func newTableWriter() (*table, error) {
	codec, err := newCodec(1)
	if err != nil {
		return nil, err
	}
	return &table{options: tableOptions(codec), batch: make([]event.Event, 0, tableBatch)}, nil
}

// write makes the file name of all rows of src, durable, and returns what the
// log says about it but for its place. The footer was read back.
func (t *table) write(name string, src source) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, err
	}
	sum := &summed{to: f, sum: sha256.New()}
	t.parquet = parquet.NewGenericWriter[event.Event](sum, t.options...)
	file, err := t.copy(src)
	if err == nil {
		err = t.parquet.Close()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return File{}, err
	}
	file.Bytes, file.SHA256 = sum.n, hex.EncodeToString(sum.sum.Sum(nil))
	return file, checkFooter(name, file.Rows)
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

// checkFooter reads the footer of a file back: the rows, and what engines go
// by that this package's own reader does not.
func checkFooter(name string, want int64) error {
	f, pf, err := openTable(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if pf.NumRows() != want {
		return fmt.Errorf("the footer counts %d rows, not %d", pf.NumRows(), want)
	}
	columns := pf.Schema().Columns()
	for i, g := range pf.Metadata().RowGroups {
		if len(g.Columns) != len(columns) {
			return fmt.Errorf("row group %d has %d columns, the schema %d", i, len(g.Columns), len(columns))
		}
		for j, c := range g.Columns {
			if !slices.Equal([]string(c.MetaData.PathInSchema), columns[j]) {
				return fmt.Errorf("row group %d calls column %q %q", i, columns[j], []string(c.MetaData.PathInSchema))
			}
		}
		if sorting := sortedBy(columns, g.SortingColumns); !slices.Equal(sorting, sortColumns) {
			return fmt.Errorf("row group %d says it is sorted by %q", i, sorting)
		}
	}
	return nil
}

// sortedBy names the columns that a row group says it is sorted by.
func sortedBy(columns [][]string, sorting []format.SortingColumn) (names []string) {
	for _, s := range sorting {
		if i := int(s.ColumnIdx); i < 0 || i >= len(columns) || s.Descending {
			return nil
		}
		names = append(names, columns[s.ColumnIdx][0])
	}
	return names
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
