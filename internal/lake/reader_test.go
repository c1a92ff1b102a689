package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestQuery(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	first, second := sample(one, 0, 120), sample(two, 0, 120)
	for i := range second {
		if i%2 == 0 {
			second[i].IdentityARN = "arn:aws:sts::444455556666:assumed-role/ci/run"
			second[i].IssuerARN = "arn:aws:iam::444455556666:role/ci"
		}
	}
	add(t, w, batch("a", first), 120, 0)
	check(t, w.Commit())
	add(t, w, batch("b", second), 120, 0)
	check(t, w.Commit())
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	tests := map[string]struct {
		query Query
		want  int
	}{
		"all":            {Query{}, 240},
		"from":           {Query{From: at(100)}, 40},
		"to":             {Query{To: at(100)}, 200},
		"half open":      {Query{From: at(10), To: at(11)}, 2},
		"empty span":     {Query{From: at(10), To: at(10)}, 0},
		"later":          {Query{From: at(1000)}, 0},
		"one account":    {Query{Accounts: []string{one}}, 120},
		"both accounts":  {Query{Accounts: []string{two, one}}, 240},
		"other account":  {Query{Accounts: []string{"999999999999"}}, 0},
		"user":           {Query{Principals: []string{"arn:aws:iam::111122223333:user/ana"}}, 120},
		"issuer":         {Query{Principals: []string{"arn:aws:iam::444455556666:role/ci"}}, 60},
		"session":        {Query{Principals: []string{"arn:aws:sts::444455556666:assumed-role/ci/run"}}, 60},
		"nobody":         {Query{Principals: []string{"arn:aws:iam::111122223333:user/an"}}, 0},
		"all of it":      {Query{From: at(20), To: at(40), Accounts: []string{two}, Principals: []string{"arn:aws:iam::444455556666:role/ci"}}, 10},
		"light and late": {Query{From: at(100), Light: true}, 40},
	}
	for name, test := range tests {
		if got := len(read(t, l, test.query)); got != test.want {
			t.Errorf("%s: %d events, want %d", name, got, test.want)
		}
	}
}

// What the query leaves out by account, date or row group is not read at all.
func TestPruning(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(one, 0, 120)), 120, 0)
	add(t, w, batch("b", sample(two, 0, 120)), 120, 0)
	check(t, w.Commit())
	files, err := l.files()
	check(t, err)
	for _, f := range files { // all but one are ruined
		if f.AccountID != two || f.Date != "2026-02-01" {
			check(t, flip(l.path(f.Path), int(f.Bytes)-1))
		}
	}
	midnight := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if got := len(read(t, l, Query{Accounts: []string{two}, From: midnight})); got != 60 {
		t.Errorf("%d events, want 60", got)
	}
	for _, err := range l.Events(t.Context(), Query{Accounts: []string{two}, From: midnight.Add(-time.Minute)}) {
		if err == nil {
			t.Error("the ruined file reads")
		}
	}
}

func TestStopAndCancel(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(one, 0, 1000)), 1000, 0)
	check(t, w.Commit())
	n := 0
	for _, err := range l.Events(t.Context(), Query{}) {
		check(t, err)
		if n++; n == 3 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n = 0
	for _, err := range l.Events(ctx, Query{}) {
		if last = err; err == nil {
			n++
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n == 0 || n > readBatch {
		t.Errorf("%d events, then %v", n, last)
	}
}

// A reader sees what is committed and nothing else, while a writer works.
func TestReadWhileWriting(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{Memory: 1})
	add(t, w, batch("a", sample(one, 0, 50)), 50, 0)
	check(t, w.Commit())
	add(t, w, batch("b", sample(one, 50, 50)), 50, 0)
	w.step = func(step string) error {
		want := 50
		if step == "logged" || step == "settled" {
			want = 100
		}
		if got := len(read(t, l, Query{})); got != want {
			return fmt.Errorf("at %q a reader sees %d events, want %d", step, got, want)
		}
		return nil
	}
	check(t, w.Commit())
}

// Many row groups, pages that end anywhere, dictionaries that overflow, lists
// of any length, columns that come and go: all comes back.
func TestLarge(t *testing.T) {
	const n = 2*rowsPerGroup + 1000
	l := create(t)
	w := writer(t, l, WriterOptions{Memory: 8 << 20})
	events := varied(one, 0, n)
	for i := range events {
		e := &events[i]
		e.EventTime = start.Truncate(24 * time.Hour).Add(time.Duration(i) * time.Second / 2)
		e.ErrorMessage = fmt.Sprintf("User: %0100d is not authorized", i) // beyond dictionaryBytes
		if i%3 == 0 {
			e.ErrorMessage = ""
		}
		for j := range i % 4 {
			e.Resources = append(e.Resources, event.Resource{ARN: fmt.Sprint("arn:", i, j), Type: [...]string{"", "AWS::S3::Object"}[j%2]})
		}
		if i > rowsPerGroup && i < 2*rowsPerGroup { // within the second row group only
			e.SharedEventID, e.MFAAuthenticated = fmt.Sprint("shared ", i), &no
		}
	}
	want := map[string]*event.Event{}
	for i := range events {
		want[events[i].EventID] = &events[i]
	}
	add(t, w, batch("a", events), n, 0)
	check(t, w.Commit())
	files, err := l.files()
	check(t, err)
	if len(files) != 1 {
		t.Fatalf("%d files", len(files))
	}
	seen := map[string]bool{}
	for e, err := range l.Events(t.Context(), Query{}) {
		check(t, err)
		if w := want[e.EventID]; w == nil || !same(e, w) {
			t.Fatalf("got %+v\nwant %+v", e, w)
		}
		seen[e.EventID] = true
	}
	if len(seen) != n {
		t.Errorf("%d of %d events", len(seen), n)
	}
	late := slices.Collect(maps.Keys(seen))[:0]
	for e, err := range l.Events(t.Context(), Query{From: events[n-10].EventTime}) {
		check(t, err)
		late = append(late, e.EventID)
	}
	if len(late) != 10 {
		t.Errorf("%d events from the last row group, want 10", len(late))
	}
}

// same is reflect.DeepEqual, fast enough for many.
func same(a, b *event.Event) bool {
	x, y := texts(a), texts(b)
	for i := range x {
		if *x[i] != *y[i] {
			return false
		}
	}
	f, g := flags(a), flags(b)
	for i := range f {
		if (*f[i] == nil) != (*g[i] == nil) || *f[i] != nil && **f[i] != **g[i] {
			return false
		}
	}
	return a.AccountID == b.AccountID && a.EventTime.Equal(b.EventTime) && slices.Equal(a.Resources, b.Resources)
}
