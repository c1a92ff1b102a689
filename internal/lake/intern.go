package lake

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/internal/event"
)

// interned are texts that rows refer to by number instead of holding them:
// those of the columns that repeat, up to a limit. Most of an event says what
// others have said: rows are half as long, and a text is looked up once when
// it is added and by an array after that.
//
// The numbers are good for as long as there are rows that hold them.
type interned struct {
	columns [textCount]*dictionary // nil: not interned
	size    int64                  // bytes held, about
	limit   int64
	checked bool // what comes is known to be UTF-8
}

// internedEntry is about what an entry takes beside its text.
const internedEntry = 28

// repeats tells the text columns that event.Event says have a dictionary.
func repeats() (set [textCount]bool) {
	var e event.Event
	v := reflect.ValueOf(&e).Elem()
	dict := map[any]bool{}
	for i := range v.NumField() {
		dict[v.Field(i).Addr().Interface()] = strings.Contains(v.Type().Field(i).Tag.Get("parquet"), ",dict")
	}
	for i, s := range texts(&e) {
		set[i] = dict[s]
	}
	return set
}

// newInterned returns tables that take limit bytes at most; with a limit of 0
// they stay empty.
func newInterned(limit int64) *interned {
	t := &interned{limit: limit}
	for i, yes := range repeats() {
		if yes {
			t.columns[i] = newDictionary()
		}
	}
	return t
}

// append adds text i, which is not empty, to the row b: its number, or itself.
func (t *interned) append(b []byte, i int, s string) []byte {
	d := t.columns[i]
	if d == nil {
		return t.appendText(b, s)
	}
	if d.last >= 0 && string(d.text(d.last)) == s {
		return appendUvarint(b, uint64(d.last)<<1)
	}
	at := len(b)
	b = append(b, s...)
	n, hash, free := d.find(b[at:])
	switch {
	case n >= 0:
	case t.size >= t.limit || !t.checked && !utf8.ValidString(s):
		s = t.valid(s)
		return append(appendUvarint(b[:at], uint64(len(s))<<1|1), s...)
	default:
		n = d.insert(b[at:], hash, free)
		t.size += int64(len(s)) + internedEntry
	}
	d.last = n
	return appendUvarint(b[:at], uint64(n)<<1)
}

// valid is valid of what is not known to be.
func (t *interned) valid(s string) string {
	if t.checked {
		return s
	}
	return valid(s)
}

// text returns what append has numbered, nil where it has not.
func (t *interned) text(i int, n uint64) []byte {
	if n >= uint64(len(t.columns[i].entries)) {
		return nil
	}
	return t.columns[i].text(int32(n))
}

// reset forgets all texts.
func (t *interned) reset() {
	t.size = 0
	for _, d := range t.columns {
		if d != nil {
			d.reset()
		}
	}
}
