package lake

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestVerify(t *testing.T) {
	const first = "events/account_id=111122223333/event_date=2026-01-31/00000001-0000.parquet"
	const stray = "events/account_id=111122223333/event_date=2026-01-31/stray.parquet"
	const bad = "_quarantine/00000001.jsonl.gz"
	tests := map[string]struct {
		damage func(l *Lake) error
		want   map[string]string // kind by path
	}{
		"nothing": {func(l *Lake) error { return nil }, nil},
		"missing": {func(l *Lake) error { return os.Remove(l.path(first)) }, map[string]string{first: Missing}},
		"truncated": {func(l *Lake) error { return os.Truncate(l.path(first), 1000) },
			map[string]string{first: Truncated}},
		"altered": {func(l *Lake) error { return flip(l.path(first), 50) }, map[string]string{first: Altered}},
		"orphan": {func(l *Lake) error { return os.WriteFile(l.path(stray), nil, 0o600) },
			map[string]string{stray: Orphan}},
		"swapped": {func(l *Lake) error { return os.Rename(l.path(first), l.path(stray)) },
			map[string]string{first: Missing, stray: Orphan}},
		"quarantine gone":    {func(l *Lake) error { return os.Remove(l.path(bad)) }, map[string]string{bad: Missing}},
		"quarantine altered": {func(l *Lake) error { return flip(l.path(bad), 12) }, map[string]string{bad: Altered}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, WriterOptions{})
			add(t, w, batch("a", sample(one, 0, 100)), 100, 0)
			check(t, w.Quarantine(Quarantined{Object: event.Object{URI: "bad"}, Index: WholeObject, Reason: "not JSON"}))
			check(t, w.Commit())
			check(t, w.Close())
			check(t, test.damage(l))
			r, err := l.Verify()
			check(t, err)
			var got map[string]string
			for _, p := range r.Problems {
				if got == nil {
					got = map[string]string{}
				}
				got[p.Path] = p.Kind
			}
			if !reflect.DeepEqual(got, test.want) || r.OK() != (test.want == nil) || r.Files != 3 || r.Events != 100 {
				t.Errorf("report is %+v, want %v", r, test.want)
			}
			// What the writer did not make, it does not remove.
			check(t, writer(t, l, WriterOptions{}).Close())
			if _, err := os.Stat(l.path(stray)); (test.want[stray] == Orphan) != (err == nil) {
				t.Errorf("the stray file: %v", err)
			}
		})
	}
}

// The footer is looked at too: a log that was written with the wrong count shows.
func TestVerifyRows(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(one, 0, 10)), 10, 0)
	check(t, w.Commit())
	var e entry
	check(t, l.readEntry(1, &e))
	e.Files[0].Rows = 11
	data, err := e.encode()
	check(t, err)
	check(t, writeOver(l.entryName(1), data))
	r, err := l.Verify()
	check(t, err)
	if len(r.Problems) != 1 || r.Problems[0].Kind != Rows {
		t.Errorf("report is %+v", r)
	}
}

// flip changes one byte of a file.
func flip(name string, at int) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	data[at] ^= 0x40
	return os.WriteFile(name, data, 0o600)
}

// A damaged file is an error of Events that names it, never a crash or wrong
// rows. Bytes of the columns may be altered without notice by a reader, which
// is what Verify is for; the test only asks for no panic there.
func TestDamagedFile(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", varied(one, 0, 300)), 300, 0)
	check(t, w.Commit())
	files, err := l.files()
	check(t, err)
	name := l.path(files[0].Path)
	whole, err := os.ReadFile(name)
	check(t, err)
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/50 {
		check(t, os.WriteFile(name, whole[:cut], 0o600))
		failed := false
		for _, err := range l.Events(t.Context(), Query{}) {
			failed = err != nil && bytes.Contains([]byte(err.Error()), []byte(filepath.Base(name)))
			if failed {
				break
			}
		}
		if !failed {
			t.Errorf("cut to %d of %d bytes the file reads", cut, len(whole))
		}
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/300 {
		check(t, os.WriteFile(name, whole, 0o600))
		check(t, flip(name, at))
		for _, err := range l.Events(t.Context(), Query{}) {
			if err != nil {
				break
			}
		}
	}
}
