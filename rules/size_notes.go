package rules

import (
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// strangerNotes name used actions that no policy of the principal grants, and
// the services that acted on its behalf.
func strangerNotes(b *built, uses []actionUse) []string {
	var out, actions, services []string
	if b.plan != nil {
		for _, w := range b.plan.missing {
			actions = append(actions, w.action)
		}
	}
	for _, u := range uses {
		for _, r := range u.Rows {
			if r.InvokedBy != "" {
				services = append(services, r.InvokedBy)
			}
		}
	}
	if len(actions) > 0 {
		out = append(out, "used, but not granted by these policies (a resource policy, or a grant that is gone), so not granted here: "+firstFew(sorted(actions)))
	}
	if len(services) > 0 {
		out = append(out, "some calls were made on its behalf, with its permissions, by "+firstFew(sorted(services)))
	}
	return out
}

// hiddenNotes say what was decided about actions whose use no log shows.
func (z *sizer) hiddenNotes(p *Proposal, granted, kept, hidden actionSet) []string {
	var out []string
	gone := z.x.empty()
	gone.unite(granted)
	gone.without(kept)
	dark, data := 0, map[string]bool{}
	gone.each(0, len(z.x.names), func(i int) {
		if hidden.has(i) {
			dark++
		} else if z.sight.kinds[i] == catalog.Data && !hidden.has(i) {
			data[z.sight.types[i]] = true
		}
	})
	if dark > 0 {
		out = append(out, fmt.Sprintf("%d actions whose use these logs cannot show go: only * grants them, or nothing else of their services was used", dark))
	}
	if len(data) > 0 {
		out = append(out, "data events of "+strings.Join(sorted(keysOf(data)), ", ")+" are in these logs, though perhaps not of every resource; unused data actions go")
	}
	var grave []string
	for _, a := range p.Unobservable {
		if z.x.cat.Level(a) == catalog.Permission {
			grave = append(grave, a)
		}
	}
	if len(grave) > 0 {
		out = append(out, fmt.Sprintf("kept unseen, though they manage permissions: %s. Remove them unless somebody knows that they are needed", firstFew(grave)))
	}
	return out
}

func keysOf(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func firstFew(list []string) string {
	const few = 4
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:few], ", ") + fmt.Sprintf(" and %d more", len(list)-few)
}
