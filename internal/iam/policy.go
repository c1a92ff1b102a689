// Package iam is the policy language and the account's state: parsing and
// printing policy documents, deciding requests, and the snapshot of users,
// roles, groups and policies, of credentials, trails and the organisation,
// that AWS's answers give. Package pull asks AWS for them.
//
// Documents and snapshots come in as JSON and CSV; decisions and granted
// actions go out. It reads no events and judges nobody.
//
//	doc, err := iam.ParsePolicy(data)
//	d := iam.Decide(iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, iam.Policies{Identity: []*iam.Document{doc}})
package iam

// Document is one policy document. It prints as it was read: order of
// statements, Sids, and whether a list of one was written as a string.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
	// single tells that Statement was one object, not a list.
	single bool
}

// Effect is Allow or Deny.
type Effect string

// The two effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Statement is one statement of a policy. At most one of each pair
// (Action, NotAction), (Resource, NotResource), (Principal, NotPrincipal) is set.
type Statement struct {
	Sid string
	// sidSet tells that an empty Sid was written out.
	sidSet       bool
	Effect       Effect
	Principal    *Principal
	NotPrincipal *Principal
	Action       StringList
	NotAction    StringList
	Resource     StringList
	NotResource  StringList
	// Condition is operator → context key → values.
	Condition map[string]map[string]StringList
}

// StringList is a JSON value that may be one string or a list of them. Nil
// Values mean that the element is absent; an empty list was written as [].
type StringList struct {
	Values []string
	// One tells that it was written as a bare string.
	One bool
}

// Principal is the Principal element of a resource or trust policy.
type Principal struct {
	// Any is the bare "*".
	Any bool
	// By is kind (AWS, Service, Federated, CanonicalUser) → values.
	By map[string]StringList
}

// Request is one question to the evaluator.
type Request struct {
	// Principal is the caller's ARN; for a role session the assumed-role ARN or the role's.
	Principal string
	Action    string
	// Resource is an ARN, or "*" where the action takes none.
	Resource string
	// ResourceAccount is the account that owns the resource; empty means the ARN's, else the principal's.
	ResourceAccount string
	// Context holds context keys, case-insensitive, each with one value or more.
	Context map[string][]string
}

// Policies are all documents that bear on a request.
type Policies struct {
	Identity []*Document
	Boundary []*Document // nil: no boundary
	Session  *Document
	Resource *Document
	Endpoint []*Document
	SCPs     [][]*Document // a level each: root, unit, …, account
	RCPs     [][]*Document
	// Names says what DecideWhy calls a document; one that is not in it goes
	// by its place, as identity[0].
	Names map[*Document]string
}

// Decision is the evaluator's answer.
type Decision string

// The three decisions, spelt as `trimtrail can` prints them.
const (
	Allowed          Decision = "allowed"
	ImplicitlyDenied Decision = "implicitly_denied"
	ExplicitlyDenied Decision = "explicitly_denied"
)
