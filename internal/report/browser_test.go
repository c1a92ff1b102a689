package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/browser"
	"github.com/trimtrail/trimtrail/rules"
)

// chromium starts a browser, or skips the test where there is none.
func chromium(t *testing.T) *browser.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is slow")
	}
	path := browser.Find()
	if path == "" {
		t.Skip("no Chromium in PATH, and TRIMTRAIL_CHROMIUM names none")
	}
	b, err := browser.Start(path, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// filed writes the page of m to a file and returns its URL.
func filed(t *testing.T, m *Model) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(name, page1(t, m), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(name)
}

// opened opens url; at the end of the test the browser must not have complained.
func opened(t *testing.T, b *browser.Browser, url string, o browser.Options) *browser.Page {
	t.Helper()
	p, err := b.Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, s := range p.Problems() {
			t.Errorf("the browser says: %s", s)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// eval evaluates an expression on the page.
func eval[T any](t *testing.T, p *browser.Page, expression string) (v T) {
	t.Helper()
	if err := p.Eval(expression, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func audited(t *testing.T, p *browser.Page) {
	t.Helper()
	found, err := p.Audit()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found {
		t.Error(s)
	}
}

// pictured keeps a screenshot where TRIMTRAIL_PAGES says.
func pictured(t *testing.T, p *browser.Page, name string, whole bool) {
	t.Helper()
	dir := os.Getenv("TRIMTRAIL_PAGES")
	if dir == "" {
		return
	}
	shot, err := p.Screenshot(whole)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPage drives the page in a browser.
func TestPage(t *testing.T) {
	b := chromium(t)
	for name, test := range map[string]func(*testing.T, *browser.Browser){
		"reads": pageReads, "hostile": hostilePageDoesNothing, "filters": pageFilters, "sorts": pageSorts, "drills down": pageDrillsDown,
		"toggles": pageToggles, "pages": pagesLead, "keyboard": pageByKeyboard, "no script": pageWithoutScript,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

// changedModel is a big model with every part of the page in it.
func changedModel(t *testing.T, n int) *Model {
	m := bigModel(t, n)
	before := *m.Findings
	before.AsOf = asOf.AddDate(0, 0, -7)
	before.Findings = append(before.Findings[2:len(before.Findings):len(before.Findings)], sleeping(7))
	m.Changes = Compare(&before, m.Findings)
	for i := range 12 {
		m.History = append(m.History, Past{At: asOf.AddDate(0, 0, -7*(i+1)), Critical: i % 3, High: 20 + 3*i, Medium: 40 - i, Low: 9, Privilege: 300 + 11*i, Policies: n})
	}
	for i := range m.Policies.Policies {
		m.Policies.Policies[i].Score = &rules.Score{Current: 5 + i%50, Proposed: 3}
	}
	return m
}

// openAll opens every row.
const openAll = `document.querySelectorAll("details").forEach(d => { d.open = true })`

// pageReads looks at the pages as different readers do: in light and dark,
// on a telephone, on paper, with all rows open, and with hostile text.
func pageReads(t *testing.T, b *browser.Browser) {
	pages := map[string]*Model{"60": changedModel(t, 60), "1000": bigModel(t, 1000), "hostile": hostileModel(t), "empty": {}}
	for name, m := range pages {
		url := filed(t, m)
		for _, view := range []struct {
			name string
			o    browser.Options
		}{
			{"light", browser.Options{}}, {"dark", browser.Options{Dark: true}},
			{"narrow", browser.Options{Width: 390, Height: 844}}, {"print", browser.Options{Media: "print", Width: 800}},
		} {
			if (name == "1000" || name == "empty") && view.name != "light" || name == "hostile" && view.o.Dark {
				continue // nothing that the pages before did not show
			}
			t.Run(name+"/"+view.name, func(t *testing.T) {
				p := opened(t, b, url, view.o)
				audited(t, p)
				pictured(t, p, name+"-"+view.name, name != "1000")
				if name != "1000" && (view.name == "light" || view.name == "dark") {
					eval[any](t, p, openAll)
					audited(t, p)
					pictured(t, p, name+"-"+view.name+"-open", true)
				}
			})
		}
	}
}

// hostilePageDoesNothing holds that text stays text: nothing runs, nothing
// is an element, and the page has the rows it should.
func hostilePageDoesNothing(t *testing.T, b *browser.Browser) {
	p := opened(t, b, filed(t, hostileModel(t)), browser.Options{})
	eval[any](t, p, openAll)
	if n := eval[int](t, p, `document.querySelectorAll("img,iframe,object,embed,base,link,body script ~ script,[onerror],[onload]").length`); n != 0 {
		t.Errorf("%d elements that are not ours", n)
	}
	if n := eval[int](t, p, `document.querySelectorAll(".row.f").length`); n != 2 {
		t.Errorf("%d findings", n)
	}
	if title := eval[string](t, p, `document.title`); !strings.Contains(title, "<img src=x onerror=alert(1)>") {
		t.Errorf("the title is %q", title)
	}
}

// shown counts the rows of a section that can be seen.
func shown(t *testing.T, p *browser.Page, section string) int {
	t.Helper()
	return eval[int](t, p, `[...document.querySelectorAll("#`+section+` .row[id]")].filter(r => r.checkVisibility()).length`)
}

// set gives a control of a section's form a value, as a reader would.
func set(t *testing.T, p *browser.Page, section, name, value string) {
	t.Helper()
	eval[any](t, p, `(() => { const c = document.querySelector("#`+section+` form").elements["`+name+`"]; c.value = "`+value+`";
		c.dispatchEvent(new Event("input", {bubbles: true})); c.dispatchEvent(new Event("change", {bubbles: true})) })()`)
}

// pageFilters uses every control of the page.
func pageFilters(t *testing.T, b *browser.Browser) {
	m := changedModel(t, 1000)
	p := opened(t, b, filed(t, m), browser.Options{})
	all := map[string]int{"findings": shown(t, p, "findings"), "principals": shown(t, p, "principals"), "policies": shown(t, p, "policies")}
	if all["findings"] != len(m.Findings.Findings) || all["principals"] != 1000 {
		t.Errorf("%v are shown of %d findings and 1000 principals", all, len(m.Findings.Findings))
	}
	for _, tt := range []struct{ section, name, value, attribute string }{
		{"findings", "sev", "high", "sev"}, {"findings", "rule", "TT-A02", "rule"}, {"findings", "acct", "444455556666", "acct"},
		{"findings", "who", "user/jdoe", "who"}, {"findings", "text", "jdoe", ""}, {"principals", "text", "checkout 111122223333", ""},
		{"policies", "verdict", "too early", "verdict"}, {"policies", "text", "etl", ""},
	} {
		set(t, p, tt.section, tt.name, tt.value)
		n := shown(t, p, tt.section)
		if n == 0 || n >= all[tt.section] {
			t.Errorf("%s %s=%s shows %d of %d", tt.section, tt.name, tt.value, n, all[tt.section])
		}
		wrong := `[...document.querySelectorAll("#` + tt.section + ` .row[id]")].filter(r => r.checkVisibility() && `
		if tt.attribute != "" {
			wrong += `r.dataset.` + tt.attribute + ` !== "` + tt.value + `").length`
		} else {
			wrong += `!"` + tt.value + `".split(" ").every(w => r.textContent.toLowerCase().includes(w))).length`
		}
		if bad := eval[int](t, p, wrong); bad != 0 {
			t.Errorf("%s %s=%s shows %d rows that do not fit", tt.section, tt.name, tt.value, bad)
		}
		if out := eval[string](t, p, `document.querySelector("#`+tt.section+` output").textContent`); !strings.HasPrefix(out, itoa(n)+" of ") {
			t.Errorf("%s says %q of %d", tt.section, out, n)
		}
		set(t, p, tt.section, tt.name, "")
		if back := shown(t, p, tt.section); back != all[tt.section] {
			t.Errorf("%s shows %d afterwards, not %d", tt.section, back, all[tt.section])
		}
	}
}

func itoa(n int) string { return strings.ReplaceAll(number(n), ",", "") }

// pageSorts sorts the principals by each key.
func pageSorts(t *testing.T, b *browser.Browser) {
	p := opened(t, b, filed(t, bigModel(t, 60)), browser.Options{})
	for key, before := range map[string]string{"name": "a <= b", "events": "+a >= +b", "denied": "+a >= +b", "last": "a >= b", "drop": "+a >= +b"} {
		set(t, p, "principals", "sort", key)
		if !eval[bool](t, p, `[...document.querySelectorAll("#principals .row[id]")].map(r => r.dataset.`+key+`).every((b, i, l) => { const a = l[i-1]; return i === 0 || `+before+` })`) {
			t.Errorf("not sorted by %s", key)
		}
	}
}

// pageDrillsDown follows a reader from a step to a finding, its principal
// and its policy, and opens a row that a filter has hidden.
func pageDrillsDown(t *testing.T, b *browser.Browser) {
	p := opened(t, b, filed(t, changedModel(t, 60)), browser.Options{})
	follow := func(link string) string {
		t.Helper()
		id := eval[string](t, p, `(() => { const a = document.querySelector('`+link+`'); a.click(); return a.hash.slice(1) })()`)
		eval[any](t, p, `new Promise(done => setTimeout(done, 50))`)
		if !eval[bool](t, p, `document.getElementById("`+id+`").checkVisibility({contentVisibilityAuto: true})`) || !eval[bool](t, p, `document.getElementById("`+id+`").closest("details").open`) {
			t.Errorf("%s leads to #%s, which stays closed", link, id)
		}
		return id
	}
	follow(".steps a")
	follow("#changes a")
	principal := strings.TrimSuffix(follow(`#findings dd a[href^="#p"]`), "d")
	pictured(t, p, "principal", false)
	follow("#" + principal + ` a[href^="#g"]`)
	pictured(t, p, "policy", false)
	set(t, p, "findings", "text", "no such text")
	if n := shown(t, p, "findings"); n != 0 {
		t.Errorf("%d findings hold no such text", n)
	}
	follow("#" + principal + ` a[href^="#f"]`)
	if n := shown(t, p, "findings"); n != 1 {
		t.Errorf("%d findings are shown after a link to one", n)
	}
}

// pageToggles opens and closes all rows that are shown.
func pageToggles(t *testing.T, b *browser.Browser) {
	p := opened(t, b, filed(t, bigModel(t, 60)), browser.Options{})
	set(t, p, "findings", "sev", "high")
	want := shown(t, p, "findings")
	for _, n := range []int{want, 0} {
		eval[any](t, p, `document.querySelector("#findings .toggle").click()`)
		if open := eval[int](t, p, `document.querySelectorAll("#findings details[open]").length`); open != n {
			t.Errorf("%d rows are open, not %d", open, n)
		}
	}
}

// pageByKeyboard goes to the content and opens a row without a mouse.
func pageByKeyboard(t *testing.T, b *browser.Browser) {
	p := opened(t, b, filed(t, bigModel(t, 60)), browser.Options{})
	press := func(key string) {
		t.Helper()
		if err := p.Press(key); err != nil {
			t.Fatal(err)
		}
	}
	press("Tab")
	if at := eval[string](t, p, `document.activeElement.className`); at != "skip" {
		t.Errorf("the first stop is %q", at)
	}
	if left := eval[float64](t, p, `document.activeElement.getBoundingClientRect().left`); left < 0 {
		t.Errorf("the first stop is out of sight at %v", left)
	}
	eval[any](t, p, `document.querySelector("#findings summary").focus()`)
	press("Enter")
	if !eval[bool](t, p, `document.querySelector("#findings details").open`) {
		t.Error("Enter does not open a row")
	}
}

// pageWithoutScript reads everything with scripts off.
func pageWithoutScript(t *testing.T, b *browser.Browser) {
	m := bigModel(t, 60)
	p := opened(t, b, filed(t, m), browser.Options{NoScript: true})
	if n := eval[int](t, p, `[...document.querySelectorAll("form,button")].filter(e => e.checkVisibility()).length`); n != 0 {
		t.Errorf("%d controls that do nothing are shown", n)
	}
	text := eval[string](t, p, `document.body.textContent`)
	for _, f := range m.Findings.Findings {
		if !strings.Contains(text, f.Title) || !strings.Contains(text, f.Reason) {
			t.Errorf("%s is not on the page", f.ID)
		}
	}
	eval[any](t, p, `document.querySelector("#findings summary").click()`)
	for range 20 {
		if eval[bool](t, p, `document.querySelector("#findings .body").checkVisibility({contentVisibilityAuto: true})`) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("a row does not open")
}
