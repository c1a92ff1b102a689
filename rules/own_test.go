package rules

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func own(kind RowKind, when func(*Row) bool) OwnRule {
	return OwnRule{ID: "X-1", Title: "a rule of one's own", Severity: Medium, For: kind, Expression: "a\n  == b", Fix: "Do this.",
		When: func(r *Row) (bool, error) { return when(r), nil }}
}

func ask(f *analyze.Facts, states map[string]*iam.State, r OwnRule, change ...func(*Options)) *Findings {
	o := Options{Own: []OwnRule{r}}
	for _, c := range change {
		c(&o)
	}
	return Evaluate(f, states, catalog.Default(), o)
}

// rowsSeen are the rows of a kind that a rule is asked.
func rowsSeen(f *analyze.Facts, states map[string]*iam.State, kind RowKind, change ...func(*Options)) []*Row {
	var rows []*Row
	ask(f, states, own(kind, func(r *Row) bool { rows = append(rows, r); return false }), change...)
	return rows
}

func TestPrincipalRows(t *testing.T) {
	p := principal(alice, from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/linux", back(3, "09:00:00"), back(2, "17:00:00"), 4), from("192.0.2.7", homeNet, keyOfAlice, "boto3/linux", back(3, "09:00:00"), back(3, "17:00:00"), 4))
	gone := usedAction("iam:ListUsers", "*", days(3), 1)
	gone.Outcome = analyze.OutcomeDenied
	p.Usage = []analyze.Usage{usedAction("s3:GetObject", "a", days(3), 1), usedAction("s3:GetObject", "b", days(3), 1), gone}
	states := accountState(administratorNamed(t, alice), roleWith(func(r *iam.Role) {
		r.Boundary, r.Tags, r.Attached = "arn:aws:iam::111122223333:policy/b", map[string]string{"team": "x"}, []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	}), reported(iam.Credentials{ARN: alice, Created: days(900), PasswordEnabled: true, MFA: true}))
	rows := rowsSeen(factsOf(p), states, PrincipalRows, func(o *Options) {
		o.Owners = []Owner{{Principal: "role/*", Owner: "platform"}}
		o.Networks = []KnownNetwork{{netip.MustParsePrefix("203.0.113.0/24"), "office"}}
	})
	if len(rows) != 2 || rows[0].Principal.ARN != worker {
		t.Fatalf("%d rows", len(rows))
	}
	w, a := rows[0].Principal, rows[1].Principal
	if w.Seen || w.IdleDays != -1 || w.Owner != "platform" || w.Tags["team"] != "x" || w.Boundary == "" || !slices.Equal(w.Policies, []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}) || w.AgeDays != 699 || w.Kind != "role" {
		t.Errorf("worker %+v", w)
	}
	want := &PrincipalRow{ARN: alice, Name: "alice", Kind: "user", AccountID: testAccount, Seen: true, First: p.First, Last: p.Last, IdleDays: 1, Events: 8, Days: 1,
		Actions: []string{"s3:GetObject"}, DeniedActions: []string{"iam:ListUsers"}, Services: []string{"s3"}, Addresses: []string{"192.0.2.7", "203.0.113.9"},
		Networks: []string{homeNet, awayNet}, KnownNetworks: []string{"office"}, Outside: true, Agents: []string{"aws-cli/linux", "boto3/linux"},
		Loaded: true, Created: days(900), AgeDays: 899, Administrator: true, Policies: []string{"inline all"}, Tags: map[string]string{}, Password: true, MFA: true, Reported: true}
	if got, want := fmt.Sprintf("%+v", *a), fmt.Sprintf("%+v", *want); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCredentialRows(t *testing.T) {
	p := principal(alice, from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/linux", back(3, "09:00:00"), back(3, "17:00:00"), 4))
	p.Credentials = []analyze.Credential{{ID: keyOfAlice, Kind: analyze.LongTermKey, Last: back(3, "17:00:00"), Events: 4}}
	line := iam.Credentials{ARN: alice, Created: days(900), PasswordEnabled: true, PasswordChanged: days(50), Keys: [2]iam.Key{{Active: true, Rotated: days(400), LastUsed: days(9)}}}
	for _, c := range []struct {
		name   string
		change func(*iam.State)
		want   string
	}{
		{"one key on both sides is one key", func(*iam.State) {}, keyOfAlice + " 399 2 true, console 49 -1 true"},
		{"two keys are not told apart", func(s *iam.State) { s.Report[0].Keys[1] = iam.Key{Active: true, Rotated: days(10)} },
			keyOfAlice + " -1 2 false, console 49 -1 true, access key 1 399 8 true, access key 2 9 -1 true"},
		{"unless the state lists them", func(s *iam.State) {
			s.Report[0].Keys[1] = iam.Key{Active: true, Rotated: days(10)}
			s.AccessKeys = []iam.AccessKey{{ID: keyOfAlice, User: "alice", Created: days(400)}, {ID: "AKIAEXAMPLEALICE0002", User: "alice", Created: days(10)}}
		}, keyOfAlice + " 399 2 true, console 49 -1 true, AKIAEXAMPLEALICE0002 9 -1 true"},
		{"an inactive key is none", func(s *iam.State) { s.Report[0].Keys[0].Active = false }, keyOfAlice + " -1 2 false, console 49 -1 true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := accountState(reported(line))
			c.change(states[testAccount])
			var got []string
			for _, r := range rowsSeen(factsOf(p), states, CredentialRows) {
				k := r.Credential
				got = append(got, fmt.Sprintf("%s %d %d %v", k.ID, k.AgeDays, k.IdleDays, k.Reported))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

func TestOwnFindings(t *testing.T) {
	f := factsOf(principal(alice, from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/linux", days(3), days(2), 4)))
	f.Principals[0].Usage = []analyze.Usage{usedAction("iam:CreateUser", "*", days(3), 2), usedAction("s3:GetObject", "*", days(2), 9)}
	first, second := changed(alice, "CreateUser", bob, "", back(3, "09:00:00")), changed(alice, "CreateUser", bob, "", back(2, "09:00:00"))
	second.EventID = "c-2"
	f.Changes = []analyze.Change{first, second}
	f.Denials = []analyze.Denial{refusedCall(alice, "s3:PutObject", days(4), repeated(7, 2))}
	always := func(*Row) bool { return true }

	named := own(PrincipalRows, always)
	named.Texts = []string{"iam:Create", "x"}
	x := wantOne(t, ask(f, nil, named), "X-1", Medium)
	if x.Evidence.Count != 2 || !slices.Equal(x.Evidence.Events, []string{"u-iam:CreateUser"}) || x.Fix.Summary != "Do this." || !strings.Contains(x.Reason, "a == b") {
		t.Errorf("the evidence is not of the action that the rule names: %+v", x)
	}
	if x := wantOne(t, ask(f, nil, own(PrincipalRows, always)), "X-1", Medium); x.Evidence.Count != 4 || len(x.Evidence.Addresses) != 1 {
		t.Errorf("evidence %+v", x.Evidence)
	}
	if x := wantOne(t, ask(f, nil, own(ChangeRows, always)), "X-1", Medium); x.Evidence.Count != 2 || x.Resource != bob || !slices.Equal(x.Evidence.Events, []string{"c-CreateUser", "c-2"}) {
		t.Errorf("two changes of one thing are not one finding: %+v", x)
	}
	if x := wantOne(t, ask(f, nil, own(DenialRows, always)), "X-1", Medium); x.Evidence.Count != 7 || x.Resource != "s3:PutObject on *" {
		t.Errorf("%+v", x)
	}
	wantOne(t, ask(f, nil, own(DenialRows, always), func(o *Options) { o.Disabled = []string{"X-1"} }), "X-1", "")
}

// A rule that fails on a row says so; the other rows are judged.
func TestOwnRuleFails(t *testing.T) {
	r := own(PrincipalRows, nil)
	r.When = func(r *Row) (bool, error) {
		if r.Principal.Name == "alice" {
			return false, errors.New("no such key")
		}
		return true, nil
	}
	fs := ask(factsOf(principal(alice), principal(bob)), nil, r)
	if x := wantOne(t, fs, "X-1", Medium); x.Principal != bob {
		t.Errorf("principal %s", x.Principal)
	}
	if !slices.Contains(fs.Warnings, "X-1 could not judge 1 row: no such key") {
		t.Errorf("warnings %q", fs.Warnings)
	}
	r.When = func(*Row) (bool, error) { return true, nil }
	r.Message = func(*Row) (string, error) { return "", errors.New("no such key") }
	fs = ask(factsOf(principal(bob)), nil, r)
	if x := wantOne(t, fs, "X-1", Medium); x.Title != "A rule of one's own" && x.Title != "a rule of one's own" {
		t.Errorf("title %q", x.Title)
	}
	if !slices.Contains(fs.Warnings, "X-1 could not judge 1 row: message: no such key") {
		t.Errorf("warnings %q", fs.Warnings)
	}
}

// A rule that fits everything is bounded, and says what it left out.
func TestOwnRuleIsBounded(t *testing.T) {
	f := factsOf(principal(alice))
	for i := range maxOwn + 7 {
		f.Denials = append(f.Denials, refusedCall(alice, "s3:GetObject", days(3), func(d *analyze.Denial) { d.Resource, d.Tier = fmt.Sprintf("r%d", i), "none" }))
	}
	fs := ask(f, nil, own(DenialRows, func(*Row) bool { return true }))
	if n := len(ofRule(fs, "X-1")); n != 201 {
		t.Errorf("%d findings", n)
	}
	if !slices.Contains(fs.Warnings, "X-1 fits 7 rows more than the 50,000 that are told") {
		t.Errorf("warnings %q", fs.Warnings)
	}
}
