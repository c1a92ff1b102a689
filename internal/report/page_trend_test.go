package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// TestPastOf holds that a report read back has the sums of its model.
func TestPastOf(t *testing.T) {
	m := bigModel(t, 60)
	for i := range m.Policies.Policies[:3] {
		m.Policies.Policies[i].Score = &rules.Score{Current: 10 * (i + 1), Proposed: 1}
	}
	m.Findings.AsOf = m.Generated
	var b bytes.Buffer
	if err := JSON(&b, m); err != nil {
		t.Fatal(err)
	}
	got, err := PastOf(b.Bytes())
	if want := pastOf(m); err != nil || got != want || got.Critical == 0 || got.Policies < 3 {
		t.Errorf("%+v, want %+v; %v", got, want, err)
	}
	for _, text := range []string{"", "[]", "{}", `{"schema":"trimtrail.report/1"}`, `{"schema":"trimtrail.report/1","findings":{}}`, `{"schema":"trimtrail.findings/1","findings":{"as_of":"2026-01-01T00:00:00Z"}}`} {
		if p, err := PastOf([]byte(text)); err == nil {
			t.Errorf("%q is taken for a report: %+v", text, p)
		}
	}
}

func TestTrend(t *testing.T) {
	now := Model{Generated: asOf, Findings: &rules.Findings{Findings: []rules.Finding{{Severity: rules.High}, {Severity: rules.Low}}},
		Policies: &rules.Policies{Policies: []rules.Proposal{{Score: &rules.Score{Current: 40}}, {Score: &rules.Score{Current: 31}}, {}}}}
	day := func(n int) time.Time { return asOf.AddDate(0, 0, -n) }
	for name, c := range map[string]struct {
		history []Past
		want    string
	}{
		"first":  {nil, ""},
		"same":   {[]Past{{At: asOf, High: 9}, {At: asOf.Add(time.Hour), High: 9}}, ""},
		"one":    {[]Past{{At: day(1), High: 4, Low: 1, Privilege: 712, Policies: 2}}, "Privilege, mean of 100: 71.2 → 35.5 M0 24H0.0V0.0H200.0V12.0H400V24z | High: 4 → 1 M0 24H0.0V0.0H200.0V18.0H400V24z | Low: 1 throughout M0 24H0.0V0.0H200.0V0.0H400V24z"},
		"longer": {[]Past{{At: day(1), High: 9}, {At: day(4), High: 2}}, "High: 2 → 1; between 1 and 9 M0 24H0.0V18.7H200.0V0.0H266.7V21.3H400V24z | Low: 0 → 1 M0 24H0.0V24.0H200.0V24.0H266.7V0.0H400V24z"},
	} {
		now.History = c.history
		var got []string
		for _, r := range trendOf(&now).Rows {
			got = append(got, r.Label+": "+r.Note+" "+r.Path)
		}
		if s := strings.Join(got, " | "); s != c.want {
			t.Errorf("%s: %s", name, s)
		}
		if has := bytes.Contains(page1(t, &now), []byte(`id="trend"`)); has != (c.want != "") {
			t.Errorf("%s: a picture: %v", name, has)
		}
	}
}
