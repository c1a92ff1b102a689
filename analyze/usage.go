package analyze

import (
	"cmp"
	"slices"
	"strings"
)

// rowKey tells usage rows of one action and day apart.
type rowKey struct {
	resource  string
	outcome   Outcome
	invokedBy string
	condition string
	region    string
}

// actionKey is an action with what decides how far its resources widen:
// refused calls are apart, so that nobody widens what is granted by asking
// for what is not.
type actionKey struct {
	action  string
	denied  bool
	implied bool
}

// actionUse is the use of one action by one principal.
type actionUse struct {
	step     int
	distinct map[string]struct{} // resources at step
	rows     map[rowKey]*days
}

// days are uses by day, sorted: what they have in common is held once for all.
type days struct{ list []dayUse }

type dayUse struct {
	day day
	first
}

// on finds the uses of a day, to be used before the next call.
func (u *days) on(d day) *first {
	n := len(u.list)
	if n > 0 && u.list[n-1].day == d {
		return &u.list[n-1].first
	}
	i, found := slices.BinarySearchFunc(u.list, d, func(x dayUse, d day) int { return cmp.Compare(x.day, d) })
	if !found {
		u.list = slices.Insert(u.list, i, dayUse{day: d})
	}
	return &u.list[i].first
}

func (u *days) merge(o *days) {
	for i := range o.list {
		u.on(o.list[i].day).merge(&o.list[i].first)
	}
}

func newActionUse() *actionUse {
	return &actionUse{distinct: map[string]struct{}{}, rows: map[rowKey]*days{}}
}

func (a *actionUse) add(k rowKey, d day, s stamp) {
	k.resource = widen(k.resource, a.step)
	a.row(k).on(d).add(s)
	a.fit()
}

// row finds the row of k. What a new key holds is copied, see tally.keep.
func (a *actionUse) row(k rowKey) *days {
	if t := a.rows[k]; t != nil {
		return t
	}
	k.resource, k.invokedBy, k.condition, k.region = strings.Clone(k.resource), strings.Clone(k.invokedBy), strings.Clone(k.condition), strings.Clone(k.region)
	t := &days{}
	a.rows[k] = t
	a.distinct[k.resource] = struct{}{}
	return t
}

// fit widens the resources until they are few enough.
func (a *actionUse) fit() {
	for len(a.distinct) > mostAt(a.step, maxResources) && a.step < lastStep {
		a.widenTo(a.step + 1)
	}
}

func (a *actionUse) widenTo(step int) {
	if step <= a.step {
		return
	}
	old := a.rows
	a.step, a.distinct, a.rows = step, map[string]struct{}{}, make(map[rowKey]*days, len(old))
	for k, t := range old {
		k.resource = widen(k.resource, step)
		a.row(k).merge(t)
	}
}

func (a *actionUse) merge(o *actionUse) {
	a.widenTo(o.step)
	for k, t := range o.rows {
		k.resource = widen(k.resource, a.step)
		a.row(k).merge(t)
	}
	a.fit()
}

// usageFacts are all uses of p, sorted.
func (p *principal) usageFacts() []Usage {
	n := 0
	for _, a := range p.usage {
		for _, u := range a.rows {
			n += len(u.list)
		}
	}
	out, ids := make([]Usage, 0, n), make([]string, 0, n)
	for k, a := range p.usage {
		for r, u := range a.rows {
			for i := range u.list {
				ids = append(ids, u.list[i].id)
				out = append(out, k.usage(r, &u.list[i], ids[len(ids)-1:len(ids):len(ids)]))
			}
		}
	}
	slices.SortFunc(out, compareUsage)
	return out
}

func (k actionKey) usage(r rowKey, t *dayUse, events []string) Usage {
	return Usage{
		Action: k.action, Day: t.day.time(), Resource: r.resource, Outcome: r.outcome, Implied: k.implied,
		InvokedBy: r.invokedBy, Condition: r.condition, Region: r.region,
		Count: t.count, First: t.firstTime(), Last: t.lastTime(), Events: events,
	}
}
