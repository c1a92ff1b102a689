package rules

import (
	"encoding/json"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// A statement for another service takes no part in passing a role to this one.
func TestPlanKnowsOtherPassedServices(t *testing.T) {
	pass := used(passRole, "arn:aws:iam::111122223333:role/worker", 80)
	pass.Implied, pass.Condition = true, "iam:PassedToService=lambda.amazonaws.com"
	current := statements(`{"Sid":"Ec2","Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`,
		`{"Sid":"Lambda","Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:PassedToService":"lambda.*"}}}`)
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), []analyze.Usage{pass}), sizeState(t, current))
	want := statements(`{"Sid":"Lambda","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/worker","Condition":{"StringLike":{"iam:PassedToService":"lambda.*"}}}`)
	if got := proposedText(p); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// Describing what may be acted on anyway joins; reading a secret does not.
func TestJoinPartsDescribe(t *testing.T) {
	other := "arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/psp-??????"
	current := statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)
	p := sizeOf(t, sizeFacts(daily("secretsmanager:DescribeSecret", secretARN), daily("secretsmanager:GetSecretValue", secretARN), daily("secretsmanager:GetSecretValue", other)), sizeState(t, current))
	if want := statements(`{"Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":["` + secretARN + `","` + other + `"]}`); proposedText(p) != want {
		t.Errorf("got %s", proposedText(p))
	}
	p = sizeOf(t, sizeFacts(daily("secretsmanager:DescribeSecret", secretARN), daily("secretsmanager:DescribeSecret", other), daily("secretsmanager:GetSecretValue", secretARN)), sizeState(t, current))
	if n := len(p.Proposed[0].Document.Statements); n != 2 {
		t.Errorf("reading a secret that was only described: %s", proposedText(p))
	}
}

// Joining statements must not let an action reach another's resource.
func TestJoinParts(t *testing.T) {
	orders, users := "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/users"
	current := statements(`{"Effect":"Allow","Action":["dynamodb:*","s3:*"],"Resource":"*"}`)
	f := sizeFacts(daily("dynamodb:UpdateTable", orders), daily("dynamodb:DeleteTable", users), daily("dynamodb:DescribeTable", users),
		daily("s3:ListBucket", "arn:aws:s3:::data"), daily("s3:GetObject", "arn:aws:s3:::data/k"))
	f.Coverage[0].DataEvents = []string{"AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::DynamoDB::Stream"}
	p := sizeOf(t, f, sizeState(t, current))
	for _, want := range []string{
		`{"Effect":"Allow","Action":["dynamodb:DeleteTable","dynamodb:DescribeTable"],"Resource":"` + users + `"}`,
		`{"Effect":"Allow","Action":["dynamodb:UpdateTable"],"Resource":"` + orders + `"}`,
		`{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/k"]}`,
	} {
		if !contains(proposedText(p), want) {
			t.Errorf("no %s in %s", want, proposedText(p))
		}
	}
}

func TestCompressLeavesDeniedOut(t *testing.T) {
	x := newActionIndex(catalog.Default())
	actions := x.cat.Expand("ecr:Describe*")
	d := &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Effect: iam.Allow, Action: iam.StringList{Values: actions[1:]}, Resource: iam.StringList{Values: []string{"*"}}}}}
	k := packer{x: x, denied: actions[:1]}
	tight, _ := k.compress(d, 0, true)
	if x.anyOf(tight.Statements[0].Action.Values).has(x.id(actions[0])) {
		t.Errorf("%s was only denied, and a wildcard grants it: %q", actions[0], tight.Statements[0].Action.Values)
	}
}

// What the permissions boundary does not allow was never granted, and needs no keeping.
func TestSizeBoundary(t *testing.T) {
	states := sizeState(t, statements(`{"Effect":"Allow","Action":["secretsmanager:*","logs:PutLogEvents"],"Resource":"*"}`))
	const boundary = "arn:aws:iam::111122223333:policy/boundary"
	states[sizeAccount].Policies = []iam.Policy{{Name: "boundary", ARN: boundary, Document: policyDoc(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`))}}
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN))
	if p := sizeOf(t, f, states); keptWhy(p, "logs:PutLogEvents") != "unobservable" {
		t.Errorf("without a boundary: %+v", p.Kept)
	}
	states[sizeAccount].Roles[0].Boundary = boundary
	if p := sizeOf(t, f, states); keptWhy(p, "logs:PutLogEvents") != "" || len(p.Proposed) != 1 {
		t.Errorf("beyond the boundary: %+v", p.Kept)
	}
}

func TestSizeTrailsThatNarrow(t *testing.T) {
	current := sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`))
	f := sizeFacts(daily("secretsmanager:PutSecretValue", secretARN))
	f.Coverage[0].ManagementRead = false
	p := sizeOf(t, f, current)
	if keptWhy(p, "secretsmanager:GetSecretValue") != "unobservable" || !isRemoved(p, "secretsmanager:DeleteSecret") || p.Confidence != Review {
		t.Errorf("a trail without reads: confidence %s, kept %+v", p.Confidence, p.Kept)
	}
	f = sizeFacts(daily("secretsmanager:GetSecretValue", secretARN))
	f.Coverage[0].ManagementWrite = false
	p = sizeOf(t, f, current)
	if keptWhy(p, "secretsmanager:DeleteSecret") != "unobservable" || !isRemoved(p, "secretsmanager:ListSecrets") {
		t.Errorf("a trail without writes: kept %+v", p.Kept)
	}
}

// Actions and services that the catalogue does not know cannot be judged: they stay as they are written.
func TestSizeUnknownActions(t *testing.T) {
	current := statements(`{"Effect":"Allow","Action":["secretsmanager:*","brandnew:*","s3:NoSuchThing"],"Resource":"*"}`)
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)), sizeState(t, current))
	if keptWhy(p, "brandnew:*") != "unobservable" || keptWhy(p, "s3:NoSuchThing") != "unobservable" || !contains(proposedText(p), `["brandnew:*","s3:NoSuchThing"]`) {
		t.Errorf("proposed %s", proposedText(p))
	}
}

func TestSizeNothingUsedOfAPolicy(t *testing.T) {
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)),
		sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`), statements(`{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"*"}`)))
	if len(p.Proposed) != 1 || !warned(p, "nothing of inline b is needed: delete it") || !isRemoved(p, "sqs:CreateQueue") {
		t.Errorf("proposed %+v, warnings %q", p.Proposed, p.Warnings)
	}
}

// A copy of AWS's policy for each principal must buy something.
func TestSizeLeavesSlightEdits(t *testing.T) {
	const basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
	logs := func(arn string) map[string]*iam.State {
		states := sizeState(t)
		states[sizeAccount].Policies = []iam.Policy{{Name: "basic", ARN: arn, Attached: 1, Document: policyDoc(t, statements(`{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}`))}}
		states[sizeAccount].Roles[0].Attached = []string{arn}
		return states
	}
	f := sizeFacts(daily("logs:CreateLogStream", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:x"))
	p := sizeOf(t, f, logs(basic))
	if len(p.Proposed) != 1 || p.Proposed[0].Source != basic || p.Replay.Denied != 0 || !*p.NoNewAccess || p.Kept[1].Resources[0] != "*" {
		t.Errorf("proposed %s, kept %+v, warnings %q", proposedText(p), p.Kept, p.Warnings)
	}
	p = sizeOf(t, f, logs("arn:aws:iam::111122223333:policy/own"))
	if !contains(proposedText(p), "log-stream:*") || keptWhy(p, "logs:CreateLogGroup") != "standby" {
		t.Errorf("its own policy: %s", proposedText(p))
	}
}

// Whoever reads the JSON need not ask whether a list is there.
func TestProposalListsAreNeverNull(t *testing.T) {
	states := sizeState(t, statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`))
	for name, f := range map[string]*analyze.Facts{"ready": sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)), "too early": sizeFacts(nil)} {
		for _, st := range []map[string]*iam.State{states, nil} {
			text, err := json.Marshal(sizeOf(t, f, st))
			if err != nil || contains(string(text), ":null") {
				t.Errorf("%s: %v %s", name, err, text)
			}
		}
	}
}

// A wildcard that keeps all its actions stays only where they keep the same resources.
func TestSizeKeepsPatterns(t *testing.T) {
	const q1, q2 = "arn:aws:sqs:eu-west-1:111122223333:one", "arn:aws:sqs:eu-west-1:111122223333:two"
	current := sizeState(t, statements(`{"Effect":"Allow","Action":["sqs:GetQueue*","sqs:Purge*","sqs:ListQueues"],"Resource":"*"}`))
	p := sizeOf(t, sizeFacts(daily("sqs:GetQueueUrl", q1), daily("sqs:GetQueueAttributes", q1)), current)
	if want := statements(`{"Effect":"Allow","Action":["sqs:GetQueue*"],"Resource":"` + q1 + `"}`); proposedText(p) != want {
		t.Errorf("same resources: %s", proposedText(p))
	}
	p = sizeOf(t, sizeFacts(daily("sqs:GetQueueUrl", q1), daily("sqs:GetQueueAttributes", q2)), current)
	if contains(proposedText(p), "GetQueue*") {
		t.Errorf("other resources: %s", proposedText(p))
	}
}

// Of two statements that grant the same, the principal's own keeps it and the shared policy goes.
func TestSizePrefersOwnPolicies(t *testing.T) {
	const shared = "arn:aws:iam::aws:policy/Shared"
	wide := statements(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)
	states := sizeState(t, wide)
	states[sizeAccount].Policies = []iam.Policy{{Name: "Shared", ARN: shared, Document: policyDoc(t, wide)}}
	states[sizeAccount].Roles[0].Attached = []string{shared}
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)), states)
	if len(p.Proposed) != 1 || p.Proposed[0].Source != "inline" || !warned(p, "nothing of "+shared+" is needed: detach it") {
		t.Errorf("proposed %+v, warnings %q", p.Proposed, p.Warnings)
	}
	group := iam.Group{Name: "g", Inline: []iam.NamedDocument{{Name: "wide", Document: policyDoc(t, wide)}}}
	user := "arn:aws:iam::111122223333:user/app"
	f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN))
	f.Principals[0].Kind, f.Principals[0].ARN = analyze.KindUser, user
	own := "arn:aws:iam::111122223333:policy/own"
	states = map[string]*iam.State{sizeAccount: {AccountID: sizeAccount, Groups: []iam.Group{group}, Policies: []iam.Policy{{Name: "shared", ARN: shared, Document: policyDoc(t, wide)}, {Name: "own", ARN: own, Attached: 1, Document: policyDoc(t, wide)}},
		Users: []iam.User{{Name: "app", ARN: user, Groups: []string{"g"}, Attached: []string{shared, own}}}}}
	p, err := Size(f, user, states, catalog.Default(), SizeOptions{})
	if err != nil || len(p.Proposed) != 1 || p.Proposed[0].Source != own {
		t.Errorf("%v, proposed %+v", err, p.Proposed)
	}
}

// Sharing alone does not keep a policy wide.
func TestSizeReplacesWhereItPays(t *testing.T) {
	const shared = "arn:aws:iam::aws:policy/Secrets"
	states := sizeState(t)
	states[sizeAccount].Policies = []iam.Policy{{Name: "Secrets", ARN: shared, Document: policyDoc(t, statements(`{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","secretsmanager:PutSecretValue"],"Resource":"*"}`))}}
	states[sizeAccount].Roles[0].Attached = []string{shared}
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), daily("secretsmanager:PutSecretValue", secretARN)), states)
	if len(p.Proposed) != 1 || p.Proposed[0].Replaces != shared || p.Score.Current-p.Score.Proposed <= slightScore {
		t.Errorf("proposed %+v, score %+v", p.Proposed, p.Score)
	}
}

func TestScore(t *testing.T) {
	x := newActionIndex(catalog.Default())
	score := func(text string) int { return scoreOf(x, []heldDoc{{doc: policyDoc(t, statements(text))}}) }
	admin, none := score(`{"Effect":"Allow","Action":"*","Resource":"*"}`), scoreOf(x, nil)
	if admin != 100 || none != 0 {
		t.Errorf("all %d, none %d", admin, none)
	}
	falling := []string{
		`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::data/*"}`,
		`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::data/k"}`,
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/k"}`,
	}
	last := admin
	for _, text := range falling {
		if n := score(text); n > last || n == last && last != 100 {
			t.Errorf("%s: %d, not below %d", text, n, last)
		} else {
			last = n
		}
	}
	if n := score(`{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}`); n != 0 {
		t.Errorf("denied: %d", n)
	}
}
