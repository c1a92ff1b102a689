package analyze

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// Accumulator folds events into facts. It is for one goroutine; several,
// each over a part of the events, are joined with Merge.
//
// Its memory grows with principals, days, actions, networks and sessions,
// not with events: resources past a few hundred an action become patterns.
type Accumulator struct {
	window     Window
	catalog    *catalog.Catalog
	principals map[principalKey]*principal
	coverage   map[string]*coverage
	unmapped   map[[2]string]*first
	changes    []Change
	assumed    map[assumption]*first
}

// NewAccumulator makes an empty one that heeds the events in w.
func NewAccumulator(w Window, c *catalog.Catalog) *Accumulator {
	return &Accumulator{
		window: w, catalog: c, principals: map[principalKey]*principal{},
		coverage: map[string]*coverage{}, unmapped: map[[2]string]*first{}, assumed: map[assumption]*first{},
	}
}

// Add folds in one event. The event is not kept.
func (a *Accumulator) Add(e *event.Event) {
	if !a.window.Contains(e.EventTime) {
		return
	}
	c := readCall(a.catalog, e)
	a.principal(c.actor).add(c)
	a.account(e.AccountID).add(a.catalog, c)
	if c.unmapped {
		a.unmappedCall([2]string{e.EventSource, e.EventName}).add(c.stamp)
	}
	if isChange(e) {
		a.changes = append(a.changes, changeOf(c))
	}
	if by, role := assumes(c); role != "" {
		a.assume(assumption{role, by}).add(c.stamp)
	}
}

func (a *Accumulator) principal(actor Actor) *principal {
	k := principalKey{actor.ARN, actor.AccountID}
	p := a.principals[k]
	if p == nil {
		p = newPrincipal(actor)
		a.principals[principalKey{p.actor.ARN, p.actor.AccountID}] = p
	}
	p.named(actor)
	return p
}

func (a *Accumulator) account(id string) *coverage {
	v := a.coverage[id]
	if v == nil {
		v = newCoverage()
		a.coverage[strings.Clone(id)] = v
	}
	return v
}

func (a *Accumulator) unmappedCall(k [2]string) *first {
	t := a.unmapped[k]
	if t == nil {
		t = &first{}
		a.unmapped[[2]string{strings.Clone(k[0]), strings.Clone(k[1])}] = t
	}
	return t
}

// Merge adds what o has seen; o is not to be used again.
func (a *Accumulator) Merge(o *Accumulator) {
	mergeInto(a.principals, o.principals, (*principal).merge)
	mergeInto(a.coverage, o.coverage, (*coverage).merge)
	mergeInto(a.unmapped, o.unmapped, (*first).merge)
	a.changes = append(a.changes, o.changes...)
	mergeInto(a.assumed, o.assumed, (*first).merge)
}

// Facts gives what was seen, as of a time (zero: the newest that events and
// states know of), with the states (by account id, none is fine) that tell
// what else was loaded, and the episodes that were fetched. What becomes facts
// is let go, so that both are not held at once: a is not to be used again.
func (a *Accumulator) Facts(asOf time.Time, states map[string]*iam.State, episodes []Episode) *Facts {
	if asOf.IsZero() {
		asOf = a.newest(states)
	}
	f := &Facts{
		Window: a.window, AsOf: asOf, Coverage: a.coverageFacts(states), Principals: make([]Principal, 0, len(a.principals)), Denials: []Denial{},
		Changes: slices.Clone(a.changes), Episodes: episodes, Unmapped: a.unmappedFacts(), Warnings: []string{},
	}
	a.resolveAssumed()
	for _, p := range a.principals {
		facts := p.facts()
		f.Denials = append(f.Denials, p.denialFacts(facts.Usage)...)
		f.Principals = append(f.Principals, facts)
		*p = principal{}
	}
	slices.SortFunc(f.Principals, func(x, y Principal) int {
		return cmp.Or(cmp.Compare(x.ARN, y.ARN), cmp.Compare(x.AccountID, y.AccountID))
	})
	slices.SortFunc(f.Denials, compareDenials)
	slices.SortFunc(f.Changes, compareChanges)
	return f
}

// newest is the newest time that the input knows of.
func (a *Accumulator) newest(states map[string]*iam.State) time.Time {
	var newest time.Time
	for _, v := range a.coverage {
		for _, x := range v.cells {
			newest = later(newest, x.seen.lastTime())
		}
	}
	for _, s := range states {
		newest = later(newest, s.TakenAt)
	}
	return newest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (a *Accumulator) coverageFacts(states map[string]*iam.State) []Coverage {
	out := []Coverage{}
	for account, v := range a.coverage {
		out = append(out, v.facts(account))
	}
	for account := range states {
		if a.coverage[account] == nil {
			out = append(out, Coverage{AccountID: account, Regions: []string{}, Gaps: []Window{}, DataEvents: []string{}, Cells: []Cell{}})
		}
	}
	for i := range out {
		if s := states[out[i].AccountID]; s != nil {
			out[i].HasDetails, out[i].HasReport = s.HasDetails, s.HasReport
		}
	}
	slices.SortFunc(out, compareCoverage)
	return out
}

func (a *Accumulator) unmappedFacts() []Unmapped {
	out := []Unmapped{}
	for k, t := range a.unmapped {
		out = append(out, Unmapped{EventSource: k[0], EventName: k[1], Count: t.count, Event: t.id})
	}
	slices.SortFunc(out, func(x, y Unmapped) int {
		return cmp.Or(-cmp.Compare(x.Count, y.Count), cmp.Compare(x.EventSource, y.EventSource), cmp.Compare(x.EventName, y.EventName))
	})
	return out
}
