package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleP03() Rule {
	return Rule{
		ID: "TT-P03", Title: "May do anything", Severity: High, Since: "0.1",
		Text:  "A user or role with Action * on Resource *, and nothing that takes it back. High for users and for roles that machines assume; medium for roles that people or other accounts assume; info for names and tags that promise emergencies and for roles of IAM Identity Center, which are meant for administrators. Some administrators must be: the question is whether these need it, and the reason shows what they used.",
		Needs: []string{needsDetails}, Source: "CIS 1.16; AWS FSBP IAM.1",
		turn: 95, ask: askAdministrators,
	}
}

func askAdministrators(q *inquiry) {
	sets := map[string][]*held{}
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "administrators", needsDetails)
			continue
		}
		for _, h := range s.Holders() {
			if x := q.holder(h.ARN); x.admin && !serviceLinked(h.ARN) && !q.escalatedBy(x) && !q.asleep(h.ARN) {
				if identityCenter(h.ARN) {
					sets[permissionSet(h.ARN)] = append(sets[permissionSet(h.ARN)], x)
				} else {
					q.find(q.administratorFinding(x))
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		q.find(q.administratorSet(name, sets[name]))
	}
}

// administratorSet is one finding for a permission set, whatever the number of accounts.
func (q *inquiry) administratorSet(name string, hs []*held) Finding {
	f := q.administratorFinding(hs[0])
	arns := make([]string, len(hs))
	for i, h := range hs {
		arns[i] = h.ARN
	}
	if len(hs) > 1 {
		f.Title = fmt.Sprintf("The permission set %s may do anything in %s", name, counted(len(hs), "account"))
	}
	f.Fix.Summary = "Administrators must be; see that few people have the permission set, that they do their daily work with a smaller one, and that it is taken off accounts where nobody used it."
	return q.ofSet(f, arns)
}

func (q *inquiry) administratorFinding(h *held) Finding {
	f := Finding{
		Severity: High, Confidence: "certain", AccountID: h.AccountID, Principal: h.ARN,
		Title:    fmt.Sprintf("%s may do anything%s", who(h.ARN), q.usedOf(h.ARN)),
		Reason:   fmt.Sprintf("%s allows every action on every resource, and nothing takes it back.", h.adminBy),
		Evidence: Evidence{Count: 1, State: "users/" + h.Name},
		Fix: Fix{Summary: "Let trimtrail write the smallest policy that would have allowed what it did; keep full rights for one role that people assume with MFA, for emergencies.",
			Clears: "no statement that allows everything"},
	}
	if typeable(h.ARN) {
		f.Fix.Commands = []string{"trimtrail policy " + shellWord(h.ARN)}
	}
	if h.Role != nil {
		f.Evidence.State = "roles/" + h.Name
		f.Severity = Medium
		if machines := servicesTrusted(h); len(machines) > 0 {
			f.Severity = High
			f.Reason += fmt.Sprintf(" %s may assume it.", listed(machines, 3))
		}
	}
	switch {
	case identityCenter(h.ARN):
		f.Severity = Info
	case forEmergencies(h.Name, q.tagsOf(h.ARN)):
		f.Severity = Info
		f.Fix.Summary = "Its name or tag says emergencies: check that only those use it, with MFA, and that somebody is told when they do."
	}
	return f
}

// forEmergencies tells of a name or a tag that promises rare use.
func forEmergencies(name string, tags map[string]string) bool {
	if emergency(name) {
		return true
	}
	for k, v := range tags {
		if emergency(k) && !strings.EqualFold(v, "false") || emergency(v) {
			return true
		}
	}
	return false
}

// tagsOf are the tags of a user or role, nil where the state does not know it.
func (q *inquiry) tagsOf(arn string) map[string]string {
	h := q.holder(arn)
	switch {
	case h == nil:
		return nil
	case h.Role != nil:
		return h.Role.Tags
	case h.User != nil:
		return h.User.Tags
	}
	return nil
}

// emergency tells of a name that promises rare use.
func emergency(name string) bool {
	low := strings.ToLower(name)
	return slices.ContainsFunc([]string{"break-glass", "breakglass", "break_glass", "emergency", "firecall"}, func(s string) bool { return strings.Contains(low, s) })
}

// escalatedBy tells that the holder gave itself the policy within the window,
// which TT-D02 tells with its way out.
func (q *inquiry) escalatedBy(h *held) bool {
	return q.found("TT-D02", h.ARN, func(f *Finding) bool {
		return weight(f.Severity) <= weight(High) && strings.HasPrefix(h.adminBy, "inline ") &&
			slices.ContainsFunc(f.Fix.Commands, func(c string) bool { return strings.Contains(c, shellWord(strings.TrimPrefix(h.adminBy, "inline "))) })
	})
}

// asleep tells of an administrator that did nothing within the window and
// that a rule of dormancy tells already.
func (q *inquiry) asleep(arn string) bool {
	return q.principal(arn) == nil && slices.ContainsFunc([]string{"TT-C01", "TT-C02", "TT-C03", "TT-C04"}, func(rule string) bool {
		return q.found(rule, arn, func(f *Finding) bool { return f.Severity == High })
	})
}

// servicesTrusted are the AWS services that the role's trust policy names.
func servicesTrusted(h *held) []string {
	var out []string
	if h.Role.Trust == nil {
		return nil
	}
	for _, s := range h.Role.Trust.Statements {
		if s.Principal != nil && s.Effect == "Allow" {
			out = union(out, s.Principal.By["Service"].Values)
		}
	}
	return out
}

// usedOf says what a principal used of its rights.
func (q *inquiry) usedOf(arn string) string {
	p := q.principal(arn)
	if p == nil {
		return ""
	}
	var actions, services []string
	for _, u := range p.Usage {
		if u.Outcome != analyze.OutcomeDenied {
			actions = append(actions, u.Action)
			services = append(services, prefixOf(u.Action))
		}
	}
	slices.Sort(actions)
	slices.Sort(services)
	actions, services = slices.Compact(actions), slices.Compact(services)
	if len(actions) == 0 {
		return ""
	}
	return strings.Join([]string{" and used", counted(len(actions), "action"), "of", counted(len(services), "service"), "in", counted(max(1, q.f.Window.Days()), "day")}, " ")
}
