package iam

import (
	"fmt"
	"strings"
)

// Decide answers a request by AWS's documented evaluation logic (IAM user
// guide, "Policy evaluation logic", seen 2026-11). SCPs and RCPs do not bear on
// service-linked roles; which account is the management account is not known to
// it: leave its SCPs and RCPs out.
func Decide(r Request, p Policies) Decision { return NewEvaluator(p).Decide(r) }

// DecideWhy is Decide with the deciding statements: for allowed, those that
// allow; for explicitly denied, those that deny; for implicitly denied, the
// layers where nothing allows, as "boundary: no statement allows".
func DecideWhy(r Request, p Policies) (Decision, []string) { return NewEvaluator(p).DecideWhy(r) }

// evaluation is one decision in the making.
type evaluation struct {
	ask
	*layers
	names   map[*Document]string
	why     bool
	by      []string // statements that decided so far
	missing []string // layers where nothing allows
}

func (e *evaluation) decide() Decision {
	if e.denied() {
		return ExplicitlyDenied
	}
	if e.allowed() {
		return Allowed
	}
	return ImplicitlyDenied
}

// bearing reports how a statement takes the caller in under the level's rule.
func (e *evaluation) bearing(by grantRule, s *Statement) grant {
	if by == attached || by == endpoints && s.Principal == nil && s.NotPrincipal == nil {
		return directGrant
	}
	if s.NotPrincipal != nil && s.Effect == Deny && e.boundary.given {
		// It denies whoever has a boundary, listed or not (IAM user guide, NotPrincipal).
		return directGrant
	}
	return e.bears(s)
}

// best is the most direct grant that rules of a level give.
func (e *evaluation) best(l *level, rules []rule) grant {
	best, mark := noGrant, len(e.by)
	for i := range rules {
		r := &rules[i]
		if !e.fits(r, l.by == principals) {
			continue
		}
		if g := e.bearing(l.by, r.Statement); g > noGrant {
			e.note(l, r, g > best, mark)
			best = max(best, g)
		}
	}
	return best
}

// note keeps a deciding statement; a more direct grant replaces what its level noted before.
func (e *evaluation) note(l *level, r *rule, better bool, mark int) {
	if !e.why {
		return
	}
	if better {
		e.by = e.by[:mark]
	}
	name, ok := e.names[l.docs[r.doc]]
	if !ok {
		name = l.name
		if len(l.docs) > 1 {
			name = fmt.Sprintf("%s[%d]", l.name, r.doc)
		}
	}
	sid := r.Sid
	if sid == "" {
		sid = fmt.Sprintf("statement %d", r.statement+1)
	}
	e.by = append(e.by, name+": "+sid)
}

// allows asks a level that must allow, and notes when it does not.
func (e *evaluation) allows(l *level) bool {
	if e.best(l, l.allow) > noGrant {
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

// denied asks every policy that may deny.
func (e *evaluation) denied() bool {
	found := false
	deny := func(l *level) { found = e.best(l, l.deny) > noGrant || found }
	if e.caller.hasAccount() {
		deny(&e.identity)
		deny(&e.boundary)
		deny(&e.session)
	}
	deny(&e.resource)
	deny(&e.endpoint)
	scps, rcps := e.guards()
	for i := range scps {
		deny(&scps[i])
	}
	for i := range rcps {
		deny(&rcps[i])
	}
	return found
}

// guards are the organisation's policies that bear on the caller: SCPs on who
// has an account, and neither kind on a service-linked role (Organizations user guide,
// SCPs and RCPs).
func (e *evaluation) guards() (scps, rcps []level) {
	switch {
	case e.caller.serviceLinked():
		return nil, nil
	case !e.caller.hasAccount():
		return nil, e.rcps
	}
	return e.scps, e.rcps
}

// allowed follows once nothing denies.
func (e *evaluation) allowed() bool {
	if !e.outer() {
		return false
	}
	mark := len(e.by)
	granted := e.best(&e.resource, e.resource.allow)
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
	scps, _ := e.guards()
	for i := range scps {
		ok = e.allows(&scps[i]) && ok
	}
	if len(e.endpoint.docs) > 0 {
		ok = e.allows(&e.endpoint) && ok
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
	ok := e.allows(&e.identity)
	if e.caller.kind == federatedCaller && !e.session.given {
		// Without a session policy, GetFederationToken passes nothing on (IAM user guide, Session policies).
		e.lacks("session")
		ok = false
	}
	return e.limits() && ok
}

// limits asks boundary and session policy, where there are any.
func (e *evaluation) limits() bool {
	ok := true
	if e.boundary.given {
		ok = e.allows(&e.boundary)
	}
	if e.session.given {
		ok = e.allows(&e.session) && ok
	}
	return ok
}

// keyed tells that the resource's own policy must allow, within the account
// too: role trust policies and KMS key policies. Where that policy is not
// known, the identity's policies decide alone.
func (e *evaluation) keyed() bool {
	if !e.resource.given {
		return false
	}
	service, _, _ := strings.Cut(e.req.Action, ":")
	return strings.EqualFold(service, "sts") || strings.EqualFold(service, "kms")
}
