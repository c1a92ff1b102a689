package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// plan says which statement keeps which action on what.
type plan struct {
	x        *actionIndex
	docs     []heldDoc
	grants   []grant
	wants    [][]want    // by grant
	spared   []actionSet // by grant: kept although no use was seen
	keeps    [][]item    // by grant
	accessed actionSet   // kept by IAM's last-accessed record
	// missing are used actions that no known policy grants.
	missing []want
}

// makePlan gives each want to the statements that grant it, and each
// unobservable or standby action to every statement that grants it.
func makePlan(x *actionIndex, docs []heldDoc, wants []want, spare spareRule) *plan {
	p := &plan{x: x, docs: docs, grants: grantsOf(x, docs), accessed: spare.accessed}
	p.wants = make([][]want, len(p.grants))
	used := x.empty()
	for _, w := range wants {
		if w.id >= 0 {
			used.add(w.id)
		}
		p.assign(w)
	}
	for i := range p.grants {
		p.spared = append(p.spared, spare.of(x, &p.grants[i], used))
		p.keeps = append(p.keeps, p.items(i))
	}
	return p
}

// assign gives w to the one unconditional statement that takes in all of it
// most narrowly; failing that to each statement that may have allowed it.
func (p *plan) assign(w want) {
	best, some := -1, []int(nil)
	for i := range p.grants {
		g := &p.grants[i]
		whole, part := g.allows(&w)
		if !part || contradicts(g.s, &w) {
			continue
		}
		some = append(some, i)
		if whole && g.certain && (best < 0 || p.closer(i, best, &w)) {
			best = i
		}
	}
	switch {
	case best >= 0:
		p.wants[best] = append(p.wants[best], w)
	case len(some) > 0:
		for _, i := range some {
			p.wants[i] = append(p.wants[i], w)
		}
	default:
		p.missing = append(p.missing, w)
	}
}

// closer orders statements for a want: those on named resources, then those of
// the principal's own policies, then those that spell the action's service.
func (p *plan) closer(a, b int, w *want) bool {
	rank := func(i int) int {
		g := &p.grants[i]
		n := 0
		if g.wide() {
			n += 4
		}
		if !p.docs[g.doc].editable {
			n += 2
		}
		if !g.spelt.has(w.id) {
			n++
		}
		return n
	}
	return rank(a) < rank(b)
}

// contradicts reports whether the statement asks for another value of a key
// than the want's request had.
func contradicts(s *iam.Statement, w *want) bool {
	key, value, ok := strings.Cut(w.condition, "=")
	if !ok {
		return false
	}
	for op, keys := range s.Condition {
		for k, want := range keys {
			if !strings.EqualFold(k, key) || op != "StringEquals" && op != "StringLike" {
				continue
			}
			if !slices.ContainsFunc(want.Values, func(v string) bool { return readGlob(v, true).covers(readGlob(value, true)) }) {
				return true
			}
		}
	}
	return false
}

// asksFor reports whether the statement's condition has the key already.
func asksFor(s *iam.Statement, key string) bool {
	for _, keys := range s.Condition {
		for k := range keys {
			if strings.EqualFold(k, key) {
				return true
			}
		}
	}
	return false
}

// item is one action that an edited statement keeps.
type item struct {
	action    string
	whole     bool // on the statement's own resources
	resources []string
	condition string // key=value to add, or empty
	low       string // the action in lower case
	// unseen tells of an action kept although no log could show its use,
	// which a pattern of the statement swept in.
	unseen bool
}

// key is what items of one statement share.
func (i *item) key() string {
	if i.unseen {
		return "unseen"
	}
	if i.whole {
		return i.condition + "\x00"
	}
	return i.condition + "\x00" + strings.Join(i.resources, "\x00")
}

// items are what the grant keeps, sorted by action.
func (p *plan) items(n int) []item {
	g := &p.grants[n]
	byKey := map[[2]string]*item{}
	for _, w := range p.wants[n] {
		condition := w.condition
		if key, _, _ := strings.Cut(condition, "="); asksFor(g.s, key) {
			condition = ""
		}
		k := [2]string{w.action, condition}
		if byKey[k] == nil {
			byKey[k] = &item{action: w.action, low: strings.ToLower(w.action), condition: condition}
		}
		byKey[k].add(p.narrow(g, &w))
	}
	var out []item
	for _, i := range byKey {
		i.settle(g.s)
		out = append(out, *i)
	}
	p.spared[n].each(0, len(p.x.names), func(id int) {
		name := p.x.names[id]
		out = append(out, item{action: name, low: p.x.lowers[id], whole: true, unseen: !p.accessed.has(id) && !namesExactly(g.s, name)})
	})
	for _, s := range g.strange {
		out = append(out, item{action: s, low: strings.ToLower(s), whole: true})
	}
	slices.SortFunc(out, func(a, b item) int {
		return cmp.Or(strings.Compare(a.low, b.low), strings.Compare(a.condition, b.condition))
	})
	return out
}

// namesExactly reports whether a statement spells an action out, without a wildcard.
func namesExactly(s *iam.Statement, action string) bool {
	return slices.ContainsFunc(s.Action.Values, func(v string) bool { return strings.EqualFold(v, action) })
}

func (i *item) add(resources []string) {
	if resources == nil {
		i.whole = true
	}
	i.resources = append(i.resources, resources...)
}

// settle sorts the resources, and takes the statement's own where they are the same.
func (i *item) settle(s *iam.Statement) {
	slices.Sort(i.resources)
	i.resources = slices.Compact(i.resources)
	if own := slices.Sorted(slices.Values(s.Resource.Values)); slices.Equal(own, i.resources) {
		i.whole = true
	}
	if i.whole {
		i.resources = nil
	}
}

// narrow is what the statement's resources become for a want; nil keeps them all.
// Named resources stay as somebody wrote them, those that name nothing give way to what was used.
func (p *plan) narrow(g *grant, w *want) []string {
	if w.resource == "" {
		return nil
	}
	escaped := strings.Contains(w.resource, "${") && p.docs[g.doc].doc.Version != "2012-10-17"
	if g.s.NotResource.Values != nil {
		if whole, _ := g.allows(w); whole && !escaped {
			return []string{w.resource}
		}
		return nil
	}
	widely := false
	var some []string
	for i, r := range g.resources {
		text := g.s.Resource.Values[i]
		switch covered := r.covers(w.glob); {
		case covered && !WideResource(text):
			return []string{text}
		case covered && !escaped:
			widely = true
		case covered || r.overlaps(w.glob):
			some = append(some, text)
		}
	}
	if widely {
		return []string{w.resource}
	}
	return some
}
