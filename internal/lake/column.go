package lake

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// columnBatch is how many values of a column are decoded at once.
const columnBatch = 128

// errShort says that a column has fewer rows than its row group.
var errShort = errors.New("a column ends before the others")

// column reads one column of a row group, value by value from the front. The
// nil column has only absent values.
type column struct {
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buffer []parquet.Value
	ready  []parquet.Value // what is left of the buffer
	// known are the strings of a dictionary, so that each is made once.
	known map[string]string
	err   error // sticky; io.EOF after the last value
}

func newColumn(c parquet.ColumnChunk) *column {
	return &column{pages: c.Pages(), buffer: make([]parquet.Value, columnBatch)}
}

// peek returns the next value and leaves it; null where there is none. The
// value's bytes are valid until the value after it is asked for.
func (c *column) peek() parquet.Value {
	if c == nil {
		return parquet.Value{}
	}
	for len(c.ready) == 0 && c.err == nil {
		c.err = c.fill()
	}
	if c.err != nil {
		return parquet.Value{}
	}
	return c.ready[0]
}

// next returns the next value and moves on.
func (c *column) next() parquet.Value {
	v := c.peek()
	switch {
	case c == nil:
	case len(c.ready) > 0:
		c.ready = c.ready[1:]
	case c.err == io.EOF:
		c.err = errShort
	}
	return v
}

// text is next for strings; null is empty. The string may be kept.
func (c *column) text() string {
	if c == nil {
		return ""
	}
	b := c.next().ByteArray()
	if len(b) == 0 {
		return ""
	}
	if c.known == nil {
		return string(b)
	}
	s, ok := c.known[string(b)]
	if !ok {
		s = string(b)
		c.known[s] = s
	}
	return s
}

// flag is next for booleans.
func (c *column) flag() *bool {
	v := c.next()
	switch {
	case v.IsNull():
		return nil
	case v.Boolean():
		return new(true)
	}
	return new(false)
}

// fill decodes more values, from the next page where this one is done. A header
// that says what cannot be makes parquet-go panic: that is a damaged file.
func (c *column) fill() (err error) {
	defer func() {
		if bad := recover(); bad != nil {
			err = fmt.Errorf("damaged page: %v", bad)
		}
	}()
	if c.values == nil {
		page, err := c.pages.ReadPage()
		if err != nil {
			return err
		}
		c.page, c.values = page, page.Values()
		switch { // a column chunk has one dictionary, and may fall back from it
		case page.Dictionary() == nil:
			c.known = nil
		case c.known == nil:
			c.known = map[string]string{}
		}
	}
	n, err := c.values.ReadValues(c.buffer)
	c.ready = c.buffer[:n]
	if err == io.EOF && n == 0 {
		parquet.Release(c.page)
		c.page, c.values, err = nil, nil, nil
	}
	if err == io.EOF { // the values come first; the next call finds the end
		err = nil
	}
	return err
}

// close releases the pages and returns what went wrong, the end of the column
// apart.
func (c *column) close() error {
	if c == nil {
		return nil
	}
	if c.page != nil {
		parquet.Release(c.page)
	}
	err := c.pages.Close()
	if c.err != io.EOF {
		err = errors.Join(c.err, err)
	}
	return err
}
