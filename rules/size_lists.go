package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// keptList says of each action that the plan keeps why, on what, and how it was used.
func keptList(p *plan, uses []actionUse, standby actionSet, r *recall) []Kept {
	resources := map[string]map[string]bool{}
	for n, items := range p.keeps {
		for _, i := range items {
			if resources[i.action] == nil {
				resources[i.action] = map[string]bool{}
			}
			for _, r := range i.on(p.grants[n].s) {
				resources[i.action][r] = true
			}
		}
	}
	used := map[string]*actionUse{}
	for i := range uses {
		used[uses[i].Action] = &uses[i]
	}
	out := []Kept{}
	for _, action := range slices.Sorted(maps.Keys(resources)) {
		k := Kept{Action: action, Resources: slices.Sorted(maps.Keys(resources[action])), Why: "unobservable"}
		if u := used[action]; u != nil {
			k.use(u)
		} else if p.accessed.has(p.x.id(action)) {
			k.Why, k.Last = whyAccessed, moment(r.last(action))
		} else if id := p.x.id(action); standby.has(id) {
			k.Why = "standby"
		}
		out = append(out, k)
	}
	return out
}

// whyAccessed is the word of Kept.Why for what IAM's own record keeps.
const whyAccessed = "last accessed"

// on are the resources of an item of a statement.
func (i *item) on(s *iam.Statement) []string {
	switch {
	case !i.whole:
		return i.resources
	case s.NotResource.Values != nil:
		return []string{"all but " + strings.Join(s.NotResource.Values, ", ")}
	}
	return s.Resource.Values
}

func (k *Kept) use(u *actionUse) {
	k.Why, k.Count, k.Events = "used", u.Count, u.Events
	if u.Implied {
		k.Why = "implied"
	}
	first, last := u.First, u.Last
	k.First, k.Last = &first, &last
}

// keptFresh is keptList for a policy from use alone.
func keptFresh(uses []actionUse, wants []want) []Kept {
	out := []Kept{}
	for i := range uses {
		k := Kept{Action: uses[i].Action}
		for _, w := range wants {
			if w.action == k.Action {
				k.Resources = append(k.Resources, cmp.Or(w.resource, "*"))
			}
		}
		if len(k.Resources) > 0 {
			slices.Sort(k.Resources)
			k.Resources = slices.Compact(k.Resources)
			k.use(&uses[i])
			out = append(out, k)
		}
	}
	return out
}

// keptAsIs lists the uses of a principal whose policies stay.
func keptAsIs(uses []actionUse) []Kept {
	out := []Kept{}
	for i := range uses {
		k := Kept{Action: uses[i].Action}
		k.use(&uses[i])
		out = append(out, k)
	}
	return out
}

// manyActions is from how many on the actions of a service that goes are
// listed as service:*.
const manyActions = 25

// removedList are the granted actions that go, service by service.
func removedList(x *actionIndex, granted, kept actionSet, days int, r *recall) []Removed {
	why := fmt.Sprintf("not used in %s", plainDays(days))
	out := make([]Removed, 0, x.removedCount(granted, kept)) // an organisation keeps many of these lists
	for _, s := range x.services {
		if s.goes(granted, kept) {
			out = append(out, Removed{Action: s.prefix + ":*", Level: string(x.gravest(granted, s)), Why: "service " + why + r.neither(s.prefix+":*")})
			continue
		}
		granted.each(s.from, s.to, func(i int) {
			if !kept.has(i) {
				out = append(out, Removed{Action: x.names[i], Level: string(x.cat.Level(x.names[i])), Why: why + r.neither(x.names[i])})
			}
		})
	}
	return out
}

// goes tells that most of a service is granted and none of it stays.
func (s *serviceSpan) goes(granted, kept actionSet) bool {
	had := granted.count(s.from, s.to)
	return had > 0 && (had == s.to-s.from || had >= manyActions) && kept.count(s.from, s.to) == 0
}

// removedCount is the length of removedList.
func (x *actionIndex) removedCount(granted, kept actionSet) int {
	n := 0
	for _, s := range x.services {
		if s.goes(granted, kept) {
			n++
			continue
		}
		granted.each(s.from, s.to, func(i int) {
			if !kept.has(i) {
				n++
			}
		})
	}
	return n
}

// gravest is the most powerful access level of a service's granted actions.
func (x *actionIndex) gravest(granted actionSet, s serviceSpan) catalog.AccessLevel {
	best := catalog.List
	granted.each(s.from, s.to, func(i int) {
		if x.weights[i] > levelWeights[best] {
			best = x.cat.Level(x.names[i])
		}
	})
	return best
}

// grantedBy are the actions that documents allow anywhere.
func grantedBy(x *actionIndex, docs []heldDoc) actionSet {
	out := x.empty()
	for _, g := range grantsOf(x, docs) {
		out.unite(g.actions)
	}
	out.without(refused(x, docs))
	return out
}

// sorted is the list sorted, without doubles, never nil.
func sorted(list []string) []string {
	out := slices.Compact(slices.Sorted(slices.Values(list)))
	if out == nil {
		return []string{}
	}
	return out
}
