package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleD12() Rule {
	return Rule{
		ID: "TT-D12", Title: "Denied what a proposal took away", Severity: High, Since: "0.2",
		Text: "A call is refused that the policies before an earlier proposal of `trimtrail policy` would have allowed, and that the proposal does not. The finding has the exact statement to put back: the action, on the resource, under the conditions of the statement that it came from. " +
			"It is asked only where the proposals are given back (--policies), of calls after they were made, and is quiet where the call works again. A refusal by a condition that a proposal added names the condition.",
		Needs: []string{needsEvents, "proposals made earlier (--policies)"}, Source: "the reverse of right-sizing",
		turn: 48, ask: askRemoved,
	}
}

// takenAway is what a proposal took from a principal, by its own policies or a shared one.
type takenAway struct {
	policy        string // that is shared, or empty
	before, after []heldDoc
	old, next     *replayer
}

func askRemoved(q *inquiry) {
	if q.o.Applied == nil {
		return
	}
	by := q.takenFrom()
	x := newActionIndex(q.cat)
	for _, is := range q.untold(func(d *analyze.Denial) bool { return q.tookAway(by[d.ARN], d) != nil }) {
		ds, e := q.tell(is)
		f := q.restoration(x, by[ds[0].ARN], ds)
		f.Evidence = e
		q.find(f)
	}
}

// takenFrom are the proposals that were given back, by principal.
func (q *inquiry) takenFrom() map[string][]takenAway {
	out := map[string][]takenAway{}
	add := func(arn, policy string, current, proposed []PolicyRef) {
		t := takenAway{policy: policy, before: docsOf(current), after: docsOf(proposed)}
		t.old, t.next = newReplayer(arn, docsHeld(t.before)), newReplayer(arn, docsHeld(t.after))
		out[arn] = append(out[arn], t)
	}
	for i := range q.o.Applied.Policies {
		if p := &q.o.Applied.Policies[i]; p.Confidence != TooEarly {
			add(p.Principal, "", p.Current, p.Proposed)
		}
	}
	for i := range q.o.Applied.Shared {
		if s := &q.o.Applied.Shared[i]; s.Kind == "policy" || s.Kind == "permission set" {
			for _, arn := range s.Principals {
				add(arn, s.Name, s.Current, s.Proposed)
			}
		}
	}
	return out
}

// tookAway finds the proposal that refuses what the policies before it
// allowed; nil: none. What was refused before it was made is not its doing.
func (q *inquiry) tookAway(list []takenAway, d *analyze.Denial) *takenAway {
	if d.Tier != analyze.TierCaller || d.Action == "" || d.Layer != "" && d.Layer != "identity" || !d.AllowedAfter.IsZero() || !d.Last.After(q.o.Applied.AsOf) {
		return nil
	}
	r := &useRow{Action: d.Action, Resource: d.Resource, First: d.Last, Last: d.Last}
	for i := range list {
		t := &list[i]
		if t.old.allows(r) && (!t.next.allows(r) || d.Effect == "explicit" && limitsOf(t.after) != "") {
			return t
		}
	}
	return nil
}

// limitsOf is the name of the policy that holds a proposal's conditions, or empty.
func limitsOf(docs []heldDoc) string {
	for _, d := range docs {
		if strings.HasPrefix(d.ref.Name, conditionsName) {
			return d.ref.Name
		}
	}
	return ""
}

// restoration is the finding on the denials of one principal.
func (q *inquiry) restoration(x *actionIndex, list []takenAway, ds []analyze.Denial) Finding {
	d := &ds[0]
	doc, limits, policies := &iam.Document{Version: "2012-10-17"}, "", []string{}
	var n int64
	var actions []string
	for i := range ds {
		t := q.tookAway(list, &ds[i])
		n += ds[i].Count
		actions = append(actions, ds[i].Action)
		if ds[i].Effect == "explicit" && limitsOf(t.after) != "" {
			limits = limitsOf(t.after)
			continue
		}
		if s, from := t.restored(x, &ds[i]); s != nil {
			policies = append(policies, from)
			if !slices.ContainsFunc(doc.Statements, func(o iam.Statement) bool { return statementText(&o) == statementText(s) }) {
				doc.Statements = append(doc.Statements, *s)
			}
		}
	}
	uniqueSids(doc)
	f := Finding{Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Resource: "restore",
		Title:  fmt.Sprintf("%s is denied what a proposal took away: %s (%s)", who(d.ARN), listed(sorted(actions), 3), counted(n, "call")),
		Reason: fmt.Sprintf("The policies before the proposal of %s allowed it, the proposed ones do not.", dateOf(q.o.Applied.AsOf)),
		Fix:    Fix{Clears: "no further denial of it"}}
	f.Fix.restore(d.ARN, doc, limits, sorted(policies))
	return f
}

// restore says how to give back what was taken.
func (f *Fix) restore(arn string, doc *iam.Document, limits string, policies []string) {
	if len(doc.Statements) > 0 {
		f.Summary = fmt.Sprintf("Put the statement back into %s; it gives nothing that was not there before. ", listed(policies, 3))
		f.Policy = string(doc.Indent("  "))
		f.Commands = commands(attachInline(arn, "trimtrail-restore", doc))
	}
	if limits != "" {
		f.Summary += fmt.Sprintf("A condition that the proposal added may refuse it: see %s, and detach it where the call is right.", limits)
	}
	f.Summary = strings.TrimSpace(f.Summary)
}

// restored is the statement that allows the refused call again, from the
// narrowest statement that did, with the name of its policy; nil where a
// NotAction or variables make that hard to tell.
func (t *takenAway) restored(x *actionIndex, d *analyze.Denial) (*iam.Statement, string) {
	w := want{action: d.Action, id: x.id(d.Action), resource: d.Resource, glob: readGlob(d.Resource, true)}
	if !strings.HasPrefix(d.Resource, "arn:") {
		w.resource, w.glob = "", nil
	}
	var best *grant
	grants := grantsOf(x, t.before)
	for i := range grants {
		g := &grants[i]
		if _, some := g.allows(&w); some && (best == nil || best.wide() && !g.wide()) {
			best = g
		}
	}
	if best == nil {
		return nil, ""
	}
	s := best.s.Clone()
	s.Sid = "Restore" + sidOf(d.Action)
	s.NotAction, s.Action = iam.StringList{}, valuesOf(d.Action)
	if w.resource != "" && !strings.ContainsAny(w.resource, "*?$") {
		s.NotResource, s.Resource = iam.StringList{}, valuesOf(w.resource)
	}
	return &s, cmp.Or(t.policy, t.before[best.doc].ref.Name)
}
