package lake

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/rollup"
)

// rowsOf makes the rollup of a file of events.
func rowsOf(t testing.TB, l *Lake, f *File) *rollup.Rows {
	t.Helper()
	r := analyze.NewRoller(catalog.Default())
	for e, err := range l.FileEvents(t.Context(), f) {
		check(t, err)
		r.Add(e)
	}
	return r.Rows(f.AccountID)
}

func rollups(t testing.TB, l *Lake, version string) *Rollups {
	t.Helper()
	r, err := l.Rollups(version)
	check(t, err)
	return r
}

// rollUp writes the rollups of all files and returns them by file.
func rollUp(t testing.TB, l *Lake, version string) map[string]*rollup.Rows {
	t.Helper()
	files, err := l.files()
	check(t, err)
	all, r := map[string]*rollup.Rows{}, rollups(t, l, version)
	for i := range files {
		all[files[i].Path] = rowsOf(t, l, &files[i])
		check(t, r.Write(&files[i], all[files[i].Path]))
	}
	return all
}

// everyTable are events that give every table rows.
func everyTable() []event.Event {
	events := sample(one, 0, 30)
	events[1].ErrorCode, events[1].ErrorMessage = "AccessDenied", "no: \"ü\""
	events[2].EventSource, events[2].EventName, events[2].RequestParameters = "sts.amazonaws.com", "AssumeRole", `{"roleArn":"arn:aws:iam::111122223333:role/r"}`
	events[3].EventSource, events[3].EventName, events[3].RequestParameters = "iam.amazonaws.com", "DeleteUser", `{"userName":"u"}`
	events[4].EventSource, events[4].EventType = "nowhere.amazonaws.com", "AwsApiCall"
	events[5] = event.Event{AccountID: one, EventID: "far", EventTime: time.Date(2931, 7, 1, 0, 0, 0, 1000, time.UTC)}
	return events
}

func rolledLake(t testing.TB) (*Lake, map[string]*rollup.Rows) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", everyTable()), 30, 0)
	check(t, w.Commit())
	add(t, w, batch("b", sample(one, 100, 30)), 30, 0)
	check(t, w.Commit())
	check(t, w.Close())
	return l, rollUp(t, l, "v1")
}

// TestRollups holds that what was written comes back, on a disk and in a
// bucket, that the same is written again, and that the lake tells of it.
func TestRollups(t *testing.T) {
	l, want := rolledLake(t)
	tables := map[string]bool{}
	files, err := l.files()
	check(t, err)
	b := newMemoryBucket()
	inBucket := &Lake{&bucket{ctx: t.Context(), api: b, name: "s3://bucket"}}
	for i := range files {
		got, err := rollups(t, l, "v1").Read(&files[i])
		check(t, err)
		sameRows(t, got, want[files[i].Path])
		check(t, rollups(t, inBucket, "v1").Write(&files[i], got))
		if again, err := rollups(t, inBucket, "v1").Read(&files[i]); err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("in a bucket %v", err)
		}
	}
	check(t, l.walk("", func(name string) error {
		table, _, _ := strings.Cut(name, "/")
		if events := eventsOfRollup(name); events != name {
			data, err := os.ReadFile(l.path(name))
			check(t, err)
			if !bytes.Equal(data, b.objects[name]) {
				t.Errorf("%s is not the same twice", name)
			}
			tables[table] = true
		}
		return nil
	}))
	if len(tables) != len(rollupNames) {
		t.Errorf("tables with rows: %v", tables)
	}
	s, err := l.StatusWithRollups()
	check(t, err)
	r, err := l.Verify()
	check(t, err)
	if n := int64(len(files)); s.Rollups.Files != n || r.Rollups != n || !r.OK() || s.Rollups.Bytes == 0 {
		t.Errorf("%d files: status %+v, verified %+v", n, s.Rollups, r)
	}
}

// sameRows compares rows; an empty list may be nil in one of them.
func sameRows(t *testing.T, got, want *rollup.Rows) {
	t.Helper()
	a, b := reflect.ValueOf(got).Elem(), reflect.ValueOf(want).Elem()
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		if x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 {
			continue
		}
		if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			t.Errorf("%s:\n got %+v\nwant %+v", a.Type().Field(i).Name, x, y)
		}
	}
}

// TestUnusableRollups holds that a rollup which is not what its events give is
// none, and that verify tells those that are damaged.
func TestUnusableRollups(t *testing.T) {
	type damage func(t *testing.T, coverage, usage string)
	flip := func(name string, at int) {
		data, _ := os.ReadFile(name)
		data[(at%len(data)+len(data))%len(data)] ^= 0x20
		os.WriteFile(name, data, 0o600)
	}
	cases := map[string]struct {
		damage damage
		absent bool
		wrong  int // problems of verify
	}{
		"all gone":           {func(_ *testing.T, c, u string) { os.Remove(c); os.Remove(u) }, true, 0},
		"coverage gone":      {func(_ *testing.T, c, u string) { os.Remove(c) }, true, 0},
		"usage gone":         {func(_ *testing.T, c, u string) { os.Remove(u) }, true, 1},
		"usage empty":        {func(_ *testing.T, c, u string) { os.WriteFile(u, nil, 0o600) }, false, 1},
		"coverage cut":       {func(_ *testing.T, c, u string) { os.Truncate(c, 100) }, false, 1},
		"usage changed":      {func(_ *testing.T, c, u string) { flip(u, 30) }, false, 1},
		"coverage no footer": {func(_ *testing.T, c, u string) { flip(c, -2) }, false, 1},
		"of other events": {func(t *testing.T, c, u string) {
			others, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(c)), "*", "00000002-*.parquet"))
			check(t, err)
			check(t, os.Rename(others[0], c))
		}, false, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l, _ := rolledLake(t)
			files, err := l.files()
			check(t, err)
			f := &files[0]
			c.damage(t, l.path(rollupOf("coverage", f.Path)), l.path(rollupOf("usage", f.Path)))
			_, err = rollups(t, l, "v1").Read(f)
			var none *NoRollupError
			if !errors.As(err, &none) || none.Absent != c.absent {
				t.Fatalf("read: %v", err)
			}
			r, err := l.Verify()
			check(t, err)
			if name != "of other events" && len(r.Problems) != c.wrong {
				t.Errorf("verify: %v", r.Problems)
			}
			check(t, rollups(t, l, "v1").Write(f, rowsOf(t, l, f)))
			if _, err := rollups(t, l, "v1").Read(f); err != nil {
				t.Errorf("made again: %v", err)
			}
		})
	}
	t.Run("any byte of coverage", func(t *testing.T) {
		l, _ := rolledLake(t)
		files, err := l.files()
		check(t, err)
		f := &files[0]
		place := l.path(rollupOf("coverage", f.Path))
		data, err := os.ReadFile(place)
		check(t, err)
		for i := range data {
			changed := bytes.Clone(data)
			changed[i] ^= 0x15
			check(t, os.WriteFile(place, changed, 0o600))
			if _, err := rollups(t, l, "v1").Read(f); err == nil {
				t.Fatalf("byte %d was changed, and nobody noticed", i)
			}
		}
	})
}

// TestRollupsOfAnotherVersion are none, and are no damage; what they had and
// the new ones have not is removed.
func TestRollupsOfAnotherVersion(t *testing.T) {
	l, _ := rolledLake(t)
	files, err := l.files()
	check(t, err)
	_, err = rollups(t, l, "v2").Read(&files[0])
	var none *NoRollupError
	if !errors.As(err, &none) || !none.Absent {
		t.Fatalf("read: %v", err)
	}
	rows := rowsOf(t, l, &files[0])
	rows.Unmapped = nil
	check(t, rollups(t, l, "v2").Write(&files[0], rows))
	if exists(l.path(rollupOf("unmapped", files[0].Path))) {
		t.Error("rows of the old version are left")
	}
	if r, err := l.Verify(); err != nil || !r.OK() {
		t.Errorf("verify: %v %v", r.Problems, err)
	}
}

// TestRollupsGoWithTheirEvents holds that no rollup outlives its file.
func TestRollupsGoWithTheirEvents(t *testing.T) {
	for name, change := range map[string]func(l *Lake) error{
		"compact": func(l *Lake) error { _, err := l.Compact(t.Context()); return err },
		"prune":   func(l *Lake) error { _, err := l.Prune(start.AddDate(0, 0, 1), false); return err },
		"compact, rolled up late": func(l *Lake) error {
			files, err := l.files()
			check(t, err)
			rows := rowsOf(t, l, &files[0])
			_, err = l.Compact(t.Context())
			check(t, err)
			r := rollups(t, l, "v1")
			check(t, r.Write(&files[0], rows))
			return r.Settle([]string{files[0].Path})
		},
		"swept": func(l *Lake) error {
			files, err := l.files()
			check(t, err)
			rows := rowsOf(t, l, &files[0])
			_, err = l.Compact(t.Context())
			check(t, err)
			check(t, rollups(t, l, "v1").Write(&files[0], rows))
			check(t, os.WriteFile(l.path(rollupStage+"/new-1-x"), nil, 0o600))
			defer func() {
				if exists(l.path(rollupStage + "/new-1-x")) {
					t.Error("an unfinished file is left")
				}
			}()
			return l.SweepRollups()
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := scattered(t, 12)
			rollUp(t, l, "v1")
			check(t, change(l))
			log, err := l.state()
			check(t, err)
			stayed := 0
			check(t, l.walk("", func(file string) error {
				if events := eventsOfRollup(file); events != file {
					if stayed++; !log.counts(events) {
						t.Errorf("%s is left", file)
					}
				}
				return nil
			}))
			if name == "prune" && stayed == 0 {
				t.Error("all rollups are gone")
			}
			if r, err := l.Verify(); err != nil || !r.OK() {
				t.Errorf("verify: %v %v", r.Problems, err)
			}
		})
	}
}

// TestSteady holds that a partition is read anew where a compaction replaces
// its files, and that its rows come once.
func TestSteady(t *testing.T) {
	l := scattered(t, 3)
	parts, err := l.Partitions(time.Time{}, time.Time{})
	check(t, err)
	total, compacted := 0, false
	for _, p := range parts {
		n := 0
		check(t, l.Steady(p, func(p Partition) error {
			n = 0
			for i := range p {
				for _, err := range l.FileEvents(t.Context(), &p[i]) {
					if err != nil {
						return err
					}
					n++
				}
				if !compacted {
					compacted = true
					_, err := l.Compact(t.Context())
					check(t, err)
				}
			}
			return nil
		}))
		total += n
	}
	if total != 60 {
		t.Errorf("%d rows of 60", total)
	}
}

// TestRowsOfOtherColumns holds that a file of another table, or of fewer rows
// than it is said to have, is an error.
func TestRowsOfOtherColumns(t *testing.T) {
	l, all := rolledLake(t)
	for place, rows := range all {
		data, err := os.ReadFile(l.path(rollupOf("sessions", place)))
		if len(rows.Sessions) == 0 {
			continue
		}
		check(t, err)
		for _, table := range rollupTables() {
			n := len(rows.Sessions)
			if err := table.decode(data, &rollup.Rows{}, n); (err == nil) != (table.name == "sessions") {
				t.Errorf("sessions as %s: %v", table.name, err)
			}
			if err := table.decode(data, &rollup.Rows{}, n+1); err == nil {
				t.Errorf("%s: a row that is not there was read", table.name)
			}
		}
		return
	}
	t.Error("no sessions")
}
