package iam

import "strings"

// ask is one request while it is decided.
type ask struct {
	req     *Request
	caller  caller
	account string // owner of the resource
}

func newAsk(r *Request, c caller) ask {
	a := ask{req: r, caller: c, account: r.ResourceAccount}
	if vs, ok := lookup(r.Context, "aws:PrincipalArn"); ok && len(vs) == 1 && a.caller.kind == roleCaller {
		a.caller.realRole(vs[0])
	}
	if a.account == "" {
		a.account = accountOf(r.Resource)
	}
	if a.account == "" {
		a.account = a.caller.account
	}
	return a
}

// realRole takes the role's ARN from aws:PrincipalArn: a session's ARN does not tell the role's path.
func (c *caller) realRole(arn string) {
	if r := readCaller(arn); c.session() && r.kind == roleCaller && r.account == c.account && r.name == c.name {
		c.role = r.role
	}
}

// value gives a context key's values. Keys that AWS puts into every request
// and that follow from the principal are there even when the caller left them out.
func (a *ask) value(key string) ([]string, bool) {
	if vs, ok := lookup(a.req.Context, key); ok {
		return vs, true
	}
	v := a.implied(strings.ToLower(key))
	return []string{v}, v != ""
}

func lookup(context map[string][]string, key string) ([]string, bool) {
	if vs, ok := context[key]; ok {
		return vs, true
	}
	for k, vs := range context {
		if strings.EqualFold(k, key) {
			return vs, true
		}
	}
	return nil, false
}

func (a *ask) implied(key string) string {
	c := &a.caller
	switch key {
	case "aws:principalaccount":
		return c.account
	case "aws:resourceaccount":
		return a.account
	case "aws:username":
		if c.kind == userCaller {
			return c.name
		}
	case "aws:principalarn":
		if c.kind == roleCaller {
			return c.role
		}
		if c.hasAccount() {
			return c.arn
		}
	case "aws:principalisawsservice":
		return isService(c)
	case "aws:principaltype":
		return principalTypes[c.kind]
	case "aws:principalservicename":
		if c.outsideIs("Service") {
			return c.arn
		}
	}
	return ""
}

// isService is aws:PrincipalIsAWSService; empty, for absent, where nobody signed the request.
func isService(c *caller) string {
	switch {
	case c.outsideIs("Service"):
		return "true"
	case c.hasAccount():
		return "false"
	}
	return ""
}

// principalTypes are the values of aws:PrincipalType.
var principalTypes = map[callerKind]string{
	anonymous:       "Anonymous",
	rootCaller:      "Account",
	userCaller:      "User",
	roleCaller:      "AssumedRole",
	federatedCaller: "FederatedUser",
}
