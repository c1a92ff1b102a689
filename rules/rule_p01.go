package rules

import (
	"fmt"
	"slices"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP01() Rule {
	return Rule{
		ID: "TT-P01", Title: "The root user", Severity: High, Since: "0.1",
		Text:  "The root of an account may do everything and no policy but the organisation's limits it. Critical: an active root access key, or a root password without MFA. High: root calls within the window that change something, or without MFA told; medium: only reading or signing in. A few tasks need the root; each is worth asking about.",
		Needs: []string{needsEvents, needsReport}, Source: "CIS 1.4 to 1.7; AWS FSBP IAM.4, IAM.6, IAM.9",
		ask: askRoot,
	}
}

func askRoot(q *inquiry) {
	for i := range q.f.Principals {
		if p := &q.f.Principals[i]; p.Kind == analyze.KindRoot && p.Events > p.Denied {
			q.find(q.rootUsed(p))
		}
	}
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasReport {
			q.lack(account, "root access keys and root MFA", needsReport)
			continue
		}
		for i := range s.Report {
			if isRoot(&s.Report[i]) {
				q.rootReport(s, &s.Report[i])
			}
		}
	}
}

func (q *inquiry) rootUsed(p *analyze.Principal) Finding {
	var changed []string
	var writesN int64
	for _, u := range p.Usage {
		if u.Outcome != analyze.OutcomeDenied && writes(q.cat, u.Action) {
			changed = union(changed, []string{u.Action})
			writesN += u.Count
		}
	}
	e := usesEvidence(p.Networks)
	e.Count, e.First, e.Last, e.Actions = p.Events-p.Denied, moment(p.First), moment(p.Last), firstOf(changed, 20)
	f := Finding{
		Severity: Medium, Confidence: "certain", AccountID: p.AccountID, Principal: p.ARN, Resource: "use", Evidence: e,
		Title:  fmt.Sprintf("The root of %s was used on %s: %s, %s", p.AccountID, counted(p.Days, "day"), counted(e.Count, "call"), stretch(p.First, p.Last)),
		Reason: fmt.Sprintf("From %s; it only read or signed in.", listed(e.Addresses, 3)),
		Fix:    Fix{Summary: "Ask who used it and for what. Give that person a role with what the work needs, and keep the root for the few tasks that need it.", Clears: "no root use within the window"},
	}
	if len(changed) > 0 {
		f.Severity = High
		f.Reason = fmt.Sprintf("From %s. %s changed something: %s.", listed(e.Addresses, 3), counted(writesN, "call"), listed(changed, 6))
	}
	if slices.ContainsFunc(p.Credentials, func(c analyze.Credential) bool { return c.Kind == analyze.LongTermKey }) {
		f.Severity = Critical
		f.Reason += " An access key of the root signed some of them."
	}
	return f
}

func (q *inquiry) rootReport(s *iam.State, c *iam.Credentials) {
	for i, k := range c.Keys {
		if k.Active {
			q.find(Finding{
				Severity: Critical, Confidence: "certain", AccountID: s.AccountID, Principal: rootARN(s, c), Resource: fmt.Sprintf("access key %d", i+1),
				Title:    fmt.Sprintf("The root of %s has an active access key", s.AccountID),
				Reason:   fmt.Sprintf("Made %s, last used %s. Whoever holds it owns the account.", dayOrNever(k.Rotated), dayOrNever(k.LastUsed)),
				Evidence: Evidence{Count: 1, First: moment(k.Rotated), Last: moment(k.LastUsed), State: fmt.Sprintf("report/<root_account>/access_key_%d", i+1)},
				Fix:      Fix{Summary: "Move what uses it to a role, then sign in as the root and delete the key under Security credentials.", Clears: "no active root key"},
			})
		}
	}
	if !c.MFA && rootCanSignIn(c) {
		q.find(Finding{
			Severity: Critical, Confidence: "certain", AccountID: s.AccountID, Principal: rootARN(s, c), Resource: "mfa",
			Title:    fmt.Sprintf("The root of %s has no MFA", s.AccountID),
			Reason:   "Password and mailbox are enough to own the account.",
			Evidence: Evidence{Count: 1, Last: moment(c.PasswordLastUsed), State: "report/<root_account>/mfa_active"},
			Fix:      Fix{Summary: "Sign in as the root and register a security key under Security credentials; two are better.", Clears: "MFA on the root"},
		})
	}
}

// rootCanSignIn tells that the root may have a password: the report says
// not_supported for accounts without, which reads as a root that was never anything.
func rootCanSignIn(c *iam.Credentials) bool { return c.PasswordEnabled || !c.Created.IsZero() }

func rootARN(s *iam.State, c *iam.Credentials) string {
	if c.ARN != "" {
		return c.ARN
	}
	return "arn:aws:iam::" + s.AccountID + ":root"
}
