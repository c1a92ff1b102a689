package analyze

import (
	"cmp"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/rollup"
)

// rowsVersion changes with every change of what Rows makes of the same
// events. A test tells when.
const rowsVersion = "1"

// RowsVersion names all that rows depend on beside the events: the code, and
// the catalogue. Rows of another version are not to be added.
func RowsVersion(c *catalog.Catalog) string { return rowsVersion + " " + c.Digest() }

// Roller folds the events of one account and day into rows.
type Roller struct{ acc *Accumulator }

// NewRoller makes an empty one.
func NewRoller(c *catalog.Catalog) *Roller {
	return &Roller{NewAccumulator(Window{To: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, c)}
}

// Add folds in one event, which is not kept. All have to be of one account and day.
func (r *Roller) Add(e *event.Event) { r.acc.Add(e) }

// Rows gives what was folded in as rows of that account, sorted: AddRows of
// them is Add of the events. The same events give the same rows.
func (r *Roller) Rows(account string) *rollup.Rows {
	out := &rollup.Rows{AccountID: account, Unmapped: r.acc.unmappedRows(), Sessions: r.acc.sessionRows()}
	for _, p := range r.acc.principals {
		p.addActorRows(out)
		p.addUsageRows(out)
		p.addNetworkRows(out)
		p.addDenialRows(out)
	}
	for _, c := range r.acc.changes {
		out.Changes = append(out.Changes, c.row())
	}
	for _, v := range r.acc.coverage {
		v.addRows(out)
	}
	sortRows(out)
	return out
}

func (p *principal) who() rollup.Who {
	return rollup.Who{Actor: p.actor.ARN, ActorAccountID: p.actor.AccountID}
}

func (t *span) row() rollup.Tally {
	return rollup.Tally{Count: t.count, Span: rollup.Span{First: t.first, Last: t.last}}
}

func (t *tally) samples() []rollup.Sample {
	out := make([]rollup.Sample, len(t.sample))
	for i, s := range t.sample {
		out[i] = rollup.Sample{EventID: s.id, Time: s.at}
	}
	return out
}

func (p *principal) addActorRows(out *rollup.Rows) {
	for id, k := range p.credentials {
		row := rollup.Actor{
			Who: p.who(), Kind: string(p.actor.Kind), Name: p.actor.Name, UniqueIDs: p.ids.list(), Credential: id, CredentialKind: string(k.kind),
			Tally: k.seen.row(), Denied: k.denied, Regions: k.regions.list(), LastEvent: k.event,
		}
		if k.lastSuccess != 0 {
			row.LastSuccess = new(k.lastSuccess)
		}
		out.Actors = append(out.Actors, row)
	}
}

func (p *principal) addUsageRows(out *rollup.Rows) {
	for k, a := range p.usage {
		for r, u := range a.rows {
			for i := range u.list {
				t := &u.list[i]
				out.Usage = append(out.Usage, rollup.Usage{
					Who: p.who(), Action: k.action, Resource: r.resource, Widened: int64(a.step), Outcome: string(r.outcome), Implied: k.implied,
					InvokedBy: r.invokedBy, Condition: r.condition, Region: r.region, Tally: t.row(), EventID: t.id,
				})
			}
		}
	}
}

func (p *principal) addNetworkRows(out *rollup.Rows) {
	for k, n := range p.networks {
		out.Networks = append(out.Networks, rollup.Network{
			Who: p.who(), Network: k.network, Credential: k.credential, Session: k.session, Instance: k.instance, Delivery: k.delivery,
			Addresses: n.addresses.list(), Agents: n.agents.list(), Denied: n.denied, Tally: n.seen.row(), Events: n.seen.samples(),
		})
	}
}

func (p *principal) addDenialRows(out *rollup.Rows) {
	for k, d := range p.denials {
		for resource, r := range d.rows {
			out.Denials = append(out.Denials, rollup.Denial{
				Who: p.who(), EventSource: k.source, EventName: k.name, Action: k.action, Resource: resource, Widened: int64(d.step), Code: k.code,
				Tier: string(k.tier), Layer: k.layer, Effect: k.effect, PolicyARN: k.policy, InvokedBy: k.invokedBy,
				ReadOnly: k.readOnly, Console: k.console, WithoutMFA: r.withoutMFA, Message: r.message, Hours: sortedHours(r.hours),
				Addresses: r.addresses.list(), Agents: r.agents.list(), Sessions: r.sessions.list(), Tally: r.seen.row(), Events: r.seen.samples(),
			})
		}
	}
}

func (c *Change) row() rollup.Change {
	return rollup.Change{
		Who: rollup.Who{Actor: c.ARN, ActorAccountID: c.Actor.AccountID}, Kind: string(c.Kind), Name: c.Name, Time: c.At.UnixMicro(),
		EventID: c.EventID, EventSource: c.EventSource, EventName: c.EventName, Address: c.Address, Session: c.Session,
		Target: c.Target, Detail: c.Detail, Policy: c.Policy, OnItself: c.OnItself,
	}
}

func (a *Accumulator) sessionRows() (out []rollup.Session) {
	for x, t := range a.assumed {
		out = append(out, rollup.Session{Role: x.role, By: x.by, Tally: t.row(), EventID: t.id})
	}
	return out
}

func (a *Accumulator) unmappedRows() (out []rollup.Unmapped) {
	for k, t := range a.unmapped {
		out = append(out, rollup.Unmapped{EventSource: k[0], EventName: k[1], Tally: t.row(), EventID: t.id})
	}
	return out
}

func (v *coverage) addRows(out *rollup.Rows) {
	for k, x := range v.cells {
		out.Coverage = append(out.Coverage, rollup.Coverage{
			Region: k.region, Category: k.category, Hours: sortedHours(x.hours), ReadEvents: len(x.read) > 0, WriteEvents: len(x.write) > 0,
			DataTypes: sortedKeys(x.data), Tally: x.seen.row(),
		})
	}
}

func sortedHours(set map[int64]struct{}) []int64 {
	out := make([]int64, 0, len(set))
	for h := range set {
		out = append(out, h)
	}
	slices.Sort(out)
	return out
}

// sortRows orders each list by all that tells its rows apart.
func sortRows(r *rollup.Rows) {
	slices.SortFunc(r.Actors, func(a, b rollup.Actor) int {
		return cmp.Or(compareWho(a.Who, b.Who), cmp.Compare(a.Credential, b.Credential))
	})
	slices.SortFunc(r.Usage, func(a, b rollup.Usage) int {
		return cmp.Or(compareWho(a.Who, b.Who), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.InvokedBy, b.InvokedBy), cmp.Compare(a.Condition, b.Condition), cmp.Compare(a.Region, b.Region), compareBool(a.Implied, b.Implied))
	})
	slices.SortFunc(r.Networks, func(a, b rollup.Network) int {
		return cmp.Or(compareWho(a.Who, b.Who), cmp.Compare(a.Network, b.Network), cmp.Compare(a.Credential, b.Credential),
			cmp.Compare(a.Session, b.Session), cmp.Compare(a.Delivery, b.Delivery), compareBool(a.Instance, b.Instance))
	})
	slices.SortFunc(r.Denials, compareDenialRows)
	slices.SortFunc(r.Sessions, func(a, b rollup.Session) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.By, b.By)) })
	slices.SortFunc(r.Changes, func(a, b rollup.Change) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.EventID, b.EventID))
	})
	slices.SortFunc(r.Coverage, func(a, b rollup.Coverage) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Category, b.Category))
	})
	slices.SortFunc(r.Unmapped, func(a, b rollup.Unmapped) int {
		return cmp.Or(cmp.Compare(a.EventSource, b.EventSource), cmp.Compare(a.EventName, b.EventName))
	})
}

func compareWho(a, b rollup.Who) int {
	return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.ActorAccountID, b.ActorAccountID))
}

func compareDenialRows(a, b rollup.Denial) int {
	return cmp.Or(compareWho(a.Who, b.Who), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.EventSource, b.EventSource), cmp.Compare(a.EventName, b.EventName), cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Layer, b.Layer),
		cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.PolicyARN, b.PolicyARN), cmp.Compare(a.InvokedBy, b.InvokedBy),
		compareBool(a.Console, b.Console), compareBool(a.ReadOnly, b.ReadOnly))
}
