package iam

import "strings"

// grant says how directly a Principal element names the caller.
type grant int

const (
	noGrant      grant = iota
	accountGrant       // names the caller's account, which passes the decision on to the identity's policies
	roleGrant          // names the role: boundary and session policy still limit it
	directGrant        // names the user, the session or everybody: no implicit deny limits it
)

// names reports how a Principal element names the caller.
func (a *ask) names(p *Principal) grant {
	if p.Any {
		return directGrant
	}
	best := noGrant
	for kind, l := range p.By {
		for _, v := range l.Values {
			best = max(best, a.named(kind, v))
		}
	}
	return best
}

// named is names for one value. "*" stands for everybody; elsewhere a
// Principal element has no wildcards.
func (a *ask) named(kind, v string) grant {
	c := &a.caller
	switch {
	case kind == "AWS" && v == "*", v == c.arn && c.outsideIs(kind):
		return directGrant
	case kind != "AWS" && v == "*" && c.outsideIs(kind):
		return directGrant
	case kind != "AWS" || !c.hasAccount():
		return noGrant
	case v == c.account || v == c.root():
		if c.kind == rootCaller {
			return directGrant
		}
		return accountGrant
	case c.kind == roleCaller && c.isRole(v):
		return roleGrant
	case v == c.arn:
		return directGrant
	}
	return noGrant
}

// outsideIs tells that a caller without an account is named under this kind.
// Amazon Cognito federates under a service's name, and a CloudFront origin
// access identity goes by an ARN under AWS.
func (c *caller) outsideIs(kind string) bool {
	if c.kind != outside {
		return false
	}
	service := strings.HasSuffix(c.arn, ".amazonaws.com") || strings.HasSuffix(c.arn, ".amazonaws.com.cn")
	switch kind {
	case "AWS":
		return strings.Contains(c.arn, ":iam::cloudfront:user/")
	case "Service":
		return service
	case "Federated":
		return !service || strings.HasPrefix(c.arn, "cognito-identity.")
	}
	return kind == "CanonicalUser"
}

// isRole tells that v is the caller's role. A session's ARN does not tell the
// role's path, so a path is not held against it.
func (c *caller) isRole(v string) bool {
	if v == c.role {
		return true
	}
	r := readCaller(v)
	pathless := strings.HasSuffix(c.role, ":role/"+c.name)
	return c.session() && pathless && !r.session() && r.kind == roleCaller && r.account == c.account && r.name == c.name
}

// spared reports whether a NotPrincipal element lists the caller: AWS asks
// that all that the caller is be listed, the account and, for a session, role and session
// (IAM user guide, NotPrincipal).
func (a *ask) spared(p *Principal) bool {
	var direct, role, account bool
	if p.Any {
		return true
	}
	for kind, l := range p.By {
		for _, v := range l.Values {
			g := a.named(kind, v)
			direct = direct || g == directGrant
			role = role || g == roleGrant
			account = account || g == accountGrant || kind == "AWS" && v == "*"
		}
	}
	c := &a.caller
	switch {
	case c.kind == roleCaller && c.session():
		return direct && role && account
	case c.kind == roleCaller:
		return role && account
	case c.kind == userCaller || c.kind == federatedCaller:
		return direct && account
	}
	return direct
}

// bears reports how a statement's Principal or NotPrincipal element takes the
// caller in; a statement with neither takes nobody.
func (a *ask) bears(s *Statement) grant {
	switch {
	case s.Principal != nil:
		return a.names(s.Principal)
	case s.NotPrincipal != nil && !a.spared(s.NotPrincipal):
		return directGrant
	}
	return noGrant
}
