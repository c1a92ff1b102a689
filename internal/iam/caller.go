package iam

import "strings"

// callerKind is what kind of principal asks.
type callerKind int

const (
	anonymous  callerKind = iota // nobody, or "*"
	outside                      // an AWS service, a federated provider, a canonical user: has no account of ours
	rootCaller                   // the account itself
	userCaller
	roleCaller      // a role or one of its sessions
	federatedCaller // a GetFederationToken session
)

// caller is the request's principal, taken apart.
type caller struct {
	kind      callerKind
	arn       string // as asked
	partition string
	account   string
	name      string // of the user or role, without path
	role      string // the role's ARN, with its path where the request tells it
}

// readCaller takes an ARN, an account id, or a service's or provider's name.
func readCaller(s string) caller {
	c := caller{arn: s, kind: outside, partition: "aws"}
	if s == "" || s == "*" {
		c.kind = anonymous
		return c
	}
	if isAccount(s) {
		c.kind, c.account, c.arn = rootCaller, s, "arn:aws:iam::"+s+":root"
		return c
	}
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[2] != "iam" && p[2] != "sts" {
		return c
	}
	c.partition = p[1]
	c.read(p[4], p[5])
	return c
}

func (c *caller) read(account, resource string) {
	if !isAccount(account) {
		return // cloudfront and aws own principals too
	}
	kind, rest, _ := strings.Cut(resource, "/")
	switch kind {
	case "root":
		c.kind = rootCaller
	case "user":
		c.kind, c.name = userCaller, rest[strings.LastIndexByte(rest, '/')+1:]
	case "role":
		c.kind, c.role, c.name = roleCaller, c.arn, rest[strings.LastIndexByte(rest, '/')+1:]
	case "assumed-role":
		c.kind = roleCaller
		c.name, _, _ = strings.Cut(rest, "/")
		c.role = "arn:" + c.partition + ":iam::" + account + ":role/" + c.name
	case "federated-user":
		c.kind, c.name = federatedCaller, rest
	default:
		return
	}
	c.account = account
}

// session tells that the caller is a session named by its own ARN.
func (c *caller) session() bool {
	return c.kind == federatedCaller || c.kind == roleCaller && c.arn != c.role
}

// serviceLinked tells that the caller is a service-linked role: of its path,
// or, for a session that does not tell it, of its reserved name.
func (c *caller) serviceLinked() bool {
	if c.kind != roleCaller {
		return false
	}
	_, path, _ := strings.Cut(c.role, ":role/")
	return strings.HasPrefix(path, "aws-service-role/") || c.session() && path == c.name && strings.HasPrefix(c.name, "AWSServiceRoleFor")
}

// hasAccount tells that the caller belongs to an account, so that identity policies and SCPs bear on it.
func (c *caller) hasAccount() bool { return c.account != "" }

func (c *caller) root() string { return "arn:" + c.partition + ":iam::" + c.account + ":root" }

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// AccountOf is the account in an ARN, or empty.
func AccountOf(arn string) string { return accountOf(arn) }

// HasPolicies reports whether identity policies bear on a principal: on
// users, roles, their sessions and federated users they do, on the root,
// services and outsiders they do not.
func HasPolicies(principal string) bool {
	k := readCaller(principal).kind
	return k == userCaller || k == roleCaller || k == federatedCaller
}

// accountOf is AccountOf; an account is twelve digits.
func accountOf(arn string) string {
	var part string
	for range 5 {
		var ok bool
		if part, arn, ok = strings.Cut(arn, ":"); !ok {
			return ""
		}
	}
	if !isAccount(part) {
		return ""
	}
	return part
}
