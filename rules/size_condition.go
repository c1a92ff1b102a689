package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// Condition is a limit on where, when or how a principal may use what its
// policies allow, learnt from its use. It is learnt from the training days
// alone, tried on every call of the window, and withdrawn where it would have
// denied one.
type Condition struct {
	// Kind is network, region, expiry, organisation or hours.
	Kind string `json:"kind"`
	// Status is applied: the proposal has it; suggested: it held, and nobody
	// asked for it, or no policy of the principal can say it; or withdrawn.
	Status string `json:"status"`
	// Why is the evidence, in a sentence.
	Why string `json:"why"`
	// Document is a policy that says it; nil where no policy can.
	Document *iam.Document `json:"document,omitempty"`
	// Calls is how many calls it was tried on, Days those on which they were made.
	Calls int64 `json:"calls"`
	Days  int   `json:"days"`
	// Failure is the first call that it would have denied, where it is withdrawn.
	Failure *Failure `json:"failure,omitempty"`
}

// The values of Condition.Status.
const (
	applied   = "applied"
	suggested = "suggested"
	withdrawn = "withdrawn"
)

const (
	networkDays = 30 // with use, below which no condition on networks is learnt
	regionDays  = 14 // likewise for regions
	mostPlaces  = 5  // networks, and endpoints, of one condition
	mostRegions = 3
	mostSpared  = 40 // patterns that a condition leaves out, see spared
)

// learner learns the conditions of one principal.
type learner struct {
	z     *sizer
	s     *subject
	p     *Proposal
	rows  []useRow // of the whole window
	spare []string // see spared
}

// conditions are what holds for the use of a principal, sorted by kind.
func (z *sizer) conditions(s *subject, p *Proposal, rows []useRow) []Condition {
	spare, ok := z.spared(p.Kept)
	l := &learner{z, s, p, rows, spare}
	var out []Condition
	learn := []func() *Condition{l.expiry, l.hours, l.network, l.organisation, l.region}
	if !ok { // most of what it may do shows in no log
		learn = []func() *Condition{l.expiry, l.hours, l.organisation}
	}
	for _, f := range learn {
		if c := f(); c != nil {
			out = append(out, *c)
		}
	}
	return out
}

// spared are patterns of actions whose place of use is not known: kept though
// no use was seen. A disaster is recovered from in another region, and objects
// may be read through an endpoint that no log shows. Global services are left
// out by the conditions that they concern. ok is false where they are too many.
func (z *sizer) spared(kept []Kept) (out []string, ok bool) {
	by := map[string][]string{}
	for i := range kept {
		if w := kept[i].Why; w != "used" && w != "implied" {
			by[serviceOf(kept[i].Action)] = append(by[serviceOf(kept[i].Action)], kept[i].Action)
		}
	}
	for service, actions := range by {
		if len(actions) > 6 || service == "" {
			actions = []string{service + ":*"}
		}
		out = append(out, actions...)
	}
	slices.Sort(out)
	return out, len(out) <= mostSpared && !slices.Contains(out, ":*")
}

// denying is a document of one statement, which refuses everything but what is spared.
func denying(sid string, spare []string, condition map[string]map[string]iam.StringList) *iam.Document {
	s := iam.Statement{Sid: sid, Effect: iam.Deny, Resource: iam.StringList{Values: []string{"*"}, One: true}, Condition: condition}
	if len(spare) == 0 {
		s.Action = iam.StringList{Values: []string{"*"}, One: true}
	} else {
		s.NotAction = iam.StringList{Values: spare}
	}
	return &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{s}}
}

func valuesOf(list ...string) iam.StringList {
	return iam.StringList{Values: list, One: len(list) == 1}
}

// allowingAll is beside a condition's document when it is tried: whatever is then denied, the condition denies.
func allowingAll() *iam.Document {
	all := valuesOf("*")
	return &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Effect: iam.Allow, Action: all, Resource: all}}}
}

// conditionTest asks a condition's document for calls, by the evaluator that the replay asks.
type conditionTest struct {
	*Condition
	principal string
	decision  *iam.Evaluator
	days      map[time.Time]bool
}

func (l *learner) test(c *Condition) *conditionTest {
	return &conditionTest{c, l.s.arn, iam.NewEvaluator(iam.Policies{Identity: []*iam.Document{allowingAll(), c.Document}}), map[time.Time]bool{}}
}

// allows asks for one call, and notes the first that is denied. place is what
// the failure names beside the action.
func (t *conditionTest) allows(action, resource, place string, context map[string][]string) bool {
	r := iam.Request{Principal: t.principal, Action: action, Resource: resource, ResourceAccount: accountIn(t.principal), Context: context}
	return t.decision.Decide(r) == iam.Allowed
}

func (t *conditionTest) count(n int64, days ...time.Time) {
	t.Calls += n
	for _, d := range days {
		t.days[d] = true
	}
	t.Days = len(t.days)
}

func (t *conditionTest) fail(f Failure) {
	t.Status, t.Failure = withdrawn, &f
	t.Why = fmt.Sprintf("%s, but a call of %s would have been denied: %s", t.Why, f.First.UTC().Format(time.DateOnly), strings.TrimSpace(f.Action+" "+f.Resource))
}

// contextRows are the uses for conditions on what each call tells: region, service, time.
func (t *conditionTest) contextRows(rows []useRow) {
	for i := range rows {
		r := &rows[i]
		t.count(r.Count, r.Days...)
		if t.Failure == nil && !t.allows(r.Action, literalResource(resourceOr(r.Resource)), r.Region, contextOf(r)) {
			t.fail(Failure{Action: r.Action, Resource: "in " + r.Region, Count: r.Count, First: r.First, Event: r.Event})
		}
	}
}

func resourceOr(r string) string {
	if r == "" {
		return "*"
	}
	return r
}

// apply puts the conditions that held into the proposal's documents, where
// they are asked for, as one policy beside the others: a reviewer can leave it
// out, and taking it back takes nothing else.
func (z *sizer) apply(s *subject, p *Proposal, b *built) {
	if !z.o.Conditions || len(s.unread()) > 0 {
		return
	}
	d := &iam.Document{Version: "2012-10-17"}
	for i := range p.Conditions {
		c := &p.Conditions[i]
		if c.Status == suggested && c.Document != nil && c.Kind != "organisation" {
			c.Status = applied
			d.Statements = append(d.Statements, c.Document.Statements...)
		}
	}
	if len(d.Statements) > 0 {
		b.edits = append(b.edits, edited{heldDoc: heldDoc{ref: PolicyRef{Name: conditionsName + s.name}, editable: true, managed: true}, next: d, changed: true})
	}
}

// conditionsName begins the name of the policy that holds a principal's conditions.
const conditionsName = "trimtrail-conditions-"
