package iam

import "testing"

// Conditions as the IAM user guide documents them: "Condition operators",
// "Multivalued context keys", "Policy variables and tags", "Global condition keys", seen 2026-11.
func TestDocumentedConditions(t *testing.T) {
	for _, c := range []struct {
		name, condition string
		context         keys
		want            bool
	}{
		// Several of each: keys and operators are AND, values are OR.
		{"two operators on one key", `{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-06-30T23:59:59Z"}}`, keys{"aws:CurrentTime": {"2026-03-01T00:00:00Z"}}, true},
		{"two operators on one key, past the end", `{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-06-30T23:59:59Z"}}`, keys{"aws:CurrentTime": {"2026-07-01T00:00:00Z"}}, false},
		{"values are OR for StringLike", `{"StringLike":{"s3:prefix":["","home/","home/alice/*"]}}`, keys{"s3:prefix": {"home/alice/x"}}, true},
		{"an empty value", `{"StringEquals":{"s3:prefix":["","home/"]}}`, keys{"s3:prefix": {""}}, true},
		{"negated and positive together", `{"StringLike":{"a:k":"x*"},"StringNotLike":{"a:k":"xy*"}}`, keys{"a:k": {"xz"}}, true},
		{"negated and positive together, excluded", `{"StringLike":{"a:k":"x*"},"StringNotLike":{"a:k":"xy*"}}`, keys{"a:k": {"xyz"}}, false},
		// Strings.
		{"StringLike is case-sensitive", `{"StringLike":{"a:k":"Prod*"}}`, keys{"a:k": {"prod1"}}, false},
		{"StringLike whole", `{"StringLike":{"a:k":"prod"}}`, keys{"a:k": {"production"}}, false},
		{"StringLike over slashes", `{"StringLike":{"a:k":"repo:o/r:*"}}`, keys{"a:k": {"repo:o/r:ref:refs/heads/main"}}, true},
		{"StringLike with ?", `{"StringLike":{"a:k":"dev-?"}}`, keys{"a:k": {"dev-12"}}, false},
		{"StringNotLike, several", `{"StringNotLike":{"a:k":["a*","b*"]}}`, keys{"a:k": {"c"}}, true},
		{"StringNotEqualsIgnoreCase, several", `{"StringNotEqualsIgnoreCase":{"a:k":["A","B"]}}`, keys{"a:k": {"b"}}, false},
		{"StringEqualsIgnoreCase does not take wildcards", `{"StringEqualsIgnoreCase":{"a:k":"A*"}}`, keys{"a:k": {"ab"}}, false},
		{"StringLike of a missing key", `{"StringLike":{"a:k":"*"}}`, nil, false},
		{"StringNotLike of a missing key", `{"StringNotLike":{"a:k":"*"}}`, nil, true},
		// Numbers and dates.
		{"NumericEquals, other spelling", `{"NumericEquals":{"a:n":"10"}}`, keys{"a:n": {"10.0"}}, true},
		{"NumericLessThan, negative", `{"NumericLessThan":{"a:n":"0"}}`, keys{"a:n": {"-1"}}, true},
		{"NumericLessThan is no text order", `{"NumericLessThan":{"a:n":"9"}}`, keys{"a:n": {"10"}}, false},
		{"NumericNotEquals, several", `{"NumericNotEquals":{"a:n":["1","2"]}}`, keys{"a:n": {"2"}}, false},
		{"NumericNotEquals, absent", `{"NumericNotEquals":{"a:n":"1"}}`, nil, true},
		{"NumericGreaterThanEquals, absent", `{"NumericGreaterThanEquals":{"a:n":"0"}}`, nil, false},
		{"MFA older than an hour", `{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}`, keys{"aws:MultiFactorAuthAge": {"3601"}}, false},
		{"unquoted number in the policy", `{"NumericLessThanEquals":{"s3:max-keys":10}}`, keys{"s3:max-keys": {"10"}}, true},
		{"date in another zone", `{"DateEquals":{"a:d":"2026-01-31T12:00:00+02:00"}}`, keys{"a:d": {"2026-01-31T10:00:00Z"}}, true},
		{"date alone is its midnight", `{"DateGreaterThanEquals":{"a:d":"2026-01-31"}}`, keys{"a:d": {"2026-01-31T00:00:00Z"}}, true},
		{"DateNotEquals", `{"DateNotEquals":{"a:d":"2026-01-31T00:00:00Z"}}`, keys{"a:d": {"2026-01-31T00:00:01Z"}}, true},
		{"DateNotEquals, absent", `{"DateNotEquals":{"a:d":"2026-01-31T00:00:00Z"}}`, nil, true},
		{"date against epoch seconds", `{"DateLessThan":{"aws:EpochTime":"2026-01-31T00:00:00Z"}}`, keys{"aws:EpochTime": {"1769817599"}}, true},
		{"revoked sessions", `{"DateLessThan":{"aws:TokenIssueTime":"2026-01-31T00:00:00Z"}}`, keys{"aws:TokenIssueTime": {"2026-01-30T00:00:00Z"}}, true},
		{"revoked sessions do not meet long-term keys", `{"DateLessThan":{"aws:TokenIssueTime":"2026-01-31T00:00:00Z"}}`, nil, false},
		// Bool, Binary.
		{"Bool, several values", `{"Bool":{"a:b":["true","false"]}}`, keys{"a:b": {"false"}}, true},
		{"Bool, unquoted", `{"Bool":{"aws:SecureTransport":false}}`, keys{"aws:SecureTransport": {"false"}}, true},
		{"Bool true, absent", `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, nil, false},
		{"BoolIfExists true, absent", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, nil, true},
		{"BoolIfExists true, false", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, keys{"aws:MultiFactorAuthPresent": {"false"}}, false},
		{"BinaryEquals, absent", `{"BinaryEquals":{"a:k":"QmluYXJ5"}}`, nil, false},
		{"BinaryEquals minds case", `{"BinaryEquals":{"a:k":"QmluYXJ5"}}`, keys{"a:k": {"qmluyxj5"}}, false},
		// Addresses.
		{"single address is its own block", `{"IpAddress":{"aws:SourceIp":"203.0.113.7"}}`, keys{"aws:SourceIp": {"203.0.113.7"}}, true},
		{"block's last address", `{"IpAddress":{"aws:SourceIp":"203.0.113.0/25"}}`, keys{"aws:SourceIp": {"203.0.113.128"}}, false},
		{"v6, short and long form", `{"IpAddress":{"aws:SourceIp":"2001:0db8:0000::/48"}}`, keys{"aws:SourceIp": {"2001:db8::1"}}, true},
		{"v6 outside", `{"IpAddress":{"aws:SourceIp":"2001:db8::/48"}}`, keys{"aws:SourceIp": {"2001:db8:1::1"}}, false},
		{"v4 block against v6", `{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, keys{"aws:SourceIp": {"2001:db8::1"}}, false},
		{"NotIpAddress, outside all", `{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","198.51.100.0/24"]}}`, keys{"aws:SourceIp": {"203.0.113.1"}}, true},
		{"NotIpAddress, v6 against a v4 block", `{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, keys{"aws:SourceIp": {"2001:db8::1"}}, true},
		{"NotIpAddress, through an endpoint", `{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, keys{"aws:VpcSourceIp": {"10.0.0.1"}}, true},
		{"NotIpAddressIfExists, absent", `{"NotIpAddressIfExists":{"aws:SourceIp":"192.0.2.0/24"}}`, nil, true},
		{"IpAddress of a service's call", `{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, keys{"aws:SourceIp": {"cloudformation.amazonaws.com"}}, false},
		// ARNs.
		{"ArnEquals, exact", `{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:t"}}`, keys{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:t"}}, true},
		{"ArnEquals, another region", `{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:t"}}`, keys{"aws:SourceArn": {"arn:aws:sns:us-east-1:111122223333:t"}}, false},
		{"ArnLike, star in two parts", `{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}`, keys{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:t:s"}}, true},
		{"ArnLike, question mark", `{"ArnLike":{"aws:SourceArn":"arn:aws:iam::111122223333:role/app-?"}}`, keys{"aws:SourceArn": {"arn:aws:iam::111122223333:role/app-1"}}, true},
		{"ArnLike, role with any path", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*"}}`, keys{"aws:PrincipalArn": {"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"}}, true},
		{"ArnLike of what is no ARN", `{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}`, keys{"aws:SourceArn": {"data"}}, false},
		{"ArnNotEquals, absent", `{"ArnNotEquals":{"aws:SourceArn":"arn:aws:s3:::data"}}`, nil, true},
		{"ArnNotLike, several, none fits", `{"ArnNotLike":{"aws:SourceArn":["arn:aws:s3:::a*","arn:aws:s3:::b*"]}}`, keys{"aws:SourceArn": {"arn:aws:s3:::c"}}, true},
		{"ArnLikeIfExists, absent", `{"ArnLikeIfExists":{"aws:SourceArn":"arn:aws:s3:::data"}}`, nil, true},
		{"StringEquals on an ARN takes no wildcards", `{"StringEquals":{"aws:SourceArn":"arn:aws:s3:::*"}}`, keys{"aws:SourceArn": {"arn:aws:s3:::data"}}, false},
		{"StringLike on an ARN crosses its parts", `{"StringLike":{"aws:SourceArn":"arn:aws:*:t"}}`, keys{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:t"}}, true},
		// Null and IfExists.
		{"Null, several values", `{"Null":{"a:k":["true","false"]}}`, keys{"a:k": {"v"}}, true},
		{"Null false guards ForAllValues", `{"Null":{"aws:TagKeys":"false"},"ForAllValues:StringEquals":{"aws:TagKeys":["env"]}}`, nil, false},
		{"Null false guards ForAllValues, empty", `{"Null":{"aws:TagKeys":"false"},"ForAllValues:StringEquals":{"aws:TagKeys":["env"]}}`, keys{"aws:TagKeys": {""}}, false},
		{"Null false guards ForAllValues, there", `{"Null":{"aws:TagKeys":"false"},"ForAllValues:StringEquals":{"aws:TagKeys":["env"]}}`, keys{"aws:TagKeys": {"env"}}, true},
		{"Null on a tag of the request", `{"Null":{"aws:RequestTag/owner":"true"}}`, keys{"aws:RequestTag/team": {"a"}}, true},
		{"IfExists, other keys count on", `{"StringEqualsIfExists":{"ec2:InstanceType":"t3.micro"},"StringEquals":{"a:k":"v"}}`, nil, false},
		{"StringLikeIfExists, there and not", `{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*"]}}`, keys{"ec2:InstanceType": {"m5.large"}}, false},
		{"ForAllValues with IfExists, absent", `{"ForAllValues:StringEqualsIfExists":{"aws:TagKeys":["env"]}}`, nil, true},
		// Sets.
		{"ForAllValues, subset", `{"ForAllValues:StringEquals":{"aws:TagKeys":["env","team","cost"]}}`, keys{"aws:TagKeys": {"team", "env"}}, true},
		{"ForAllValues minds case", `{"ForAllValues:StringEquals":{"aws:TagKeys":["env"]}}`, keys{"aws:TagKeys": {"Env"}}, false},
		{"ForAllValues, ignoring case", `{"ForAllValues:StringEqualsIgnoreCase":{"aws:TagKeys":["env"]}}`, keys{"aws:TagKeys": {"Env", "ENV"}}, true},
		{"ForAllValues:StringNotLike", `{"ForAllValues:StringNotLike":{"aws:TagKeys":"aws:*"}}`, keys{"aws:TagKeys": {"env", "aws:x"}}, false},
		{"ForAllValues:ArnLike", `{"ForAllValues:ArnLike":{"a:arns":"arn:aws:s3:::data*"}}`, keys{"a:arns": {"arn:aws:s3:::data1", "arn:aws:s3:::data2"}}, true},
		{"ForAllValues:NumericLessThan", `{"ForAllValues:NumericLessThan":{"a:n":"5"}}`, keys{"a:n": {"1", "6"}}, false},
		{"ForAnyValue:StringLike of an organisation's path", `{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/*"}}`, keys{"aws:PrincipalOrgPaths": {"o-1/r-1/ou-1/ou-2/"}}, true},
		{"ForAnyValue:StringLike of another path", `{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/*"}}`, keys{"aws:PrincipalOrgPaths": {"o-1/r-1/ou-9/"}}, false},
		{"ForAnyValue, one of many", `{"ForAnyValue:StringEquals":{"aws:CalledVia":["cloudformation.amazonaws.com"]}}`, keys{"aws:CalledVia": {"cloudformation.amazonaws.com", "dynamodb.amazonaws.com"}}, true},
		{"ForAnyValue:StringNotLike, one differs", `{"ForAnyValue:StringNotLike":{"aws:TagKeys":"a*"}}`, keys{"aws:TagKeys": {"a1", "b1"}}, true},
		{"ForAnyValue of an empty list", `{"ForAnyValue:StringEquals":{"aws:TagKeys":["env"]}}`, keys{"aws:TagKeys": {}}, false},
		{"dynamodb attributes, all within", `{"ForAllValues:StringEquals":{"dynamodb:Attributes":["id","name"]},"StringEqualsIfExists":{"dynamodb:Select":"SPECIFIC_ATTRIBUTES"}}`, keys{"dynamodb:Attributes": {"id"}, "dynamodb:Select": {"SPECIFIC_ATTRIBUTES"}}, true},
		{"leading keys are the user's", `{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${www.amazon.com:user_id}"]}}`, keys{"dynamodb:LeadingKeys": {"u1"}, "www.amazon.com:user_id": {"u1"}}, true},
		{"leading keys are another's", `{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${www.amazon.com:user_id}"]}}`, keys{"dynamodb:LeadingKeys": {"u2"}, "www.amazon.com:user_id": {"u1"}}, false},
		// Variables.
		{"tag of the resource is the principal's", `{"StringEquals":{"aws:ResourceTag/project":"${aws:PrincipalTag/project}"}}`, keys{"aws:ResourceTag/project": {"p"}, "aws:PrincipalTag/project": {"p"}}, true},
		{"tag of the resource is another's", `{"StringEquals":{"aws:ResourceTag/project":"${aws:PrincipalTag/project}"}}`, keys{"aws:ResourceTag/project": {"q"}, "aws:PrincipalTag/project": {"p"}}, false},
		{"neither has the tag", `{"StringEquals":{"aws:ResourceTag/project":"${aws:PrincipalTag/project}"}}`, nil, false},
		{"variable names ignore case", `{"StringEquals":{"a:k":"${AWS:UserName}"}}`, keys{"a:k": {"alice"}}, true},
		{"default with a space around", `{"StringEquals":{"a:k":"${aws:PrincipalTag/t, 'company-wide'}"}}`, keys{"a:k": {"company-wide"}}, true},
		{"two variables", `{"StringEquals":{"a:k":"${aws:PrincipalAccount}/${aws:username}"}}`, keys{"a:k": {"111122223333/alice"}}, true},
		{"question mark by variable", `{"StringLike":{"a:k":"what${?}"}}`, keys{"a:k": {"whats"}}, false},
		{"dollar by variable", `{"StringEquals":{"a:k":"${$}5"}}`, keys{"a:k": {"$5"}}, true},
		{"variable in a list", `{"StringLike":{"s3:prefix":["shared/*","home/${aws:username}/*"]}}`, keys{"s3:prefix": {"home/alice/docs"}}, true},
		{"variables are not for dates", `{"DateEquals":{"a:d":"${a:d}"}}`, keys{"a:d": {"2026-01-31"}}, false},
		{"variables are not for booleans", `{"Bool":{"a:b":"${a:b}"}}`, keys{"a:b": {"true"}}, false},
		{"session tag names ignore case", `{"StringEquals":{"aws:PrincipalTag/Team":"red"}}`, keys{"aws:principaltag/team": {"red"}}, true},
		{"tag values mind case", `{"StringEquals":{"aws:PrincipalTag/team":"Red"}}`, keys{"aws:PrincipalTag/team": {"red"}}, false},
		// Keys that follow from the principal.
		{"PrincipalArn of a user", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/*"}}`, nil, true},
		{"PrincipalType", `{"StringEquals":{"aws:PrincipalType":"User"}}`, nil, true},
		{"PrincipalIsAWSService", `{"Bool":{"aws:PrincipalIsAWSService":"true"}}`, nil, false},
		{"PrincipalServiceName is a service's", `{"Null":{"aws:PrincipalServiceName":"true"}}`, nil, true},
		{"ResourceAccount", `{"StringEquals":{"aws:ResourceAccount":"111122223333"}}`, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for effect, held := range map[string]Decision{allow("a:B", iff(c.condition)): Allowed, deny("a:B", iff(c.condition)): ExplicitlyDenied} {
				r := Request{Principal: alice, Action: "a:B", Resource: "*", Context: c.context}
				got := Decide(r, Policies{Identity: []*Document{policy(t, effect)}})
				if (got == held) != c.want {
					t.Errorf("%s with %v is %s", effect, c.context, got)
				}
			}
		})
	}
}

// Resource and Action elements: "IAM JSON policy elements: Resource", "Action", "NotAction",
// "NotResource", seen 2026-11.
func TestDocumentedElements(t *testing.T) {
	const notIAM, instance = `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"
	for _, c := range []decision{
		{name: "action in the middle of a pattern", identity: l(allow("iam:*AccessKey*")), action: "iam:UpdateAccessKey", resource: alice, want: Allowed},
		{name: "action pattern of another service", identity: l(allow("ec2:Get*")), want: ImplicitlyDenied},
		{name: "question marks", identity: l(allow("s3:???Object")), want: Allowed},
		{name: "star for service", identity: l(allow("*:GetObject")), want: Allowed},
		{name: "partition by wildcard", identity: l(allow("s3:*", res("arn:*:s3:::data/*"))), want: Allowed},
		{name: "resource of another partition", identity: l(allow("s3:*", res("arn:aws-cn:s3:::data/*"))), want: ImplicitlyDenied},
		{name: "bucket alone does not hold its objects", identity: l(allow("s3:*", res("arn:aws:s3:::data"))), want: ImplicitlyDenied},
		{name: "bucket with a star holds more than meant", identity: l(allow("s3:*", res("arn:aws:s3:::data*"))), resource: "arn:aws:s3:::database/x", want: Allowed},
		{name: "instance of any region", identity: l(allow("ec2:*", res("arn:aws:ec2:*:111122223333:instance/*"))), action: "ec2:StartInstances", resource: instance, want: Allowed},
		{name: "star that ends a part may run on", identity: l(allow("ec2:*", res("arn:aws:ec2:*:instance/*"))), action: "ec2:StartInstances", resource: instance, want: Allowed},
		{name: "star inside a part stays in it", identity: l(allow("ec2:*", res("arn:aws:ec2:eu*1:instance/*"))), action: "ec2:StartInstances", resource: "arn:aws:ec2:eu-west-1:111122223331:instance/i-1", want: ImplicitlyDenied},
		{name: "account of another", identity: l(allow("ec2:*", res("arn:aws:ec2:*:444455556666:instance/*"))), action: "ec2:StartInstances", resource: instance, want: ImplicitlyDenied},
		{name: "Allow NotAction is not for its own", identity: l(notIAM), action: "iam:ListUsers", resource: "*", want: ImplicitlyDenied},
		{name: "Allow NotAction and another Allow", identity: l(notIAM, allow("iam:ListUsers")), action: "iam:ListUsers", resource: "*", want: Allowed},
		{name: "Deny NotAction leaves its own", identity: l(everything, `{"Effect":"Deny","NotAction":["s3:*","sts:*"],"Resource":"*"}`), want: Allowed},
		{name: "Deny NotAction with MFA", identity: l(everything, `{"Effect":"Deny","NotAction":"iam:CreateVirtualMFADevice","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`), context: keys{"aws:MultiFactorAuthPresent": {"true"}}, want: Allowed},
		{name: "Deny NotResource spares one bucket", identity: l(everything, `{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}`), want: Allowed},
		{name: "Deny NotResource spares no other", identity: l(everything, `{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}`), resource: "arn:aws:s3:::other/x", want: ExplicitlyDenied},
		{name: "NotAction and NotResource together", identity: l(`{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"}`), want: Allowed},
		{name: "NotAction and NotResource, the latter's", identity: l(`{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::data/*"}`), want: ImplicitlyDenied},
		{name: "user's own ARN by variable", identity: l(allow("iam:*AccessKey*", res("arn:aws:iam::*:user/team/${aws:username}"))), action: "iam:CreateAccessKey", resource: alice, want: Allowed},
		{name: "another user's ARN by variable", identity: l(allow("iam:*AccessKey*", res("arn:aws:iam::*:user/team/${aws:username}"))), action: "iam:CreateAccessKey", resource: "arn:aws:iam::111122223333:user/team/bob", want: ImplicitlyDenied},
		{name: "a role has no username", principal: appSession, identity: l(allow("s3:*", res("arn:aws:s3:::data/${aws:username}/*"))), resource: "arn:aws:s3:::data/app/x", want: ImplicitlyDenied},
		{name: "a role's userid", principal: appSession, identity: l(allow("s3:*", res("arn:aws:s3:::data/${aws:userid}/*"))), resource: "arn:aws:s3:::data/AROAEXAMPLE:i-0abc/x", context: keys{"aws:userid": {"AROAEXAMPLE:i-0abc"}}, want: Allowed},
		{name: "default in a resource", identity: l(allow("s3:*", res("arn:aws:s3:::data/${aws:PrincipalTag/team, 'none'}/*"))), resource: "arn:aws:s3:::data/none/x", want: Allowed},
		{name: "value takes the default's place", identity: l(allow("s3:*", res("arn:aws:s3:::data/${aws:PrincipalTag/team, 'none'}/*"))), resource: "arn:aws:s3:::data/red/x", context: keys{"aws:PrincipalTag/team": {"red"}}, want: Allowed},
		{name: "value of a variable is no pattern", identity: l(allow("s3:*", res("arn:aws:s3:::data/${aws:PrincipalTag/team}/x"))), resource: "arn:aws:s3:::data/red/x", context: keys{"aws:PrincipalTag/team": {"*"}}, want: ImplicitlyDenied},
		{name: "literal star and a wildcard", identity: l(allow("s3:*", res("arn:aws:s3:::data/${*}/*"))), resource: "arn:aws:s3:::data/*/x", want: Allowed},
		{name: "literal question mark", identity: l(allow("s3:*", res("arn:aws:s3:::data/${?}"))), resource: "arn:aws:s3:::data/a", want: ImplicitlyDenied},
		{name: "action on all resources only", identity: l(allow("ec2:DescribeInstances", res("arn:aws:ec2:eu-west-1:111122223333:instance/*"))), action: "ec2:DescribeInstances", resource: "*", want: ImplicitlyDenied},
		{name: "PassRole by name pattern", identity: l(allow("iam:PassRole", res("arn:aws:iam::111122223333:role/app*"), iff(`{"StringLike":{"iam:PassedToService":"*.amazonaws.com"}}`))), action: "iam:PassRole", resource: appRole, context: keys{"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}, want: Allowed},
		{name: "PassRole of a role with a path", identity: l(allow("iam:PassRole", res("arn:aws:iam::111122223333:role/app*"))), action: "iam:PassRole", resource: "arn:aws:iam::111122223333:role/team/app", want: ImplicitlyDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, by := DecideWhy(c.request(), c.policies(t)); got != c.want {
				t.Errorf("%s by %q, want %s", got, by, c.want)
			}
		})
	}
}
