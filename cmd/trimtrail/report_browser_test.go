package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/internal/browser"
	"github.com/trimtrail/trimtrail/internal/orgsim"
)

// TestPages looks at pages of the whole program as a newcomer's browser would:
// of the demo, of a real trail, and of an organisation of a thousand
// principals, which takes half a minute and so runs with TRIMTRAIL_SOAK alone.
func TestPages(t *testing.T) {
	path := browser.Find()
	if path == "" || testing.Short() {
		t.Skip("no Chromium in PATH, and TRIMTRAIL_CHROMIUM names none; or a short run")
	}
	b, err := browser.Start(path, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, page := range map[string]func(*testing.T) string{"demo": demoPage, "sans504": realPage, "thousand": thousandPage} {
		t.Run(name, func(t *testing.T) { looksRight(t, b, name, page(t)) })
	}
}

func demoPage(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "demo")
	must(t, "demo", "--dir", dir, "--events", "25000")
	return filepath.Join(dir, "report.html")
}

func realPage(t *testing.T) string {
	data := os.Getenv("TRIMTRAIL_DATA")
	if data == "" {
		t.Skip("TRIMTRAIL_DATA names no folder")
	}
	dir := t.TempDir()
	must(t, "ingest", filepath.Join(data, "cloudtrail", "sans504"), "--lake", filepath.Join(dir, "lake"))
	must(t, "report", "--lake", filepath.Join(dir, "lake"), "--out", filepath.Join(dir, "report.html"))
	return filepath.Join(dir, "report.html")
}

func thousandPage(t *testing.T) string {
	if os.Getenv("TRIMTRAIL_SOAK") == "" {
		t.Skip("TRIMTRAIL_SOAK is not set")
	}
	dir := t.TempDir()
	cfg := orgsim.Default()
	cfg.Events, cfg.Accounts, cfg.Days = 30_000, 235, 21
	org, err := orgsim.Generate(dir, cfg)
	if err != nil || org.Principals < 990 {
		t.Fatal(org, err)
	}
	lake, out := filepath.Join(dir, "lake"), filepath.Join(dir, "report.html")
	must(t, "ingest", org.Archive, "--lake", lake)
	must(t, "iam", "load", org.IAM, "--lake", lake)
	must(t, "report", "--lake", lake, "--out", out)
	info, err := os.Stat(out)
	if err != nil || info.Size() > 3_000_000 {
		t.Errorf("the page takes %d bytes; %v", info.Size(), err)
	}
	return out
}

// looksRight reads a page in light and dark, on a telephone and on paper,
// closed and with every row open.
func looksRight(t *testing.T, b *browser.Browser, name, file string) {
	for view, o := range map[string]browser.Options{"light": {}, "dark": {Dark: true}, "narrow": {Width: 400, Height: 800}, "print": {Width: 800, Media: "print"}} {
		p, err := b.Open("file://"+filepath.ToSlash(file), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []string{`0`, `document.querySelectorAll("details").forEach((d, i) => { d.open = i < 300 })`} {
			ask[any](t, p, step)
			found, err := p.Audit()
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range found {
				t.Errorf("%s: %s", view, s)
			}
			photograph(t, p, name+"-"+view+map[bool]string{true: "", false: "-open"}[step == `0`])
		}
		if view == "print" {
			onPaper(t, p)
		} else {
			answers(t, p)
		}
		for _, s := range p.Problems() {
			t.Errorf("%s: %s", view, s)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

func ask[T any](t *testing.T, p *browser.Page, expression string) (v T) {
	t.Helper()
	if err := p.Eval(expression, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// answers filters the findings by severity, and follows the first step.
func answers(t *testing.T, p *browser.Page) {
	t.Helper()
	wrong := ask[int](t, p, `(() => { const f = document.querySelector("#findings form"), s = f.elements.sev; s.selectedIndex = 1;
		f.dispatchEvent(new Event("input", {bubbles: true}));
		const shown = [...document.querySelectorAll("#findings .row")].filter(r => !r.hidden);
		return shown.length ? shown.filter(r => r.dataset.sev !== s.value).length : -1 })()`)
	if wrong != 0 {
		t.Errorf("the filter by severity shows %d wrong rows (-1: none at all)", wrong)
	}
	if !ask[bool](t, p, `new Promise(done => { document.querySelectorAll("details").forEach(d => { d.open = false });
		const a = document.querySelector(".steps a"); a.click(); setTimeout(() => done(document.getElementById(a.hash.slice(1)).checkVisibility({contentVisibilityAuto: true})), 100) })`) {
		t.Error("the first step leads to nothing that can be seen")
	}
}

// onPaper holds that what is grave is printed whole, whatever was open, and
// that nothing is printed that only a screen can use.
func onPaper(t *testing.T, p *browser.Page) {
	t.Helper()
	ask[any](t, p, `document.querySelectorAll("details").forEach(d => { d.open = false })`)
	if n := ask[int](t, p, `[...document.querySelectorAll("details.f[data-sev=critical] .body, details.f[data-sev=high] .body")].filter(e => !e.checkVisibility({contentVisibilityAuto: true}) || !e.offsetHeight).length`); n != 0 {
		t.Errorf("%d grave findings are printed without their details", n)
	}
	if n := ask[int](t, p, `[...document.querySelectorAll("nav,form,button,input,select")].filter(e => e.checkVisibility()).length`); n != 0 {
		t.Errorf("%d controls are printed", n)
	}
	if pdf, err := p.PDF(); err != nil || len(pdf) < 10_000 {
		t.Errorf("the print has %d bytes; %v", len(pdf), err)
	}
}

// photograph keeps screenshots, one a window's height, where TRIMTRAIL_PAGES says.
func photograph(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	dir := os.Getenv("TRIMTRAIL_PAGES")
	for i := 0; dir != "" && i < 5; i++ {
		ask[any](t, p, fmt.Sprintf(`scrollTo(0, %d * innerHeight)`, i))
		shot, err := p.Screenshot(false)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, i)), shot, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
