package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// fresh writes a document from use alone, for a principal whose policies are
// not known: a statement for each service and set of resources.
func fresh(x *actionIndex, wants []want) *iam.Document {
	var parts []part
	byKey := map[string]int{}
	for _, i := range freshItems(x, wants) {
		k := serviceOf(i.action) + "\x00" + i.key()
		at, ok := byKey[k]
		if !ok {
			at = len(parts)
			byKey[k] = at
			parts = append(parts, part{item: i})
		}
		parts[at].actions = append(parts[at].actions, i.action)
		parts[at].members = append(parts[at].members, i.action)
	}
	p := plan{x: x}
	d := &iam.Document{Version: "2012-10-17"}
	for _, part := range p.joinParts(parts) {
		g := grant{s: &iam.Statement{Sid: sidOf(part.members[0]), Effect: iam.Allow, Resource: iam.StringList{One: true}, Action: iam.StringList{One: true}}}
		d.Statements = append(d.Statements, g.statement(&part))
	}
	uniqueSids(d)
	return d
}

func freshItems(x *actionIndex, wants []want) []item {
	byKey := map[[2]string]*item{}
	for _, w := range wants {
		r := cmp.Or(w.resource, "*")
		k := [2]string{w.action, w.condition}
		if byKey[k] == nil {
			byKey[k] = &item{action: w.action, condition: w.condition}
		}
		byKey[k].resources = append(byKey[k].resources, r)
	}
	var out []item
	for _, i := range byKey {
		slices.Sort(i.resources)
		i.resources = slices.Compact(i.resources)
		out = append(out, *i)
	}
	slices.SortFunc(out, func(a, b item) int {
		return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.condition, b.condition))
	})
	return out
}

// sidOf names a statement after its service: letters and digits alone, as a Sid must be.
func sidOf(action string) string {
	var b strings.Builder
	for _, word := range strings.Split(serviceOf(action), "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
