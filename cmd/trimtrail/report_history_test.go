package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReportOverTime holds that the page draws the reports that runs left, and
// says which of them it cannot read.
func TestReportOverTime(t *testing.T) {
	p := newRunPlace(t, "lake: lake\nsources:\n  - uri: AWSLogs\nreports:\n  files:\n    - path: report.html\n")
	page := func() (html, errs string) {
		t.Helper()
		code, out, errs := try("report", "--lake", p.path("lake"))
		if code != 0 {
			t.Fatal(errs)
		}
		return out, errs
	}
	for i := range 3 {
		p.trail(i, 3)
		p.once(0)
		data, err := os.ReadFile(p.path("report.html"))
		drawn := strings.Contains(string(data), `id="trend"`)
		if err != nil || drawn != (i > 0) {
			t.Errorf("run %d: drawn %v, %v", i+1, drawn, err)
		}
	}
	if html, errs := page(); !strings.Contains(html, "3 reports from 2026-03-01") || errs != "" {
		t.Errorf("the page draws other reports; %s", errs)
	}
	kept, err := filepath.Glob(p.path("lake/*/reports/*.json"))
	if more, _ := filepath.Glob(p.path("lake/reports/*.json")); err != nil || len(kept)+len(more) == 0 {
		t.Fatal("no report is kept", err)
	} else {
		kept = append(kept, more...)
	}
	if err := writeFile(kept[0], []byte(`{"schema":"other/1"}`)); err != nil {
		t.Fatal(err)
	}
	if html, errs := page(); !strings.Contains(html, "2 reports from 2026-03-01") || !strings.Contains(errs, "warning: not all earlier reports") {
		t.Errorf("a report that cannot be read: %s", errs)
	}
}
