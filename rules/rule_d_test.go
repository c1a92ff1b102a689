package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// escalating are the facts of a user who was denied, gave itself everything, and then was allowed.
func escalating(grant string) *analyze.Facts {
	p := principal(alice, from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/linux", back(1, "13:02:53"), back(1, "14:01:48"), 37))
	p.Credentials = []analyze.Credential{{ID: keyOfAlice, Kind: analyze.LongTermKey, Events: 37}}
	p.Usage = []analyze.Usage{usedAction("s3:ListAllMyBuckets", "*", back(1, "13:07:12"), 1)}
	f := factsOf(p)
	allowed := func(at time.Time) func(*analyze.Denial) { return func(d *analyze.Denial) { d.AllowedAfter = at } }
	f.Denials = []analyze.Denial{
		refusedCall(alice, "ec2:DescribeInstances", back(1, "13:03:31"), allowed(back(1, "13:11:54"))),
		refusedCall(alice, "lambda:ListFunctions", back(1, "13:03:37")),
		refusedCall(alice, "logs:DescribeLogGroups", back(1, "13:04:57")),
		refusedCall(alice, "s3:ListAllMyBuckets", back(1, "13:03:25"), allowed(back(1, "13:07:12"))),
		refusedCall(alice, "kms:ListKeys", back(40, "13:03:25")),
	}
	put := changed(alice, "PutUserPolicy", alice, grant, back(1, "13:06:49"))
	put.Policy = "zlj9i0k83o"
	f.Changes = []analyze.Change{put, changed(alice, "CreateAccessKey", alice, "AKIAEXAMPLEALICE0002", back(1, "13:10:42"))}
	return f
}

func TestSelfEscalation(t *testing.T) {
	fs := evaluate(escalating(everything), nil)
	x := wantOne(t, fs, "TT-D02", Critical)
	if len(fs.Findings) != 1 {
		t.Errorf("the rest is not folded: %d findings, such as %s", len(fs.Findings), fs.Findings[1].Title)
	}
	var story []string
	for _, m := range x.Evidence.Timeline {
		story = append(story, m.At.Format("15:04")+" "+m.What)
	}
	want := []string{"13:02 first seen from 203.0.113.9; nobody else uses this network",
		"13:03 denied ec2:DescribeInstances, lambda:ListFunctions, logs:DescribeLogGroups, s3:ListAllMyBuckets (4 actions, 4 services, 92 s)",
		`13:06 PutUserPolicy on itself: Action * on Resource * (policy "zlj9i0k83o")`, "13:07 allowed s3:ListAllMyBuckets",
		"13:10 CreateAccessKey on itself: AKIAEXAMPLEALICE0002", "13:11 allowed ec2:DescribeInstances", "14:01 last call of the principal in the window"}
	if got := strings.Join(story, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the story is\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	fix := strings.Join(x.Fix.Commands, "\n")
	for _, c := range []string{
		"aws iam update-access-key --user-name alice --access-key-id AKIAEXAMPLEALICE0001 --status Inactive",
		"aws iam update-access-key --user-name alice --access-key-id AKIAEXAMPLEALICE0002 --status Inactive",
		"aws iam delete-user-policy --user-name alice --policy-name zlj9i0k83o"} {
		if !strings.Contains(fix, c) {
			t.Errorf("no %q in\n%s", c, fix)
		}
	}
}

func TestSelfEscalationGrades(t *testing.T) {
	const some = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	for _, c := range []struct {
		name     string
		change   func(*analyze.Facts)
		severity Severity
	}{
		{"everything, nothing denied", func(f *analyze.Facts) { f.Denials = nil }, High},
		{"some, and what was denied works", func(f *analyze.Facts) { f.Changes[0].Detail = some }, High},
		{"some, nothing denied", func(f *analyze.Facts) { f.Changes[0].Detail, f.Denials = some, nil }, Medium},
		{"a document cut short", func(f *analyze.Facts) {
			f.Changes[0].Detail = `{"Version": "2012-10-17","Statement": [{"Effect": "Allow","Action": ["*"],"Resource": ["*"]}, {"Effe…`
		}, Critical},
		{"denied a day before", func(f *analyze.Facts) {
			for i := range f.Denials {
				f.Denials[i].First, f.Denials[i].Last = f.Denials[i].First.AddDate(0, 0, -1), f.Denials[i].Last.AddDate(0, 0, -1)
			}
		}, High},
		{"on another user", func(f *analyze.Facts) { f.Changes[0].Target, f.Changes[0].OnItself = bob, false }, ""},
		{"the root", func(f *analyze.Facts) {
			f.Changes[0].Kind, f.Changes[1].Kind = analyze.KindRoot, analyze.KindRoot
		}, ""},
		{"a new key alone", func(f *analyze.Facts) { f.Changes = f.Changes[1:] }, ""},
		{"a policy taken off, nothing denied", func(f *analyze.Facts) { f.Changes[0].EventName, f.Denials = "DetachUserPolicy", nil }, ""},
		{"a Deny taken off", func(f *analyze.Facts) { f.Changes[0].EventName, f.Changes[0].Detail = "DeleteUserPolicy", "" }, High},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := escalating(everything)
			c.change(f)
			wantOne(t, evaluate(f, nil), "TT-D02", c.severity)
		})
	}
}

// Day rows blur what happened within a day; the episode tells it.
func TestSelfEscalationFromEpisode(t *testing.T) {
	f := escalating(everything)
	for i := range f.Denials {
		f.Denials[i].AllowedAfter = time.Time{}
	}
	wantOne(t, evaluate(f, nil), "TT-D02", High)
	f.Episodes = []analyze.Episode{{Nomination: analyze.Nomination{Principal: alice}, Moments: []analyze.Moment{
		{At: back(1, "13:03:31"), EventID: "m-1", Actions: []string{"ec2:DescribeInstances"}, Outcome: analyze.OutcomeDenied},
		{At: back(1, "13:06:49"), EventID: "m-2", EventName: "PutUserPolicy", Change: true, OnItself: true, Outcome: analyze.OutcomeAllowed},
		{At: back(1, "13:11:54"), EventID: "m-3", Actions: []string{"ec2:DescribeInstances"}, Outcome: analyze.OutcomeAllowed}}}}
	x := wantOne(t, evaluate(f, nil), "TT-D02", Critical)
	if !strings.Contains(fmt.Sprint(x.Evidence.Timeline), "m-3") {
		t.Errorf("the event is not named: %v", x.Evidence.Timeline)
	}
}

func TestHostileNamesInCommands(t *testing.T) {
	f := escalating(everything)
	f.Changes[0].Policy = "x'; rm -rf ~ #"
	x := wantOne(t, evaluate(f, nil), "TT-D02", Critical)
	if fix := strings.Join(x.Fix.Commands, "\n"); !strings.Contains(fix, `--policy-name 'x'\''; rm -rf ~ #'`) {
		t.Errorf("commands\n%s", fix)
	}
}

func TestRegression(t *testing.T) {
	regressed := func(d *analyze.Denial) {
		identityImplicit(d)
		d.AllowedBefore, d.Count, d.Days = back(10, "08:00:00"), 70, 3
	}
	detach := changed(bob, "DetachRolePolicy", worker, "arn:aws:iam::111122223333:policy/glue", back(9, "10:00:00"))
	for _, c := range []struct {
		name   string
		change func(*analyze.Facts)
		rule   string
		linked bool
	}{
		{"with the change", func(f *analyze.Facts) { f.Changes = []analyze.Change{detach} }, "TT-D03", true},
		{"with the person behind the role", func(f *analyze.Facts) {
			c := detach
			c.ARN, c.Session = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef", "user/bob"
			f.Changes = []analyze.Change{c}
		}, "TT-D03", true},
		{"without one", func(*analyze.Facts) {}, "TT-D03", false},
		{"a change of somebody else", func(f *analyze.Facts) {
			f.Changes = []analyze.Change{changed(bob, "DetachRolePolicy", "arn:aws:iam::111122223333:role/other", "", back(9, "10:00:00"))}
		}, "TT-D03", false},
		{"never allowed", func(f *analyze.Facts) { f.Denials[0].AllowedBefore = time.Time{} }, "TT-D01", false},
		{"still allowed elsewhere", func(f *analyze.Facts) {
			f.Principals[0].Usage = []analyze.Usage{usedAction("glue:GetTable", "*", back(2, "08:00:00"), 3)}
		}, "TT-D01", false},
		{"once, without a change", func(f *analyze.Facts) { f.Denials[0].Count = 1 }, "TT-D01", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := factsOf(principal(worker))
			f.Denials = []analyze.Denial{refusedCall(worker, "glue:GetTable", back(9, "12:00:00"), regressed)}
			c.change(f)
			fs := evaluate(f, nil)
			found := ofRule(fs, c.rule)
			if len(found) != 1 || len(fs.Findings) != 1 {
				t.Fatalf("findings %+v", fs.Findings)
			}
			if linked := strings.Contains(found[0].Title, "user/bob"); linked != c.linked {
				t.Errorf("linked %v: %s", linked, found[0].Title)
			}
			if c.linked && (found[0].Fix.Commands[0] != "aws iam attach-role-policy --role-name worker --policy-arn arn:aws:iam::111122223333:policy/glue" || len(found[0].Evidence.Timeline) != 3) {
				t.Errorf("fix %q, timeline %v", found[0].Fix.Commands, found[0].Evidence.Timeline)
			}
		})
	}
}

func TestRecon(t *testing.T) {
	probe := []string{"ec2:DescribeInstances", "iam:ListUsers", "s3:ListAllMyBuckets", "lambda:ListFunctions"}
	build := func(gap time.Duration, change func(*analyze.Denial), actions ...string) *analyze.Facts {
		f := factsOf(principal(alice, append(settled(alice, keyOfAlice, 20, 3), from("203.0.113.9", awayNet, keyOfAlice, "terraform/linux", back(1, "03:00:00"), back(1, "04:00:00"), 20))...))
		f.Principals[0].Credentials = []analyze.Credential{{ID: keyOfAlice, Kind: analyze.LongTermKey}}
		for i, a := range actions {
			d := refusedCall(alice, a, back(1, "03:00:00").Add(time.Duration(i)*gap))
			if change != nil {
				change(&d)
			}
			f.Denials = append(f.Denials, d)
		}
		return f
	}
	for _, c := range []struct {
		name     string
		facts    *analyze.Facts
		severity Severity
	}{
		{"four actions of four services in two minutes, strange network", build(30*time.Second, nil, probe...), High},
		{"the same at the usual network", build(30*time.Second, func(d *analyze.Denial) { d.Addresses = []string{"198.51.100.7"} }, probe...), Medium},
		{"over hours", build(time.Hour, nil, probe...), ""},
		{"three actions", build(time.Second, nil, probe[:3]...), ""},
		{"two services", build(time.Second, nil, "ec2:DescribeInstances", "ec2:DescribeVpcs", "ec2:DescribeImages", "iam:ListUsers"), ""},
		{"many actions of many services", build(time.Second, func(d *analyze.Denial) { d.Addresses = []string{"198.51.100.7"} }, "a:A", "b:B", "c:C", "d:D", "e:E", "f:F", "g:G", "h:H", "i:I", "j:J"), High},
		{"in the console", build(time.Second, func(d *analyze.Denial) { d.Console = true }, probe...), ""},
		{"every day", build(time.Second, func(d *analyze.Denial) { d.Days = 5 }, probe...), ""},
		{"a service on its behalf", build(time.Second, func(d *analyze.Denial) { d.InvokedBy = "cloudformation.amazonaws.com" }, probe...), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := wantOne(t, evaluate(c.facts, nil), "TT-D05", c.severity)
			if c.severity == High && !strings.HasPrefix(c.name, "many") && (len(x.Fix.Commands) != 1 || !strings.Contains(x.Reason, "TT-A03")) {
				t.Errorf("%q, %s", x.Fix.Commands, x.Reason)
			}
		})
	}
}

func TestServiceNoise(t *testing.T) {
	f := factsOf()
	for i, key := range []string{"a/1", "a/2", "b/3"} {
		f.Denials = append(f.Denials, refusedCall("delivery.logs.amazonaws.com", "s3:PutObject", back(9-i, "01:00:00"), func(d *analyze.Denial) {
			d.Resource, d.Count = "arn:aws:s3:::logs/"+key, 3337
		}))
	}
	f.Denials = append(f.Denials, refusedCall("delivery.logs.amazonaws.com", "s3:PutObject", back(1, "01:00:00"), func(d *analyze.Denial) { d.Resource = "arn:aws:s3:::other/x" }))
	fs := evaluate(f, nil)
	if len(fs.Findings) != 2 {
		t.Fatalf("%d findings", len(fs.Findings))
	}
	if x := fs.Findings[0]; x.Severity != Info || x.Rule != "TT-D06" || x.Evidence.Count != 10011 || x.Resource != "arn:aws:s3:::logs" {
		t.Errorf("%+v", x)
	}
}

func TestDenialCauses(t *testing.T) {
	set := func(fs ...func(*analyze.Denial)) func(*analyze.Denial) {
		return func(d *analyze.Denial) {
			for _, f := range fs {
				f(d)
			}
		}
	}
	layer := func(layer, effect string) func(*analyze.Denial) {
		return func(d *analyze.Denial) { d.Layer, d.Effect = layer, effect }
	}
	tier := func(x analyze.Tier, code string) func(*analyze.Denial) {
		return func(d *analyze.Denial) { d.Tier, d.Code = x, code }
	}
	browsing := func(d *analyze.Denial) { d.Console, d.ReadOnly = true, true }
	repaired := func(d *analyze.Denial) { d.AllowedAfter = back(1, "09:00:00") }
	role := func(d *analyze.Denial) { d.Resource, d.EventSource = worker, "lambda.amazonaws.com" }
	for _, c := range []struct {
		name     string
		action   string
		change   func(*analyze.Denial)
		rule     string
		severity Severity
		words    string
	}{
		{"steady", "s3:GetObject", set(identityImplicit, repeated(720, 30)), "TT-D01", Medium, "No identity policy allows it."},
		{"some", "s3:GetObject", set(identityImplicit, repeated(9, 2)), "TT-D01", Low, "No identity policy"},
		{"one", "s3:GetObject", identityImplicit, "TT-D01", Info, ""},
		{"browsing", "s3:GetObject", set(repeated(40, 9), browsing), "TT-D01", Info, ""},
		{"repaired", "s3:GetObject", set(repeated(40, 9), repaired), "TT-D01", Info, "allowed since"},
		{"bucket policy", "s3:GetObject", set(repeated(9, 1), layer("resource", "explicit")), "TT-D01", Low, "denies it outright"},
		{"scp", "ec2:RunInstances", set(repeated(3, 1), layer("scp", "explicit")), "TT-D04", Info, "service control policy"},
		{"scp again and again", "ec2:RunInstances", set(repeated(300, 9), layer("scp", "explicit")), "TT-D04", Low, "service control policy"},
		{"boundary", "iam:CreateRole", set(repeated(3, 1), layer("boundary", "implicit")), "TT-D04", Info, "permissions boundary"},
		{"trust", "sts:AssumeRole", set(repeated(3, 1), layer("trust", "implicit")), "TT-D04", Info, "trust policy"},
		{"key", "s3:GetObject", set(repeated(3, 1), tier(analyze.TierDependency, "KMS.AccessDeniedException")), "TT-D08", Low, ""},
		{"not activated", "securityhub:DescribeHub", tier(analyze.TierState, "InvalidAccessException"), "TT-D08", Info, ""},
		{"expired token", "s3:GetObject", set(repeated(40, 3), tier(analyze.TierAuthentication, "ExpiredToken")), "TT-D07", Low, "ExpiredToken"},
		{"pass role", "iam:PassRole", set(identityImplicit, role), "TT-D10", Low, "iam:PassRole is missing"},
		{"passwords", "ec2:GetPasswordData", set(identityImplicit, repeated(30, 1)), "TT-D11", High, "never allowed before"},
		{"a few secrets", "secretsmanager:GetSecretValue", set(identityImplicit, repeated(6, 1)), "TT-D11", Medium, "never allowed before"},
		{"one secret for weeks", "secretsmanager:GetSecretValue", set(identityImplicit, repeated(60, 9)), "TT-D01", Medium, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := factsOf()
			f.Denials = []analyze.Denial{refusedCall(alice, c.action, back(20, "09:00:00"), c.change)}
			fs := evaluate(f, nil)
			x := wantOne(t, fs, c.rule, c.severity)
			if len(fs.Findings) != 1 || !strings.Contains(x.Reason, c.words) {
				t.Errorf("%d findings, %s", len(fs.Findings), x.Reason)
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	for _, c := range []struct {
		arn      string
		count    int64
		severity Severity
	}{{alice, 1, Info}, {alice, 6, Low}, {alice, 12, Medium}, {"arn:aws:iam::111122223333:root", 1, Low}, {"arn:aws:iam::111122223333:root", 4, Medium}} {
		f := factsOf()
		f.Denials = []analyze.Denial{refusedCall(c.arn, "signin:ConsoleLogin", back(2, "09:00:00"), func(d *analyze.Denial) {
			d.Tier, d.Count, d.EventName, d.Action = analyze.TierAuthentication, c.count, "ConsoleLogin", ""
		})}
		wantOne(t, evaluate(f, nil), "TT-D07", c.severity)
	}
}

func TestMissingPolicy(t *testing.T) {
	f := factsOf()
	for _, r := range []string{"arn:aws:s3:::in/a", "arn:aws:s3:::in/b"} {
		f.Denials = append(f.Denials, refusedCall(worker, "s3:GetObject", back(3, "09:00:00"), identityImplicit, repeated(50, 4), func(d *analyze.Denial) { d.Resource = r }))
	}
	f.Denials = append(f.Denials, refusedCall(worker, "s3:ListAllMyBuckets", back(3, "09:00:00"), identityImplicit))
	x := wantOne(t, evaluate(f, nil), "TT-D01", Medium)
	d := document(t, x.Fix.Policy)
	for _, c := range []struct {
		action, resource string
		want             iam.Decision
	}{
		{"s3:GetObject", "arn:aws:s3:::in/a", iam.Allowed}, {"s3:GetObject", "arn:aws:s3:::in/b", iam.Allowed}, {"s3:ListAllMyBuckets", "*", iam.Allowed},
		{"s3:GetObject", "arn:aws:s3:::in/c", iam.ImplicitlyDenied}, {"s3:PutObject", "arn:aws:s3:::in/a", iam.ImplicitlyDenied},
	} {
		if got := iam.Decide(iam.Request{Principal: worker, Action: c.action, Resource: c.resource}, iam.Policies{Identity: []*iam.Document{d}}); got != c.want {
			t.Errorf("%s on %s: %s", c.action, c.resource, got)
		}
	}
	if len(x.Fix.Commands) != 1 || !strings.HasPrefix(x.Fix.Commands[0], "aws iam put-role-policy --role-name worker --policy-name trimtrail-missing --policy-document '{") {
		t.Errorf("commands %q", x.Fix.Commands)
	}
}

func TestDeniedButGrantedNow(t *testing.T) {
	f := factsOf()
	f.Denials = []analyze.Denial{refusedCall(alice, "s3:ListAllMyBuckets", back(3, "09:00:00"), identityImplicit, repeated(50, 2))}
	states := accountState(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: []iam.NamedDocument{{Name: "s3", Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:List*","Resource":"*"}]}`)}}}}
	})
	x := wantOne(t, evaluate(f, states), "TT-D01", Info)
	if !strings.Contains(x.Reason, "seems to be repaired") {
		t.Error(x.Reason)
	}
	states[testAccount].TakenAt = back(9, "00:00:00")
	wantOne(t, evaluate(f, states), "TT-D01", Low)
}

func TestDeniedForMFA(t *testing.T) {
	f := factsOf()
	f.Denials = []analyze.Denial{refusedCall(alice, "ec2:StopInstances", back(3, "09:00:00"), repeated(4, 2), func(d *analyze.Denial) { d.Layer, d.Effect, d.WithoutMFA = "identity", "explicit", true })}
	wantOne(t, evaluate(f, nil), "TT-D09", "")
	states := accountState(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: []iam.NamedDocument{{Name: "mfa", Document: document(t,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`)}}}}
	})
	if x := wantOne(t, evaluate(f, states), "TT-D09", Low); x.Confidence != "certain" {
		t.Error(x.Confidence)
	}
	f.Denials[0].Action = "iam:CreateUser"
	wantOne(t, evaluate(f, states), "TT-D09", "")
}

func TestPassRolePolicy(t *testing.T) {
	f := factsOf()
	f.Denials = []analyze.Denial{refusedCall(bob, "iam:PassRole", back(4, "10:00:00"), identityImplicit, func(d *analyze.Denial) { d.Resource, d.EventSource = worker, "lambda.amazonaws.com" })}
	x := wantOne(t, evaluate(f, nil), "TT-D10", Low)
	d := document(t, x.Fix.Policy)
	ask := func(service string) iam.Decision {
		return iam.Decide(iam.Request{Principal: bob, Action: "iam:PassRole", Resource: worker, Context: map[string][]string{"iam:PassedToService": {service}}}, iam.Policies{Identity: []*iam.Document{d}})
	}
	if ask("lambda.amazonaws.com") != iam.Allowed || ask("ec2.amazonaws.com") == iam.Allowed {
		t.Errorf("policy %s", x.Fix.Policy)
	}
}
