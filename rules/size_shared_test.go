package rules

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const sharedARN = "arn:aws:iam::111122223333:policy/team"

func roleARN(account, name string) string { return "arn:aws:iam::" + account + ":role/" + name }

// team is roles of one account that hold the policy team, with their uses.
func team(t testing.TB, policy string, uses map[string][]analyze.Usage) (*analyze.Facts, map[string]*iam.State) {
	t.Helper()
	f := sizeFacts()
	f.Principals = nil
	s := &iam.State{AccountID: sizeAccount, HasDetails: true, Policies: []iam.Policy{{Name: "team", ARN: sharedARN, Attached: len(uses), Document: policyDoc(t, policy)}}}
	for _, name := range slices.Sorted(mapKeys(uses)) {
		arn := roleARN(sizeAccount, name)
		s.Roles = append(s.Roles, iam.Role{Name: name, ARN: arn, Created: daysBefore(400), Attached: []string{sharedARN}})
		if uses[name] != nil {
			f.Principals = append(f.Principals, analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindRole, ARN: arn, AccountID: sizeAccount, Name: name}, Usage: uses[name]})
		}
	}
	return f, map[string]*iam.State{sizeAccount: s}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func sharedOf(ps *Policies, kind string) []Shared {
	return slices.DeleteFunc(slices.Clone(ps.Shared), func(s Shared) bool { return s.Kind != kind })
}

// One policy on several: what all of them use stays, and each is told.
func TestSharedPolicy(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:jobs"
	f, states := team(t, statements(`{"Sid":"Team","Effect":"Allow","Action":["secretsmanager:*","sqs:*","dynamodb:*"],"Resource":"*"}`), map[string][]analyze.Usage{
		"api":    append(secretsDaily(), daily("sqs:GetQueueUrl", queue)...),
		"worker": daily("sqs:GetQueueUrl", queue),
		"asleep": nil,
	})
	ps := SizeAll(f, states, catalog.Default(), SizeOptions{})
	list := sharedOf(ps, "policy")
	if len(list) != 1 {
		t.Fatalf("shared %+v", ps.Shared)
	}
	s := list[0]
	if s.ARN != sharedARN || len(s.Proposed) != 1 || s.Proposed[0].Source != sharedARN || !slices.Equal(s.Idle, []string{roleARN(sizeAccount, "asleep")}) {
		t.Fatalf("got %+v", s)
	}
	text := string(s.Proposed[0].Document.JSON())
	for _, want := range []string{`"secretsmanager:GetSecretValue"`, `"sqs:GetQueueUrl"`, queue} {
		if !contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if contains(text, "dynamodb:CreateTable\"") || contains(text, "secretsmanager:DeleteSecret") || s.Replay.Denied != 0 || !*s.NoNewAccess || s.Backtest.Denied != 0 || s.Confidence != Ready {
		t.Errorf("%s, replay %+v, %s %q", text, s.Replay, s.Confidence, s.Warnings)
	}
	if len(s.Needs) != 2 || !slices.Equal(s.Needs[0].Actions, []string{"secretsmanager:GetSecretValue", "sqs:GetQueueUrl"}) || len(s.Split) != 0 {
		t.Errorf("needs %+v, split %+v", s.Needs, s.Split)
	}
	if n := len(sharedOf(SizeAll(f, states, catalog.Default(), SizeOptions{Only: []string{sharedARN}}), "policy")); n != 1 {
		t.Errorf("asked for the policy alone: %d", n)
	}
	if n := len(SizeAll(f, states, catalog.Default(), SizeOptions{Only: []string{roleARN(sizeAccount, "api")}}).Shared); n != 0 {
		t.Errorf("asked for a role alone: %d", n)
	}
}

// Uses that have nothing in common are offered a policy each.
func TestSharedSplit(t *testing.T) {
	f, states := team(t, statements(`{"Sid":"Team","Effect":"Allow","Action":["secretsmanager:*","sqs:*"],"Resource":"*"}`), map[string][]analyze.Usage{
		"api": secretsDaily(), "web": secretsDaily(), "worker": daily("sqs:GetQueueUrl", "arn:aws:sqs:eu-west-1:111122223333:jobs"),
	})
	s := sharedOf(SizeAll(f, states, catalog.Default(), SizeOptions{}), "policy")[0]
	if len(s.Split) != 2 || len(s.Split[0].Principals) != 2 || contains(string(s.Split[0].Document.JSON()), "sqs:GetQueueUrl") || contains(string(s.Split[1].Document.JSON()), "secretsmanager:Get") {
		t.Errorf("split %+v", s.Split)
	}
}

// Who would break is told by name, and so is of whom nothing is known yet.
func TestSharedBreaks(t *testing.T) {
	late := []analyze.Usage{used("secretsmanager:PutSecretValue", secretARN, 3)}
	f, states := team(t, statements(`{"Sid":"Team","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`), map[string][]analyze.Usage{
		"api": append(secretsDaily(), late...), "new": secretsDaily()[:2], "web": secretsDaily(),
	})
	s := sharedOf(SizeAll(f, states, catalog.Default(), SizeOptions{}), "policy")[0]
	if s.Confidence != Review || len(s.Breaks) != 1 || s.Breaks[0].Principal != roleARN(sizeAccount, "api") || s.Breaks[0].Failures[0].Action != "secretsmanager:PutSecretValue" {
		t.Errorf("%s, breaks %+v", s.Confidence, s.Breaks)
	}
	if !slices.Equal(s.Undecided, []string{roleARN(sizeAccount, "new")}) {
		t.Errorf("undecided %q", s.Undecided)
	}
}

// One of AWS's own policies is copied, not edited.
func TestSharedOfAWS(t *testing.T) {
	f, states := team(t, statements(`{"Sid":"Team","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`), map[string][]analyze.Usage{"api": secretsDaily(), "web": secretsDaily()})
	const admin = "arn:aws:iam::aws:policy/job-function/Support"
	s := states[sizeAccount]
	s.Policies[0].ARN, s.Policies[0].Name = admin, "Support"
	for i := range s.Roles {
		s.Roles[i].Attached = []string{admin}
	}
	got := sharedOf(SizeAll(f, states, catalog.Default(), SizeOptions{}), "policy")
	if len(got) != 1 || got[0].Proposed[0].Name != "Support-used" || got[0].Proposed[0].Replaces != admin || got[0].Proposed[0].Source != "" {
		t.Errorf("got %+v", got)
	}
}

// The roles that Identity Center makes in each account are one permission set.
func TestSharedPermissionSet(t *testing.T) {
	const other = "444455556666"
	f := sizeFacts()
	f.Principals = nil
	states := map[string]*iam.State{}
	for i, account := range []string{sizeAccount, other} {
		name := fmt.Sprintf("AWSReservedSSO_Dev_0123456789abcde%d", i)
		arn := "arn:aws:iam::" + account + ":role/aws-reserved/sso.amazonaws.com/" + name
		f.Principals = append(f.Principals, analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindRole, ARN: arn, AccountID: account, Name: name},
			Usage: daily("sqs:GetQueueUrl", "arn:aws:sqs:eu-west-1:"+account+":jobs")})
		doc := policyDoc(t, statements(`{"Sid":"All","Effect":"Allow","Action":["sqs:*","dynamodb:*"],"Resource":"*"}`))
		states[account] = &iam.State{AccountID: account, HasDetails: true, Roles: []iam.Role{{Name: name, ARN: arn, Created: daysBefore(400), Inline: []iam.NamedDocument{{Name: "AwsSSOInlinePolicy", Document: doc}}}}}
		if i > 0 {
			c := f.Coverage[0]
			c.AccountID = account
			f.Coverage = append(f.Coverage, c)
		}
	}
	got := sharedOf(SizeAll(f, states, catalog.Default(), SizeOptions{}), "permission set")
	if len(got) != 1 || got[0].Name != "Dev" || len(got[0].Accounts) != 2 || len(got[0].Proposed) != 1 {
		t.Fatalf("got %+v", got)
	}
	if text := string(got[0].Proposed[0].Document.JSON()); !contains(text, `"arn:aws:sqs:eu-west-1:*:jobs"`) || contains(text, "dynamodb:CreateTable\"") || got[0].Replay.Denied != 0 || !*got[0].NoNewAccess {
		t.Errorf("%s, replay %+v", text, got[0].Replay)
	}
}

func TestSharedGroupsAndCopies(t *testing.T) {
	doc := policyDoc(t, statements(readSecrets))
	user := func(name string) iam.User {
		return iam.User{Name: name, ARN: "arn:aws:iam::111122223333:user/" + name, Attached: []string{sharedARN}, Inline: []iam.NamedDocument{{Name: "own", Document: doc}}}
	}
	states := map[string]*iam.State{sizeAccount: {AccountID: sizeAccount, HasDetails: true, Users: []iam.User{user("ann"), user("bob")}, Policies: []iam.Policy{{Name: "team", ARN: sharedARN, Attached: 2, Document: doc}}}}
	ps := SizeAll(sizeFacts(secretsDaily()), states, catalog.Default(), SizeOptions{})
	if g := sharedOf(ps, "group"); len(g) != 1 || g[0].Name != "users-team" || len(g[0].Principals) != 2 {
		t.Errorf("group %+v", g)
	}
	if c := sharedOf(ps, "inline copies"); len(c) != 1 || c[0].Proposed[0].Name != "own" || len(c[0].Principals) != 2 {
		t.Errorf("copies %+v", c)
	}
}

// Guardrails leave every call that was made, and refuse services and regions without any.
func TestGuardrails(t *testing.T) {
	f := sizeFacts(secretsDaily(), daily("sqs:GetQueueUrl", "arn:aws:sqs:eu-west-1:111122223333:jobs"))
	ps := SizeAll(f, sizeState(t, statements(readSecrets)), catalog.Default(), SizeOptions{})
	for _, kind := range []string{"scp", "boundary"} {
		s := sharedOf(ps, kind)
		if len(s) != 1 || s[0].Replay.Denied != 0 || s[0].Replay.Calls == 0 || s[0].Backtest.Denied != 0 {
			t.Fatalf("%s: %+v", kind, s)
		}
		d := s[0].Proposed[0].Document
		policies := iam.Policies{Identity: []*iam.Document{allowingAll()}, Boundary: []*iam.Document{d}}
		if kind == "scp" {
			policies = iam.Policies{Identity: []*iam.Document{allowingAll(), d}}
		}
		for _, c := range []struct {
			action, region string
			want           bool
		}{{"secretsmanager:ListSecrets", "eu-west-1", true}, {"secretsmanager:ListSecrets", "us-west-2", false}, {"glue:GetTable", "eu-west-1", false}} {
			r := iam.Request{Principal: sizeRole, Action: c.action, Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {c.region}}}
			if got := iam.Decide(r, policies) == iam.Allowed; got != c.want {
				t.Errorf("%s: %s in %s: %v", kind, c.action, c.region, got)
			}
		}
	}
	f.Principals[0].Usage = append(f.Principals[0].Usage, used("glue:GetTable", "*", 2))
	if s := sharedOf(SizeAll(f, sizeState(t, statements(readSecrets)), catalog.Default(), SizeOptions{}), "scp")[0]; s.Confidence != Review || s.Backtest.Denied != 10 || s.Replay.Denied != 0 {
		t.Errorf("a service that came late: %s, %+v", s.Confidence, s.Backtest)
	}
}

// Whatever the shared policies and the uses: every member's calls stay
// allowed, nothing new is, and any number of workers says the same.
func TestSharedProperties(t *testing.T) {
	made := 0
	for seed := range int64(12) {
		w := &sizeWorld{rand.New(rand.NewSource(seed)), catalog.Default()}
		docs := w.documents()
		uses := map[string][]analyze.Usage{}
		for i := range 2 + w.r.Intn(4) {
			uses[fmt.Sprintf("r%d", i)] = w.usage(docs)
		}
		f, states := team(t, string(docs[0].JSON()), uses)
		for i := range states[sizeAccount].Roles {
			for n, d := range docs[1:] {
				states[sizeAccount].Roles[i].Inline = append(states[sizeAccount].Roles[i].Inline, iam.NamedDocument{Name: fmt.Sprint("p", n), Document: d})
			}
		}
		ps := SizeAll(f, states, catalog.Default(), SizeOptions{})
		for _, s := range sharedOf(ps, "policy") {
			made++
			checkShared(t, seed, w, docs, &s)
		}
		one, _ := json.Marshal(ps)
		if many, _ := json.Marshal(SizeAll(f, states, catalog.Default(), SizeOptions{Workers: 3})); string(one) != string(many) {
			t.Fatalf("seed %d: three workers say something else", seed)
		}
	}
	if made < 5 {
		t.Errorf("only %d shared proposals", made)
	}
}

func checkShared(t *testing.T, seed int64, w *sizeWorld, docs []*iam.Document, s *Shared) {
	t.Helper()
	if s.Replay.Denied != 0 || !*s.NoNewAccess {
		t.Fatalf("seed %d: replay %+v, %q", seed, s.Replay, s.Warnings)
	}
	next := append(plainDocs(docsOf(s.Proposed)), docs[1:]...)
	for range 500 {
		a := w.action()
		r := iam.Request{Principal: sizeRole, Action: a, Resource: w.resource(a), Context: map[string][]string{"aws:RequestedRegion": {"eu-west-1"}}}
		if iam.Decide(r, iam.Policies{Identity: next}) == iam.Allowed && iam.Decide(r, iam.Policies{Identity: docs}) != iam.Allowed {
			t.Fatalf("seed %d: new access to %s on %s", seed, r.Action, r.Resource)
		}
	}
	for _, p := range s.Split {
		for range 300 {
			a := w.action()
			r := iam.Request{Principal: sizeRole, Action: a, Resource: w.resource(a), Context: map[string][]string{"aws:RequestedRegion": {"eu-west-1"}}}
			if iam.Decide(r, iam.Policies{Identity: []*iam.Document{p.Document}}) == iam.Allowed && iam.Decide(r, iam.Policies{Identity: docs[:1]}) != iam.Allowed {
				t.Fatalf("seed %d: a part gives %s on %s", seed, r.Action, r.Resource)
			}
		}
	}
}
