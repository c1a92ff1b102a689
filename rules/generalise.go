package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Scope is how closely proposed resources follow those seen.
type Scope string

// The scopes, from the closest.
const (
	ScopeSeen    Scope = "seen"    // resources as seen, alike ones by pattern
	ScopePrefix  Scope = "prefix"  // the first name of a resource with all below it
	ScopeKind    Scope = "kind"    // all of a resource's type, in its account and region
	ScopeCurrent Scope = "current" // resources as granted now
)

// scopeOrder lists the scopes as they widen.
var scopeOrder = []Scope{ScopeSeen, ScopePrefix, ScopeKind, ScopeCurrent}

// generaliser maps used resources to the patterns that stand for them.
type generaliser struct {
	scopes   map[string]Scope  // by action; ScopeSeen where there is none
	patterns map[string]string // of ScopeSeen
	prefixes map[string]string // of ScopePrefix
	kinds    map[string]string // of ScopeKind
}

// of is what stands for a resource that an action was used on; empty for all
// that is granted now.
func (g generaliser) of(action, resource string) string {
	if action == passRole || resource == "" || resource == "*" {
		return resource
	}
	switch g.scopes[action] {
	case ScopeCurrent:
		return ""
	case ScopePrefix:
		return cmp.Or(g.prefixes[resource], resource)
	case ScopeKind:
		return cmp.Or(g.kinds[resource], resource)
	}
	return cmp.Or(g.patterns[resource], resource)
}

// member is a resource that was used, with the days.
type member struct {
	arn    string
	parsed arnParts
	days   []time.Time // sorted
}

// generalise finds the patterns among used resources: members of one group
// (same service, type, region, account and shape) become one pattern when
// there are at least three, seen on at least two days, and the pattern that the
// earlier two thirds give takes in 95 % of the rest. Names that die with the
// thing, as an instance's, are always widened; accounts, buckets' first words,
// keys and secrets never.
func generalise(uses []actionUse, scopes map[string]Scope) generaliser {
	g := generaliser{scopes: scopes, patterns: map[string]string{}, prefixes: map[string]string{}, kinds: map[string]string{}}
	groups := map[string][]member{}
	members := membersOf(uses)
	for _, m := range members {
		g.prefixes[m.arn], g.kinds[m.arn] = m.parsed.prefix(), m.parsed.kind()
		if p := transient(m.arn); p != "" {
			g.patterns[m.arn] = p
		} else if key := m.parsed.shape(); key != "" {
			groups[key] = append(groups[key], m)
		}
	}
	for _, ms := range groups {
		g.widen(ms)
	}
	g.joinRegions(members)
	return g
}

// membersOf are the distinct ARNs of uses, sorted. Roles that are passed stay as they are.
func membersOf(uses []actionUse) []member {
	days := map[string][]time.Time{}
	for _, u := range uses {
		if u.Action == passRole {
			continue
		}
		for _, r := range u.Rows {
			days[r.Resource] = append(days[r.Resource], r.Days...)
		}
	}
	var out []member
	for arn, ds := range days {
		if parsed, ok := splitARN(arn); ok {
			slices.SortFunc(ds, time.Time.Compare)
			out = append(out, member{arn, parsed, ds})
		}
	}
	slices.SortFunc(out, func(a, b member) int { return strings.Compare(a.arn, b.arn) })
	return out
}

const (
	fewestMembers = 3
	fewestDays    = 2
	heldOutShare  = .95
)

// widen gives a group's members their patterns, if the group earns them.
func (g generaliser) widen(ms []member) {
	if len(ms) < fewestMembers || daysOf(ms) < fewestDays {
		return
	}
	byTime := slices.Clone(ms)
	slices.SortStableFunc(byTime, func(a, b member) int { return a.days[0].Compare(b.days[0]) })
	cut := (2*len(byTime) + 2) / 3
	if !foretells(columnsOf(byTime[:cut]), byTime[cut:]) {
		return
	}
	cols := columnsOf(ms)
	for _, m := range ms {
		if p := cols.pattern(m.parsed); p != m.arn {
			g.patterns[m.arn] = p
		}
	}
}

// foretells reports whether columns learnt from some members take in others.
func foretells(cols columns, others []member) bool {
	hits := 0
	for _, m := range others {
		if cols.fits(m.parsed) {
			hits++
		}
	}
	return float64(hits) >= heldOutShare*float64(len(others))
}

func daysOf(ms []member) int {
	seen := map[time.Time]bool{}
	for _, m := range ms {
		for _, d := range m.days {
			seen[d] = true
		}
	}
	return len(seen)
}

// joinRegions writes one pattern for resources and patterns that differ by
// region alone, from three regions on.
func (g generaliser) joinRegions(ms []member) {
	regions := map[string]map[string]bool{}
	for _, m := range ms {
		if k := g.regionless(m); k != "" {
			if regions[k] == nil {
				regions[k] = map[string]bool{}
			}
			regions[k][m.parsed.region] = true
		}
	}
	for _, m := range ms {
		if k := g.regionless(m); len(regions[k]) >= 3 {
			g.patterns[m.arn] = k
		}
	}
}

// regionless is m's pattern with * for its region; empty where it has none.
func (g generaliser) regionless(m member) string {
	if m.parsed.region == "" || m.parsed.region == "*" || m.parsed.unique() {
		return ""
	}
	p := m.arn
	if wider, ok := g.patterns[m.arn]; ok {
		p = wider
	}
	parts := strings.SplitN(p, ":", 6)
	parts[3] = "*"
	return strings.Join(parts, ":")
}
