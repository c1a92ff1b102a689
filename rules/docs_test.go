package rules

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

const rulesPage = "../docs/rules.md"

// TestRulesPage holds docs/rules.md, which is made of the rules.
func TestRulesPage(t *testing.T) {
	want := page(Rules())
	if *update {
		if err := os.WriteFile(rulesPage, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/rules.md is stale: go test ./rules -run TestRulesPage -update writes it anew")
	}
}

// families are the headings of the page, by the letter of the id.
var families = []struct{ letter, title string }{
	{"A", "Networks and credentials in other hands"}, {"C", "What sleeps: credentials, roles and permissions"},
	{"D", "Denied calls by their cause"}, {"L", "Logging"}, {"P", "Practices"},
}

func page(rs []Rule) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Rules\n\nGenerated from the rules by `go test ./rules -run TestRulesPage -update`; `trimtrail rules ID` prints one. A finding may be graver or lighter\n"+
		"than its rule's severity, as the text says. Where an input is missing the rule is *not evaluable*, never passed.\n\n"+
		"Controls: CIS is the CIS AWS Foundations Benchmark, FSBP are AWS Foundational Security Best Practices. A rule answers a control in part or\n"+
		"whole: by what the logs and the loaded state show. [configuration.md](configuration.md) says how to switch rules off, grade them anew, let\n"+
		"findings pass for a time, and add rules of your own.\n\n| id | rule | severity |\n|---|---|---|\n")
	for _, r := range rs {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, strings.ToLower(r.ID), r.Title, r.Severity)
	}
	for _, f := range families {
		fmt.Fprintf(&b, "\n## %s\n", f.title)
		for _, r := range rs {
			if strings.HasPrefix(r.ID, "TT-"+f.letter) {
				section(&b, r)
			}
		}
	}
	return b.Bytes()
}

func section(b *bytes.Buffer, r Rule) {
	fmt.Fprintf(b, "\n### %s\n\n**%s** (%s, since %s)\n\n%s\n\n- Needs: %s\n", r.ID, r.Title, r.Severity, r.Since, wrapped(r.Text), strings.Join(r.Needs, "; "))
	fmt.Fprintf(b, "- Source: %s\n", r.Source)
	if len(r.Controls) > 0 {
		var links []string
		for _, c := range r.Controls {
			links = append(links, controlLink(c))
		}
		fmt.Fprintf(b, "- Controls: %s\n", strings.Join(links, ", "))
	}
}

// controlLink leads to the control's page where it has one of its own.
func controlLink(id string) string {
	name, ok := strings.CutPrefix(id, "FSBP ")
	if !ok {
		return id
	}
	service, _, _ := strings.Cut(strings.ToLower(name), ".")
	return fmt.Sprintf("[%s](https://docs.aws.amazon.com/securityhub/latest/userguide/%s-controls.html#%s)", id, service, strings.ReplaceAll(strings.ToLower(name), ".", "-"))
}

// wrapped breaks text at blanks, at most 140 characters a line, and keeps Markdown out of it.
func wrapped(s string) string {
	s = strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;").Replace(s)
	var b strings.Builder
	n := 0
	for i, w := range strings.Fields(s) {
		switch {
		case i == 0:
		case n+1+len(w) > 140:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(w)
		n += len(w)
	}
	return b.String()
}
