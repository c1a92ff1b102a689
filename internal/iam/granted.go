package iam

import (
	"slices"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// Granted is what a holder's policies allow, by the catalogue's actions.
type Granted struct {
	// Actions are sorted by name, without those that Denied, Bounded and Guarded hold.
	Actions []GrantedAction
	// Denied are actions that some policy allows and a Deny without condition on "*" takes back, sorted.
	Denied []string
	// Bounded are actions that some policy allows and the permissions
	// boundary does not mention, sorted.
	Bounded []string
	// Guarded are actions that some policy allows and an SCP level of the
	// organisation does not mention, sorted. What SCPs deny is in Denied. RCPs
	// are left out: they bear on resources, which may be of other accounts.
	Guarded []string
	// Unmatched are action patterns of Allow statements that no action of
	// the catalogue fits: misspelt, retired, or newer than the catalogue. Sorted.
	Unmatched []string
	// Unknown is the holder's Unresolved: what these allow is not known, and
	// an unknown boundary limits nothing here.
	Unknown []string
}

// GrantedAction is one action with the Allow statements that grant it, in
// the holder's order. Its slice is shared with other actions: do not change it.
type GrantedAction struct {
	Name string
	By   []StatementRef
}

// StatementRef is one statement of one of a holder's policies. Resource
// patterns and conditions are the statement's own.
type StatementRef struct {
	Policy    int // index in Holder.Policies
	Statement int // index in the policy's Document.Statements
}

// Of is the statement that the reference names; do not change it.
func (r StatementRef) Of(h *Holder) *Statement {
	return &h.Policies[r.Policy].Document.Statements[r.Statement]
}

// Granted expands the holder's policies to actions. It looks at actions
// alone: a Deny with a condition or on some resources takes nothing back.
// Whether one request is allowed is Decide's question.
func (h *Holder) Granted(c *catalog.Catalog) Granted {
	x := newExpansion(c)
	g := Granted{Unknown: h.Unresolved}
	for i, p := range h.Policies {
		for j := range p.Document.Statements {
			x.statement(&p.Document.Statements[j], StatementRef{i, j})
		}
	}
	var bound, guard []bool
	if h.BoundaryDocument != nil {
		bound = x.limit(nil, h.BoundaryDocument)
	}
	for _, level := range h.SCPs {
		guard = x.limit(guard, level...)
	}
	g.Actions = make([]GrantedAction, 0, x.allowed())
	for i, name := range x.all {
		switch {
		case x.group[i] == 0:
		case x.denied[i]:
			g.Denied = append(g.Denied, name)
		case bound != nil && !bound[i]:
			g.Bounded = append(g.Bounded, name)
		case guard != nil && !guard[i]:
			g.Guarded = append(g.Guarded, name)
		default:
			g.Actions = append(g.Actions, GrantedAction{name, x.groups[x.group[i]].refs})
		}
	}
	slices.Sort(x.unmatched)
	g.Unmatched = slices.Compact(x.unmatched)
	return g
}

// Actions are the catalogue's actions that the statement's Action or
// NotAction takes in, sorted, whatever its effect.
func (s *Statement) Actions(c *catalog.Catalog) []string {
	x := newExpansion(c)
	var out []string
	for _, i := range slices.Sorted(slices.Values(x.set(s))) {
		out = append(out, x.all[i])
	}
	return out
}

// Blanket reports a statement without condition on every resource.
func (s *Statement) Blanket() bool {
	return len(s.Condition) == 0 && slices.Contains(s.Resource.Values, "*")
}

// expansion works over all actions by their place in the catalogue's sorted
// list. Actions that the same statements grant are one group and share their list.
type expansion struct {
	catalog   *catalog.Catalog
	all       []string
	group     []int32 // of each action, in groups
	groups    []grantGroup
	denied    []bool
	unmatched []string
	// set's own: the places that it has, and the list of them, which the next call uses again.
	in     []bool
	places []int32
}

type grantGroup struct {
	refs []StatementRef
	next int32 // the group that members of this one go to with the current statement; 0: not made yet
}

func newExpansion(c *catalog.Catalog) *expansion {
	all := c.Expand("*")
	return &expansion{catalog: c, all: all, group: make([]int32, len(all)), groups: make([]grantGroup, 1), denied: make([]bool, len(all)), in: make([]bool, len(all))}
}

func (x *expansion) statement(s *Statement, ref StatementRef) {
	switch {
	case s.Effect == Allow:
		x.allow(x.set(s), ref)
		x.unmatched = append(x.unmatched, x.unfit(s.Action.Values)...)
	case s.Blanket():
		x.deny(s)
	}
}

// allow moves every action of the set to the group of its statements and ref.
func (x *expansion) allow(set []int32, ref StatementRef) {
	for i := range x.groups {
		x.groups[i].next = 0
	}
	for _, i := range set {
		g := x.group[i]
		if x.groups[g].next == 0 {
			x.groups[g].next = int32(len(x.groups))
			x.groups = append(x.groups, grantGroup{refs: append(slices.Clone(x.groups[g].refs), ref)})
		}
		x.group[i] = x.groups[g].next
	}
}

// allowed counts the actions that some statement allows.
func (x *expansion) allowed() (n int) {
	for _, g := range x.group {
		if g > 0 {
			n++
		}
	}
	return n
}

func (x *expansion) deny(s *Statement) {
	for _, i := range x.set(s) {
		x.denied[i] = true
	}
}

// limit tells which actions documents that decide together, a boundary or an SCP level, allow
// in some way, of those that before has; and adds what they deny.
func (x *expansion) limit(before []bool, docs ...*Document) []bool {
	bound, all := make([]bool, len(x.all)), false
	for _, d := range docs {
		for i := range d.Statements {
			switch s := &d.Statements[i]; {
			case s.Effect == Deny && s.Blanket():
				x.deny(s)
			case s.Effect == Allow && slices.Contains(s.Action.Values, "*"):
				all = true
			case s.Effect == Allow:
				for _, j := range x.set(s) {
					bound[j] = true
				}
			}
		}
	}
	if all {
		return before
	}
	for i := range before {
		bound[i] = bound[i] && before[i]
	}
	return bound
}

// set lists the places of the actions that a statement takes in, until it is called again.
func (x *expansion) set(s *Statement) []int32 {
	x.places = x.places[:0]
	patterns := s.Action.Values
	if s.NotAction.Values != nil {
		patterns = s.NotAction.Values
	}
	for _, p := range patterns {
		x.mark(x.catalog.Expand(p))
	}
	for _, i := range x.places {
		x.in[i] = s.NotAction.Values != nil
	}
	if s.NotAction.Values != nil {
		x.turn()
	}
	return x.places
}

// turn lists the places that are not marked instead, and takes the marks off.
func (x *expansion) turn() {
	x.places = x.places[:0]
	for i, in := range x.in {
		if !in {
			x.places = append(x.places, int32(i))
		}
	}
	clear(x.in)
}

// mark adds the places of names, which are sorted as the catalogue's list is.
func (x *expansion) mark(names []string) {
	at := 0
	for _, n := range names {
		if at >= len(x.all) || x.all[at] != n {
			i, found := slices.BinarySearch(x.all, n)
			if !found {
				continue
			}
			at = i
		}
		if !x.in[at] {
			x.in[at] = true
			x.places = append(x.places, int32(at))
		}
		at++
	}
}

func (x *expansion) unfit(patterns []string) []string {
	var out []string
	for _, p := range patterns {
		if len(x.catalog.Expand(p)) == 0 {
			out = append(out, p)
		}
	}
	return out
}
