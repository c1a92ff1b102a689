package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// scattered makes a lake of many small files whose times interleave.
func scattered(t testing.TB, commits int) *Lake {
	t.Helper()
	l := create(t)
	w := writer(t, l, WriterOptions{})
	for i := range commits {
		var events []event.Event
		for j := range 10 {
			events = append(events, sample(one, j*commits+i, 1)...)
			events = append(events, sample(two, j*commits+i, 1)...)
		}
		add(t, w, batch(fmt.Sprint(i), events), 20, 0)
		check(t, w.Commit())
	}
	check(t, w.Close())
	return l
}

func TestCompact(t *testing.T) {
	l := scattered(t, 6)
	before := read(t, l, Query{})
	if !reflect.DeepEqual(before, append(sample(one, 0, 60), sample(two, 0, 60)...)) {
		t.Error("the rows of interleaved files are not sorted")
	}
	r, err := l.Compact(t.Context())
	check(t, err)
	if r.Schema != "trimtrail.compact/1" || r.Partitions != 2 || r.FilesBefore != 12 || r.FilesAfter != 2 || r.BytesAfter >= r.BytesBefore {
		t.Errorf("report is %+v", r)
	}
	if after := read(t, l, Query{}); !reflect.DeepEqual(after, before) {
		t.Error("the rows changed")
	}
	wantIDs(t, l, 120)
	s, err := l.Status()
	check(t, err)
	if s.Objects != 6 {
		t.Errorf("%d objects are known", s.Objects)
	}
	n, err := l.last()
	check(t, err)
	r, err = l.Compact(t.Context())
	check(t, err)
	if again, _ := l.last(); again != n || r.Partitions != 0 || r.FilesAfter != 2 {
		t.Errorf("compacted again: %d entries after %d, %+v", again, n, r)
	}
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("again", sample(one, 0, 60)), 0, 60)
	if !w.Known(batch("0", sample(one, 0, 20)).Object) {
		t.Error("an object was forgotten")
	}
}

// More files than are merged at once.
func TestCompactMany(t *testing.T) {
	l := create(t)
	const n = 2*fanIn + 5
	for i := range n { // writers of their own, so that none tidies
		w := writer(t, l, WriterOptions{})
		_, _, err := w.Add(batch(fmt.Sprint(i), sample(one, i, 1)))
		check(t, err)
		w.mu.Lock()
		e, files, err := w.prepare(w.dirty())
		check(t, err)
		check(t, w.publish(files))
		_, err = w.offer(e)
		check(t, err)
		w.mu.Unlock()
		check(t, w.Close())
	}
	r, err := l.Compact(t.Context())
	check(t, err)
	if r.FilesBefore != n || r.FilesAfter != 1 {
		t.Errorf("report is %+v", r)
	}
	wantIDs(t, l, n)
}

// A partition does not collect files while it is written.
func TestTidy(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{Keys: 1})
	for i := range 40 {
		add(t, w, batch(fmt.Sprint(i), sample(one, i, 1)), 1, 0)
		check(t, w.Commit())
		s, err := l.Status()
		check(t, err)
		if s.Files > manyFiles {
			t.Fatalf("%d files after commit %d", s.Files, i+1)
		}
	}
	add(t, w, batch("other", sample(two, 0, 1)), 1, 0) // evicts the keys
	add(t, w, batch("again", sample(one, 0, 41)), 1, 40)
	check(t, w.Commit())
	wantIDs(t, l, 42)
}

// A large file beside small ones is not rewritten each time.
func TestWorthwhile(t *testing.T) {
	sizes := func(sizes ...int64) (files []File) {
		for i, n := range sizes {
			files = append(files, File{Path: fmt.Sprintf("events/a/b/%02d", i), Bytes: n})
		}
		return files
	}
	tests := map[string]struct {
		files []File
		want  int
	}{
		"few":                {sizes(1, 1, 1, 1, 1, 1, 1, 1), 0},
		"small":              {sizes(1, 1, 1, 1, 1, 1, 1, 1, 1), 9},
		"one large":          {sizes(100, 1, 1, 1, 1, 1, 1, 1, 1), 8},
		"one not that large": {sizes(30, 1, 1, 1, 1, 1, 1, 1, 1), 9},
		"one full":           {sizes(fileLimit/2, 9<<20, 9<<20, 9<<20, 9<<20, 9<<20, 9<<20, 9<<20, 9<<20), 8},
		"all full":           {sizes(fileLimit, fileLimit, fileLimit, fileLimit, fileLimit, fileLimit, fileLimit, fileLimit, fileLimit), 0},
	}
	for name, test := range tests {
		if got := len(worthwhile(test.files)); got != test.want {
			t.Errorf("%s: %d files are merged, want %d", name, got, test.want)
		}
	}
}

// A reader that is under way when its files are replaced reads on.
func TestReadWhileCompacting(t *testing.T) {
	l := scattered(t, 6)
	want := read(t, l, Query{})
	for _, at := range []int{0, 1, 30, 59, 60, 90} {
		l := scattered(t, 6)
		var got []event.Event
		for e, err := range l.Events(t.Context(), Query{}) {
			check(t, err)
			if len(got) == at {
				_, err := l.Compact(t.Context())
				check(t, err)
			}
			got = append(got, *e)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("compacted at row %d a reader gets %d rows, not the same", at, len(got))
		}
	}
}

// The same in a bucket, where an opened object does not stay.
func TestReadBucketWhileCompacting(t *testing.T) {
	b := newMemoryBucket()
	l := b.lake(t)
	for i := range 4 {
		w := writer(t, l, WriterOptions{})
		var events []event.Event
		for j := range 60 {
			events = append(events, sample(one, j*4+i, 1)...)
		}
		add(t, w, batch(fmt.Sprint(i), events), 60, 0)
		check(t, w.Commit())
		check(t, w.Close())
	}
	want := read(t, l, Query{})
	var got []event.Event
	for e, err := range l.Events(t.Context(), Query{}) {
		check(t, err)
		if len(got) == 10 {
			_, err := l.Compact(t.Context())
			check(t, err)
		}
		got = append(got, *e)
	}
	if len(want) != 240 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// A file that the log names and that is gone is an error, not an empty lake.
func TestMissingFile(t *testing.T) {
	l := scattered(t, 2)
	files, err := l.files()
	check(t, err)
	check(t, os.Remove(l.path(files[1].Path)))
	failed := false
	for _, err := range l.Events(t.Context(), Query{}) {
		failed = failed || err != nil
	}
	if !failed {
		t.Error("a missing file is not told")
	}
	if _, err := l.Compact(t.Context()); err == nil {
		t.Error("it was compacted away")
	}
}

// At each step of a compaction the lake is copied, as a machine that dies
// there leaves it: a reader of the copy sees all rows once, and so does a
// plain glob after the next writer.
func TestCrashInCompaction(t *testing.T) {
	l := scattered(t, 4)
	c, err := l.committer(l.state)
	check(t, err)
	var copies []string
	c.step = func(step string) error {
		to := filepath.Join(t.TempDir(), fmt.Sprintf("%02d %s", len(copies), step))
		copies = append(copies, to)
		return os.CopyFS(to, os.DirFS(l.Dir()))
	}
	_, err = c.rewrite(t.Context(), c.log.due(), c.skim)
	check(t, errors.Join(err, c.close()))
	wantIDs(t, l, 80)
	if len(copies) != 2+2+3 {
		t.Errorf("%d steps", len(copies))
	}
	for _, dir := range copies {
		copied, err := Open(dir)
		check(t, err)
		if n := len(read(t, copied, Query{})); n != 80 {
			t.Errorf("%s: a reader sees %d rows", filepath.Base(dir), n)
		}
		check(t, writer(t, copied, WriterOptions{}).Close())
		wantIDs(t, copied, 80)
		_, err = copied.Compact(t.Context())
		check(t, err)
		wantIDs(t, copied, 80)
		if s, err := copied.Status(); err != nil || s.Files != 2 {
			t.Errorf("%s: %d files, %v", filepath.Base(dir), s.Files, err)
		}
	}
}

// Two compactions of the same files: one wins, nothing is there twice; a
// commit in between is kept.
func TestCompactionsAtOnce(t *testing.T) {
	l := scattered(t, 4)
	first, err := l.committer(l.state)
	check(t, err)
	second, err := l.committer(l.state)
	check(t, err)
	first.step = func(step string) error {
		if step != "entry staged" {
			return nil
		}
		first.step = nil
		w := writer(t, l, WriterOptions{})
		add(t, w, batch("between", sample(one, 0, 50)), 10, 40)
		check(t, w.Commit())
		check(t, w.Close())
		_, err := second.rewrite(context.Background(), second.log.due(), second.skim)
		return err
	}
	_, err = first.rewrite(t.Context(), first.log.due(), first.skim)
	check(t, errors.Join(err, first.close(), second.close()))
	wantIDs(t, l, 90)
	if s, err := l.Status(); err != nil || s.Files != 3 {
		t.Errorf("%d files, %v", s.Files, err)
	}
}

// A file was compacted away between a writer's start and its first look.
func TestWriterAfterCompaction(t *testing.T) {
	l := scattered(t, 4)
	w := writer(t, l, WriterOptions{})
	other := writer(t, l, WriterOptions{})
	add(t, other, batch("other", sample(one, 40, 10)), 10, 0)
	check(t, other.Commit())
	_, err := l.Compact(t.Context())
	check(t, err)
	add(t, w, batch("a", sample(one, 0, 60)), 10, 50)
	check(t, w.Commit())
	wantIDs(t, l, 100)
}

func TestPrune(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	b := batch("a", sample(one, 0, 120)) // an hour on each side of midnight
	b.Rejected = []event.Rejected{{Index: 120, Reason: "no", Record: "{}"}}
	add(t, w, b, 120, 0)
	check(t, w.Commit())
	check(t, w.Close())
	midnight := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		before                    time.Time
		dry                       bool
		files, events, quarantine int64
		left                      int
	}{
		{midnight.Add(-time.Second), false, 0, 0, 0, 120},
		{midnight.Add(5 * time.Hour), true, 1, 60, 0, 120},
		{midnight.Add(5 * time.Hour), false, 1, 60, 0, 60},
		{midnight, false, 0, 0, 0, 60},
		{midnight.AddDate(0, 0, 1), true, 1, 60, 1, 60},
		{midnight.AddDate(0, 0, 1), false, 1, 60, 1, 0},
	} {
		r, err := l.Prune(test.before, test.dry)
		check(t, err)
		if r.Files != test.files || r.Events != test.events || r.QuarantineFiles != test.quarantine || r.DryRun != test.dry || r.Partitions != test.files {
			t.Errorf("before %v: %+v, want %+v", test.before, r, test)
		}
		wantIDs(t, l, test.left)
	}
	if dirs, _ := filepath.Glob(l.path("events/*")); len(dirs) != 0 {
		t.Errorf("directories are left: %v", dirs)
	}
	w = writer(t, l, WriterOptions{})
	if !w.Known(b.Object) {
		t.Error("the object is not known any more")
	}
	add(t, w, batch("late", sample(one, 0, 3)), 3, 0)
	check(t, w.Commit())
	wantIDs(t, l, 3)
}
