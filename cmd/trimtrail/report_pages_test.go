package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/report"
)

// crowd is a model of n principals.
func crowd(n int) *report.Model {
	m := &report.Model{}
	for i := range n {
		name := fmt.Sprintf("role/r%d", i)
		m.Principals = append(m.Principals, report.PrincipalSummary{ARN: "arn:aws:iam::111122223333:" + name, Kind: "role", AccountID: "111122223333", Name: name})
	}
	return m
}

// TestReportPages holds where the files of a report of many pages go, and that
// those of a longer one before are gone.
func TestReportPages(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "org.html")
	write := func(out string, n int) []string {
		t.Helper()
		f := reportFlags{format: "html", out: out}
		if err := f.deliver(streams{}, crowd(n)); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			files[i] = strings.TrimPrefix(filepath.ToSlash(files[i]), filepath.ToSlash(dir)+"/")
		}
		return files
	}
	if files := write(out, 1000); len(files) != 0 {
		t.Errorf("1,000 principals make %v", files)
	}
	if files := write(out, 1250); len(files) != 13 || files[12] != "org-pages/013.html" {
		t.Errorf("1,250 principals make %v", files)
	}
	kept := filepath.Join(dir, "org-pages", "notes.html")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if files := write(out, 1001); len(files) != 12 {
		t.Errorf("1,001 principals after them leave %v", files)
	}
	if files := strings.Join(write(filepath.Join(dir, "new")+"/", 3), " "); !strings.Contains(files, "new/index.html new/pages") {
		t.Errorf("a folder got %v", files)
	}
	if code, _, errs := try("report", "--lake", dir, "--format", "csv", "--out", dir); code != exitUsage || !strings.Contains(errs, "is a folder") {
		t.Errorf("csv to a folder: exit %d, %s", code, errs)
	}
}
