package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// maxNominations bounds how many spans are read again, maxMoments how much
// of one is told.
const (
	maxNominations = 40
	maxMoments     = 2000
)

// An episode reaches from before the first of its causes to after the last.
const (
	before = time.Hour
	after  = 2 * time.Hour
)

// Nominate names the principals and spans whose order of events decides: who
// changed its own permissions or credentials, with its refusals around that.
// They are sorted by principal; those with refusals come before others where
// they are too many.
func (a *Accumulator) Nominate() []Nomination {
	spans := map[principalKey]*nominee{}
	for _, c := range a.changes {
		if c.OnItself && c.EventSource == "iam.amazonaws.com" && c.Kind != KindRoot {
			nominate(spans, c)
		}
	}
	list := make([]*nominee, 0, len(spans))
	for k, n := range spans {
		a.reachDenials(k, n)
		list = append(list, n)
	}
	slices.SortFunc(list, func(x, y *nominee) int {
		return cmp.Or(-cmp.Compare(x.denied, y.denied), cmp.Compare(x.Principal, y.Principal))
	})
	list = list[:min(len(list), maxNominations)]
	out := make([]Nomination, len(list))
	for i, n := range list {
		out[i] = n.Nomination
		out[i].Span = Window{n.Span.From.Add(-before), n.Span.To.Add(after)}
	}
	slices.SortFunc(out, func(x, y Nomination) int { return cmp.Compare(x.Principal, y.Principal) })
	return out
}

type nominee struct {
	Nomination
	denied int
}

func nominate(spans map[principalKey]*nominee, c Change) {
	k := principalKey{c.ARN, c.Actor.AccountID}
	n := spans[k]
	if n == nil {
		n = &nominee{Nomination: Nomination{Principal: c.ARN, AccountID: c.AccountID, Span: Window{c.At, c.At}}}
		spans[k] = n
	}
	n.reach(c.At)
}

func (n *nominee) reach(t time.Time) {
	if t.Before(n.Span.From) {
		n.Span.From = t
	}
	if t.After(n.Span.To) {
		n.Span.To = t
	}
}

// reachDenials widens the span to the refusals of the day before the change and the one after.
func (a *Accumulator) reachDenials(k principalKey, n *nominee) {
	p := a.principals[k]
	if p == nil {
		return
	}
	from, to := n.Span.From.Add(-24*time.Hour), n.Span.To.Add(24*time.Hour)
	for _, d := range p.denials {
		for _, r := range d.rows {
			for _, t := range []time.Time{r.seen.firstTime(), r.seen.lastTime()} {
				if !t.Before(from) && !t.After(to) {
					n.denied++
					n.reach(t)
				}
			}
		}
	}
}

// Retelling gathers the events of one nomination.
type Retelling struct {
	nomination Nomination
	catalog    *catalog.Catalog
	moments    []Moment
}

// NewRetelling makes an empty one.
func NewRetelling(n Nomination, c *catalog.Catalog) *Retelling {
	return &Retelling{nomination: n, catalog: c}
}

// Add takes one event, in any order; those of others are left out. It is not kept.
func (r *Retelling) Add(e *event.Event) {
	if !r.nomination.Span.Contains(e.EventTime) || ActorOf(e).ARN != r.nomination.Principal {
		return
	}
	r.moments = append(r.moments, momentOf(readCall(r.catalog, e)))
}

// Episode gives the moments in order, with a warning where the earliest
// are all it holds.
func (r *Retelling) Episode() (Episode, string) {
	slices.SortFunc(r.moments, func(a, b Moment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.EventID, b.EventID))
	})
	warning := ""
	if n := len(r.moments); n > maxMoments {
		r.moments = r.moments[:maxMoments]
		warning = fmt.Sprintf("%s: the first %d of %d events are told", r.nomination.Principal, maxMoments, n)
	}
	return Episode{r.nomination, r.moments}, warning
}

func momentOf(c *call) Moment {
	e := c.event
	m := Moment{
		At: c.stamp.time(), EventID: strings.Clone(e.EventID), EventName: strings.Clone(e.EventName), Outcome: c.outcome,
		Agent: agentFamily(e.UserAgent), Key: strings.Clone(e.AccessKeyID), Resource: firstResource(c),
	}
	for _, u := range c.uses {
		m.Actions = append(m.Actions, u.action)
	}
	if o, ok := originOf(e); ok {
		m.Address, m.Network = strings.Clone(o.address), strings.Clone(o.network)
	}
	if isChange(e) {
		x := readMutation(c)
		m.Change, m.Target, m.Detail, m.Policy, m.OnItself = true, x.target, x.detail, x.policy, x.onItself
	}
	return m
}
