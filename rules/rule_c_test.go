package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func days(n int) time.Time { return back(n, "12:00:00") }

// reported is a state with one line of the credential report.
func reported(c iam.Credentials, more ...func(*iam.State)) func(*iam.State) {
	return func(s *iam.State) {
		c.User = nameOf(c.ARN)
		s.Report = append(s.Report, c)
		for _, m := range more {
			m(s)
		}
	}
}

func administratorNamed(t testing.TB, arn string) func(*iam.State) {
	return func(s *iam.State) {
		s.Users = append(s.Users, iam.User{Name: nameOf(arn), ARN: arn, Created: days(900), Inline: []iam.NamedDocument{{Name: "all", Document: document(t, everything)}}})
	}
}

func TestKeys(t *testing.T) {
	key := func(rotated, used int) iam.Credentials {
		k := iam.Key{Active: true, Rotated: days(rotated)}
		if used > 0 {
			k.LastUsed = days(used)
		}
		return iam.Credentials{ARN: alice, Created: days(900), Keys: [2]iam.Key{k}}
	}
	inactive := key(400, 211)
	inactive.Keys[0].Active = false
	for _, c := range []struct {
		name     string
		line     iam.Credentials
		admin    bool
		calls    int // days since a call in the logs; 0: none
		rule     string
		severity Severity
	}{
		{"unused for 211 days", key(400, 211), false, 0, "TT-C01", Medium},
		{"unused for 211 days, administrator", key(400, 211), true, 0, "TT-C01", High},
		{"used 91 days ago", key(400, 91), false, 0, "TT-C01", Medium},
		{"used 80 days ago", key(85, 80), false, 0, "", ""},
		{"the logs know better", key(85, 0), false, 3, "", ""},
		{"inactive", inactive, false, 0, "", ""},
		{"never used", key(400, 0), false, 0, "TT-C04", Medium},
		{"never used, administrator", key(400, 0), true, 0, "TT-C04", High},
		{"made last month, never used", key(30, 0), false, 0, "", ""},
		{"old and in use", key(120, 2), false, 0, "TT-C05", Low},
		{"years old and in use", key(500, 2), false, 0, "TT-C05", Medium},
		{"years old and in use, administrator", key(500, 2), true, 0, "TT-C05", High},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := factsOf()
			if c.calls > 0 {
				p := principal(alice)
				p.Credentials = []analyze.Credential{{ID: keyOfAlice, Kind: analyze.LongTermKey, Last: days(c.calls), Events: 1}}
				f.Principals = append(f.Principals, p)
			}
			states := accountState(reported(c.line))
			if c.admin {
				administratorNamed(t, alice)(states[testAccount])
			}
			fs := evaluate(f, states)
			for _, r := range []string{"TT-C01", "TT-C04", "TT-C05"} {
				if r != c.rule {
					wantOne(t, fs, r, "")
				}
			}
			if c.rule != "" {
				wantOne(t, fs, c.rule, c.severity)
			}
		})
	}
}

func TestKeyCommandNamesTheKey(t *testing.T) {
	line := iam.Credentials{ARN: alice, Keys: [2]iam.Key{{Active: true, Rotated: days(400), LastUsed: days(211)}}}
	x := wantOne(t, evaluate(factsOf(), accountState(reported(line))), "TT-C01", Medium)
	want := `aws iam update-access-key --user-name alice --status Inactive --access-key-id "$(aws iam list-access-keys --user-name alice --query 'AccessKeyMetadata[?starts_with(CreateDate,'\''` +
		days(400).Format("2006-01-02T15:04:05") + `'\'')].AccessKeyId' --output text)"`
	if !slices.Contains(x.Fix.Commands, want) {
		t.Errorf("commands\n%s\nwant\n%s", strings.Join(x.Fix.Commands, "\n"), want)
	}
}

// A state that was taken long before the logs end says nothing of the time after.
func TestOldState(t *testing.T) {
	line := iam.Credentials{ARN: alice, Keys: [2]iam.Key{{Active: true, Rotated: days(400), LastUsed: days(211)}}}
	states := accountState(reported(line))
	states[testAccount].TakenAt = days(200)
	wantOne(t, evaluate(factsOf(), states), "TT-C01", "")
}

func TestPasswords(t *testing.T) {
	line := func(changed, used int) iam.Credentials {
		c := iam.Credentials{ARN: alice, Created: days(900), PasswordEnabled: true, PasswordChanged: days(changed), MFA: true}
		if used > 0 {
			c.PasswordLastUsed = days(used)
		}
		return c
	}
	none := line(400, 300)
	none.PasswordEnabled = false
	for _, c := range []struct {
		name     string
		line     iam.Credentials
		severity Severity
		words    string
	}{
		{"unused", line(400, 159), Medium, "unused for 158 days"},
		{"never used", line(400, 0), Medium, "never used in 399 days"},
		{"in use", line(400, 2), "", ""},
		{"set last week, never used", line(7, 0), "", ""},
		{"no password", none, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := wantOne(t, evaluate(factsOf(), accountState(reported(c.line))), "TT-C02", c.severity)
			if !strings.Contains(x.Title, c.words) {
				t.Error(x.Title)
			}
		})
	}
}

func TestUnusedRoles(t *testing.T) {
	used := func(n int) *time.Time { at := days(n); return &at }
	role := iam.Role{Name: "worker", Path: "/", ARN: worker, Created: days(700)}
	for _, c := range []struct {
		name     string
		change   func(*iam.State, *iam.Role, *analyze.Facts)
		severity Severity
	}{
		{"last used 179 days ago, without any permission", func(s *iam.State, r *iam.Role, f *analyze.Facts) { r.LastUsed = used(179) }, Low},
		{"last used yesterday", func(s *iam.State, r *iam.Role, f *analyze.Facts) { r.LastUsed = used(1) }, ""},
		{"the logs know better", func(s *iam.State, r *iam.Role, f *analyze.Facts) {
			r.LastUsed = used(179)
			f.Principals = []analyze.Principal{principal(worker, from("192.0.2.1", homeNet, "", "boto3/linux", days(3), days(3), 1))}
		}, ""},
		{"never, in an account that records use", func(s *iam.State, r *iam.Role, f *analyze.Facts) {
			s.Roles = append(s.Roles, iam.Role{Name: "busy", ARN: "arn:aws:iam::111122223333:role/busy", Created: days(700), LastUsed: used(1)})
		}, Low},
		{"made last week", func(s *iam.State, r *iam.Role, f *analyze.Facts) { r.Created, r.LastUsed = days(7), nil }, ""},
		{"service-linked", func(s *iam.State, r *iam.Role, f *analyze.Facts) {
			r.Path, r.ARN, r.LastUsed = "/aws-service-role/x.amazonaws.com/", "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/worker", used(300)
		}, ""},
		{"administrator", func(s *iam.State, r *iam.Role, f *analyze.Facts) {
			r.LastUsed, r.Inline = used(179), []iam.NamedDocument{{Name: "all", Document: document(t, everything)}}
		}, High},
		{"with a policy", func(s *iam.State, r *iam.Role, f *analyze.Facts) {
			r.LastUsed, r.Inline = used(179), []iam.NamedDocument{{Name: "iam", Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)}}
		}, Medium},
		{"of the organisation, administrator", func(s *iam.State, r *iam.Role, f *analyze.Facts) {
			r.Name, r.LastUsed, r.Inline = "OrganizationAccountAccessRole", used(179), []iam.NamedDocument{{Name: "all", Document: document(t, everything)}}
		}, Low},
		{"no record, but 100 days of logs", func(s *iam.State, r *iam.Role, f *analyze.Facts) {}, Low},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, f := role, factsOf()
			states := accountState()
			c.change(states[testAccount], &r, f)
			states[testAccount].Roles = append(states[testAccount].Roles, r)
			wantOne(t, evaluate(f, states), "TT-C03", c.severity)
		})
	}
}

func TestUnusedRolesNeedLogsOrRecords(t *testing.T) {
	f := factsOf()
	f.Coverage[0].First, f.Window.From = days(20), days(20)
	states := accountState(func(s *iam.State) { s.Roles = []iam.Role{{Name: "worker", Path: "/", ARN: worker, Created: days(700)}} })
	fs := evaluate(f, states)
	wantOne(t, fs, "TT-C03", "")
	want := "unused roles in account 111122223333: needs role last-used records, or 90 days of logs"
	if !slices.Contains(fs.NotEvaluable, want) {
		t.Errorf("not evaluable: %q", fs.NotEvaluable)
	}
}

// holding is a worker of long standing with one policy, who used two actions.
func holding(t testing.TB, actions ...string) (*analyze.Facts, map[string]*iam.State) {
	t.Helper()
	p := principal(worker, from("192.0.2.1", homeNet, "", "boto3/linux", days(50), days(1), 90))
	p.Usage = []analyze.Usage{usedAction("sqs:SendMessage", "*", days(3), 40), usedAction("s3:GetObject", "*", days(3), 40)}
	states := accountState(func(s *iam.State) {
		s.Roles = []iam.Role{{Name: "worker", Path: "/", ARN: worker, Created: days(700), Inline: []iam.NamedDocument{{Name: "p", Document: document(t,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["`+strings.Join(actions, `","`)+`"],"Resource":"*"}]}`)}}}}
	})
	return factsOf(p), states
}

func TestUnusedPermissions(t *testing.T) {
	build := func(actions ...string) (*analyze.Facts, map[string]*iam.State) { return holding(t, actions...) }
	for _, c := range []struct {
		actions  []string
		severity Severity
	}{
		{[]string{"s3:GetObject", "sqs:SendMessage"}, ""},
		{[]string{"s3:GetObject", "ec2:*"}, Low},
		{[]string{"s3:GetObject", "ec2:Describe*"}, Info},
		{[]string{"s3:GetObject", "ec2:Describe*", "ec2:StopInstances"}, Low},
		{[]string{"s3:GetObject", "s3:PutBucketPolicy"}, Low},
		{[]string{"s3:GetObject", "iam:PutRolePolicy"}, Medium},
		{[]string{"s3:GetObject", "secretsmanager:GetSecretValue"}, High},
		{[]string{"s3:GetObject", "logs:PutLogEvents", "kms:Decrypt"}, ""},
	} {
		t.Run(fmt.Sprint(c.actions), func(t *testing.T) {
			f, states := build(c.actions...)
			x := wantOne(t, evaluate(f, states), "TT-C06", c.severity)
			if slices.Contains(x.Evidence.Actions, "s3:GetObject") {
				t.Error("a used action is called unused")
			}
		})
	}

	// What no log can show is not called unused, nor is what only data events show where there are none.
	f, states := build("s3:GetObject", "kafka-cluster:*")
	wantOne(t, evaluate(f, states), "TT-C06", "")
	f, states = build("s3:GetObject", "dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQL*", "dynamodb:GetRecords")
	wantOne(t, evaluate(f, states), "TT-C06", "")
	f.Coverage[0].DataEvents = append(f.Coverage[0].DataEvents, "AWS::DynamoDB::Table")
	wantOne(t, evaluate(f, states), "TT-C06", Low)
	f, states = build("s3:GetObject", "ec2:*")
	f.Coverage[0].First, f.Window.From = days(30), days(30)
	fs := evaluate(f, states)
	wantOne(t, fs, "TT-C06", "")
	if !slices.Contains(fs.NotEvaluable, "unused permissions in account 111122223333: needs 90 days of management events, read and write") {
		t.Errorf("not evaluable: %q", fs.NotEvaluable)
	}
}
