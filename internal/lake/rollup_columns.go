package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/rollup"
)

// rowDecoder reads the files of one table of rollups, column by column. It is
// for one goroutine.
//
// Note: parquet-go's GenericReader goes by rows, and sets up buffers for each
// column of each file. Files of rollups are small, and that is most of the work.
type rowDecoder[T any] struct {
	schema *parquet.Schema
	leaves []rollupLeaf // in the order of the schema's columns
	buffer []parquet.Value
}

// rollupLeaf is where the values of a column go.
type rollupLeaf struct {
	field []int // see reflect.Value.FieldByIndex
	part  int   // of a list of structs, the field within
}

func newRowDecoder[T any](schema *parquet.Schema) *rowDecoder[T] {
	return &rowDecoder[T]{schema, leavesOf(reflect.TypeFor[T](), nil), make([]parquet.Value, columnBatch)}
}

func leavesOf(t reflect.Type, at []int) (all []rollupLeaf) {
	for i := range t.NumField() {
		f, field := t.Field(i), append(slices.Clone(at), i)
		switch {
		case f.Anonymous:
			all = append(all, leavesOf(f.Type, field)...)
		case f.Type == reflect.TypeFor[[]rollup.Sample]():
			for part := range f.Type.Elem().NumField() {
				all = append(all, rollupLeaf{field, part})
			}
		default:
			all = append(all, rollupLeaf{field, 0})
		}
	}
	return all
}

// decode reads a file of as many rows as it is said to have.
func (d *rowDecoder[T]) decode(data []byte, want int) ([]T, error) {
	pf, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	switch {
	case err != nil:
		return nil, err
	case pf.NumRows() != int64(want):
		return nil, fmt.Errorf("%d rows, not %d", pf.NumRows(), want)
	case !sameLeaves(pf.Schema(), d.schema):
		return nil, errors.New("it has other columns")
	}
	var rows []T
	for _, g := range pf.RowGroups() {
		if g.NumRows() > int64(want-len(rows)) {
			return nil, fmt.Errorf("more than %d rows", want)
		}
		if rows, err = d.group(g, rows); err != nil {
			return nil, err
		}
	}
	if len(rows) != want {
		return nil, errShort
	}
	return rows, nil
}

// sameLeaves reports whether two schemas have the same columns of the same types.
func sameLeaves(a, b *parquet.Schema) bool {
	paths := a.Columns()
	if !slices.EqualFunc(paths, b.Columns(), slices.Equal) {
		return false
	}
	for _, path := range paths {
		x, _ := a.Lookup(path...)
		y, _ := b.Lookup(path...)
		if x.Node.Type().Kind() != y.Node.Type().Kind() || x.MaxRepetitionLevel != y.MaxRepetitionLevel || x.MaxDefinitionLevel != y.MaxDefinitionLevel {
			return false
		}
	}
	return true
}

// group appends the rows of a row group.
func (d *rowDecoder[T]) group(g parquet.RowGroup, rows []T) ([]T, error) {
	begin, n := len(rows), int(g.NumRows())
	for i, chunk := range g.ColumnChunks() {
		c := &column{pages: chunk.Pages(), buffer: d.buffer}
		got, all := d.fill(c, d.leaves[i], rows, begin, n)
		if rows = all; got != n {
			c.err = errors.Join(c.err, errShort)
		}
		if err := c.close(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// fill reads a column into n rows from begin on, and says how many it had
// values for. Rows are made as the first column shows that they are there: a
// footer may promise more.
func (d *rowDecoder[T]) fill(c *column, leaf rollupLeaf, rows []T, begin, n int) (int, []T) {
	row, element := -1, 0
	for v := c.peek(); c.err == nil; v = c.peek() {
		if element++; v.RepetitionLevel() == 0 {
			row, element = row+1, 0
		}
		if row < 0 || row == n {
			return -1, rows
		}
		if begin+row == len(rows) {
			rows = append(rows, make([]T, min(n-row, rollupBatch))...)
		}
		f := reflect.ValueOf(&rows[begin+row]).Elem().FieldByIndex(leaf.field)
		if !set(f.Addr().Interface(), c, v, leaf.part, element) {
			return -1, rows
		}
	}
	if c.err != io.EOF {
		return -1, rows
	}
	return row + 1, rows
}

// set takes the next value of c, which is v, into a field.
func set(field any, c *column, v parquet.Value, part, element int) bool {
	switch p := field.(type) {
	case *string:
		*p = c.text()
	case *int64:
		*p = c.next().Int64()
	case *bool:
		*p = c.next().Boolean()
	case **int64:
		if c.next(); !v.IsNull() {
			*p = new(v.Int64())
		}
	case *[]string:
		if s := c.text(); v.IsNull() {
			*p = []string{}
		} else {
			*p = append(*p, s)
		}
	case *[]int64:
		if c.next(); v.IsNull() {
			*p = []int64{}
		} else {
			*p = append(*p, v.Int64())
		}
	case *[]rollup.Sample:
		return setSample(p, c, v, part, element)
	default:
		return false
	}
	return true
}

// setSample takes the next value into a list whose first column makes its members.
func setSample(p *[]rollup.Sample, c *column, v parquet.Value, part, element int) bool {
	switch {
	case v.IsNull() && part == 0:
		c.next()
		*p = []rollup.Sample{}
	case v.IsNull():
		c.next()
	case part == 0:
		*p = append(*p, rollup.Sample{EventID: c.text()})
	case element < len(*p):
		(*p)[element].Time = c.next().Int64()
	default:
		return false
	}
	return true
}
