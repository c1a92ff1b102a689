package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleD09() Rule {
	return Rule{
		ID: "TT-D09", Title: "Denied for want of MFA", Severity: Low, Since: "0.1",
		Text:  "A policy of the principal denies without MFA (a Deny on aws:MultiFactorAuthPresent that names the action), and the session had none. No permission is missing; the person signs in with MFA. Certain where every call said that it had none.",
		Needs: []string{needsEvents, needsDetails}, Source: "AWS IAM user guide, MFA-protected API access",
		turn: 55, ask: askMFA,
	}
}

func askMFA(q *inquiry) {
	fits := func(d *analyze.Denial) bool {
		return d.Tier == analyze.TierCaller && d.Effect == "explicit" && d.Layer == "identity" && (d.WithoutMFA || d.Kind == analyze.KindUser) && q.mfaDeny(d)
	}
	for _, is := range q.untold(fits) {
		ds, e := q.tell(is)
		q.find(wantsMFA(ds, e))
	}
}

// mfaDeny tells that a Deny on MFA in the principal's policies names the action.
func (q *inquiry) mfaDeny(d *analyze.Denial) bool {
	h := q.holder(d.ARN)
	return h != nil && slices.ContainsFunc(h.Policies, func(p iam.HeldPolicy) bool {
		return slices.ContainsFunc(p.Document.Statements, func(s iam.Statement) bool {
			return s.Effect == iam.Deny && asksMFA(s.Condition) && mentions(&s, d.Action)
		})
	})
}

func asksMFA(c map[string]map[string]iam.StringList) bool {
	for _, keys := range c {
		for k := range keys {
			if strings.EqualFold(k, "aws:MultiFactorAuthPresent") || strings.EqualFold(k, "aws:MultiFactorAuthAge") {
				return true
			}
		}
	}
	return false
}

// mentions tells that a statement's Action or NotAction takes the action in.
func mentions(s *iam.Statement, action string) bool {
	in := func(l iam.StringList) bool {
		return slices.ContainsFunc(l.Values, func(p string) bool { return iam.MatchAction(p, action) })
	}
	if s.NotAction.Values != nil {
		return !in(s.NotAction)
	}
	return in(s.Action)
}

func wantsMFA(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	f := Finding{
		Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Resource: "mfa", Evidence: e,
		Title:  fmt.Sprintf("%s was denied %s of %s for want of MFA, %s", who(d.ARN), counted(e.Count, "call"), listed(e.Actions, 2), stretch(*e.First, *e.Last)),
		Reason: "A policy of the principal denies these without MFA. " + withCounts(tallied(ds, deniedWhat), 8) + ".",
		Fix: Fix{Summary: "No permission is missing. Sign in with MFA, or fetch a session with MFA before using the key.",
			Commands: commands(aws("iam", "list-mfa-devices", "--user-name", nameOf(d.ARN))), Clears: "no further denial"},
	}
	if !slices.ContainsFunc(ds, func(d analyze.Denial) bool { return !d.WithoutMFA }) {
		f.Confidence = "certain"
	}
	return f
}
