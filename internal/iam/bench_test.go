package iam

import (
	"fmt"
	"strings"
	"testing"
)

// benchPolicies are what a busy role has: a long list of actions, wildcards
// with resources, a guard that denies by condition, a boundary and an SCP.
func benchPolicies(tb testing.TB) Policies {
	var actions []string
	for i := range 300 {
		actions = append(actions, fmt.Sprintf(`"svc%d:Describe*"`, i))
	}
	long := mustParse(tb, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[`+strings.Join(actions, ",")+`],"Resource":"*"}]}`)
	work := mustParse(tb, `{"Version":"2012-10-17","Statement":[
		{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket","s3:Put*"],"Resource":["arn:aws:s3:::data/*","arn:aws:s3:::logs-*/${aws:PrincipalAccount}/*"]},
		{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:111122223333:table/app-*"},
		{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}},
		{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1","us-east-1"]}}}]}`)
	all := mustParse(tb, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	return Policies{Identity: []*Document{long, work}, Boundary: []*Document{all}, SCPs: [][]*Document{{all}, {all}}}
}

func benchRequests() []Request {
	var rs []Request
	for i := range 1000 {
		rs = append(rs, Request{
			Principal: "arn:aws:sts::111122223333:assumed-role/app/i-0abc", Action: []string{"s3:GetObject", "dynamodb:PutItem", "kms:Decrypt", "ec2:DescribeInstances"}[i%4],
			Resource: []string{"arn:aws:s3:::data/a/b/c.csv", "arn:aws:dynamodb:eu-west-1:111122223333:table/app-1", "arn:aws:kms:eu-west-1:111122223333:key/1", "*"}[i%4],
			Context:  map[string][]string{"aws:RequestedRegion": {"eu-west-1"}},
		})
	}
	return rs
}

func mustParse(tb testing.TB, s string) *Document {
	tb.Helper()
	d, err := ParsePolicy([]byte(s))
	if err != nil {
		tb.Fatalf("%v in %s", err, s)
	}
	return d
}

func BenchmarkDecide(b *testing.B) {
	p, rs := benchPolicies(b), benchRequests()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Decide(rs[i%len(rs)], p)
	}
}

func BenchmarkEvaluator(b *testing.B) {
	v, rs := NewEvaluator(benchPolicies(b)), benchRequests()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v.Decide(rs[i%len(rs)])
	}
}
