package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleD03() Rule {
	return Rule{
		ID: "TT-D03", Title: "Denied what was allowed before", Severity: Medium, Since: "0.1",
		Text: "An action worked for the principal and is denied since: something changed. If a change of the principal, of its policies or groups, or of the organisation's policies lies between the last success and the first denial (or the day before), it is named with who made it. " +
			"Quiet where the action still works at times (then it depends on the resource), and for fewer than three denials without such a change. A trimmed policy that went too far shows up here.",
		Needs: []string{needsEvents}, Source: "the reverse of right-sizing",
		turn: 70, ask: askRegressions,
	}
}

func askRegressions(q *inquiry) {
	fits := func(d *analyze.Denial) bool {
		return d.Tier == analyze.TierCaller && !d.AllowedBefore.IsZero() && d.AllowedAfter.IsZero() && d.Action != "" && !q.worksBeside(d)
	}
	for _, is := range q.untold(fits) {
		var n int64
		for _, i := range is {
			n += q.f.Denials[i].Count
		}
		c := q.changeBefore(&q.f.Denials[is[0]])
		for _, i := range is[1:] {
			if c == nil {
				c = q.changeBefore(&q.f.Denials[i])
			}
		}
		if c == nil && n < 3 {
			continue
		}
		ds, e := q.tell(is)
		q.find(q.regression(ds, e, c))
	}
}

// worksBeside tells that the same action was allowed after the first denial:
// then it is the resource that makes the difference.
func (q *inquiry) worksBeside(d *analyze.Denial) bool {
	p := q.principal(d.ARN)
	return p != nil && slices.ContainsFunc(p.Usage, func(u analyze.Usage) bool {
		return u.Action == d.Action && u.Outcome != analyze.OutcomeDenied && u.Last.After(d.First)
	})
}

// changeBefore is the last change that bears on the principal between its
// last success and its first denial, nil where there is none.
func (q *inquiry) changeBefore(d *analyze.Denial) *analyze.Change {
	var last *analyze.Change
	for i := range q.f.Changes {
		c := &q.f.Changes[i]
		if c.At.After(d.AllowedBefore) && !c.At.After(d.First) && q.bearsOn(c, d) {
			last = c
		}
	}
	return last
}

func (q *inquiry) bearsOn(c *analyze.Change, d *analyze.Denial) bool {
	switch {
	case c.Target == "":
		return false
	case c.Target == d.ARN || c.Target == d.PolicyARN || c.Target == d.Resource:
		return true
	case c.EventSource == "organizations.amazonaws.com":
		return d.Layer == "scp" || d.Layer == "rcp"
	}
	h := q.holder(d.ARN)
	if h == nil {
		return false
	}
	if h.User != nil && slices.ContainsFunc(h.User.Groups, func(g string) bool { return strings.HasSuffix(c.Target, ":group/"+g) }) {
		return true
	}
	return slices.ContainsFunc(h.Policies, func(p iam.HeldPolicy) bool { return p.ARN == c.Target }) || h.Boundary == c.Target
}

func (q *inquiry) regression(ds []analyze.Denial, e Evidence, c *analyze.Change) Finding {
	d := &ds[0]
	last := d.AllowedBefore
	for i := range ds {
		if ds[i].AllowedBefore.After(last) {
			last = ds[i].AllowedBefore
		}
	}
	f := Finding{
		Severity: Medium, Confidence: "medium", AccountID: d.AccountID, Principal: d.ARN, Evidence: e,
		Title:  fmt.Sprintf("%s is denied %s since %s, which worked before (%s)", who(d.ARN), listed(e.Actions, 2), dateOf(*e.First), counted(e.Count, "call")),
		Reason: fmt.Sprintf("Last allowed %s, denied from %s on: %s. %s", minuteOf(last), minuteOf(*e.First), withCounts(tallied(ds, deniedWhat), 8), causes(ds)),
		Fix:    q.grantFix(ds),
	}
	f.Fix.Summary = "Find out what changed in between. " + f.Fix.Summary
	if c != nil {
		by := changer(c)
		f.Confidence = "high"
		f.Title = fmt.Sprintf("%s is denied %s since %s changed its permissions on %s (%s)", who(d.ARN), listed(e.Actions, 2), by, dateOf(c.At), counted(e.Count, "call"))
		f.Reason += fmt.Sprintf(" %s by %s at %s lies in between%s.", c.EventName, by, minuteOf(c.At), policyOf(c))
		f.Fix.Summary = fmt.Sprintf("Ask %s whether %s was meant to take this away. ", by, c.EventName) + strings.TrimPrefix(f.Fix.Summary, "Find out what changed in between. ")
		f.Fix.Commands = commands(append([]string{again(c)}, f.Fix.Commands...)...)
		f.Evidence.Timeline = []Moment{{At: last, What: "last allowed"}, {At: c.At, What: c.EventName + " by " + by, Events: []string{c.EventID}},
			{At: *e.First, What: "first denied", Events: firstOf(e.Events, 1)}}
	}
	return f
}

// changer is who made a change: the person, where the session of a role names one.
func changer(c *analyze.Change) string {
	if c.Session != "" && identityCenter(c.ARN) {
		return c.Session + " (" + who(c.ARN) + ")"
	}
	return who(c.ARN)
}

// policyOf names the policy that a change is about, where the log tells.
func policyOf(c *analyze.Change) string {
	switch {
	case strings.HasPrefix(c.Detail, "arn:") && strings.Contains(c.Detail, ":policy/"):
		return " (policy " + nameOf(c.Detail) + ")"
	case c.Policy != "":
		return " (inline policy " + c.Policy + ")"
	}
	return ""
}
