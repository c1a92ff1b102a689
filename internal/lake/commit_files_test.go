package lake

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// manyDays returns events of so many days, and one day with far more.
func manyDays(days int) (events []event.Event) {
	for _, e := range varied(one, 0, 40*days) {
		e.EventTime = start.Add(time.Duration(len(events)%days) * 24 * time.Hour)
		events = append(events, e)
	}
	for _, e := range varied(one, 40*days, 4000) {
		e.EventTime = start.Add(time.Duration(days+2) * 24 * time.Hour)
		events = append(events, e)
	}
	return events
}

// A commit is the same, byte for byte, whoever writes its files.
func TestCommitWorkers(t *testing.T) {
	const days = 40
	var want []File
	for _, c := range []WriterOptions{{Workers: 1}, {Workers: 2}, {Workers: 4}, {Workers: 9}, {Workers: 4, Memory: 900_000}} {
		l := create(t)
		w := writer(t, l, c)
		events := manyDays(days)
		add(t, w, batch("a", events), len(events), 0)
		if spilled := w.spilled.size > 0; spilled != (c.Memory > 0) {
			t.Fatalf("%+v: spilled is %v", c, spilled)
		}
		check(t, w.Commit())
		if n := len(w.more); c.Memory == 0 && n != min(c.Workers, mostAtOnce)-1 {
			t.Errorf("%+v: %d more tables", c, n)
		}
		check(t, w.Close())
		log, err := l.state()
		check(t, err)
		got := log.list()
		for i := range got {
			got[i].Path = partOf(got[i].Path).dir()
		}
		if want == nil {
			want = got
		}
		if len(got) != days+1 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v: got\n%v\nwant\n%v", c, got, want)
		}
	}
}

// Where one file cannot be written there is no commit, and nothing is left.
func TestCommitWorkersFail(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{Workers: 4})
	add(t, w, batch("a", manyDays(40)), 40*40+4000, 0)
	n, bad := 0, errors.New("disk full")
	w.step = func(step string) error {
		if n++; n == 17 {
			return bad
		}
		return nil
	}
	if err := w.Commit(); !errors.Is(err, bad) {
		t.Fatalf("got %v", err)
	}
	if n > 17+mostAtOnce {
		t.Errorf("%d files were written after all", n)
	}
	check(t, w.Close())
	if got := read(t, l, Query{}); len(got) != 0 {
		t.Errorf("%d events count", len(got))
	}
	if _, err := os.Stat(l.Dir() + "/events"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("files are left: %v", err)
	}
}
