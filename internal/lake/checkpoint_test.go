package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// aged is a lake whose log is longer than a checkpoint, with replaced files
// and a quarantine, and entries after the checkpoint.
func aged(t *testing.T) *Lake {
	t.Helper()
	l := create(t)
	for run, n := range []int{checkpointEntries, 3} {
		w := writer(t, l, WriterOptions{})
		for i := range n {
			b := batch(fmt.Sprint(run, i), sample(one, run*1000+i, 1))
			if i == 1 {
				b.Rejected = []event.Rejected{{Index: 1, Reason: "no", Record: "{}"}}
			}
			add(t, w, b, 1, 0)
			check(t, w.Commit())
		}
		check(t, w.Close())
	}
	return l
}

// What a checkpoint says is what the log says.
func TestCheckpoint(t *testing.T) {
	l := aged(t)
	_, n, err := l.checkpoints()
	check(t, err)
	if last, err := l.last(); err != nil || n <= checkpointEntries-1 || n >= last {
		t.Fatalf("the checkpoint is at %d of %d, %v", n, last, err)
	}
	long, err := l.history()
	check(t, err)
	short, err := l.state()
	check(t, err)
	if !reflect.DeepEqual(short.list(), long.list()) || !reflect.DeepEqual(short.quarantine, long.quarantine) ||
		short.objects != long.objects || short.quarantined != long.quarantined || short.last != long.last {
		t.Errorf("from a checkpoint %+v\nfrom the log %+v", short, long)
	}
	if len(short.removed) >= len(long.removed) {
		t.Error("the checkpoint was not used")
	}
	wantIDs(t, l, checkpointEntries+3)
}

// A checkpoint that does not fit is passed over.
func TestDamagedCheckpoint(t *testing.T) {
	ids, doc := "_log/checkpoints/*.ids", "_log/checkpoints/*.json.gz"
	for name, damage := range map[string]func(l *Lake) error{
		"nothing":     func(*Lake) error { return nil },
		"no ids":      func(l *Lake) error { return each(l, ids, os.Remove) },
		"no document": func(l *Lake) error { return each(l, doc, os.Remove) },
		"other ids":   func(l *Lake) error { return each(l, ids, func(s string) error { return flip(s, 40) }) },
		"short ids":   func(l *Lake) error { return each(l, ids, func(s string) error { return os.Truncate(s, 32) }) },
		"torn":        func(l *Lake) error { return each(l, doc, func(s string) error { return os.Truncate(s, 100) }) },
		"of another log": func(l *Lake) error { // the same entry, packed otherwise
			_, n, err := l.checkpoints()
			var e entry
			err = errors.Join(err, l.readEntry(n, &e))
			e.Counters.Duplicates++
			data, eerr := e.encode()
			return errors.Join(err, eerr, writeOver(l.entryName(n), data))
		},
	} {
		l := aged(t)
		check(t, damage(l))
		w := writer(t, l, WriterOptions{})
		for run, n := range []int{checkpointEntries, 3} {
			for i := range n {
				if !w.Known(batch(fmt.Sprint(run, i), sample(one, 0, 1)).Object) {
					t.Errorf("%s: object %d of run %d is not known", name, i, run)
				}
			}
		}
		check(t, w.Close())
		if s, err := l.Status(); err != nil || s.Objects != checkpointEntries+3 || s.Quarantined != 2 {
			t.Errorf("%s: status is %+v, %v", name, s, err)
		}
		wantIDs(t, l, checkpointEntries+3)
	}
}

func each(l *Lake, pattern string, do func(string) error) error {
	names, err := filepath.Glob(l.path(pattern))
	if len(names) != 1 {
		err = errors.Join(err, fmt.Errorf("%d files are %s", len(names), pattern))
	}
	for _, name := range names {
		err = errors.Join(err, do(name))
	}
	return err
}

// Known takes 16 bytes an object and no look at the log.
func BenchmarkKnown(b *testing.B) {
	var l ledger
	for i := range 1 << 20 {
		l.sorted = append(l.sorted, idOf(event.Object{URI: fmt.Sprint(i)}))
	}
	l.merge()
	o := event.Object{URI: "s3://bucket/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/01/31/111122223333_CloudTrail_eu-central-1_20260131T0000Z_x.json.gz"}
	b.ResetTimer()
	for n := range b.N {
		o.Size = int64(n)
		l.has(idOf(o))
	}
}
