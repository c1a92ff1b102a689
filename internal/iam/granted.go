package iam

import (
	"slices"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// Granted is what a holder's policies allow, by the catalogue's actions.
type Granted struct {
	// Actions are sorted by name, without those that Denied and Bounded hold.
	Actions []GrantedAction
	// Denied are actions that some policy allows and a Deny without condition on "*" takes back, sorted.
	Denied []string
	// Bounded are actions that some policy allows and the permissions
	// boundary does not mention, sorted.
	Bounded []string
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
	bound := x.boundary(h.BoundaryDocument)
	g.Actions = make([]GrantedAction, 0, x.allowed())
	for i, name := range x.all {
		switch {
		case x.group[i] == 0:
		case x.denied[i]:
			g.Denied = append(g.Denied, name)
		case bound != nil && !bound[i]:
			g.Bounded = append(g.Bounded, name)
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
	for i, in := range x.set(s) {
		if in {
			out = append(out, x.all[i])
		}
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
}

type grantGroup struct {
	refs []StatementRef
	next int32 // the group that members of this one go to with the current statement; 0: not made yet
}

func newExpansion(c *catalog.Catalog) *expansion {
	all := c.Expand("*")
	return &expansion{catalog: c, all: all, group: make([]int32, len(all)), groups: make([]grantGroup, 1), denied: make([]bool, len(all))}
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
func (x *expansion) allow(set []bool, ref StatementRef) {
	for i := range x.groups {
		x.groups[i].next = 0
	}
	for i, in := range set {
		if !in {
			continue
		}
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
	for i, in := range x.set(s) {
		x.denied[i] = x.denied[i] || in
	}
}

// boundary tells which actions a boundary allows in some way, and adds what it
// denies; nil where there is no boundary to ask.
func (x *expansion) boundary(d *Document) []bool {
	if d == nil {
		return nil
	}
	bound := make([]bool, len(x.all))
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect == Deny {
			if s.Blanket() {
				x.deny(s)
			}
			continue
		}
		for j, in := range x.set(s) {
			bound[j] = bound[j] || in
		}
	}
	return bound
}

// set marks the actions that a statement takes in.
func (x *expansion) set(s *Statement) []bool {
	set, patterns := make([]bool, len(x.all)), s.Action.Values
	not := s.NotAction.Values != nil
	if not {
		patterns = s.NotAction.Values
	}
	for _, p := range patterns {
		x.mark(set, x.catalog.Expand(p))
	}
	for i := range set {
		set[i] = set[i] != not
	}
	return set
}

// mark sets the places of names, which are sorted as the catalogue's list is.
func (x *expansion) mark(set []bool, names []string) {
	at := 0
	for _, n := range names {
		if at >= len(x.all) || x.all[at] != n {
			i, found := slices.BinarySearch(x.all, n)
			if !found {
				continue
			}
			at = i
		}
		set[at] = true
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
