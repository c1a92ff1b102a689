package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// format is one of the views that carry every finding, with how to read the
// findings back: id and severity, as "f-1 critical".
type format struct {
	name  string
	write func(io.Writer, *Model) error
	read  func(t *testing.T, data []byte) []string
}

func formats() []format {
	return []format{
		{"json", JSON, readJSON},
		{"html", HTML, readHTML},
		{"markdown", Markdown, readMarkdown},
		{"csv", CSV, readCSV},
		{"sarif", SARIF, readSARIF},
		{"asff", func(w io.Writer, m *Model) error { return ASFF(w, m, ASFFOptions{}) }, readASFF},
		{"ocsf", OCSF, readOCSF},
		{"table", func(w io.Writer, m *Model) error { return ChangedTable(w, m, TableOptions{Wide: true}) }, readTable},
	}
}

func written1(t *testing.T, f format, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.write(&b, m); err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	return b.Bytes()
}

func decoded[T any](t *testing.T, data []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func readJSON(t *testing.T, data []byte) (out []string) {
	for _, f := range decoded[Document](t, data).Findings.Findings {
		out = append(out, f.ID+" "+string(f.Severity))
	}
	return out
}

var (
	pageRow = regexp.MustCompile(`(?s)<details class="row f" id="f\d+" data-sev="(\w+)".*?trimtrail explain ([^<]+)</pre>`)
	tableID = regexp.MustCompile("(?m)^\\| (\\w+)[ ,].* \\| `([^`]+)` \\|$")
	wideRow = regexp.MustCompile(`(?m)^  ([A-Z]+) .*  (\S+)$`)
)

func readHTML(_ *testing.T, data []byte) (out []string) {
	for _, m := range pageRow.FindAllSubmatch(data, -1) {
		out = append(out, string(m[2])+" "+string(m[1]))
	}
	return out
}

func readMarkdown(_ *testing.T, data []byte) (out []string) {
	for _, m := range tableID.FindAllSubmatch(data, -1) {
		out = append(out, string(m[2])+" "+string(m[1]))
	}
	return out
}

func readTable(_ *testing.T, data []byte) (out []string) {
	for _, m := range wideRow.FindAllSubmatch(data, -1) {
		out = append(out, string(m[2])+" "+strings.ToLower(string(m[1])))
	}
	return out
}

func readCSV(t *testing.T, data []byte) (out []string) {
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		out = append(out, l[0]+" "+l[2])
	}
	return out
}

func readSARIF(t *testing.T, data []byte) (out []string) {
	for _, r := range decoded[sarifLog](t, data).Runs[0].Results {
		out = append(out, r.Fingerprints["trimtrailFinding/v1"]+" "+string(r.Bag.Severity))
	}
	return out
}

func readASFF(t *testing.T, data []byte) (out []string) {
	for _, f := range decoded[[]asffFinding](t, data) {
		out = append(out, f.ProductFields["trimtrail/id"]+" "+f.Severity.Original)
	}
	return out
}

func readOCSF(t *testing.T, data []byte) (out []string) {
	for _, e := range decoded[[]ocsfEvent](t, data) {
		out = append(out, e.FindingInfo.UID+" "+string(e.Unmapped.Severity))
	}
	return out
}

// TestFormatsAgree holds that each format has the same findings.
func TestFormatsAgree(t *testing.T) {
	m := bigModel(t, 60)
	var want []string
	for _, f := range m.Findings.Findings {
		want = append(want, f.ID+" "+string(f.Severity))
	}
	slices.Sort(want)
	before := *m.Findings
	before.Findings = slices.Clone(before.Findings[3:])
	for _, c := range []*Changes{nil, Compare(&before, m.Findings)} {
		m.Changes = c
		for _, f := range formats() {
			got := f.read(t, written1(t, f, m))
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s has %d findings, the model %d:\n%q\n%q", f.name, len(got), len(want), got, want)
			}
		}
	}
}

// TestFormatsOfNothing holds that a model without findings is no special case.
func TestFormatsOfNothing(t *testing.T) {
	for _, m := range []*Model{{}, {Findings: &rules.Findings{}}, {Findings: &rules.Findings{}, Changes: Compare(&rules.Findings{}, &rules.Findings{})}} {
		for _, f := range formats()[1:] {
			data := written1(t, f, m)
			if got := f.read(t, data); len(got) > 0 || len(data) == 0 {
				t.Errorf("%s of nothing has %q in %d bytes", f.name, got, len(data))
			}
			if (data[0] == '{' || data[0] == '[') && bytes.Contains(data, []byte("null")) {
				t.Errorf("%s holds a null:\n%s", f.name, data)
			}
		}
	}
}

func hostileModel(t *testing.T) *Model {
	m := fill[Model](t, hostile)
	return &m
}

// TestFormatsShowHostileText holds that nothing a terminal or a reader's eye
// would obey comes through.
func TestFormatsShowHostileText(t *testing.T) {
	m := hostileModel(t)
	for _, f := range formats() {
		data := written1(t, f, m)
		if i := bytes.IndexFunc(data, func(r rune) bool { return r != '\n' && r != '\r' && unsafe(r) }); i >= 0 {
			t.Errorf("%s lets %q through", f.name, data[i:min(len(data), i+12)])
		}
		if !bytes.Contains(bytes.ToLower(data), []byte(`\u202e`)) {
			t.Errorf("%s hides the override instead of showing it", f.name)
		}
	}
}

// TestOtherToolsGetPlainText holds that the strings of formats that other
// tools show are plain once they are decoded, too.
func TestOtherToolsGetPlainText(t *testing.T) {
	m := hostileModel(t)
	for _, f := range formats() {
		if f.name != "sarif" && f.name != "asff" && f.name != "ocsf" {
			continue
		}
		walk(decoded[any](t, written1(t, f, m)), func(s string) {
			if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && unsafe(r) }); i >= 0 {
				t.Errorf("%s holds %q", f.name, s[i:min(len(s), i+12)])
			}
		})
	}
}

func walk(v any, see func(string)) {
	switch v := v.(type) {
	case string:
		see(v)
	case []any:
		for _, x := range v {
			walk(x, see)
		}
	case map[string]any:
		for k, x := range v {
			see(k)
			walk(x, see)
		}
	}
}

func TestCSVHoldsNoFormula(t *testing.T) {
	for _, sign := range []string{"=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d"} {
		m := fill[Model](t, sign+`HYPERLINK("x")`)
		lines, err := csv.NewReader(bytes.NewReader(written1(t, formats()[3], &m))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range lines[1] {
			if v != "" && strings.ContainsAny(strings.TrimSpace(v)[:1], "=+-@\t\r\n") || strings.HasPrefix(strings.TrimSpace(v), "\uff1d") {
				t.Errorf("%q: column %s holds %q", sign, lines[0][i], v)
			}
		}
	}
	if got := cell("-"); got != "'-" {
		t.Errorf("cell(-) is %s", got)
	}
	if got := cell("role/etl"); got != "role/etl" {
		t.Errorf("cell(role/etl) is %s", got)
	}
}

var codeBlock = regexp.MustCompile("(?ms)^(````*)\\w*\n.*?^````*$")

// bare is Markdown without code and without escaped marks: what could still be markup.
func bare(s string) string {
	s = codeBlock.ReplaceAllString(s, "")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\\`*_[]<>#!~&$|+-=.)", s[i+1]) >= 0:
			i++
		case s[i] == '`':
			i = spanEnd(s, i) - 1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// spanEnd is where the code span that begins at i ends: behind the next run
// of as many backticks.
func spanEnd(s string, i int) int {
	n := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
	for j := i + n; j < len(s); j++ {
		if s[j] != '`' {
			continue
		}
		m := len(s[j:]) - len(strings.TrimLeft(s[j:], "`"))
		if m == n {
			return j + m
		}
		j += m - 1
	}
	return i + n
}

func TestMarkdownHoldsNoMarkupOfOthers(t *testing.T) {
	for _, text := range []string{hostile, "[a](https://x.example) ![b](http://y)", "https://x.example www.x.example a@b.example @team #12 GH-3",
		"<b>x</b> &lt; **bold** _it_ ~~gone~~ `a``b` | a | b |", "# h", "- x", "1. x", "> q", "``` x", "$a$ :tada:", "=== ---"} {
		m := fill[Model](t, text)
		got := bare(string(written1(t, formats()[2], &m)))
		got = strings.NewReplacer("**Do**", "", "**New**", "", "**Worse**", "", "**Resolved**", "", "**Better**", "", "**Accepted**", "", "**Not judged any more**", "").Replace(got)
		if i := strings.IndexAny(got, "<>[]*`~$&@"); i >= 0 {
			t.Errorf("%q leaves %q", text, got[max(0, i-20):min(len(got), i+20)])
		}
		for _, s := range []string{"://", "www.", "\n1.", "\n> ", "#12", ":tada:"} {
			if strings.Contains(got, s) {
				t.Errorf("%q leaves %s", text, s)
			}
		}
		for _, line := range strings.Split(got, "\n") {
			if n := strings.Count(line, "|"); strings.HasPrefix(line, "| ") && n != 8 {
				t.Errorf("%q makes a row of %d bars: %s", text, n, line)
			}
		}
	}
}

// TestSARIFHasWhatItMust checks what the schema of SARIF 2.1.0 and code
// scanning ask for.
func TestSARIFHasWhatItMust(t *testing.T) {
	m := bigModel(t, 10)
	log := decoded[sarifLog](t, written1(t, formats()[4], m))
	run := log.Runs[0]
	if log.Version != "2.1.0" || run.Tool.Driver.Name != "trimtrail" || len(run.Tool.Driver.Rules) < len(rules.Rules()) {
		t.Fatalf("version %s, tool %s, %d rules", log.Version, run.Tool.Driver.Name, len(run.Tool.Driver.Rules))
	}
	levels := map[rules.Severity]string{rules.Critical: "error", rules.High: "error", rules.Medium: "warning", rules.Low: "note", rules.Info: "note"}
	for _, r := range run.Results {
		if r.Level != levels[r.Bag.Severity] || r.Message.Text == "" || r.Fingerprints["primaryLocationLineHash"] != r.Bag.ID {
			t.Errorf("result %+v", r)
		}
		if r.RuleIndex != nil && run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %s is not at %d", r.RuleID, *r.RuleIndex)
		}
		l := r.Locations[0]
		if l.Logical[0].Full != r.Bag.Principal || !strings.HasPrefix(l.Physical.Artifact.URI, "aws/"+r.Bag.AccountID+"/") || l.Physical.Region.StartLine != 1 {
			t.Errorf("location %+v of %s", l, r.Bag.Principal)
		}
	}
	if notes := run.Invocations[0].Notifications; len(notes) != 3 || notes[0].Message.Text != "Not judged: password policy: needs the account summary" {
		t.Errorf("notifications %+v", notes)
	}
}

func TestSARIFPathIsRelativeAndPlain(t *testing.T) {
	tests := []struct{ principal, want string }{
		{"arn:aws:iam::111122223333:role/service/etl", "aws/111122223333/role/etl"},
		{"arn:aws:iam::111122223333:user/../../x y#?", "aws/111122223333/user/x%20y%23%3F"},
		{"arn:aws:iam::111122223333:root", "aws/111122223333/root"},
		{"", "aws/111122223333/unknown"},
		{"../../etc/x", "aws/111122223333/etc/x"},
	}
	for _, tt := range tests {
		if got := sarifPath(&rules.Finding{AccountID: "111122223333", Principal: tt.principal}); got != tt.want {
			t.Errorf("path of %q is %s, want %s", tt.principal, got, tt.want)
		}
	}
	if got := sarifMessage("see [here](https://x.example)"); strings.Contains(got, "](") {
		t.Errorf("message %q holds a link", got)
	}
}

// TestASFFKeepsItsLimits checks required fields and lengths, as Security Hub refuses more.
func TestASFFKeepsItsLimits(t *testing.T) {
	long := fill[Model](t, strings.Repeat("ä long text, ", 400))
	for _, m := range []*Model{&long, bigModel(t, 10)} {
		var b bytes.Buffer
		if err := ASFF(&b, m, ASFFOptions{Account: "999988887777", Region: "eu-west-1"}); err != nil {
			t.Fatal(err)
		}
		for _, f := range decoded[[]asffFinding](t, b.Bytes()) {
			if !strings.HasSuffix(f.ProductArn, ":securityhub:eu-west-1:999988887777:product/999988887777/default") || f.SchemaVersion != "2018-10-08" || f.CreatedAt != "2026-01-31T00:00:00Z" {
				t.Errorf("%s %s %s", f.ProductArn, f.SchemaVersion, f.CreatedAt)
			}
			for what, n := range map[string][2]int{"title": {len([]rune(f.Title)), 256}, "description": {len([]rune(f.Description)), 1024},
				"id": {len([]rune(f.Id)), 512}, "resources": {len(f.Resources), 32}, "fields": {len(f.ProductFields), 50}} {
				if n[0] == 0 || n[0] > n[1] {
					t.Errorf("%s is %d long", what, n[0])
				}
			}
			if f.Remediation != nil && len([]rune(f.Remediation.Recommendation.Text)) > 512 {
				t.Error("the recommendation is too long")
			}
		}
	}
}

func TestOCSFHasWhatItMust(t *testing.T) {
	want := map[rules.Severity]int{rules.Critical: 5, rules.High: 4, rules.Medium: 3, rules.Low: 2, rules.Info: 1}
	m := bigModel(t, 10)
	for _, e := range decoded[[]ocsfEvent](t, written1(t, formats()[6], m)) {
		if e.ClassUID != 2004 || e.CategoryUID != 2 || e.TypeUID != 200401 || e.SeverityID != want[e.Unmapped.Severity] || e.Time != asOf.UnixMilli() {
			t.Errorf("class %d, type %d, severity %d (%s), time %d", e.ClassUID, e.TypeUID, e.SeverityID, e.Severity, e.Time)
		}
		if e.FindingInfo.Title == "" || e.Metadata.Version == "" || e.Metadata.Product.Vendor == "" || e.Cloud.Provider != "AWS" || len(e.Resources) == 0 || len(e.Observables) == 0 {
			t.Errorf("event %+v", e)
		}
	}
}

// TestFormatsToLookAt writes every format where TRIMTRAIL_PAGES says, for other validators.
func TestFormatsToLookAt(t *testing.T) {
	dir := os.Getenv("TRIMTRAIL_PAGES")
	if dir == "" {
		t.Skip("TRIMTRAIL_PAGES names no folder")
	}
	for name, m := range map[string]*Model{"hostile": hostileModel(t), "1000": bigModel(t, 1000)} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range formats() {
			if err := os.WriteFile(filepath.Join(dir, name, "r."+f.name), written1(t, f, m), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	fmt.Fprintln(os.Stderr, "written below", dir)
}
