package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// newAccess looks for access that proposed documents give and current ones do
// not, and names the first: "s3:GetObject on arn:…". It holds statement
// against statement: every action and resource of a proposed Allow must be
// within one current Allow whose conditions all stay, and every current Deny
// must stay. Empty means proven.
func newAccess(x *actionIndex, current []heldDoc, proposed []*iam.Document) string {
	grants := grantsOf(x, current)
	for _, d := range proposed {
		for i := range d.Statements {
			s := &d.Statements[i]
			if s.Effect == iam.Allow {
				if beyond := statementBeyond(x, grants, d, s); beyond != "" {
					return beyond
				}
			}
		}
	}
	return lostDeny(current, proposed)
}

func statementBeyond(x *actionIndex, grants []grant, d *iam.Document, s *iam.Statement) string {
	if slices.ContainsFunc(grants, func(g grant) bool { return sameStatement(s, g.s) }) {
		return ""
	}
	if s.NotAction.Values != nil {
		return "NotAction of statement " + s.Sid
	}
	f := fittingOf(grants, d, s)
	for _, pattern := range s.Action.Values {
		if r := f.beyond(pattern); r != "" {
			return r
		}
	}
	return ""
}

// fitting are the grants whose conditions a statement asks for, with the
// statement's resources.
type fitting struct {
	grants []*grant
	next   grant // with resources alone
}

func fittingOf(grants []grant, d *iam.Document, s *iam.Statement) *fitting {
	f := &fitting{next: grant{s: s}}
	vars := d.Version == "2012-10-17"
	f.next.resources, f.next.not = globsOf(s.Resource.Values, vars), globsOf(s.NotResource.Values, vars)
	for i := range grants {
		if conditionsWithin(s, grants[i].s) {
			f.grants = append(f.grants, &grants[i])
		}
	}
	return f
}

// beyond names a resource on which no grant gives all that an action pattern
// may match: "s3:GetObject on arn:…". Empty: none.
func (f *fitting) beyond(pattern string) string {
	p := readGlob(strings.ToLower(pattern), false)
	taking := slices.DeleteFunc(slices.Clone(f.grants), func(g *grant) bool { return !g.takesAction(p) })
	for i, r := range append(slices.Clone(f.next.s.Resource.Values), f.next.s.NotResource.Values...) {
		if !slices.ContainsFunc(taking, func(g *grant) bool { return g.takesResource(&f.next, i) }) {
			return pattern + " on " + r
		}
	}
	return ""
}

// takesAction reports whether the statement allows all that a pattern, in
// lower case, may match, today and later.
func (g *grant) takesAction(p glob) bool {
	if g.s.NotAction.Values != nil {
		return !slices.ContainsFunc(g.actionGlobs(), func(q glob) bool { return q.overlaps(p) })
	}
	return slices.ContainsFunc(g.actionGlobs(), func(q glob) bool { return q.covers(p) })
}

// actionGlobs are the patterns of Action or NotAction, read once.
func (g *grant) actionGlobs() []glob {
	if g.patterns == nil {
		for _, p := range append(slices.Clone(g.s.Action.Values), g.s.NotAction.Values...) {
			g.patterns = append(g.patterns, readGlob(strings.ToLower(p), false))
		}
	}
	return g.patterns
}

// takesResource reports whether the statement allows on all of n's i-th resource.
func (g *grant) takesResource(n *grant, i int) bool {
	if n.s.NotResource.Values != nil {
		return slices.Equal(n.s.NotResource.Values, g.s.NotResource.Values) || slices.Contains(g.s.Resource.Values, "*")
	}
	r := n.resources[i]
	if g.s.NotResource.Values != nil {
		return !slices.ContainsFunc(g.not, func(q glob) bool { return q.overlaps(r) })
	}
	return slices.ContainsFunc(g.resources, func(q glob) bool { return q.covers(r) })
}

// conditionsWithin reports whether s asks for all that old asks for.
func conditionsWithin(s, old *iam.Statement) bool {
	for op, keys := range old.Condition {
		for key, values := range keys {
			if !slices.Equal(s.Condition[op][key].Values, values.Values) {
				return false
			}
		}
	}
	return true
}

// lostDeny names a Deny statement that is in no proposed document.
func lostDeny(current []heldDoc, proposed []*iam.Document) string {
	kept := map[string]bool{}
	for _, d := range proposed {
		for i := range d.Statements {
			kept[statementText(&d.Statements[i])] = true
		}
	}
	for _, c := range current {
		for i := range c.doc.Statements {
			if s := &c.doc.Statements[i]; s.Effect == iam.Deny && !kept[statementText(s)] {
				return "what Deny " + s.Sid + " of " + c.ref.Name + " refused"
			}
		}
	}
	return ""
}

func statementText(s *iam.Statement) string {
	c := s.Clone()
	c.Sid = "" // a split document may number it anew
	d := iam.Document{Statements: []iam.Statement{c}}
	return string(d.JSON())
}
