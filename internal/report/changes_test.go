package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// lastWeek is smallFindings a week before: the escalation is not there yet,
// the denials are fewer, the sleeping key less grave, and two findings are
// there that are none any more.
func lastWeek() *rules.Findings {
	f := smallFindings()
	f.AsOf = asOf.AddDate(0, 0, -7)
	gone, dark := sleeping(7), sleeping(8)
	dark.AccountID, dark.Rule = "777788889999", "TT-C01"
	fewer, lighter, graver := denials(), sleeping(1), secrets()
	fewer.Evidence.Count, lighter.Severity, graver.Severity = 30, rules.Low, rules.Critical
	gone.Rule = "TT-D01"
	let := sleeping(9)
	f.Findings = []rules.Finding{graver, stolen(), gone, dark, fewer, lighter, let}
	return f
}

// thisWeek is smallFindings with one finding accepted.
func thisWeek() *rules.Findings {
	f := smallFindings()
	f.Accepted = []rules.Accepted{{Finding: sleeping(9), Exception: rules.Exception{Reason: "It goes with the old pipeline.", Expires: asOf.AddDate(0, 2, 0)}}}
	return f
}

func ids(list []Change) string {
	var out []string
	for _, c := range list {
		out = append(out, c.ID+" "+c.Why)
	}
	return strings.Join(out, ", ")
}

func TestCompare(t *testing.T) {
	c := Compare(lastWeek(), thisWeek())
	for _, tt := range []struct{ what, got, want string }{
		{"new", ids(c.New), "f-8d1c02 "},
		{"worse", ids(c.Worse), "f-c00001 was low, f-77d0e3 count 30, now 1,204"},
		{"resolved", ids(c.Resolved), "f-c00007 "},
		{"better", ids(c.Better), "f-5e77b1 was critical"},
		{"accepted", ids(c.Accepted), "f-c00009 until 2026-03-31: It goes with the old pipeline."},
		{"unjudged", ids(c.Unjudged), "f-c00008 nothing loaded of account 777788889999"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if c.Unchanged != 1 || c.None() {
		t.Errorf("%d unchanged", c.Unchanged)
	}
	for id, want := range map[string]bool{"f-8d1c02": true, "f-77d0e3": true, "f-5e77b1": false, "f-11aa90": false} {
		if c.Raised(id) != want {
			t.Errorf("raised(%s) is %v", id, !want)
		}
	}
	if c := Compare(thisWeek(), lastWeek()); !strings.Contains(ids(c.New), "f-c00009 was accepted before") {
		t.Errorf("new: %s", ids(c.New))
	}
	if same := Compare(smallFindings(), smallFindings()); !same.None() || same.Unchanged != 5 {
		t.Errorf("the same again: %+v", same)
	}
}

// TestGoneIsNotResolvedWithoutTheInput holds that a finding whose rule lacks
// what it needs is not called resolved.
func TestGoneIsNotResolvedWithoutTheInput(t *testing.T) {
	seen := analyze.Coverage{AccountID: "111122223333", Events: 9, HasDetails: true, HasReport: true}
	tests := []struct {
		name, rule string
		dim        func(*analyze.Coverage)
		want       string
	}{
		{"all there", "TT-C01", func(*analyze.Coverage) {}, ""},
		{"no report", "TT-C01", func(c *analyze.Coverage) { c.HasReport = false }, "without the credential report of account 111122223333"},
		{"no logs", "TT-D01", func(c *analyze.Coverage) { c.Events = 0 }, "without CloudTrail management events of account 111122223333"},
		{"no details", "TT-C06", func(c *analyze.Coverage) { c.HasDetails = false }, "without account authorization details of account 111122223333"},
		{"what it does not need", "TT-D01", func(c *analyze.Coverage) { c.HasDetails = false }, ""},
		{"another account", "TT-D01", func(c *analyze.Coverage) { c.AccountID = "444455556666" }, "nothing loaded of account 111122223333"},
		{"a rule of the user's", "X-OURS", func(*analyze.Coverage) {}, ""},
		{"a rule of another version", "TT-Z99", func(*analyze.Coverage) {}, "no rule TT-Z99 in this version"},
	}
	for _, tt := range tests {
		c := seen
		tt.dim(&c)
		got := blind(&rules.Finding{Rule: tt.rule, AccountID: "111122223333"}, &rules.Findings{Coverage: []analyze.Coverage{c}})
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDrift(t *testing.T) {
	tests := []struct {
		was, now int64
		want     int
	}{{1, 9, 0}, {5, 15, 1}, {100, 199, 0}, {100, 200, 1}, {200, 100, -1}, {0, 10, 1}, {12, 3, 0}}
	for _, tt := range tests {
		a, b := rules.Finding{Severity: rules.Low}, rules.Finding{Severity: rules.Low}
		a.Evidence.Count, b.Evidence.Count = tt.was, tt.now
		if got, _ := drift(&a, &b); got != tt.want {
			t.Errorf("from %d to %d is %d, want %d", tt.was, tt.now, got, tt.want)
		}
	}
}

func TestChangesText(t *testing.T) {
	m := &Model{Findings: thisWeek(), Policies: smallPolicies(t), Generated: asOf, Version: "0.1.0"}
	changed, same := *m, *m
	changed.Changes, same.Changes = Compare(lastWeek(), m.Findings), Compare(smallFindings(), m.Findings)
	same.Changes.Since = asOf.Add(-24 * time.Hour)
	tests := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"changes.txt", func(w io.Writer) error { return ChangedTable(w, &changed, TableOptions{Width: 100}) }},
		{"changes-none.txt", func(w io.Writer) error { return ChangedTable(w, &same, TableOptions{Width: 100}) }},
		{"report.md", func(w io.Writer) error { return Markdown(w, m) }},
		{"changes.md", func(w io.Writer) error { return Markdown(w, &changed) }},
		{"changes-none.md", func(w io.Writer) error { return Markdown(w, &same) }},
		{"report.csv", func(w io.Writer) error { return CSV(w, &changed) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
		})
	}
}

func TestPrevious(t *testing.T) {
	m := bigModel(t, 5)
	var whole, found, policies bytes.Buffer
	for _, err := range []error{JSON(&whole, m), FindingsJSON(&found, m.Findings), PoliciesJSON(&policies, m.Policies)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ name, data, want string }{
		{"a report", whole.String(), ""},
		{"an analysis", found.String(), ""},
		{"with a byte order mark", "\uFEFF" + found.String(), ""},
		{"policies", policies.String(), "is of the shape trimtrail.policies/1, which is no report"},
		{"a later version", `{"schema":"trimtrail.report/2"}`, "is of the shape trimtrail.report/2; this version reads trimtrail.report/1"},
		{"empty", " \n", "is empty"},
		{"a page", "<!doctype html>", "is no JSON document: invalid character '<' looking for beginning of value"},
		{"cut off", found.String()[:200], "is no JSON document: unexpected end of JSON input"},
		{"other JSON", `{"a":1}`, "is JSON, but no report: it has no schema"},
		{"a list", `[1]`, "is no JSON document: json: cannot unmarshal array into Go value of type struct { Schema string \"json:\\\"schema\\\"\"; Findings json.RawMessage \"json:\\\"findings\\\"\" }"},
		{"a report without findings", `{"schema":"trimtrail.report/1","findings":null}`, "holds no findings"},
		{"no time", `{"schema":"trimtrail.findings/1","findings":[]}`, "does not say of when it is (as_of)"},
	}
	for _, tt := range tests {
		f, err := Previous([]byte(tt.data))
		switch {
		case tt.want == "" && (err != nil || len(f.Findings) != len(m.Findings.Findings)):
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || err.Error() != tt.want):
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
	}
}
