package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// choose tries the policy on held-out calls, widens the resources of those
// actions that new names broke, and builds the final policy so.
func (z *sizer) choose(s *subject, rows []useRow, p *Proposal) *built {
	train, _ := z.rows(s, p.Backtest.Train)
	test, _ := z.rows(s, p.Backtest.Test)
	now := s.replayer()
	// At the end of the training days the record knew no later use.
	before := s.recall.set(z.x, p.Backtest.Train.To)
	attempt := func(scopes map[string]Scope) trial {
		return tryOn(test, newReplayer(s.arn, z.build(s, train, scopes, before).documents()), now)
	}
	t := attempt(nil)
	scopes := map[string]Scope{}
	if broken := breakable(t.failures, train); len(broken) > 0 {
		for action, scope := range z.scopesFor(s, broken, t, attempt) {
			scopes[action] = scope
		}
		t = attempt(scopes)
	}
	if p.Days < settledDays {
		z.widenGrowing(actionsUsed(rows), scopes)
	}
	p.Backtest.Calls, p.Backtest.Denied, p.Backtest.Failures = t.Calls, t.Denied, t.top()
	return z.build(s, rows, scopes, s.recall.set(z.x, time.Time{}))
}

const (
	settledDays = 30 // of logs, from which the held-out days are enough to tell new names
	newNames    = .7 // of use, by Chao and Jost, below which the next use is likely to be of a new name
	newReads    = .9 // the same of what only reads, which costs less to let be
)

// widenGrowing takes all of their kind for actions of a short window whose
// resources are few and still new: a third of so few days holds out too little
// to show it. Who may do what to permissions, and as which role, stays as seen.
func (z *sizer) widenGrowing(uses []actionUse, scopes map[string]Scope) {
	g := generalise(uses, scopes)
	for i := range uses {
		u := &uses[i]
		level := z.x.cat.Level(u.Action)
		enough := newNames
		if level == catalog.List || level == catalog.Read {
			enough = newReads
		}
		if scopes[u.Action] == "" && level != catalog.Permission && serviceOf(u.Action) != "sts" && u.covered(g) < enough {
			scopes[u.Action] = ScopeKind
		}
	}
}

// covered estimates the share of an action's use that is on resources, or
// patterns of them, that were seen; 1 where there are not two to tell from.
func (u *actionUse) covered(g generaliser) float64 {
	days := map[string]map[time.Time]bool{}
	for _, r := range u.Rows {
		name := g.of(u.Action, r.Resource)
		if a, ok := splitARN(name); !ok || a.unique() {
			continue
		}
		if days[name] == nil {
			days[name] = map[time.Time]bool{}
		}
		for _, d := range r.Days {
			days[name][d] = true
		}
	}
	if len(days) < 2 {
		return 1
	}
	var once, twice, total float64
	for _, d := range days {
		switch len(d) {
		case 1:
			once++
		case 2:
			twice++
		}
		total += float64(len(d))
	}
	return sampleCoverage(once, twice, total)
}

// breakable are the failing actions that a wider resource can help: those that
// the train window saw, on other than keys and secrets, which are never widened.
func breakable(failures []Failure, train []useRow) map[string]bool {
	out := map[string]bool{}
	for _, f := range failures {
		a, _ := splitARN(f.Resource)
		if usedIn(train, f.Action) && !a.unique() && f.Action != passRole {
			out[f.Action] = true
		}
	}
	return out
}

func usedIn(rows []useRow, action string) bool {
	_, found := slices.BinarySearchFunc(rows, action, func(r useRow, a string) int { return strings.Compare(r.Action, a) })
	return found
}

// scopesFor gives each action the closest scope that would have denied least of it.
func (z *sizer) scopesFor(s *subject, actions map[string]bool, seen trial, attempt func(map[string]Scope) trial) map[string]Scope {
	best, denied := map[string]Scope{}, deniedOf(seen.failures)
	for _, scope := range scopeOrder[1:] {
		if scope == ScopeCurrent && s.holder == nil {
			break // without current policies that would be everything
		}
		tried := map[string]Scope{}
		for a := range actions {
			tried[a] = scope
		}
		now := deniedOf(attempt(tried).failures)
		for a := range actions {
			if now[a] < denied[a] {
				best[a], denied[a] = scope, now[a]
			}
		}
	}
	return best
}

func deniedOf(failures []Failure) map[string]int64 {
	out := map[string]int64{}
	for _, f := range failures {
		out[f.Action] += f.Count
	}
	return out
}

// widest is the widest scope that some action has.
func (b *built) widest() Scope {
	widest := 0
	for _, scope := range b.scopes {
		widest = max(widest, slices.Index(scopeOrder, scope))
	}
	return scopeOrder[widest]
}

// widened says which actions are not held to the resources seen, and why.
func (b *built) widened() []string {
	if len(b.scopes) == 0 {
		return nil
	}
	actions := slices.Sorted(maps.Keys(b.scopes))
	return []string{fmt.Sprintf("new resource names keep coming, so wider patterns than those seen were taken for %s", firstFew(actions))}
}
