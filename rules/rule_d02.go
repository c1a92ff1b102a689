package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD02() Rule {
	return Rule{
		ID: "TT-D02", Title: "Self-escalation", Severity: High, Since: "0.1",
		Text: "A principal changed its own permissions: it put, attached or replaced a policy of its own, joined a group, or took its boundary off. " +
			"Critical where calls that were denied within the hour before worked within the hour after and the change grants everything; high where one of the two holds; medium where it merely changed itself, as a deployment role may. " +
			"The root is not judged. From high on, the principal's other denials are told here and nowhere else.",
		Needs: []string{needsEvents}, Source: "MITRE ATT&CK T1098; measured on a real intrusion of 2021",
		turn: 20, ask: askSelfEscalation,
	}
}

// widening are calls that can give the one they are made on more permissions.
var widening = []string{
	"AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreatePolicyVersion", "DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary",
	"DeleteRolePolicy", "DeleteUserPolicy", "DetachRolePolicy", "DetachUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "SetDefaultPolicyVersion",
}

// narrowing are those of widening that mostly take permissions away, and
// matter only where a denied call works after them: the policy may have been a Deny.
var narrowing = []string{"DeleteRolePolicy", "DeleteUserPolicy", "DetachRolePolicy", "DetachUserPolicy"}

const soon = time.Hour

// escalation is what one principal did to itself.
type escalation struct {
	p          *analyze.Principal
	changes    []analyze.Change // on itself, in time order, new keys included
	denied     []analyze.Denial // within the hour before a change
	worked     []analyze.Denial // those of them that worked within the hour after
	everything bool
}

func askSelfEscalation(q *inquiry) {
	found := map[string]*escalation{}
	var order []string
	for _, c := range q.f.Changes {
		if !c.OnItself || c.Kind == analyze.KindRoot || c.EventName != "CreateAccessKey" && !slices.Contains(widening, c.EventName) {
			continue
		}
		if found[c.ARN] == nil {
			found[c.ARN] = &escalation{p: q.principal(c.ARN)}
			order = append(order, c.ARN)
		}
		found[c.ARN].changes = append(found[c.ARN].changes, c)
	}
	for _, arn := range order {
		q.escalated(found[arn])
	}
}

func (q *inquiry) escalated(x *escalation) {
	x.judge(q.denialsOf(by(x)), q.f.Episodes)
	main := x.main()
	if main == nil {
		return
	}
	f := q.escalationFinding(x, main)
	if weight(f.Severity) <= weight(High) {
		for i := range q.f.Denials {
			if q.f.Denials[i].ARN == main.ARN {
				q.told[i] = true
			}
		}
	}
	q.find(f)
	if weight(f.Severity) <= weight(High) {
		q.incident()
	}
}

// judge finds the denials that a change turned, and whether one grants everything.
func (x *escalation) judge(denials []analyze.Denial, episodes []analyze.Episode) {
	for i := range denials {
		d := &denials[i]
		before, after := false, false
		for j := range x.changes {
			c := &x.changes[j]
			if !slices.Contains(widening, c.EventName) {
				continue
			}
			before = before || !d.First.After(c.At) && c.At.Sub(d.Last) <= soon
			after = after || !d.Last.After(c.At) && d.AllowedAfter.After(c.At) && c.At.Sub(d.Last) <= soon && d.AllowedAfter.Sub(c.At) <= soon
		}
		if before {
			x.denied = append(x.denied, *d)
		}
		if after {
			x.worked = append(x.worked, *d)
		}
	}
	x.retold(episodes)
	for _, c := range x.changes {
		x.everything = x.everything || slices.Contains(widening, c.EventName) && grantsAll(c.Detail)
	}
}

// retold finds in the episode, event by event, what day rows blur: an action
// that was denied before a change and allowed after it.
func (x *escalation) retold(episodes []analyze.Episode) {
	for i := range episodes {
		if episodes[i].Principal != by(x) {
			continue
		}
		ms := episodes[i].Moments
		for j := range ms {
			if ms[j].Change && ms[j].OnItself && slices.Contains(widening, ms[j].EventName) {
				x.turned(ms, j)
			}
		}
	}
}

// turned looks around one change for calls that it turned from denied to allowed.
func (x *escalation) turned(ms []analyze.Moment, change int) {
	at := ms[change].At
	for _, m := range ms[change+1:] {
		if m.At.Sub(at) > soon || m.Outcome == analyze.OutcomeDenied {
			continue
		}
		for i := range x.denied {
			d := &x.denied[i]
			known := slices.ContainsFunc(x.worked, func(w analyze.Denial) bool { return w.Action == d.Action })
			if !known && d.Action != "" && !d.Last.After(at) && slices.Contains(m.Actions, d.Action) {
				w := *d
				w.AllowedAfter = m.At
				x.worked = append(x.worked, w)
			}
		}
	}
}

// by is who escalated.
func by(x *escalation) string { return x.changes[0].ARN }

// main is the change that the finding is about: the one that grants
// everything, else the first that widens. Nil where there is none to tell.
func (x *escalation) main() *analyze.Change {
	var best *analyze.Change
	for i := range x.changes {
		c := &x.changes[i]
		if !slices.Contains(widening, c.EventName) || slices.Contains(narrowing, c.EventName) && len(x.worked) == 0 {
			continue
		}
		if best == nil || grantsAll(c.Detail) && !grantsAll(best.Detail) {
			best = c
		}
	}
	return best
}

func (q *inquiry) escalationFinding(x *escalation, c *analyze.Change) Finding {
	f := Finding{
		Severity: Medium, Confidence: "medium", AccountID: c.AccountID, Principal: c.ARN,
		Title:    fmt.Sprintf("%s changed its own permissions (%s)", who(c.ARN), c.EventName),
		Evidence: x.evidence(q),
		Fix:      x.fix(q, c),
	}
	f.Reason = fmt.Sprintf("%s on itself at %s from %s: %s.", c.EventName, minuteOf(c.At), orUnknown(c.Address), grantText(c))
	switch {
	case len(x.worked) > 0 && x.everything:
		f.Severity, f.Confidence = Critical, "certain"
		f.Title = fmt.Sprintf("%s was denied, gave itself every permission, and then did what it had been denied", who(c.ARN))
	case len(x.worked) > 0:
		f.Severity, f.Confidence = High, "certain"
		f.Title = fmt.Sprintf("%s was denied, changed its own permissions, and then did what it had been denied", who(c.ARN))
	case x.everything:
		f.Severity, f.Confidence = High, "high"
		f.Title = fmt.Sprintf("%s gave itself every permission (%s)", who(c.ARN), c.EventName)
	}
	if len(x.denied) > 0 {
		f.Reason += fmt.Sprintf(" In the hour before, it was denied %s.", withCounts(tallied(x.denied, deniedWhat), 6))
	}
	if len(x.worked) > 0 {
		f.Reason += fmt.Sprintf(" In the hour after, it was allowed %s.", withCounts(ones(tallied(x.worked, deniedWhat)), 6))
	}
	return f
}

// ones drops the counts of tallies.
func ones(ts []tally) []tally {
	for i := range ts {
		ts[i].n = 1
	}
	return ts
}

func orUnknown(s string) string {
	if s == "" {
		return "an unknown address"
	}
	return s
}

func (x *escalation) evidence(q *inquiry) Evidence {
	e := Evidence{Timeline: x.timeline(q)}
	for _, d := range x.denied {
		e = withDenial(e, &d)
	}
	for _, c := range x.changes {
		e.Actions = union(e.Actions, []string{strings.TrimSuffix(c.EventSource, ".amazonaws.com") + ":" + c.EventName})
		if c.Address != "" {
			e.Addresses = union(e.Addresses, []string{c.Address})
		}
	}
	e.First, e.Last, e.Events = nil, nil, nil
	for _, m := range e.Timeline {
		e.Events = append(e.Events, m.Events...)
		if e.First == nil {
			at := m.At
			e.First = &at
		}
		at := m.At
		e.Last = &at
	}
	e.Count = int64(len(e.Events))
	return e
}

// timeline tells the story: where it came from, what was denied, the change,
// what worked then, and the keys it made.
func (x *escalation) timeline(q *inquiry) []Moment {
	var ms []Moment
	if m, ok := x.arrival(q); ok {
		ms = append(ms, m)
	}
	if len(x.denied) > 0 {
		ms = append(ms, deniedMoment(x.denied))
	}
	for i := range x.changes {
		ms = append(ms, Moment{At: x.changes[i].At, What: x.changes[i].EventName + " on itself: " + grantText(&x.changes[i]), Events: []string{x.changes[i].EventID}})
	}
	for i := range x.worked {
		d := &x.worked[i]
		ms = append(ms, Moment{At: d.AllowedAfter, What: "allowed " + deniedWhat(d), Events: q.eventOf(d.ARN, d.Action, d.AllowedAfter)})
	}
	slices.SortStableFunc(ms, func(a, b Moment) int { return a.At.Compare(b.At) })
	if x.p != nil && len(ms) > 0 && x.p.Last.After(ms[len(ms)-1].At) {
		ms = append(ms, Moment{At: x.p.Last, What: "last call of the principal in the window"})
	}
	return ms
}

// arrival is the principal's first call from the network that the change came from.
func (x *escalation) arrival(q *inquiry) (Moment, bool) {
	if x.p == nil {
		return Moment{}, false
	}
	for _, u := range byTime(x.p.Networks) {
		if !slices.Contains(u.Addresses, x.changes[0].Address) {
			continue
		}
		what := "first seen from " + x.changes[0].Address
		if label := q.nets.known(u); label != "" {
			what += " (" + label + ")"
		} else if n := q.nets.others(u.Network, whose(x.p, &u)); n == 0 {
			what += "; nobody else uses this network"
		} else {
			what += "; " + counted(n, "other principal") + " " + plural(n, "uses", "use") + " this network"
		}
		return Moment{At: u.First, What: what, Events: firstOf(u.Events, 1)}, true
	}
	return Moment{}, false
}

func deniedMoment(ds []analyze.Denial) Moment {
	var e Evidence
	services := map[string]bool{}
	for i := range ds {
		e = withDenial(e, &ds[i])
		services[prefixOf(deniedWhat(&ds[i]))] = true
	}
	return Moment{At: *e.First, Events: firstOf(e.Events, 5), What: fmt.Sprintf("denied %s (%s, %s, %s)", listed(e.Actions, 4),
		counted(len(e.Actions), "action"), counted(len(services), "service"), lasted(e.Last.Sub(*e.First)))}
}

// eventOf finds the id of the call of an action at a moment, where the facts hold it.
func (q *inquiry) eventOf(arn, action string, at time.Time) []string {
	for i := range q.f.Episodes {
		if q.f.Episodes[i].Principal != arn {
			continue
		}
		for _, m := range q.f.Episodes[i].Moments {
			if m.At.Equal(at) && slices.Contains(m.Actions, action) && m.Outcome != analyze.OutcomeDenied {
				return []string{m.EventID}
			}
		}
	}
	if p := q.principal(arn); p != nil {
		for _, u := range p.Usage {
			if u.Action == action && u.Outcome != analyze.OutcomeDenied && u.First.Equal(at) {
				return firstOf(u.Events, 1)
			}
		}
	}
	return nil
}

func (x *escalation) fix(q *inquiry, c *analyze.Change) Fix {
	var lines []string
	name := nameOf(c.ARN)
	if strings.Contains(c.ARN, ":user/") {
		for _, k := range x.keys() {
			lines = append(lines, aws("iam", "update-access-key", "--user-name", name, "--access-key-id", k, "--status", "Inactive"))
		}
	} else {
		lines = append(lines, revokeSessions(c.ARN, q.f.AsOf))
	}
	for i := range x.changes {
		lines = append(lines, undo(&x.changes[i]))
	}
	return Fix{
		Summary:  "If nobody ordered this: take the credentials away, undo the change, and read what the principal did since. If it was ordered, let another principal make such changes.",
		Commands: commands(lines...),
		Clears:   "the change undone and no use of the principal's credentials for 24 hours",
	}
}

// keys are the long-term keys that the principal used or made.
func (x *escalation) keys() []string {
	var out []string
	if x.p != nil {
		for _, k := range x.p.Credentials {
			if strings.HasPrefix(k.ID, "AKIA") {
				out = append(out, k.ID)
			}
		}
	}
	for _, c := range x.changes {
		if c.EventName == "CreateAccessKey" && strings.HasPrefix(c.Detail, "AKIA") {
			out = append(out, c.Detail)
		}
	}
	return union(out, nil)
}
