package lake

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestCreate(t *testing.T) {
	tests := map[string]struct {
		files   []string // "name/" is a directory
		refused string   // part of the error; none means that it is made
	}{
		"absent":        {},
		"empty":         {files: []string{"lake/"}},
		"killed create": {files: []string{"lake/_log/", "lake/_log/new-123", "lake/_log/lock"}},
		"other files":   {files: []string{"lake/", "lake/notes.txt"}, refused: "holds other files"},
		"other log":     {files: []string{"lake/_log/", "lake/_log/x.json"}, refused: "holds other files"},
		"a file":        {files: []string{"lake"}, refused: "it is a file"},
		"other format":  {files: []string{"lake/_log/", "lake/_log/format.json"}, refused: "not of trimtrail"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "lake")
			for _, f := range test.files {
				if strings.HasSuffix(f, "/") {
					check(t, os.MkdirAll(filepath.Join(root, f), 0o700))
					continue
				}
				check(t, os.WriteFile(filepath.Join(root, f), []byte("{}"), 0o600))
			}
			var not *NotLakeError
			if _, err := Open(dir); !errors.As(err, &not) {
				t.Errorf("open gives %v", err)
			}
			_, err := Create(dir)
			if test.refused == "" {
				check(t, err)
				_, err = Open(dir)
				check(t, err)
				_, err = Create(dir)
				check(t, err)
			} else if !errors.As(err, &not) || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("create gives %v, want %q", err, test.refused)
			}
		})
	}
}

func TestNewerVersion(t *testing.T) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(one, 0, 3)), 3, 0)
	check(t, w.Commit())
	check(t, w.Close())
	var newer *VersionError

	data, err := (&entry{Version: Version + 1, Sequence: 2}).encode()
	check(t, err)
	check(t, writeNew(l.entryName(2), data))
	if _, err := l.Status(); !errors.As(err, &newer) {
		t.Errorf("status over a newer entry gives %v", err)
	}
	if _, err := l.Writer(WriterOptions{}); !errors.As(err, &newer) {
		t.Errorf("writer over a newer entry gives %v", err)
	}
	check(t, os.Remove(l.entryName(2)))
	check(t, writer(t, l, WriterOptions{}).Close()) // the lock was given back

	check(t, os.WriteFile(l.path("_log/format.json"), []byte(`{"format":"trimtrail.lake","version":3}`), 0o600))
	for name, open := range map[string]func(string) (*Lake, error){"open": Open, "create": Create} {
		if _, err := open(l.Dir()); !errors.As(err, &newer) || newer.Version != 3 {
			t.Errorf("%s gives %v", name, err)
		}
	}
}

// A log that cannot be trusted is an error, never a smaller lake.
func TestDamagedLog(t *testing.T) {
	for name, damage := range map[string]func(l *Lake) error{
		"hole": func(l *Lake) error { return os.Remove(l.entryName(1)) },
		"torn": func(l *Lake) error { return os.Truncate(l.entryName(2), 40) },
		"no gzip": func(l *Lake) error {
			return os.WriteFile(l.entryName(2), []byte("{}"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := create(t)
			w := writer(t, l, WriterOptions{})
			for i := range 3 {
				add(t, w, batch(name, sample(one, i*3, 3)), 3, 0)
				check(t, w.Commit())
			}
			check(t, w.Close())
			check(t, damage(l))
			_, status := l.Status()
			_, verify := l.Verify()
			_, write := l.Writer(WriterOptions{})
			if status == nil || verify == nil || write == nil {
				t.Errorf("status %v, verify %v, writer %v", status, verify, write)
			}
			for _, err := range l.Events(t.Context(), Query{}) {
				if err == nil {
					t.Error("events come from a damaged log")
				}
			}
		})
	}
}

// A log entry cannot send a reader out of the lake.
func TestPathsInLog(t *testing.T) {
	for _, path := range []string{"../x.parquet", "events/../../x.parquet", "/etc/passwd", "iam/x"} {
		l := create(t)
		data, err := (&entry{Version: Version, Sequence: 1, Files: []File{{Path: path, Rows: 1}}}).encode()
		check(t, err)
		check(t, writeNew(l.entryName(1), data))
		for _, err := range l.Events(t.Context(), Query{}) {
			if err == nil || !strings.Contains(err.Error(), "leads out of the lake") {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestStatus(t *testing.T) {
	l := create(t)
	s, err := l.Status()
	check(t, err)
	if !reflect.DeepEqual(s, Status{Schema: "trimtrail.lake/1", Accounts: []string{}}) {
		t.Errorf("an empty lake has %+v", s)
	}
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("a", sample(two, 0, 100)), 100, 0)
	check(t, w.Commit())
	add(t, w, batch("b", sample(one, 50, 100)), 100, 0)
	check(t, w.Commit())
	s, err = l.Status()
	check(t, err)
	from, to := start, start.Add(149*time.Minute)
	want := Status{Schema: "trimtrail.lake/1", Events: 200, Files: 4, Bytes: s.Bytes, Accounts: []string{one, two}, From: &from, To: &to, Objects: 2}
	if !reflect.DeepEqual(s, want) || s.Bytes < 1000 {
		t.Errorf("status is %+v, want %+v", s, want)
	}
}

func TestStates(t *testing.T) {
	l := create(t)
	none, err := l.States()
	check(t, err)
	check(t, l.SaveState(two, start, []byte("b")))
	check(t, l.SaveState(one, start.Add(time.Hour), []byte("later")))
	check(t, l.SaveState(one, start, []byte("old")))
	check(t, l.SaveState(one, start, []byte("a")))
	check(t, l.SaveState("../../up", start, []byte("up")))
	check(t, os.WriteFile(l.path("iam/"+one+"/notes.txt"), nil, 0o600))
	states, err := l.States()
	check(t, err)
	var got []string
	for _, s := range states {
		data, err := os.ReadFile(s.Path)
		check(t, err)
		got = append(got, s.AccountID+" "+s.At.Format(time.RFC3339)+" "+string(data))
	}
	want := []string{"../../up 2026-01-31T23:00:00Z up", one + " 2026-01-31T23:00:00Z a", one + " 2026-02-01T00:00:00Z later", two + " 2026-01-31T23:00:00Z b"}
	if len(none) != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("states are %q, want %q", got, want)
	}
}
