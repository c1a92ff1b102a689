package rules

import (
	"fmt"
	"testing"
	"time"
)

// seenOn is the use of one action on resources, the i-th first seen on day i.
func seenOn(action string, resources ...string) []actionUse {
	u := actionUse{Action: action}
	for i, r := range resources {
		day := sizeEnd.AddDate(0, 0, i-len(resources))
		u.Rows = append(u.Rows, useRow{Action: action, Resource: r, First: day, Last: day, Count: 1, Days: []time.Time{day}})
	}
	return []actionUse{u}
}

func numbered(format string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return out
}

func TestGeneralise(t *testing.T) {
	dates := []string{}
	for i := range 9 {
		dates = append(dates, fmt.Sprintf("arn:aws:s3:::logs-2025-12-%02d/app/part-%05d", i+1, i*7))
	}
	words := []string{"ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay", "kite", "lark"}
	users := []string{}
	for _, w := range words {
		users = append(users, "arn:aws:s3:::data/users/"+w+"/profile")
	}
	for _, c := range []struct {
		name      string
		resources []string
		at        int // resource to ask for
		want      string
	}{
		{"dates and parts", dates, 0, "arn:aws:s3:::logs-*/app/part-*"},
		{"two are too few", dates[:2], 0, dates[0]},
		{"many words", users, 3, "arn:aws:s3:::data/users/*/profile"},
		{"few words", users[:4], 0, users[0]},
		{"a first word is never widened", numbered("arn:aws:dynamodb:eu-west-1:111122223333:table/t%d", 1), 0, "arn:aws:dynamodb:eu-west-1:111122223333:table/t0"},
		{"functions of distinct names", []string{"arn:aws:lambda:eu-west-1:111122223333:function:ant", "arn:aws:lambda:eu-west-1:111122223333:function:bee", "arn:aws:lambda:eu-west-1:111122223333:function:cat",
			"arn:aws:lambda:eu-west-1:111122223333:function:dog", "arn:aws:lambda:eu-west-1:111122223333:function:eel", "arn:aws:lambda:eu-west-1:111122223333:function:fox", "arn:aws:lambda:eu-west-1:111122223333:function:gnu",
			"arn:aws:lambda:eu-west-1:111122223333:function:hen", "arn:aws:lambda:eu-west-1:111122223333:function:ibis"}, 0, "arn:aws:lambda:eu-west-1:111122223333:function:ant"},
		{"instances", numbered("arn:aws:ec2:eu-west-1:111122223333:instance/i-0abcdef123456789%x", 9), 0, "arn:aws:ec2:eu-west-1:111122223333:instance/*"},
		{"an instance dies young", []string{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abcdef1234567890"}, 0, "arn:aws:ec2:eu-west-1:111122223333:instance/*"},
		{"a security group does not", []string{"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0abcdef1234567890"}, 0, "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0abcdef1234567890"},
		{"tasks of a cluster", []string{"arn:aws:ecs:eu-west-1:111122223333:task/blue/0123456789abcdef0123456789abcdef"}, 0, "arn:aws:ecs:eu-west-1:111122223333:task/blue/*"},
		{"log streams", []string{"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:2026/01/01/[1]ab"}, 0, "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:*"},
		{"subnets", numbered("arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0abcdef123456789%x", 9), 0, "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-*"},
		{"keys are never widened", numbered("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-12345678900%x", 9), 0, "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-123456789000"},
		{"secrets are never widened", numbered("arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db%d-??????", 9), 0, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db0-??????"},
		{"one in three regions", []string{"arn:aws:sqs:eu-west-1:111122223333:jobs", "arn:aws:sqs:eu-west-2:111122223333:jobs", "arn:aws:sqs:us-east-1:111122223333:jobs"}, 1, "arn:aws:sqs:*:111122223333:jobs"},
		{"one in two regions", []string{"arn:aws:sqs:eu-west-1:111122223333:jobs", "arn:aws:sqs:eu-west-2:111122223333:jobs"}, 1, "arn:aws:sqs:eu-west-2:111122223333:jobs"},
		{"accounts stay apart", []string{"arn:aws:sqs:eu-west-1:111122223333:jobs-1111", "arn:aws:sqs:eu-west-1:444455556666:jobs-2222", "arn:aws:sqs:eu-west-1:777788889999:jobs-3333"}, 1, "arn:aws:sqs:eu-west-1:444455556666:jobs-2222"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := generalise(seenOn("x:Y", c.resources...), nil)
			if got := g.of("x:Y", c.resources[c.at]); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			for _, r := range c.resources {
				if p := g.of("x:Y", r); !readGlob(p, true).covers(readGlob(r, true)) {
					t.Errorf("%s does not cover %s", p, r)
				}
			}
		})
	}
}

func TestGeneraliseNeedsForesight(t *testing.T) {
	// The first two thirds are all alike; what comes then is not foretold by them.
	var rs []string
	for i := range 8 {
		rs = append(rs, fmt.Sprintf("arn:aws:s3:::data/in/batch%d/2025-12-%02d", 1, i+1))
	}
	rs = append(rs, "arn:aws:s3:::data/in/other/2025-12-20", "arn:aws:s3:::data/in/another/2025-12-21", "arn:aws:s3:::data/in/third/2025-12-22", "arn:aws:s3:::data/in/fourth/2025-12-23")
	if got := generalise(seenOn("x:Y", rs...), nil).of("x:Y", rs[0]); got != rs[0] {
		t.Errorf("a pattern that foretells nothing was taken: %s", got)
	}
}

func TestGeneralisePrefix(t *testing.T) {
	for r, want := range map[string]string{
		"arn:aws:s3:::bucket-name/a/b.txt":                                         "arn:aws:s3:::bucket-name/*",
		"arn:aws:s3:::bucket-name":                                                 "arn:aws:s3:::bucket-*",
		"arn:aws:s3:::bucket":                                                      "arn:aws:s3:::bucket",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2024":                "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-*",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by":            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/*",
		"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:x": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/*",
		"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abcdef1234567890":          "arn:aws:ec2:eu-west-1:111122223333:instance/i-*",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab":                     "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-??????":          "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-??????",
	} {
		if got := generalise(seenOn("x:Y", r), map[string]Scope{"x:Y": ScopePrefix}).of("x:Y", r); got != want {
			t.Errorf("%s: got %s, want %s", r, got, want)
		}
	}
}
