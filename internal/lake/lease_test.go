package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"
)

// leases makes leases on one lake under a clock of the test's.
type leases struct {
	lake *Lake
	now  time.Time
}

func (x *leases) take(host string, gone func(Owner) bool) (*Lease, error) {
	return x.lake.Lease(LeaseRequest{Name: "run", Owner: Owner{Host: host, PID: 7}, Gone: gone, Now: func() time.Time { return x.now }})
}

func newLeases(t *testing.T) *leases {
	t.Helper()
	l, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &leases{l, time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC)}
}

func TestLease(t *testing.T) {
	x := newLeases(t)
	a, err := x.take("a", nil)
	if err != nil || a.Broken != nil {
		t.Fatal(a, err)
	}
	x.now = x.now.Add(9 * time.Minute)
	var held *HeldError
	if _, err := x.take("b", nil); !errors.As(err, &held) || held.Owner.Host != "a" || held.Age != 9*time.Minute {
		t.Fatalf("b: %v", err)
	}
	if err := a.Renew(); err != nil {
		t.Fatal(err)
	}
	x.now = x.now.Add(9 * time.Minute)
	if _, err := x.take("b", nil); !errors.As(err, &held) || held.Age != 18*time.Minute || held.Quiet != 9*time.Minute {
		t.Fatalf("b after a renewed: %v", err)
	}
	if err := a.Release(); err != nil {
		t.Fatal(err)
	}
	b, err := x.take("b", nil)
	if err != nil || b.Broken != nil {
		t.Fatalf("b after a gave back: %v", err)
	}
	names, err := x.lake.Documents("_run/lock/run")
	if err != nil || len(names) != 1 {
		t.Errorf("files of the lock: %v %v", names, err)
	}
}

// A lease that was not renewed is taken over, and its old holder learns of it.
func TestLeaseOfTheDead(t *testing.T) {
	x := newLeases(t)
	a, err := x.take("a", nil)
	if err != nil {
		t.Fatal(err)
	}
	x.now = x.now.Add(LeaseDead + time.Second)
	b, err := x.take("b", nil)
	if err != nil || b.Broken == nil || b.Broken.Host != "a" || !strings.Contains(b.Rule, "10m1s") {
		t.Fatalf("%+v %v", b, err)
	}
	for name, do := range map[string]func() error{"renew": a.Renew, "release": a.Release} {
		if err := do(); !errors.Is(err, ErrLeaseLost) {
			t.Errorf("%s of the dead: %v", name, err)
		}
	}
	if err := b.Renew(); err != nil {
		t.Error(err)
	}
	c, err := x.take("c", func(o Owner) bool { return o.Host == "b" })
	if err != nil || c.Rule != "that process is gone" {
		t.Errorf("c: %+v %v", c, err)
	}
}

// Of many that try at once, also over a dead one's lease, one gets it.
func TestLeaseRace(t *testing.T) {
	for round := range 20 {
		x := newLeases(t)
		if round%2 == 1 {
			if _, err := x.take("dead", nil); err != nil {
				t.Fatal(err)
			}
			x.now = x.now.Add(time.Hour)
		}
		var mu sync.Mutex
		var got []*Lease
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				l, err := x.take(fmt.Sprint(i), nil)
				var held *HeldError
				if err != nil && !errors.As(err, &held) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					got = append(got, l)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(got) != 1 {
			t.Fatalf("round %d: %d have the lease", round, len(got))
		}
		if err := got[0].Check(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDocuments(t *testing.T) {
	l, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "x", "events/x", "reports", "reports/../events/x", "_log/x", "/reports/x"} {
		if err := l.SaveDocument(name, nil); err == nil {
			t.Errorf("%q was written", name)
		}
	}
	if err := l.NewDocument("_run/a/b", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if err := l.NewDocument("_run/a/b", []byte("2")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second one: %v", err)
	}
	if data, err := l.Document("_run/a/b"); err != nil || string(data) != "1" {
		t.Errorf("%s %v", data, err)
	}
	if _, err := l.Document("_run/a/c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is not there: %v", err)
	}
	if err := l.RemoveDocuments("_run/a/b", "_run/a/c"); err != nil {
		t.Fatal(err)
	}
	if names, err := l.Documents("_run"); err != nil || len(names) != 0 {
		t.Errorf("%v %v", names, err)
	}
}

func TestRuns(t *testing.T) {
	l, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if data, _, err := l.LastReport(); data != nil || err != nil {
		t.Errorf("of no run: %s %v", data, err)
	}
	for i := range 5 {
		id := fmt.Sprintf("2026013%dT060000Z-x", i)
		name, err := l.SaveReport(id, []byte(id))
		if err != nil {
			t.Fatal(err)
		}
		switch i {
		case 2: // killed before it counted
			continue
		case 4: // no report could be made
			name = ""
		}
		if err := l.CommitRun(Run{ID: id, Report: name}); err != nil {
			t.Fatal(err)
		}
	}
	data, _, err := l.LastReport()
	if err != nil || string(data) != "20260133T060000Z-x" {
		t.Errorf("last report %s %v", data, err)
	}
	if err := l.ForgetRuns(1, "20260134T060000Z-x"); err != nil {
		t.Fatal(err)
	}
	ids, err := l.RunIDs()
	if err != nil || strings.Join(ids, " ") != "20260133T060000Z-x 20260134T060000Z-x" {
		t.Errorf("runs %v %v", ids, err)
	}
	if data, _, err := l.LastReport(); err != nil || string(data) != "20260133T060000Z-x" {
		t.Errorf("the last report is gone: %s %v", data, err)
	}
	if names, err := l.Documents("reports"); err != nil || len(names) != 2 {
		t.Errorf("reports %v %v", names, err)
	}
}
