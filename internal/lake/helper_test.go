package lake

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

var start = time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)

// sample returns n events of one account with the ids from first on, a minute
// apart, so that they cross midnight.
func sample(account string, first, n int) []event.Event {
	events := make([]event.Event, n)
	for i := range events {
		id := first + i
		events[i] = event.Event{
			AccountID: account, EventID: fmt.Sprintf("%08x-0000-4000-8000-%012x", id*2654435761%(1<<32), id),
			EventTime:   start.Add(time.Duration(id) * time.Minute),
			EventSource: "s3.amazonaws.com", EventName: "GetObject", AWSRegion: "eu-central-1",
			IdentityARN:       "arn:aws:iam::" + account + ":user/ana",
			AccessKeyID:       "AKIAIOSFODNN7EXAMPLE",
			SourceIPAddress:   "192.0.2.7",
			RequestParameters: fmt.Sprintf(`{"bucketName":"b","key":"k%d"}`, id),
		}
	}
	return events
}

// batch wraps events as the content of an object.
func batch(name string, events []event.Event) *event.Batch {
	return &event.Batch{Object: event.Object{URI: "s3://bucket/" + name, Size: int64(len(events)), Version: "1"}, Events: events}
}

func create(t testing.TB) *Lake {
	t.Helper()
	l, err := Create(filepath.Join(t.TempDir(), "lake"))
	check(t, err)
	return l
}

func writer(t testing.TB, l *Lake, o WriterOptions) *Writer {
	t.Helper()
	w, err := l.Writer(o)
	check(t, err)
	t.Cleanup(func() { w.Close() })
	return w
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add adds b and fails unless it has these counts.
func add(t testing.TB, w *Writer, b *event.Batch, added, duplicates int) {
	t.Helper()
	a, d, err := w.Add(b)
	check(t, err)
	if a != added || d != duplicates {
		t.Errorf("%s: %d added, %d duplicates, want %d and %d", b.Object.URI, a, d, added, duplicates)
	}
}

// read returns copies of the events that q asks for.
func read(t testing.TB, l *Lake, q Query) []event.Event {
	t.Helper()
	var all []event.Event
	for e, err := range l.Events(context.Background(), q) {
		check(t, err)
		all = append(all, *e)
	}
	return all
}

// wantIDs fails unless the lake has n distinct events, each once, by its log
// and by a plain look at the disk, and verifies.
func wantIDs(t testing.TB, l *Lake, n int) {
	t.Helper()
	ids := map[event.Key]int{}
	for e, err := range l.Events(context.Background(), Query{Light: true}) {
		check(t, err)
		ids[e.Key()]++
	}
	rows := 0
	files, err := filepath.Glob(filepath.Join(l.Dir(), "events", "*", "*", "*.parquet"))
	check(t, err)
	for _, f := range files {
		check(t, idsOf(f, func([]byte) { rows++ }))
	}
	s, err := l.Status()
	check(t, err)
	if len(ids) != n || rows != n || s.Events != int64(n) {
		t.Errorf("%d distinct events, %d rows on disk, %d in the log, want %d", len(ids), rows, s.Events, n)
	}
	for k, c := range ids {
		if c != 1 {
			t.Errorf("event %x is there %d times", k, c)
		}
	}
	r, err := l.Verify()
	check(t, err)
	if !r.OK() {
		t.Errorf("verify: %v", r.Problems)
	}
}

// path and entryName are where a file and an entry of a lake on a disk are.
func (l *Lake) path(rel string) string { return l.store.(disk).path(rel) }

func (l *Lake) entryName(n int64) string { return l.path(entryPath(n)) }

func (l *Lake) walk(dir string, each func(rel string) error) error {
	return l.store.list(dir, func(name string, _ int64) error { return each(name) })
}

// idsOf calls each with the event ids of a file on a disk.
func idsOf(name string, each func([]byte)) error {
	f, err := openLocal(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return eventIDs(f, each)
}
