package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD08() Rule {
	return Rule{
		ID: "TT-D08", Title: "Something a call depends on refused", Severity: Low, Since: "0.1",
		Text:  "The caller was allowed, but a key, a service role, a topic or a bucket that the call needs refused the service, or the service is not activated. One finding a principal and error code. Info where the service or region is not activated.",
		Needs: []string{needsEvents}, Source: "error codes of the AWS API models",
		turn: 50, ask: askDependencies,
	}
}

func askDependencies(q *inquiry) {
	fits := func(d *analyze.Denial) bool { return d.Tier == analyze.TierDependency || d.Tier == analyze.TierState }
	for _, is := range q.untold(fits) {
		codes := map[string][]int{}
		for _, i := range is {
			codes[q.f.Denials[i].Code] = append(codes[q.f.Denials[i].Code], i)
		}
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			ds, e := q.tell(codes[code])
			q.find(dependency(code, ds, e))
		}
	}
}

func dependency(code string, ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	f := Finding{
		Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Resource: code, Evidence: e,
		Title:  fmt.Sprintf("%s: %s of %s failed because something they depend on refused (%s)", who(d.ARN), counted(e.Count, "call"), listed(e.Actions, 2), code),
		Reason: fmt.Sprintf("First at %s: %s", minuteOf(*e.First), cmp.Or(shortened(d.Message, 200), d.Code)),
		Fix:    Fix{Summary: "Check the policy of the key, topic or bucket, and the trust and permissions of the service role that the call names.", Clears: "no further failure"},
	}
	if d.Tier == analyze.TierState {
		f.Severity = Info
		f.Title = fmt.Sprintf("%s called %s where it is not activated (%s, %s)", who(d.ARN), listed(e.Actions, 2), code, counted(e.Count, "call"))
		f.Fix = Fix{Summary: "Activate the service or region, or stop the calls.", Clears: "no further call"}
	}
	return f
}
