package analyze

import (
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestActorOf(t *testing.T) {
	const a = account1
	for name, c := range map[string]struct {
		event event.Event
		want  Actor
	}{
		"user": {event.Event{IdentityType: "IAMUser", IdentityARN: alice, IdentityAccountID: a}, Actor{KindUser, alice, a, "alice"}},
		"user with a path": {event.Event{IdentityType: "IAMUser", IdentityARN: "arn:aws:iam::111122223333:user/eu/ops/bob", IdentityAccountID: a},
			Actor{KindUser, "arn:aws:iam::111122223333:user/eu/ops/bob", a, "bob"}},
		"user without arn": {event.Event{AccountID: a, IdentityType: "IAMUser", IdentityUserName: "carol"}, Actor{KindUser, "arn:aws:iam::111122223333:user/carol", a, "carol"}},
		"failed sign-in":   {event.Event{AccountID: a, IdentityType: "IAMUser", IdentityUserName: "HIDDEN_DUE_TO_SECURITY_REASONS"}, Actor{KindUnknown, "unknown", a, "unknown"}},
		"role session": {event.Event{IdentityType: "AssumedRole", IdentityARN: "arn:aws:sts::111122223333:assumed-role/deploy/s", IssuerARN: "arn:aws:iam::111122223333:role/ci/deploy", IdentityAccountID: a},
			Actor{KindRole, "arn:aws:iam::111122223333:role/ci/deploy", a, "deploy"}},
		"role of another account": {event.Event{AccountID: "444455556666", IdentityType: "AssumedRole", IssuerARN: "arn:aws:iam::111122223333:role/deploy"},
			Actor{KindRole, "arn:aws:iam::111122223333:role/deploy", a, "deploy"}},
		"role session without issuer": {event.Event{IdentityType: "AssumedRole", IdentityARN: "arn:aws-cn:sts::111122223333:assumed-role/deploy/s"},
			Actor{KindRole, "arn:aws-cn:iam::111122223333:role/deploy", a, "deploy"}},
		"federated session counts for its user": {event.Event{IdentityType: "FederatedUser", IdentityARN: "arn:aws:sts::111122223333:federated-user/x", IssuerType: "IAMUser", IssuerARN: alice},
			Actor{KindUser, alice, a, "alice"}},
		"federated session of root": {event.Event{IdentityType: "FederatedUser", IssuerType: "Root", IssuerARN: "arn:aws:iam::111122223333:root", IssuerAccountID: a},
			Actor{KindRoot, "arn:aws:iam::111122223333:root", a, "root"}},
		"root":                 {event.Event{IdentityType: "Root", IdentityARN: "arn:aws:iam::111122223333:root", IdentityAccountID: a}, Actor{KindRoot, "arn:aws:iam::111122223333:root", a, "root"}},
		"service":              {event.Event{AccountID: a, IdentityType: "AWSService", InvokedBy: "delivery.logs.amazonaws.com"}, Actor{KindService, "delivery.logs.amazonaws.com", a, "delivery.logs.amazonaws.com"}},
		"service by address":   {event.Event{AccountID: a, IdentityType: "AWSService", SourceIPAddress: "lambda.amazonaws.com"}, Actor{KindService, "lambda.amazonaws.com", a, "lambda.amazonaws.com"}},
		"service without type": {event.Event{AccountID: a, IdentityAccountID: a, InvokedBy: "secretsmanager.amazonaws.com"}, Actor{KindService, "secretsmanager.amazonaws.com", a, "secretsmanager.amazonaws.com"}},
		"other account":        {event.Event{AccountID: a, IdentityType: "AWSAccount", IdentityAccountID: "444455556666"}, Actor{KindAccount, "444455556666", "444455556666", "444455556666"}},
		"anonymous":            {event.Event{AccountID: a, IdentityType: "AWSAccount", IdentityAccountID: "anonymous", PrincipalID: "AWS:anonymous"}, Actor{KindUnknown, Anonymous, a, Anonymous}},
		"web identity": {event.Event{AccountID: a, IdentityType: "WebIdentityUser", IdentityProvider: "token.actions.githubusercontent.com", IdentityUserName: "repo:org/x:ref:main"},
			Actor{KindFederated, "token.actions.githubusercontent.com/repo:org/x:ref:main", a, "repo:org/x:ref:main"}},
		"nothing": {event.Event{AccountID: a}, Actor{KindUnknown, "unknown", a, "unknown"}},
	} {
		if got := ActorOf(&c.event); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}

func TestInstanceSession(t *testing.T) {
	for name, c := range map[string]struct {
		event event.Event
		want  bool
	}{
		"AWS says so":      {event.Event{EC2RoleDelivery: "2.0", IdentityARN: "arn:aws:sts::111122223333:assumed-role/r/any"}, true},
		"named as one":     {event.Event{IdentityARN: "arn:aws:sts::111122223333:assumed-role/r/i-0123456789abcdef0"}, true},
		"named otherwise":  {event.Event{IdentityARN: "arn:aws:sts::111122223333:assumed-role/r/i-am-alice"}, false},
		"short":            {event.Event{IdentityARN: "arn:aws:sts::111122223333:assumed-role/r/i-0123"}, false},
		"a user so called": {event.Event{IdentityARN: "arn:aws:iam::111122223333:user/i-0123456789abcdef0"}, false},
	} {
		if got := instanceSession(&c.event); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
