package lake

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/trimtrail/trimtrail/internal/event"
)

// columns collect the rows of a row group as what a Parquet file holds of
// them, straight from their encoded form: no value passes through a Go string
// or a parquet.Value. All their memory is used again for the next row group.
//
// Note: parquet-go's GenericWriter does the same in more than twice the CPU
// time. Only its encodings and its structs of the format are used here.
type columns struct {
	rows  int
	bytes int // of the rows
	coder *pageCoder
	all   []*chunk // in the schema's order

	texts         [textCount]*chunk
	flags         [flagCount]*chunk
	time, session *chunk
	resources     [3]*chunk // arn, account id, type
}

// newColumns makes a chunk of each leaf of event.Event's schema.
func newColumns(codec *zstdCodec) *columns {
	schema := parquet.SchemaOf(event.Event{})
	coder, n := newPageCoder(codec), columnNames()
	c := &columns{coder: coder}
	for _, path := range schema.Columns() {
		leaf, _ := schema.Lookup(path...)
		k := &chunk{
			coder: coder, round: 1, path: path, kind: kindOf(leaf.Node), heavy: slices.Contains(heavy, path[0]),
			bloom:  slices.Contains(bloomColumns, path[0]),
			sorted: path[0] == sortColumns[0],
			maxDef: byte(leaf.MaxDefinitionLevel), maxRep: byte(leaf.MaxRepetitionLevel),
		}
		if hasDictionary(leaf) {
			k.dict = newDictionary()
		}
		c.all = append(c.all, k)
		c.place(k, &n)
	}
	return c
}

// hasDictionary reports whether a column begins with a dictionary: those of
// which event.Event says so, and the resources, which repeat as much.
func hasDictionary(leaf parquet.LeafColumn) bool {
	e := leaf.Node.Encoding()
	return e != nil && e.Encoding() == format.RLEDictionary || leaf.MaxRepetitionLevel > 0
}

// place puts k where add finds it.
func (c *columns) place(k *chunk, n *names) {
	switch name := k.path[0]; name {
	case "event_time":
		c.time = k
	case "session_creation_date":
		c.session = k
	case "resources":
		c.resources[slices.Index([]string{"arn", "account_id", "type"}, k.path[len(k.path)-1])] = k
	default:
		if i := slices.Index(n.texts[:], name); i >= 0 {
			c.texts[i] = k
		} else {
			c.flags[slices.Index(n.flags[:], name)] = k
		}
	}
}

// add takes in a row, whose numbers are those of t, and copies what it keeps.
func (c *columns) add(row []byte, t *interned) error {
	if len(row) < textsAt {
		return errRow
	}
	c.time.int(c.rows, rowTime(row))
	set := binary.LittleEndian.Uint16(row[flagsAt:])
	for i := range c.flags {
		if f := set >> (2 * i); f&flagKnown != 0 {
			c.flags[i].bool(c.rows, f&flagTrue != 0)
		}
	}
	if set&sessionKnown != 0 {
		c.session.int(c.rows, int64(binary.LittleEndian.Uint64(row[sessionAt:])))
	}
	r := cursor{row: row, at: textsAt}
	present := binary.LittleEndian.Uint64(row[presentAt:])
	if present&1 == 0 || present>>textCount != 0 { // each has an id
		return errRow
	}
	for left := present; left != 0; left &= left - 1 {
		c.addText(bits.TrailingZeros64(left), &r, t)
	}
	c.addResources(&r)
	c.rows++
	c.bytes += len(row)
	if r.bad || r.at != len(row) {
		return errRow
	}
	return nil
}

// addText takes in text i.
func (c *columns) addText(i int, r *cursor, t *interned) {
	k := c.texts[i]
	if t.columns[i] == nil {
		k.text(c.rows, r.next())
		return
	}
	n := r.uvarint()
	if n&1 == 1 {
		k.text(c.rows, r.take(n>>1))
		return
	}
	if k.again(c.rows, n>>1) {
		return
	}
	if v := t.text(i, n>>1); v != nil {
		k.number(c.rows, int(n>>1), v)
		return
	}
	r.bad = true
}

// addResources takes in the list that ends a row.
func (c *columns) addResources(r *cursor) {
	for n, i := r.uvarint(), uint64(0); i < n && !r.bad; i++ {
		for _, k := range c.resources {
			k.element(c.rows, r.next(), i > 0)
		}
	}
}

// full reports whether the row group has to end.
func (c *columns) full() bool { return c.rows >= rowsPerGroup || c.bytes >= groupBytes }

// end ends the last pages of all columns.
func (c *columns) end() error {
	for _, k := range c.all {
		k.endPage(c.rows)
	}
	return c.coder.err
}

// reset forgets all rows.
func (c *columns) reset() {
	c.rows, c.bytes = 0, 0
	for _, k := range c.all {
		k.reset()
	}
}
