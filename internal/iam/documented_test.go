package iam

import (
	"strings"
	"testing"
)

// Further decisions that AWS's documentation gives, by its pages. The names of
// pages are those of the IAM user guide unless said otherwise, seen 2026-11.

const (
	vendor     = "arn:aws:iam::444455556666:role/vendor"
	queue      = "arn:aws:sqs:eu-west-1:111122223333:q"
	keyARN     = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
	linkedRole = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
	provider   = "arn:aws:iam::111122223333:saml-provider/corp"
)

// allow and deny make a statement on all resources; more are further elements, as `"Sid":"x"`.
func allow(action string, more ...string) string { return statementOf("Allow", action, more) }
func deny(action string, more ...string) string  { return statementOf("Deny", action, more) }

func statementOf(effect, action string, more []string) string {
	all := strings.Join(append([]string{`"Effect":"` + effect + `","Action":"` + action + `"`}, more...), ",")
	if !strings.Contains(all, `Resource":`) {
		all += `,"Resource":"*"`
	}
	return "{" + all + "}"
}

func to(principal string) string  { return `"Principal":` + principal }
func iff(condition string) string { return `"Condition":` + condition }
func res(resource string) string  { return `"Resource":"` + resource + `"` }
func aws(arn string) string       { return `"Principal":{"AWS":"` + arn + `"}` }
func l(s ...string) []string      { return s }
func ll(s ...[]string) [][]string { return s }

type keys = map[string][]string

// Principal forms: "AWS JSON policy elements: Principal".
func principalForms() []decision {
	get := func(p string) []string { return l(allow("s3:GetObject", to(p))) }
	assume := func(action, p string, more ...string) []string { return l(allow(action, append(more, to(p))...)) }
	return []decision{
		{name: "account id", identity: l(readData), account: away, trust: get(`{"AWS":"111122223333"}`), want: Allowed},
		{name: "account ARN", identity: l(readData), account: away, trust: get(`{"AWS":"arn:aws:iam::111122223333:root"}`), want: Allowed},
		{name: "another account's id", identity: l(readData), account: away, trust: get(`{"AWS":"777788889999"}`), want: ImplicitlyDenied},
		{name: "a list of accounts", identity: l(readData), account: away, trust: get(`{"AWS":["777788889999","111122223333"]}`), want: Allowed},
		{name: "user by ARN with path", trust: get(`{"AWS":"` + alice + `"}`), want: Allowed},
		{name: "user by ARN without its path", trust: get(`{"AWS":"arn:aws:iam::111122223333:user/alice"}`), want: ImplicitlyDenied},
		{name: "user in another case", trust: get(`{"AWS":"` + strings.Replace(alice, "alice", "Alice", 1) + `"}`), want: ImplicitlyDenied},
		{name: "unique id of a deleted user", trust: get(`{"AWS":"AIDAEXAMPLEID1234567"}`), want: ImplicitlyDenied},
		{name: "unique id of a deleted role", principal: appSession, trust: get(`{"AWS":"AROAEXAMPLEID1234567"}`), want: ImplicitlyDenied},
		{name: "a group is no principal", trust: get(`{"AWS":"arn:aws:iam::111122223333:group/team"}`), want: ImplicitlyDenied},
		{name: "session by ARN", principal: appSession, trust: get(`{"AWS":"` + appSession + `"}`), want: Allowed},
		{name: "another session of the role", principal: appSession, trust: get(`{"AWS":"arn:aws:sts::111122223333:assumed-role/app/other"}`), want: ImplicitlyDenied},
		{name: "all sessions by wildcard is no form", principal: appSession, trust: get(`{"AWS":"arn:aws:sts::111122223333:assumed-role/app/*"}`), want: ImplicitlyDenied},
		{name: "role by ARN", principal: appSession, trust: get(`{"AWS":"` + appRole + `"}`), want: Allowed},
		{name: "role of the same name elsewhere", principal: appSession, trust: get(`{"AWS":"arn:aws:iam::444455556666:role/app"}`), want: ImplicitlyDenied},
		{name: "federated user by ARN", principal: federated, trust: get(`{"AWS":"` + federated + `"}`), want: Allowed},
		{name: "federated user by another's ARN", principal: federated, trust: get(`{"AWS":"arn:aws:sts::111122223333:federated-user/eve"}`), want: ImplicitlyDenied},
		{name: "everybody", principal: appSession, trust: get(`"*"`), want: Allowed},
		{name: "everybody under AWS", principal: appSession, trust: get(`{"AWS":"*"}`), want: Allowed},
		{name: "everybody under AWS, nobody signed", principal: "*", trust: get(`{"AWS":"*"}`), want: Allowed},
		{name: "everybody across accounts needs the identity", account: away, trust: get(`"*"`), want: ImplicitlyDenied},
		{name: "everybody of an organisation", account: away, identity: l(readData), context: keys{"aws:PrincipalOrgID": {"o-a1b2c3d4e5"}}, trust: l(allow("s3:GetObject", to(`"*"`), iff(`{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))), want: Allowed},
		{name: "everybody of an organisation, a stranger", account: away, identity: l(readData), context: keys{"aws:PrincipalOrgID": {"o-other"}}, trust: l(allow("s3:GetObject", to(`"*"`), iff(`{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))), want: ImplicitlyDenied},
		{name: "everybody of an organisation, nobody signed", principal: "*", trust: l(allow("s3:GetObject", to(`"*"`), iff(`{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))), want: ImplicitlyDenied},
		{name: "canonical user", principal: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", trust: get(`{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`), want: Allowed},
		{name: "another canonical user", principal: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", trust: get(`{"CanonicalUser":"0000"}`), want: ImplicitlyDenied},
		{name: "origin access identity", principal: "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC", trust: get(`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"}`), want: Allowed},
		{name: "another origin access identity", principal: "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC", trust: get(`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`), want: ImplicitlyDenied},
		{name: "service, for one distribution", principal: "cloudfront.amazonaws.com", context: keys{"aws:SourceArn": {"arn:aws:cloudfront::111122223333:distribution/E1"}}, trust: l(allow("s3:GetObject", to(`{"Service":"cloudfront.amazonaws.com"}`), iff(`{"StringEquals":{"aws:SourceArn":"arn:aws:cloudfront::111122223333:distribution/E1"}}`))), want: Allowed},
		{name: "service, for another distribution", principal: "cloudfront.amazonaws.com", context: keys{"aws:SourceArn": {"arn:aws:cloudfront::111122223333:distribution/E2"}}, trust: l(allow("s3:GetObject", to(`{"Service":"cloudfront.amazonaws.com"}`), iff(`{"StringEquals":{"aws:SourceArn":"arn:aws:cloudfront::111122223333:distribution/E1"}}`))), want: ImplicitlyDenied},
		{name: "service as a confused deputy", principal: "sns.amazonaws.com", action: "sqs:SendMessage", resource: queue, context: keys{"aws:SourceAccount": {"444455556666"}}, trust: l(allow("sqs:SendMessage", to(`{"Service":"sns.amazonaws.com"}`), iff(`{"StringEquals":{"aws:SourceAccount":"111122223333"}}`))), want: ImplicitlyDenied},
		{name: "one of several services", principal: "lambda.amazonaws.com", action: "sts:AssumeRole", resource: appRole, trust: assume("sts:AssumeRole", `{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}`), want: Allowed},
		{name: "service of a region is another", principal: "logs.eu-west-1.amazonaws.com", trust: get(`{"Service":"logs.amazonaws.com"}`), want: ImplicitlyDenied},
		{name: "service where a user is named", principal: "ec2.amazonaws.com", trust: get(`{"AWS":"` + alice + `"}`), want: ImplicitlyDenied},
		{name: "user where a service is named", trust: get(`{"Service":"ec2.amazonaws.com"}`), want: ImplicitlyDenied},
		{name: "web identity of Cognito", principal: "cognito-identity.amazonaws.com", action: "sts:AssumeRoleWithWebIdentity", resource: appRole, context: keys{"cognito-identity.amazonaws.com:aud": {"eu-west-1:pool"}}, trust: assume("sts:AssumeRoleWithWebIdentity", `{"Federated":"cognito-identity.amazonaws.com"}`, iff(`{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:pool"}}`)), want: Allowed},
		{name: "web identity of another pool", principal: "cognito-identity.amazonaws.com", action: "sts:AssumeRoleWithWebIdentity", resource: appRole, context: keys{"cognito-identity.amazonaws.com:aud": {"eu-west-1:other"}}, trust: assume("sts:AssumeRoleWithWebIdentity", `{"Federated":"cognito-identity.amazonaws.com"}`, iff(`{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:pool"}}`)), want: ImplicitlyDenied},
		{name: "web identity of Google", principal: "accounts.google.com", action: "sts:AssumeRoleWithWebIdentity", resource: appRole, trust: assume("sts:AssumeRoleWithWebIdentity", `{"Federated":"accounts.google.com"}`), want: Allowed},
		{name: "SAML provider", principal: provider, action: "sts:AssumeRoleWithSAML", resource: appRole, context: keys{"SAML:aud": {"https://signin.aws.amazon.com/saml"}}, trust: assume("sts:AssumeRoleWithSAML", `{"Federated":"`+provider+`"}`, iff(`{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`)), want: Allowed},
		{name: "SAML provider, another action", principal: provider, action: "sts:AssumeRole", resource: appRole, trust: assume("sts:AssumeRoleWithSAML", `{"Federated":"`+provider+`"}`), want: ImplicitlyDenied},
		{name: "OIDC subject of another branch", principal: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", action: "sts:AssumeRoleWithWebIdentity", resource: appRole, context: keys{"token.actions.githubusercontent.com:sub": {"repo:o/r:ref:refs/heads/dev"}}, trust: assume("sts:AssumeRoleWithWebIdentity", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`, iff(`{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/heads/main"}}`)), want: ImplicitlyDenied},
		{name: "account of another partition", principal: "arn:aws-cn:iam::111122223333:user/a", identity: l(readData), account: away, trust: get(`{"AWS":"arn:aws-cn:iam::111122223333:root"}`), want: Allowed},
	}
}

// One account: "Policy evaluation for requests within a single account".
func withinAccount() []decision {
	byArn := func(arn string) []string {
		return l(allow("s3:GetObject", to(`"*"`), iff(`{"ArnEquals":{"aws:PrincipalArn":"`+arn+`"}}`)))
	}
	return []decision{
		{name: "resource grants the root, who asks", principal: rootUser, trust: l(allow("s3:GetObject", aws(rootUser))), want: Allowed},
		{name: "resource denies the root", principal: rootUser, trust: l(deny("s3:*", to(`"*"`))), want: ExplicitlyDenied},
		{name: "user granted past an empty boundary", boundary: []string{}, trust: l(allow("s3:GetObject", aws(alice))), want: Allowed},
		{name: "user granted, boundary denies", boundary: l(everything, denyGet), trust: l(allow("s3:GetObject", aws(alice))), want: ExplicitlyDenied},
		{name: "account granted, boundary limits", identity: l(readData), boundary: l(onlyEC2), trust: l(allow("s3:GetObject", aws(home))), want: ImplicitlyDenied},
		{name: "user granted, identity denies", identity: l(denyGet), trust: l(allow("s3:GetObject", aws(alice))), want: ExplicitlyDenied},
		{name: "role granted and session allows", principal: appSession, session: l(readData), trust: l(allow("s3:GetObject", aws(appRole))), want: Allowed},
		{name: "role granted, boundary and session allow", principal: appSession, boundary: l(readData), session: l(readData), trust: l(allow("s3:GetObject", aws(appRole))), want: Allowed},
		{name: "role granted, session allows and boundary does not", principal: appSession, boundary: l(onlyEC2), session: l(readData), trust: l(allow("s3:GetObject", aws(appRole))), want: ImplicitlyDenied},
		{name: "session granted, session policy denies", principal: appSession, session: l(everything, denyGet), trust: l(allow("s3:GetObject", aws(appSession))), want: ExplicitlyDenied},
		{name: "session granted past its session policy", principal: appSession, session: l(onlyEC2), trust: l(allow("s3:GetObject", aws(appSession))), want: Allowed},
		{name: "session granted past its boundary", principal: appSession, boundary: l(onlyEC2), trust: l(allow("s3:GetObject", aws(appSession))), want: Allowed},
		{name: "PrincipalArn with everybody is not limited", principal: appSession, boundary: l(onlyEC2), session: l(onlyEC2), trust: byArn(appRole), want: Allowed},
		{name: "PrincipalArn of another", principal: appSession, trust: byArn("arn:aws:iam::111122223333:role/other"), want: ImplicitlyDenied},
		{name: "PrincipalArn is the role's, not the session's", principal: appSession, trust: byArn(appSession), want: ImplicitlyDenied},
		{name: "SCP limits a session that is granted", principal: appSession, scps: ll(l(onlyEC2)), trust: l(allow("s3:GetObject", aws(appSession))), want: ImplicitlyDenied},
		{name: "federated user with a session policy", principal: federated, identity: l(everything), session: l(readData), want: Allowed},
		{name: "federated user without a session policy", principal: federated, identity: l(everything), want: ImplicitlyDenied},
		{name: "federated user, session policy alone", principal: federated, session: l(readData), want: ImplicitlyDenied},
		{name: "federated user granted past all", principal: federated, session: l(onlyEC2), boundary: l(onlyEC2), trust: l(allow("s3:GetObject", aws(federated))), want: Allowed},
		{name: "queue grants a user", action: "sqs:SendMessage", resource: queue, trust: l(allow("sqs:SendMessage", aws(alice))), want: Allowed},
		{name: "queue silent, identity allows", action: "sqs:SendMessage", resource: queue, identity: l(allow("sqs:*")), trust: l(allow("sqs:ReceiveMessage", aws(alice))), want: Allowed},
		{name: "function grants another, identity silent", action: "lambda:InvokeFunction", resource: "arn:aws:lambda:eu-west-1:111122223333:function:f", trust: l(allow("lambda:InvokeFunction", to(`{"Service":"s3.amazonaws.com"}`))), want: ImplicitlyDenied},
		{name: "bucket policy on another prefix", trust: l(allow("s3:GetObject", aws(alice), res("arn:aws:s3:::data/other/*"))), want: ImplicitlyDenied},
		{name: "two identity policies, one allows", identity: l(onlyEC2, readData), want: Allowed},
		{name: "two boundaries' documents, one statement allows", identity: l(readData), boundary: l(onlyEC2, readData), want: Allowed},
		{name: "identity allows what only the session denies", principal: appSession, identity: l(everything), session: l(allow("*"), deny("s3:*")), want: ExplicitlyDenied},
		{name: "empty session policy", principal: appSession, identity: l(everything), session: []string{}, want: ImplicitlyDenied},
	}
}

// Keys and trust policies need the resource's word: AWS KMS developer guide, "Key
// policies"; "Role trust policies".
func keyedResources() []decision {
	use := func(k *decision) decision {
		k.action, k.resource = "kms:Decrypt", keyARN
		return *k
	}
	assume := func(k *decision) decision {
		k.action, k.resource = "sts:AssumeRole", appRole
		return *k
	}
	return []decision{
		use(&decision{name: "key names the account, identity silent", trust: l(allow("kms:*", aws(rootUser))), want: ImplicitlyDenied}),
		use(&decision{name: "key names the user", trust: l(allow("kms:Decrypt", aws(alice))), want: Allowed}),
		use(&decision{name: "key names the role of a session", principal: appSession, trust: l(allow("kms:Decrypt", aws(appRole))), want: Allowed}),
		use(&decision{name: "key names another role, identity allows", principal: appSession, identity: l(everything), trust: l(allow("kms:*", aws(appRole+"2"))), want: ImplicitlyDenied}),
		use(&decision{name: "key allows another action, identity allows", identity: l(everything), trust: l(allow("kms:Encrypt", aws(rootUser))), want: ImplicitlyDenied}),
		use(&decision{name: "key for everybody of the account", context: keys{"kms:CallerAccount": {home}}, trust: l(allow("kms:*", to(`{"AWS":"*"}`), iff(`{"StringEquals":{"kms:CallerAccount":"111122223333"}}`))), want: Allowed}),
		use(&decision{name: "key through a service", context: keys{"kms:ViaService": {"s3.eu-west-1.amazonaws.com"}}, identity: l(allow("kms:Decrypt")), trust: l(allow("kms:*", aws(rootUser), iff(`{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`))), want: Allowed}),
		use(&decision{name: "key through a service, asked directly", identity: l(allow("kms:Decrypt")), trust: l(allow("kms:*", aws(rootUser), iff(`{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`))), want: ImplicitlyDenied}),
		use(&decision{name: "key of another account, both", account: away, identity: l(allow("kms:Decrypt")), trust: l(allow("kms:Decrypt", aws(home))), want: Allowed}),
		use(&decision{name: "key of another account, key alone", account: away, trust: l(allow("kms:Decrypt", aws(alice))), want: ImplicitlyDenied}),
		use(&decision{name: "key denies without a context", identity: l(everything), trust: l(allow("kms:*", aws(rootUser)), deny("kms:Decrypt", to(`"*"`), iff(`{"Null":{"kms:EncryptionContext:app":"true"}}`))), want: ExplicitlyDenied}),
		use(&decision{name: "root with a key that leaves it out", principal: rootUser, trust: l(allow("kms:*", aws(alice))), want: ImplicitlyDenied}),
		assume(&decision{name: "trust with an external id that fits", principal: vendor, identity: l(everything), context: keys{"sts:ExternalId": {"x1"}}, trust: l(allow("sts:AssumeRole", aws(away), iff(`{"StringEquals":{"sts:ExternalId":"x1"}}`))), want: Allowed}),
		assume(&decision{name: "trust across accounts, identity silent", principal: vendor, trust: l(allow("sts:AssumeRole", aws(vendor))), want: ImplicitlyDenied}),
		assume(&decision{name: "trust wants MFA, absent", trust: l(allow("sts:AssumeRole", aws(alice), iff(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`))), want: ImplicitlyDenied}),
		assume(&decision{name: "trust wants MFA, present", context: keys{"aws:MultiFactorAuthPresent": {"true"}}, trust: l(allow("sts:AssumeRole", aws(alice), iff(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`))), want: Allowed}),
		assume(&decision{name: "role chaining", principal: "arn:aws:sts::111122223333:assumed-role/first/s", trust: l(allow("sts:AssumeRole", aws("arn:aws:iam::111122223333:role/first"))), want: Allowed}),
		assume(&decision{name: "trust denies one user of the account", identity: l(everything), trust: l(allow("sts:AssumeRole", aws(home)), deny("sts:AssumeRole", aws(alice))), want: ExplicitlyDenied}),
		assume(&decision{name: "session name must be the user's", context: keys{"sts:RoleSessionName": {"alice"}}, trust: l(allow("sts:AssumeRole", aws(alice), iff(`{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}`))), want: Allowed}),
		assume(&decision{name: "session name is another's", context: keys{"sts:RoleSessionName": {"bob"}}, trust: l(allow("sts:AssumeRole", aws(alice), iff(`{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}`))), want: ImplicitlyDenied}),
	}
}

// The organisation's policies: AWS Organizations user guide, "Service control policies",
// "SCP evaluation", "Resource control policies", "RCP evaluation".
func guardrails() []decision {
	rcp := func(condition string) [][]string { return ll(l(), l(deny("s3:*", to(`"*"`), iff(condition)))) }
	perimeter := `{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`
	regions := `{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}`
	return []decision{
		{name: "SCP with a list allows", identity: l(everything), scps: ll(l(everything), l(allow("s3:*"))), want: Allowed},
		{name: "SCP level without any policy", identity: l(everything), scps: ll(l(everything), []string{}), want: ImplicitlyDenied},
		{name: "two SCPs of a level, one allows", identity: l(everything), scps: ll(l(onlyEC2, readData)), want: Allowed},
		{name: "allowed at the root, not at the unit", identity: l(everything), scps: ll(l(everything), l(onlyEC2), l(everything)), want: ImplicitlyDenied},
		{name: "SCP denies regions", identity: l(everything), context: keys{"aws:RequestedRegion": {"us-east-1"}}, scps: ll(l(everything, `{"Effect":"Deny","NotAction":["iam:*","organizations:*","support:*"],"Resource":"*","Condition":`+regions+`}`)), want: ExplicitlyDenied},
		{name: "SCP denies regions, of those that are in", identity: l(everything), context: keys{"aws:RequestedRegion": {"eu-west-1"}}, scps: ll(l(everything, `{"Effect":"Deny","NotAction":["iam:*"],"Resource":"*","Condition":`+regions+`}`)), want: Allowed},
		{name: "SCP denies regions, not global services", identity: l(everything), action: "iam:GetUser", resource: alice, context: keys{"aws:RequestedRegion": {"us-east-1"}}, scps: ll(l(everything, `{"Effect":"Deny","NotAction":["iam:*"],"Resource":"*","Condition":`+regions+`}`)), want: Allowed},
		{name: "SCP denies all roles but one", principal: appSession, identity: l(everything), scps: ll(l(everything, deny("s3:*", iff(`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}`)))), want: ExplicitlyDenied},
		{name: "SCP denies all roles but this", principal: appSession, identity: l(everything), scps: ll(l(everything, deny("s3:*", iff(`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}}`)))), want: Allowed},
		{name: "SCP limits across accounts", account: away, identity: l(readData), trust: l(allow("s3:GetObject", aws(alice))), scps: ll(l(onlyEC2)), want: ImplicitlyDenied},
		{name: "SCP denies the root", principal: rootUser, scps: ll(l(everything, deny("*", iff(`{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}`)))), want: ExplicitlyDenied},
		{name: "SCP limits the root", principal: rootUser, scps: ll(l(onlyEC2)), want: ImplicitlyDenied},
		{name: "SCP does not bear on a service-linked role", principal: linkedRole, identity: l(everything), scps: ll(l(everything, denyGet)), want: Allowed},
		{name: "nor on its session", principal: "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling", identity: l(everything), scps: ll(l(onlyEC2)), want: Allowed},
		{name: "RCP does not bear on a service-linked role", principal: linkedRole, identity: l(everything), rcps: rcp(`{}`), want: Allowed},
		{name: "a role that is called so under another path", principal: "arn:aws:iam::111122223333:role/x/AWSServiceRoleForAutoScaling", identity: l(everything), scps: ll(l(onlyEC2)), want: ImplicitlyDenied},
		{name: "SCP does not bear on a service", principal: "cloudtrail.amazonaws.com", action: "s3:PutObject", trust: l(allow("s3:PutObject", to(`{"Service":"cloudtrail.amazonaws.com"}`))), scps: ll(l(deny("*"))), want: Allowed},
		{name: "SCP does not bear on nobody", principal: "*", trust: l(allow("s3:GetObject", to(`"*"`))), scps: ll(l(deny("*"))), want: Allowed},
		{name: "RCP perimeter, own organisation", identity: l(readData), context: keys{"aws:PrincipalOrgID": {"o-1"}}, rcps: rcp(perimeter), want: Allowed},
		{name: "RCP perimeter, a stranger", principal: vendor, identity: l(everything), trust: l(allow("s3:GetObject", aws(vendor))), context: keys{"aws:PrincipalOrgID": {"o-2"}}, rcps: rcp(perimeter), want: ExplicitlyDenied},
		{name: "RCP perimeter, a service", principal: "cloudtrail.amazonaws.com", action: "s3:PutObject", trust: l(allow("s3:PutObject", to(`{"Service":"cloudtrail.amazonaws.com"}`))), rcps: rcp(perimeter), want: Allowed},
		{name: "RCP wants TLS", identity: l(readData), context: keys{"aws:SecureTransport": {"false"}}, rcps: rcp(`{"BoolIfExists":{"aws:SecureTransport":"false"}}`), want: ExplicitlyDenied},
		{name: "RCP wants TLS, and has it", identity: l(readData), context: keys{"aws:SecureTransport": {"true"}}, rcps: rcp(`{"BoolIfExists":{"aws:SecureTransport":"false"}}`), want: Allowed},
		{name: "RCP allows, which grants nothing", rcps: ll(l(allow("*", to(`"*"`)))), want: ImplicitlyDenied},
		{name: "RCP principal as an object", identity: l(readData), rcps: ll(l(deny("s3:*", to(`{"AWS":"*"}`)))), want: ExplicitlyDenied},
		{name: "RCP at the root level alone", identity: l(readData), rcps: ll(l(deny("s3:Get*", to(`"*"`))), l()), want: ExplicitlyDenied},
		{name: "RCP and boundary, the denial counts", identity: l(readData), boundary: l(onlyEC2), rcps: rcp(`{}`), want: ExplicitlyDenied},
		{name: "RCP denies what the resource grants", trust: l(allow("s3:GetObject", aws(alice))), rcps: rcp(`{}`), want: ExplicitlyDenied},
	}
}

// NotPrincipal, and VPC endpoints: "AWS JSON policy elements: NotPrincipal"; AWS PrivateLink guide,
// "Control access to VPC endpoints using endpoint policies".
func exceptionsAndEndpoints() []decision {
	not := func(arns string) []string { return l(deny("s3:*", `"NotPrincipal":{"AWS":`+arns+`}`)) }
	open := allow("*", to(`"*"`))
	return []decision{
		{name: "NotPrincipal, listed with a boundary", identity: l(everything), boundary: l(everything), trust: not(`["` + alice + `","` + rootUser + `"]`), want: ExplicitlyDenied},
		{name: "NotPrincipal, role itself", principal: appRole, identity: l(everything), trust: not(`["` + appRole + `","` + rootUser + `"]`), want: Allowed},
		{name: "NotPrincipal lists the account alone", identity: l(everything), trust: not(`"` + rootUser + `"`), want: ExplicitlyDenied},
		{name: "NotPrincipal lists the account, its root asks", principal: rootUser, trust: not(`"` + rootUser + `"`), want: Allowed},
		{name: "NotPrincipal, another account", principal: vendor, identity: l(everything), trust: append(not(`["`+alice+`","`+rootUser+`"]`), allow("s3:GetObject", to(`"*"`))), want: ExplicitlyDenied},
		{name: "NotPrincipal denies nobody too", principal: "*", trust: append(not(`"`+rootUser+`"`), allow("s3:GetObject", to(`"*"`))), want: ExplicitlyDenied},
		{name: "NotPrincipal on another action", identity: l(everything), action: "s3:ListBucket", resource: "arn:aws:s3:::data", trust: l(deny("s3:PutObject", `"NotPrincipal":{"AWS":"`+rootUser+`"}`)), want: Allowed},
		{name: "NotPrincipal with a service", principal: "cloudtrail.amazonaws.com", action: "s3:PutObject", trust: l(deny("s3:*", `"NotPrincipal":{"Service":"cloudtrail.amazonaws.com"}`), allow("s3:PutObject", to(`{"Service":"cloudtrail.amazonaws.com"}`))), want: Allowed},
		{name: "endpoint for own organisation's resources", identity: l(readData), context: keys{"aws:ResourceOrgID": {"o-1"}}, endpoint: l(allow("*", to(`"*"`), iff(`{"StringEquals":{"aws:ResourceOrgID":"o-1"}}`))), want: Allowed},
		{name: "endpoint, a foreign resource", account: away, identity: l(readData), trust: l(allow("s3:GetObject", aws(alice))), context: keys{"aws:ResourceOrgID": {"o-2"}}, endpoint: l(allow("*", to(`"*"`), iff(`{"StringEquals":{"aws:ResourceOrgID":"o-1"}}`))), want: ImplicitlyDenied},
		{name: "endpoint for one account", identity: l(readData), endpoint: l(allow("*", aws(home))), want: Allowed},
		{name: "endpoint for a role, its session asks", principal: appSession, identity: l(readData), endpoint: l(allow("*", aws(appRole))), want: Allowed},
		{name: "endpoint by PrincipalArn", principal: appSession, identity: l(readData), endpoint: l(allow("*", to(`"*"`), iff(`{"ArnEquals":{"aws:PrincipalArn":"`+appRole+`"}}`))), want: Allowed},
		{name: "endpoint with another action", identity: l(readData), endpoint: l(allow("s3:ListBucket", to(`"*"`))), want: ImplicitlyDenied},
		{name: "endpoint limits a direct grant of the resource", trust: l(allow("s3:GetObject", aws(alice))), endpoint: l(allow("ec2:*", to(`"*"`))), want: ImplicitlyDenied},
		{name: "endpoint limits the root", principal: rootUser, endpoint: l(allow("ec2:*", to(`"*"`))), want: ImplicitlyDenied},
		{name: "endpoint denies, resource grants", trust: l(allow("s3:GetObject", aws(alice))), endpoint: l(open, deny("s3:GetObject", to(`"*"`))), want: ExplicitlyDenied},
		{name: "bucket wants one endpoint, another used", identity: l(readData), context: keys{"aws:SourceVpce": {"vpce-2"}}, trust: l(deny("s3:*", to(`"*"`), iff(`{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`))), want: ExplicitlyDenied},
		{name: "bucket wants one endpoint, none used", identity: l(readData), trust: l(deny("s3:*", to(`"*"`), iff(`{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`))), want: ExplicitlyDenied},
		{name: "bucket wants one endpoint, and gets it", identity: l(readData), context: keys{"aws:SourceVpce": {"vpce-1"}}, trust: l(deny("s3:*", to(`"*"`), iff(`{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`))), want: Allowed},
	}
}

// Across accounts: "Cross-account policy evaluation logic".
func acrossAccounts() []decision {
	object := func(d decision) decision { d.account = away; return d }
	grant := func(who string) []string { return l(allow("s3:GetObject", aws(who))) }
	return []decision{
		object(decision{name: "session, role granted", principal: appSession, identity: l(readData), trust: grant(appRole), want: Allowed}),
		object(decision{name: "session granted by its ARN, identity silent", principal: appSession, trust: grant(appSession), want: ImplicitlyDenied}),
		object(decision{name: "session policy limits", principal: appSession, identity: l(readData), session: l(onlyEC2), trust: grant(appSession), want: ImplicitlyDenied}),
		object(decision{name: "boundary limits a named user", identity: l(readData), boundary: l(onlyEC2), trust: grant(alice), want: ImplicitlyDenied}),
		object(decision{name: "identity denies", identity: l(readData, denyGet), trust: grant(alice), want: ExplicitlyDenied}),
		object(decision{name: "resource grants another account", identity: l(readData), trust: grant("777788889999"), want: ImplicitlyDenied}),
		object(decision{name: "resource grants another action", identity: l(readData), trust: l(allow("s3:PutObject", aws(alice))), want: ImplicitlyDenied}),
		object(decision{name: "federated user with all", principal: federated, identity: l(readData), session: l(readData), trust: grant(federated), want: Allowed}),
		object(decision{name: "federated user without a session policy", principal: federated, identity: l(readData), trust: grant(federated), want: ImplicitlyDenied}),
		object(decision{name: "own account by condition", identity: l(allow("s3:*", iff(`{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}`))), trust: grant(alice), want: ImplicitlyDenied}),
		{name: "own account by condition, at home", identity: l(allow("s3:*", iff(`{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}`))), want: Allowed},
		object(decision{name: "root alone", principal: rootUser, trust: grant(home), want: Allowed}),
		object(decision{name: "all levels", principal: appSession, identity: l(readData), boundary: l(readData), session: l(readData), scps: ll(l(everything)), rcps: ll(l()), endpoint: l(allow("*", to(`"*"`))), trust: grant(appRole), want: Allowed}),
	}
}

func TestDocumented(t *testing.T) {
	for page, rows := range map[string][]decision{
		"Principal": principalForms(), "single account": withinAccount(), "keys and trust": keyedResources(), "guardrails": guardrails(),
		"NotPrincipal and endpoints": exceptionsAndEndpoints(), "cross-account": acrossAccounts(),
	} {
		for _, c := range rows {
			t.Run(page+"/"+c.name, func(t *testing.T) {
				r, p := c.request(), c.policies(t)
				if got, by := DecideWhy(r, p); got != c.want {
					t.Errorf("%s by %q, want %s", got, by, c.want)
				}
			})
		}
	}
}
