package analyze

import (
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Anonymous is the ARN of the actor that did not sign its call.
const Anonymous = "anonymous"

// ActorOf tells whom e is charged to. A session counts for what its
// permissions come from: the role behind it, or the user that a federated or
// temporary session was made by. Source: CloudTrail user guide, "CloudTrail
// userIdentity element".
func ActorOf(e *event.Event) Actor {
	switch e.IdentityType {
	case "IAMUser":
		return userActor(e)
	case "AssumedRole":
		return roleActor(e)
	case "FederatedUser":
		return issuedActor(e)
	case "Root":
		return rootActor(e.IdentityAccountID, partition(e.IdentityARN))
	case "AWSAccount":
		return accountActor(e)
	case "AWSService":
		return serviceActor(e)
	case "SAMLUser", "WebIdentityUser", "IdentityCenterUser", "Directory":
		return federatedActor(e)
	}
	return otherActor(e)
}

func userActor(e *event.Event) Actor {
	if e.IdentityARN != "" {
		return Actor{KindUser, e.IdentityARN, account(e), lastOf(e.IdentityARN, '/')}
	}
	name := e.IdentityUserName
	// AWS hides the name typed at a sign-in that failed: it may be a password.
	if name == "" || name == "HIDDEN_DUE_TO_SECURITY_REASONS" {
		return Actor{KindUnknown, "unknown", account(e), "unknown"}
	}
	return Actor{KindUser, "arn:aws:iam::" + account(e) + ":user/" + name, account(e), name}
}

func roleActor(e *event.Event) Actor {
	if e.IssuerARN != "" {
		return Actor{KindRole, e.IssuerARN, accountIn(e.IssuerARN, account(e)), lastOf(e.IssuerARN, '/')}
	}
	name := roleOfSession(e.IdentityARN)
	if name == "" {
		return otherActor(e)
	}
	acct := accountIn(e.IdentityARN, account(e))
	return Actor{KindRole, "arn:" + partition(e.IdentityARN) + ":iam::" + acct + ":role/" + name, acct, name}
}

// issuedActor charges a GetFederationToken session to the user or root that
// asked for it: the session can do nothing that its issuer cannot.
func issuedActor(e *event.Event) Actor {
	switch {
	case e.IssuerType == "Root":
		return rootActor(e.IssuerAccountID, partition(e.IssuerARN))
	case e.IssuerARN != "":
		return Actor{KindUser, e.IssuerARN, accountIn(e.IssuerARN, account(e)), lastOf(e.IssuerARN, '/')}
	}
	return federatedActor(e)
}

func rootActor(acct, part string) Actor {
	return Actor{KindRoot, "arn:" + part + ":iam::" + acct + ":root", acct, "root"}
}

func accountActor(e *event.Event) Actor {
	id := e.IdentityAccountID
	if id == "" || strings.EqualFold(id, "anonymous") || strings.EqualFold(id, "ANONYMOUS_PRINCIPAL") {
		return Actor{KindUnknown, Anonymous, e.AccountID, Anonymous}
	}
	if e.IdentityARN != "" {
		return otherActor(e)
	}
	return Actor{KindAccount, id, id, id}
}

// serviceActor belongs to the account it works in: each account has its own.
func serviceActor(e *event.Event) Actor {
	name := e.InvokedBy
	if name == "" {
		name = e.SourceIPAddress
	}
	if name == "" {
		name = "AWS Internal"
	}
	return Actor{KindService, name, e.AccountID, name}
}

func federatedActor(e *event.Event) Actor {
	name := firstOf(e.IdentityUserName, e.OnBehalfOfUserID, lastOf(e.IdentityARN, '/'), e.PrincipalID, "unknown")
	id := firstOf(e.IdentityARN, joined(e.IdentityProvider, name))
	return Actor{KindFederated, id, account(e), name}
}

// otherActor reads what identities without a known type hold: events of
// services that act for an account have no type at all.
func otherActor(e *event.Event) Actor {
	arn := e.IdentityARN
	switch {
	case strings.Contains(arn, ":assumed-role/"):
		acct := accountIn(arn, account(e))
		name := roleOfSession(arn)
		return Actor{KindRole, "arn:" + partition(arn) + ":iam::" + acct + ":role/" + name, acct, name}
	case strings.Contains(arn, ":user/"):
		return Actor{KindUser, arn, accountIn(arn, account(e)), lastOf(arn, '/')}
	case strings.HasSuffix(arn, ":root"):
		return rootActor(accountIn(arn, account(e)), partition(arn))
	case e.InvokedBy != "":
		return serviceActor(e)
	case e.OnBehalfOfUserID != "":
		return federatedActor(e)
	case arn != "" || e.PrincipalID != "":
		id := firstOf(arn, e.PrincipalID)
		return Actor{KindUnknown, id, account(e), lastOf(id, '/')}
	case e.IdentityAccountID != "":
		return Actor{KindAccount, e.IdentityAccountID, e.IdentityAccountID, e.IdentityAccountID}
	}
	return Actor{KindUnknown, "unknown", e.AccountID, "unknown"}
}

// sessionName is the name of the session that made the call: for federated
// and Identity Center roles, the person.
func sessionName(e *event.Event) string {
	if strings.Contains(e.IdentityARN, ":assumed-role/") || strings.Contains(e.IdentityARN, ":federated-user/") {
		return lastOf(e.IdentityARN, '/')
	}
	return ""
}

// instanceSession tells that the credential was given to an EC2 instance:
// AWS says so, or the session is named as only the instance service names it.
func instanceSession(e *event.Event) bool {
	return e.EC2RoleDelivery != "" || instanceID(sessionName(e))
}

// instanceID reports whether s is i- and 8 to 17 hex digits.
func instanceID(s string) bool {
	hex, ok := strings.CutPrefix(strings.ToLower(s), "i-")
	if !ok || len(hex) < 8 || len(hex) > 17 {
		return false
	}
	return strings.Trim(hex, "0123456789abcdef") == ""
}

// account is the identity's account, else the event's.
func account(e *event.Event) string { return firstOf(e.IdentityAccountID, e.AccountID) }

func roleOfSession(arn string) string {
	_, rest, ok := strings.Cut(arn, ":assumed-role/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// partition is aws, aws-cn or aws-us-gov, from an ARN.
func partition(arn string) string {
	if p := strings.SplitN(arn, ":", 3); len(p) == 3 && p[1] != "" {
		return p[1]
	}
	return "aws"
}

// accountIn is the account id in an ARN, or other.
func accountIn(arn, other string) string {
	if p := strings.SplitN(arn, ":", 6); len(p) == 6 && p[4] != "" {
		return p[4]
	}
	return other
}

func lastOf(s string, sep byte) string { return s[strings.LastIndexByte(s, sep)+1:] }

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// joined is a/b, or the one of them that is not empty.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "/" + b
}
