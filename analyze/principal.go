package analyze

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// principalKey is an actor: services and accounts have one in each account.
type principalKey struct{ arn, account string }

// principal gathers what one actor did.
type principal struct {
	actor       Actor
	ids         limited
	days        map[day]struct{}
	credentials map[string]*credential // "" for calls without a key
	usage       map[actionKey]*actionUse
	networks    map[networkKey]*network
	denials     map[denialKey]*denial
	assumedBy   limited
}

func newPrincipal(a Actor) *principal {
	a.ARN, a.AccountID, a.Name = strings.Clone(a.ARN), strings.Clone(a.AccountID), strings.Clone(a.Name)
	return &principal{
		actor: a, ids: limited{limit: 10}, assumedBy: limited{limit: 50},
		days: map[day]struct{}{}, credentials: map[string]*credential{}, usage: map[actionKey]*actionUse{},
		networks: map[networkKey]*network{}, denials: map[denialKey]*denial{},
	}
}

// named settles what the actor is called where events differ, the same
// whatever order they come in.
func (p *principal) named(a Actor) {
	if cmp.Or(cmp.Compare(a.Kind, p.actor.Kind), cmp.Compare(a.Name, p.actor.Name)) < 0 {
		p.actor.Kind, p.actor.Name = a.Kind, strings.Clone(a.Name)
	}
}

// add folds in one event.
func (p *principal) add(c *call) {
	p.days[c.day] = struct{}{}
	p.ids.add(uniqueID(c.event))
	p.credential(c)
	p.network(c)
	p.use(c)
	if c.tier != "" {
		p.denial(c)
	}
}

// uniqueID is AIDA… or AROA…: of the role for its sessions.
func uniqueID(e *event.Event) string {
	id := firstOf(e.IssuerPrincipalID, e.PrincipalID)
	id, _, _ = strings.Cut(id, ":")
	if strings.HasPrefix(id, "AIDA") || strings.HasPrefix(id, "AROA") {
		return id
	}
	return ""
}

func (p *principal) use(c *call) {
	for _, u := range c.uses {
		k := actionKey{u.action, c.outcome == OutcomeDenied, u.implied}
		a := p.usage[k]
		if a == nil {
			a = newActionUse()
			p.usage[k] = a
		}
		for _, r := range u.resources {
			a.add(rowKey{r, c.outcome, c.event.InvokedBy, u.condition, c.event.AWSRegion}, c.day, c.stamp)
		}
	}
}

func (p *principal) merge(o *principal) {
	p.named(o.actor)
	p.ids.merge(&o.ids)
	p.assumedBy.merge(&o.assumedBy)
	for d := range o.days {
		p.days[d] = struct{}{}
	}
	mergeInto(p.credentials, o.credentials, (*credential).merge)
	mergeInto(p.usage, o.usage, (*actionUse).merge)
	mergeInto(p.networks, o.networks, (*network).merge)
	mergeInto(p.denials, o.denials, (*denial).merge)
}

// mergeInto adds the rows of from to those of into; from is not used again.
func mergeInto[K comparable, V any](into, from map[K]*V, merge func(a, b *V)) {
	for k, v := range from {
		if have := into[k]; have != nil {
			merge(have, v)
		} else {
			into[k] = v
		}
	}
}

func (p *principal) facts() Principal {
	out := Principal{
		Actor: p.actor, UniqueIDs: p.ids.list(), Days: len(p.days), AssumedBy: p.assumedBy.list(),
		Credentials: []Credential{}, Usage: p.usageFacts(), Networks: make([]NetworkUse, 0, len(p.networks)),
		ServiceLinked: strings.Contains(p.actor.ARN, ":role/aws-service-role/"),
	}
	p.credentialFacts(&out)
	for k, n := range p.networks {
		out.Networks = append(out.Networks, n.facts(k))
	}
	slices.SortFunc(out.Networks, compareNetworks)
	return out
}

// credentialFacts tells the credentials of p, and what all together did.
func (p *principal) credentialFacts(out *Principal) {
	var all span
	var success int64
	for id, c := range p.credentials {
		all.merge(c.seen)
		out.Denied += c.denied
		success = max(success, c.lastSuccess)
		if c.kind != NoKey {
			out.Credentials = append(out.Credentials, c.facts(id))
		}
	}
	out.Events, out.First, out.Last = all.count, all.firstTime(), all.lastTime()
	if success != 0 {
		out.LastSuccess = micros(success)
	}
	slices.SortFunc(out.Credentials, func(a, b Credential) int { return cmp.Compare(a.ID, b.ID) })
}

func compareUsage(a, b Usage) int {
	return cmp.Or(cmp.Compare(a.Action, b.Action), a.Day.Compare(b.Day), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Outcome, b.Outcome),
		cmp.Compare(a.InvokedBy, b.InvokedBy), cmp.Compare(a.Condition, b.Condition), cmp.Compare(a.Region, b.Region), compareBool(a.Implied, b.Implied))
}

func compareNetworks(a, b NetworkUse) int {
	return cmp.Or(cmp.Compare(a.Network, b.Network), cmp.Compare(a.Credential, b.Credential), a.Day.Compare(b.Day),
		cmp.Compare(a.Session, b.Session), cmp.Compare(a.Delivery, b.Delivery), compareBool(a.Instance, b.Instance))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
