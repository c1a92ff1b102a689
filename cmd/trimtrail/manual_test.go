package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestManual holds that each command that help shows has a page with all its
// flags, and that groff, where there is one, has nothing to say against it.
func TestManual(t *testing.T) {
	dir := t.TempDir()
	must(t, "manual", "--out", dir)
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) < 25 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "trimtrail-lake-compact.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{".TH \"TRIMTRAIL\\-LAKE\\-COMPACT\" 1", `\fB\-\-lake\fR`, `\fBtrimtrail\-lake\fR(1)`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if got := roffText("a\n.b\n\n  c-d\\"); got != "a\n\\&.b\n.PP\n.nf\n  c\\-d\\e\n.fi" {
		t.Errorf("%q", got)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		return
	}
	out, err := exec.Command(groff, append([]string{"-man", "-Tutf8", "-ww", "-z"}, pages...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("groff: %v\n%s", err, out)
	}
}

// TestVersionOfRelease holds that the linker's word goes before Go's.
func TestVersionOfRelease(t *testing.T) {
	defer func() { release = "" }()
	release = "v9.8.7"
	if out := must(t, "version"); !strings.HasPrefix(out, "trimtrail v9.8.7, catalogue of ") {
		t.Error(out)
	}
}
