package rules

import (
	"fmt"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func TestBacktestNamesWhatWouldBreak(t *testing.T) {
	secrets := sizeState(t, statements(`{"Effect":"Allow","Action":["secretsmanager:*","sqs:*"],"Resource":"*"}`))
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), []analyze.Usage{used("sqs:DeleteQueue", "arn:aws:sqs:eu-west-1:111122223333:jobs", 20), used("sqs:DeleteQueue", "arn:aws:sqs:eu-west-1:111122223333:jobs", 10)})
	p := sizeOf(t, f, secrets)
	b := p.Backtest
	if b.Calls != 320 || b.Denied != 20 || len(b.Failures) != 1 || b.Failures[0].Action != "sqs:DeleteQueue" || b.Failures[0].Event == "" || p.Confidence != Review {
		t.Errorf("backtest %+v, confidence %s", b, p.Confidence)
	}
	if p.Replay.Denied != 0 || p.Replay.Calls != 920 {
		t.Errorf("replay %+v", p.Replay)
	}
	if b.Train.Days() != 60 || !b.Train.To.Equal(b.Test.From) || !b.Test.To.Equal(sizeEnd) {
		t.Errorf("train %v, test %v", b.Train, b.Test)
	}
}

// Names that are new each day break a policy of exact names: the backtest
// finds out, and the scope widens until it does not.
func TestBacktestChoosesScope(t *testing.T) {
	state := sizeState(t, statements(`{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}`))
	names := func(format string) []analyze.Usage {
		var out []analyze.Usage
		for n := 90; n >= 1; n-- {
			word := fmt.Sprintf("%c%c", 'a'+n%26, 'a'+n/26)
			out = append(out, used("dynamodb:DescribeTable", fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/"+format, word), n))
		}
		return out
	}
	for _, c := range []struct {
		name  string
		usage []analyze.Usage
		want  Scope
		text  string
	}{
		{"one table", daily("dynamodb:DescribeTable", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"), ScopeSeen, `table/orders"`},
		{"tables of one name", names("orders-%s"), ScopeSeen, `table/orders-*"`},
		{"names of no pattern", names("%s"), ScopeKind, `"Resource":"arn:aws:dynamodb:eu-west-1:111122223333:table/*"`},
		{"another table of the name later", append(daily("dynamodb:DescribeTable", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-a")[:60],
			daily("dynamodb:DescribeTable", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-b")[60:]...), ScopePrefix, `table/orders-*"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sizeOf(t, sizeFacts(c.usage), state)
			if p.Scope != c.want || !contains(proposedText(p), c.text) || p.Backtest.Denied != 0 {
				t.Errorf("scope %s, backtest %+v, proposed %s", p.Scope, p.Backtest, proposedText(p))
			}
		})
	}
}

func TestReplayContext(t *testing.T) {
	row := useRow{Action: "iam:PassRole", Resource: "arn:aws:iam::111122223333:role/worker", Region: "eu-west-1", Condition: "iam:PassedToService=lambda.amazonaws.com", Last: sizeEnd}
	via := row
	via.InvokedBy = "cloudformation.amazonaws.com"
	for _, c := range []struct {
		name, policy string
		row          useRow
		want         bool
	}{
		{"told and right", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`, row, true},
		{"told and wrong", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"iam:passedtoservice":"ec2.amazonaws.com"}}}`, row, false},
		{"region", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}`, row, false},
		{"untold in Allow holds", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`, row, true},
		{"untold in Deny does not", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}`, row, true},
		{"called via a service", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:CalledVia":"cloudformation.amazonaws.com"}}}`, via, true},
		{"not by itself", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}`, row, false},
		{"untold variable", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}"}`, row, true},
		{"untold variable, other place", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::444455556666:role/${aws:PrincipalTag/team}"}`, row, false},
		{"expired", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}`, row, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newReplayer(sizeRole, []*iam.Document{policyDoc(t, statements(c.policy))})
			if got := p.allows(&c.row); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// What a request holds literally may look like a pattern; it must be granted as itself.
func TestSizeEscapes(t *testing.T) {
	literal := "arn:aws:secretsmanager:eu-west-1:111122223333:secret:odd${*}name-??????"
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", literal)), sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)))
	if !contains(proposedText(p), literal) || p.Replay.Denied != 0 {
		t.Errorf("proposed %s, replay %+v, warnings %q", proposedText(p), p.Replay, p.Warnings)
	}
	old := `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}]}`
	p = sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", literal)), sizeState(t, old))
	if contains(proposedText(p), "${") || p.Replay.Denied != 0 {
		t.Errorf("an old policy language knows no escapes: %s, replay %+v", proposedText(p), p.Replay)
	}
}

func TestSizePassedProfiles(t *testing.T) {
	const profile, role = "arn:aws:iam::111122223333:instance-profile/web", "arn:aws:iam::111122223333:role/web"
	pass := func(n int) analyze.Usage {
		u := used(passRole, profile, n)
		u.Implied, u.Condition = true, "iam:PassedToService=ec2.amazonaws.com"
		return u
	}
	f := sizeFacts(daily("ec2:DescribeInstances", "*"), []analyze.Usage{pass(80), pass(10)})
	current := statements(`{"Effect":"Allow","Action":["ec2:*","iam:PassRole"],"Resource":"*"}`)
	known := sizeState(t, current)
	known[sizeAccount].Roles = append(known[sizeAccount].Roles, iam.Role{Name: "web", ARN: role, Profiles: []string{profile}})
	p := sizeOf(t, f, known)
	if !contains(proposedText(p), `"Action":["iam:PassRole"],"Resource":"`+role+`","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`) || keptWhy(p, passRole) != "implied" {
		t.Errorf("proposed %s", proposedText(p))
	}
	p = sizeOf(t, f, sizeState(t, current))
	if !contains(proposedText(p), `"Action":["iam:PassRole"],"Resource":"*","Condition"`) || !warned(p, profile) {
		t.Errorf("an unknown profile: %s, warnings %q", proposedText(p), p.Warnings)
	}
	p = sizeOf(t, f, nil)
	if contains(proposedText(p), "PassRole") || !warned(p, profile) {
		t.Errorf("no state: %s, warnings %q", proposedText(p), p.Warnings)
	}
}

func TestSizeFromUseAlone(t *testing.T) {
	f := sizeFacts(daily("s3:ListBucket", "arn:aws:s3:::data"), daily("s3:GetObject", "arn:aws:s3:::data/config"), daily("ec2:DescribeInstances", "*"), daily("secretsmanager:GetSecretValue", secretARN))
	p := sizeOf(t, f, nil)
	want := statements(`{"Sid":"Ec2","Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*"}`,
		`{"Sid":"S3","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/config"]}`,
		`{"Sid":"Secretsmanager","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"`+secretARN+`"}`)
	if got := proposedText(p); got != want || p.Proposed[0].Name != "trimtrail-app" || p.Confidence != Review || p.NoNewAccess != nil {
		t.Errorf("got %s\nwant %s\nconfidence %s, warnings %q", got, want, p.Confidence, p.Warnings)
	}
}

func TestSizeUnreadPolicyStays(t *testing.T) {
	states := sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`))
	states[sizeAccount].Roles[0].Attached = []string{"arn:aws:iam::aws:policy/Unread"}
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), daily("sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs")), states)
	last := p.Proposed[len(p.Proposed)-1]
	if last.Source != "arn:aws:iam::aws:policy/Unread" || last.Document != nil || p.Confidence != Review || p.Replay.Denied != 0 {
		t.Errorf("proposed %+v, confidence %s, replay %+v", p.Proposed, p.Confidence, p.Replay)
	}
}

func TestSampleCoverage(t *testing.T) {
	for _, c := range []struct{ once, twice, total, want float64 }{
		{0, 0, 0, 0}, {0, 3, 50, 1}, {1, 0, 1, 0}, {1, 0, 100, .99}, {2, 1, 100, 1 - .02*(198./200)}, {5, 0, 5, 0},
	} {
		if got := sampleCoverage(c.once, c.twice, c.total); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%v, %v, %v: got %v, want %v", c.once, c.twice, c.total, got, c.want)
		}
	}
}

func TestProofFindsNewAccess(t *testing.T) {
	x := newActionIndex(catalog.Default())
	current := []heldDoc{{doc: policyDoc(t, statements(`{"Sid":"A","Effect":"Allow","Action":["s3:Get*","sqs:SendMessage"],"Resource":["arn:aws:s3:::data/*","arn:aws:sqs:*:*:jobs"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`,
		`{"Sid":"D","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::data/secret"}`))}}
	deny := `{"Sid":"D","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::data/secret"}`
	secure := `"Condition":{"Bool":{"aws:SecureTransport":"true"}}`
	for _, c := range []struct {
		name, policy string
		want         bool
	}{
		{"within", statements(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/a/*",`+secure+`}`, deny), true},
		{"another action", statements(`{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::data/a",`+secure+`}`, deny), false},
		{"a wider action", statements(`{"Effect":"Allow","Action":"s3:G*","Resource":"arn:aws:s3:::data/a",`+secure+`}`, deny), false},
		{"a wider resource", statements(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data*",`+secure+`}`, deny), false},
		{"without the condition", statements(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/a"}`, deny), false},
		{"without the Deny", statements(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/a",` + secure + `}`), false},
		{"NotAction", statements(`{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::data/a",`+secure+`}`, deny), false},
		{"NotResource", statements(`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::data/a",`+secure+`}`, deny), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := newAccess(x, current, []*iam.Document{policyDoc(t, c.policy)}); (got == "") != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestStandingCountsDays(t *testing.T) {
	f := sizeFacts()
	c := f.Coverage[0]
	if s := standingOf(f, &c, time.Time{}); s.days != 90 {
		t.Errorf("whole window: %d days", s.days)
	}
	c.Last = daysBefore(10).Add(time.Hour)
	if s := standingOf(f, &c, time.Time{}); s.days != 81 {
		t.Errorf("logs that end early: %d days", s.days)
	}
	if s := standingOf(f, nil, time.Time{}); s.days != 0 {
		t.Errorf("no logs: %d days", s.days)
	}
}

// In a short window the names of the next days are not all known: what is used
// on few of them that are still new gets all of its kind; not so what is used
// on the same again and again, in a longer window, or of permissions and secrets.
func TestGrowingNames(t *testing.T) {
	state := sizeState(t, statements(`{"Effect":"Allow","Action":["dynamodb:*","iam:*","secretsmanager:*","sts:*"],"Resource":"*"}`))
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
	on := func(action, prefix string, days map[int]string) []analyze.Usage {
		var out []analyze.Usage
		for n := 20; n >= 1; n-- {
			if name := days[n]; name != "" {
				out = append(out, used(action, prefix+name, n))
			}
		}
		return out
	}
	two := map[int]string{18: "orders", 12: "customers"} // in the days that the backtest trains on
	steady := map[int]string{}
	for n := range 12 {
		steady[n+1] = []string{"orders", "customers"}[n%2]
	}
	for _, c := range []struct {
		name  string
		usage []analyze.Usage
		days  int
		want  Scope
	}{
		{"two, each once", on("dynamodb:DeleteTable", table, two), 20, ScopeKind},
		{"the same in a longer window", on("dynamodb:DeleteTable", table, two), 30, ScopeSeen},
		{"two, again and again", on("dynamodb:DeleteTable", table, steady), 20, ScopeSeen},
		{"permissions", on("iam:AttachRolePolicy", "arn:aws:iam::111122223333:role/", two), 20, ScopeSeen},
		{"roles to be", on("sts:AssumeRole", "arn:aws:iam::111122223333:role/", two), 20, ScopeSeen},
		{"secrets", on("secretsmanager:PutSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:", two), 20, ScopeSeen},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Work of every day, so that there are days enough to size by.
			usage := append(daily("dynamodb:ListTables", "*")[90-c.days:], c.usage...)
			f := sizeFacts(usage)
			f.Window.From, f.Coverage[0].First = sizeEnd.AddDate(0, 0, -c.days), sizeEnd.AddDate(0, 0, -c.days)
			p := sizeOf(t, f, state)
			if p.Confidence == TooEarly || p.Scope != c.want || contains(proposedText(p), "table/*") != (c.want == ScopeKind) {
				t.Errorf("%s, %d days, scope %q, proposed %s, warnings %q", p.Confidence, p.Days, p.Scope, proposedText(p), p.Warnings)
			}
		})
	}
}

func TestGeneraliseKind(t *testing.T) {
	for r, want := range map[string]string{
		"arn:aws:s3:::bucket-name/a/b.txt":                                "arn:aws:s3:::bucket-name/*",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by":   "arn:aws:dynamodb:eu-west-1:111122223333:table/*",
		"arn:aws:lambda:eu-west-1:111122223333:function:f:live":           "arn:aws:lambda:eu-west-1:111122223333:function:*",
		"arn:aws:sqs:eu-west-1:111122223333:queue":                        "arn:aws:sqs:eu-west-1:111122223333:*",
		"arn:aws:iam::111122223333:role/team/web":                         "arn:aws:iam::111122223333:role/*",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab":            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-??????": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-??????",
	} {
		if got := generalise(seenOn("x:Y", r), map[string]Scope{"x:Y": ScopeKind}).of("x:Y", r); got != want {
			t.Errorf("%s: got %s, want %s", r, got, want)
		}
	}
}
