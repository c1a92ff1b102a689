package lake

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/event"
)

// long returns events whose user agents outgrow a dictionary, and whose other
// texts fill several pages.
func long(n int) []event.Event {
	events := varied(one, 0, n)
	for i := range events {
		e := &events[i]
		e.EventTime = start
		e.UserAgent = fmt.Sprintf("%08x %s", i*2654435761, strings.Repeat("agent ", 100))
		e.AccessKeyID = fmt.Sprintf("AKIA%d", i%(n/2))
		e.RequestParameters = strings.Repeat("é", i%100)
		for j := range i % 4 {
			e.Resources = append(e.Resources, event.Resource{ARN: e.UserAgent, AccountID: fmt.Sprint(j)})
		}
	}
	return events
}

// What a dictionary does not hold is in plain pages, and comes back all the same.
func TestDictionaryOutgrown(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	events := long(6000)
	add(t, w, batch("a", events), len(events), 0)
	check(t, w.Commit())
	want := map[string]event.Event{}
	for _, e := range events {
		want[e.EventID] = e
	}
	for _, e := range read(t, l, Query{}) {
		e := e
		if w := want[e.EventID]; e.UserAgent != w.UserAgent || e.AccessKeyID != w.AccessKeyID || e.RequestParameters != w.RequestParameters || fmt.Sprint(e.Resources) != fmt.Sprint(w.Resources) {
			t.Fatalf("got %+v\nwant %+v", e, w)
		}
		delete(want, e.EventID)
	}
	if len(want) != 0 {
		t.Errorf("%d events are missing", len(want))
	}
	encodings := map[string]bool{}
	f := tableOf(t, l)
	for _, c := range f.Metadata().RowGroups[0].Columns {
		if c.MetaData.PathInSchema[0] == "user_agent" {
			for _, s := range c.MetaData.EncodingStats {
				encodings[s.Encoding.String()] = true
			}
		}
	}
	if !encodings["RLE_DICTIONARY"] || !encodings["DELTA_LENGTH_BYTE_ARRAY"] {
		t.Errorf("user agents are in %v", encodings)
	}
}

// The bounds of each page hold its values, and the Bloom filters have theirs.
func TestPageIndex(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", long(6000)), 6000, 0)
	check(t, w.Commit())
	for _, c := range tableOf(t, l).RowGroups()[0].ColumnChunks() {
		index, err := c.ColumnIndex()
		check(t, err)
		pages, n, kind := c.Pages(), 0, c.Type()
		for ; ; n++ {
			page, err := pages.ReadPage()
			if err != nil {
				break
			}
			values := make([]parquet.Value, page.NumValues())
			page.Values().ReadValues(values)
			for _, v := range values {
				checkValue(t, c, index, n, v, kind)
			}
		}
		if n != index.NumPages() {
			t.Errorf("column %d has %d pages, its index %d", c.Column(), n, index.NumPages())
		}
		check(t, pages.Close())
	}
}

func checkValue(t *testing.T, c parquet.ColumnChunk, index parquet.ColumnIndex, page int, v parquet.Value, kind parquet.Type) {
	t.Helper()
	if v.IsNull() {
		return
	}
	if index.NullPage(page) || kind.Compare(v, index.MinValue(page)) < 0 || kind.Compare(v, index.MaxValue(page)) > 0 {
		t.Fatalf("column %d page %d: %q is not from %q to %q", c.Column(), page, v, index.MinValue(page), index.MaxValue(page))
	}
	if b := c.BloomFilter(); b != nil {
		if ok, err := b.Check(v); err != nil || !ok {
			t.Fatalf("column %d: the Bloom filter lacks %q: %v", c.Column(), v, err)
		}
	}
}

// tableOf opens the only file of l, with all that it says of itself.
func tableOf(t *testing.T, l *Lake) *parquet.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(l.Dir(), "events", "*", "*", "*.parquet"))
	check(t, err)
	if len(names) != 1 {
		t.Fatalf("the lake has files %q", names)
	}
	data, err := os.ReadFile(names[0])
	check(t, err)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	check(t, err)
	return f
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		text, low, high string
		cut             bool
	}{
		{"short", "short", "short", false},
		{"sixteen bytes ok", "sixteen bytes ok", "sixteen bytes ok", false},
		{"sixteen bytes and more", "sixteen bytes an", "sixteen bytes ao", false},
		{"fifteen bytes..é", "fifteen bytes..", "fifteen bytes./", false},
		{"\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f", "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f",
			"\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f", false},
		{"{", "{", "|", true},
		{"\xc3", "\xc3", "\xff", true},
	} {
		if low, high := lowerBound([]byte(c.text)), upperBound([]byte(c.text), c.cut); string(low) != c.low || string(high) != c.high {
			t.Errorf("%q is from %q to %q, want %q to %q", c.text, low, high, c.low, c.high)
		}
	}
}

// Each file has a dictionary of its own, though the rows of a commit share
// their numbers.
func TestDictionaryOfEachFile(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	agents := []string{"a", "b", "c"}
	for n, account := range []string{one, two} {
		events := sample(account, 0, 3)
		for i := range events {
			events[i].EventTime, events[i].EventID = start, fmt.Sprint(i)
			events[i].UserAgent = agents[(i+n)%3]
		}
		add(t, w, batch(account, events), 3, 0)
	}
	check(t, w.Commit())
	var got []string
	for _, e := range read(t, l, Query{}) {
		got = append(got, fmt.Sprintf("%t %s %s", e.AccountID == two, e.EventID, e.UserAgent))
	}
	slices.Sort(got)
	if want := "[false 0 a false 1 b false 2 c true 0 b true 1 c true 2 a]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
