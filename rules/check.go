package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// Checks is the document of `trimtrail policy check --format json`, schema
// trimtrail.policy-check/1.
type Checks struct {
	Schema string         `json:"schema"`
	AsOf   time.Time      `json:"as_of"`
	Window analyze.Window `json:"window"`
	Checks []Check        `json:"checks"`
}

// Check holds policy documents, as somebody wrote them, against the use of
// those who have them or are to have them.
type Check struct {
	Files      []string `json:"files"`
	Principals []string `json:"principals"` // sorted
	// Verdict is fits, over, under, "over and under", or "too early" where
	// only what is missing can be told.
	Verdict string `json:"verdict"`
	// Over are granted actions that none of the principals needs.
	Over []Removed `json:"over"`
	// Wide are actions granted on everything of a kind and used on less.
	Wide []Wide `json:"wide"`
	// Under are calls that AWS allowed and the documents would not.
	Under []Missing `json:"under"`
	// Elsewhere counts allowed calls that neither the documents nor the
	// current policies explain: a resource policy, or a grant that is gone.
	Elsewhere int64 `json:"elsewhere"`
	// Unobservable counts granted actions whose use no loaded log could show.
	Unobservable int      `json:"unobservable"`
	Notes        []string `json:"notes"`
}

// Wide is an action with the resources that it was used on, or patterns of them.
type Wide struct {
	Action string   `json:"action"`
	Used   []string `json:"used"`
}

// Missing is a use that documents do not allow.
type Missing struct {
	Principal string    `json:"principal"`
	Action    string    `json:"action"`
	Resource  string    `json:"resource"` // as in analyze.Usage; empty where the log does not tell
	Count     int64     `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Event     string    `json:"event"`
}

// CheckRequest is what to check, for one principal.
type CheckRequest struct {
	Principal string // ARN of a user or role
	// Documents are the policies to judge; they stand for those of the same
	// name that the principal has now.
	Documents []iam.NamedDocument
	// Beside tells that the principal keeps its other policies; else the
	// documents are all that it will have.
	Beside bool
}

// CheckPolicy holds documents against the use of one principal in the window.
// The error tells that neither the logs nor the states know the principal.
func CheckPolicy(f *analyze.Facts, states map[string]*iam.State, cat *catalog.Catalog, q CheckRequest) (*Check, error) {
	z := newSizer(f, states, cat, SizeOptions{})
	p := z.principals[q.Principal]
	h, held := z.holder(q.Principal)
	if p == nil && !held {
		return nil, fmt.Errorf("no use and no IAM state of %s is known", q.Principal)
	}
	s := z.subject(p, asHeld(q, h))
	c := &Check{Principals: []string{q.Principal}, Over: []Removed{}, Wide: []Wide{}, Under: []Missing{}, Notes: []string{}}
	for _, d := range q.Documents {
		c.Files = append(c.Files, d.Name)
	}
	c.under(z, s, q, h)
	c.over(z, s)
	c.settle()
	return c, nil
}

// asHeld is the principal with the documents as its only policies.
func asHeld(q CheckRequest, h *iam.Holder) *iam.Holder {
	out := &iam.Holder{AccountID: accountIn(q.Principal), ARN: q.Principal, Name: q.Principal[strings.LastIndexByte(q.Principal, '/')+1:], Role: &iam.Role{}}
	if h != nil {
		*out = *h
	}
	out.Policies, out.Unresolved = nil, nil
	for _, d := range q.Documents {
		out.Policies = append(out.Policies, iam.HeldPolicy{Name: d.Name, Source: "inline", Document: d.Document})
	}
	return out
}

// under finds the uses that the documents, and what stays beside them, refuse.
func (c *Check) under(z *sizer, s *subject, q CheckRequest, h *iam.Holder) {
	after, now := docsHeld(s.docs), (*replayer)(nil)
	if h != nil {
		held := heldDocs(h, z.attached)
		now = newReplayer(s.arn, docsHeld(held))
		if q.Beside {
			held = slices.DeleteFunc(held, func(d heldDoc) bool {
				return slices.ContainsFunc(q.Documents, func(n iam.NamedDocument) bool { return n.Name == d.ref.Name })
			})
			after = append(after, docsHeld(held)...)
		}
	} else {
		c.Notes = append(c.Notes, "the current policies are not known (load IAM state): a call that a resource policy allows counts as missing here")
	}
	rows, notes := resolvePassed(useOf(s.usage, z.f.Window), z.profiles)
	c.Notes = append(c.Notes, notes...)
	next := newReplayer(s.arn, after)
	missing := map[[2]string]*Missing{}
	for i := range rows {
		r := &rows[i]
		switch {
		case next.allows(r):
		case now != nil && !now.allows(r):
			c.Elsewhere += r.Count
		default:
			k := [2]string{r.Action, r.Resource}
			if missing[k] == nil {
				missing[k] = &Missing{Principal: q.Principal, Action: r.Action, Resource: r.Resource, First: r.First, Last: r.Last, Event: r.Event}
			}
			missing[k].add(r)
		}
	}
	for _, m := range missing {
		c.Under = append(c.Under, *m)
	}
}

func docsHeld(held []heldDoc) []*iam.Document {
	var out []*iam.Document
	for _, d := range held {
		out = append(out, d.doc)
	}
	return out
}

func (m *Missing) add(r *useRow) {
	m.Count += r.Count
	if r.First.Before(m.First) {
		m.First, m.Event = r.First, r.Event
	}
	if r.Last.After(m.Last) {
		m.Last = r.Last
	}
}

// over finds what right-sizing would take from the documents.
func (c *Check) over(z *sizer, s *subject) {
	p := z.size(s)
	c.Unobservable = len(p.Unobservable)
	if p.Confidence == TooEarly {
		c.Verdict = TooEarly
		c.Notes = append(c.Notes, p.Warnings...)
		return
	}
	c.Over = append(c.Over, p.Removed...)
	before, after := grantsOf(z.x, s.docs), grantsOf(z.x, docsOf(p.Proposed))
	for _, k := range p.Kept {
		if id := z.x.id(k.Action); id >= 0 && k.Count > 0 && grantsWidely(before, id) && !grantsWidely(after, id) {
			c.Wide = append(c.Wide, Wide{k.Action, k.Resources})
		}
	}
}

// grantsWidely reports whether a statement without conditions grants the action on everything of a kind.
func grantsWidely(grants []grant, id int) bool {
	return slices.ContainsFunc(grants, func(g grant) bool { return g.certain && g.actions.has(id) && g.wide() })
}

// settle sorts, and gives the verdict.
func (c *Check) settle() {
	slices.SortFunc(c.Under, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	over, under := len(c.Over)+len(c.Wide) > 0, len(c.Under) > 0
	switch {
	case over && under:
		c.Verdict = "over and under"
	case over:
		c.Verdict = "over"
	case under:
		c.Verdict = "under"
	case c.Verdict == "":
		c.Verdict = "fits"
	}
}

// IsOver and IsUnder tell what of a check has a fault.
func (c *Check) IsOver() bool { return len(c.Over)+len(c.Wide) > 0 }

// IsUnder reports whether use needs more than the documents grant.
func (c *Check) IsUnder() bool { return len(c.Under) > 0 }

// Join joins the checks of one document for several principals that share it:
// over is only what none of them needs, under what any of them lacks.
func (c *Check) Join(o *Check) {
	c.Principals = slices.Compact(sorted(append(c.Principals, o.Principals...)))
	if c.Verdict == TooEarly || o.Verdict == TooEarly {
		c.Over, c.Wide, c.Verdict = []Removed{}, []Wide{}, TooEarly
	} else {
		c.Verdict = ""
		wide := compactWide(append(joinWide(c, o), joinWide(o, c)...))
		c.Over, c.Wide = joinOver(c.Over, o.Over), wide
	}
	c.Under = append(c.Under, o.Under...)
	c.Elsewhere += o.Elsewhere
	c.Unobservable = max(c.Unobservable, o.Unobservable)
	c.Notes = slices.Compact(sorted(append(c.Notes, o.Notes...)))
	c.settle()
}

// unneeded reports whether the list has the action, or the whole of its service.
func unneeded(list []Removed, action string) bool {
	return slices.ContainsFunc(list, func(r Removed) bool { return r.Action == action || r.Action == serviceOf(action)+":*" })
}

// joinOver are the actions that are in both lists, sorted.
func joinOver(a, b []Removed) []Removed {
	out := []Removed{}
	for _, r := range a {
		if unneeded(b, r.Action) {
			out = append(out, r)
		}
	}
	for _, r := range b {
		if unneeded(a, r.Action) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Removed) int { return cmp.Compare(a.Action, b.Action) })
	return slices.CompactFunc(out, func(a, b Removed) bool { return a.Action == b.Action })
}

// joinWide are the wide actions of a that b uses on less too, or not at all.
func joinWide(a, b *Check) []Wide {
	out := []Wide{}
	for _, w := range a.Wide {
		i := slices.IndexFunc(b.Wide, func(o Wide) bool { return o.Action == w.Action })
		if i >= 0 {
			w.Used = slices.Compact(sorted(append(slices.Clone(w.Used), b.Wide[i].Used...)))
		}
		if i >= 0 || unneeded(b.Over, w.Action) {
			out = append(out, w)
		}
	}
	return out
}

// compactWide sorts by action and keeps each once.
func compactWide(list []Wide) []Wide {
	slices.SortStableFunc(list, func(a, b Wide) int { return cmp.Compare(a.Action, b.Action) })
	return slices.CompactFunc(list, func(a, b Wide) bool { return a.Action == b.Action })
}
