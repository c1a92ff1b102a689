package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// manyStatements is a document with n statements of about 120 characters.
func manyStatements(n int) *iam.Document {
	d := &iam.Document{Version: "2012-10-17"}
	for i := range n {
		d.Statements = append(d.Statements, iam.Statement{Sid: fmt.Sprintf("S%d", i), Effect: iam.Allow,
			Action:   iam.StringList{Values: []string{"dynamodb:PutItem"}},
			Resource: iam.StringList{Values: []string{fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/orders-%d", i)}}})
	}
	return d
}

func wholeAction(d *iam.Document) []string {
	var out []string
	for _, s := range d.Statements {
		for _, a := range s.Action.Values {
			for _, r := range s.Resource.Values {
				out = append(out, a+" "+r)
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestSplit(t *testing.T) {
	one := manyStatements(200)
	wide := manyStatements(1)
	for i := range 400 {
		wide.Statements[0].Resource.Values = append(wide.Statements[0].Resource.Values, fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/wide-%d", i))
	}
	for name, d := range map[string]*iam.Document{"many statements": one, "one statement": wide} {
		parts := split(d, managedLimit)
		var all []string
		for _, p := range parts {
			if n := documentSize(p); n > managedLimit {
				t.Errorf("%s: a part of %d characters", name, n)
			}
			if err := p.Check(iam.IdentityPolicy); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			all = append(all, wholeAction(p)...)
		}
		slices.Sort(all)
		if !slices.Equal(all, wholeAction(d)) || len(parts) < 2 {
			t.Errorf("%s: %d parts hold %d grants, want %d", name, len(parts), len(all), len(wholeAction(d)))
		}
	}
}

func TestDocumentSizeLeavesOutWhiteSpace(t *testing.T) {
	d := &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Sid: "a", Effect: iam.Allow,
		Action: iam.StringList{Values: []string{"s3:GetObject"}}, Resource: iam.StringList{Values: []string{"arn:aws:s3:::b/a b"}}}}}
	if got, want := documentSize(d), len(d.JSON())-1; got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestCompress(t *testing.T) {
	x := newActionIndex(catalog.Default())
	repo := x.cat.Expand("ecr:Describe*")
	for _, c := range []struct {
		name    string
		actions []string
		adding  bool
		want    []string
	}{
		{"all of a word", append([]string{"ecr:PutImage"}, repo...), false, []string{"ecr:PutImage", "ecr:Describe*"}},
		{"a word less one", repo[1:], false, repo[1:]},
		{"a word less one, adding", repo[1:], true, []string{"ecr:Describe*"}},
		{"writes are never joined", x.cat.Expand("ecr:Delete*"), true, x.cat.Expand("ecr:Delete*")},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Effect: iam.Allow, Action: iam.StringList{Values: c.actions}, Resource: iam.StringList{Values: []string{"*"}}}}}
			k := packer{x: x}
			tight, _ := k.compress(d, 0, c.adding)
			got := tight.Statements[0].Action.Values
			for _, a := range got {
				for _, name := range x.cat.Expand(a) {
					if level := x.cat.Level(name); strings.Contains(a, "*") && level != catalog.List && level != catalog.Read {
						t.Errorf("%s takes in %s, which is %s", a, name, level)
					}
				}
			}
			if c.adding && len(got) > len(c.want) || !c.adding && !sameGrants(x, got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func sameGrants(x *actionIndex, a, b []string) bool {
	return slices.Equal(x.anyOf(a), x.anyOf(b)) && len(a) <= len(b)
}

func TestCompressStaysWithinCurrent(t *testing.T) {
	x := newActionIndex(catalog.Default())
	actions := x.cat.Expand("ecr:Describe*")
	d := &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Effect: iam.Allow, Action: iam.StringList{Values: actions}, Resource: iam.StringList{Values: []string{"*"}}}}}
	k := packer{x: x, current: []heldDoc{{doc: d}}}
	if tight, _ := k.compress(d, 0, true); !slices.Equal(tight.Statements[0].Action.Values, actions) {
		t.Errorf("a wildcard would take in later actions that the current list does not: %q", tight.Statements[0].Action.Values)
	}
}

// tablesUsed is use of many tables, so that the policy is long.
func tablesUsed(n int) []analyze.Usage {
	var out []analyze.Usage
	for i := range n {
		for day := 90; day > 0; day -= 10 {
			out = append(out, used("dynamodb:DescribeTable", fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/%c%c-table", 'a'+i%26, 'a'+i/26), day))
		}
	}
	return out
}

func TestPackInlineLimit(t *testing.T) {
	user := "arn:aws:iam::111122223333:user/app"
	f := sizeFacts(tablesUsed(40))
	f.Principals[0].Kind, f.Principals[0].ARN = analyze.KindUser, user
	all := policyDoc(t, statements(`{"Sid":"All","Effect":"Allow","Action":"dynamodb:*","Resource":"*"}`))
	states := map[string]*iam.State{sizeAccount: {AccountID: sizeAccount, Users: []iam.User{{Name: "app", ARN: user, Inline: []iam.NamedDocument{{Name: "work", Document: all}}}}}}
	p, err := Size(f, user, states, catalog.Default(), SizeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Proposed) != 1 || p.Proposed[0].Source != "" || p.Proposed[0].Name != "work-app" || p.Proposed[0].Replaces != "inline work" || !warned(p, "outgrows its size limit") {
		t.Errorf("proposed %+v, warnings %q", p.Proposed, p.Warnings)
	}
	if p.Replay.Denied != 0 || !*p.NoNewAccess {
		t.Errorf("replay %+v, warnings %q", p.Replay, p.Warnings)
	}
}

func TestPackSplitsManaged(t *testing.T) {
	arn := "arn:aws:iam::111122223333:policy/work"
	states := sizeState(t)
	states[sizeAccount].Policies = []iam.Policy{{Name: "work", ARN: arn, Attached: 1, Document: policyDoc(t, statements(`{"Sid":"All","Effect":"Allow","Action":"dynamodb:*","Resource":"*"}`))}}
	states[sizeAccount].Roles[0].Attached = []string{arn}
	p := sizeOf(t, sizeFacts(tablesUsed(200)), states)
	if len(p.Proposed) < 2 || p.Proposed[0].Source != arn || p.Proposed[1].Name != "work-2" || p.Proposed[1].Replaces != arn {
		t.Errorf("proposed %d, first %+v, warnings %q", len(p.Proposed), p.Proposed[0], p.Warnings)
	}
	for _, r := range p.Proposed {
		if n := documentSize(r.Document); n > managedLimit {
			t.Errorf("%s has %d characters", r.Name, n)
		}
	}
	if p.Replay.Denied != 0 || !*p.NoNewAccess {
		t.Errorf("replay %+v, warnings %q", p.Replay, p.Warnings)
	}
}

func TestPackSharedPolicies(t *testing.T) {
	secrets := policyDoc(t, statements(`{"Sid":"S","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`))
	const shared, own, admin = "arn:aws:iam::111122223333:policy/shared", "arn:aws:iam::111122223333:policy/own", "arn:aws:iam::aws:policy/AdministratorAccess"
	for _, c := range []struct {
		name     string
		arn      string
		attached int
		want     PolicyRef
		note     string
	}{
		{"own managed policy is edited in place", own, 1, PolicyRef{Name: "own", Source: own}, ""},
		{"shared one is replaced", shared, 2, PolicyRef{Name: "shared-app", Replaces: shared}, "serves others too"},
		{"AWS's is replaced", admin, 1, PolicyRef{Name: "AdministratorAccess-app", Replaces: admin}, "is AWS's own and cannot be edited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := sizeState(t)
			states[sizeAccount].Policies = []iam.Policy{{Name: c.arn[strings.LastIndexByte(c.arn, '/')+1:], ARN: c.arn, Attached: c.attached, Document: secrets}}
			states[sizeAccount].Roles[0].Attached = []string{c.arn}
			p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)), states)
			if len(p.Proposed) != 1 {
				t.Fatalf("proposed %+v", p.Proposed)
			}
			got := p.Proposed[0]
			got.Document = nil
			if got != c.want || c.note != "" && !warned(p, c.note) {
				t.Errorf("got %+v, want %+v; warnings %q", got, c.want, p.Warnings)
			}
		})
	}
}

func TestPackGroups(t *testing.T) {
	user := "arn:aws:iam::111122223333:user/app"
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN))
	f.Principals[0].Kind, f.Principals[0].ARN = analyze.KindUser, user
	wide := iam.NamedDocument{Name: "wide", Document: policyDoc(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`))}
	deny := iam.NamedDocument{Name: "deny", Document: policyDoc(t, statements(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`))}
	states := map[string]*iam.State{sizeAccount: {AccountID: sizeAccount, Users: []iam.User{{Name: "app", ARN: user, Groups: []string{"devs"}}},
		Groups: []iam.Group{{Name: "devs", ARN: "arn:aws:iam::111122223333:group/devs", Inline: []iam.NamedDocument{deny, wide}}}}}
	p, err := Size(f, user, states, catalog.Default(), SizeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Proposed) != 2 || p.Proposed[0].Name != "deny-app" || p.Proposed[0].Replaces != "group:devs deny" || p.Proposed[1].Name != "wide-app" || !warned(p, "the user leaves it") {
		t.Errorf("proposed %+v, warnings %q", p.Proposed, p.Warnings)
	}
	if !*p.NoNewAccess {
		t.Errorf("not proven: %q", p.Warnings)
	}
}

func TestPackNames(t *testing.T) {
	k := packer{taken: map[string]bool{"a-app": true}}
	if got := k.free("a-app"); got != "a-app-2" {
		t.Errorf("got %s", got)
	}
	if got := k.free(strings.Repeat("x", 200)); len(got) != nameLimit {
		t.Errorf("a name of %d characters", len(got))
	}
}
