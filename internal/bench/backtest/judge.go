package main

import (
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

// judge asks documents for the calls of one principal, each once.
type judge struct {
	arn   string
	docs  []*iam.Document
	by    *iam.Evaluator
	known map[call]bool
}

func newJudge(arn string, docs []*iam.Document) *judge {
	return &judge{arn, docs, iam.NewEvaluator(iam.Policies{Identity: docs}), map[call]bool{}}
}

// allows reports whether the documents allow the call. One whose resource is
// not told is allowed where it is on some resource that they name.
func (j *judge) allows(c *call) bool {
	ok, asked := j.known[*c]
	if !asked {
		context := c.context(j.arn)
		ok = slices.ContainsFunc(j.candidates(c), func(r string) bool { return j.decide(c.action, r, context) })
		j.known[*c] = ok
	}
	return ok
}

func (j *judge) candidates(c *call) []string {
	if c.resource != "" {
		return []string{c.resource}
	}
	out := []string{"*"}
	for _, d := range j.docs {
		for i := range d.Statements {
			if d.Statements[i].Effect == iam.Allow {
				out = append(out, d.Statements[i].Resource.Values...)
			}
		}
	}
	return out
}

// decide asks the principal's own policies: what a resource of another account
// has to allow as well is not theirs to grant.
func (j *judge) decide(action, resource string, context map[string][]string) bool {
	return j.by.Decide(iam.Request{Principal: j.arn, Action: action, Resource: resource, ResourceAccount: iamAccount(j.arn), Context: context}) == iam.Allowed
}

// levelWeights say how much power an action of each level gives.
var levelWeights = map[catalog.AccessLevel]float64{
	catalog.Permission: 10, catalog.Write: 3, catalog.Tagging: 2, catalog.Read: 1, catalog.List: .5,
}

// weight is the power of an action on resources of a reach.
func weight(cat *catalog.Catalog, action string, reach float64) float64 {
	a, ok := cat.Action(action)
	if ok && len(a.ResourceTypes) == 0 {
		reach = 1
	}
	return levelWeights[a.Level] * reach
}

// Reaches: everything of a kind, a pattern or many resources, up to ten named ones.
const (
	everything = 1.
	pattern    = .25
	named      = .1
	few        = 10
)

// granted is the power of each action that the documents allow.
func granted(cat *catalog.Catalog, docs []*iam.Document) map[string]float64 {
	h := iam.Holder{}
	for _, d := range docs {
		h.Policies = append(h.Policies, iam.HeldPolicy{Document: d})
	}
	reaches := map[iam.StatementRef]float64{}
	out := map[string]float64{}
	for _, a := range h.Granted(cat).Actions {
		most := 0.
		for _, ref := range a.By {
			if _, ok := reaches[ref]; !ok {
				reaches[ref] = reachOf(ref.Of(&h))
			}
			most = max(most, reaches[ref])
		}
		out[a.Name] = weight(cat, a.Name, most)
	}
	return out
}

func reachOf(s *iam.Statement) float64 {
	if s.NotResource.Values != nil {
		return everything
	}
	reach := named
	for i, r := range s.Resource.Values {
		switch {
		case rules.WideResource(r):
			return everything
		case strings.ContainsAny(r, "*?") || i >= few:
			reach = pattern
		}
	}
	return reach
}

// needed is the power of each action that was used and explained.
func needed(cat *catalog.Catalog, us []used) map[string]float64 {
	on := map[string]map[string]bool{}
	for i := range us {
		a := us[i].action
		if on[a] == nil {
			on[a] = map[string]bool{}
		}
		on[a][us[i].resource] = true
	}
	out := map[string]float64{}
	for a, resources := range on {
		reach := named
		if len(resources) > few {
			reach = pattern
		}
		out[a] = weight(cat, a, reach)
	}
	return out
}

// result is how one way of making policies did.
type result struct {
	calls, denied        int64 // of the horizon: explained by the current policies, and refused by the new ones
	days, broken         int   // principal-days with such calls, and with one refused
	principals, hurt     int   // with such calls, and with one refused
	granted, used        float64
	sized                int     // principals that got a policy
	over                 float64 // sum over them of 1 - used/granted
	early, cannotExplain int64   // principals left as they are; calls that even the current policies would refuse
	failures             []failure
}

// failure is a refused call of the horizon, on all its days.
type failure struct {
	arn, action, resource string
	count                 int64
	known                 bool // the action was used in the window
}

func (r *result) add(o *result) {
	r.calls, r.denied, r.days, r.broken, r.principals, r.hurt = r.calls+o.calls, r.denied+o.denied, r.days+o.days, r.broken+o.broken, r.principals+o.principals, r.hurt+o.hurt
	r.granted, r.used, r.sized, r.over = r.granted+o.granted, r.used+o.used, r.sized+o.sized, r.over+o.over
	r.early, r.cannotExplain = r.early+o.early, r.cannotExplain+o.cannotExplain
	r.failures = append(r.failures, o.failures...)
}

// under is the share of calls that would have been refused, overMean the mean
// of the principals' shares of power that was granted and not used.
func (r *result) under() float64    { return ratio(float64(r.denied), float64(r.calls)) }
func (r *result) overMean() float64 { return ratio(r.over, float64(r.sized)) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// trial holds a policy against the horizon of one principal.
func trial(cat *catalog.Catalog, arn string, docs []*iam.Document, now *judge, horizon []used, power map[string]float64) result {
	var r result
	next := newJudge(arn, docs)
	days, broken := map[time.Time]bool{}, map[time.Time]bool{}
	var passed []used
	for i := range horizon {
		u := &horizon[i]
		switch {
		case u.denied:
		case !now.allows(&u.call):
			r.cannotExplain += u.count
		default:
			r.calls, days[u.day] = r.calls+u.count, true
			if next.allows(&u.call) {
				passed = append(passed, *u)
			} else {
				r.denied, broken[u.day] = r.denied+u.count, true
				r.fail(arn, u)
			}
		}
	}
	r.days, r.broken, r.principals, r.hurt = len(days), len(broken), min(len(days), 1), min(len(broken), 1)
	r.weigh(power, needed(cat, passed))
	return r
}

func (r *result) fail(arn string, u *used) {
	for i := range r.failures {
		if f := &r.failures[i]; f.action == u.action && f.resource == u.resource {
			f.count += u.count
			return
		}
	}
	r.failures = append(r.failures, failure{arn: arn, action: u.action, resource: u.resource, count: u.count})
}

// weigh compares the power granted with the power used, action by action.
func (r *result) weigh(power, need map[string]float64) {
	for a, w := range power {
		r.granted += w
		r.used += min(w, need[a])
	}
	r.sized = 1
	if r.granted > 0 {
		r.over = 1 - r.used/r.granted
	}
}
