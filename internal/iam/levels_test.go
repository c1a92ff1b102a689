package iam

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

const work = "444455556666"

// organised are the fixtures' organisation and a member with a user, a role
// and a service-linked role that may do everything.
func organised(t *testing.T, edit func(*Organization)) States {
	t.Helper()
	all := mustParse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	states := States{}
	folder(t, states, "organization")
	for _, a := range []string{home, work} {
		s := states.of(a)
		s.HasDetails = true
		s.Users = []User{{Name: "ann", ARN: "arn:aws:iam::" + a + ":user/ann", Inline: []NamedDocument{{"all", all}}}}
		s.Roles = []Role{{Name: "AWSServiceRoleForX", Path: "/aws-service-role/x.amazonaws.com/", ARN: "arn:aws:iam::" + a + ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", Inline: []NamedDocument{{"all", all}}}}
	}
	if edit != nil {
		edit(states[home].Organization)
	}
	states.Organize()
	return states
}

func TestOrganization(t *testing.T) {
	o := organised(t, nil)[home].Organization
	if o.ID != "o-a1b2c3d4e5" || o.Management != home || len(o.Nodes) != 5 || len(o.Policies) != 4 {
		t.Errorf("organization is %+v", o)
	}
	path, ok := o.Path(work)
	if !ok || !slices.Equal(path, []string{"r-ab12", "ou-ab12-cdefgh34", work}) {
		t.Errorf("path is %v", path)
	}
	if got := o.Accounts(); !slices.Equal(got, []string{home, work}) {
		t.Errorf("accounts are %v", got)
	}
	if _, ok := o.Path("999900001111"); ok {
		t.Error("an account that nobody listed has a path")
	}
	o.Node("ou-ab12-cdefgh34").Parent = "ou-ab12-cdefgh34" // as only damaged data has it
	if _, ok := o.Path(work); ok {
		t.Error("a circle has a path")
	}
}

func TestLevels(t *testing.T) {
	states := organised(t, nil)
	want := []string{"r-ab12: 1 SCPs, 0 RCPs", "ou-ab12-cdefgh34: 2 SCPs, 1 RCPs", work + ": 1 SCPs, 0 RCPs"}
	if got := states[work].Levels(); len(got) != 3 {
		t.Errorf("levels are %q, want about %q", got, want)
	}
	if got := states[home].Levels(); got != nil {
		t.Errorf("the management account has levels %q", got)
	}
	user, role := "arn:aws:iam::"+work+":user/ann", "arn:aws:iam::"+work+":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
	for _, c := range []struct {
		name, account, arn, action, region, org string
		want                                    Decision
		by                                      string
	}{
		{"within the region", work, user, "ec2:RunInstances", "eu-west-1", "o-a1b2c3d4e5", Allowed, ""},
		{"outside", work, user, "ec2:RunInstances", "us-east-1", "o-a1b2c3d4e5", ExplicitlyDenied, "scp guard: NoRegionsElsewhere"},
		{"not for the management account", home, "arn:aws:iam::" + home + ":user/ann", "ec2:RunInstances", "us-east-1", "o-a1b2c3d4e5", Allowed, ""},
		{"not for service-linked roles", work, role, "ec2:RunInstances", "us-east-1", "o-a1b2c3d4e5", Allowed, ""},
		{"the RCP", work, user, "s3:GetObject", "eu-west-1", "o-other", ExplicitlyDenied, "rcp perimeter: OwnPeople"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, ok := states[c.account].Lookup(c.arn)
			if !ok || len(h.Unresolved) != 0 {
				t.Fatalf("%+v", h.Unresolved)
			}
			got, by := DecideWhy(Request{Principal: c.arn, Action: c.action, Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {c.region}, "aws:PrincipalOrgID": {c.org}}}, h.Documents())
			if got != c.want || c.by != "" && !slices.Contains(by, c.by) {
				t.Errorf("%s by %q", got, by)
			}
		})
	}
}

// What is not known of the organisation limits nothing, and is named.
func TestLevelsNotKnown(t *testing.T) {
	for _, c := range []struct {
		name       string
		edit       func(*Organization)
		action     string
		want       Decision
		unresolved []string
	}{
		{"a document", func(o *Organization) { o.policy("p-a1b2c3d4").Document = nil }, "cloudtrail:StopLogging", Allowed, []string{"scp:p-a1b2c3d4"}},
		{"what is attached", func(o *Organization) { o.Node(work).Attached = nil }, "cloudtrail:StopLogging", ExplicitlyDenied, []string{"rcp:of " + work, "scp:of " + work}},
		{"a policy", func(o *Organization) {
			o.Node(work).Attached = []string{"p-FullAWSAccess", "p-RCPFullAWSAccess", "p-zzzzzzzz"}
		}, "cloudtrail:StopLogging", ExplicitlyDenied, []string{"rcp:p-zzzzzzzz", "scp:p-zzzzzzzz"}},
		{"a parent", func(o *Organization) { o.Node("ou-ab12-cdefgh34").Parent = "" }, "cloudtrail:StopLogging", ExplicitlyDenied, []string{"organization:parents of " + work}},
		{"the whole way", func(o *Organization) { o.Node(work).Parent = "" }, "cloudtrail:StopLogging", Allowed, []string{"organization:parents of " + work}},
		{"types that are not enabled", func(o *Organization) { o.Node("r-ab12").Types = []string{} }, "cloudtrail:StopLogging", Allowed, nil},
		{"FullAWSAccess without its document", func(o *Organization) { o.policy("p-FullAWSAccess").Document = nil }, "ec2:RunInstances", Allowed, nil},
		{"a list that allows little", func(o *Organization) {
			o.policy("p-a1b2c3d4").Document = mustParse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)
			o.Node("ou-ab12-cdefgh34").Attached = []string{"p-RCPFullAWSAccess", "p-a1b2c3d4"}
		}, "ec2:RunInstances", ImplicitlyDenied, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := organised(t, c.edit)
			h, _ := states[work].Lookup("arn:aws:iam::" + work + ":user/ann")
			got := Decide(Request{Principal: h.ARN, Action: c.action, Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {"eu-west-1"}, "aws:PrincipalOrgID": {"o-a1b2c3d4e5"}}}, h.Documents())
			if got != c.want || !slices.Equal(h.Unresolved, c.unresolved) {
				t.Errorf("%s, unresolved %q", got, h.Unresolved)
			}
		})
	}
}

// Newer answers of list-accounts tell the way to each account by themselves.
func TestOrganizationPaths(t *testing.T) {
	arn := func(what, id string) string {
		return "arn:aws:organizations::111122223333:" + what + "/o-a1b2c3d4e5/" + id
	}
	states := States{}
	for _, data := range []string{
		`{"Roots":[{"Id":"r-ab12","Arn":"` + arn("root", "r-ab12") + `"}]}`,
		`{"OrganizationalUnit":{"Id":"ou-ab12-cdefgh34","Arn":"` + arn("ou", "ou-ab12-cdefgh34") + `","Path":"o-a1b2c3d4e5/r-ab12/ou-ab12-cdefgh34/"}}`,
		`{"Accounts":[{"Id":"444455556666","Arn":"` + arn("account", work) + `","State":"ACTIVE","Paths":["o-a1b2c3d4e5/r-ab12/ou-ab12-cdefgh34/444455556666/"]}]}`,
	} {
		if _, err := Load("f", []byte(data), states); err != nil {
			t.Fatal(err)
		}
	}
	states[home].Organization.Node("r-ab12").Types = []string{SCPType}
	if _, err := Load("list-roots.json", []byte(`{"Roots":[{"Id":"r-ab12","Arn":"`+arn("root", "r-ab12")+`"}]}`), states); err != nil || len(states[home].Organization.Node("r-ab12").Types) != 1 {
		t.Errorf("an answer without policy types takes them away: %v", err)
	}
	if path, ok := states[home].Organization.Path(work); !ok || len(path) != 3 {
		t.Errorf("path is %v", path)
	}
}

// A name without an id leaves open whom an answer is about.
func TestAskedWhom(t *testing.T) {
	for name, want := range map[string]string{
		"/tmp/x/list-policies-for-target-ou-ab12-cdefgh34.json": "ou-ab12-cdefgh34",
		`C:\x\policies_r-ab12.json`:                             "r-ab12",
		"444455556666.json":                                     "444455556666",
		"policies.json":                                         "",
		"policies-r-ab12-444455556666.json":                     "",
		"targets-p-FullAWSAccess.json":                          "p-FullAWSAccess",
		"dir-r-ab12/policies.json":                              "",
		"for-production.json":                                   "",
	} {
		l := &Loaded{Name: name, What: "policies"}
		got, err := l.asked([]byte(`{}`), "TargetId")
		if got != want || (err != nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "put the id into its name") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// What the SCPs leave out is granted to nobody below them.
func TestGrantedUnderSCPs(t *testing.T) {
	c := catalog.Default()
	states := organised(t, func(o *Organization) {
		o.policy("p-FullAWSAccess").Document = mustParse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
		o.addPolicy(OrgPolicy{ID: "p-99990000", Name: "few", Type: SCPType, Document: mustParse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"ec2:*","Resource":"*"}}`)})
		o.Node(work).Attached = []string{"p-99990000", "p-RCPFullAWSAccess"}
	})
	h, _ := states[work].Lookup("arn:aws:iam::" + work + ":user/ann")
	g := h.Granted(c)
	ec2 := c.Expand("ec2:*")
	if !slices.Equal(g.Guarded, ec2) || !slices.Equal(g.Denied, []string{"cloudtrail:DeleteTrail", "cloudtrail:StopLogging"}) || len(g.Bounded) != 0 {
		t.Errorf("%d guarded of %d, denied %q", len(g.Guarded), len(ec2), g.Denied)
	}
	if got, want := len(g.Actions), len(c.Expand("*"))-len(ec2)-2; got != want {
		t.Errorf("%d granted, want %d", got, want)
	}
	// Two levels that allow little allow what both do.
	all := h.SCPs[1]
	h.SCPs = [][]*Document{all, {mustParse(t, `{"Statement":{"Effect":"Allow","Action":["s3:*","sqs:*"],"Resource":"*"}}`)}, {mustParse(t, `{"Statement":{"Effect":"Allow","Action":["sqs:*","sns:*"],"Resource":"*"}}`)}, all}
	if got, want := len(h.Granted(c).Actions), len(c.Expand("sqs:*")); got != want {
		t.Errorf("%d granted under two narrow levels, want %d", got, want)
	}
	home, _ := states[home].Lookup("arn:aws:iam::" + home + ":user/ann")
	if got := home.Granted(c); len(got.Guarded)+len(got.Denied) != 0 {
		t.Errorf("the management account's user: %+v", got.Guarded)
	}
}
