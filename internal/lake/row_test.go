package lake

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/event"
)

var yes, no = true, false

// decodeRow fills e with the row but for its account.
func decodeRow(row []byte, e *event.Event, t *interned) error {
	*e = event.Event{EventTime: time.UnixMicro(rowTime(row)).UTC()}
	bits := binary.LittleEndian.Uint16(row[flagsAt:])
	for i, f := range flags(e) {
		switch bits >> (2 * i) & (flagKnown | flagTrue) {
		case flagKnown:
			*f = &no
		case flagKnown | flagTrue:
			*f = &yes
		}
	}
	if bits&sessionKnown != 0 {
		t := time.UnixMicro(int64(binary.LittleEndian.Uint64(row[sessionAt:]))).UTC()
		e.SessionCreated = &t
	}
	c := cursor{row: row, at: textsAt}
	present := binary.LittleEndian.Uint64(row[presentAt:])
	for i, s := range texts(e) {
		if present&(1<<i) == 0 {
			continue
		}
		if t.columns[i] == nil {
			*s = string(c.next())
		} else if n := c.uvarint(); n&1 == 1 {
			*s = string(c.take(n >> 1))
		} else {
			*s = string(t.text(i, n>>1))
		}
	}
	if n := c.uvarint(); n > 0 && n <= uint64(len(row)) {
		e.Resources = make([]event.Resource, n)
	}
	for i := range e.Resources {
		e.Resources[i] = event.Resource{ARN: string(c.next()), AccountID: string(c.next()), Type: string(c.next())}
	}
	if c.bad || c.at != len(row) {
		return errRow
	}
	return nil
}

// full returns an event with every field set, each to another value.
func full(t testing.TB) event.Event {
	t.Helper()
	var e event.Event
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch f := v.Field(i); f.Interface().(type) {
		case string:
			f.SetString("value of " + name)
		case *bool:
			b := i%2 == 0
			f.Set(reflect.ValueOf(&b))
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2026, 2, 1, 4, 5, 6, 789_000, time.UTC)))
		case *time.Time:
			at := time.Date(2026, 2, 1, 1, 2, 3, 4_000, time.UTC)
			f.Set(reflect.ValueOf(&at))
		case []event.Resource:
			f.Set(reflect.ValueOf([]event.Resource{{ARN: "a", AccountID: "b", Type: "c"}, {}, {Type: "d"}}))
		default:
			t.Fatalf("field %s has a type that this test does not know", name)
		}
	}
	e.AccountID = "111122223333"
	return e
}

func rowCases(t testing.TB) map[string]event.Event {
	bare := event.Event{AccountID: "111122223333", EventID: "bare", EventTime: start}
	yes, no := true, false
	cases := map[string]event.Event{"full": full(t), "bare": bare}
	for name, change := range map[string]func(*event.Event){
		"true":      func(e *event.Event) { e.ReadOnly = &yes },
		"false":     func(e *event.Event) { e.ReadOnly = &no },
		"zero time": func(e *event.Event) { e.EventTime = time.Time{} },
		"far time":  func(e *event.Event) { e.EventTime = time.Date(2931, 7, 1, 0, 0, 0, 0, time.UTC) },
		"old time":  func(e *event.Event) { e.EventTime = time.Date(1607, 7, 1, 12, 0, 0, 1000, time.UTC) },
		"1970":      func(e *event.Event) { at := time.Unix(0, 0).UTC(); e.SessionCreated = &at },
		"not text":  func(e *event.Event) { e.UserAgent = "\x00\"\n日本" },
		"long": func(e *event.Event) {
			e.RequestParameters = fmt.Sprintf(`{"x":"%0*d"}`, 3<<20, 7)
		},
		"resource": func(e *event.Event) { e.Resources = []event.Resource{{ARN: "arn:aws:s3:::b"}} },
	} {
		e := bare
		e.EventID = name
		change(&e)
		cases[name] = e
	}
	return cases
}

func TestRow(t *testing.T) {
	for _, limit := range []int64{0, 100, 1 << 20} { // no text is interned, some are, all are
		texts := newInterned(limit)
		for name, e := range rowCases(t) {
			row := appendRow(nil, &e, texts)
			if string(rowID(row)) != e.EventID || rowTime(row) != e.EventTime.UnixMicro() {
				t.Errorf("%s: keys are %s at %d", name, rowID(row), rowTime(row))
			}
			got := event.Event{UserAgent: "left over"}
			if err := decodeRow(row, &got, texts); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			got.AccountID = e.AccountID
			if !reflect.DeepEqual(got, e) {
				t.Errorf("%s:\n got %+v\nwant %+v", name, got, e)
			}
			if len(row) > 1<<10 {
				continue
			}
			columns := newColumns(testCodec(t))
			for cut := range len(row) {
				if columns.add(row[:cut], texts) == nil {
					t.Errorf("%s cut to %d of %d bytes is a row", name, cut, len(row))
				}
			}
		}
	}
}

func testCodec(t testing.TB) *zstdCodec {
	codec, err := newCodec(1)
	check(t, err)
	return codec
}

// A number that no text has is damage.
func TestRowOfOthers(t *testing.T) {
	e := full(t)
	row := appendRow(nil, &e, newInterned(1<<20))
	if err := newColumns(testCodec(t)).add(row, newInterned(0)); err != errRow {
		t.Errorf("the error is %v", err)
	}
}

// The lake gives back what it was given, absent values and all.
func TestRoundTrip(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	cases := rowCases(t)
	for name, e := range cases {
		add(t, w, batch(name, []event.Event{e}), 1, 0)
	}
	check(t, w.Commit())
	got := read(t, l, Query{})
	for _, e := range got {
		want, ok := cases[e.EventID]
		if e.EventID == "value of EventID" {
			want, ok = cases["full"], true
		}
		if !ok || !reflect.DeepEqual(e, want) {
			t.Errorf("got %+v\nwant %+v", e, want)
		}
	}
	if len(got) != len(cases) {
		t.Errorf("%d events, want %d", len(got), len(cases))
	}
	for _, e := range read(t, l, Query{Light: true}) {
		if e.RequestParameters != "" || e.EventTime.IsZero() && e.EventID != "zero time" {
			t.Errorf("light event is %+v", e)
		}
		if e.EventID == "value of EventID" && e.IssuerARN != "value of IssuerARN" {
			t.Errorf("light event lacks columns: %+v", e)
		}
	}
}

// What is no UTF-8 is made so, in the event id too, where it still finds its
// duplicates in the file.
func TestNotUTF8(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	e := event.Event{AccountID: "a\xff", EventID: "id\xff", EventTime: start, UserAgent: "ok\xff\xfe.", Resources: []event.Resource{{ARN: "\xff"}}}
	add(t, w, batch("a", []event.Event{e}), 1, 0)
	check(t, w.Commit())
	check(t, w.Close())
	w = writer(t, l, WriterOptions{})
	add(t, w, batch("b", []event.Event{e}), 0, 1)
	want := event.Event{AccountID: "a\uFFFD", EventID: "id\uFFFD", EventTime: start, UserAgent: "ok\uFFFD.", Resources: []event.Resource{{ARN: "\uFFFD"}}}
	if got := read(t, l, Query{}); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v", got)
	}
}

// Each column of the schema is a field that rows know, each heavy one exists.
func TestColumns(t *testing.T) {
	known := map[string]bool{"event_time": true, "session_creation_date": true, "resources": true}
	n := columnNames()
	for _, name := range append(n.texts[:], n.flags[:]...) {
		if name == "" || known[name] {
			t.Errorf("column %q is unnamed or twice", name)
		}
		known[name] = true
	}
	for _, path := range parquet.SchemaOf(event.Event{}).Columns() {
		if !known[path[0]] {
			t.Errorf("no field of a row is column %s", path)
		}
	}
	for _, name := range heavy {
		if !known[name] {
			t.Errorf("heavy column %s does not exist", name)
		}
	}
}
