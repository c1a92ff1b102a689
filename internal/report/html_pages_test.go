package report

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/browser"
)

// paged are the files of m as a report of many pages, and their order.
func paged(t testing.TB, m *Model, o PagesOptions) (files map[string][]byte, order []string) {
	t.Helper()
	files = map[string][]byte{}
	err := HTMLPages(m, o, func(name string, data []byte) error {
		files[name], order = bytes.Clone(data), append(order, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, order
}

var oddly = PagesOptions{Summary: "a b#1.html", Folder: "my:100%-pages?"}

// TestHTMLPages holds that an organisation beyond one page is all there: the
// summary small, each row whole on one page, and every link with its target.
func TestHTMLPages(t *testing.T) {
	m := changedModel(t, 3000)
	files, order := paged(t, m, oddly)
	if n := len(files[oddly.Summary]); n > 3_000_000 || order[len(order)-1] != oddly.Summary {
		t.Errorf("the summary takes %d bytes; the last file is %s", n, order[len(order)-1])
	}
	if len(files) < 31 {
		t.Errorf("only %d files", len(files))
	}
	whole := map[string]int{}
	for name, data := range files {
		if len(data) > 3_000_000 {
			t.Errorf("%s takes %d bytes", name, len(data))
		}
		if name != oddly.Summary {
			for _, m := range regexp.MustCompile(`<details class="row ." id="([^"]+)"`).FindAllSubmatch(data, -1) {
				whole[string(m[1])]++
			}
		}
	}
	for kind, n := range map[string]int{"p": len(m.Principals), "f": len(m.Findings.Findings), "g": len(m.Policies.Policies)} {
		for i := range n {
			if id := fmt.Sprint(kind, i+1); whole[id] != 1 {
				t.Fatalf("%s is whole on %d pages", id, whole[id])
			}
		}
	}
	linked(t, files)
}

// linked checks every link of every file.
func linked(t *testing.T, files map[string][]byte) {
	t.Helper()
	ids := map[string]bool{}
	for name, data := range files {
		ids[name] = true
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllSubmatch(data, -1) {
			ids[name+"#"+string(m[1])] = true
		}
	}
	away := 0
	for name, data := range files {
		for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllSubmatch(data, -1) {
			u, err := url.Parse(string(m[1]))
			if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" {
				t.Fatalf("%s: %s is no relative link: %v", name, m[1], err)
			}
			to := name
			if u.Path != "" {
				to, away = path.Join(path.Dir(name), u.Path), away+1
			}
			if u.Fragment != "" {
				to += "#" + u.Fragment
			}
			if !ids[to] {
				t.Fatalf("%s: %s leads nowhere", name, m[1])
			}
		}
	}
	if away < 1000 {
		t.Errorf("only %d links between pages", away)
	}
}

func TestHostileHTMLPages(t *testing.T) {
	harmless, bad := fill[Model](t, "x:y"), fill[Model](t, hostile)
	want, _ := paged(t, &harmless, oddly)
	got, _ := paged(t, &bad, oddly)
	if len(want) != 2 || len(got) != 2 {
		t.Fatalf("%d and %d files", len(want), len(got))
	}
	for name := range want {
		if !slices.Equal(skeleton(got[name]), skeleton(want[name])) {
			t.Errorf("%s: text changes the markup", name)
		}
	}
}

// pagesLead follows a reader from the summary to a row on another page and
// back, from a disk, with and without scripts.
func pagesLead(t *testing.T, b *browser.Browser) {
	dir := t.TempDir()
	files, _ := paged(t, bigModel(t, 1300), oddly)
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string {
		return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(name)))}).String()
	}
	p := opened(t, b, file(oddly.Summary), browser.Options{})
	audited(t, p)
	pictured(t, p, "paged", false)
	link := eval[string](t, p, `document.querySelector("#principals .brief a").href`)
	page, anchor, _ := strings.Cut(link, "#")
	if page != file(oddly.Folder+"/"+path.Base(page)) {
		t.Fatalf("a row leads to %s", link)
	}
	for _, noScript := range []bool{false, true} {
		p := opened(t, b, link, browser.Options{NoScript: noScript})
		if !eval[bool](t, p, `document.getElementById("`+anchor+`").checkVisibility({contentVisibilityAuto: true})`) {
			t.Errorf("no script %v: %s stays closed", noScript, link)
		}
		if back := eval[string](t, p, `document.querySelector("nav a").href`); back != file(oddly.Summary) {
			t.Errorf("the way back leads to %s", back)
		}
		audited(t, p)
		pictured(t, p, "part", false)
	}
}
