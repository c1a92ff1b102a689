package analyze

import (
	"strings"
)

// rowKey tells usage rows of one action apart.
type rowKey struct {
	day       day
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
	rows     map[rowKey]*first
}

func newActionUse() *actionUse {
	return &actionUse{distinct: map[string]struct{}{}, rows: map[rowKey]*first{}}
}

func (a *actionUse) add(k rowKey, s stamp) {
	k.resource = widen(k.resource, a.step)
	a.row(k).add(s)
	a.fit()
}

// row finds the row of k. What a new key holds is copied, see tally.keep.
func (a *actionUse) row(k rowKey) *first {
	if t := a.rows[k]; t != nil {
		return t
	}
	k.resource, k.invokedBy, k.condition, k.region = strings.Clone(k.resource), strings.Clone(k.invokedBy), strings.Clone(k.condition), strings.Clone(k.region)
	t := &first{}
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
	a.step, a.distinct, a.rows = step, map[string]struct{}{}, make(map[rowKey]*first, len(old))
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

func (k actionKey) usage(r rowKey, t *first) Usage {
	return Usage{
		Action: k.action, Day: r.day.time(), Resource: r.resource, Outcome: r.outcome, Implied: k.implied,
		InvokedBy: r.invokedBy, Condition: r.condition, Region: r.region,
		Count: t.count, First: t.firstTime(), Last: t.lastTime(), Events: []string{t.id},
	}
}
