package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
)

// setUse is one role of a permission set with what it holds and used.
type setUse struct {
	h *held
	p *analyze.Principal
	g grants
}

// joined are the roles of one permission set taken together: what is unused
// in every account that it is used in. The one with the most calls stands for all.
func (q *inquiry) joined(us []setUse) setUse {
	slices.SortFunc(us, func(a, b setUse) int {
		return cmp.Or(cmp.Compare(b.p.Events, a.p.Events), cmp.Compare(a.h.ARN, b.h.ARN))
	})
	out := us[0]
	for _, u := range us[1:] {
		out.g.unused = both(out.g.unused, u.g.unused)
		out.g.grave = both(out.g.grave, u.g.grave)
		out.g.idle = both(out.g.idle, u.g.idle)
		if u.g.blind > out.g.blind {
			out.g.unseen = u.g.unseen
		}
		out.g.blind, out.g.granted = max(out.g.blind, u.g.blind), max(out.g.granted, u.g.granted)
		out.g.secrets, out.g.read = out.g.secrets || u.g.secrets, union(out.g.read, u.g.read)
	}
	out.g.used = max(0, out.g.granted-out.g.blind-len(out.g.unused))
	out.g.writes = 0
	for _, a := range out.g.unused {
		if level := q.cat.Level(a); level == catalog.Write || level == catalog.Tagging {
			out.g.writes++
		}
	}
	return out
}

// both are what two sorted lists share.
func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

// ofSet makes a finding on a role the one on its permission set: of all
// accounts, with the people who were seen.
func (q *inquiry) ofSet(f Finding, arns []string) Finding {
	var accounts, people []string
	for _, arn := range arns {
		accounts = union(accounts, []string{arnAccount(arn)})
		people = union(people, q.peopleOf(arn))
	}
	f.Resource = "permission set " + permissionSet(f.Principal)
	f.Evidence.Count = max(f.Evidence.Count, int64(len(arns)))
	f.Reason += fmt.Sprintf(" The permission set is in %s: %s.", counted(len(accounts), "account"), listed(accounts, 6))
	if len(people) > 0 {
		f.Reason += fmt.Sprintf(" Seen at work: %s.", listed(people, 6))
	}
	return f
}

// peopleOf are the session names of a role of IAM Identity Center.
func (q *inquiry) peopleOf(arn string) []string {
	found := map[string]bool{}
	if p := q.principal(arn); p != nil {
		for i := range p.Networks {
			if s := p.Networks[i].Session; s != "" {
				found[s] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
