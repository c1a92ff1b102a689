package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/lake"
)

// box is a target that keeps what it gets, while it takes anything.
type box struct {
	got []string
	err error
}

func (b *box) Send(_ context.Context, p *Parcel) error {
	if b.err == nil {
		b.got = append(b.got, p.Key())
	}
	return b.err
}

// mailRoom is an outbox on a lake, to which runs add parcels.
type mailRoom struct {
	*testing.T
	Outbox
}

func newMailRoom(t *testing.T) mailRoom {
	l, err := lake.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return mailRoom{t, Outbox{l}}
}

func (m mailRoom) run(n int, counts bool, deliveries ...string) {
	m.Helper()
	id := fmt.Sprintf("20260131T%06dZ-x", n)
	for _, d := range deliveries {
		if err := m.Add(&Parcel{Message: Message{Run: id, Delivery: d}}, asOf); err != nil {
			m.Fatal(err)
		}
	}
	if counts {
		if err := m.Lake.CommitRun(lake.Run{ID: id}); err != nil {
			m.Fatal(err)
		}
	}
}

func (m mailRoom) flush(targets map[string]Target) []Outcome {
	m.Helper()
	out, err := m.Flush(m.Context(), targets, time.Now)
	if err != nil {
		m.Fatal(err)
	}
	return out
}

// One that fails stops no other, and gets all of it later, in order and once.
func TestOutbox(t *testing.T) {
	m := newMailRoom(t)
	good, bad := &box{}, &box{err: errors.New("no route")}
	targets := map[string]Target{"good": good, "bad": bad}
	m.run(1, true, "good", "bad")
	m.flush(targets)
	m.run(2, true, "good", "bad")
	out := m.flush(targets)
	if out[0].Delivery != "bad" || out[0].Left != 2 || out[0].Err == nil || out[1].Sent != 1 {
		t.Errorf("outcomes %+v", out)
	}
	if err := m.Lake.ForgetRuns(1, "20260131T000002Z-x"); err != nil { // the run of the first parcel is forgotten, the parcel is not
		t.Fatal(err)
	}
	bad.err = nil
	m.run(3, true)
	m.flush(targets)
	m.flush(targets)
	for name, b := range map[string]*box{"good": good, "bad": bad} {
		want := "20260131T000001Z-x/" + name + " 20260131T000002Z-x/" + name
		if got := strings.Join(b.got, " "); got != want {
			t.Errorf("%s got %s", name, got)
		}
	}
	if names, err := m.Lake.Documents("_run/outbox"); err != nil || len(names) != 0 {
		t.Errorf("left %v %v", names, err)
	}
}

// What a run packed that was killed before it counted is not sent: the run
// after it packs it again.
func TestOutboxOfAKilledRun(t *testing.T) {
	m, b := newMailRoom(t), &box{}
	m.run(1, false, "a")
	m.flush(map[string]Target{"a": b})
	m.run(2, true, "a")
	m.run(3, false, "a")
	m.flush(map[string]Target{"a": b})
	if got := strings.Join(b.got, " "); got != "20260131T000002Z-x/a" {
		t.Errorf("got %s", got)
	}
}

func TestOutboxDrops(t *testing.T) {
	m, b := newMailRoom(t), &box{err: errors.New("no")}
	for n := range longest + 2 {
		m.run(n, true, "a", "removed")
	}
	if err := m.Lake.SaveDocument("_run/outbox/20260131T000005Z-x/a.json", []byte("torn")); err != nil {
		t.Fatal(err)
	}
	out := m.flush(map[string]Target{"a": b})
	if out[0].Dropped != 2 || out[0].Left != longest || out[1].Delivery != "removed" || out[1].Dropped != longest+2 {
		t.Errorf("outcomes %+v", out)
	}
	b.err = nil
	out = m.flush(map[string]Target{"a": b})
	if out[0].Dropped != 1 || out[0].Sent != longest-1 {
		t.Errorf("outcomes %+v", out)
	}
}
