package iam

import (
	"fmt"
	"strings"
)

// Decide answers a request by AWS's documented evaluation logic (IAM user
// guide, "Policy evaluation logic", seen 2026-11). Exceptions for
// service-linked roles and the management account are not known to it: leave
// out the policies that do not bear on the caller.
func Decide(r Request, p Policies) Decision {
	d, _ := decide(&r, &p, false)
	return d
}

// DecideWhy is Decide with the deciding statements: for allowed, those that
// allow; for explicitly denied, those that deny; for implicitly denied, the
// layers where nothing allows, as "boundary: no statement allows".
func DecideWhy(r Request, p Policies) (Decision, []string) {
	return decide(&r, &p, true)
}

func decide(r *Request, p *Policies, why bool) (Decision, []string) {
	e := evaluation{ask: newAsk(r), policies: p, why: why}
	if e.denied() {
		return ExplicitlyDenied, e.by
	}
	if e.allowed() {
		return Allowed, e.by
	}
	return ImplicitlyDenied, e.missing
}

// evaluation is one decision in the making.
type evaluation struct {
	ask
	policies *Policies
	why      bool
	by       []string // statements that decided so far
	missing  []string // layers where nothing allows
}

// level is one document list with its name for answers.
type level struct {
	name string
	docs []*Document
	by   grantRule
}

// grantRule says how a level's statements choose whom they bear on.
type grantRule int

const (
	attached   grantRule = iota // to the identity itself: everybody asked is meant
	principals                  // by the Principal element
	endpoints                   // by the Principal element where there is one
)

// bearing reports how a statement takes the caller in under the level's rule.
func (e *evaluation) bearing(l *level, s *Statement) grant {
	if l.by == attached || l.by == endpoints && s.Principal == nil && s.NotPrincipal == nil {
		return directGrant
	}
	return e.bears(s)
}

// best is the most direct grant that the level's statements of one effect give.
func (e *evaluation) best(l level, effect Effect) grant {
	best, mark := noGrant, len(e.by)
	for i, d := range l.docs {
		if d == nil {
			continue
		}
		for j := range d.Statements {
			s := &d.Statements[j]
			if s.Effect != effect || !e.fits(d, s, l.by == principals) {
				continue
			}
			if g := e.bearing(&l, s); g > noGrant {
				e.note(&l, i, j, g > best, mark)
				best = max(best, g)
			}
		}
	}
	return best
}

// note keeps a deciding statement; a more direct grant replaces what its level noted before.
func (e *evaluation) note(l *level, doc, statement int, better bool, mark int) {
	if !e.why {
		return
	}
	if better {
		e.by = e.by[:mark]
	}
	d := l.docs[doc]
	name, ok := e.policies.Names[d]
	if !ok {
		name = l.name
		if len(l.docs) > 1 {
			name = fmt.Sprintf("%s[%d]", l.name, doc)
		}
	}
	sid := d.Statements[statement].Sid
	if sid == "" {
		sid = fmt.Sprintf("statement %d", statement+1)
	}
	e.by = append(e.by, name+": "+sid)
}

// allows asks a level that must allow, and notes when it does not.
func (e *evaluation) allows(l level) bool {
	if e.best(l, Allow) > noGrant {
		return true
	}
	e.lacks(l.name)
	return false
}

func (e *evaluation) lacks(layer string) {
	if e.why {
		e.missing = append(e.missing, layer+": no statement allows")
	}
}

func (e *evaluation) denied() bool {
	found := false
	for _, l := range e.levels() {
		found = e.best(l, Deny) > noGrant || found
	}
	return found
}

// levels are all documents that may deny.
func (e *evaluation) levels() []level {
	p := e.policies
	ls := make([]level, 0, 5+len(p.SCPs)+len(p.RCPs))
	if e.caller.hasAccount() {
		ls = append(ls, e.identity(), e.boundary(), e.session())
		for i := range p.SCPs {
			ls = append(ls, e.scp(i))
		}
	}
	ls = append(ls, e.resource(), level{"endpoint", p.Endpoint, endpoints})
	for i, docs := range p.RCPs {
		ls = append(ls, level{fmt.Sprintf("rcp level %d", i+1), docs, principals})
	}
	return ls
}

func (e *evaluation) identity() level { return level{"identity", e.policies.Identity, attached} }
func (e *evaluation) boundary() level { return level{"boundary", e.policies.Boundary, attached} }
func (e *evaluation) session() level  { return level{"session", one(e.policies.Session), attached} }
func (e *evaluation) resource() level { return level{"resource", one(e.policies.Resource), principals} }
func (e *evaluation) scp(i int) level {
	return level{fmt.Sprintf("scp level %d", i+1), e.policies.SCPs[i], attached}
}

func one(d *Document) []*Document {
	if d == nil {
		return nil
	}
	return []*Document{d}
}

// allowed follows once nothing denies.
func (e *evaluation) allowed() bool {
	if !e.outer() {
		return false
	}
	mark := len(e.by)
	granted := e.best(e.resource(), Allow)
	if !e.caller.hasAccount() {
		return e.public(granted)
	}
	if e.account == e.caller.account {
		return e.sameAccount(granted, mark)
	}
	ok := e.inner()
	if granted == noGrant {
		e.lacks("resource")
	}
	return ok && granted > noGrant
}

// outer asks the levels that limit every grant. An RCP only limits by
// denying: RCPFullAWSAccess is implied.
func (e *evaluation) outer() bool {
	ok := true
	if e.caller.hasAccount() {
		for i := range e.policies.SCPs {
			ok = e.allows(e.scp(i)) && ok
		}
	}
	if len(e.policies.Endpoint) > 0 {
		ok = e.allows(level{"endpoint", e.policies.Endpoint, endpoints}) && ok
	}
	return ok
}

// public is for callers without an account: only the resource can let them in.
func (e *evaluation) public(granted grant) bool {
	if granted != directGrant {
		e.lacks("resource")
	}
	return granted == directGrant
}

func (e *evaluation) sameAccount(granted grant, mark int) bool {
	if granted == directGrant {
		return true
	}
	if granted == roleGrant {
		return e.limits()
	}
	// The account's part of a resource policy decides nothing by itself.
	noted := append([]string(nil), e.by[mark:]...)
	e.by = e.by[:mark]
	if !e.inner() {
		return false
	}
	if e.keyed() {
		if granted == noGrant {
			e.lacks("resource")
			return false
		}
		e.by = append(e.by, noted...)
	}
	return true
}

// inner asks what the identity itself may do. The root user needs no policy.
func (e *evaluation) inner() bool {
	if e.caller.kind == rootCaller {
		return true
	}
	ok := e.allows(e.identity())
	return e.limits() && ok
}

// limits asks boundary and session policy, where there are any.
func (e *evaluation) limits() bool {
	ok := true
	if e.policies.Boundary != nil {
		ok = e.allows(e.boundary())
	}
	if e.policies.Session != nil {
		ok = e.allows(e.session()) && ok
	}
	return ok
}

// keyed tells that the resource's own policy must allow, within the account
// too: role trust policies and KMS key policies. Where that policy is not
// known, the identity's policies decide alone.
func (e *evaluation) keyed() bool {
	if e.policies.Resource == nil {
		return false
	}
	service, _, _ := strings.Cut(e.req.Action, ":")
	return strings.EqualFold(service, "sts") || strings.EqualFold(service, "kms")
}
