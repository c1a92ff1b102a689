package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// edited is a held policy after the edit.
type edited struct {
	heldDoc
	next    *iam.Document // nil where nothing of it stays
	changed bool
}

// edit narrows each Allow statement to what the plan keeps; Deny statements,
// order, Sids, conditions and ids stay. A statement that keeps nothing goes,
// and with the last one its document.
func (p *plan) edit() []edited {
	out := make([]edited, len(p.docs))
	for i, d := range p.docs {
		out[i] = edited{heldDoc: d, next: d.doc.Clone()}
		out[i].next.Statements = nil
	}
	n := 0
	for i, d := range p.docs {
		for j := range d.doc.Statements {
			s := &d.doc.Statements[j]
			if s.Effect != iam.Allow {
				out[i].next.Statements = append(out[i].next.Statements, s.Clone())
				continue
			}
			parts, changed := p.rebuild(n, p.keeps[n])
			out[i].changed = out[i].changed || changed
			out[i].next.Statements = append(out[i].next.Statements, parts...)
			n++
		}
		out[i].finish()
	}
	p.leaveSlight(out)
	return out
}

func (e *edited) finish() {
	if !e.changed {
		e.next = e.doc
		return
	}
	if len(e.next.Statements) == 0 {
		e.next = nil
		return
	}
	uniqueSids(e.next)
}

// uniqueSids numbers the parts of a statement that was split: Read, Read2.
func uniqueSids(d *iam.Document) {
	taken := map[string]bool{}
	for i := range d.Statements {
		taken[d.Statements[i].Sid] = true
	}
	seen := map[string]bool{}
	for i := range d.Statements {
		s := &d.Statements[i]
		base := s.Sid
		for n := 2; s.Sid != "" && seen[s.Sid]; n++ {
			if next := base + strconv.Itoa(n); !taken[next] {
				s.Sid = next
			}
		}
		taken[s.Sid], seen[s.Sid] = true, true
	}
}

// part is a statement in the making: actions with what they share.
type part struct {
	item
	actions []string // as they will be written
	members []string // the actions that they stand for
}

// rebuild is the grant's statement with the items alone, split where they
// differ in resources; changed tells whether that is another statement. Where
// it is, what stays unseen gets a statement of its own, for a reviewer to
// strike whole.
func (p *plan) rebuild(n int, items []item) (out []iam.Statement, changed bool) {
	g := &p.grants[n]
	together := slices.Clone(items)
	for i := range together {
		together[i].unseen = false
	}
	out = p.statements(g, together)
	if len(out) == 1 && sameStatement(&out[0], g.s) {
		return out, false
	}
	return p.statements(g, items), true
}

func (p *plan) statements(g *grant, items []item) []iam.Statement {
	var out, unseen []iam.Statement
	for _, part := range p.joinParts(p.parts(g, items)) {
		if part.unseen {
			unseen = append(unseen, g.statement(&part))
		} else {
			out = append(out, g.statement(&part))
		}
	}
	return append(out, unseen...)
}

func sameStatement(a, b *iam.Statement) bool {
	return slices.Equal(a.Action.Values, b.Action.Values) && slices.Equal(a.NotAction.Values, b.NotAction.Values) &&
		slices.Equal(a.Resource.Values, b.Resource.Values) && slices.Equal(a.NotResource.Values, b.NotResource.Values) &&
		len(a.Condition) == len(b.Condition) && conditionText(a) == conditionText(b)
}

// parts places the items under the statement's patterns, in their order: a
// pattern that keeps all it matches stays, another gives way to its actions.
func (p *plan) parts(g *grant, items []item) []part {
	var out []part
	byKey := map[string]int{}
	placed := make([]bool, len(items))
	place := func(i int, spelling string) {
		placed[i] = true
		k := items[i].key()
		at, ok := byKey[k]
		if !ok {
			at = len(out)
			byKey[k] = at
			out = append(out, part{item: items[i]})
		}
		out[at].members = append(out[at].members, items[i].action)
		if last := len(out[at].actions) - 1; last < 0 || out[at].actions[last] != spelling {
			out[at].actions = append(out[at].actions, spelling)
		}
	}
	patterns := g.s.Action.Values
	if g.s.NotAction.Values != nil {
		patterns = []string{"*"}
	}
	kept := p.x.empty()
	for _, i := range items {
		if id := p.x.id(i.action); id >= 0 {
			kept.add(id)
		}
	}
	for _, pattern := range patterns {
		if p.x.idle(pattern, kept) {
			continue // most patterns of a large policy, told cheaply
		}
		matched := matchedItems(pattern, items, placed)
		whole := g.s.NotAction.Values == nil && p.keepsAll(pattern, items, matched)
		for _, i := range matched {
			if whole || exactAction(pattern) {
				place(i, pattern)
			} else {
				place(i, items[i].action)
			}
		}
	}
	return out
}

// idle reports whether a pattern matches actions of the catalogue, and none of kept.
func (x *actionIndex) idle(pattern string, kept actionSet) bool {
	if exactAction(pattern) {
		id := x.id(pattern)
		return id >= 0 && !kept.has(id)
	}
	known := x.matching(pattern)
	return known.any() && !known.meets(kept)
}

// matchedItems are the items, sorted by action without regard to case, that a
// pattern matches and no earlier one did.
func matchedItems(pattern string, items []item, placed []bool) []int {
	var out []int
	if exactAction(pattern) {
		low := strings.ToLower(pattern)
		i, _ := slices.BinarySearchFunc(items, low, func(i item, a string) int { return strings.Compare(i.low, a) })
		for ; i < len(items) && items[i].low == low; i++ {
			if !placed[i] {
				out = append(out, i)
			}
		}
		return out
	}
	for i := range items {
		if !placed[i] && (pattern == "*" || pattern == items[i].action || iam.MatchAction(pattern, items[i].action)) {
			out = append(out, i)
		}
	}
	return out
}

// keepsAll reports whether all that a pattern matches is among the items, on the same resources.
func (p *plan) keepsAll(pattern string, items []item, matched []int) bool {
	if len(matched) == 0 {
		return false
	}
	for _, i := range matched {
		if items[i].condition != "" || items[i].key() != items[matched[0]].key() {
			return false
		}
	}
	all := p.x.matching(pattern)
	return pattern == items[matched[0]].action || all.count(0, len(p.x.names)) == len(matched)
}

// statement writes a part in the form of the statement that it comes from.
func (g *grant) statement(p *part) iam.Statement {
	s := g.s.Clone()
	s.NotAction = iam.StringList{}
	s.Action = iam.StringList{Values: p.actions, One: g.s.Action.One && len(p.actions) == 1}
	if p.unseen {
		s.Sid += "Unobservable"
	}
	if !p.whole {
		s.NotResource = iam.StringList{}
		s.Resource = iam.StringList{Values: p.resources, One: g.s.Resource.One && len(p.resources) == 1}
	}
	if p.condition != "" {
		key, value, _ := strings.Cut(p.condition, "=")
		addCondition(&s, key, value)
	}
	return s
}

// addCondition asks for key=value by StringEquals, beside what s asks for.
func addCondition(s *iam.Statement, key, value string) {
	if s.Condition == nil {
		s.Condition = map[string]map[string]iam.StringList{}
	}
	if s.Condition["StringEquals"] == nil {
		s.Condition["StringEquals"] = map[string]iam.StringList{}
	}
	s.Condition["StringEquals"][key] = iam.StringList{Values: []string{value}, One: true}
}

// conditionText is the condition as text that equal conditions share.
func conditionText(s *iam.Statement) string {
	d := iam.Document{Statements: []iam.Statement{{Condition: s.Condition}}}
	return string(d.JSON())
}
