package lake

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

const one, two = "111122223333", "444455556666"

// options are the ways to write that must all give the same lake: all in
// memory, all spilled, and with no room to remember keys.
var options = map[string]WriterOptions{
	"roomy":   {},
	"spilled": {Memory: 1},
	"evicted": {Memory: 30_000, Keys: 10},
}

func TestDuplicates(t *testing.T) {
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, o)
			events := sample(one, 0, 300)
			twice := append(slices.Clone(events[:100]), events[:50]...)
			add(t, w, batch("within a batch", twice), 100, 50)
			add(t, w, batch("across batches", events[90:200]), 100, 10)
			add(t, w, batch("other account", sample(two, 0, 80)), 80, 0)
			check(t, w.Commit())
			add(t, w, batch("across commits", events[150:250]), 50, 50)
			add(t, w, batch("other account again", sample(two, 0, 80)), 0, 80)
			check(t, w.Commit())
			check(t, w.Close())
			w = writer(t, l, o)
			add(t, w, batch("across runs", events), 50, 250)
			add(t, w, batch("across runs again", events), 0, 300)
			check(t, w.Commit())
			check(t, w.Close())
			wantIDs(t, l, 380)
		})
	}
}

// An event that comes again with another time, across midnight, is still the
// same; two days apart the lake does not see it.
func TestDuplicateOfAnotherDay(t *testing.T) {
	moved := func(by time.Duration) []event.Event {
		events := sample(one, 0, 5)
		for i := range events {
			events[i].EventTime = events[i].EventTime.Add(by)
		}
		return events
	}
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, o)
			add(t, w, batch("first", moved(0)), 5, 0)
			add(t, w, batch("an hour later", moved(time.Hour)), 0, 5)
			add(t, w, batch("the day before", moved(-24*time.Hour)), 0, 5)
			check(t, w.Commit())
			add(t, w, batch("after a commit", moved(time.Hour)), 0, 5)
			check(t, w.Close())
			w = writer(t, l, o)
			add(t, w, batch("in a new run", moved(time.Hour)), 0, 5)
			add(t, w, batch("other account", sample(two, 0, 5)), 5, 0)
			check(t, w.Commit())
			wantIDs(t, l, 10)
			add(t, w, batch("two days later", moved(48*time.Hour)), 5, 0)
		})
	}
}

// Each commit adds one file a partition, sorted, however little memory it has.
func TestFewSortedFiles(t *testing.T) {
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, o)
			for i := range 40 { // backwards, so that nothing is sorted by chance
				add(t, w, batch(fmt.Sprint(i), sample(one, (39-i)*10, 10)), 10, 0)
				add(t, w, batch(fmt.Sprint("b", i), sample(two, (39-i)*10, 10)), 10, 0)
			}
			check(t, w.Commit())
			s, err := l.Status()
			check(t, err)
			if s.Files != 4 || s.Events != 800 { // two accounts, two days
				t.Errorf("%d files of %d events", s.Files, s.Events)
			}
			got := read(t, l, Query{})
			if !slices.IsSortedFunc(got, func(a, b event.Event) int {
				return strings.Compare(a.AccountID+a.EventTime.Format(time.RFC3339), b.AccountID+b.EventTime.Format(time.RFC3339))
			}) {
				t.Error("events are not sorted by account and time")
			}
			if !reflect.DeepEqual(got, append(sample(one, 0, 400), sample(two, 0, 400)...)) {
				t.Error("events differ from those added")
			}
		})
	}
}

// The same input gives the same bytes, however it was held meanwhile.
func TestDeterministic(t *testing.T) {
	var first []string
	for name, o := range options {
		l := create(t)
		w := writer(t, l, o)
		for i := range 30 {
			_, _, err := w.Add(batch(fmt.Sprint(i), sample(one, i*7, 10)))
			check(t, err)
		}
		check(t, w.Quarantine(Quarantined{Object: event.Object{URI: "x"}, Index: WholeObject, Reason: "no"}))
		check(t, w.Commit())
		check(t, w.Close())
		var sums []string
		check(t, l.walk("", func(rel string) error {
			f, err := l.store.open(rel)
			check(t, err)
			defer f.Close()
			sum, err := checksum(f)
			sums = append(sums, rel+" "+sum)
			return err
		}))
		if first == nil {
			first = sums
		}
		if !slices.Equal(first, sums) {
			t.Errorf("%s:\n%s\nnot\n%s", name, strings.Join(sums, "\n"), strings.Join(first, "\n"))
		}
	}
}

func TestKnown(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	b := batch("a", sample(one, 0, 3))
	bad := event.Object{URI: "s3://bucket/bad", Size: 3, Version: "1"}
	other := b.Object
	other.Version = "2"
	want := func(stage string, a, q bool) {
		t.Helper()
		if w.Known(b.Object) != a || w.Known(bad) != q || w.Known(other) {
			t.Errorf("%s: object known %v, quarantined known %v, new version known %v", stage, w.Known(b.Object), w.Known(bad), w.Known(other))
		}
	}
	want("at first", false, false)
	add(t, w, b, 3, 0)
	check(t, w.Quarantine(Quarantined{Object: bad, Index: WholeObject, Reason: "gzip stream ends early"}))
	want("pending", true, true)
	check(t, w.Close())
	w = writer(t, l, WriterOptions{})
	want("dropped", false, false)
	wantIDs(t, l, 0)
	add(t, w, b, 3, 0)
	check(t, w.Quarantine(Quarantined{Object: bad, Index: WholeObject, Reason: "gzip stream ends early"}))
	check(t, w.Commit())
	want("committed", true, true)
	check(t, w.Close())
	w = writer(t, l, WriterOptions{})
	want("reopened", true, true)
}

func TestQuarantine(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	b := batch("a", sample(one, 0, 2))
	b.Rejected = []event.Rejected{{Index: 1, Reason: "no eventName", Record: `{"a":1}`}}
	add(t, w, b, 2, 0)
	// A caller that says it again changes nothing.
	check(t, w.Quarantine(Quarantined{b.Object, 1, "no eventName", `{"a":1}`}))
	check(t, w.Quarantine(Quarantined{Object: event.Object{URI: "bad"}, Index: WholeObject, Reason: "not JSON"}))
	check(t, w.Commit())
	check(t, w.Quarantine(Quarantined{Object: event.Object{URI: "worse"}, Index: WholeObject, Reason: "not JSON"}))
	check(t, w.Commit())
	s, err := l.Status()
	check(t, err)
	if s.Quarantined != 3 || s.Objects != 3 || s.Events != 2 {
		t.Errorf("status is %+v", s)
	}
	wantIDs(t, l, 2)
	var refs []quarantineRef
	check(t, entries(l, func(_ int64, e *entry) error { refs = append(refs, e.Quarantined...); return nil }))
	want := []quarantineRef{{b.Object.URI, 1, "no eventName"}, {"bad", -1, "not JSON"}, {"worse", -1, "not JSON"}}
	if !slices.Equal(refs, want) {
		t.Errorf("the log quarantines %v, want %v", refs, want)
	}
	if names, _ := filepath.Glob(l.path("_quarantine/*.jsonl.gz")); len(names) != 2 {
		t.Errorf("quarantine files are %v", names)
	}
}

func TestNothingToCommit(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	check(t, w.Commit())
	if n, err := l.last(); n != 0 || err != nil {
		t.Errorf("%d entries, %v", n, err)
	}
}

func TestClosedWriter(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(one, 0, 5)), 5, 0)
	check(t, w.Commit())
	check(t, w.Close())
	check(t, w.Close())
	if _, _, err := w.Add(batch("b", sample(one, 5, 5))); err == nil {
		t.Error("a closed writer adds")
	}
	if err := w.Commit(); err == nil {
		t.Error("a closed writer commits")
	}
	check(t, writer(t, l, WriterOptions{}).Close())
}

func TestEventWithoutID(t *testing.T) {
	w := writer(t, create(t), WriterOptions{})
	events := sample(one, 0, 2)
	events[1].EventID = ""
	if _, _, err := w.Add(batch("a", events)); err == nil || !strings.Contains(err.Error(), "event 1 of s3://bucket/a") {
		t.Errorf("error is %v", err)
	}
	if err := w.Commit(); err == nil {
		t.Error("half of an object was committed")
	}
}

// No account name leaves the lake, and each comes back as it was.
func TestAccounts(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	names := []string{"", "unknown", one, "../../../../tmp/x", "..", ".", "/", "a/b", `a\b`, "a=b", "a%2Fb", "a b", "日本", "\x00", "12345678901\n", "../../../x/y", strings.Repeat("9", 300), strings.Repeat("/", 60)}
	for i, name := range names {
		events := sample(name, i, 1)
		events[0].EventID = "same"
		want := 1
		if name == "unknown" { // as the empty one
			want = 0
		}
		add(t, w, batch(fmt.Sprint(i), events), want, 1-want)
	}
	check(t, w.Commit())
	check(t, w.Close())
	wantIDs(t, l, len(names)-1)
	got := map[string]bool{}
	for _, e := range read(t, l, Query{}) {
		got[e.AccountID] = true
	}
	for _, name := range names {
		if !got[accountOf(name)] || len(name) <= 64 && name != "" && accountOf(name) != name {
			t.Errorf("account %q is not there", name)
		}
	}
	parent, err := os.ReadDir(filepath.Dir(l.Dir()))
	check(t, err)
	dirs, _ := filepath.Glob(l.path("events/account_id=*/event_date=*/*.parquet"))
	if len(parent) != 1 || len(dirs) != len(names)-1 {
		t.Errorf("beside the lake is %v, %d files in it", parent, len(dirs))
	}
}

// Nothing in a lake is for other users: what a commit, a compaction, a
// checkpoint, a second writer and a snapshot leave.
func TestModes(t *testing.T) {
	l := aged(t)
	w, beside := writer(t, l, WriterOptions{}), writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(one, 0, 100)), 36, 64)
	check(t, w.Quarantine(Quarantined{Object: event.Object{URI: "bad"}, Index: WholeObject, Reason: "not JSON"}))
	check(t, w.Commit())
	check(t, beside.Close())
	check(t, w.Close())
	_, err := l.Compact(t.Context())
	check(t, err)
	check(t, l.SaveState(one, start, []byte("{}")))
	check(t, filepath.WalkDir(l.Dir(), func(name string, d os.DirEntry, err error) error {
		check(t, err)
		info, err := d.Info()
		check(t, err)
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		return nil
	}))
	if _, err := os.Stat(l.path("_log/tmp")); err == nil {
		t.Error("the stage is left over")
	}
}
