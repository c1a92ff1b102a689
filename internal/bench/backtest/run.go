package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/bench/orgs"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

const day = 24 * time.Hour

// cell is a place of the tables.
type cell struct {
	window, horizon int // days
	method          string
}

// table is the results by place.
type table map[cell]*result

func (t table) at(c cell) *result {
	if t[c] == nil {
		t[c] = &result{}
	}
	return t[c]
}

func (t table) add(o table) {
	for c, r := range o {
		t.at(c).add(r)
	}
}

// organisation makes the n-th organisation, of the casts by turns, and tries
// every method on it.
func organisation(o options, seed uint64) (table, error) {
	dir, err := os.MkdirTemp("", "backtest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	casts := orgs.Casts()[:4] // those that docs/backtest.md was measured on
	cfg := orgsim.Default()
	cfg.Seed, cfg.Events, cfg.Objects, cfg.Personas = seed, o.events, 2, casts[seed%uint64(len(casts))].Personas()
	cfg.Days = max(o.days, slices.Max(o.windows)+slices.Max(o.horizons))
	org, err := orgs.Make(dir, cfg)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	e := newExperiment(o, org)
	for _, w := range o.windows {
		e.tryWindow(w)
	}
	return e.table, nil
}

// experiment is one organisation, cut where the horizon begins.
type experiment struct {
	o     options
	cat   *catalog.Catalog
	org   *orgs.Org
	cut   time.Time
	diary diary
	now   map[string]*iam.Index
	table table
}

func newExperiment(o options, org *orgs.Org) *experiment {
	e := &experiment{o: o, cat: catalog.Default(), org: org, cut: org.End.Add(-time.Duration(slices.Max(o.horizons)) * day), now: map[string]*iam.Index{}, table: table{}}
	e.diary = diaryOf(org, e.cat)
	for account, s := range org.States {
		forget(s, e.cut)
		e.now[account] = s.Index()
	}
	return e
}

// forget takes out of a state what was not known at a time.
func forget(s *iam.State, at time.Time) {
	s.TakenAt = at
	for i := range s.Roles {
		if u := s.Roles[i].LastUsed; u != nil && u.After(at) {
			s.Roles[i].LastUsed = nil
		}
	}
}

// tryWindow makes policies from the days before the cut and tries them after it.
func (e *experiment) tryWindow(days int) {
	w := analyze.Window{From: e.cut.Add(-time.Duration(days) * day), To: e.cut}
	proposals, strictly := e.proposals(w, rules.SizeOptions{}), e.proposals(w, rules.SizeOptions{DropUnobservable: true})
	for _, arn := range slices.Sorted(maps.Keys(e.diary)) {
		s, ok := e.subject(arn, w)
		if !ok || proposals[arn] == nil {
			continue
		}
		made := map[string][]*iam.Document{
			current: s.docs, service: s.byService(e.cat), action: s.byAction(), exact: s.byARN(),
			ours: documents(proposals[arn]), strict: documents(strictly[arn]),
		}
		e.tryMethods(s, days, made, proposals[arn].Confidence == rules.TooEarly)
	}
}

func (e *experiment) tryMethods(s *subject, days int, made map[string][]*iam.Document, early bool) {
	now := newJudge(s.arn, s.docs)
	for _, m := range methods {
		power := granted(e.cat, made[m])
		for _, h := range e.o.horizons {
			horizon := within(e.diary[s.arn], analyze.Window{From: e.cut, To: e.cut.Add(time.Duration(h) * day)})
			r := trial(e.cat, s.arn, made[m], now, horizon, power)
			s.mark(r.failures)
			if early && (m == ours || m == strict) {
				r.early = 1
			}
			e.table.at(cell{days, h, m}).add(&r)
		}
	}
}

// mark tells the failures of actions that were used in the window.
func (s *subject) mark(fs []failure) {
	for i := range fs {
		fs[i].known = slices.ContainsFunc(s.window, func(u used) bool { return !u.denied && u.action == fs[i].action })
	}
}

// subject is a principal that the states know and that was at work in the window.
func (e *experiment) subject(arn string, w analyze.Window) (*subject, bool) {
	account := iamAccount(arn)
	x := e.now[account]
	if x == nil {
		return nil, false
	}
	h, ok := x.Lookup(arn)
	s := &subject{arn: arn, window: within(e.diary[arn], w)}
	for _, p := range h.Policies {
		s.docs = append(s.docs, p.Document)
	}
	worked := slices.ContainsFunc(s.window, func(u used) bool { return !u.denied })
	return s, ok && worked && len(h.Unresolved) == 0
}

// proposals are trimtrail's, by principal.
func (e *experiment) proposals(w analyze.Window, o rules.SizeOptions) map[string]*rules.Proposal {
	acc := analyze.NewAccumulator(w, e.cat)
	for i := range e.org.Events {
		acc.Add(&e.org.Events[i])
	}
	all := rules.SizeAll(acc.Facts(e.cut, e.org.States, nil), e.org.States, e.cat, o)
	out := map[string]*rules.Proposal{}
	for i := range all.Policies {
		out[all.Policies[i].Principal] = &all.Policies[i]
	}
	return out
}

func documents(p *rules.Proposal) []*iam.Document {
	var out []*iam.Document
	for _, d := range p.Proposed {
		if d.Document != nil {
			out = append(out, d.Document)
		}
	}
	return out
}
