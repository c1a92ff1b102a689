package report

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

func page1(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHTMLGolden(t *testing.T) {
	m := &Model{Findings: smallFindings(), Policies: smallPolicies(t), Generated: asOf, Version: "0.1.0"}
	page := page1(t, m)
	// Style and script are files of their own; the golden page is what the model makes of them.
	page = regexp.MustCompile(`(?s)<style>.*</style>|<script>.*</script>|<meta http-equiv[^>]*>`).ReplaceAll(page, nil)
	golden(t, "report.html", page)
}

func TestHTMLIsSmallAndTheSame(t *testing.T) {
	m := bigModel(t, 1000)
	page := page1(t, m)
	if len(page) > 3_000_000 {
		t.Errorf("1,000 principals take %d bytes", len(page))
	}
	if !bytes.Equal(page, page1(t, m)) {
		t.Error("the same model gives different pages")
	}
	if n := bytes.Count(page, []byte(` data-events=`)); n != 1000 {
		t.Errorf("%d principals are on the page", n)
	}
	for _, s := range []string{"http://", "https://", "src=", "@import", "url("} {
		if bytes.Contains(page, []byte(s)) {
			t.Errorf("the page holds %q", s)
		}
	}
}

// TestHTMLLinksLead checks that every link of the page has its target.
func TestHTMLLinksLead(t *testing.T) {
	for _, n := range []int{60, 1000} {
		page := string(page1(t, bigModel(t, n)))
		leads(t, page)
	}
}

func leads(t *testing.T, page string) {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("two elements are called %s", m[1])
		}
		ids[m[1]] = true
	}
	links := regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(page, -1)
	for _, m := range links {
		if !ids[strings.TrimPrefix(m[1], "#")] {
			t.Errorf("%s leads nowhere", m[1])
		}
	}
	if len(links) < 100 {
		t.Errorf("only %d links", len(links))
	}
}

func TestHTMLOfNothing(t *testing.T) {
	for name, m := range map[string]*Model{"nothing": {}, "no policies": {Findings: &rules.Findings{}}, "no findings": {Policies: &rules.Policies{}}} {
		page := page1(t, m)
		if !bytes.Contains(page, []byte("Nothing was found")) || !bytes.Contains(page, []byte("</html>")) {
			t.Errorf("%s: page is cut short:\n%s", name, page)
		}
	}
}

func TestStepsSpreadOverRules(t *testing.T) {
	f := smallFindings()
	for i := 2; i < 9; i++ {
		f.Findings = append(f.Findings, sleeping(i))
	}
	p := newPage(&Model{Findings: f, Policies: smallPolicies(t)})
	var got []string
	for _, s := range p.Steps {
		got = append(got, s.Who)
	}
	want := "user/jdoe role/batch-worker user/old-deploy-1 user/old-deploy-2 role/checkout-api"
	if strings.Join(got, " ") != want {
		t.Errorf("steps are for %q, want %s", got, want)
	}
	if s := p.Steps[4]; s.Buys != "a policy sized to use: drops 3 of 6 granted actions" || s.Risks != "0 of 401,118 calls of the last 30 days would have been denied" {
		t.Errorf("step buys %q and risks %q", s.Buys, s.Risks)
	}
}

// TestStake holds that what is at stake is told of policies that are known alone.
func TestStake(t *testing.T) {
	known := proposalRow{Proposal: rules.Proposal{Current: make([]rules.PolicyRef, 1), Score: &rules.Score{Current: 71},
		Kept: make([]rules.Kept, 2), Removed: []rules.Removed{{Action: "s3:PutObject"}, {Action: "iam:*"}}}}
	early, unknown := known, known
	early.Early, unknown.Current = true, nil
	for want, row := range map[string]*proposalRow{"may use 3 actions and 1 whole service; privilege 71 of 100": &known, "privilege 71 of 100": &early, "": &unknown} {
		if got := stake(row); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := stake(nil); got != "" {
		t.Errorf("of nobody: %q", got)
	}
}

// TestHTMLToLookAt writes pages where TRIMTRAIL_PAGES says, for a person to look at.
func TestHTMLToLookAt(t *testing.T) {
	dir := os.Getenv("TRIMTRAIL_PAGES")
	if dir == "" {
		t.Skip("TRIMTRAIL_PAGES names no folder")
	}
	bad := fill[Model](t, hostile)
	for name, m := range map[string]*Model{"60.html": bigModel(t, 60), "1000.html": bigModel(t, 1000), "hostile.html": &bad, "empty.html": {}} {
		if err := os.WriteFile(filepath.Join(dir, name), page1(t, m), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
