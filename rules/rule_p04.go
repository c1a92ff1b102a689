package rules

import (
	"fmt"
	"slices"
	"strings"
)

func ruleP04() Rule {
	return Rule{
		ID: "TT-P04", Title: "Policies attached to users", Severity: Low, Since: "0.1",
		Text:  "Policies that hang on users one by one are forgotten when people change their work; groups and roles are changed in one place. One line an account, with the users.",
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
		var users []string
		inline, attached := 0, 0
		for _, u := range s.Users {
			if len(u.Inline)+len(u.Attached) > 0 {
				users = append(users, u.Name)
				inline += len(u.Inline)
				attached += len(u.Attached)
			}
		}
		if len(users) == 0 {
			continue
		}
		slices.Sort(users)
		q.find(Finding{
			Confidence: "certain", AccountID: account, Principal: account, Resource: "users",
			Title:    fmt.Sprintf("In account %s, %s of %s %s own policies", account, grouped(int64(len(users))), counted(len(s.Users), "user"), plural(len(users), "carries", "carry")),
			Reason:   fmt.Sprintf("%s inline and %s attached, on %s.", grouped(int64(inline)), grouped(int64(attached)), listed(users, 20)),
			Evidence: Evidence{Count: int64(len(users)), State: "users/" + strings.Join(firstOf(users, 1), "")},
			Fix:      Fix{Summary: "Move people to roles (IAM Identity Center), programs to roles of their own; where a user must stay, put it in a group.", Clears: "no policy on a user"},
		})
	}
}
