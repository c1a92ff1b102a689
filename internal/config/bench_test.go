package config

import (
	"fmt"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// The cost of a rule of the user's a row: a million denials and a principal
// with a thousand actions are what an organisation of 500 accounts has.
func BenchmarkWhen(b *testing.B) {
	p := &rules.PrincipalRow{Name: "etl", Tags: map[string]string{}}
	for i := range 1000 {
		p.Actions = append(p.Actions, fmt.Sprintf("service%d:Action%d", i%40, i))
	}
	row := &rules.Row{Principal: p, Denial: &rules.DenialRow{Action: "s3:GetObject", Count: 7}}
	for _, c := range []struct{ name, kind, when string }{
		{"fields", "denial", `denial.count > 3 && denial.action == "s3:GetObject" && principal.name != "x"`},
		{"glob", "denial", `glob(denial.action, "s3:*") && !glob(principal.name, "ci-*")`},
		{"in a thousand", "principal", `"iam:CreateUser" in principal.actions`},
		{"exists in a thousand", "principal", `principal.actions.exists(a, a.startsWith("iam:"))`},
	} {
		b.Run(c.name, func(b *testing.B) {
			cfg, err := Parse("f.yaml", []byte(ruleWith(c.kind, "'"+c.when+"'")))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := cfg.Options.Own[0].When(row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("f.yaml", []byte(full)); err != nil {
			b.Fatal(err)
		}
	}
}
