package lake

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Note: parquet-go's GenericReader does not read events here. Its timestamps
// pass through nanoseconds, so that times before 1678 and after 2261 come back
// as others, and leaving out columns makes it slower.

// names are the columns by their place in texts and flags.
type names struct {
	texts [textCount]string
	flags [flagCount]string
}

// columnNames takes the names from the tags of event.Event.
func columnNames() (n names) {
	var e event.Event
	v := reflect.ValueOf(&e).Elem()
	byField := map[any]string{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("parquet"), ",")
		byField[v.Field(i).Addr().Interface()] = name
	}
	for i, s := range texts(&e) {
		n.texts[i] = byField[s]
	}
	for i, f := range flags(&e) {
		n.flags[i] = byField[f]
	}
	return n
}

// group reads the rows of a row group. Columns that a file lacks, from an
// older trimtrail, are nil, as are those that nobody asked for.
type group struct {
	texts         [textCount]*column
	flags         [flagCount]*column
	time, session *column
	resources     [3]*column // arn, account id, type
	all           []*column
}

// openGroup opens the columns of g, but for those in skip.
func openGroup(g parquet.RowGroup, n *names, skip map[string]bool) *group {
	r := &group{}
	open := func(path ...string) *column {
		leaf, ok := g.Schema().Lookup(path...)
		if !ok || skip[path[0]] {
			return nil
		}
		chunk := g.ColumnChunks()[leaf.ColumnIndex]
		if f, ok := chunk.(*parquet.FileColumnChunk); ok && f.NullCount() == f.NumValues() && path[0] != "resources" {
			return nil // most columns say nothing in most row groups
		}
		c := newColumn(chunk)
		r.all = append(r.all, c)
		return c
	}
	for i, name := range n.texts {
		r.texts[i] = open(name)
	}
	for i, name := range n.flags {
		r.flags[i] = open(name)
	}
	r.time, r.session = open("event_time"), open("session_creation_date")
	for i, name := range []string{"arn", "account_id", "type"} {
		r.resources[i] = open("resources", "list", "element", name)
	}
	return r
}

// read fills e with the next row but for its account.
func (r *group) read(e *event.Event) {
	*e = event.Event{EventTime: time.UnixMicro(r.time.next().Int64()).UTC()}
	for i, s := range texts(e) {
		*s = r.texts[i].text()
	}
	for i, f := range flags(e) {
		*f = r.flags[i].flag()
	}
	if v := r.session.next(); !v.IsNull() {
		e.SessionCreated = new(time.UnixMicro(v.Int64()).UTC())
	}
	e.Resources = r.list()
}

// list reads the resources of a row: the first value of each column says by
// its definition level whether there are any, those that follow with a
// repetition level belong to the same row.
func (r *group) list() []event.Resource {
	first := r.resources[0].peek()
	if first.DefinitionLevel() == 0 {
		for _, c := range r.resources {
			c.next()
		}
		return nil
	}
	var list []event.Resource
	for {
		list = append(list, event.Resource{
			ARN: r.resources[0].text(), AccountID: r.resources[1].text(), Type: r.resources[2].text()})
		if r.resources[0].peek().RepetitionLevel() == 0 {
			return list
		}
	}
}

// err returns the first error of a column. Rows read since are not to be
// trusted.
func (r *group) err() error {
	for _, c := range r.all {
		if c.err != nil && c.err != io.EOF {
			return c.err
		}
	}
	return nil
}

func (r *group) close() (err error) {
	for _, c := range r.all {
		err = errors.Join(err, c.close())
	}
	return err
}
