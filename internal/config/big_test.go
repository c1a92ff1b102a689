package config

import (
	"fmt"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/rules"
)

// BenchmarkEvaluate asks three rules of 20,000 principals with 50 actions each,
// 200,000 groups of denials and 50,000 changes; "none" is without them.
func BenchmarkEvaluate(b *testing.B) {
	f := bigFacts()
	const own = `
rules:
  - {id: X-1, title: t, severity: low, for: principal, when: 'principal.actions.exists(a, a.startsWith("iam:")) && principal.days > 3'}
  - {id: X-2, title: t, severity: low, for: denial, when: 'denial.count > 100 && glob(denial.action, "s3:*") && principal.kind == "role"'}
  - {id: X-3, title: t, severity: low, for: change, when: 'change.at.getHours() > 22 && change.known_network == "office"'}
`
	for _, text := range []string{"", own} {
		cfg, err := Parse("f.yaml", []byte(text))
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range rules.Rules() {
			cfg.Options.Disabled = append(cfg.Options.Disabled, r.ID)
		}
		b.Run(fmt.Sprintf("%d rules", len(cfg.Options.Own)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Evaluate(f, nil, catalog.Default(), cfg.Options)
			}
		})
	}
}

func bigFacts() *analyze.Facts {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	f := &analyze.Facts{AsOf: at}
	for i := range 20_000 {
		a := analyze.Actor{Kind: analyze.KindRole, ARN: fmt.Sprintf("arn:aws:iam::111122223333:role/r%05d", i), AccountID: "111122223333", Name: fmt.Sprintf("r%05d", i)}
		p := analyze.Principal{Actor: a, First: at, Last: at}
		for j := range 50 {
			p.Usage = append(p.Usage, analyze.Usage{Action: fmt.Sprintf("s%d:A%d", j%9, j), Outcome: analyze.OutcomeAllowed})
		}
		f.Principals = append(f.Principals, p)
		for j := range 10 {
			f.Denials = append(f.Denials, analyze.Denial{Actor: a, Action: fmt.Sprintf("s3:A%d", j), Count: 3, First: at, Last: at})
		}
		for range 2 {
			f.Changes = append(f.Changes, analyze.Change{Actor: a, AccountID: a.AccountID, At: at, EventName: "PutRolePolicy", Address: "203.0.113.9"})
		}
	}
	return f
}
