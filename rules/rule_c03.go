package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC03() Rule {
	return Rule{
		ID: "TT-C03", Title: "Role unused", Severity: Medium, Since: "0.1",
		Text: "A role that nobody assumed for 90 days. AWS's own records (RoleLastUsed and last-accessed data, 400 days back) are asked first, then the logs. Where the loaded state has no such record for any role, nor for this one, the logs must reach back that far, or the role is not judged. " +
			"Left out: service-linked roles, roles younger than the threshold. Info where name or tag say that it is for emergencies. High where the role may do anything, low where it holds no permission at all and for roles of IAM Identity Center or the organisation.",
		Needs: []string{needsDetails}, Source: "AWS IAM Access Analyzer, unused roles",
		ask: askRoles,
	}
}

func askRoles(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "unused roles", needsDetails)
			continue
		}
		tracked := tracksRoles(s)
		blind := !tracked && !q.showsRoles(account)
		var found []Finding
		for i := range s.Roles {
			l := s.Accessed(s.Roles[i].ARN)
			if blind && (l == nil || !l.Complete) {
				q.lack(account, "unused roles", fmt.Sprintf("role last-used records, or %d days of logs", q.o.UnusedDays))
				continue
			}
			found = append(found, q.askRole(s, &s.Roles[i], l, tracked)...)
		}
		for _, f := range perRegion(found) {
			q.find(f)
		}
	}
}

// showsRoles tells that the logs reach far enough and show who takes a role.
func (q *inquiry) showsRoles(account string) bool {
	return q.reaches(account) && q.sighting(q.watchOf(account), "sts:AssumeRole").Verdict == Observable
}

// tracksRoles tells that the state has AWS's record of roles' last use.
func tracksRoles(s *iam.State) bool {
	for i := range s.Roles {
		if s.Roles[i].LastUsed != nil {
			return true
		}
	}
	return false
}

// askRole judges a role by what the state, its last-accessed record, nil where
// there is none, and the logs know. A record that is older than the state says
// nothing of the days between.
func (q *inquiry) askRole(s *iam.State, r *iam.Role, l *iam.LastAccessed, tracked bool) []Finding {
	if strings.HasPrefix(r.Path, "/aws-service-role/") || serviceLinked(r.ARN) {
		return nil
	}
	last := newestUse(l)
	if r.LastUsed != nil {
		last = newest(last, *r.LastUsed)
	}
	if p := q.principal(r.ARN); p != nil {
		last = newest(last, p.LastSuccess)
	}
	at := q.judgedAt(s)
	if !tracked && l != nil && l.Complete {
		tracked = true
		if !l.At.IsZero() && l.At.Before(at) {
			at = l.At
		}
	}
	idle := daysBetween(last, at)
	if last.IsZero() {
		idle = daysBetween(r.Created, at)
	}
	if r.Created.IsZero() && last.IsZero() || idle < q.o.UnusedDays {
		return nil
	}
	return []Finding{q.unusedRole(s, r, last, idle, tracked)}
}

func (q *inquiry) unusedRole(s *iam.State, r *iam.Role, last time.Time, idle int, tracked bool) Finding {
	f := Finding{
		Confidence: "high", AccountID: s.AccountID, Principal: r.ARN,
		Title:    fmt.Sprintf("%s: nobody assumed it for %s%s", who(r.ARN), counted(idle, "day"), q.power(r.ARN)),
		Reason:   fmt.Sprintf("AWS's record says %s; made %s.", dayOrNever(last), dayOrNever(r.Created)),
		Evidence: Evidence{Count: 1, First: moment(r.Created), Last: moment(last), State: "roles/" + r.Name},
		Fix:      Fix{Summary: "Find its owner by the tags and the trust policy; let nobody assume it for a month, then delete it.", Commands: retireRole(r), Clears: "the role gone or used"},
	}
	switch {
	case last.IsZero() && tracked:
		f.Title = fmt.Sprintf("%s: never assumed in the %s since it was made%s", who(r.ARN), counted(idle, "day"), q.power(r.ARN))
		f.Reason = fmt.Sprintf("AWS has no record of use in the last 400 days; made %s.", dateOf(r.Created))
		if idle > 400 {
			f.Title = fmt.Sprintf("%s: nobody assumed it for 400 days or more%s", who(r.ARN), q.power(r.ARN))
		}
	case last.IsZero():
		idle = min(idle, q.reach(s.AccountID))
		f.Confidence = "medium"
		f.Title = fmt.Sprintf("%s: not seen in %s of logs%s", who(r.ARN), counted(idle, "day"), q.power(r.ARN))
		f.Reason = "No call of the role is in the logs; use that only data events would show is not excluded."
	}
	switch {
	case forEmergencies(r.Name, r.Tags):
		f.Severity = Info
		f.Fix = Fix{Summary: "Its name or tag says emergencies: unused is how it should be. Check that it still works, that it asks for MFA, and that somebody is told when it is used.", Clears: "the role gone or used"}
	case organisationRole(r.Name):
		f.Severity = Low
		f.Fix = Fix{Summary: "The organisation's management account reaches in by it, and seldom needs to. Keep it where that is wanted, and watch its use.", Clears: "the role gone or used"}
	case identityCenter(r.ARN):
		f.Severity = Low
		f.Fix = Fix{Summary: "Take the permission set off this account in IAM Identity Center if nobody needs it.", Clears: "the assignment gone or the role used"}
	case q.mayDoAnything(r.ARN):
		f.Severity = High
	case len(r.Inline)+len(r.Attached) == 0:
		f.Severity = Low
	}
	return f
}

// retireRole closes the role to everybody, so that it can be opened again.
func retireRole(r *iam.Role) []string {
	if identityCenter(r.ARN) {
		return nil
	}
	deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	return commands(aws("iam", "list-role-tags", "--role-name", r.Name),
		aws("iam", "put-role-policy", "--role-name", r.Name, "--policy-name", "trimtrail-retired", "--policy-document", deny))
}
