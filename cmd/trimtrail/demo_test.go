package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemo goes the newcomer's way, twice in one directory.
func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	var first string
	for range 2 {
		out := must(t, "demo", "--dir", dir, "--events", "25000")
		for _, want := range []string{"Generated 90 days", "Ingested 3,", "Analysed the last 90 days", "5 things to do first", "  CRITICAL  ", "Next      trimtrail explain "} {
			if !strings.Contains(out, want) {
				t.Fatalf("no %q in\n%s", want, out)
			}
		}
		_, steps, _ := strings.Cut(out, "5 things")
		if first != "" && steps != first {
			t.Errorf("the second run says\n%s\nthe first\n%s", steps, first)
		}
		first = steps
	}
	for _, name := range []string{"report.html", "lake/_log", "policies/111122223333", "archive/AWSLogs", "iam"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	id, _, _ := strings.Cut(first[strings.Index(first, "explain ")+len("explain "):], " ")
	if story := must(t, "explain", id, "--lake", filepath.Join(dir, "lake")); !strings.Contains(story, "CRITICAL") {
		t.Errorf("the demo's next step shows\n%s", story)
	}
}

// TestDemoKeepsOtherFiles holds that a demo does not write into a directory that is not its own.
func TestDemoKeepsOtherFiles(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "report.html")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := try("demo", "--dir", dir); code != exitUsage || !strings.Contains(errs, "--dir") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if data, err := os.ReadFile(mine); err != nil || string(data) != "mine" {
		t.Errorf("%q, %v", data, err)
	}
}
