package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const attributeInput = `{"Records":[
{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:00Z","eventID":"a","eventSource":"s3.amazonaws.com","eventName":"ListObjectsV2","awsRegion":"us-east-1",
 "recipientAccountId":"111122223333","requestParameters":{"bucketName":"b"}},
{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:01Z","eventID":"b","eventSource":"lambda.amazonaws.com","eventName":"CreateFunction20150331","awsRegion":"us-east-1",
 "recipientAccountId":"111122223333","requestParameters":{"functionName":"f","role":"arn:aws:iam::111122223333:role/r"}},
{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:02Z","eventID":"c","eventSource":"iam.amazonaws.com","eventName":"DeleteUser","awsRegion":"us-east-1",
 "recipientAccountId":"111122223333","errorCode":"AccessDenied","errorMessage":"User: x is not authorized to perform: iam:DeleteUser on resource: user bob"},
{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:03Z","eventID":"d","eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity","recipientAccountId":"111122223333"},
{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:04Z","eventID":"e","eventSource":"nosuch.amazonaws.com","eventName":"GetThing","errorCode":"Boom","recipientAccountId":"111122223333"}
]}`

const attributeOutput = `{"event_id":"a","event_source":"s3.amazonaws.com","event_name":"ListObjectsV2","outcome":"allowed","actions":[{"action":"s3:ListBucket","resources":["arn:aws:s3:::b"],"via":"rule","condition":{}}],"unmapped":false}
{"event_id":"b","event_source":"lambda.amazonaws.com","event_name":"CreateFunction20150331","outcome":"allowed","actions":[{"action":"iam:PassRole","resources":["arn:aws:iam::111122223333:role/r"],"via":"implied","condition":{"iam:PassedToService":["lambda.amazonaws.com"]}},{"action":"lambda:CreateFunction","resources":["arn:aws:lambda:us-east-1:111122223333:function:f"],"via":"name","condition":{}}],"unmapped":false}
{"event_id":"c","event_source":"iam.amazonaws.com","event_name":"DeleteUser","outcome":"denied","actions":[{"action":"iam:DeleteUser","resources":["arn:aws:iam::111122223333:user/bob"],"via":"message","condition":{}}],"unmapped":false}
{"event_id":"d","event_source":"sts.amazonaws.com","event_name":"GetCallerIdentity","outcome":"allowed","actions":[],"unmapped":false}
{"event_id":"e","event_source":"nosuch.amazonaws.com","event_name":"GetThing","outcome":"failed","actions":[],"unmapped":true}
`

// attribute runs the command and returns its standard output and error.
func attribute(input string, args ...string) (string, string, error) {
	var out, errs bytes.Buffer
	cmd := newAttributeCmd(streams{in: strings.NewReader(input), out: &out, err: &errs})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), errs.String(), err
}

func TestAttribute(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.json"), []byte(attributeInput), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"-", dir, filepath.Join(dir, "x.json")} {
		out, errs, err := attribute(attributeInput, source, "--format", "jsonl")
		if err != nil || out != attributeOutput {
			t.Errorf("%s: %v\n got %s\nwant %s", source, err, out, attributeOutput)
		}
		if !strings.Contains(errs, "1 events of 1 kinds") || !strings.Contains(errs, "nosuch.amazonaws.com GetThing") {
			t.Errorf("%s: unmapped events are not told: %q", source, errs)
		}
	}
}

func TestAttributeBadInput(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "a.json"), []byte("nonsense"), 0o644)
	os.WriteFile(filepath.Join(dir, "b.json"), []byte(attributeInput), 0o644)
	out, errs, err := attribute("", dir)
	var exit *exitError
	if out != attributeOutput || !strings.Contains(errs, "a.json") || !errors.As(err, &exit) || exit.code != exitQuarantined {
		t.Errorf("a bad file beside a good one: %v, %q, %s", err, errs, out)
	}
	for _, args := range [][]string{{}, {filepath.Join(dir, "none")}, {t.TempDir()}, {"s3://"}, {"-", "--format", "xml"}} {
		if out, _, err := attribute("", args...); err == nil || out != "" {
			t.Errorf("%q: error %v, output %q", args, err, out)
		}
	}
}
