package main

import (
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/internal/browser"
)

// TestDemoPage looks at the demo's page as a newcomer's browser would: in
// light and dark, closed and with every row open.
func TestDemoPage(t *testing.T) {
	path := browser.Find()
	if path == "" || testing.Short() {
		t.Skip("no Chromium in PATH, and TRIMTRAIL_CHROMIUM names none; or a short run")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	must(t, "demo", "--dir", dir, "--events", "25000")
	b, err := browser.Start(path, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	url := "file://" + filepath.ToSlash(filepath.Join(dir, "report.html"))
	for _, dark := range []bool{false, true} {
		p, err := b.Open(url, browser.Options{Dark: dark})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []string{`0`, `document.querySelectorAll("details").forEach(d => { d.open = true })`} {
			if err := p.Eval(step, nil); err != nil {
				t.Fatal(err)
			}
			found, err := p.Audit()
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range append(found, p.Problems()...) {
				t.Errorf("dark %v: %s", dark, s)
			}
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
