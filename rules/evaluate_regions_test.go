package rules

import (
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// A set-up that made a role in each region is one line; two alike are two.
func TestRolesOfEachRegion(t *testing.T) {
	made := func(regions ...string) scene {
		return loaded(func(s *iam.State) {
			for _, r := range regions {
				name := "setup-" + r
				s.Roles = append(s.Roles, iam.Role{Name: name, ARN: "arn:aws:iam::111122223333:role/" + name, Path: "/", Created: days(400), LastUsed: moment(days(200)), Attached: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
			}
		})
	}
	four := made("eu-west-1", "us-east-2", "ap-southeast-1", "us-gov-east-1")
	x := wantOne(t, evaluate(four.facts, four.states), "TT-C03", Medium)
	if x.Title != "4 roles, one a region: role/setup-*: nobody assumed them for 199 days" || x.Evidence.Count != 4 || !strings.Contains(x.Reason, "setup-us-east-2") {
		t.Errorf("%q, %d: %s", x.Title, x.Evidence.Count, x.Reason)
	}
	two := made("eu-west-1", "us-east-2")
	if n := len(ofRule(evaluate(two.facts, two.states), "TT-C03")); n != 2 {
		t.Errorf("%d findings", n)
	}
	if got := regionless("us-only text in eu-x"); got != "us-only text in eu-x" {
		t.Errorf("%q", got)
	}
}
