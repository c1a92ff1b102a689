package judge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

const (
	self      = "arn:aws:iam::111122223333:user/alice"
	account   = "111122223333"
	version12 = "2012-10-17"
)

// document and statement are a document as both evaluators read it.
type document struct {
	Version   string `json:",omitempty"`
	Statement []statement
}

type statement struct {
	Effect      string
	Action      []string                       `json:",omitempty"`
	NotAction   []string                       `json:",omitempty"`
	Resource    []string                       `json:",omitempty"`
	NotResource []string                       `json:",omitempty"`
	Condition   map[string]map[string][]string `json:",omitempty"`
}

func (p *document) text() string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// request is a question; its context lacks what follows from the caller.
type request struct {
	action, resource string
	context          map[string][]string
}

// full is the context with the keys that AWS adds for this caller.
func (r *request) full() map[string][]string {
	out := map[string][]string{
		"aws:PrincipalAccount": {account}, "aws:ResourceAccount": {account}, "aws:username": {"alice"},
		"aws:PrincipalArn": {self}, "aws:PrincipalIsAWSService": {"false"}, "aws:PrincipalType": {"User"},
	}
	for k, v := range r.context {
		out[k] = v
	}
	return out
}

// generator makes pairs out of few words, so that they often meet.
type generator struct {
	*rand.Rand
	odd bool // draw words that the evaluators differ on, too
}

func (g generator) one(list []string) string { return list[g.IntN(len(list))] }

// chance is true n times in a hundred.
func (g generator) chance(n int) bool { return g.IntN(100) < n }

// words are what a kind of element is made of: first what both evaluators
// read alike, then what they are known to differ on.
type words struct{ plain, odd []string }

// word is one of them; an odd one only where odd is drawn.
func (g generator) word(w words) string {
	if g.odd && len(w.odd) > 0 && g.chance(30) {
		return g.one(w.odd)
	}
	return g.one(w.plain)
}

func (g generator) words(w words) []string {
	out := []string{}
	for range 1 + g.IntN(3) {
		out = append(out, g.word(w))
	}
	return out
}

var actionPatterns = words{plain: []string{
	"*", "s3:*", "s3:Get*", "S3:getobject", "s3:GetObject", "s3:?etObject", "s3:*Object", "s3:*t*t", "iam:*", "iam:PassRole", "ec2:Describe*", "s3:GetObject?",
}}

var actions = words{plain: []string{"s3:GetObject", "s3:PutObject", "s3:getobjectacl", "iam:PassRole", "ec2:DescribeVpcs", "S3:GETOBJECT"}}

var resourcePatterns = words{
	[]string{"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::b?/k", "arn:aws:s3:::*", "arn:aws:s3:::b/*/x", "arn:aws:iam::111122223333:role/*",
		"arn:aws:iam::*:role/r", "arn:aws:*:*:*:*", "arn:aws:s3:::home/${aws:username}/*", "arn:aws:ec2:*:111122223333:*", "arn:aws:s3:::B/*"},
	[]string{"arn:aws:s*3:::b/k", "arn:aws:s3:::${aws:PrincipalTag/team}/k", "arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/k", "arn:aws:s3:::b/${*}",
		"arn:aws:s3:::${s3:prefix}/k"},
}

var resources = words{
	[]string{"*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/a/b/x", "arn:aws:s3:::bb/k", "arn:aws:s3:::home/alice/f", "arn:aws:s3:::b/*", "arn:aws:s3:::home/${aws:username}/f",
		"arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:role/path/r", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "arn:aws:s3:::b/k:l"},
	[]string{"arn:aws:s3:::bé/k", "arn:aws:sqs:eu-west-3:::b/k"},
}

// kind is a family of operators with the words that policies and requests use for it.
type kind struct {
	operators, keys []string
	want, have      words
}

var kinds = []kind{
	{
		[]string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
		[]string{"aws:RequestedRegion", "s3:prefix", "aws:TagKeys", "aws:username", "AWS:UserName", "aws:PrincipalTag/team"},
		words{[]string{"a", "A", "b", "eu-*", "eu-west-1", "*", "al?ce", "alice", "${aws:username}", "x${aws:username}*", "", "é"},
			[]string{"?", "${s3:prefix}", "${aws:TagKeys}", "${$}", "${aws:PrincipalTag/team}", "${nosuch:key}"}},
		words{[]string{"a", "A", "b", "ab", "eu-west-1", "EU-WEST-1", "alice", "xalicex", "*"}, []string{"${nosuch:key}", "é", "É", ""}},
	},
	{
		[]string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
		[]string{"s3:max-keys", "aws:MultiFactorAuthAge"},
		words{[]string{"0", "1", "10", "-3", "2.5", "2.50", "ten", "${s3:max-keys}", ""}, []string{"1e1", "9007199254740993"}},
		words{[]string{"0", "1", "10", "11", "2.5", "-4", "ten"}, []string{"1e1", "9007199254740992", "0x1"}},
	},
	{
		[]string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
		[]string{"aws:CurrentTime", "aws:TokenIssueTime", "aws:EpochTime"},
		words{[]string{"2026-01-31T00:00:00Z", "2026-01-31T02:00:00+02:00", "1769817600", "0", "2026-01-31T00:00:00.5Z"}, []string{"2026-01-31", "soon"}},
		words{[]string{"2026-01-31T00:00:00Z", "2025-12-31T23:59:59Z", "2026-02-01T00:00:00Z", "1769817600"}, []string{"1769817600.5", "never"}},
	},
	{
		[]string{"Bool"}, []string{"aws:SecureTransport", "aws:ViaAWSService", "aws:PrincipalIsAWSService"},
		words{[]string{"true", "false"}, []string{"TRUE", "tRuE", "1", "yes"}}, words{[]string{"true", "false"}, []string{"True", "t", "0"}},
	},
	{
		[]string{"BinaryEquals"}, []string{"svc:blob"},
		words{[]string{"QmluYXJ5", "AA==", "AAA=", "QmluYXJ5VmFsdWU="}, []string{"*"}}, words{[]string{"QmluYXJ5", "AA==", "AAE="}, []string{"*"}},
	},
	{
		[]string{"IpAddress", "NotIpAddress"}, []string{"aws:SourceIp", "aws:VpcSourceIp"},
		words{plain: []string{"192.0.2.0/24", "192.0.2.7", "192.0.2.7/25", "2001:db8::/32", "2001:DB8:0::1", "0.0.0.0/0", "::/0", "192.0.2.999", "192.0.2.0/33", "here"}},
		words{plain: []string{"192.0.2.7", "192.0.2.200", "198.51.100.1", "2001:db8::1", "2001:db8:1::", "::ffff:192.0.2.7", "fe80::1%eth0", "s3.amazonaws.com"}},
	},
	{
		[]string{"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"}, []string{"aws:SourceArn", "aws:PrincipalArn"},
		words{[]string{"arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:*", "arn:aws:iam::111122223333:user/${aws:username}",
			"arn:aws:iam::111122223333:*/?lice", "arn:aws:sns:eu-west-1:111122223333:t:?"}, []string{"arn:aws:*:*:*:*", "arn:*", "*", "arn:aws:*:t"}},
		words{[]string{"arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:t:s", "arn:aws:iam::111122223333:user/alice"},
			[]string{"none", "arn:aws:x:y"}},
	},
}

func (g generator) document() *document {
	p := &document{Version: g.one([]string{version12, version12, version12, "2008-10-17", ""})}
	for range 1 + g.IntN(3) {
		p.Statement = append(p.Statement, g.statement())
	}
	if g.chance(25) { // so that denials decide more often
		p.Statement = append(p.Statement, statement{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}})
	}
	return p
}

func (g generator) statement() statement {
	s := statement{Effect: g.one([]string{"Allow", "Allow", "Deny"})}
	if g.chance(80) {
		s.Action = g.words(actionPatterns)
	} else {
		s.NotAction = g.words(actionPatterns)
	}
	if g.chance(80) {
		s.Resource = g.words(resourcePatterns)
	} else {
		s.NotResource = g.words(resourcePatterns)
	}
	if g.chance(75) {
		s.Condition = g.condition()
	}
	return s
}

func (g generator) condition() map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for range 1 + g.IntN(2) {
		k := kinds[g.IntN(len(kinds))]
		if g.chance(10) {
			out["Null"] = map[string][]string{g.one(k.keys): g.words(words{plain: []string{"true", "false", "False", "no"}})}
			continue
		}
		name := g.one([]string{"", "", "ForAllValues:", "ForAnyValue:"}) + g.one(k.operators) + g.one([]string{"", "", "IfExists"})
		out[name] = map[string][]string{g.one(k.keys): g.words(k.want)}
	}
	return out
}

func (g generator) request() *request {
	r := &request{action: g.word(actions), resource: g.word(resources), context: map[string][]string{}}
	for _, k := range kinds {
		for _, key := range k.keys {
			if key == "AWS:UserName" || key == "aws:username" || key == "aws:PrincipalArn" || key == "aws:PrincipalIsAWSService" || g.chance(40) {
				continue // the caller gives it, or nobody
			}
			switch {
			case g.chance(80):
				r.context[key] = []string{g.word(k.have)}
			case g.chance(80):
				r.context[key] = g.words(k.have)
			case g.odd:
				r.context[key] = []string{}
			}
		}
	}
	return r
}

func (r *request) String() string {
	return fmt.Sprintf("%s on %s with %q", r.action, r.resource, r.full())
}
