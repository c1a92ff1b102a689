package rules

import (
	"cmp"
	"fmt"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD04() Rule {
	return Rule{
		ID: "TT-D04", Title: "A guardrail refused", Severity: Info, Since: "0.1",
		Text:  "A service or resource control policy, a permissions boundary, a session, endpoint or trust policy refused, and AWS named it. Mostly the guardrail works as intended: one line a principal and layer. Low from 100 calls, when something keeps running into it.",
		Needs: []string{needsEvents}, Source: "AWS IAM user guide, Troubleshoot access denied error messages",
		turn: 60, ask: askGuardrails,
	}
}

func askGuardrails(q *inquiry) {
	for _, layer := range []string{"scp", "rcp", "boundary", "session", "endpoint", "trust"} {
		fits := func(d *analyze.Denial) bool { return d.Layer == layer }
		for _, is := range q.untold(fits) {
			ds, e := q.tell(is)
			q.find(guardrail(layer, ds, e))
		}
	}
}

// owner says who can change a layer.
func owner(layer string) string {
	switch layer {
	case "scp", "rcp":
		return "The owner of the organisation decides; do not retry, change the design or ask there"
	case "boundary":
		return "The owner of the boundary decides; a policy of the principal cannot help"
	case "session":
		return "The policy passed when the role was assumed decides: change the program that assumes it"
	case "endpoint":
		return "The owner of the VPC endpoint decides"
	}
	return "The owner of the role decides: its trust policy names who may assume it, and on which conditions"
}

func guardrail(layer string, ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	f := Finding{
		Severity: Info, Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Resource: cmp.Or(d.PolicyARN, layer), Evidence: e,
		Title:  fmt.Sprintf("%s was refused %s of %s by a %s, %s", who(d.ARN), counted(e.Count, "call"), listed(e.Actions, 2), layerName(layer), stretch(*e.First, *e.Last)),
		Reason: fmt.Sprintf("%s. %s", withCounts(tallied(ds, deniedWhat), 8), causes(ds)),
		Fix:    Fix{Summary: "Working as intended? Then nothing is to do but to stop the caller. " + owner(layer) + ".", Clears: "no further refusal"},
	}
	if e.Count >= 100 {
		f.Severity = Low
	}
	return f
}
