package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// TestFirstTellsIncidentsOnce holds the order of the first things to do.
func TestFirstTellsIncidentsOnce(t *testing.T) {
	f := func(rule, who string, s rules.Severity, confidence string) rules.Finding {
		return rules.Finding{Rule: rule, Principal: who, Severity: s, Confidence: confidence}
	}
	in := []rules.Finding{
		f("TT-C01", "old", rules.High, "certain"), f("TT-A01", "worker", rules.High, "high"), f("TT-A04", "worker", rules.High, "certain"),
		f("TT-P03", "admin", rules.High, "certain"), f("TT-L01", "root", rules.High, "certain"), f("TT-D02", "eve", rules.Critical, "certain"),
		f("TT-D01", "etl", rules.Medium, "high"), f("TT-D06", "logs", rules.Info, "certain"),
	}
	var got []string
	for _, x := range first(in, 7, func(f rules.Finding) *rules.Finding { return &f }) {
		got = append(got, x.Rule)
	}
	if want := "TT-D02 TT-A01 TT-L01 TT-C01 TT-P03 TT-D01 TT-A04"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestStepsOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := Steps(&b, &rules.Findings{}, 5, TableOptions{}); err != nil || !strings.Contains(b.String(), "Nothing to do") {
		t.Errorf("%q, %v", b.String(), err)
	}
}
