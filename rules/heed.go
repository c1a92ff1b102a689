package rules

import (
	"fmt"
	"slices"
	"strings"
)

// intrusions are the rules whose findings tell that somebody else may have
// been at work under a principal's name.
var intrusions = []string{"TT-A01", "TT-A02", "TT-A03", "TT-A04", "TT-A05", "TT-D02", "TT-D05", "TT-D11"}

// Heed takes findings into account: a policy made of what a principal did
// would grant an intruder what the intruder did. Where a grave finding says
// that this may be so, the proposal is for review, with a warning that names
// the finding.
func (p *Policies) Heed(f *Findings) {
	by := map[string][]string{}
	for i := range f.Findings {
		x := &f.Findings[i]
		if slices.Contains(intrusions, x.Rule) && (x.Severity == Critical || x.Severity == High) {
			by[x.Principal] = append(by[x.Principal], fmt.Sprintf("%s (%s)", x.Rule, x.ID))
		}
	}
	for i := range p.Policies {
		if list := by[p.Policies[i].Principal]; len(list) > 0 {
			p.Policies[i].doubt(list)
		}
	}
}

func (p *Proposal) doubt(findings []string) {
	if p.Confidence == Ready {
		p.Confidence = Review
	}
	p.Warnings = append(p.Warnings, "somebody else may have worked under this name, and what they did is in here: settle "+
		strings.Join(findings, ", ")+" first")
}
