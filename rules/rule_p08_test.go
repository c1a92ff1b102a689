package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// climber is an account with a user who holds one policy of its own, a role
// that may do anything and that Lambda trusts, and the user root2 who may.
func climber(t testing.TB, statements string) scene {
	t.Helper()
	admin := document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	own := document(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`)
	trust := document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	return loaded(func(s *iam.State) {
		s.Policies = []iam.Policy{{Name: "own", ARN: "arn:aws:iam::111122223333:policy/own", Document: own, Attached: 1}}
		s.Users = []iam.User{{Name: "alice", ARN: alice, Attached: []string{"arn:aws:iam::111122223333:policy/own"}},
			{Name: "bob", ARN: bob, Inline: []iam.NamedDocument{{Name: "all", Document: admin}}}}
		s.Roles = []iam.Role{{Name: "worker", Path: "/", ARN: worker, Created: days(20), Trust: trust, Inline: []iam.NamedDocument{{Name: "all", Document: admin}}}}
	})
}

// TestSteps tries each kind of way, and what only looks like one.
func TestSteps(t *testing.T) {
	allow := func(actions, resource string) string {
		return fmt.Sprintf(`{"Effect":"Allow","Action":["%s"],"Resource":"%s"}`, strings.ReplaceAll(actions, " ", `","`), resource)
	}
	const everywhere = "*"
	for _, c := range []struct{ name, statements, says string }{
		{"own policy", allow("iam:CreatePolicyVersion", everywhere), "write a new version of its policy own"},
		{"own policy by name", allow("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/own"), "write a new version"},
		{"another's policy", allow("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/other"), ""},
		{"AWS's policies", allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*"), ""},
		{"a condition of the past", `{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2020-01-01T00:00:00Z"}}}`, ""},
		{"a condition that today meets", `{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*","Condition":{"DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01T00:00:00Z"}}}`, "write a new version"},
		{"denied again", allow("iam:*", everywhere) + `,{"Effect":"Deny","Action":"iam:*","Resource":"*"}`, ""},
		{"an inline policy", allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}"), "write itself a policy"},
		{"an administrator's key", allow("iam:CreateAccessKey", everywhere), "make an access key of user/bob"},
		{"its own key", allow("iam:CreateAccessKey", alice), ""},
		{"an administrator's trust", allow("iam:UpdateAssumeRolePolicy", everywhere), "let itself assume role/worker"},
		{"a function with the role", allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", everywhere), "pass role/worker to a new function"},
		{"a role without a program", allow("iam:PassRole lambda:CreateFunction", everywhere), ""},
		{"an instance, which the role does not trust", allow("iam:PassRole ec2:RunInstances", everywhere), ""},
		{"roles by name", allow("lambda:*", everywhere) + "," + allow("iam:PassRole", "arn:aws:iam::*:role/lambda-*"), "change the code of a function"},
		{"only others' tags", allow("iam:TagUser iam:GetUser", everywhere), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := climber(t, c.statements)
			want := High
			if c.says == "" {
				want = ""
			}
			x := wantOne(t, evaluate(s.facts, s.states), "TT-P08", want)
			if c.says != "" && !strings.Contains(x.Reason, c.says) {
				t.Errorf("no %q in %q", c.says, x.Reason)
			}
		})
	}
}
