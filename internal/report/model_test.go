package report

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// asOf is the end of every window in these tests.
var asOf = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)

func at(daysAgo int, clock string) time.Time {
	c, err := time.Parse("15:04:05", clock)
	if err != nil {
		panic(err)
	}
	return asOf.AddDate(0, 0, -daysAgo).Add(time.Duration(c.Hour())*time.Hour + time.Duration(c.Minute())*time.Minute + time.Duration(c.Second())*time.Second)
}

func ptr(t time.Time) *time.Time { return &t }

// ref reads a policy document as it would come from the account's state.
func ref(t testing.TB, name, source, document string) rules.PolicyRef {
	t.Helper()
	r := rules.PolicyRef{Name: name, Source: source}
	if err := json.Unmarshal([]byte(document), &r.Document); err != nil {
		t.Fatalf("policy %s: %v", name, err)
	}
	return r
}

var window = analyze.Window{From: asOf.AddDate(0, 0, -90), To: asOf}

// smallFindings is a model small enough to read its views whole.
func smallFindings() *rules.Findings {
	return &rules.Findings{
		Schema: "trimtrail.findings/1", AsOf: asOf, Window: window, Coverage: coverages(),
		Findings: []rules.Finding{escalation(), stolen(), secrets(), sleeping(1), denials()},
		NotEvaluable: []string{
			"password policy: needs the account summary",
			"412 permissions of 20 roles: needs data events",
		},
		Warnings: []string{"3 records had no event id and count by their content"},
	}
}

func coverages() []analyze.Coverage {
	return []analyze.Coverage{
		{AccountID: "111122223333", First: window.From, Last: at(1, "23:59:00"), Events: 301_204, Days: 90,
			Regions: []string{"eu-west-1", "us-east-1"}, ManagementRead: true, ManagementWrite: true,
			DataEvents: []string{"AWS::S3::Object"}, HasDetails: true, HasReport: true},
		{AccountID: "444455556666", First: at(88, "02:00:00"), Last: at(1, "22:10:00"), Events: 111_702, Days: 85,
			Regions: []string{"us-east-1"}, ManagementRead: true, ManagementWrite: true,
			Gaps: []analyze.Window{{From: at(31, "02:00:00"), To: at(28, "05:00:00")}}},
	}
}

func escalation() rules.Finding {
	return rules.Finding{
		ID: "f-8d1c02", Rule: "TT-D02", Severity: rules.Critical, Confidence: "certain", AccountID: "111122223333",
		Principal: "arn:aws:iam::111122223333:user/jdoe", Credential: "AKIAIOSFODNN7EXAMPLE",
		Title:  "A user who was denied gave itself every permission, and then did what it had been denied",
		Reason: "Its own PutUserPolicy turned 4 denied actions into allowed ones within 7 minutes.",
		Evidence: rules.Evidence{Count: 9, First: ptr(at(5, "13:02:53")), Last: ptr(at(5, "13:14:02")),
			Events: []string{"e-1", "e-2", "e-3"}, Addresses: []string{"203.0.113.77"},
			Actions: []string{"ec2:DescribeInstances", "iam:CreateAccessKey", "iam:PutUserPolicy", "s3:ListAllMyBuckets"},
			Timeline: []rules.Moment{
				{At: at(5, "13:02:53"), What: "first seen from 203.0.113.77; nobody else uses this network"},
				{At: at(5, "13:04:10"), What: "denied ec2:DescribeInstances, s3:ListAllMyBuckets and 2 more", Events: []string{"e-1", "e-1b"}},
				{At: at(5, "13:09:41"), What: "PutUserPolicy on itself: Action * on Resource *", Events: []string{"e-2"}},
				{At: at(5, "13:11:00"), What: "allowed ec2:DescribeInstances, s3:ListAllMyBuckets", Events: []string{"e-3"}},
			}},
		Fix: rules.Fix{Summary: "Deactivate the key, remove the inline policy, read what the key did since.",
			Commands: []string{
				"aws iam update-access-key --user-name jdoe --access-key-id AKIAIOSFODNN7EXAMPLE --status Inactive",
				"aws iam delete-user-policy --user-name jdoe --policy-name zlj9i0k83o"},
			Clears: "the inline policy gone and no use of the key for 24 hours"},
	}
}

func stolen() rules.Finding {
	return rules.Finding{
		ID: "f-11aa90", Rule: "TT-A01", Severity: rules.Critical, Confidence: "high", AccountID: "111122223333",
		Principal: "arn:aws:iam::111122223333:role/batch-worker", Credential: "ASIAEXAMPLEEXAMPLE01",
		Title:    "Credentials of instance i-0a1b2c3d4e5f60718 were used from outside AWS",
		Reason:   "The session began on 192.0.2.10; 41 calls came from 203.0.113.77 while the instance kept running.",
		Evidence: rules.Evidence{Count: 41, First: ptr(at(12, "04:10:00")), Last: ptr(at(12, "04:52:00")), Events: []string{"e-10", "e-11"}, Addresses: []string{"203.0.113.77", "192.0.2.10"}},
		Fix:      rules.Fix{Summary: "Revoke the role's sessions, replace the instance, require IMDSv2.", Commands: []string{"aws ec2 modify-instance-metadata-options --instance-id i-0a1b2c3d4e5f60718 --http-tokens required"}, Clears: "no use of the session outside AWS"},
	}
}

func secrets() rules.Finding {
	return rules.Finding{
		ID: "f-5e77b1", Rule: "TT-E01", Severity: rules.High, Confidence: "high", AccountID: "111122223333",
		Principal: "arn:aws:iam::111122223333:role/service/checkout-api", Resource: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*",
		Title: "Role may read every secret and has read 2 of 140", Reason: "secretsmanager:* on * is granted; 2 secrets were read in 90 days.",
		Evidence: rules.Evidence{Count: 17, State: "roles/checkout-api", Actions: []string{"secretsmanager:GetSecretValue"}},
		Fix: rules.Fix{Summary: "Replace the policy by the proposed one.", Clears: "the wide grant gone",
			Policy: "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": []\n}"},
	}
}

func sleeping(i int) rules.Finding {
	user := fmt.Sprintf("old-deploy-%d", i)
	return rules.Finding{
		ID: fmt.Sprintf("f-c0%04d", i), Rule: "TT-C01", Severity: rules.High, Confidence: "certain", AccountID: "444455556666",
		Principal: "arn:aws:iam::444455556666:user/" + user, Credential: fmt.Sprintf("AKIAEXAMPLEEXAMPL%03d", i),
		Title:    fmt.Sprintf("Access key unused for %d days may do anything", 211+i),
		Reason:   "The credential report knows its last use; AdministratorAccess is attached.",
		Evidence: rules.Evidence{Last: ptr(at(211+i, "08:00:00")), State: "users/" + user},
		Fix:      rules.Fix{Summary: "Deactivate it, wait a week, delete it.", Commands: []string{"aws iam update-access-key --user-name " + user + " --access-key-id " + fmt.Sprintf("AKIAEXAMPLEEXAMPL%03d", i) + " --status Inactive"}, Clears: "the key inactive or gone"},
	}
}

func denials() rules.Finding {
	return rules.Finding{
		ID: "f-77d0e3", Rule: "TT-B03", Severity: rules.Medium, Confidence: "medium", AccountID: "444455556666",
		Principal: "arn:aws:iam::444455556666:role/etl",
		Title:     "1,204 calls denied since alice changed the role's policy on 2026-01-27",
		Reason:    "glue:GetTable was allowed until 2026-01-27 09:12 and denied after DetachRolePolicy.",
		Evidence:  rules.Evidence{Count: 1204, First: ptr(at(4, "09:13:00")), Last: ptr(at(1, "21:00:00")), Events: []string{"e-20", "e-21"}, Actions: []string{"glue:GetTable"}, Addresses: []string{"198.51.100.4"}},
		Fix:       rules.Fix{Summary: "Attach the policy again, or grant glue:GetTable on the tables concerned.", Clears: "no denial for a day"},
	}
}

const checkoutNow = `{"Version":"2012-10-17","Statement":[
 {"Sid":"Logs","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"},
 {"Sid":"Secrets","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}]}`

const checkoutNext = `{"Version":"2012-10-17","Statement":[
 {"Sid":"Logs","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"},
 {"Sid":"Secrets","Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":["arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/*"]}]}`

// checkout is a proposal as it should look: proven and ready.
func checkout(t testing.TB) rules.Proposal {
	return rules.Proposal{
		Principal: "arn:aws:iam::111122223333:role/service/checkout-api", AccountID: "111122223333",
		Current:  []rules.PolicyRef{ref(t, "checkout", "inline", checkoutNow)},
		Proposed: []rules.PolicyRef{ref(t, "checkout", "inline", checkoutNext)},
		Removed: []rules.Removed{
			{Action: "secretsmanager:DeleteSecret", Level: "Write", Why: "unused in 90 days"},
			{Action: "secretsmanager:PutResourcePolicy", Level: "Permissions management", Why: "unused in 90 days"},
			{Action: "secretsmanager:RotateSecret", Level: "Write", Why: "unused in 90 days"},
		},
		Kept: []rules.Kept{
			{Action: "logs:PutLogEvents", Why: "unobservable"},
			{Action: "secretsmanager:DescribeSecret", Why: "used", Count: 90, First: ptr(at(63, "10:00:00")), Last: ptr(at(2, "10:00:00")), Events: []string{"e-30"}},
			{Action: "secretsmanager:GetSecretValue", Why: "used", Count: 1_204_241, First: ptr(at(90, "00:10:00")), Last: ptr(at(1, "23:00:00")), Events: []string{"e-31"}},
		},
		Unobservable: []string{"logs:PutLogEvents"}, Denied: []string{"kms:Decrypt"},
		Backtest: rules.Backtest{Train: analyze.Window{From: window.From, To: at(30, "00:00:00")}, Test: analyze.Window{From: at(30, "00:00:00"), To: asOf},
			Calls: 401_118, Denied: 0},
		Confidence: "ready", NoNewAccess: new(true), Replay: &rules.Replay{Calls: 1_204_331}, Score: &rules.Score{Current: 71, Proposed: 6},
	}
}

func quarterClose(t testing.TB) rules.Proposal {
	return rules.Proposal{
		Principal: "arn:aws:iam::111122223333:role/quarter-close", AccountID: "111122223333",
		Current:    []rules.PolicyRef{ref(t, "close", "inline", checkoutNow)},
		Kept:       []rules.Kept{{Action: "s3:PutObject", Why: "used", Count: 12, First: ptr(at(31, "01:00:00")), Last: ptr(at(30, "01:00:00"))}},
		Confidence: "too early",
		Warnings:   []string{"used on 2 of 41 days; a quarterly job would be missed one time in three. Ask again after 2026-03-05, or load last-accessed data, which reaches back 400 days."},
	}
}

// etl replaces a managed policy and would have broken something.
func etl(t testing.TB) rules.Proposal {
	return rules.Proposal{
		Principal: "arn:aws:iam::444455556666:role/etl", AccountID: "444455556666",
		Current:  []rules.PolicyRef{ref(t, "AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)},
		Proposed: []rules.PolicyRef{ref(t, "trimtrail-etl", "", `{"Version":"2012-10-17","Statement":[{"Sid":"Glue","Effect":"Allow","Action":["glue:GetTable","glue:GetPartitions"],"Resource":"arn:aws:glue:eu-west-1:444455556666:table/lake/*"}]}`)},
		Removed:  []rules.Removed{{Action: "ec2:*", Why: "unused service"}, {Action: "iam:*", Level: "Permissions management", Why: "unused service"}, {Action: "glue:DeleteTable", Level: "Write", Why: "unused in 90 days"}},
		Kept: []rules.Kept{{Action: "glue:GetPartitions", Why: "used", Count: 400, First: ptr(at(80, "03:00:00")), Last: ptr(at(1, "03:00:00"))},
			{Action: "glue:GetTable", Why: "used", Count: 2100, First: ptr(at(3, "03:00:00")), Last: ptr(at(1, "03:00:00"))}},
		Backtest: rules.Backtest{Train: analyze.Window{From: window.From, To: at(30, "00:00:00")}, Test: analyze.Window{From: at(30, "00:00:00"), To: asOf}, Calls: 812, Denied: 70,
			Failures: []rules.Failure{{Action: "glue:GetTable", Resource: "arn:aws:glue:eu-west-1:444455556666:table/lake/orders", Count: 70, First: at(3, "03:00:00"), Event: "e-40"}}},
		Confidence: "review", Warnings: []string{"glue:GetTable was first used 3 days ago; more like it may come"},
	}
}

func smallPolicies(t testing.TB) *rules.Policies {
	return &rules.Policies{Schema: "trimtrail.policies/1", AsOf: asOf, Window: window,
		Policies: []rules.Proposal{quarterClose(t), checkout(t), etl(t)}, Warnings: []string{"no resource policies were loaded"}}
}
