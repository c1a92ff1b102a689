package rules

import (
	"fmt"
	"slices"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD07() Rule {
	return Rule{
		ID: "TT-D07", Title: "Credentials that AWS did not accept", Severity: Low, Since: "0.1",
		Text:  "Sign-ins that failed, and calls with expired, unknown or wrongly signed credentials. Info for a few; low from five; medium from ten on one day, from three addresses or more, or for the root.",
		Needs: []string{needsEvents}, Source: "CIS AWS Foundations Benchmark, console authentication failures",
		turn: 40, ask: askAuthentication,
	}
}

func askAuthentication(q *inquiry) {
	for _, is := range q.untold(func(d *analyze.Denial) bool { return d.Tier == analyze.TierAuthentication }) {
		signIn := func(i int) bool { return q.f.Denials[i].EventName == "ConsoleLogin" }
		var logins, calls []int
		for _, i := range is {
			if signIn(i) {
				logins = append(logins, i)
			} else {
				calls = append(calls, i)
			}
		}
		if len(logins) > 0 {
			ds, e := q.tell(logins)
			q.find(failedSignIn(ds, e))
		}
		if len(calls) > 0 {
			ds, e := q.tell(calls)
			q.find(refusedCredential(ds, e))
		}
	}
}

func failedSignIn(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	f := Finding{
		Severity: Info, Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Resource: "console", Evidence: e,
		Title:  fmt.Sprintf("%s failed to sign in to the console %s, %s", who(d.ARN), times(e.Count), stretch(*e.First, *e.Last)),
		Reason: fmt.Sprintf("From %s.", listed(e.Addresses, 5)),
		Fix:    Fix{Summary: "Ask the owner. If it was not them, somebody is guessing: check that MFA is on.", Clears: "no failed sign-in within the window"},
	}
	switch {
	case e.Count >= 10 || len(e.Addresses) >= 3 || d.Kind == analyze.KindRoot && e.Count >= 3:
		f.Severity = Medium
	case e.Count >= 5 || d.Kind == analyze.KindRoot:
		f.Severity = Low
	}
	return f
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return grouped(n) + " times"
}

func refusedCredential(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	codes := tallied(ds, func(d *analyze.Denial) string { return d.Code })
	f := Finding{
		Severity: Info, Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Evidence: e,
		Title:  fmt.Sprintf("%s signed %s with a credential that AWS did not accept, %s", who(d.ARN), counted(e.Count, "call"), stretch(*e.First, *e.Last)),
		Reason: fmt.Sprintf("%s, from %s.", withCounts(codes, 4), listed(e.Addresses, 3)),
		Fix:    Fix{Summary: "A program still holds an old credential: find it at the addresses shown and give it a new one, or switch it off.", Clears: "no further refusal"},
	}
	if e.Count >= 5 || slices.ContainsFunc(ds, func(d analyze.Denial) bool { return d.Days >= 3 }) {
		f.Severity = Low
	}
	return f
}
