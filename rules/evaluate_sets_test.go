package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// sets is one permission set in three accounts, each with a person at work
// who uses another action, and the policy of all.
func sets(t *testing.T, policy string) (*analyze.Facts, map[string]*iam.State) {
	t.Helper()
	doc, states := document(t, policy), map[string]*iam.State{}
	f := factsOf()
	f.Coverage = nil
	for i, account := range []string{testAccount, "222233334444", "333344445555"} {
		arn := fmt.Sprintf(centerRole, account)
		p := principal(arn, atDesk(fmt.Sprintf("person%d@example.com", i), 60, 2)...)
		p.AccountID = account
		p.Usage = []analyze.Usage{usedAction([]string{"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:PurgeQueue"}[i], "*", back(3, "09:00:00"), 4)}
		f.Principals = append(f.Principals, p)
		f.Coverage = append(f.Coverage, analyze.Coverage{AccountID: account, First: f.Window.From, Last: end, Events: 1000, Days: 100, ManagementRead: true, ManagementWrite: true})
		states[account] = &iam.State{AccountID: account, TakenAt: end, HasDetails: true,
			Roles: []iam.Role{{Name: nameOf(arn), ARN: arn, Path: "/aws-reserved/sso.amazonaws.com/", Created: days(300), Inline: []iam.NamedDocument{{Name: "set", Document: doc}}, LastUsed: moment(back(3, "09:00:00"))}}}
	}
	return f, states
}

// A permission set is one finding, however many accounts it is in; unused is
// what nobody used in any of them.
func TestPermissionSetsAreOne(t *testing.T) {
	f, states := sets(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*"],"Resource":"*"}]}`)
	x := wantOne(t, evaluate(f, states), "TT-C06", Low)
	if !strings.Contains(x.Title, "used 3 of them") || !strings.Contains(x.Reason, "in 3 accounts") || !strings.Contains(x.Reason, "person2@example.com") || x.Resource != "permission set Editor" {
		t.Errorf("%s | %s | %s", x.Title, x.Reason, x.Resource)
	}
	f, states = sets(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	if x := wantOne(t, evaluate(f, states), "TT-P03", Info); !strings.Contains(x.Title, "The permission set Editor may do anything in 3 accounts") {
		t.Errorf("title %q", x.Title)
	}
}

// A denial of a role names who is behind it, through the roles in between.
func TestChainsAreFollowed(t *testing.T) {
	first, second := "arn:aws:iam::111122223333:role/first", "arn:aws:iam::222233334444:role/second"
	a, b, c := principal(alice), principal(first), principal(second)
	b.AssumedBy, c.AssumedBy = []string{alice, "ec2.amazonaws.com"}, []string{first, second}
	f := factsOf(a, b, c)
	f.Denials = []analyze.Denial{refusedCall(second, "s3:GetObject", back(1, "03:00:00"), repeated(40, 3), identityImplicit)}
	if x := wantOne(t, evaluate(f, nil), "TT-D01", Medium); !strings.Contains(x.Reason, "The role was assumed by way of other roles by user/alice.") {
		t.Errorf("reason %q", x.Reason)
	}
}
