package lake

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// script is a run of several objects and commits, with duplicates in it. It
// skips what is known, as ingest does, and stops at the first error.
func script(w *Writer) error {
	for i := range 12 {
		b := batch(fmt.Sprint(i), append(sample(one, i*20, 30), sample(two, i*5, 5)...))
		b.Rejected = []event.Rejected{{Index: 35, Reason: "no eventName", Record: "{}"}}
		if w.Known(b.Object) {
			continue
		}
		if _, _, err := w.Add(b); err != nil {
			return err
		}
		if i%4 == 3 {
			if err := w.Commit(); err != nil {
				return err
			}
		}
	}
	return w.Commit()
}

const scriptEvents, scriptObjects = 250 + 60, 12

func wantScript(t *testing.T, l *Lake) {
	t.Helper()
	wantIDs(t, l, scriptEvents)
	s, err := l.Status()
	check(t, err)
	if s.Objects != scriptObjects || s.Quarantined != scriptObjects {
		t.Errorf("%d objects, %d quarantined, want %d", s.Objects, s.Quarantined, scriptObjects)
	}
}

// The lake is copied at each step of each commit, as a machine that dies there
// would leave it; a new run on each copy must end with the same lake.
func TestCrashAtEachStep(t *testing.T) {
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, o)
			var copies []string
			w.step = func(step string) error {
				to := filepath.Join(t.TempDir(), fmt.Sprintf("%02d %s", len(copies), step))
				copies = append(copies, to)
				return os.CopyFS(to, os.DirFS(l.Dir()))
			}
			check(t, script(w))
			check(t, w.Close())
			wantScript(t, l)
			for _, dir := range copies {
				copied, err := Open(dir)
				check(t, err)
				again := writer(t, copied, o)
				if err := script(again); err != nil {
					t.Errorf("%s: %v", filepath.Base(dir), err)
				}
				check(t, again.Close())
				wantScript(t, copied)
				if t.Failed() {
					t.Fatalf("after a crash at %q", filepath.Base(dir))
				}
			}
			if len(copies) != 7+7+3+3*3 {
				t.Errorf("%d steps; want one for each of 7 files staged, these and 3 of quarantine published, 3 an entry", len(copies))
			}
		})
	}
}

// A commit that fails within the process counts whole or not at all, the
// writer gives the error again, and Close leaves nothing of it.
func TestFailedCommit(t *testing.T) {
	broken := errors.New("broken")
	for _, at := range []string{"staged", "published", "entry staged", "logged", "settled"} {
		t.Run(at, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, WriterOptions{})
			add(t, w, batch("before", sample(two, 0, 10)), 10, 0)
			check(t, w.Commit())
			add(t, w, batch("a", sample(one, 0, 100)), 100, 0)
			w.step = func(step string) error {
				if step == at {
					return broken
				}
				return nil
			}
			if err := w.Commit(); !errors.Is(err, broken) {
				t.Fatalf("commit gives %v", err)
			}
			if _, _, err := w.Add(batch("b", nil)); !errors.Is(err, broken) {
				t.Errorf("add after a failed commit gives %v", err)
			}
			check(t, w.Close())
			want := 10
			if at == "logged" || at == "settled" {
				want = 110
			}
			wantIDs(t, l, want)
			w = writer(t, l, WriterOptions{})
			add(t, w, batch("a", sample(one, 0, 100)), 110-want, want-10)
			check(t, w.Commit())
			wantIDs(t, l, 110)
		})
	}
}

const crashEnv = "TRIMTRAIL_TEST_CRASH_LAKE"

// TestKilledChild is the process that TestKill kills; on its own it does nothing.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(crashEnv)
	if dir == "" {
		t.Skip("run by TestKill")
	}
	l, err := Create(dir)
	check(t, err)
	w, err := l.Writer(WriterOptions{Memory: 20_000, Keys: 50})
	check(t, err)
	check(t, script(w))
	check(t, w.Close())
}

// Real processes, killed at many moments of their run, one after the other on
// one lake.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	run := func(dir string, life time.Duration) bool {
		c := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
		c.Env = append(os.Environ(), crashEnv+"="+dir)
		check(t, c.Start())
		timer := time.AfterFunc(life, func() { c.Process.Kill() })
		defer timer.Stop()
		return c.Wait() == nil
	}
	began := time.Now()
	if !run(filepath.Join(t.TempDir(), "whole"), time.Minute) {
		t.Fatal("an undisturbed run fails")
	}
	whole := time.Since(began)
	const lakes, kills = 6, 5
	killed := 0
	for i := range lakes {
		dir := filepath.Join(t.TempDir(), "lake")
		for j := range kills {
			if !run(dir, whole*time.Duration(1+i*kills+j)/(lakes*kills)) {
				killed++
			}
		}
		if !run(dir, time.Minute) {
			t.Fatal("the run after the last kill fails")
		}
		l, err := Open(dir)
		check(t, err)
		wantScript(t, l)
	}
	t.Logf("%d of %d runs were killed, a whole one takes %v", killed, lakes*kills, whole)
}
