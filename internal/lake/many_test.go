package lake

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Two writers hold the same events; who commits second adds what is new only,
// in memory or spilled, whatever the first did in between.
func TestSecondCommit(t *testing.T) {
	for name, o := range options {
		for _, compacted := range []bool{false, true} {
			t.Run(fmt.Sprint(name, compacted), func(t *testing.T) {
				l := create(t)
				a, b := writer(t, l, o), writer(t, l, o)
				same := batch("same", sample(one, 0, 100))
				same.Rejected = []event.Rejected{{Index: 100, Reason: "no", Record: "{}"}}
				add(t, a, same, 100, 0)
				add(t, b, same, 100, 0)
				other := batch("other", sample(one, 50, 100))
				other.Rejected = []event.Rejected{{Index: 100, Reason: "no", Record: `{"x":1}`}}
				add(t, b, other, 50, 50)
				check(t, a.Commit())
				if compacted {
					add(t, a, batch("more", sample(one, 140, 20)), 20, 0)
					check(t, a.Commit())
					_, err := l.Compact(t.Context())
					check(t, err)
				}
				check(t, b.Commit())
				want, late := 150, int64(100)
				if compacted {
					want, late = 160, 110
				}
				wantIDs(t, l, want)
				if b.Late() != late || a.Late() != 0 {
					t.Errorf("%d and %d events were late", a.Late(), b.Late())
				}
				s, err := l.Status()
				check(t, err)
				if s.Quarantined != 2 || s.Objects != int64(2+(want-150)/10) {
					t.Errorf("status is %+v", s)
				}
				news := 50 // a looks at what b has done when it commits
				if compacted {
					news = 40
				}
				add(t, a, batch("again", sample(one, 0, 150)), news, 150-news)
				check(t, a.Commit())
				if !a.Known(other.Object) {
					t.Error("the other's object is not known")
				}
				if a.Late() != int64(news) {
					t.Errorf("%d events were late, want %d", a.Late(), news)
				}
				wantIDs(t, l, want)
			})
		}
	}
}

// The race for a number: another writer commits between the look at the log
// and the entry, with overlap and without.
func TestLostRace(t *testing.T) {
	for name, first := range map[string]int{"overlap": 50, "apart": 500, "same": 0} {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, WriterOptions{})
			add(t, w, batch("a", sample(one, 0, 100)), 100, 0)
			w.step = func(step string) error {
				if step != "entry staged" {
					return nil
				}
				w.step = nil
				other := writer(t, l, WriterOptions{})
				add(t, other, batch("b", sample(one, first, 100)), 100, 0)
				return errors.Join(other.Commit(), other.Close())
			}
			check(t, w.Commit())
			check(t, w.Close())
			wantIDs(t, l, 100+min(first, 100))
		})
	}
}

const manyEnv = "TRIMTRAIL_TEST_MANY_LAKE"

// The batches that four processes share: each reads two of four in every
// group, so that all overlap, and events overlap between objects too.
const manyObjects, manyPeople = 32, 4

func manyBatch(i int) *event.Batch {
	b := batch(fmt.Sprint(i), append(sample(one, i*20, 40), sample(two, i*7, 10)...))
	b.Rejected = []event.Rejected{{Index: 50, Reason: "no eventName", Record: fmt.Sprint(i)}}
	return b
}

// manyScript is what process n of four does.
func manyScript(w *Writer, n int) error {
	for i := range manyObjects {
		b := manyBatch(i)
		if i%manyPeople != n && (i+1)%manyPeople != n || w.Known(b.Object) {
			continue
		}
		if _, _, err := w.Add(b); err != nil {
			return err
		}
		if i%8 == 2*n {
			if err := w.Commit(); err != nil {
				return err
			}
		}
	}
	return w.Commit()
}

// TestManyChild is a process that TestManyProcesses starts and kills.
func TestManyChild(t *testing.T) {
	dir := os.Getenv(manyEnv)
	if dir == "" {
		t.Skip("run by TestManyProcesses")
	}
	n, err := strconv.Atoi(os.Getenv(manyEnv + "_N"))
	check(t, err)
	l, err := Create(dir)
	check(t, err)
	if n == manyPeople { // one looks after the lake
		for range 5 {
			_, err := l.Compact(t.Context())
			check(t, err)
			time.Sleep(20 * time.Millisecond)
		}
		return
	}
	w, err := l.Writer(WriterOptions{Memory: 30_000, Keys: 300})
	check(t, err)
	check(t, manyScript(w, n))
	check(t, w.Close())
}

// Four writers and a compaction at once on one lake, killed at random, give
// the same rows as one writer that nobody disturbs.
func TestManyProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	alone := create(t)
	w := writer(t, alone, WriterOptions{})
	for n := range manyPeople {
		check(t, manyScript(w, n))
	}
	want := read(t, alone, Query{})
	const lakes, rounds = 4, 4
	random := rand.New(rand.NewPCG(1, 2))
	for range lakes {
		dir := filepath.Join(t.TempDir(), "lake")
		for round := range rounds + 1 {
			var wg sync.WaitGroup
			outs := make([][]byte, manyPeople+1)
			for n := range manyPeople + 1 {
				c := exec.Command(os.Args[0], "-test.run=^TestManyChild$", "-test.v")
				c.Env = append(os.Environ(), manyEnv+"="+dir, manyEnv+"_N="+strconv.Itoa(n))
				life := time.Minute
				if round < rounds {
					life = time.Duration(random.IntN(400)) * time.Millisecond
				}
				var out bytes.Buffer
				c.Stdout, c.Stderr = &out, &out
				check(t, c.Start())
				timer := time.AfterFunc(life, func() { c.Process.Kill() })
				wg.Go(func() {
					if err := c.Wait(); timer.Stop() && err != nil {
						outs[n] = out.Bytes()
					}
				})
			}
			wg.Wait()
			for n, out := range outs {
				if out != nil {
					t.Fatalf("round %d, process %d fails:\n%s", round, n, out)
				}
			}
		}
		l, err := Open(dir)
		check(t, err)
		check(t, writer(t, l, WriterOptions{}).Close()) // removes what the killed left
		wantIDs(t, l, len(want))
		if got := read(t, l, Query{}); !reflect.DeepEqual(got, want) {
			t.Errorf("%d rows, not the %d of one writer", len(got), len(want))
		}
		s, err := l.Status()
		check(t, err)
		if s.Objects != manyObjects || s.Quarantined != manyObjects {
			t.Errorf("%d objects, %d quarantined, want %d", s.Objects, s.Quarantined, manyObjects)
		}
		if left, _ := filepath.Glob(l.path("_log/tmp*")); len(left) != 0 {
			t.Errorf("stages are left: %v", left)
		}
	}
}
