package rules

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// manyPrincipals makes roles with as many usage rows each. A third hold
// AdministratorAccess, a third service wildcards, a third are not in the state.
func manyPrincipals(roles, rows int) (*analyze.Facts, map[string]*iam.State) {
	w := &sizeWorld{rand.New(rand.NewSource(7)), catalog.Default()}
	f := sizeFacts()
	f.Principals = nil
	admin := &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Effect: iam.Allow, Action: iam.StringList{Values: []string{"*"}, One: true}, Resource: iam.StringList{Values: []string{"*"}, One: true}}}}
	state := &iam.State{AccountID: sizeAccount, Policies: []iam.Policy{{Name: "AdministratorAccess", ARN: "arn:aws:iam::aws:policy/AdministratorAccess", Document: admin}}}
	for i := range roles {
		name := fmt.Sprintf("role-%03d", i)
		p := analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindRole, ARN: "arn:aws:iam::" + sizeAccount + ":role/" + name, AccountID: sizeAccount, Name: name}}
		var actions []string
		for range 20 {
			actions = append(actions, w.action())
		}
		for range rows {
			a := w.pick(actions)
			p.Usage = append(p.Usage, used(a, w.resource(a), 1+w.r.Intn(90)))
		}
		f.Principals = append(f.Principals, p)
		r := iam.Role{Name: name, ARN: p.ARN}
		switch i % 3 {
		case 0:
			r.Attached = []string{"arn:aws:iam::aws:policy/AdministratorAccess"}
		case 1:
			d := &iam.Document{Version: "2012-10-17"}
			for _, s := range sizeServices {
				d.Statements = append(d.Statements, iam.Statement{Sid: sidOf(s + ":"), Effect: iam.Allow, Action: iam.StringList{Values: []string{s + ":*"}}, Resource: iam.StringList{Values: []string{"*"}}})
			}
			r.Inline = []iam.NamedDocument{{Name: "work", Document: d}}
		default:
			continue
		}
		state.Roles = append(state.Roles, r)
	}
	return f, map[string]*iam.State{sizeAccount: state}
}

func TestSizeAll(t *testing.T) {
	f, states := manyPrincipals(9, 100)
	states[sizeAccount].Roles = append(states[sizeAccount].Roles,
		iam.Role{Name: "asleep", ARN: "arn:aws:iam::" + sizeAccount + ":role/asleep"},
		iam.Role{Name: "AWSServiceRoleForX", ARN: "arn:aws:iam::" + sizeAccount + ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"})
	f.Principals = append(f.Principals,
		analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindRoot, ARN: "arn:aws:iam::" + sizeAccount + ":root", AccountID: sizeAccount}},
		analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindService, ARN: "ec2.amazonaws.com"}},
		analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindRole, ARN: "arn:aws:iam::999999999999:role/vendor", AccountID: "999999999999", Name: "vendor"}})
	ps := SizeAll(f, states, catalog.Default(), SizeOptions{})
	if ps.Schema != "trimtrail.policies/1" || len(ps.Policies) != 10 || len(ps.Warnings) != 1 {
		t.Fatalf("schema %q, %d policies, warnings %q", ps.Schema, len(ps.Policies), ps.Warnings)
	}
	if !slices.IsSortedFunc(ps.Policies, func(a, b Proposal) int { return strings.Compare(a.Principal, b.Principal) }) {
		t.Error("not sorted by principal")
	}
	for _, p := range ps.Policies {
		if p.Replay != nil && p.Replay.Denied > 0 || p.NoNewAccess != nil && !*p.NoNewAccess {
			t.Errorf("%s: replay %+v, warnings %q", p.Principal, p.Replay, p.Warnings)
		}
		for _, r := range p.Proposed {
			if n := documentSize(r.Document); r.Source != "inline" && n > managedLimit {
				t.Errorf("%s: %s has %d characters", p.Principal, r.Name, n)
			}
		}
	}
	first, _ := json.Marshal(ps)
	if again, _ := json.Marshal(SizeAll(f, states, catalog.Default(), SizeOptions{})); string(first) != string(again) {
		t.Error("two answers for the same input")
	}
}

// BenchmarkSizeAll sizes three hundred principals with two hundred usage rows each.
func BenchmarkSizeAll(b *testing.B) {
	f, states := manyPrincipals(300, 200)
	for b.Loop() {
		SizeAll(f, states, catalog.Default(), SizeOptions{})
	}
}

// Any number of workers gives the same answer.
func TestSizeAllWorkers(t *testing.T) {
	f, states := manyPrincipals(12, 60)
	recordAll(states[sizeAccount], 6)
	one, _ := json.Marshal(SizeAll(f, states, catalog.Default(), SizeOptions{}))
	for _, n := range []int{2, 8, 100} {
		if many, _ := json.Marshal(SizeAll(f, states, catalog.Default(), SizeOptions{Workers: n})); string(one) != string(many) {
			t.Errorf("%d workers give another answer", n)
		}
	}
}
