package analyze

import (
	"strings"

	"github.com/trimtrail/trimtrail/internal/rollup"
)

// AddRows folds in rows that a Roller of the same RowsVersion made, all of
// whose events have to be in the window: it is Add of them. The rows are not
// kept, their texts may be.
func (a *Accumulator) AddRows(r *rollup.Rows) {
	for i := range r.Actors {
		a.addActor(&r.Actors[i])
	}
	for i := range r.Usage {
		a.addUsage(&r.Usage[i])
	}
	for i := range r.Networks {
		a.addNetwork(&r.Networks[i])
	}
	for i := range r.Denials {
		a.addDenial(&r.Denials[i])
	}
	for i := range r.Sessions {
		s := &r.Sessions[i]
		a.assume(assumption{s.Role, s.By}).merge(&first{spanOf(s.Tally), s.EventID})
	}
	for i := range r.Changes {
		a.changes = append(a.changes, changeIn(&r.Changes[i], r.AccountID))
	}
	for i := range r.Coverage {
		a.account(r.AccountID).addRow(&r.Coverage[i])
	}
	for i := range r.Unmapped {
		u := &r.Unmapped[i]
		a.unmappedCall([2]string{u.EventSource, u.EventName}).merge(&first{spanOf(u.Tally), u.EventID})
	}
}

func spanOf(t rollup.Tally) span { return span{t.Count, t.First, t.Last} }

func tallyOf(t rollup.Tally, samples []rollup.Sample) *tally {
	out := &tally{span: spanOf(t), sample: make([]stamp, len(samples))}
	for i, s := range samples {
		out.sample[i] = stamp{s.Time, s.EventID}
	}
	return out
}

func limitedOf(limit int, texts []string) *limited { return &limited{limit, texts} }

// actor is the principal of a row; its actor row came before.
func (a *Accumulator) actor(w rollup.Who) *principal {
	return a.principals[principalKey{w.Actor, w.ActorAccountID}]
}

func (a *Accumulator) addActor(r *rollup.Actor) {
	p := a.principal(Actor{Kind(r.Kind), r.Actor, r.ActorAccountID, r.Name})
	p.days[dayOf(r.First)] = struct{}{}
	p.ids.merge(limitedOf(p.ids.limit, r.UniqueIDs))
	k := &credential{
		kind: CredentialKind(r.CredentialKind), seen: spanOf(r.Tally), denied: r.Denied, event: r.LastEvent,
	}
	if r.LastSuccess != nil {
		k.lastSuccess = *r.LastSuccess
	}
	have := p.credentials[r.Credential]
	if have == nil {
		have = newCredential(k.kind)
		p.credentials[r.Credential] = have
	}
	k.regions = *limitedOf(have.regions.limit, r.Regions)
	have.merge(k)
}

func (a *Accumulator) addUsage(r *rollup.Usage) {
	p := a.actor(r.Who)
	k := actionKey{r.Action, Outcome(r.Outcome) == OutcomeDenied, r.Implied}
	u := p.usage[k]
	if u == nil {
		k.action = strings.Clone(k.action)
		u = newActionUse()
		p.usage[k] = u
	}
	u.widenTo(int(r.Widened))
	row := rowKey{widen(r.Resource, u.step), Outcome(r.Outcome), r.InvokedBy, r.Condition, r.Region}
	u.row(row).on(dayOf(r.First)).merge(&first{spanOf(r.Tally), r.EventID})
	u.fit()
}

func (a *Accumulator) addNetwork(r *rollup.Network) {
	p := a.actor(r.Who)
	k := networkKey{dayOf(r.First), r.Network, r.Credential, r.Session, r.Delivery, r.Instance}
	n := p.networks[k]
	if n == nil {
		n = newNetwork()
		p.networks[k] = n
	}
	n.merge(&network{
		seen: *tallyOf(r.Tally, r.Events), denied: r.Denied,
		addresses: *limitedOf(n.addresses.limit, r.Addresses), agents: *limitedOf(n.agents.limit, r.Agents),
	})
}

func (a *Accumulator) addDenial(r *rollup.Denial) {
	p := a.actor(r.Who)
	k := denialKey{
		r.EventSource, r.EventName, r.Action, r.Code, Tier(r.Tier), r.Layer, r.Effect, r.PolicyARN, r.InvokedBy, r.ReadOnly, r.Console,
	}
	d := p.denials[k]
	if d == nil {
		d = &denial{rows: map[string]*refusal{}}
		p.denials[k] = d
	}
	d.widenTo(int(r.Widened))
	have := d.row(widen(r.Resource, d.step))
	have.merge(&refusal{
		seen: *tallyOf(r.Tally, r.Events), message: r.Message, hours: setOf(r.Hours), withoutMFA: r.WithoutMFA,
		addresses: *limitedOf(have.addresses.limit, r.Addresses), agents: *limitedOf(have.agents.limit, r.Agents),
		sessions: *limitedOf(have.sessions.limit, r.Sessions),
	})
	d.fit()
}

func setOf[K comparable](list []K) map[K]struct{} {
	set := make(map[K]struct{}, len(list))
	for _, k := range list {
		set[k] = struct{}{}
	}
	return set
}

func changeIn(r *rollup.Change, account string) Change {
	return Change{
		Actor: Actor{Kind(r.Kind), r.Actor, r.ActorAccountID, r.Name}, At: micros(r.Time), AccountID: account, EventSource: r.EventSource,
		EventName: r.EventName, EventID: r.EventID, Address: r.Address, Session: r.Session, Target: r.Target, Detail: r.Detail,
		Policy: r.Policy, OnItself: r.OnItself,
	}
}

// addRow adds a row, which is of one day.
func (v *coverage) addRow(r *rollup.Coverage) {
	x := newCell()
	x.seen, x.hours = spanOf(r.Tally), setOf(r.Hours)
	d := dayOf(r.First)
	for _, kind := range r.DataTypes {
		x.markData(kind, d)
	}
	if r.ReadEvents {
		x.read[d] = struct{}{}
	}
	if r.WriteEvents {
		x.write[d] = struct{}{}
	}
	v.cell(cellKey{r.Region, r.Category}).merge(x)
}
