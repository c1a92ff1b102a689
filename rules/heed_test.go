package rules

import "testing"

func TestHeed(t *testing.T) {
	p := Policies{Policies: []Proposal{{Principal: "a", Confidence: Ready}, {Principal: "b", Confidence: Ready}, {Principal: "c", Confidence: TooEarly}, {Principal: "d", Confidence: Ready}}}
	p.Heed(&Findings{Findings: []Finding{
		{ID: "1", Rule: "TT-A01", Severity: High, Principal: "a"}, {ID: "2", Rule: "TT-C01", Severity: Critical, Principal: "b"},
		{ID: "3", Rule: "TT-D02", Severity: Critical, Principal: "c"}, {ID: "4", Rule: "TT-A03", Severity: Medium, Principal: "d"},
	}})
	for i, want := range []struct {
		confidence string
		warnings   int
	}{{Review, 1}, {Ready, 0}, {TooEarly, 1}, {Ready, 0}} {
		if got := p.Policies[i]; got.Confidence != want.confidence || len(got.Warnings) != want.warnings {
			t.Errorf("%s: %s, %q", got.Principal, got.Confidence, got.Warnings)
		}
	}
}
