package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP08() Rule {
	return Rule{
		ID: "TT-P08", Title: "One step from doing anything", Severity: High, Since: "0.1",
		Text: "A user or role that is no administrator and may make itself one: by writing a policy that it holds, by credentials of a user who may, by the trust of a role that may, by passing such a role to a service that it may start a program with, or by taking over a program that has such a role. " +
			"Each way is tried on the account's own policies, users and roles by the policy evaluator, with boundaries, Deny statements, conditions of the day and the organisation's policies: what is denied again is not told. " +
			"High where one call on its own permissions is enough, or for users; medium by way of another principal or a service; info for roles of IAM Identity Center. Not tried: chains of several roles, ways that hang on resources that the state does not hold.",
		Needs: []string{needsDetails}, Source: "the public lists of escalation paths of Rhino Security Labs, Bishop Fox and pathfinding.cloud, written anew",
		turn: 97, ask: askSteps,
	}
}

func askSteps(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "ways to more permissions", needsDetails)
			continue
		}
		c := q.climbIn(s)
		for _, h := range s.Holders() {
			x := q.holder(h.ARN)
			if x.admin || serviceLinked(h.ARN) || organisationRole(h.Name) || q.tookStep(h.ARN) {
				continue
			}
			if steps := c.steps(x); len(steps) > 0 {
				q.find(q.stepFinding(x, steps))
			}
		}
	}
}

// tookStep tells that TT-D02 tells how the principal took a step within the window.
func (q *inquiry) tookStep(arn string) bool {
	return q.found("TT-D02", arn, func(*Finding) bool { return true })
}

// climb is what an account holds that is worth a step.
type climb struct {
	state *iam.State
	at    time.Time
	// strong are roles and users that may do anything, or write their own policies.
	roles  []*iam.Role
	users  []*iam.User
	groups map[string]bool // names of groups that make their members strong
}

func (q *inquiry) climbIn(s *iam.State) *climb {
	c := &climb{state: s, at: q.judgedAt(s), groups: map[string]bool{}}
	for _, h := range s.Holders() {
		x := q.holder(h.ARN)
		if !x.admin && !c.strong(&x.Holder) {
			continue
		}
		if h.Role != nil {
			c.roles = append(c.roles, h.Role)
		} else {
			c.users = append(c.users, h.User)
		}
	}
	for i := range s.Groups {
		if g := &s.Groups[i]; c.strongGroup(g) {
			c.groups[g.Name] = true
		}
	}
	return c
}

// strong tells that a holder may attach any policy to itself.
func (c *climb) strong(h *iam.Holder) bool {
	return c.may(iam.NewEvaluator(h.Documents()), h.ARN, attachTo(h.ARN), h.ARN, nil)
}

func attachTo(arn string) string {
	if strings.Contains(arn, ":user/") {
		return "iam:AttachUserPolicy"
	}
	return "iam:AttachRolePolicy"
}

func (c *climb) strongGroup(g *iam.Group) bool {
	var docs []*iam.Document
	for _, d := range g.Inline {
		docs = append(docs, d.Document)
	}
	for _, arn := range g.Attached {
		for i := range c.state.Policies {
			if p := &c.state.Policies[i]; p.ARN == arn && p.Document != nil {
				docs = append(docs, p.Document)
			}
		}
	}
	user := "arn:aws:iam::" + c.state.AccountID + ":user/anybody"
	return len(docs) > 0 && c.may(iam.NewEvaluator(iam.Policies{Identity: docs}), user, "iam:AttachUserPolicy", user, nil)
}

// may decides one call as it would be on the day, by a session with MFA.
func (c *climb) may(v *iam.Evaluator, principal, action, resource string, context map[string][]string) bool {
	ctx := map[string][]string{
		"aws:CurrentTime": {c.at.UTC().Format(time.RFC3339)}, "aws:TokenIssueTime": {c.at.UTC().Format(time.RFC3339)},
		"aws:MultiFactorAuthPresent": {"true"}, "aws:SecureTransport": {"true"},
	}
	for k, x := range context {
		ctx[k] = x
	}
	return v.Decide(iam.Request{Principal: principal, Action: action, Resource: resource, ResourceAccount: c.state.AccountID, Context: ctx}) == iam.Allowed
}

func (q *inquiry) stepFinding(h *held, steps []step) Finding {
	var ways, actions []string
	direct := false
	for _, s := range steps {
		ways, actions, direct = append(ways, s.text), union(actions, s.actions), direct || s.direct
	}
	f := Finding{
		Severity: Medium, Confidence: "high", AccountID: h.AccountID, Principal: h.ARN,
		Title:    fmt.Sprintf("%s may make itself an administrator: %s", who(h.ARN), ways[0]),
		Reason:   fmt.Sprintf("%s: %s.", counted(len(ways), "way"), strings.Join(firstOf(ways, 6), "; ")),
		Evidence: Evidence{Count: int64(len(ways)), Actions: firstOf(actions, 20), State: "roles/" + h.Name},
		Fix: Fix{Summary: "Take these permissions away if they are not its task; else keep them to named resources, name the roles that iam:PassRole is for, or set a permissions boundary.",
			Clears: "no such way left"},
	}
	if len(ways) > 6 {
		f.Reason += fmt.Sprintf(" %s not shown.", counted(len(ways)-6, "more way"))
	}
	if typeable(h.ARN) {
		f.Fix.Commands = []string{"trimtrail policy " + shellWord(h.ARN)}
	}
	if h.User != nil {
		f.Evidence.State = "users/" + h.Name
	}
	switch {
	case identityCenter(h.ARN):
		f.Severity = Info
	case direct || h.User != nil:
		f.Severity = High
	}
	f.Reason += q.usedSteps(h, actions)
	return f
}

// usedSteps says whether the permissions were used, where the logs reach far enough.
func (q *inquiry) usedSteps(h *held, actions []string) string {
	p := q.principal(h.ARN)
	if p == nil || !q.reaches(h.AccountID) {
		return ""
	}
	var used []string
	for _, u := range p.Usage {
		if u.Outcome != analyze.OutcomeDenied && slices.Contains(actions, u.Action) {
			used = union(used, []string{u.Action})
		}
	}
	w := q.watchOf(h.AccountID).over(p, createdAt(&h.Holder))
	hidden := slices.DeleteFunc(slices.Clone(actions), func(a string) bool {
		// iam:PassRole is inferred from calls that are logged.
		return a == passRole || slices.Contains(used, a) || q.sighting(w, a).Verdict == Observable
	})
	if len(hidden) > 0 && len(used) == 0 {
		return fmt.Sprintf(" Whether %s used cannot be told: %s.", listed(hidden, 4)+plural(len(hidden), " was", " were"), q.sighting(w, hidden[0]).Why)
	}
	if len(used) == 0 {
		return fmt.Sprintf(" None of them was used in %s.", counted(q.reach(h.AccountID), "day"))
	}
	return fmt.Sprintf(" Used of them in %s: %s.", counted(q.reach(h.AccountID), "day"), listed(used, 4))
}
