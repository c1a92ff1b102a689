package lake

import (
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// status is a lake's, by objects, quarantined and events.
func wantStatus(t *testing.T, l *Lake, objects, quarantined, events int64) {
	t.Helper()
	s, err := l.Status()
	check(t, err)
	if s.Objects != objects || s.Quarantined != quarantined || s.Events != events {
		t.Errorf("%d objects, %d quarantined, %d events; want %d, %d, %d", s.Objects, s.Quarantined, s.Events, objects, quarantined, events)
	}
	if r, err := l.Verify(); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r.Problems, err)
	}
}

func whole(uri, version string) Quarantined {
	return Quarantined{Object: event.Object{URI: uri, Version: version}, Index: WholeObject, Reason: "not JSON"}
}

// of is a batch of an object.
func of(o event.Object, events []event.Event) *event.Batch {
	return &event.Batch{Object: o, Events: events}
}

// What is read again leaves the quarantine, the rest stays, and the counters
// are those of a lake that had read all of it at once.
func TestRetry(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	half := batch("half", sample(one, 0, 2))
	half.Rejected = []event.Rejected{{Index: 1, Reason: "no eventName", Record: `{"a":1}`}}
	add(t, w, half, 2, 0)
	check(t, w.Quarantine(whole("fixed", "1")))
	check(t, w.Quarantine(whole("unread", "unread")))
	check(t, w.Commit())
	check(t, w.Quarantine(whole("still", "1")))
	check(t, w.Quarantine(whole("elsewhere", "1")))
	check(t, w.Commit())
	check(t, w.Close())
	wantStatus(t, l, 5, 5, 2)

	w = writer(t, l, WriterOptions{})
	n, err := w.Retry()
	if err != nil || n != 5 {
		t.Fatalf("%d objects, %v", n, err)
	}
	for _, o := range []event.Object{half.Object, whole("fixed", "1").Object, whole("elsewhere", "1").Object} {
		if w.Known(o) {
			t.Errorf("%s is known", o.URI)
		}
	}
	add(t, w, of(whole("fixed", "1").Object, sample(one, 10, 3)), 3, 0)
	add(t, w, of(half.Object, sample(one, 0, 3)), 1, 2)
	unread := of(whole("unread", "real").Object, sample(one, 20, 1))
	add(t, w, unread, 1, 0)
	check(t, w.Quarantine(whole("still", "1")))
	check(t, w.Commit())
	wantStatus(t, l, 5, 2, 7)
	add(t, w, of(whole("elsewhere", "1").Object, sample(one, 30, 1)), 1, 0) // of the file that this run has written
	check(t, w.Commit())
	check(t, w.Close())
	wantStatus(t, l, 5, 1, 8)
	if names, _ := filepath.Glob(l.path("_quarantine/*.jsonl.gz")); len(names) != 1 {
		t.Errorf("quarantine files are %v", names)
	}
	w = writer(t, l, WriterOptions{})
	if !w.Known(whole("still", "1").Object) || !w.Known(unread.Object) {
		t.Error("what was read is not known any more")
	}
	check(t, w.Close())
}

// A run that reads none of it again changes nothing.
func TestRetryNothing(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	check(t, w.Quarantine(whole("a", "1")))
	check(t, w.Commit())
	_, err := w.Retry()
	check(t, err)
	add(t, w, batch("b", sample(one, 0, 1)), 1, 0)
	check(t, w.Commit())
	check(t, w.Close())
	wantStatus(t, l, 2, 1, 1)
	w = writer(t, l, WriterOptions{})
	if !w.Known(whole("a", "1").Object) {
		t.Error("it is forgotten")
	}
	check(t, w.Close())
}
