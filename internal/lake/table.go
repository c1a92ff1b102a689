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

// rowsOf fills in one row after another; io.EOF after the last.
type rowsOf func(e *event.Event) error

// encodedRows are the rows of src.
func encodedRows(src source) rowsOf {
	return func(e *event.Event) error {
		row, err := src.next()
		if err != nil {
			return err
		}
		return decodeRow(row, e)
	}
}

// write makes the file name of the rows of next, and returns what the log says
// about it but for its place. It ends the file where it has limit bytes, if
// limit is not 0, and says whether there are more rows. The footer was read
// back.
func (t *table) write(name string, next rowsOf, limit int64) (file File, more bool, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, false, err
	}
	sum := &summed{to: f, sum: sha256.New()}
	t.parquet = parquet.NewGenericWriter[event.Event](sum, t.options...)
	file, more, err = t.copy(next, func() bool { return limit > 0 && sum.n >= limit })
	if err == nil {
		err = t.parquet.Close()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return File{}, false, err
	}
	file.Bytes, file.SHA256 = sum.n, hex.EncodeToString(sum.sum.Sum(nil))
	return file, more, checkLocal(name, file.Rows)
}

func checkLocal(name string, rows int64) error {
	f, err := openLocal(name)
	if err != nil {
		return err
	}
	return errors.Join(checkFooter(f, rows), f.Close())
}

// copy writes rows until there are none or full says so, and counts them.
func (t *table) copy(next rowsOf, full func() bool) (file File, more bool, err error) {
	t.batch = t.batch[:0]
	for {
		t.batch = t.batch[:len(t.batch)+1]
		e := &t.batch[len(t.batch)-1]
		if err := next(e); err != nil {
			t.batch = t.batch[:len(t.batch)-1]
			if err == io.EOF {
				return file, false, t.flush()
			}
			return file, false, err
		}
		file.note(e.EventTime)
		if len(t.batch) == cap(t.batch) {
			if err := t.flush(); err != nil || full() {
				return file, true, err
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
func checkFooter(f blob, want int64) error {
	pf, err := openTable(f)
	if err != nil {
		return err
	}
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

// openTable reads the footer of a Parquet file.
func openTable(f blob) (*parquet.File, error) {
	return parquet.OpenFile(f, f.size(),
		parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(16<<10))
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
