package rules

import (
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const secretARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/db-??????"

func TestSizeEditsCurrentPolicies(t *testing.T) {
	role := "arn:aws:iam::111122223333:role/worker"
	pass := used(passRole, role, 40)
	pass.Implied, pass.Condition = true, "iam:PassedToService=lambda.amazonaws.com"
	table := "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	for _, c := range []struct {
		name    string
		current string
		usage   []analyze.Usage
		want    string
	}{
		{"service wildcard on everything",
			statements(`{"Sid":"Secrets","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`),
			append(daily("secretsmanager:GetSecretValue", secretARN), daily("secretsmanager:DescribeSecret", secretARN)...),
			statements(`{"Sid":"Secrets","Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":"` + secretARN + `"}`)},
		{"an action without resources keeps *",
			statements(`{"Effect":"Allow","Action":["ec2:Describe*","ec2:RunInstances"],"Resource":"*"}`),
			daily("ec2:DescribeInstances", "*"),
			`{"Effect":"Allow","Action":["ec2:DescribeInstances"`},
		{"named resources stay, untouched ones go",
			statements(`{"Sid":"R","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":["arn:aws:secretsmanager:*:*:secret:checkout/*","arn:aws:secretsmanager:*:*:secret:other/*"]}`),
			daily("secretsmanager:GetSecretValue", secretARN),
			statements(`{"Sid":"R","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":["arn:aws:secretsmanager:*:*:secret:checkout/*"]}`)},
		{"conditions stay",
			statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`),
			daily("secretsmanager:GetSecretValue", secretARN),
			statements(`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"` + secretARN + `","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`)},
		{"deny statements are not touched",
			statements(`{"Sid":"No","Effect":"Deny","NotAction":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
				`{"Sid":"Yes","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}`),
			daily("secretsmanager:GetSecretValue", secretARN),
			statements(`{"Sid":"No","Effect":"Deny","NotAction":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
				`{"Sid":"Yes","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"`+secretARN+`"}`)},
		{"a passed role is named with its service",
			statements(`{"Sid":"Pass","Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`),
			append(daily("secretsmanager:GetSecretValue", secretARN), pass),
			statements(`{"Sid":"Pass","Effect":"Allow","Action":"iam:PassRole","Resource":"` + role + `","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`)},
		{"the narrow statement keeps what a wide one grants too",
			statements(`{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}`,
				`{"Sid":"One","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/*"}`),
			daily("secretsmanager:GetSecretValue", secretARN),
			statements(`{"Sid":"One","Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/*"}`)},
		{"parts of a statement get Sids of their own",
			statements(`{"Sid":"D","Effect":"Allow","Action":["dynamodb:DescribeTable","secretsmanager:*"],"Resource":"*"}`),
			append(daily("secretsmanager:GetSecretValue", secretARN), daily("dynamodb:DescribeTable", table)...),
			statements(`{"Sid":"D","Effect":"Allow","Action":["dynamodb:DescribeTable"],"Resource":"`+table+`"}`,
				`{"Sid":"D2","Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":"`+secretARN+`"}`)},
		{"a use that tells no resource keeps the statement's",
			statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"arn:aws:secretsmanager:*:*:secret:*"}`),
			daily("secretsmanager:GetSecretValue", ""),
			statements(`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:*:secret:*"}`)},
		{"NotAction becomes the actions used",
			statements(`{"Sid":"Power","Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}`),
			daily("secretsmanager:GetSecretValue", secretARN),
			statements(`{"Sid":"Power","Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":"` + secretARN + `"}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sizeOf(t, sizeFacts(c.usage), sizeState(t, c.current))
			if got := proposedText(p); !contains(got, c.want) {
				t.Errorf("proposed\n%s\nwant\n%s\nwarnings %q", got, c.want, p.Warnings)
			}
			if p.NoNewAccess == nil || !*p.NoNewAccess || p.Replay.Denied != 0 {
				t.Errorf("no new access %v, replay %+v, warnings %q", p.NoNewAccess, p.Replay, p.Warnings)
			}
		})
	}
}

func TestSizeReady(t *testing.T) {
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)),
		sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)))
	if p.Confidence != Ready || p.Backtest.Calls != 300 || p.Backtest.Denied != 0 || p.Replay.Calls != 900 {
		t.Errorf("confidence %q, backtest %+v, replay %+v, warnings %q", p.Confidence, p.Backtest, p.Replay, p.Warnings)
	}
	if !isRemoved(p, "secretsmanager:PutResourcePolicy") || isRemoved(p, "secretsmanager:GetSecretValue") {
		t.Errorf("removed %v", p.Removed)
	}
	if p.Score.Proposed >= p.Score.Current || p.Score.Proposed < 1 {
		t.Errorf("score %+v", p.Score)
	}
}

func TestSizeConfidence(t *testing.T) {
	secrets := statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)
	steady := daily("secretsmanager:GetSecretValue", secretARN)
	short := sizeFacts(steady[80:])
	short.Coverage[0].First = daysBefore(10)
	gaps := sizeFacts(steady)
	gaps.Coverage[0].Gaps = []analyze.Window{{From: daysBefore(60), To: daysBefore(50)}}
	changed := sizeFacts(steady)
	changed.Changes = []analyze.Change{{Actor: analyze.Actor{Name: "alice"}, At: daysBefore(5), EventSource: "iam.amazonaws.com", EventName: "PutRolePolicy", Target: sizeRole}}
	young := sizeState(t, secrets)
	young[sizeAccount].Roles[0].Created = daysBefore(20)
	for _, c := range []struct {
		name   string
		f      *analyze.Facts
		states map[string]*iam.State
		want   string
		words  string
	}{
		{"steady use", sizeFacts(steady), sizeState(t, secrets), Ready, ""},
		{"short logs", short, sizeState(t, secrets), TooEarly, "10 days of logs, used on 10 days; a quarterly job would be missed 89 % of the time. Ask again after 2026-04-22"},
		{"short logs, state not known", short, nil, TooEarly, "a draft from use alone"},
		{"rare use", sizeFacts(steady[:2]), sizeState(t, secrets), TooEarly, "used on 2 days"},
		{"no use", sizeFacts(nil), sizeState(t, secrets), TooEarly, "no use in 90 days"},
		{"a gap", gaps, sizeState(t, secrets), Review, "80 days of logs"},
		{"state not known", sizeFacts(steady), nil, Review, "current policies are not known"},
		{"a new action", sizeFacts(steady, []analyze.Usage{used("secretsmanager:DescribeSecret", secretARN, 5)}), sizeState(t, secrets), Review, "first time 4 days ago"},
		{"policies changed", changed, sizeState(t, secrets), Review, "PutRolePolicy by alice on 2026-01-27"},
		{"a young role", sizeFacts(steady[70:]), young, Review, "20 days of logs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sizeOf(t, c.f, c.states)
			if p.Confidence != c.want || c.words != "" && !warned(p, c.words) {
				t.Errorf("got %q, want %q with %q; warnings %q", p.Confidence, c.want, c.words, p.Warnings)
			}
			if p.Confidence == TooEarly && c.states != nil && proposedText(p) != string(p.Current[0].Document.JSON()) {
				t.Errorf("too early, but changed: %s", proposedText(p))
			}
		})
	}
}

func TestSizeUnobservable(t *testing.T) {
	usage := append(daily("s3:ListAllMyBuckets", "*"), daily("secretsmanager:GetSecretValue", secretARN)...)
	for _, c := range []struct {
		name    string
		current string
		data    []string
		action  string
		why     string
	}{
		{"data events off, service used, by *", `{"Effect":"Allow","Action":"*","Resource":"*"}`, nil, "s3:GetObject", "unobservable"},
		{"data events off, service unused, by *", `{"Effect":"Allow","Action":"*","Resource":"*"}`, nil, "dynamodb:GetItem", ""},
		{"data events off, service unused, spelt out", `{"Effect":"Allow","Action":["dynamodb:*","s3:*"],"Resource":"*"}`, nil, "dynamodb:GetItem", "unobservable"},
		{"data events on", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, []string{"AWS::S3::Object"}, "s3:GetObject", ""},
		{"never logged", `{"Effect":"Allow","Action":["logs:PutLogEvents","s3:ListAllMyBuckets"],"Resource":"*"}`, nil, "logs:PutLogEvents", "unobservable"},
		{"management write is seen", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, nil, "s3:DeleteBucket", ""},
		{"passing a role is inferred", `{"Effect":"Allow","Action":["iam:*","s3:*"],"Resource":"*"}`, nil, "iam:PassRole", ""},
		{"recovery, by a service's *", `{"Effect":"Allow","Action":["rds:*","s3:*"],"Resource":"*"}`, nil, "rds:RestoreDBInstanceFromDBSnapshot", ""},
		{"recovery, spelt out", `{"Effect":"Allow","Action":["rds:Restore*","s3:*"],"Resource":"*"}`, nil, "rds:RestoreDBInstanceFromDBSnapshot", "standby"},
		{"recovery, by *", `{"Effect":"Allow","Action":"*","Resource":"*"}`, nil, "rds:RestoreDBInstanceFromDBSnapshot", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := sizeFacts(usage)
			f.Coverage[0].DataEvents = c.data
			p := sizeOf(t, f, sizeState(t, statements(c.current)))
			if got := keptWhy(p, c.action); got != c.why {
				t.Errorf("%s kept as %q, want %q", c.action, got, c.why)
			}
			if p.NoNewAccess == nil || !*p.NoNewAccess {
				t.Errorf("not proven: %q", p.Warnings)
			}
		})
	}
}

func TestSizeDeniedIsNotGranted(t *testing.T) {
	denied := used("secretsmanager:DeleteSecret", secretARN, 30)
	denied.Outcome = analyze.OutcomeDenied
	both := used("secretsmanager:DescribeSecret", secretARN, 30)
	both.Outcome = analyze.OutcomeDenied
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), daily("secretsmanager:DescribeSecret", secretARN), []analyze.Usage{denied, both})
	for _, states := range []map[string]*iam.State{nil, sizeState(t, statements(`{"Effect":"Allow","Action":"*","Resource":"*"}`))} {
		p := sizeOf(t, f, states)
		if len(p.Denied) != 1 || p.Denied[0] != "secretsmanager:DeleteSecret" {
			t.Errorf("denied %q", p.Denied)
		}
		if contains(proposedText(p), "DeleteSecret") || keptWhy(p, "secretsmanager:DeleteSecret") != "" {
			t.Errorf("a denied action is granted: %s", proposedText(p))
		}
	}
}

func TestSizeMissingGrant(t *testing.T) {
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), daily("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"))
	p := sizeOf(t, f, sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)))
	if contains(proposedText(p), "kms:") || !warned(p, "not granted here: kms:Decrypt") || p.Replay.Unexplained != 900 || p.Replay.Denied != 0 {
		t.Errorf("proposed %s, replay %+v, warnings %q", proposedText(p), p.Replay, p.Warnings)
	}
}

func TestSizeUnknownPrincipal(t *testing.T) {
	if _, err := Size(sizeFacts(nil), "arn:aws:iam::111122223333:role/nobody", nil, catalog.Default(), SizeOptions{}); err == nil {
		t.Error("no error for a principal that nothing knows")
	}
	f := sizeFacts(nil)
	f.Principals[0].Kind = analyze.KindService
	if _, err := Size(f, sizeRole, nil, catalog.Default(), SizeOptions{}); err == nil {
		t.Error("no error for a service")
	}
}

// Data events of one bucket say nothing of another.
func TestSizeDataEventsOfAnotherBucket(t *testing.T) {
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), daily("s3:GetObject", "arn:aws:s3:::seen/k"))
	f.Coverage[0].DataEvents = []string{"AWS::S3::Object"}
	current := statements(`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}`,
		`{"Sid":"Seen","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::seen/*"}`,
		`{"Sid":"Unseen","Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::unseen/*"}`)
	p := sizeOf(t, f, sizeState(t, current))
	if !isRemoved(p, "s3:PutObject") || keptWhy(p, "s3:DeleteObject") != "unobservable" {
		t.Errorf("removed %v, kept %+v", p.Removed, p.Kept)
	}
}

func TestSizeOptions(t *testing.T) {
	f := sizeFacts(daily("s3:ListAllMyBuckets", "*"))
	states := sizeState(t, statements(`{"Effect":"Allow","Action":["s3:*","logs:PutLogEvents","rds:Restore*"],"Resource":"*"}`))
	p, err := Size(f, sizeRole, states, catalog.Default(), SizeOptions{DropStandby: true, DropUnobservable: true})
	if err != nil {
		t.Fatal(err)
	}
	for action, why := range map[string]string{"s3:ListAllMyBuckets": "used", "s3:GetObject": "", "logs:PutLogEvents": "unobservable", "rds:RestoreDBInstanceFromDBSnapshot": ""} {
		if got := keptWhy(p, action); got != why {
			t.Errorf("%s kept as %q, want %q", action, got, why)
		}
	}
}
