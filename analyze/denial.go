package analyze

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// maxDenied is how many single resources a group of denials keeps apart.
const maxDenied = 50

// denialKey tells groups of denials of one principal apart, resources aside.
type denialKey struct {
	source, name  string
	action        string
	code          string
	tier          Tier
	layer, effect string
	policy        string
	invokedBy     string
	readOnly      bool
	console       bool
}

// denial gathers the refused calls of one group, by resource.
type denial struct {
	step int
	rows map[string]*refusal // by resource at step
}

// refusal gathers the refused calls on one resource.
type refusal struct {
	seen       tally
	message    string // of the first of seen's sample
	hours      map[int64]struct{}
	addresses  limited
	agents     limited
	sessions   limited
	withoutMFA bool
}

func (p *principal) denial(c *call) {
	e := c.event
	action, resource := deniedUse(c)
	r := readReason(e.ErrorMessage)
	k := denialKey{
		e.EventSource, e.EventName, action, e.ErrorCode, c.tier, r.layer, r.effect, r.policy, e.InvokedBy, yes(e.ReadOnly),
		agentFamily(e.UserAgent) == "console" || yes(e.ConsoleCredential),
	}
	d := p.denials[k]
	if d == nil {
		k.source, k.name, k.action, k.code = strings.Clone(k.source), strings.Clone(k.name), strings.Clone(k.action), strings.Clone(k.code)
		k.policy, k.invokedBy = strings.Clone(k.policy), strings.Clone(k.invokedBy)
		d = &denial{rows: map[string]*refusal{}}
		p.denials[k] = d
	}
	d.add(resource, c)
}

// deniedUse is the action and resource that AWS refused: its own words
// first. The catalogue spells actions; what it does not know stays as it came.
func deniedUse(c *call) (action, resource string) {
	_, resource = catalog.DeniedAction(c.event.ErrorMessage)
	if len(c.uses) == 0 {
		return "", resource
	}
	if resource == "" {
		resource = c.uses[0].resources[0]
	}
	return c.uses[0].action, resource
}

func (d *denial) add(resource string, c *call) {
	d.row(widen(resource, d.step)).add(c)
	d.fit()
}

func (d *denial) row(resource string) *refusal {
	r := d.rows[resource]
	if r == nil {
		r = newRefusal()
		d.rows[strings.Clone(resource)] = r
	}
	return r
}

func newRefusal() *refusal {
	return &refusal{seen: tally{most: refusalIDs}, hours: map[int64]struct{}{}, addresses: limited{limit: 20}, agents: limited{limit: 10}, sessions: limited{limit: 10}, withoutMFA: true}
}

// fit widens like actionUse.fit.
func (d *denial) fit() {
	for len(d.rows) > mostAt(d.step, maxDenied) && d.step < lastStep {
		d.widenTo(d.step + 1)
	}
}

func (d *denial) widenTo(step int) {
	if step <= d.step {
		return
	}
	old := d.rows
	d.step, d.rows = step, make(map[string]*refusal, len(old))
	for res, r := range old {
		d.row(widen(res, step)).merge(r)
	}
}

func (d *denial) merge(o *denial) {
	d.widenTo(o.step)
	for res, r := range o.rows {
		d.row(widen(res, d.step)).merge(r)
	}
	d.fit()
}

func (r *refusal) add(c *call) {
	e := c.event
	if r.earlier(c.stamp) {
		r.message = shorten(e.ErrorMessage, 300)
	}
	r.seen.add(c.stamp)
	r.hours[hourOf(c.stamp.at)] = struct{}{}
	if o, ok := originOf(e); ok {
		r.addresses.add(o.address)
	}
	r.agents.add(agentFamily(e.UserAgent))
	r.sessions.add(sessionName(e))
	r.withoutMFA = r.withoutMFA && e.MFAAuthenticated != nil && !*e.MFAAuthenticated
}

// earlier reports whether s comes before all that was seen.
func (r *refusal) earlier(s stamp) bool {
	return r.seen.count == 0 || s.compare(r.seen.sample[0]) < 0
}

func (r *refusal) merge(o *refusal) {
	if o.seen.count == 0 {
		return
	}
	if r.earlier(o.seen.sample[0]) {
		r.message = o.message
	}
	r.seen.merge(&o.seen)
	maps.Copy(r.hours, o.hours)
	r.addresses.merge(&o.addresses)
	r.agents.merge(&o.agents)
	r.sessions.merge(&o.sessions)
	r.withoutMFA = r.withoutMFA && o.withoutMFA
}

// shorten is a copy of s of at most n bytes, whole runes, with … where it was cut.
func shorten(s string, n int) string {
	if len(s) <= n {
		return strings.Clone(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func (p *principal) denialFacts(uses []Usage) []Denial {
	var out []Denial
	for k, d := range p.denials {
		for resource, r := range d.rows {
			f := r.facts(p.actor, k, resource)
			f.AllowedBefore, f.AllowedAfter = around(uses, f)
			out = append(out, f)
		}
	}
	return out
}

func (r *refusal) facts(a Actor, k denialKey, resource string) Denial {
	return Denial{
		Actor: a, EventSource: k.source, EventName: k.name, Action: k.action, Resource: resource, Code: k.code,
		Tier: k.tier, Layer: k.layer, Effect: k.effect, PolicyARN: k.policy, InvokedBy: k.invokedBy, Message: r.message,
		Count: r.seen.count, First: r.seen.firstTime(), Last: r.seen.lastTime(), Days: daysOf(r.hours), Hours: len(r.hours),
		Addresses: r.addresses.list(), Agents: r.agents.list(), Sessions: r.sessions.list(), ReadOnly: k.readOnly, Console: k.console, WithoutMFA: r.withoutMFA,
		Events: r.seen.ids(),
	}
}

// around finds the last success of the denied action before the denials and
// the first one after them, to the day's first and last use: within a day
// that has both, Episodes tell the order.
func around(sorted []Usage, d Denial) (before, after time.Time) {
	if d.Action == "" {
		return
	}
	from, _ := slices.BinarySearchFunc(sorted, d.Action, func(u Usage, a string) int { return cmp.Compare(u.Action, a) })
	for _, u := range sorted[from:] {
		if u.Action != d.Action {
			break
		}
		if u.Outcome == OutcomeDenied {
			continue
		}
		if t := lastBefore(u, d.First); t.After(before) {
			before = t
		}
		if t := firstAfter(u, d.Last); !t.IsZero() && (after.IsZero() || t.Before(after)) {
			after = t
		}
	}
	return before, after
}

func lastBefore(u Usage, t time.Time) time.Time {
	switch {
	case u.Last.Before(t):
		return u.Last
	case u.First.Before(t):
		return u.First
	}
	return time.Time{}
}

func firstAfter(u Usage, t time.Time) time.Time {
	switch {
	case u.First.After(t):
		return u.First
	case u.Last.After(t):
		return u.Last
	}
	return time.Time{}
}

func compareDenials(a, b Denial) int {
	return cmp.Or(cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource),
		cmp.Compare(a.Code, b.Code), cmp.Compare(a.EventSource, b.EventSource), cmp.Compare(a.EventName, b.EventName),
		cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.PolicyARN, b.PolicyARN),
		cmp.Compare(a.InvokedBy, b.InvokedBy), compareBool(a.Console, b.Console), compareBool(a.ReadOnly, b.ReadOnly))
}
