package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
)

// spareRule says which granted actions stay although no use was seen.
type spareRule struct {
	// hidden are the actions whose use no loaded log of the account could show.
	hidden actionSet
	// never are those of them that no log of anybody shows.
	never actionSet
	// standby are actions that are rarely used by their nature.
	standby actionSet
	// data are, by type of data event, the resources that show in the logs;
	// a statement on named resources that do not show is not judged by them.
	data map[string]*dataSeen
	// services are all actions of the services that the principal uses.
	services actionSet
	// refused are actions that a Deny takes away, and those seen only denied.
	refused actionSet
	// accessed are actions that IAM's last-accessed record knows as used.
	accessed actionSet
	// named spares hidden actions only where a policy names them one by one.
	named bool
}

// of are the actions that a statement keeps unused: hidden ones of services
// that it spells out or that are in use, standby ones whose verb it spells out,
// and those that IAM's own record knows as used.
// What * alone sweeps in goes where it is of a service never used, or never
// logged for anybody: nobody meant it, and nothing could ever clear it.
func (r *spareRule) of(x *actionIndex, g *grant, used actionSet) actionSet {
	hidden := r.hiddenFrom(g)
	out := x.empty()
	for i := range out {
		meant := g.spelt[i] | r.services[i]&^r.never[i]
		if r.named {
			meant = g.named[i]
		}
		out[i] = g.actions[i] & (hidden[i]&meant | r.standby[i]&g.standby[i] | r.accessed[i]) &^ used[i] &^ r.refused[i]
	}
	return out
}

// hiddenFrom are the hidden actions as one statement sees them: with those of
// data events that show, but of none of the resources that it names.
func (r *spareRule) hiddenFrom(g *grant) actionSet {
	if g.wide() {
		return r.hidden
	}
	out := slices.Clone(r.hidden)
	for _, d := range r.data {
		if !slices.ContainsFunc(g.resources, d.shows) {
			out.unite(d.actions)
		}
	}
	return out
}

// visibility is, for each action of an index, what a trail can show.
type visibility struct {
	kinds  []catalog.Visibility
	types  []string // of data events
	events []catalog.Observability
	// standby are the actions of the keep list, never those that no log shows.
	standby, never actionSet
}

func newVisibility(x *actionIndex) *visibility {
	n := len(x.names)
	v := &visibility{make([]catalog.Visibility, n), make([]string, n), make([]catalog.Observability, n), x.empty(), x.empty()}
	for i, name := range x.names {
		v.events[i] = x.cat.Observability(name)
		v.kinds[i], v.types[i] = v.events[i].Visibility, v.events[i].DataType
		if v.kinds[i] == catalog.Never {
			v.never.add(i)
		}
		if x.cat.Level(name) != catalog.Permission && rareByNature(name) {
			v.standby.add(i)
		}
	}
	return v
}

// rareByNature tells actions of recovery, rotation and first set-up, which a
// window without a disaster or a new deployment does not show.
func rareByNature(action string) bool {
	_, verb, _ := strings.Cut(action, ":")
	for _, p := range [...]string{"Restore", "Failover", "Rotate", "CreateLogGroup", "CreateServiceLinkedRole"} {
		if strings.HasPrefix(verb, p) {
			return true
		}
	}
	return strings.Contains(verb, "Backup")
}

// hidden are the actions whose use the account's logs could not show, or on
// too few of the window's days: never logged, data events of types and
// management reads or writes that do not appear, see watch. iam:PassRole is
// not among them: it is inferred from the calls that pass a role, which are logged.
func (v *visibility) hidden(x *actionIndex, c *analyze.Coverage, window analyze.Window) actionSet {
	out, w := x.empty(), newWatch(c, window.To, window.Days())
	for i, name := range x.names {
		if w.of(name, v.events[i]).Verdict != Observable {
			out.add(i)
		}
	}
	if id := x.id(passRole); id >= 0 && c != nil && c.ManagementWrite {
		out[id>>6] &^= 1 << (id & 63)
	}
	return out
}

// servicesUsed are all actions of the services of the wants.
func servicesUsed(x *actionIndex, wants []want) actionSet {
	used := map[string]bool{}
	for _, w := range wants {
		used[serviceOf(w.action)] = true
	}
	out := x.empty()
	for _, s := range x.services {
		if used[strings.ToLower(s.prefix)] {
			for i := s.from; i < s.to; i++ {
				out.add(i)
			}
		}
	}
	return out
}
