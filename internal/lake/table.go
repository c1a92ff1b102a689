package lake

import (
	"bufio"
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

// table writes one Parquet file after another.
type table struct {
	columns *columns
	footer  *format.FileMetaData // of a file without rows
	sorting []format.SortingColumn
	buffer  *bufio.Writer // a column in most files takes less than a system call
}

const writeBuffer = 64 << 10

func newTableWriter() (*table, error) {
	codec, err := newCodec(1)
	if err != nil {
		return nil, err
	}
	t := &table{columns: newColumns(codec), buffer: bufio.NewWriterSize(nil, writeBuffer)}
	for _, name := range sortColumns {
		i := slices.IndexFunc(t.columns.all, func(c *chunk) bool { return c.path[0] == name })
		t.sorting = append(t.sorting, format.SortingColumn{ColumnIdx: int32(i)})
	}
	t.footer, err = tableTemplate()
	return t, err
}

// rowSource are rows, and what their numbers mean.
type rowSource struct {
	source
	texts *interned
}

// encoder is the source of events that are not encoded yet.
type encoder struct {
	read func(*event.Event) error
	e    event.Event
	row  []byte
	none *interned
}

func (c *encoder) next() ([]byte, error) {
	if err := c.read(&c.e); err != nil {
		return nil, err
	}
	c.row = appendRow(c.row[:0], &c.e, c.none)
	return c.row, nil
}

// write is writeRows of the events that next fills in one after another, and
// io.EOF after the last.
func (t *table) write(name string, next func(*event.Event) error, limit int64) (file File, more bool, err error) {
	none := newInterned(0)
	return t.writeRows(name, rowSource{&encoder{read: next, none: none}, none}, limit)
}

// writeRows makes the file name of the rows of src, and returns what the log says
// about it but for its place. It ends the file at the first row group with
// which it has limit bytes, if limit is not 0, and says whether there may be
// more rows. The footer was read back.
func (t *table) writeRows(name string, src rowSource, limit int64) (file File, more bool, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, false, err
	}
	t.buffer.Reset(f)
	out := newTableFile(t.buffer, t)
	file, more, err = t.copy(out, src, limit)
	if err == nil {
		err = out.finish()
	}
	if err == nil {
		err = t.buffer.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return File{}, false, err
	}
	file.Bytes, file.SHA256 = out.to.n, hex.EncodeToString(out.to.sum.Sum(nil))
	return file, more, checkLocal(name, file.Rows)
}

func checkLocal(name string, rows int64) error {
	f, err := openLocal(name)
	if err != nil {
		return err
	}
	return errors.Join(checkFooter(f, rows), f.Close())
}

// copy writes rows until there are none or out has limit bytes, and counts them.
func (t *table) copy(out *tableFile, src rowSource, limit int64) (file File, more bool, err error) {
	t.columns.reset()
	for {
		row, err := src.next()
		if err == io.EOF {
			return file, false, out.rowGroup(t.columns)
		}
		if err != nil {
			return file, false, err
		}
		if err := t.columns.add(row, src.texts); err != nil {
			return file, false, err
		}
		file.note(time.UnixMicro(rowTime(row)).UTC())
		if !t.columns.full() {
			continue
		}
		if err := out.rowGroup(t.columns); err != nil {
			return file, false, err
		}
		if limit > 0 && out.to.n >= limit {
			return file, true, nil
		}
	}
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
