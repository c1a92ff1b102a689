package rules

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP01() Rule {
	return Rule{
		ID: "TT-P01", Title: "The root user", Severity: High, Since: "0.1",
		Text:  "The root of an account may do everything and no policy but the organisation's limits it. Critical: an active root access key, or a root password without MFA. High: root calls within the window that change something, or without MFA told; medium: only reading or signing in. A few tasks need the root; each is worth asking about. Without a credential report the account summary tells of keys and MFA.",
		Needs: []string{needsEvents, needsReport + " or " + needsSummary}, Source: "CIS 1.4 to 1.7; AWS FSBP IAM.4, IAM.6, IAM.9",
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
		if s == nil || !q.rootState(s) {
			q.lack(account, "root access keys and root MFA", needsReport+" or "+needsSummary)
		}
	}
}

// rootState asks the credential report, else the account summary; it is false
// where neither tells of the root.
func (q *inquiry) rootState(s *iam.State) bool {
	told := false
	for i := range s.Report {
		if s.HasReport && isRoot(&s.Report[i]) {
			told = true
			q.rootReport(s, &s.Report[i])
		}
	}
	return told || s.HasReport && s.Summary == nil || q.rootSummary(s)
}

// rootSummary asks the account summary, which knows no dates.
func (q *inquiry) rootSummary(s *iam.State) bool {
	keys, knownKeys := s.Summary["AccountAccessKeysPresent"]
	mfa, knownMFA := s.Summary["AccountMFAEnabled"]
	password, knownPassword := s.Summary["AccountPasswordPresent"]
	if keys > 0 {
		f := rootKey(s, rootOf(s), 1)
		f.Reason = "The account summary counts it. Whoever holds it owns the account."
		f.Evidence = Evidence{Count: int64(keys), State: "summary/AccountAccessKeysPresent"}
		q.find(f)
	}
	if knownMFA && mfa == 0 && (password > 0 || !knownPassword) {
		f := rootWithoutMFA(s, rootOf(s))
		f.Evidence = Evidence{Count: 1, State: "summary/AccountMFAEnabled"}
		q.find(f)
	}
	return knownKeys && knownMFA
}

func rootKey(s *iam.State, arn string, number int) Finding {
	return Finding{
		Severity: Critical, Confidence: "certain", AccountID: s.AccountID, Principal: arn, Resource: fmt.Sprintf("access key %d", number),
		Title: fmt.Sprintf("The root of %s has an active access key", s.AccountID),
		Fix:   Fix{Summary: "Move what uses it to a role, then sign in as the root and delete the key under Security credentials.", Clears: "no active root key"},
	}
}

func rootWithoutMFA(s *iam.State, arn string) Finding {
	return Finding{
		Severity: Critical, Confidence: "certain", AccountID: s.AccountID, Principal: arn, Resource: "mfa",
		Title:  fmt.Sprintf("The root of %s has no MFA", s.AccountID),
		Reason: "Password and mailbox are enough to own the account.",
		Fix:    Fix{Summary: "Sign in as the root and register a security key under Security credentials; two are better.", Clears: "MFA on the root"},
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
			f := rootKey(s, rootARN(s, c), i+1)
			f.Reason = fmt.Sprintf("Made %s, last used %s. Whoever holds it owns the account.", dayOrNever(k.Rotated), dayOrNever(k.LastUsed))
			f.Evidence = Evidence{Count: 1, First: moment(k.Rotated), Last: moment(k.LastUsed), State: fmt.Sprintf("report/<root_account>/access_key_%d", i+1)}
			q.find(f)
		}
	}
	if !c.MFA && rootCanSignIn(c) {
		f := rootWithoutMFA(s, rootARN(s, c))
		f.Evidence = Evidence{Count: 1, Last: moment(c.PasswordLastUsed), State: "report/<root_account>/mfa_active"}
		q.find(f)
	}
}

// rootCanSignIn tells that the root may have a password: the report says
// not_supported for accounts without, which reads as a root that was never anything.
func rootCanSignIn(c *iam.Credentials) bool { return c.PasswordEnabled || !c.Created.IsZero() }

func rootARN(s *iam.State, c *iam.Credentials) string { return cmp.Or(c.ARN, rootOf(s)) }
