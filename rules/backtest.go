package rules

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// replayer asks policies for calls that were made. What a log does not tell
// of a call's context is taken as it must have been, since AWS let the call
// pass: conditions on untold keys hold in an Allow and do not in a Deny.
type replayer struct {
	principal string
	docs      []*iam.Document
	relaxed   map[string]*relaxed // by the keys that are told
}

// relaxed is the policies with what is asked of untold keys taken out.
type relaxed struct {
	docs     []*iam.Document
	decision *iam.Evaluator
}

func newReplayer(principal string, docs []*iam.Document) *replayer {
	return &replayer{principal, docs, map[string]*relaxed{}}
}

// allows reports whether the policies allow a call of r.
func (p *replayer) allows(r *useRow) bool {
	context := contextOf(r)
	told := strings.ToLower(strings.Join(slices.Sorted(maps.Keys(context)), " "))
	ps, ok := p.relaxed[told]
	if !ok {
		ps = &relaxed{}
		for _, d := range p.docs {
			ps.docs = append(ps.docs, relax(d, context))
		}
		ps.decision = iam.NewEvaluator(iam.Policies{Identity: ps.docs})
		p.relaxed[told] = ps
	}
	if r.Resource == "" {
		return p.allowsSomewhere(r, ps, context)
	}
	return p.decide(r.Action, literalResource(r.Resource), ps, context)
}

// decide asks the principal's own policies: what belongs to another account
// must be allowed there as well, which is not for these policies to grant.
func (p *replayer) decide(action, resource string, ps *relaxed, context map[string][]string) bool {
	r := iam.Request{Principal: p.principal, Action: action, Resource: resource, ResourceAccount: accountIn(p.principal), Context: context}
	return ps.decision.Decide(r) == iam.Allowed
}

// allowsSomewhere answers for a call whose resource is not told: it is allowed
// if it is on one of the resources that the policies name.
func (p *replayer) allowsSomewhere(r *useRow, ps *relaxed, context map[string][]string) bool {
	for _, d := range ps.docs {
		for i := range d.Statements {
			s := &d.Statements[i]
			for _, resource := range append([]string{"*"}, s.Resource.Values...) {
				if s.Effect == iam.Allow && p.decide(r.Action, literalResource(resource), ps, context) {
					return true
				}
			}
		}
	}
	return false
}

// literalResource is the pattern of a used resource as the text of a request:
// escapes become the characters that they stand for.
func literalResource(pattern string) string {
	if !strings.Contains(pattern, "${") {
		return pattern
	}
	return strings.NewReplacer("${*}", "*", "${?}", "?", "${$}", "$").Replace(pattern)
}

// contextOf are the condition keys that a usage row tells.
func contextOf(r *useRow) map[string][]string {
	c := map[string][]string{"aws:ViaAWSService": {"false"}, "aws:CurrentTime": {r.Last.UTC().Format(time.RFC3339)}}
	if r.Region != "" {
		c["aws:RequestedRegion"] = []string{r.Region}
	}
	if r.InvokedBy != "" {
		c["aws:ViaAWSService"] = []string{"true"}
		c["aws:CalledVia"] = []string{r.InvokedBy}
	}
	if key, value, ok := strings.Cut(r.Condition, "="); ok {
		c[key] = []string{value}
	}
	return c
}

// alwaysTold are keys that follow from the principal, in lower case.
var alwaysTold = map[string]bool{"aws:principalarn": true, "aws:principalaccount": true, "aws:username": true, "aws:principaltype": true}

// relax is a copy of d that asks only for what is told.
func relax(d *iam.Document, context map[string][]string) *iam.Document {
	told := func(key string) bool {
		key = strings.ToLower(key)
		if alwaysTold[key] {
			return true
		}
		for k := range context {
			if strings.EqualFold(k, key) {
				return true
			}
		}
		return false
	}
	c := d.Clone()
	c.Statements = slices.DeleteFunc(c.Statements, func(s iam.Statement) bool {
		return s.Effect == iam.Deny && asksUntold(&s, told)
	})
	for i := range c.Statements {
		s := &c.Statements[i]
		for op, keys := range s.Condition {
			maps.DeleteFunc(keys, func(k string, _ iam.StringList) bool { return !told(k) })
			if len(keys) == 0 {
				delete(s.Condition, op)
			}
		}
		if s.Effect == iam.Allow {
			blankVariables(s.Resource.Values, told)
		}
	}
	return c
}

func asksUntold(s *iam.Statement, told func(string) bool) bool {
	for _, keys := range s.Condition {
		for k := range keys {
			if !told(k) {
				return true
			}
		}
	}
	return false
}

// blankVariables puts * in the place of variables that are not told.
func blankVariables(values []string, told func(string) bool) {
	for i, v := range values {
		var b strings.Builder
		for {
			before, rest, ok := strings.Cut(v, "${")
			name, after, closed := strings.Cut(rest, "}")
			b.WriteString(before)
			if !ok || !closed {
				if ok {
					b.WriteString("${" + rest)
				}
				break
			}
			if key, _, _ := strings.Cut(name, ","); key == "*" || key == "?" || key == "$" || told(key) {
				b.WriteString("${" + name + "}")
			} else {
				b.WriteByte('*')
			}
			v = after
		}
		values[i] = b.String()
	}
}

// trial is the outcome of a replay.
type trial struct {
	Replay
	failures []Failure // the most frequent first, one for an action and resource
}

// tryOn replays rows: those that the current policies allow too, or all where
// these are not known. What even they would refuse was allowed by something
// else, a resource policy or a grant that is gone, and is not counted.
func tryOn(rows []useRow, proposed, current *replayer) trial {
	var t trial
	for i := range rows {
		r := &rows[i]
		if current != nil && !current.allows(r) {
			t.Unexplained += r.Count
			continue
		}
		t.Calls += r.Count
		if !proposed.allows(r) {
			t.Denied += r.Count
			t.fail(r)
		}
	}
	slices.SortStableFunc(t.failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return t
}

// fail notes a refused row; rows come sorted by action and resource.
func (t *trial) fail(r *useRow) {
	f := Failure{Action: r.Action, Resource: r.Resource, Count: r.Count, First: r.First, Event: r.Event}
	last := len(t.failures) - 1
	if last < 0 || t.failures[last].Action != f.Action || t.failures[last].Resource != f.Resource {
		t.failures = append(t.failures, f)
		return
	}
	if p := &t.failures[last]; f.First.Before(p.First) {
		p.First, p.Event = f.First, f.Event
	}
	t.failures[last].Count += f.Count
}

// top is the failures to show, never nil.
func (t *trial) top() []Failure {
	return append([]Failure{}, t.failures[:min(len(t.failures), mostFailures)]...)
}

const mostFailures = 20

// splitWindow cuts a window at two thirds of its days, at the nearest midnight.
func splitWindow(w analyze.Window) (train, test analyze.Window) {
	cut := w.From.Add(w.To.Sub(w.From)*2/3 + 12*time.Hour).UTC().Truncate(24 * time.Hour)
	if cut.Before(w.From) || cut.After(w.To) {
		cut = w.From
	}
	return analyze.Window{From: w.From, To: cut}, analyze.Window{From: cut, To: w.To}
}
