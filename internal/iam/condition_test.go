package iam

import "testing"

// Each row is one Condition element against one request context. The
// statement allows where it holds.
func TestConditions(t *testing.T) {
	type ctx = map[string][]string
	for _, c := range []struct {
		name, condition string
		context         ctx
		want            bool
	}{
		{"StringEquals", `{"StringEquals":{"k":"a"}}`, ctx{"k": {"a"}}, true},
		{"StringEquals, other case", `{"StringEquals":{"k":"a"}}`, ctx{"k": {"A"}}, false},
		{"StringEquals, star is a star", `{"StringEquals":{"k":"a*"}}`, ctx{"k": {"ab"}}, false},
		{"StringEquals, one of", `{"StringEquals":{"k":["a","b"]}}`, ctx{"k": {"b"}}, true},
		{"StringEquals, absent", `{"StringEquals":{"k":"a"}}`, nil, false},
		{"StringEquals, empty list of values", `{"StringEquals":{"k":[]}}`, ctx{"k": {"a"}}, false},
		{"StringEquals, key in other case", `{"StringEquals":{"AWS:K":"a"}}`, ctx{"aws:k": {"a"}}, true},
		{"operator in other case", `{"stringequals":{"k":"a"}}`, ctx{"k": {"a"}}, true},
		{"StringNotEquals", `{"StringNotEquals":{"k":"a"}}`, ctx{"k": {"b"}}, true},
		{"StringNotEquals, same", `{"StringNotEquals":{"k":"a"}}`, ctx{"k": {"a"}}, false},
		{"StringNotEquals, none of", `{"StringNotEquals":{"k":["a","b"]}}`, ctx{"k": {"b"}}, false},
		{"StringNotEquals, absent", `{"StringNotEquals":{"k":"a"}}`, nil, true},
		{"StringEqualsIgnoreCase", `{"StringEqualsIgnoreCase":{"k":"aB"}}`, ctx{"k": {"Ab"}}, true},
		{"StringNotEqualsIgnoreCase", `{"StringNotEqualsIgnoreCase":{"k":"aB"}}`, ctx{"k": {"Ab"}}, false},
		{"StringLike", `{"StringLike":{"k":"a*c?"}}`, ctx{"k": {"abbcd"}}, true},
		{"StringLike, no", `{"StringLike":{"k":"a*c?"}}`, ctx{"k": {"abbc"}}, false},
		{"StringNotLike", `{"StringNotLike":{"k":"a*"}}`, ctx{"k": {"ab"}}, false},
		{"StringNotLike, absent", `{"StringNotLike":{"k":"a*"}}`, nil, true},

		{"NumericEquals", `{"NumericEquals":{"n":"10"}}`, ctx{"n": {"10.0"}}, true},
		{"NumericNotEquals", `{"NumericNotEquals":{"n":"10"}}`, ctx{"n": {"10"}}, false},
		{"NumericLessThan", `{"NumericLessThan":{"n":"10"}}`, ctx{"n": {"9"}}, true},
		{"NumericLessThan, same", `{"NumericLessThan":{"n":"10"}}`, ctx{"n": {"10"}}, false},
		{"NumericLessThanEquals", `{"NumericLessThanEquals":{"n":10}}`, ctx{"n": {"10"}}, true},
		{"NumericGreaterThan", `{"NumericGreaterThan":{"n":"10"}}`, ctx{"n": {"9"}}, false},
		{"NumericGreaterThanEquals", `{"NumericGreaterThanEquals":{"n":"-10"}}`, ctx{"n": {"-10"}}, true},
		{"numbers longer than a float", `{"NumericEquals":{"n":"9007199254740993"}}`, ctx{"n": {"9007199254740992"}}, false},
		{"Numeric, no number", `{"NumericEquals":{"n":"x"}}`, ctx{"n": {"x"}}, false},

		{"DateEquals", `{"DateEquals":{"d":"2026-01-31T12:00:00Z"}}`, ctx{"d": {"2026-01-31T13:00:00+01:00"}}, true},
		{"DateNotEquals", `{"DateNotEquals":{"d":"2026-01-31T12:00:00Z"}}`, ctx{"d": {"2026-01-31T12:00:00Z"}}, false},
		{"DateLessThan", `{"DateLessThan":{"d":"2026-01-31"}}`, ctx{"d": {"2026-01-30T23:59:59Z"}}, true},
		{"DateLessThanEquals", `{"DateLessThanEquals":{"d":"2026-01-31T00:00:00Z"}}`, ctx{"d": {"2026-01-31T00:00:00Z"}}, true},
		{"DateGreaterThan", `{"DateGreaterThan":{"d":"2026-01-31T00:00:00Z"}}`, ctx{"d": {"2026-01-31T00:00:00Z"}}, false},
		{"DateGreaterThanEquals, epoch", `{"DateGreaterThanEquals":{"d":"1700000000"}}`, ctx{"d": {"1700000001"}}, true},
		{"Date, no date", `{"DateLessThan":{"d":"2026-01-31"}}`, ctx{"d": {"yesterday"}}, false},

		{"Bool", `{"Bool":{"b":"true"}}`, ctx{"b": {"TRUE"}}, true},
		{"Bool, not", `{"Bool":{"b":"true"}}`, ctx{"b": {"false"}}, false},
		{"Bool false, absent", `{"Bool":{"b":"false"}}`, nil, false},
		{"BoolIfExists false, absent", `{"BoolIfExists":{"b":"false"}}`, nil, true},
		{"BinaryEquals", `{"BinaryEquals":{"k":"QmluYXJ5"}}`, ctx{"k": {"QmluYXJ5"}}, true},
		{"BinaryEquals, other", `{"BinaryEquals":{"k":"QmluYXJ5"}}`, ctx{"k": {"QmluYXJZ"}}, false},

		{"IpAddress", `{"IpAddress":{"ip":"192.0.2.0/24"}}`, ctx{"ip": {"192.0.2.255"}}, true},
		{"IpAddress, outside", `{"IpAddress":{"ip":"192.0.2.0/24"}}`, ctx{"ip": {"192.0.3.0"}}, false},
		{"IpAddress, single", `{"IpAddress":{"ip":"192.0.2.1"}}`, ctx{"ip": {"192.0.2.1"}}, true},
		{"IpAddress, v6", `{"IpAddress":{"ip":["192.0.2.0/24","2001:db8::/32"]}}`, ctx{"ip": {"2001:db8:1::1"}}, true},
		{"IpAddress, mapped", `{"IpAddress":{"ip":"192.0.2.0/24"}}`, ctx{"ip": {"::ffff:192.0.2.7"}}, true},
		{"IpAddress, host bits set", `{"IpAddress":{"ip":"192.0.2.9/24"}}`, ctx{"ip": {"192.0.2.1"}}, true},
		{"IpAddress, a service's name", `{"IpAddress":{"ip":"0.0.0.0/0"}}`, ctx{"ip": {"ec2.amazonaws.com"}}, false},
		{"NotIpAddress", `{"NotIpAddress":{"ip":"192.0.2.0/24"}}`, ctx{"ip": {"198.51.100.1"}}, true},
		{"NotIpAddress, none of", `{"NotIpAddress":{"ip":["192.0.2.0/24","198.51.100.0/24"]}}`, ctx{"ip": {"198.51.100.1"}}, false},
		{"NotIpAddress, absent", `{"NotIpAddress":{"ip":"192.0.2.0/24"}}`, nil, true},

		{"ArnEquals takes wildcards", `{"ArnEquals":{"arn":"arn:aws:sns:*:111122223333:t*"}}`, ctx{"arn": {"arn:aws:sns:eu-west-1:111122223333:topic"}}, true},
		{"ArnLike, part by part", `{"ArnLike":{"arn":"arn:aws:*:topic"}}`, ctx{"arn": {"arn:aws:sns:eu-west-1:111122223333:topic"}}, false},
		{"ArnLike, star is every ARN", `{"ArnLike":{"arn":"*"}}`, ctx{"arn": {"arn:aws:sns:eu-west-1:111122223333:topic"}}, true},
		{"ArnNotEquals", `{"ArnNotEquals":{"arn":"arn:aws:sns:*:*:t*"}}`, ctx{"arn": {"arn:aws:sqs:eu-west-1:111122223333:t"}}, true},
		{"ArnNotLike", `{"ArnNotLike":{"arn":"arn:aws:sns:*:*:t*"}}`, ctx{"arn": {"arn:aws:sns:eu-west-1:111122223333:t"}}, false},
		{"ArnNotLike, absent", `{"ArnNotLike":{"arn":"arn:aws:sns:*:*:t*"}}`, nil, true},

		{"Null true, absent", `{"Null":{"k":"true"}}`, nil, true},
		{"Null true, there", `{"Null":{"k":"true"}}`, ctx{"k": {"a"}}, false},
		{"Null false, there", `{"Null":{"k":"false"}}`, ctx{"k": {"a"}}, true},
		{"Null false, absent", `{"Null":{"k":false}}`, nil, false},
		{"Null, no values", `{"Null":{"k":"true"}}`, ctx{"k": {}}, true},

		{"IfExists, absent", `{"StringEqualsIfExists":{"k":"a"}}`, nil, true},
		{"IfExists, there", `{"StringEqualsIfExists":{"k":"a"}}`, ctx{"k": {"b"}}, false},
		{"NotEqualsIfExists, there", `{"StringNotEqualsIfExists":{"k":"a"}}`, ctx{"k": {"a"}}, false},
		{"NumericIfExists, absent", `{"NumericLessThanIfExists":{"n":"5"}}`, nil, true},
		{"IpAddressIfExists, absent", `{"IpAddressIfExists":{"ip":"192.0.2.0/24"}}`, nil, true},

		{"ForAllValues", `{"ForAllValues:StringEquals":{"k":["a","b"]}}`, ctx{"k": {"a", "b", "a"}}, true},
		{"ForAllValues, a stray", `{"ForAllValues:StringEquals":{"k":["a","b"]}}`, ctx{"k": {"a", "c"}}, false},
		{"ForAllValues, absent", `{"ForAllValues:StringEquals":{"k":["a"]}}`, nil, true},
		{"ForAllValues, empty string", `{"ForAllValues:StringEquals":{"k":["a"]}}`, ctx{"k": {""}}, true},
		{"ForAllValues, StringNotEquals", `{"ForAllValues:StringNotEquals":{"k":["a"]}}`, ctx{"k": {"b", "c"}}, true},
		{"ForAllValues, StringNotEquals, a stray", `{"ForAllValues:StringNotEquals":{"k":["a"]}}`, ctx{"k": {"b", "a"}}, false},
		{"ForAllValues, StringLike", `{"ForAllValues:StringLike":{"k":"a*"}}`, ctx{"k": {"ab", "ac"}}, true},
		{"ForAnyValue", `{"ForAnyValue:StringEquals":{"k":["a","b"]}}`, ctx{"k": {"x", "b"}}, true},
		{"ForAnyValue, none", `{"ForAnyValue:StringEquals":{"k":["a"]}}`, ctx{"k": {"x", "y"}}, false},
		{"ForAnyValue, absent", `{"ForAnyValue:StringEquals":{"k":["a"]}}`, nil, false},
		{"ForAnyValue, StringNotEquals", `{"ForAnyValue:StringNotEquals":{"k":["a"]}}`, ctx{"k": {"a", "b"}}, true},
		{"ForAnyValue, StringNotEquals, all", `{"ForAnyValue:StringNotEquals":{"k":["a"]}}`, ctx{"k": {"a", "a"}}, false},
		{"ForAnyValue, StringNotEquals, absent", `{"ForAnyValue:StringNotEquals":{"k":["a"]}}`, nil, false},
		{"ForAnyValueIfExists, absent", `{"ForAnyValue:StringEqualsIfExists":{"k":["a"]}}`, nil, true},

		{"keys are AND", `{"StringEquals":{"k":"a","l":"b"}}`, ctx{"k": {"a"}, "l": {"x"}}, false},
		{"operators are AND", `{"StringEquals":{"k":"a"},"Bool":{"b":"true"}}`, ctx{"k": {"a"}, "b": {"false"}}, false},
		{"all hold", `{"StringEquals":{"k":"a"},"Bool":{"b":"true"}}`, ctx{"k": {"a"}, "b": {"true"}}, true},
		{"empty element", `{}`, nil, true},

		{"variable", `{"StringEquals":{"k":"${aws:username}"}}`, ctx{"k": {"alice"}}, true},
		{"variable in the middle", `{"StringLike":{"k":"home/${aws:username}/*"}}`, ctx{"k": {"home/alice/x"}}, true},
		{"variable of a tag", `{"StringEquals":{"k":"${aws:PrincipalTag/team}"}}`, ctx{"k": {"red"}, "aws:PrincipalTag/team": {"red"}}, true},
		{"variable absent", `{"StringEquals":{"k":"${aws:PrincipalTag/team}"}}`, ctx{"k": {"${aws:PrincipalTag/team}"}}, false},
		{"variable absent, negated", `{"StringNotEquals":{"k":"${aws:PrincipalTag/team}"}}`, ctx{"k": {"red"}}, true},
		{"default", `{"StringEquals":{"k":"${aws:PrincipalTag/team, 'none'}"}}`, ctx{"k": {"none"}}, true},
		{"default not needed", `{"StringEquals":{"k":"${aws:PrincipalTag/team, 'none'}"}}`, ctx{"k": {"none"}, "aws:PrincipalTag/team": {"red"}}, false},
		{"variable with a star", `{"StringLike":{"k":"${v}"}}`, ctx{"k": {"abc"}, "v": {"a*"}}, false},
		{"variable with a star is that star", `{"StringLike":{"k":"${v}?"}}`, ctx{"k": {"a*c"}, "v": {"a*"}}, true},
		{"variable with two values", `{"StringEquals":{"k":"${v}"}}`, ctx{"k": {"a"}, "v": {"a", "b"}}, false},
		{"literal star", `{"StringLike":{"k":"a${*}"}}`, ctx{"k": {"a*"}}, true},
		{"literal star only", `{"StringLike":{"k":"a${*}"}}`, ctx{"k": {"ab"}}, false},
		{"literal question mark", `{"StringLike":{"k":"a${?}"}}`, ctx{"k": {"a?"}}, true},
		{"literal dollar", `{"StringEquals":{"k":"${$}{aws:username}"}}`, ctx{"k": {"${aws:username}"}}, true},
		{"unclosed variable", `{"StringEquals":{"k":"${aws:username"}}`, ctx{"k": {"${aws:username"}}, true},
		{"variable in an ARN", `{"ArnLike":{"arn":"arn:aws:s3:::${aws:username}-*"}}`, ctx{"arn": {"arn:aws:s3:::alice-1"}}, true},
		{"no variables in numbers", `{"NumericEquals":{"n":"${n}"}}`, ctx{"n": {"5"}}, false},
		{"no variables in addresses", `{"IpAddress":{"ip":"${ip}"}}`, ctx{"ip": {"192.0.2.1"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":`+c.condition+`}]}`)
			got := Decide(Request{Principal: "arn:aws:iam::111122223333:user/alice", Action: "a:B", Resource: "*", Context: c.context}, Policies{Identity: []*Document{d}})
			if (got == Allowed) != c.want {
				t.Errorf("%s with %v is %s", c.condition, c.context, got)
			}
		})
	}
}

// Variables exist since version 2012-10-17; before it, ${ is text.
func TestVariablesNeedTheVersion(t *testing.T) {
	const home, text = "arn:aws:s3:::data/alice/x", "arn:aws:s3:::data/${aws:username}/x"
	for _, c := range []struct {
		version, resource string
		want              Decision
	}{
		{"2012-10-17", home, Allowed},
		{"2012-10-17", text, ImplicitlyDenied},
		{"2008-10-17", home, ImplicitlyDenied},
		{"2008-10-17", text, Allowed},
		{"", text, Allowed},
	} {
		d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::data/${aws:username}/*"}]}`)
		d.Version = c.version
		if got := Decide(Request{Principal: "arn:aws:iam::111122223333:user/alice", Action: "s3:GetObject", Resource: c.resource, ResourceAccount: "111122223333"}, Policies{Identity: []*Document{d}}); got != c.want {
			t.Errorf("version %q, %s: %s", c.version, c.resource, got)
		}
	}
}

// Keys that follow from the principal are in every request.
func TestImpliedKeys(t *testing.T) {
	const user, role = "arn:aws:iam::111122223333:user/team/alice", "arn:aws:sts::111122223333:assumed-role/app/s"
	for _, c := range []struct{ principal, key, want string }{
		{user, "aws:username", "alice"},
		{user, "aws:PrincipalArn", user},
		{user, "aws:PrincipalAccount", "111122223333"},
		{user, "aws:PrincipalType", "User"},
		{user, "aws:ResourceAccount", "444455556666"},
		{user, "aws:PrincipalIsAWSService", "false"},
		{role, "aws:username", ""},
		{role, "aws:PrincipalArn", "arn:aws:iam::111122223333:role/app"},
		{role, "aws:PrincipalType", "AssumedRole"},
		{"111122223333", "aws:PrincipalType", "Account"},
		{"111122223333", "aws:PrincipalArn", "arn:aws:iam::111122223333:root"},
		{"*", "aws:PrincipalType", "Anonymous"},
		{"*", "aws:PrincipalArn", ""},
		{"*", "aws:PrincipalIsAWSService", ""},
		{"ec2.amazonaws.com", "aws:PrincipalIsAWSService", "true"},
		{"arn:aws:sts::111122223333:federated-user/bob", "aws:PrincipalType", "FederatedUser"},
		{user, "aws:RequestedRegion", ""},
	} {
		r := Request{Principal: c.principal, ResourceAccount: "444455556666"}
		a := newAsk(&r, readCaller(c.principal))
		vs, ok := a.value(c.key)
		if ok != (c.want != "") || vs[0] != c.want {
			t.Errorf("%s of %s is %v, want %q", c.key, c.principal, vs, c.want)
		}
	}
}

// An operator that is not known holds for nothing, neither Allow nor Deny.
func TestUnknownOperator(t *testing.T) {
	for _, keys := range []string{`{"k":"a"}`, `{}`} {
		d, err := decode([]byte(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":` + keys + `}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		r := Request{Principal: "arn:aws:iam::111122223333:user/a", Action: "a:B", Resource: "*", Context: map[string][]string{"k": {"a"}}}
		if got := Decide(r, Policies{Identity: []*Document{d}}); got != ImplicitlyDenied {
			t.Errorf("%s: %s", keys, got)
		}
	}
}
