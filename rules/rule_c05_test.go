package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const otherKeyOfAlice = "AKIAEXAMPLEALICE0002"

// twoKeys is alice with two active keys, of which the logs show the first at
// work; the list of keys tells their ids, made at the times that the report has.
func twoKeys(change ...func(*iam.State)) scene {
	p := principal(alice)
	p.Credentials = []analyze.Credential{{ID: keyOfAlice, Kind: analyze.LongTermKey, Last: days(3), Events: 5}}
	s := scene{facts: factsOf(p), states: accountState(reported(iam.Credentials{ARN: alice, Created: days(900), MFA: true,
		Keys: [2]iam.Key{{Active: true, Rotated: days(200), LastUsed: days(3)}, {Active: true, Rotated: days(400), LastUsed: days(211)}}}))}
	st := s.states[testAccount]
	st.HasAccessKeys, st.AccessKeys = true, []iam.AccessKey{{ID: keyOfAlice, User: "alice", Active: true, Created: days(200).Add(400 * time.Millisecond)}, {ID: otherKeyOfAlice, User: "alice", Active: true, Created: days(400)}}
	for _, c := range change {
		c(st)
	}
	return s
}

func TestKeysByTheirIDs(t *testing.T) {
	s := twoKeys()
	fs := evaluate(s.facts, s.states)
	x := wantOne(t, fs, "TT-C01", Medium)
	if want := "aws iam update-access-key --user-name alice --access-key-id " + otherKeyOfAlice + " --status Inactive"; x.Credential != otherKeyOfAlice || !slices.Equal(x.Fix.Commands, []string{want}) || !strings.Contains(x.Title, otherKeyOfAlice) {
		t.Errorf("%s: %s %q", x.Title, x.Credential, x.Fix.Commands)
	}
	if x := wantOne(t, fs, "TT-C05", Low); x.Credential != keyOfAlice {
		t.Errorf("%s: %s", x.Title, x.Credential)
	}
}

// Without ids, or where two keys fit, a call counts for both keys.
func TestKeysWithoutIDs(t *testing.T) {
	for name, change := range map[string]func(*iam.State){
		"no list":        func(s *iam.State) { s.HasAccessKeys, s.AccessKeys = false, nil },
		"another user's": func(s *iam.State) { s.AccessKeys[0].User, s.AccessKeys[1].User = "bob", "bob" },
		"made in the same second": func(s *iam.State) {
			s.AccessKeys[0].Created, s.Report[0].Keys[0].Rotated = days(400), days(400)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := twoKeys(change)
			wantOne(t, evaluate(s.facts, s.states), "TT-C01", "")
		})
	}
}

func TestRotationByTheListOfKeys(t *testing.T) {
	noReport := func(s *iam.State) { s.HasReport, s.Report = false, nil }
	s := twoKeys(noReport)
	if x := wantOne(t, evaluate(s.facts, s.states), "TT-C05", Low); x.Credential != keyOfAlice || x.Principal != alice || !strings.Contains(x.Title, "199 days old") {
		t.Errorf("%s: %s of %s", x.Title, x.Credential, x.Principal)
	}
	for name, change := range map[string]func(*iam.State){
		"inactive": func(s *iam.State) { s.AccessKeys[0].Active = false },
		"young":    func(s *iam.State) { s.AccessKeys[0].Created = days(30) },
		"unseen":   func(s *iam.State) { s.AccessKeys[0].ID = "AKIAEXAMPLEALICE0003" },
	} {
		t.Run(name, func(t *testing.T) {
			s := twoKeys(noReport, change)
			wantOne(t, evaluate(s.facts, s.states), "TT-C05", "")
		})
	}
}

// accessed is a role whose use only last-accessed data know.
func accessed(last time.Time, at time.Time, complete bool) scene {
	return loaded(roleWith(func(r *iam.Role) { r.LastUsed = nil }), func(s *iam.State) {
		s.LastAccessed = []iam.LastAccessed{{ARN: worker, At: at, Complete: complete, Services: []iam.ServiceAccess{{Service: "s3", Last: last}}}}
	})
}

func TestDormancyByLastAccessed(t *testing.T) {
	shortLogs := func(f *analyze.Facts) { f.Coverage[0].First = days(20) }
	for _, c := range []struct {
		name     string
		scene    scene
		severity Severity
		words    string
		lack     bool
	}{
		{"used last week", accessed(days(7), end, true).in(shortLogs), "", "", false},
		{"used 200 days ago", accessed(days(200), end, true).in(shortLogs), Low, "nobody assumed it for 199 days", false},
		{"never", accessed(time.Time{}, end, true).in(shortLogs), Low, "nobody assumed it for 400 days or more", false},
		{"a record of 120 days ago", accessed(days(200), days(120), true).in(shortLogs), "", "", false},
		{"named by chance", accessed(days(200), end, false).in(shortLogs), "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := evaluate(c.scene.facts, c.scene.states)
			if x := wantOne(t, fs, "TT-C03", c.severity); !strings.Contains(x.Title, c.words) {
				t.Error(x.Title)
			}
			if lack := slices.ContainsFunc(fs.NotEvaluable, func(s string) bool { return strings.HasPrefix(s, "unused roles") }); lack != c.lack {
				t.Errorf("not evaluable: %q", fs.NotEvaluable)
			}
		})
	}
}

// What IAM's record knows as used is not among the unused permissions.
func TestUnusedHeedsLastAccessed(t *testing.T) {
	s := working(t, `["s3:GetObject","glue:GetTable","iam:PutRolePolicy","iam:AttachRolePolicy"]`)
	x := wantOne(t, evaluate(s.facts, s.states), "TT-C06", Medium)
	if x.Evidence.Count != 3 {
		t.Errorf("%d unused: %s", x.Evidence.Count, x.Reason)
	}
	s.states[testAccount].LastAccessed = []iam.LastAccessed{{ARN: worker, At: end, Complete: true, Services: []iam.ServiceAccess{{Service: "glue", Last: days(9)},
		{Service: "iam", Last: days(200), Actions: []iam.ActionAccess{{Action: "iam:AttachRolePolicy", Last: time.Time{}}, {Action: "iam:PutRolePolicy", Last: days(200)}}}}}}
	x = wantOne(t, evaluate(s.facts, s.states), "TT-C06", Medium)
	if x.Evidence.Count != 1 || !strings.Contains(x.Reason, "2 permissions were used by IAM's last-accessed record") {
		t.Errorf("%d unused: %s", x.Evidence.Count, x.Reason)
	}
	s.states[testAccount].LastAccessed[0].Services[1].Actions[0].Last = days(399)
	wantOne(t, evaluate(s.facts, s.states), "TT-C06", "")
}

func TestGroupsForDirectPolicies(t *testing.T) {
	const readOnly, audit = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"
	s := loaded(func(s *iam.State) {
		s.Users = []iam.User{{Name: "a", ARN: alice, Attached: []string{audit, readOnly}}, {Name: "b", ARN: bob, Attached: []string{readOnly, audit}, Groups: []string{"x"}}, {Name: "c", ARN: bob + "c", Attached: []string{audit}}}
		s.Groups = []iam.Group{{Name: "admins", Attached: []string{audit}, Inline: []iam.NamedDocument{{Name: "more"}}}, {Name: "auditors", Attached: []string{audit}}, {Name: "Users-ReadOnlyAccess"}}
	})
	x := wantOne(t, evaluate(s.facts, s.states), "TT-P04", Low)
	if !strings.Contains(x.Reason, "In no group: a, c.") || !strings.Contains(x.Fix.Summary, "A group with ReadOnlyAccess, SecurityAudit would stand in for what a, b carry. The group auditors with SecurityAudit would stand in for what c carries.") {
		t.Errorf("%s\n%s", x.Reason, x.Fix.Summary)
	}
	want := []string{
		"aws iam create-group --group-name users-ReadOnlyAccess-2",
		"aws iam attach-group-policy --group-name users-ReadOnlyAccess-2 --policy-arn " + readOnly,
		"aws iam attach-group-policy --group-name users-ReadOnlyAccess-2 --policy-arn " + audit,
		"aws iam add-user-to-group --group-name users-ReadOnlyAccess-2 --user-name a",
		"aws iam detach-user-policy --user-name a --policy-arn " + readOnly,
		"aws iam detach-user-policy --user-name a --policy-arn " + audit,
		"aws iam add-user-to-group --group-name users-ReadOnlyAccess-2 --user-name b",
		"aws iam detach-user-policy --user-name b --policy-arn " + readOnly,
		"aws iam detach-user-policy --user-name b --policy-arn " + audit,
		"aws iam add-user-to-group --group-name auditors --user-name c",
		"aws iam detach-user-policy --user-name c --policy-arn " + audit,
	}
	if !slices.Equal(x.Fix.Commands, want) {
		t.Errorf("commands\n%s", strings.Join(x.Fix.Commands, "\n"))
	}
}
