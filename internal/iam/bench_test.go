package iam

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
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

// crowd is an account of n roles with 20 policies each: fifteen of 300
// managed ones, which hold wildcards and long lists, and five of their own.
func crowd(tb testing.TB, n int) *State {
	tb.Helper()
	services := []string{"s3", "ec2", "iam", "lambda", "dynamodb", "sqs", "sns", "kms", "logs", "cloudwatch", "rds", "ecs", "glue", "athena", "events", "states"}
	s := &State{AccountID: home, HasDetails: true}
	for i := range 300 {
		var actions []string
		for j := range 1 + i%40 {
			actions = append(actions, fmt.Sprintf("%q", services[(i+j)%16]+[]string{":Get*", ":List*", ":Describe*", ":*Tag*", ":Put*"}[j%5]))
		}
		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + strings.Join(actions, ",") + `],"Resource":"*"}]}`
		if i%100 == 99 {
			text = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}]}`
		}
		s.Policies = append(s.Policies, Policy{Name: fmt.Sprintf("p%03d", i), ARN: fmt.Sprintf("arn:aws:iam::%s:policy/p%03d", home, i), Document: mustParse(tb, text)})
	}
	for i := range n {
		r := Role{Name: fmt.Sprintf("r%05d", i), ARN: fmt.Sprintf("arn:aws:iam::%s:role/r%05d", home, i)}
		for j := range 15 {
			r.Attached = append(r.Attached, s.Policies[(i*7+j*19)%300].ARN)
		}
		for j := range 5 {
			text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["%s:*","s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b%d/*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}]}`, services[(i+j)%16], i)
			r.Inline = append(r.Inline, NamedDocument{fmt.Sprintf("own%d", j), mustParse(tb, text)})
		}
		s.Roles = append(s.Roles, r)
	}
	return s
}

// BenchmarkGrantedCrowd expands one principal an iteration: 10,000 are to take seconds.
func BenchmarkGrantedCrowd(b *testing.B) {
	c := catalog.Default()
	holders := crowd(b, 500).Holders()
	holders[0].Granted(c)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		holders[i%len(holders)].Granted(c)
	}
}
