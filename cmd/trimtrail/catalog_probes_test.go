package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// The probes of the catalogue's own tests are about one event; those here need
// an archive, an account's state and the policy made of both.

const probeRole = "arn:aws:iam::111122223333:role/app"

// probeDetails hold the role app, which instances get by the profile app-profile.
const probeDetails = `{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[
{"Path":"/","RoleName":"app","RoleId":"AROAEXAMPLE","Arn":"arn:aws:iam::111122223333:role/app","CreateDate":"2023-01-01T00:00:00Z",
 "AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]},
 "InstanceProfileList":[{"Path":"/","InstanceProfileName":"app-profile","InstanceProfileId":"AIPAEXAMPLE","Arn":"arn:aws:iam::111122223333:instance-profile/app-profile",
  "CreateDate":"2023-01-01T00:00:00Z","Roles":[{"Path":"/","RoleName":"app","RoleId":"AROAEXAMPLE","Arn":"arn:aws:iam::111122223333:role/app","CreateDate":"2023-01-01T00:00:00Z"}]}],
 "AttachedManagedPolicies":[],"Tags":[],
 "RolePolicyList":[{"PolicyName":"work","PolicyDocument":{"Version":"2012-10-17","Statement":[
  {"Sid":"Guard","Effect":"Deny","NotAction":["s3:*","ec2:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
  {"Sid":"Alarms","Effect":"Allow","Action":"cloudwatch:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}},
  {"Sid":"Launch","Effect":"Allow","Action":["ec2:RunInstances","ec2:TerminateInstances","iam:PassRole","iam:DeleteUser"],"Resource":"*"},
  {"Sid":"Users","Effect":"Deny","Action":"iam:DeleteUser","Resource":"*"}]}}]}]}`

// probeRecords are three years, one day a month of alarms, and in the last
// month some calls more.
func probeRecords() map[time.Time][]string {
	out := map[time.Time][]string{}
	n := 0
	add := func(at time.Time, source, name, params, extra string) {
		n++
		out[at] = append(out[at], fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:s","arn":"arn:aws:sts::111122223333:assumed-role/app/s",
"accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"%s","accountId":"111122223333","userName":"app"}}},
"eventTime":"%s","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"sdk","requestParameters":%s,"responseElements":null,
"eventID":"00000000-0000-0000-0000-%012d","eventType":"AwsApiCall","managementEvent":true,"readOnly":false,"eventCategory":"Management","recipientAccountId":"111122223333"%s}`,
			probeRole, at.Format(time.RFC3339), source, name, params, n, extra))
	}
	for month := range 36 {
		add(time.Date(2024, time.Month(1+month), 15, 12, 0, 0, 0, time.UTC), "monitoring", "PutMetricAlarm", `{"alarmName":"cpu"}`, "")
	}
	for day := range 20 {
		at := time.Date(2026, 12, 1+day, 9, 0, 0, 0, time.UTC)
		add(at, "monitoring", "PutMetricAlarm", `{"alarmName":"cpu"}`, "")
		add(at, "ec2", "RunInstances", `{"instancesSet":{"items":[{"imageId":"ami-1"}]},"subnetId":"subnet-1","iamInstanceProfile":{"name":"app-profile"}}`, "")
	}
	add(time.Date(2026, 12, 21, 9, 0, 0, 0, time.UTC), "iam", "DeleteUser", `{"userName":"bob"}`, `,"errorCode":"AccessDenied","errorMessage":"User: `+
		`arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: iam:DeleteUser on resource: user bob with an explicit deny in an identity-based policy"`)
	return out
}

// probeLake is a lake of the records and the details.
func probeLake(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for at, records := range probeRecords() {
		file := filepath.Join(dir, "AWSLogs", "111122223333", "CloudTrail", "eu-west-1", at.Format("2006/01/02"), at.Format("20060102T1504Z")+".json")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	details := filepath.Join(dir, "details.json")
	if err := os.WriteFile(details, []byte(probeDetails), 0o644); err != nil {
		t.Fatal(err)
	}
	lake := filepath.Join(dir, "lake")
	must(t, "ingest", filepath.Join(dir, "AWSLogs"), "--lake", lake, "--since", "2024-01-01", "--until", "2026-12-31")
	must(t, "iam", "load", details, "--lake", lake)
	return lake
}

// TestProbesOfArchive holds the probes that other tools fail and that take
// more than one event.
func TestProbesOfArchive(t *testing.T) {
	lake := probeLake(t)
	var s struct{ Events int }
	decode(t, must(t, "lake", "status", "--lake", lake, "--format", "json"), &s)
	if want := 36 + 40 + 1; s.Events != want {
		t.Errorf("a range of three years: %d events, want %d", s.Events, want)
	}
	var got rules.Policies
	decode(t, must(t, "policy", probeRole, "--lake", lake, "--window", "30d", "--as-of", "2027-01-01", "--format", "json"), &got)
	if len(got.Policies) != 1 || len(got.Policies[0].Proposed) == 0 {
		t.Fatalf("%+v", got)
	}
	p := got.Policies[0]
	text := ""
	for _, d := range p.Proposed {
		raw, err := json.Marshal(d.Document)
		if err != nil {
			t.Fatal(err)
		}
		text += string(raw)
	}
	for name, want := range map[string]string{
		"NotAction, Condition and Deny of the current policy stay": `{"Sid":"Guard","Effect":"Deny","NotAction":["s3:*","ec2:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		"the condition of an Allow stays":                          `"Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`,
		"monitoring is cloudwatch, and kept":                       `"cloudwatch:PutMetricAlarm"`,
		"the profile's role is passed, to EC2":                     `"iam:PassRole","Resource":"` + probeRole + `","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`,
	} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.Replace(want, `"iam:PassRole",`, `["iam:PassRole"],`, 1)) {
			t.Errorf("%s: %s is not in\n%s", name, want, text)
		}
	}
	if strings.Count(text, "iam:DeleteUser") != 1 || !slices.Contains(p.Denied, "iam:DeleteUser") {
		t.Errorf("a call that was only denied is granted or untold: denied %v in\n%s", p.Denied, text)
	}
}
