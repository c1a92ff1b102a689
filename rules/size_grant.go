package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// heldDoc is one policy of a principal as sizing sees it.
type heldDoc struct {
	ref PolicyRef
	doc *iam.Document
	// editable tells that the document is this principal's own: inline, or a
	// customer's managed policy that is attached to nothing else.
	editable bool
	group    string // that it comes through, or empty
	managed  bool   // counts against the limit of managed policies
	arn      string // of a managed policy, also where it comes through a group
}

// grant is one Allow statement of a principal's policies.
type grant struct {
	doc int
	s   *iam.Statement
	// actions are those of the catalogue that the statement names; spelt are
	// those of them that it names with their service, where somebody meant
	// them and * only swept the others in; strange are patterns that name
	// nothing in the catalogue. standby are those that it names by a verb of
	// recovery or rotation, as rds:Restore*; named those that it names whole.
	actions, spelt, standby, named actionSet
	strange                        []string
	resources                      []glob
	not                            []glob // of NotResource
	certain                        bool   // has no condition
	patterns                       []glob // of Action or NotAction in lower case, see actionGlobs
}

// heldDocs are a holder's policies. attached counts the principals that hold
// a managed policy, by ARN.
func heldDocs(h *iam.Holder, attached map[string]int) []heldDoc {
	var out []heldDoc
	for _, p := range h.Policies {
		d := heldDoc{ref: PolicyRef{Name: p.Name, Source: p.Source, Document: p.Document}, doc: p.Document, managed: p.ARN != "", arn: p.ARN}
		d.group, _ = strings.CutPrefix(p.Source, "group:")
		if d.group == p.Source {
			d.group = ""
		}
		if p.ARN != "" && d.group == "" {
			d.ref.Source = p.ARN
		}
		d.editable = d.group == "" && (p.ARN == "" || !awsOwned(p.ARN) && attached[p.ARN] <= 1)
		out = append(out, d)
	}
	return out
}

// awsOwned tells a policy that AWS keeps.
func awsOwned(arn string) bool { return strings.Contains(arn, ":iam::aws:policy/") }

// grantsOf are the Allow statements of documents, in order.
func grantsOf(x *actionIndex, docs []heldDoc) []grant {
	var out []grant
	for i := range docs {
		for _, g := range x.grantsIn(&docs[i]) {
			g.doc = i
			out = append(out, g)
		}
	}
	return out
}

// grantsIn are the Allow statements of one document, which must not change
// until grants are cleared: sizing a principal asks for them again and again.
// Those of AWS's own policies, which many principals hold, are kept for good.
func (x *actionIndex) grantsIn(d *heldDoc) []grant {
	known := x.grants
	if d.managed && awsOwned(d.ref.Source) {
		known = x.shared
	}
	out, ok := known[d.doc]
	if !ok {
		for j := range d.doc.Statements {
			if s := &d.doc.Statements[j]; s.Effect == iam.Allow {
				out = append(out, newGrant(x, d.doc, s))
			}
		}
		known[d.doc] = out
	}
	return out
}

func newGrant(x *actionIndex, d *iam.Document, s *iam.Statement) grant {
	g := grant{s: s, certain: len(s.Condition) == 0}
	vars := d.Version == "2012-10-17"
	g.resources, g.not = globsOf(s.Resource.Values, vars), globsOf(s.NotResource.Values, vars)
	g.spelt, g.standby, g.named = x.empty(), x.empty(), x.empty()
	if s.NotAction.Values != nil {
		g.actions = x.others(s.NotAction.Values)
		return g
	}
	g.actions = x.empty()
	for _, p := range s.Action.Values {
		if known := x.into(g.actions, p); !known && p != "*" {
			g.strange = append(g.strange, p)
			continue
		}
		if prefix, _, _ := strings.Cut(p, ":"); exactAction(prefix) {
			x.into(g.spelt, p)
		}
		if exactAction(p) {
			x.into(g.named, p)
		}
		if rareByNature(p) {
			x.into(g.standby, p)
		}
	}
	return g
}

func globsOf(patterns []string, variables bool) []glob {
	var out []glob
	for _, p := range patterns {
		out = append(out, readGlob(p, variables))
	}
	return out
}

// allows reports whether the statement names the want's action, and whether
// it takes in the whole of its resource, or some.
func (g *grant) allows(w *want) (whole, some bool) {
	if !g.names(w) {
		return false, false
	}
	if w.resource == "" {
		nothing := slices.Contains(g.s.NotResource.Values, "*")
		return slices.Contains(g.s.Resource.Values, "*"), !nothing
	}
	if g.s.NotResource.Values != nil {
		outside := !slices.ContainsFunc(g.not, func(n glob) bool { return n.overlaps(w.glob) })
		return outside, outside || !slices.ContainsFunc(g.not, func(n glob) bool { return n.covers(w.glob) })
	}
	for _, r := range g.resources {
		if r.covers(w.glob) {
			return true, true
		}
		some = some || r.overlaps(w.glob)
	}
	return false, some
}

func (g *grant) names(w *want) bool {
	if w.id >= 0 {
		return g.actions.has(w.id)
	}
	inPatterns := func(ps []string) bool {
		return slices.ContainsFunc(ps, func(p string) bool { return p == "*" || iam.MatchAction(p, w.action) })
	}
	if g.s.NotAction.Values != nil {
		return !inPatterns(g.s.NotAction.Values)
	}
	return inPatterns(g.s.Action.Values)
}

// wide reports whether the statement allows on everything of a kind.
func (g *grant) wide() bool {
	return g.s.NotResource.Values != nil || slices.ContainsFunc(g.s.Resource.Values, WideResource)
}

// refused are the actions that Deny statements take away whatever the resource and context.
func refused(x *actionIndex, docs []heldDoc) actionSet {
	out := x.empty()
	for _, d := range docs {
		for i := range d.doc.Statements {
			s := &d.doc.Statements[i]
			if s.Effect != iam.Deny || len(s.Condition) > 0 || !slices.Contains(s.Resource.Values, "*") {
				continue
			}
			if s.NotAction.Values != nil {
				out.unite(x.others(s.NotAction.Values))
			} else {
				out.unite(x.anyOf(s.Action.Values))
			}
		}
	}
	return out
}

// beyond are the actions that a permissions boundary allows nowhere.
func (x *actionIndex) beyond(boundary *iam.Document) actionSet {
	inside := grantedBy(x, []heldDoc{{doc: boundary}})
	out := x.empty()
	out.unite(x.matching("*"))
	out.without(inside)
	return out
}
