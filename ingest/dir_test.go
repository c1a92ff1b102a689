package ingest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// archive writes files below a new directory and returns it.
func archive(t testing.TB, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return root
}

// logName is where CloudTrail puts an object.
func logName(account, region, day, unique string) string {
	return "AWSLogs/" + account + "/CloudTrail/" + region + "/" + day + "/" + account + "_CloudTrail_" + region + "_" + strings.ReplaceAll(day, "/", "") + "T0000Z_" + unique + ".json.gz"
}

// names lists a source: the objects below root in order, and how many are
// ignored.
func names(t testing.TB, s Source, f Filter, root string) (list []string, ignored int) {
	t.Helper()
	for e, err := range s.List(t.Context(), f) {
		check(t, err)
		if e.Ignored {
			ignored++
			continue
		}
		list = append(list, strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(e.Object.URI, root)), "/"))
	}
	return list, ignored
}

func source(t testing.TB, path string) Source {
	t.Helper()
	s, err := NewPath(path)
	check(t, err)
	return s
}

func TestDirectory(t *testing.T) {
	root := archive(t, map[string]string{
		"b/x.json": "{}", "b.json": "{}", "a/deep/er/y.jsonl": "{}", "README.md": "", "a/digest.txt": "",
		logName(account, "eu-west-1", "2026/01/31", "x"):                        "",
		"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/01/31/d.json.gz": "",
		"lake/_log/format.json": "{}", "lake/_log/00000001.json.gz": "",
	})
	check(t, os.Symlink(filepath.Join(root, "b.json"), filepath.Join(root, "c.json")))
	check(t, os.Symlink(root, filepath.Join(root, "d.json"))) // a circle
	check(t, os.Symlink("nowhere", filepath.Join(root, "e.json")))
	got, ignored := names(t, source(t, root), Filter{}, root)
	want := []string{logName(account, "eu-west-1", "2026/01/31", "x"), "a/deep/er/y.jsonl", "b.json", "b/x.json", "c.json"}
	if !slices.Equal(got, want) || ignored != 4 {
		t.Errorf("listed %q and ignored %d, want %q and README, txt and two links", got, ignored, want)
	}
	got, _ = names(t, source(t, filepath.Join(root, "README.md")), Filter{}, root)
	if !slices.Equal(got, []string{"README.md"}) {
		t.Errorf("a file that is named: %q", got)
	}
	if _, err := NewPath(filepath.Join(root, "none")); err == nil || !strings.HasSuffix(err.Error(), "none: no such file or directory") {
		t.Errorf("a path that is not there: %v", err)
	}
}

// What the filter excludes is not looked into: a folder that cannot be opened
// is no error.
func TestDirectoryIsPruned(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root every folder opens: only the names are checked")
	}
	files := map[string]string{}
	for _, a := range []string{account, "444455556666"} {
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			for _, day := range []string{"2025/12/31", "2026/01/30", "2026/01/31", "2026/02/01"} {
				files[logName(a, region, day, "x")] = ""
			}
		}
	}
	root := archive(t, files)
	for _, closed := range []string{"444455556666", account + "/CloudTrail/us-east-1", account + "/CloudTrail/eu-west-1/2025", account + "/CloudTrail/eu-west-1/2026/02"} {
		path := filepath.Join(root, "AWSLogs", filepath.FromSlash(closed))
		check(t, os.Chmod(path, 0))
		t.Cleanup(func() { os.Chmod(path, 0o755) })
	}
	f := Filter{Accounts: []string{account}, Regions: []string{"eu-west-1"}, Since: "2026-01-31", Until: "2026-01-31"}
	got, _ := names(t, source(t, root), f, root)
	if want := []string{logName(account, "eu-west-1", "2026/01/31", "x")}; !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func TestListingEnds(t *testing.T) {
	root := archive(t, map[string]string{"a.json": "", "b.json": ""})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range source(t, root).List(ctx, Filter{}) {
		if err == nil {
			t.Error("it lists on after its context ended")
		}
	}
	for range source(t, root).List(t.Context(), Filter{}) {
		break // must not be called again
	}
}
