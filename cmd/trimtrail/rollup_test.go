package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/orgsim"
)

// TestRollupsAreTheEvents holds that facts made of rollups are those made of
// events: for generated organisations, for many files a day, and for windows
// that begin and end within a day.
func TestRollupsAreTheEvents(t *testing.T) {
	seeds := []uint64{1, 2, 3}
	if testing.Short() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		cfg := orgsim.Default()
		cfg.Seed, cfg.Events, cfg.Days = seed, 4000, 10
		org, err := orgsim.Generate(t.TempDir(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		holdRollups(t, lakeOf(t, org.Archive, 150))
	}
}

// TestRollupsOfRealEvents does so for public events and longer archives.
func TestRollupsOfRealEvents(t *testing.T) {
	base := os.Getenv("TRIMTRAIL_DATA")
	if base == "" {
		t.Skip("TRIMTRAIL_DATA is not set")
	}
	for _, folder := range []string{"sans504", "invictus", "stratus", "traildiscover", "versions"} {
		t.Run(folder, func(t *testing.T) {
			for _, n := range []int{1 << 20, 7} {
				holdRollups(t, lakeOf(t, filepath.Join(base, "cloudtrail", folder), n))
			}
		})
	}
	for seed := range uint64(2) {
		cfg := orgsim.Default()
		cfg.Seed, cfg.Events, cfg.Days = 11+seed, 40_000, 40
		org, err := orgsim.Generate(t.TempDir(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		holdRollups(t, lakeOf(t, org.Archive, 700))
	}
}

// lakeOf makes a lake of an archive, with a commit every so many objects.
func lakeOf(t *testing.T, archive string, every int) *lake.Lake {
	t.Helper()
	l, err := lake.Create(filepath.Join(t.TempDir(), "lake"))
	fatal(t, err)
	w, err := l.Writer(lake.WriterOptions{Memory: 1 << 20})
	fatal(t, err)
	n := 0
	fatal(t, filepath.WalkDir(archive, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := ingest.Decode(event.Object{URI: path}, content, ingest.Limits{})
		if err != nil {
			return nil // no log
		}
		if _, _, err := w.Add(b); err != nil {
			return err
		}
		if n++; n%every == 0 {
			return w.Commit()
		}
		return nil
	}))
	fatal(t, errors.Join(w.Commit(), w.Close()))
	return l
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// holdRollups compares facts before there are rollups, when they were made,
// and when some of them are gone.
func holdRollups(t *testing.T, l *lake.Lake) {
	t.Helper()
	s, err := l.Status()
	fatal(t, err)
	whole := analyze.Window{From: *s.From, To: s.To.Add(time.Microsecond)}
	third := whole.To.Sub(whole.From) / 3
	for name, w := range map[string]analyze.Window{
		"all":          whole,
		"cut":          {From: whole.From.Add(third), To: whole.To.Add(-third)},
		"within a day": {From: whole.From.Add(third), To: whole.From.Add(third + 5*time.Hour)},
	} {
		want := factsOfEvents(t, l, w)
		for _, when := range []string{"first", "again", "after some went"} {
			if when == "after some went" {
				loseSome(t, l)
			}
			acc, err := accumulate(t.Context(), l, w, catalog.Default())
			fatal(t, err)
			if got := acc.Facts(time.Time{}, nil, nil); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, window %s: the facts differ: %d principals, want %d", when, name, len(got.Principals), len(want.Principals))
			}
		}
	}
	_, err = accumulate(t.Context(), l, whole, catalog.Default())
	fatal(t, err)
	v, err := l.Verify()
	fatal(t, err)
	if s, err = l.StatusWithRollups(); err != nil || !v.OK() || s.Rollups.Files != s.Files {
		t.Errorf("%v, %d problems, the first %v; %d of %d files are rolled up", err, len(v.Problems), v.Problems[:min(len(v.Problems), 1)], s.Rollups.Files, s.Files)
	}
}

func factsOfEvents(t *testing.T, l *lake.Lake, w analyze.Window) *analyze.Facts {
	t.Helper()
	acc := analyze.NewAccumulator(w, catalog.Default())
	for e, err := range l.Events(t.Context(), lake.Query{From: w.From, To: w.To}) {
		fatal(t, err)
		acc.Add(e)
	}
	return acc.Facts(time.Time{}, nil, nil)
}

// loseSome removes or damages a part of the rollups.
func loseSome(t *testing.T, l *lake.Lake) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(l.Dir(), "[a-d]*", "*", "*", "*.parquet"))
	fatal(t, err)
	for i, name := range files {
		switch i % 5 {
		case 0:
			fatal(t, os.Remove(name))
		case 1:
			fatal(t, os.Truncate(name, 70))
		}
	}
}

// TestLakeThatMayNotBeWritten holds that analysis does without rollups.
func TestLakeThatMayNotBeWritten(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("the system lets this user write everywhere")
	}
	dir := archive(t)
	fatal(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o500)
			t.Cleanup(func() { os.Chmod(path, 0o700) })
		}
		return err
	}))
	must(t, "analyze", "--lake", dir)
}

// TestRollupsInAPlaceThatIsTaken is the same for who may write everywhere.
func TestRollupsInAPlaceThatIsTaken(t *testing.T) {
	dir := archive(t)
	want := must(t, "analyze", "--lake", dir, "--format", "json")
	fatal(t, os.RemoveAll(filepath.Join(dir, "usage")))
	fatal(t, os.WriteFile(filepath.Join(dir, "usage"), nil, 0o600))
	if got := must(t, "analyze", "--lake", dir, "--format", "json"); got != want {
		t.Error("the findings differ where rollups cannot be stored")
	}
}

// TestRebuild holds that rebuild makes what is missing, or all.
func TestRebuild(t *testing.T) {
	dir := archive(t)
	for _, c := range []struct {
		args []string
		made string
	}{
		{nil, "Rolled up 1 of 1 file, 4 events"},
		{nil, "Rolled up 0 of 1 file, 0 events"},
		{[]string{"--all"}, "Rolled up 1 of 1 file, 4 events"},
	} {
		if out := must(t, append([]string{"lake", "rebuild", "--lake", dir}, c.args...)...); strings.TrimSpace(out) != c.made {
			t.Errorf("%v: %q, want %q", c.args, out, c.made)
		}
	}
	if out := must(t, "lake", "status", "--lake", dir); !strings.Contains(out, "Rolled up    1 of 1 file, ") {
		t.Errorf("status:\n%s", out)
	}
}
