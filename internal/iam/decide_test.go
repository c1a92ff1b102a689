package iam

import (
	"slices"
	"strings"
	"testing"
)

const (
	home, away = "111122223333", "444455556666"
	alice      = "arn:aws:iam::111122223333:user/team/alice"
	appRole    = "arn:aws:iam::111122223333:role/app"
	appSession = "arn:aws:sts::111122223333:assumed-role/app/i-0abc"
	federated  = "arn:aws:sts::111122223333:federated-user/bob"
	rootUser   = "arn:aws:iam::111122223333:root"
	bucketKey  = "arn:aws:s3:::data/a.csv"
	everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	readData   = `{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::data/*"}`
	denyGet    = `{"Sid":"No","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`
	onlyEC2    = `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
)

// policy makes a document of statements.
func policy(tb testing.TB, statements ...string) *Document {
	return mustParse(tb, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)
}

// grantTo is a bucket policy's statement for a principal element.
func grantTo(principal string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}`
}

// decision is one row: policies by layer, each a list of statements. A layer
// that is nil is not there.
type decision struct {
	name      string
	principal string // alice where empty
	action    string // s3:GetObject where empty
	resource  string // bucketKey where empty
	account   string // of the resource, home where empty
	context   map[string][]string
	identity  []string
	boundary  []string
	session   []string
	trust     []string // the resource's policy
	endpoint  []string
	scps      [][]string
	rcps      [][]string
	want      Decision
}

func (c *decision) request() Request {
	or := func(s, d string) string {
		if s == "" {
			return d
		}
		return s
	}
	return Request{
		Principal: or(c.principal, alice), Action: or(c.action, "s3:GetObject"), Resource: or(c.resource, bucketKey),
		ResourceAccount: or(c.account, home), Context: c.context,
	}
}

func (c *decision) policies(tb testing.TB) Policies {
	p := Policies{Identity: []*Document{policy(tb, c.identity...)}}
	if c.boundary != nil {
		p.Boundary = []*Document{policy(tb, c.boundary...)}
	}
	if c.session != nil {
		p.Session = policy(tb, c.session...)
	}
	if c.trust != nil {
		p.Resource = policy(tb, c.trust...)
	}
	if c.endpoint != nil {
		p.Endpoint = []*Document{policy(tb, c.endpoint...)}
	}
	for _, l := range c.scps {
		p.SCPs = append(p.SCPs, []*Document{policy(tb, l...)})
	}
	for _, l := range c.rcps {
		p.RCPs = append(p.RCPs, []*Document{policy(tb, l...)})
	}
	return p
}

// The table follows the IAM user guide: "Policy evaluation logic", "Evaluating
// identity-based policies with resource-based policies", "Cross-account
// policy evaluation logic", "Permissions boundaries", "Session policies".
func decisions() []decision {
	list := func(s ...string) []string { return s }
	levels := func(l ...[]string) [][]string { return l }
	control := `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`
	return []decision{
		// One policy.
		{name: "nothing allows", identity: list(), want: ImplicitlyDenied},
		{name: "allowed", identity: list(readData), want: Allowed},
		{name: "another action", identity: list(readData), action: "s3:PutObject", want: ImplicitlyDenied},
		{name: "another resource", identity: list(readData), resource: "arn:aws:s3:::other/a.csv", want: ImplicitlyDenied},
		{name: "deny wins", identity: list(everything, denyGet), want: ExplicitlyDenied},
		{name: "deny wins in any order", identity: list(denyGet, everything), want: ExplicitlyDenied},
		{name: "deny alone", identity: list(denyGet), want: ExplicitlyDenied},
		{name: "NotAction allows others", identity: list(`{"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"}`), want: Allowed},
		{name: "NotAction does not allow its own", identity: list(`{"Effect":"Allow","NotAction":["iam:*","S3:get*"],"Resource":"*"}`), want: ImplicitlyDenied},
		{name: "Deny NotAction", identity: list(everything, `{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "Deny NotAction spares its own", identity: list(everything, `{"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}`), want: Allowed},
		{name: "NotResource allows others", identity: list(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*"}`), want: Allowed},
		{name: "NotResource does not allow its own", identity: list(`{"Effect":"Allow","Action":"*","NotResource":["arn:aws:s3:::secret/*","arn:aws:s3:::data/*"]}`), want: ImplicitlyDenied},
		{name: "Deny NotResource", identity: list(everything, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::other/*"}`), want: ExplicitlyDenied},
		{name: "deny with a condition that does not hold", identity: list(everything, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`), context: map[string][]string{"aws:SecureTransport": {"true"}}, want: Allowed},
		{name: "deny without MFA", identity: list(everything, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`), want: ExplicitlyDenied},
		{name: "own home only", identity: list(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::data/${aws:username}/*"}`), resource: "arn:aws:s3:::data/alice/x", want: Allowed},
		{name: "not another's home", identity: list(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::data/${aws:username}/*"}`), resource: "arn:aws:s3:::data/bob/x", want: ImplicitlyDenied},
		{name: "NotResource with an absent variable spares nobody", identity: list(everything, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::data/${aws:PrincipalTag/dir}/*"}`), want: ExplicitlyDenied},
		{name: "action without resources", identity: list(`{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"arn:aws:s3:::*"}`), action: "s3:ListAllMyBuckets", resource: "*", want: ImplicitlyDenied},
		{name: "PassRole to its service", identity: list(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`), action: "iam:PassRole", resource: appRole, context: map[string][]string{"iam:PassedToService": {"lambda.amazonaws.com"}}, want: Allowed},
		{name: "PassRole to another service", identity: list(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`), action: "iam:PassRole", resource: appRole, context: map[string][]string{"iam:PassedToService": {"ec2.amazonaws.com"}}, want: ImplicitlyDenied},
		{name: "root needs no policy", principal: rootUser, want: Allowed},
		{name: "root in another account needs the resource's", principal: rootUser, account: away, want: ImplicitlyDenied},
		{name: "a service has no identity policies", principal: "ec2.amazonaws.com", identity: list(everything), want: ImplicitlyDenied},

		// Boundaries and session policies.
		{name: "boundary limits", identity: list(everything), boundary: list(onlyEC2), want: ImplicitlyDenied},
		{name: "boundary lets through", identity: list(everything), boundary: list(readData), want: Allowed},
		{name: "boundary gives nothing", boundary: list(everything), want: ImplicitlyDenied},
		{name: "boundary denies", identity: list(everything), boundary: list(everything, denyGet), want: ExplicitlyDenied},
		{name: "empty boundary", identity: list(everything), boundary: []string{}, want: ImplicitlyDenied},
		{name: "session limits", principal: appSession, identity: list(everything), session: list(onlyEC2), want: ImplicitlyDenied},
		{name: "session lets through", principal: appSession, identity: list(everything), session: list(readData), want: Allowed},
		{name: "session gives nothing", principal: appSession, session: list(everything), want: ImplicitlyDenied},
		{name: "session denies", principal: appSession, identity: list(everything), session: list(everything, denyGet), want: ExplicitlyDenied},
		{name: "boundary and session, one limits", principal: appSession, identity: list(everything), boundary: list(everything), session: list(onlyEC2), want: ImplicitlyDenied},

		// Organisation policies.
		{name: "SCPs allow at every level", identity: list(readData), scps: levels(list(everything), list(everything)), want: Allowed},
		{name: "one SCP level does not allow", identity: list(readData), scps: levels(list(everything), list(onlyEC2), list(everything)), want: ImplicitlyDenied},
		{name: "SCP denies", identity: list(readData), scps: levels(list(everything, denyGet), list(everything)), want: ExplicitlyDenied},
		{name: "SCP gives nothing", scps: levels(list(everything)), want: ImplicitlyDenied},
		{name: "SCP binds the root", principal: rootUser, scps: levels(list(everything, denyGet)), want: ExplicitlyDenied},
		{name: "SCP limits what a resource grants", trust: list(grantTo(`{"AWS":"` + alice + `"}`)), scps: levels(list(onlyEC2)), want: ImplicitlyDenied},
		{name: "SCP does not bind a service", principal: "cloudtrail.amazonaws.com", trust: list(grantTo(`{"Service":"cloudtrail.amazonaws.com"}`)), scps: levels(list(onlyEC2)), want: Allowed},
		{name: "RCP denies", identity: list(readData), rcps: levels(list(), list(control)), want: ExplicitlyDenied},
		{name: "RCP that does not fit", identity: list(readData), rcps: levels(list(`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}`)), want: Allowed},
		{name: "RCP binds strangers", principal: "*", trust: list(grantTo(`"*"`)), rcps: levels(list(control)), want: ExplicitlyDenied},
		{name: "RCP binds the root", principal: rootUser, rcps: levels(list(control)), want: ExplicitlyDenied},
		{name: "RCP keeps to the organisation", principal: "arn:aws:iam::444455556666:user/x", identity: list(everything), trust: list(grantTo(`"*"`)), rcps: levels(list(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`)), context: map[string][]string{"aws:PrincipalOrgID": {"o-2"}}, want: ExplicitlyDenied},

		// Endpoint policies.
		{name: "endpoint lets through", identity: list(readData), endpoint: list(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`), want: Allowed},
		{name: "endpoint limits", identity: list(readData), endpoint: list(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}`), want: ImplicitlyDenied},
		{name: "endpoint for another", identity: list(readData), endpoint: list(`{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}`), want: ImplicitlyDenied},
		{name: "endpoint denies", identity: list(readData), endpoint: list(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "endpoint gives nothing", endpoint: list(everything), want: ImplicitlyDenied},

		// Resource policies within the account.
		{name: "resource grants a user", trust: list(grantTo(`{"AWS":"` + alice + `"}`)), want: Allowed},
		{name: "resource grants a user past the boundary", boundary: list(onlyEC2), trust: list(grantTo(`{"AWS":"` + alice + `"}`)), want: Allowed},
		{name: "resource grants a session", principal: appSession, trust: list(grantTo(`{"AWS":"` + appSession + `"}`)), want: Allowed},
		{name: "resource grants a session past boundary and session policy", principal: appSession, boundary: list(onlyEC2), session: list(onlyEC2), trust: list(grantTo(`{"AWS":"` + appSession + `"}`)), want: Allowed},
		{name: "resource grants a role", principal: appSession, trust: list(grantTo(`{"AWS":"` + appRole + `"}`)), want: Allowed},
		{name: "resource grants a role, boundary limits", principal: appSession, boundary: list(onlyEC2), trust: list(grantTo(`{"AWS":"` + appRole + `"}`)), want: ImplicitlyDenied},
		{name: "resource grants a role, session limits", principal: appSession, session: list(onlyEC2), trust: list(grantTo(`{"AWS":"` + appRole + `"}`)), want: ImplicitlyDenied},
		{name: "resource grants a federated user", principal: federated, trust: list(grantTo(`{"AWS":"` + federated + `"}`)), want: Allowed},
		{name: "resource grants everybody", trust: list(grantTo(`"*"`)), want: Allowed},
		{name: "resource grants every AWS principal", trust: list(grantTo(`{"AWS":"*"}`)), want: Allowed},
		{name: "wildcard in a principal is none", trust: list(grantTo(`{"AWS":"arn:aws:iam::111122223333:user/*"}`)), want: ImplicitlyDenied},
		{name: "resource grants the account", trust: list(grantTo(`{"AWS":"111122223333"}`)), want: ImplicitlyDenied},
		{name: "resource grants the account and identity too", identity: list(readData), trust: list(grantTo(`{"AWS":"` + rootUser + `"}`)), want: Allowed},
		{name: "resource grants another user", trust: list(grantTo(`{"AWS":"arn:aws:iam::111122223333:user/bob"}`)), want: ImplicitlyDenied},
		{name: "resource grants another, identity allows", identity: list(readData), trust: list(grantTo(`{"AWS":"arn:aws:iam::111122223333:user/bob"}`)), want: Allowed},
		{name: "resource denies", identity: list(everything), trust: list(`{"Effect":"Deny","Principal":{"AWS":"` + alice + `"},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "resource denies the account", identity: list(everything), trust: list(`{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "resource denies the role of a session", principal: appSession, identity: list(everything), trust: list(`{"Effect":"Deny","Principal":{"AWS":"` + appRole + `"},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "resource denies another", identity: list(everything), trust: list(`{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"s3:*","Resource":"*"}`), want: Allowed},
		{name: "resource denies all but with a condition", identity: list(everything), trust: list(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"` + alice + `"}}}`), want: Allowed},

		// NotPrincipal.
		{name: "NotPrincipal denies others", identity: list(everything), trust: list(`{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/bob","` + rootUser + `"]},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "NotPrincipal spares user and account", identity: list(everything), trust: list(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + alice + `","` + rootUser + `"]},"Action":"s3:*","Resource":"*"}`), want: Allowed},
		{name: "NotPrincipal wants the account too", identity: list(everything), trust: list(`{"Effect":"Deny","NotPrincipal":{"AWS":"` + alice + `"},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "NotPrincipal wants session, role and account", principal: appSession, identity: list(everything), trust: list(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + appSession + `","` + appRole + `","` + rootUser + `"]},"Action":"s3:*","Resource":"*"}`), want: Allowed},
		{name: "NotPrincipal with the role alone", principal: appSession, identity: list(everything), trust: list(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + appRole + `","` + rootUser + `"]},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},

		{name: "NotPrincipal without the role", principal: appSession, identity: list(everything), trust: list(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + appSession + `","` + rootUser + `"]},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "NotPrincipal grants others", trust: list(`{"Effect":"Allow","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/bob","` + rootUser + `"]},"Action":"s3:*","Resource":"*"}`), want: Allowed},

		// Across accounts.
		{name: "across, identity alone", account: away, identity: list(readData), want: ImplicitlyDenied},
		{name: "across, resource alone", account: away, trust: list(grantTo(`{"AWS":"` + alice + `"}`)), want: ImplicitlyDenied},
		{name: "across, both", account: away, identity: list(readData), trust: list(grantTo(`{"AWS":"` + alice + `"}`)), want: Allowed},
		{name: "across, both by account", account: away, identity: list(readData), trust: list(grantTo(`{"AWS":"111122223333"}`)), want: Allowed},
		{name: "across, both for everybody", account: away, identity: list(readData), trust: list(grantTo(`"*"`)), want: Allowed},
		{name: "across, boundary limits", account: away, identity: list(readData), boundary: list(onlyEC2), trust: list(grantTo(`{"AWS":"` + alice + `"}`)), want: ImplicitlyDenied},
		{name: "across, resource denies", account: away, identity: list(readData), trust: list(grantTo(`"*"`), `{"Effect":"Deny","Principal":{"AWS":"`+home+`"},"Action":"s3:*","Resource":"*"}`), want: ExplicitlyDenied},
		{name: "across, root with the resource's grant", principal: rootUser, account: away, trust: list(grantTo(`{"AWS":"111122223333"}`)), want: Allowed},
		{name: "account of the resource out of its ARN", account: " ", resource: "arn:aws:sqs:eu-west-1:444455556666:q", action: "sqs:SendMessage", identity: list(everything), want: ImplicitlyDenied},

		// Who is nobody of ours.
		{name: "anonymous, public", principal: "*", trust: list(grantTo(`"*"`)), want: Allowed},
		{name: "anonymous, not public", principal: "*", trust: list(grantTo(`{"AWS":"111122223333"}`)), want: ImplicitlyDenied},
		{name: "service by name", principal: "cloudtrail.amazonaws.com", trust: list(grantTo(`{"Service":"cloudtrail.amazonaws.com"}`)), want: Allowed},
		{name: "another service", principal: "config.amazonaws.com", trust: list(grantTo(`{"Service":"cloudtrail.amazonaws.com"}`)), want: ImplicitlyDenied},
		{name: "service under AWS", principal: "cloudtrail.amazonaws.com", trust: list(grantTo(`{"AWS":"cloudtrail.amazonaws.com"}`)), want: ImplicitlyDenied},

		// Roles to assume, and keys.
		{name: "trust names the service", principal: "ec2.amazonaws.com", action: "sts:AssumeRole", resource: appRole, trust: list(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), want: Allowed},
		{name: "trust names the provider", principal: "cognito-identity.amazonaws.com", action: "sts:AssumeRoleWithWebIdentity", resource: appRole, trust: list(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/x"},"Action":"sts:AssumeRoleWithWebIdentity"}`), want: ImplicitlyDenied},
		{name: "provider assumes with its audience", principal: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", action: "sts:AssumeRoleWithWebIdentity", resource: appRole, trust: list(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/*"}}}`), context: map[string][]string{"token.actions.githubusercontent.com:sub": {"repo:org/app:ref:refs/heads/main"}}, want: Allowed},
		{name: "trust names the user", action: "sts:AssumeRole", resource: appRole, trust: list(`{"Effect":"Allow","Principal":{"AWS":"` + alice + `"},"Action":"sts:AssumeRole"}`), want: Allowed},
		{name: "trust names the account, identity allows", action: "sts:AssumeRole", resource: appRole, identity: list(everything), trust: list(`{"Effect":"Allow","Principal":{"AWS":"` + rootUser + `"},"Action":"sts:AssumeRole"}`), want: Allowed},
		{name: "trust names the account, identity does not", action: "sts:AssumeRole", resource: appRole, trust: list(`{"Effect":"Allow","Principal":{"AWS":"` + rootUser + `"},"Action":"sts:AssumeRole"}`), want: ImplicitlyDenied},
		{name: "identity allows, trust does not", action: "sts:AssumeRole", resource: appRole, identity: list(everything), trust: list(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), want: ImplicitlyDenied},
		{name: "trust wants an external id", principal: "arn:aws:iam::444455556666:role/vendor", action: "sts:AssumeRole", resource: appRole, identity: list(everything), trust: list(`{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`), want: ImplicitlyDenied},
		{name: "key policy passes on to the account", action: "kms:Decrypt", resource: "arn:aws:kms:eu-west-1:111122223333:key/1", identity: list(everything), trust: list(`{"Effect":"Allow","Principal":{"AWS":"` + rootUser + `"},"Action":"kms:*","Resource":"*"}`), want: Allowed},
		{name: "key policy is silent", action: "kms:Decrypt", resource: "arn:aws:kms:eu-west-1:111122223333:key/1", identity: list(everything), trust: list(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:*","Resource":"*"}`), want: ImplicitlyDenied},
	}
}

func TestDecide(t *testing.T) {
	for _, c := range decisions() {
		t.Run(c.name, func(t *testing.T) {
			r, p := c.request(), c.policies(t)
			r.ResourceAccount = strings.TrimSpace(r.ResourceAccount)
			got, by := DecideWhy(r, p)
			if got != c.want {
				t.Errorf("%s by %q, want %s", got, by, c.want)
			}
			if len(by) == 0 && r.Principal != rootUser {
				t.Error("no reason given")
			}
			if again := Decide(r, p); again != got {
				t.Errorf("Decide says %s, DecideWhy %s", again, got)
			}
		})
	}
}

// One evaluator asked everything in turn answers as a fresh one each time.
func TestEvaluatorRemembersRight(t *testing.T) {
	p := Policies{
		Identity: []*Document{policy(t, readData, everything, denyGet)}, Boundary: []*Document{policy(t, readData, onlyEC2)},
		Resource: policy(t, grantTo(`{"AWS":"`+appRole+`"}`)), SCPs: [][]*Document{{policy(t, everything)}},
	}
	v := NewEvaluator(p)
	for range 2 {
		for _, who := range []string{alice, appSession, appRole, rootUser, "*", "ec2.amazonaws.com", alice} {
			for _, action := range []string{"s3:GetObject", "s3:getobject", "s3:GetObjectAcl", "ec2:RunInstances", "iam:PassRole"} {
				r := Request{Principal: who, Action: action, Resource: bucketKey}
				d, by := DecideWhy(r, p)
				e, ey := v.DecideWhy(r)
				if d != e || !slices.Equal(by, ey) || v.Decide(r) != d {
					t.Errorf("%s %s: %s %v, remembered %s %v", who, action, d, by, e, ey)
				}
			}
		}
	}
	for i := range 3 * rememberedActions {
		v.Decide(Request{Principal: alice, Action: "x:A" + strings.Repeat("a", i%97) + string(rune('a'+i%26)) + strings.Repeat("b", i/97), Resource: "*"})
	}
	if len(v.actions) > rememberedActions {
		t.Errorf("remembers %d actions", len(v.actions))
	}
}

func TestDecideWhy(t *testing.T) {
	named := policy(t, readData)
	for _, c := range []struct {
		name string
		p    Policies
		want string
	}{
		{"allowed by Sid", Policies{Identity: []*Document{policy(t, readData)}}, "identity: Read"},
		{"by place", Policies{Identity: []*Document{policy(t, onlyEC2), policy(t, onlyEC2, everything)}}, "identity[1]: statement 2"},
		{"by name", Policies{Identity: []*Document{named}, Names: map[*Document]string{named: "inline read"}}, "inline read: Read"},
		{"all that allow", Policies{Identity: []*Document{policy(t, readData, everything)}, SCPs: [][]*Document{{policy(t, everything)}}}, "scp level 1: statement 1; identity: Read; identity: statement 2"},
		{"all that deny", Policies{Identity: []*Document{policy(t, denyGet)}, Boundary: []*Document{policy(t, denyGet)}}, "identity: No; boundary: No"},
		{"layers that lack", Policies{Identity: []*Document{policy(t, onlyEC2)}, Boundary: []*Document{policy(t, onlyEC2)}}, "identity: no statement allows; boundary: no statement allows"},
		{"SCP lacks", Policies{Identity: []*Document{policy(t, readData)}, SCPs: [][]*Document{{policy(t, everything)}, {policy(t, onlyEC2)}}}, "scp level 2: no statement allows"},
		{"the direct grant counts alone", Policies{Resource: policy(t, grantTo(`{"AWS":"111122223333"}`), grantTo(`{"AWS":"`+alice+`"}`))}, "resource: statement 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, by := DecideWhy(Request{Principal: alice, Action: "s3:GetObject", Resource: bucketKey, ResourceAccount: home}, c.p)
			if got := strings.Join(by, "; "); got != c.want {
				t.Errorf("by %q, want %q", got, c.want)
			}
		})
	}
}

// A role's session knows its role with and without path.
func TestRolePaths(t *testing.T) {
	const pathed, session = "arn:aws:iam::111122223333:role/team/app", "arn:aws:sts::111122223333:assumed-role/app/s"
	grant := policy(t, grantTo(`{"AWS":"`+pathed+`"}`))
	for _, c := range []struct {
		name, principal, told string
		want                  Decision
	}{
		{"role asks", pathed, "", Allowed},
		{"session, path not told", session, "", Allowed},
		{"session, path told", session, pathed, Allowed},
		{"session of another path", session, "arn:aws:iam::111122223333:role/other/app", ImplicitlyDenied},
		{"session of another account", "arn:aws:sts::444455556666:assumed-role/app/s", "", ImplicitlyDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Request{Principal: c.principal, Action: "s3:GetObject", Resource: bucketKey, ResourceAccount: home}
			if c.told != "" {
				r.Context = map[string][]string{"aws:PrincipalArn": {c.told}}
			}
			if got := Decide(r, Policies{Resource: grant}); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
