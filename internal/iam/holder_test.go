package iam

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

func TestLookup(t *testing.T) {
	x := load(t, "details.json").Index()
	for _, c := range []struct{ arn, want string }{
		{"arn:aws:iam::111122223333:user/alice", "alice"},
		{"arn:aws:iam::111122223333:user/robots/ci", "ci"},
		{"arn:aws:iam::111122223333:user/ci", ""},
		{"arn:aws:iam::111122223333:role/service/app", "app"},
		{"arn:aws:iam::111122223333:role/app", ""},
		{"arn:aws:sts::111122223333:assumed-role/app/i-0abc", "app"},
		{"arn:aws:sts::111122223333:assumed-role/APP/i-0abc", "app"},
		{"arn:aws:sts::444455556666:assumed-role/app/i-0abc", ""},
		{"arn:aws:sts::111122223333:assumed-role/gone/i-0abc", ""},
		{"arn:aws:iam::111122223333:root", ""},
		{"ec2.amazonaws.com", ""},
		{"", ""},
	} {
		h, ok := x.Lookup(c.arn)
		if h.Name != c.want || ok != (c.want != "") || ok && (h.User == nil) == (h.Role == nil) {
			t.Errorf("%s is %q, %v, want %q", c.arn, h.Name, ok, c.want)
		}
	}
	if h, ok := x.RoleNamed("audit"); !ok || h.ARN != "arn:aws:iam::111122223333:role/audit" {
		t.Errorf("audit is %+v", h)
	}
	if _, ok := x.RoleNamed("alice"); ok {
		t.Error("a user is a role")
	}
	if r, ok := x.RoleOfProfile("arn:aws:iam::111122223333:instance-profile/service/app"); !ok || r.Name != "app" {
		t.Errorf("the profile's role is %+v", r)
	}
	if _, ok := x.RoleOfProfile("arn:aws:iam::111122223333:instance-profile/app"); ok {
		t.Error("a profile of another path is found")
	}
}

func TestHolders(t *testing.T) {
	s := load(t, "details.json")
	var got []string
	for _, h := range s.Holders() {
		line := h.Name + ":"
		for _, p := range h.Policies {
			line += " " + p.Label()
		}
		got = append(got, line+" | "+strings.Join(h.Unresolved, " ")+" | "+h.Boundary)
	}
	want := []string{
		"alice: inline own arn:aws:iam::111122223333:policy/team/deploy group:readers read |  | arn:aws:iam::111122223333:policy/edge",
		"ci: | arn:aws:iam::aws:policy/ReadOnlyAccess | ",
		"audit: arn:aws:iam::aws:policy/SecurityAudit |  | ",
		"app: inline work |  | ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestHolderDecides(t *testing.T) {
	s := load(t, "details.json")
	for _, c := range []struct{ principal, action, resource, want string }{
		{"arn:aws:iam::111122223333:user/alice", "s3:GetObject", "arn:aws:s3:::data/x", "allowed arn:aws:iam::111122223333:policy/team/deploy: statement 1; group:readers read: statement 1; arn:aws:iam::111122223333:policy/edge: statement 1"},
		{"arn:aws:iam::111122223333:user/alice", "iam:PassRole", "arn:aws:iam::111122223333:role/audit", "implicitly_denied boundary: no statement allows"},
		{"arn:aws:iam::111122223333:user/alice", "iam:ChangePassword", "arn:aws:iam::111122223333:user/alice", "allowed inline own: statement 1; arn:aws:iam::111122223333:policy/edge: statement 1"},
		{"arn:aws:sts::111122223333:assumed-role/app/i-1", "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/app-1", "allowed inline work: Tables"},
		{"arn:aws:sts::111122223333:assumed-role/app/i-1", "dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:111122223333:table/app-1", "explicitly_denied inline work: NoDrop"},
	} {
		h, ok := s.Lookup(c.principal)
		if !ok {
			t.Fatalf("%s is not found", c.principal)
		}
		d, by := DecideWhy(Request{Principal: c.principal, Action: c.action, Resource: c.resource, ResourceAccount: home}, h.Documents())
		if got := string(d) + " " + strings.Join(by, "; "); got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.principal, c.action, got, c.want)
		}
	}
}

// A boundary that the state does not hold, or a group, is named and not passed over.
func TestUnresolved(t *testing.T) {
	s := &State{AccountID: home, Users: []User{{Name: "a", ARN: "arn:aws:iam::111122223333:user/a", Groups: []string{"gone"}, Boundary: "arn:aws:iam::111122223333:policy/b", Attached: []string{"arn:aws:iam::111122223333:policy/b"}}}}
	h, _ := s.Lookup("arn:aws:iam::111122223333:user/a")
	if want := []string{"arn:aws:iam::111122223333:policy/b", "group:gone"}; !slices.Equal(h.Unresolved, want) {
		t.Errorf("unresolved are %q", h.Unresolved)
	}
	if p := h.Documents(); p.Boundary != nil {
		t.Error("an unknown boundary has a document")
	}
	if g := h.Granted(catalog.Default()); !slices.Equal(g.Unknown, h.Unresolved) || len(g.Actions) != 0 {
		t.Errorf("granted %+v", g)
	}
}

func TestGranted(t *testing.T) {
	c := catalog.Default()
	s := load(t, "details.json")
	app, _ := s.RoleNamed("app")
	g := app.Granted(c)
	names := func(l []GrantedAction) []string {
		var out []string
		for _, a := range l {
			out = append(out, a.Name)
		}
		return out
	}
	want := slices.DeleteFunc(slices.Clone(c.Actions("dynamodb")), func(a string) bool { return a == "dynamodb:DeleteTable" })
	if !slices.Equal(names(g.Actions), want) || !slices.Equal(g.Denied, []string{"dynamodb:DeleteTable"}) || len(g.Bounded)+len(g.Unmatched)+len(g.Unknown) != 0 {
		t.Errorf("granted %d actions, denied %q, bounded %q, unmatched %q", len(g.Actions), g.Denied, g.Bounded, g.Unmatched)
	}
	by := g.Actions[0].By
	if len(by) != 1 || by[0].Of(&app).Sid != "Tables" {
		t.Errorf("granted by %+v", by)
	}

	alice, _ := s.Lookup("arn:aws:iam::111122223333:user/alice")
	g = alice.Granted(c)
	i := slices.Index(names(g.Actions), "s3:GetObject")
	if i < 0 || !slices.Equal(g.Actions[i].By, []StatementRef{{1, 0}, {2, 0}}) {
		t.Errorf("s3:GetObject is granted by %+v", g.Actions[i].By)
	}
	if i := slices.Index(names(g.Actions), "s3:PutObject"); i < 0 || !slices.Equal(g.Actions[i].By, []StatementRef{{1, 0}}) {
		t.Errorf("s3:PutObject is granted by %+v", g.Actions[i].By)
	}
	if !slices.Equal(g.Bounded, []string{"iam:PassRole"}) {
		t.Errorf("bounded are %q", g.Bounded)
	}
}

func TestGrantedEffects(t *testing.T) {
	c := catalog.Default()
	all := len(c.Expand("*"))
	for _, x := range []struct {
		name                             string
		statements                       string
		boundary                         string
		actions, denied, bounded, misses int // expected; -1: some
	}{
		{"everything", everything, "", all, 0, 0, 0},
		{"*:*", `{"Effect":"Allow","Action":"*:*","Resource":"*"}`, "", all, 0, 0, 0},
		{"NotAction", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "", all - len(c.Actions("iam")), 0, 0, 0},
		{"denied whole", everything + `,{"Effect":"Deny","Action":"iam:*","Resource":"*"}`, "", all - len(c.Actions("iam")), len(c.Actions("iam")), 0, 0},
		{"denied on some resources takes nothing", everything + `,{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:role/x"}`, "", all, 0, 0, 0},
		{"denied by condition takes nothing", everything + `,{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"a":"true"}}}`, "", all, 0, 0, 0},
		{"Deny NotAction", everything + `,{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`, "", len(c.Actions("iam")), all - len(c.Actions("iam")), 0, 0},
		{"what was never allowed is not denied", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}`, "", 0, 1, 0, 0},
		{"misspelt", `{"Effect":"Allow","Action":["s3:GetObjet","s3:GetObject","nope:*"],"Resource":"*"}`, "", 1, 0, 0, 2},
		{"boundary", everything, readData, len(c.Expand("s3:Get*")), 0, all - len(c.Expand("s3:Get*")), 0},
		{"boundary denies", everything, everything + "," + denyGet, all - 1, 1, 0, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := Holder{Policies: []HeldPolicy{{Name: "p", Source: "inline", Document: policy(t, x.statements)}}}
			if x.boundary != "" {
				h.BoundaryDocument = policy(t, x.boundary)
			}
			g := h.Granted(c)
			got := [4]int{len(g.Actions), len(g.Denied), len(g.Bounded), len(g.Unmatched)}
			if want := [4]int{x.actions, x.denied, x.bounded, x.misses}; got != want {
				t.Errorf("actions, denied, bounded, unmatched are %v, want %v", got, want)
			}
			if !slices.IsSortedFunc(g.Actions, func(a, b GrantedAction) int { return strings.Compare(a.Name, b.Name) }) {
				t.Error("actions are not sorted")
			}
		})
	}
}

// Granted and Decide agree where only actions count.
func TestGrantedAgreesWithDecide(t *testing.T) {
	c := catalog.Default()
	h := Holder{Policies: []HeldPolicy{
		{Document: policy(t, `{"Effect":"Allow","Action":["s3:*Object","ec2:Desc*","iam:?etUser"],"Resource":"*"}`, `{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}`)},
		{Document: policy(t, `{"Effect":"Allow","NotAction":["a*:*","b*:*","c*:*","e*:*","s*:*","i*:*"],"Resource":"*"}`)},
	}, BoundaryDocument: policy(t, `{"Effect":"Allow","Action":["s3:*","ec2:*","iam:*","k*:*"],"Resource":"*"}`)}
	granted := map[string]bool{}
	for _, a := range h.Granted(c).Actions {
		granted[a.Name] = true
	}
	v, n := NewEvaluator(h.Documents()), 0
	for _, a := range c.Expand("*") {
		d := v.Decide(Request{Principal: alice, Action: a, Resource: "*"})
		if (d == Allowed) != granted[a] {
			t.Errorf("%s: %s, granted %v", a, d, granted[a])
		}
		if d == Allowed {
			n++
		}
	}
	if n == 0 || n != len(granted) {
		t.Errorf("%d allowed, %d granted", n, len(granted))
	}
}

func TestStatementActions(t *testing.T) {
	c := catalog.Default()
	s := policy(t, `{"Effect":"Deny","Action":["s3:GetObject","s3:PutObject","s3:getobject"],"Resource":"*"}`).Statements[0]
	if got := s.Actions(c); !slices.Equal(got, []string{"s3:GetObject", "s3:PutObject"}) {
		t.Errorf("actions are %q", got)
	}
}

func BenchmarkGranted(b *testing.B) {
	c := catalog.Default()
	h := Holder{Policies: []HeldPolicy{{Document: policy(b, everything, `{"Effect":"Deny","Action":"iam:*","Resource":"*"}`)}, {Document: policy(b, readData, onlyEC2)}}}
	b.ReportAllocs()
	for b.Loop() {
		h.Granted(c)
	}
}
