package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP04() Rule {
	return Rule{
		ID: "TT-P04", Title: "Policies attached to users", Severity: Low, Since: "0.1",
		Text:  "Policies that hang on users one by one are forgotten when people change their work; groups and roles are changed in one place. One line an account, with the users, those in no group, and the groups that would stand in for attached policies: one for each set of policies in common.",
		Needs: []string{needsDetails}, Source: "CIS 1.15; AWS FSBP IAM.2",
		ask: askDirectPolicies,
	}
}

func askDirectPolicies(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "policies attached to users", needsDetails)
			continue
		}
		var users, alone []string
		inline, attached := 0, 0
		for _, u := range s.Users {
			if len(u.Inline)+len(u.Attached) > 0 {
				users = append(users, u.Name)
				inline += len(u.Inline)
				attached += len(u.Attached)
				if len(u.Groups) == 0 {
					alone = append(alone, u.Name)
				}
			}
		}
		if len(users) == 0 {
			continue
		}
		slices.Sort(users)
		f := Finding{
			Confidence: "certain", AccountID: account, Principal: account, Resource: "users",
			Title:    fmt.Sprintf("In account %s, %s of %s %s own policies", account, grouped(int64(len(users))), counted(len(s.Users), "user"), plural(len(users), "carries", "carry")),
			Reason:   fmt.Sprintf("%s inline and %s attached, on %s.", grouped(int64(inline)), grouped(int64(attached)), listed(users, 20)),
			Evidence: Evidence{Count: int64(len(users)), State: "users/" + strings.Join(firstOf(users, 1), "")},
			Fix:      Fix{Summary: "Move people to roles (IAM Identity Center), programs to roles of their own; where a user must stay, put it in a group.", Clears: "no policy on a user"},
		}
		if len(alone) > 0 {
			slices.Sort(alone)
			f.Reason += fmt.Sprintf(" In no group: %s.", listed(alone, 20))
		}
		f.Fix.join(groupsFor(s))
		q.find(f)
	}
}

// join adds what groups could stand in for.
func (f *Fix) join(gs []grouping) {
	for i := range gs {
		g := &gs[i]
		if i == mostGroups {
			f.Summary += fmt.Sprintf(" %s of users with attached policies in common are not shown.", counted(len(gs)-i, "more set"))
			break
		}
		have := "A group"
		if g.exists {
			have = "The group " + g.name
		}
		f.Summary += fmt.Sprintf(" %s with %s would stand in for what %s %s.", have, listed(policyNamesOf(g.policies), 3), listed(g.users, 5), plural(len(g.users), "carries", "carry"))
		f.Commands = commands(append(f.Commands, g.commands()...)...)
	}
}

// mostGroups is for how many sets of users commands are given.
const mostGroups = 3

// grouping is a set of users with the same attached policies, and the group for them.
type grouping struct {
	name            string
	exists          bool // a group holds just these policies
	policies, users []string
}

// groupsFor are the groups that would take the attached policies off users:
// one for each set of policies, those of most users first. The loaded groups
// that hold just such a set are taken.
func groupsFor(s *iam.State) []grouping {
	by := map[string]*grouping{}
	taken := map[string]bool{}
	for i := range s.Groups {
		taken[strings.ToLower(s.Groups[i].Name)] = true
	}
	for i := range s.Users {
		u := &s.Users[i]
		policies := slices.Compact(slices.Sorted(slices.Values(u.Attached)))
		if len(policies) == 0 {
			continue
		}
		k := strings.Join(policies, "\x00")
		if by[k] == nil {
			by[k] = &grouping{policies: policies}
		}
		by[k].users = append(by[k].users, u.Name)
	}
	var out []grouping
	for _, k := range slices.Sorted(maps.Keys(by)) {
		g := by[k]
		slices.Sort(g.users)
		g.choose(s, taken)
		out = append(out, *g)
	}
	slices.SortStableFunc(out, func(a, b grouping) int { return cmp.Compare(len(b.users), len(a.users)) })
	return out
}

// choose takes a group that holds just these policies, else a free name after the first of them.
func (g *grouping) choose(s *iam.State, taken map[string]bool) {
	for i := range s.Groups {
		have := slices.Compact(slices.Sorted(slices.Values(s.Groups[i].Attached)))
		if len(s.Groups[i].Inline) == 0 && slices.Equal(have, g.policies) {
			g.name, g.exists = s.Groups[i].Name, true
			return
		}
	}
	base := "users-" + policyNamesOf(g.policies)[0]
	g.name = base
	for n := 2; taken[strings.ToLower(g.name)]; n++ {
		g.name = fmt.Sprintf("%s-%d", base, n)
	}
	taken[strings.ToLower(g.name)] = true
}

// commands put the users into the group before anything is taken from them.
func (g *grouping) commands() []string {
	var out []string
	if !g.exists {
		out = append(out, aws("iam", "create-group", "--group-name", g.name))
		for _, p := range g.policies {
			out = append(out, aws("iam", "attach-group-policy", "--group-name", g.name, "--policy-arn", p))
		}
	}
	for _, u := range firstOf(g.users, 20) {
		out = append(out, aws("iam", "add-user-to-group", "--group-name", g.name, "--user-name", u))
		for _, p := range g.policies {
			out = append(out, aws("iam", "detach-user-policy", "--user-name", u, "--policy-arn", p))
		}
	}
	if slices.Contains(out, "") {
		return nil // half of it would take permissions away
	}
	return out
}

func policyNamesOf(arns []string) []string {
	var out []string
	for _, a := range arns {
		out = append(out, nameOf(a))
	}
	return out
}
