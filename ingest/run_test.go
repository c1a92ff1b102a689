package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// fake is a sink in memory that behaves as a lake does.
type fake struct {
	mu        sync.Mutex
	known     map[event.Object]bool
	seen      map[event.Key]bool
	log       []string // what was done, in order
	committed int      // events
	pending   int
	fail      string // the step that fails
	failAt    int    // the commit that fails, from 1
	commits   int
}

func newFake() *fake {
	return &fake{known: map[event.Object]bool{}, seen: map[event.Key]bool{}}
}

var errDisk = errors.New("disk full")

func (s *fake) step(name, what string) error {
	s.log = append(s.log, name+" "+what)
	if s.fail == name {
		return errDisk
	}
	return nil
}

func (s *fake) Known(o event.Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[o]
}

func (s *fake) Add(b *event.Batch) (added, duplicates int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[b.Object] = true
	for i := range b.Events {
		if k := b.Events[i].Key(); s.seen[k] {
			duplicates++
		} else {
			s.seen[k] = true
			added++
		}
	}
	s.pending += added
	return added, duplicates, s.step("add", fmt.Sprintf("%s %s", filepath.Base(b.Object.URI), ids(b)))
}

func (s *fake) Quarantine(o event.Object, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[o] = true
	return s.step("quarantine", filepath.Base(o.URI)+" "+reason)
}

func (s *fake) Commit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.commits++; s.commits == s.failAt {
		return errDisk
	}
	s.committed, s.pending = s.committed+s.pending, 0
	return s.step("commit", "")
}

// sample is an archive with everything in it.
func sample(t testing.TB) string {
	files := map[string]string{"README.md": "", "bad.json": "{", "empty.json": "", "partly.json": doc(rec("p"), "{}")}
	for i := range 60 {
		files[logName(account, "eu-west-1", fmt.Sprintf("2026/01/%02d", i%28+1), fmt.Sprint(i))] = string(zip(t, doc(many(fmt.Sprintf("e%d-", i/2), i)...)))
	}
	return archive(t, files)
}

// Workers, fetchers and memory change the speed, never the result.
func TestRunIsDeterministic(t *testing.T) {
	root := sample(t)
	var first *fake
	var sum Summary
	for _, c := range []Config{{Workers: 1, Fetchers: 1}, {Workers: 8}, {Workers: 3, Fetchers: 40, Memory: 1}, {Workers: 8, Memory: 100_000}} {
		sink := newFake()
		c.Sources, c.Sink, c.CommitEvents = []Source{source(t, root)}, sink, 200
		got, err := Run(t.Context(), c)
		check(t, err)
		if first == nil {
			first, sum = sink, got
			continue
		}
		if !slices.Equal(sink.log, first.log) || !reflect.DeepEqual(got, sum) {
			t.Errorf("%d workers: %+v, want %+v", c.Workers, got, sum)
		}
	}
	// Objects 2n and 2n+1 hold the same events but one.
	if sum.Read != 61 || sum.Quarantined != 2 || sum.Ignored != 1 || sum.Rejected != 1 || sum.Listed != 63 || sum.ListedBytes == 0 || !sum.ListDone || sum.Events != 900+1 || sum.Records() != 60*59/2+2 {
		t.Errorf("%+v", sum)
	}
	if first.committed != 901 || first.pending != 0 || strings.Count(strings.Join(first.log, "\n"), "commit") < 4 {
		t.Errorf("%d events are committed, %d not", first.committed, first.pending)
	}
}

func TestRunAgain(t *testing.T) {
	root, sink := sample(t), newFake()
	c := Config{Sources: []Source{source(t, root)}, Sink: sink}
	_, err := Run(t.Context(), c)
	check(t, err)
	steps := len(sink.log)
	sum, err := Run(t.Context(), c)
	if err != nil || sum.Read+sum.Events+sum.Quarantined != 0 || sum.Known != 63 || len(sink.log) != steps {
		t.Errorf("a second run: %+v, %v, %q", sum, err, sink.log[steps:])
	}
	check(t, os.WriteFile(filepath.Join(root, "bad.json"), []byte(doc(rec("now"))), 0o644))
	sum, err = Run(t.Context(), c)
	if err != nil || sum.Read != 1 || sum.Events != 1 || sum.Known != 62 {
		t.Errorf("after a quarantined object was repaired: %+v, %v", sum, err)
	}
}

// An object that is listed twice counts once, however fast the first time was.
func TestOverlap(t *testing.T) {
	root := sample(t)
	sum, err := Run(t.Context(), Config{Sources: []Source{source(t, root), source(t, filepath.Join(root, "partly.json")), source(t, root)}, Sink: newFake()})
	if err != nil || sum.Read != 61 || sum.Quarantined != 2 || sum.Known != 64 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestRunStops(t *testing.T) {
	root := sample(t)
	for _, step := range []string{"add", "quarantine", "commit"} {
		sink := newFake()
		sink.fail = step
		_, err := Run(t.Context(), Config{Sources: []Source{source(t, root)}, Sink: sink})
		if last := sink.log[len(sink.log)-1]; !errors.Is(err, errDisk) || !strings.HasPrefix(last, step) {
			t.Errorf("%s fails: %v, and then %q", step, err, last)
		}
	}
	late := newFake()
	late.failAt = 3 // commits
	sum, err := Run(t.Context(), Config{Sources: []Source{source(t, root)}, Sink: late, CommitEvents: 100})
	if !errors.Is(err, errDisk) || sum.KeptEvents < 200 || sum.KeptEvents >= sum.Events || int64(late.committed) != sum.KeptEvents {
		t.Errorf("the third commit fails: %v, kept %d of %d events, committed %d", err, sum.KeptEvents, sum.Events, late.committed)
	}
	for _, stop := range []int64{1, 20, 50} {
		ctx, cancel := context.WithCancel(t.Context())
		sink := newFake()
		sum, err := Run(ctx, Config{Sources: []Source{source(t, root)}, Sink: sink, Progress: func(s Summary) {
			if s.Read == stop {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || sum.Read != stop || sink.pending != 0 || int64(sink.committed) != sum.Events || sum.KeptObjects != stop {
			t.Errorf("stopped at %d: %v, %+v, %d committed", stop, err, sum, sink.committed)
		}
	}
}

func TestEmptySources(t *testing.T) {
	full, empty := sample(t), archive(t, map[string]string{"README.md": ""})
	sink := newFake()
	sum, err := Run(t.Context(), Config{Sources: []Source{source(t, empty), source(t, full)}, Sink: sink})
	var none *EmptyError
	if !errors.As(err, &none) || none.Source != empty || none.Pruned || sum.Read != 61 || sink.pending != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	_, err = Run(t.Context(), Config{Sources: []Source{source(t, filepath.Join(full, "AWSLogs"))}, Sink: newFake(), Filter: Filter{Since: "2027-01-01"}})
	if !errors.As(err, &none) || !none.Pruned {
		t.Errorf("everything is pruned: %v", err)
	}
	if Holds(t.Context(), source(t, full), Filter{}) != nil || Holds(t.Context(), source(t, empty), Filter{}) == nil {
		t.Error("Holds is wrong")
	}
}

func TestPlan(t *testing.T) {
	root, sink := sample(t), newFake()
	p, err := List(t.Context(), Config{Sources: []Source{source(t, root)}})
	if err != nil || p.New != 63 || p.Known != 0 || p.Ignored != 1 || p.NewBytes == 0 {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = Run(t.Context(), Config{Sources: []Source{source(t, root)}, Sink: sink})
	check(t, err)
	p, err = List(t.Context(), Config{Sources: []Source{source(t, root)}, Sink: sink, Filter: Filter{Accounts: []string{account}}})
	if err != nil || p.New != 0 || p.Known != 63 {
		t.Errorf("%+v, %v", p, err)
	}
}
