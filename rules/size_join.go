package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// joinParts puts parts of one service together where that lets no action
// reach a resource that it did not reach before: s3:ListBucket on a bucket
// and s3:GetObject on its objects read better as one statement.
func (p *plan) joinParts(parts []part) []part {
	var out []part
	for _, next := range parts {
		at := slices.IndexFunc(out, func(have part) bool { return p.x.joins(&have, &next) })
		if at < 0 {
			out = append(out, next)
			continue
		}
		out[at].actions = append(out[at].actions, next.actions...)
		out[at].members = append(out[at].members, next.members...)
		out[at].resources = append(slices.Clone(out[at].resources), next.resources...)
		slices.Sort(out[at].resources)
		out[at].resources = slices.Compact(out[at].resources)
	}
	return out
}

// joins reports whether two parts may be one without giving more.
func (x *actionIndex) joins(a, b *part) bool {
	if a.whole || b.whole || a.condition != "" || b.condition != "" || serviceOf(a.members[0]) != serviceOf(b.members[0]) {
		return false
	}
	return !x.reaches(a, b) && !x.reaches(b, a)
}

// reaches reports whether an action of a applies to a resource that b has and
// a has not. Describing a thing that b acts on already is let pass: the
// statement reads as a person would write it.
func (x *actionIndex) reaches(a, b *part) bool {
	for _, r := range b.resources {
		if slices.Contains(a.resources, r) {
			continue
		}
		if slices.ContainsFunc(a.members, func(action string) bool { return !x.describes(action) && x.applies(action, r) }) {
			return true
		}
	}
	return false
}

// describes tells a List or Read action of the name Describe….
func (x *actionIndex) describes(action string) bool {
	level := x.cat.Level(action)
	return strings.Contains(action, ":Describe") && (level == catalog.List || level == catalog.Read)
}

// applies reports whether an action can act on what a resource pattern names.
// Unknown actions may act on anything.
func (x *actionIndex) applies(action, resource string) bool {
	a, ok := x.cat.Action(action)
	if !ok || resource == "*" {
		return true
	}
	r := readGlob(resource, true)
	for _, t := range a.ResourceTypes {
		if strings.HasPrefix(action, "s3:") && t.Name == "bucket" && strings.Contains(resource, "/") {
			continue // a bucket's name has no slash, which the type's pattern does not say
		}
		if r.overlaps(x.kindGlob(t.ARN)) {
			return true
		}
	}
	return false
}

// kindGlob is the pattern of a resource type's ARN, read once.
func (x *actionIndex) kindGlob(arn string) glob {
	g, ok := x.kinds[arn]
	if !ok {
		g = readGlob(arn, true)
		x.kinds[arn] = g
	}
	return g
}
