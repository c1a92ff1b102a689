package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

// sleepers are the principals that findings call dormant, by rule.
func sleepers(f *rules.Findings) []string {
	var out []string
	for _, x := range f.Findings {
		if slices.Contains([]string{"TT-C01", "TT-C02", "TT-C03", "TT-C04"}, x.Rule) && x.Severity != rules.Info {
			out = append(out, x.Rule+" "+x.Principal)
		}
	}
	slices.Sort(out)
	return out
}

// noMore holds that nobody is called dormant who was not before.
func noMore(t *testing.T, before, after []string) {
	t.Helper()
	for _, s := range after {
		if !slices.Contains(before, s) {
			t.Errorf("called dormant only because of bad input: %s", s)
		}
	}
}

// TestBadInput gives the analysis what contradicts itself, comes from wrong
// clocks or is about nobody known: it must neither fail nor accuse.
func TestBadInput(t *testing.T) {
	m := whole(t)
	base := m.findings()
	want := sleepers(base)
	if len(want) < 3 {
		t.Fatalf("only %v", want)
	}
	with := func(events ...event.Event) *material { return &material{slices.Concat(m.events, events), m.states} }
	t.Run("an event from next year", func(t *testing.T) {
		e := m.events[len(m.events)-1]
		e.EventID, e.EventTime = "from-the-future", e.EventTime.AddDate(1, 0, 0)
		noMore(t, want, sleepers(with(e).findings()))
	})
	t.Run("an event of 1970", func(t *testing.T) {
		e := m.events[0]
		e.EventID, e.EventTime = "from-the-past", time.Unix(0, 0).UTC()
		same(t, "1970", heard(base), heard(with(e).findings()))
	})
	for _, days := range []int{-3, 3} {
		t.Run(fmt.Sprintf("a state %d days off", days), func(t *testing.T) {
			x := &material{m.events, shifted(m.states, days)}
			noMore(t, want, sleepers(x.findings()))
		})
	}
	t.Run("an account that nobody knows", func(t *testing.T) {
		var strange []event.Event
		for _, e := range m.events[:200] {
			e.EventID, e.AccountID, e.IdentityAccountID = "strange-"+e.EventID, "123456789012", "123456789012"
			e.IdentityARN, e.IssuerARN = strings.Replace(e.IdentityARN, "111122223333", "123456789012", 1), ""
			strange = append(strange, e)
		}
		f := with(strange...).findings()
		noMore(t, want, sleepers(f))
		if !slices.ContainsFunc(f.NotEvaluable, func(s string) bool { return strings.Contains(s, "123456789012") || strings.Contains(s, "accounts") }) {
			t.Errorf("nothing says that the account could not be judged: %q", f.NotEvaluable)
		}
	})
	t.Run("no state at all", func(t *testing.T) {
		f := (&material{m.events, iam.States{}}).findings()
		if s := sleepers(f); len(s) > 0 || len(f.NotEvaluable) == 0 {
			t.Errorf("dormant without a state: %v; not evaluable: %v", s, f.NotEvaluable)
		}
	})
}

func shifted(states iam.States, days int) iam.States {
	out := iam.States{}
	for id, s := range states {
		c := *s
		c.TakenAt = s.TakenAt.AddDate(0, 0, days)
		out[id] = &c
	}
	return out
}

// TestStateBehindTheLogs gives a state that knows less than the logs: a role
// and a key that it calls never used are at work in the logs.
func TestStateBehindTheLogs(t *testing.T) {
	m := whole(t)
	states := iam.States{}
	for id, s := range m.states {
		c := *s
		c.Roles, c.Report = slices.Clone(s.Roles), slices.Clone(s.Report)
		old := s.TakenAt.AddDate(-1, 0, 0)
		for i := range c.Roles {
			c.Roles[i].LastUsed, c.Roles[i].Created = &old, old
		}
		for i := range c.Report {
			for k := range c.Report[i].Keys {
				c.Report[i].Keys[k].LastUsed = time.Time{}
			}
		}
		states[id] = &c
	}
	facts := m.facts()
	x := &material{m.events, states}
	for _, s := range sleepers(x.findings()) {
		_, arn, _ := strings.Cut(s, " ")
		p := facts.Principal(arn)
		if p == nil || p.LastSuccess.IsZero() || strings.HasPrefix(s, "TT-C02") {
			continue
		}
		long := slices.ContainsFunc(p.Networks, func(u analyze.NetworkUse) bool { return strings.HasPrefix(u.Credential, "AKIA") && u.Count > u.Denied })
		if strings.HasPrefix(s, "TT-C03") || long {
			t.Errorf("%s, though the logs show it at work until %s", s, p.LastSuccess.Format(time.DateOnly))
		}
	}
}

// TestMadeAgain deletes a role in the middle and makes it again under its
// name: one principal with two unique ids, whose use counts together.
func TestMadeAgain(t *testing.T) {
	m := whole(t)
	const name = "/checkout-api"
	x := &material{slices.Clone(m.events), m.states}
	middle := x.events[len(x.events)/2].EventTime
	n := 0
	for i := range x.events {
		if e := &x.events[i]; strings.HasSuffix(e.IssuerARN, name) && e.EventTime.After(middle) {
			e.IssuerPrincipalID = "AROAMADEAGAINEXAMPLE1"
			e.PrincipalID = e.IssuerPrincipalID + ":" + e.PrincipalID[strings.LastIndexByte(e.PrincipalID, ':')+1:]
			n++
		}
	}
	if n == 0 {
		t.Fatal("the role does nothing")
	}
	f := x.facts()
	for i := range f.Principals {
		if p := &f.Principals[i]; strings.HasSuffix(p.ARN, name) && len(p.UniqueIDs) != 2 {
			t.Errorf("unique ids %v", p.UniqueIDs)
		}
	}
	same(t, "made again", heard(m.findings()), heard(x.findings()))
}

// TestManySources lets a role call from twenty thousand networks.
func TestManySources(t *testing.T) {
	if testing.Short() {
		t.Skip("goes the whole way several times")
	}
	m := whole(t)
	i := slices.IndexFunc(m.events, func(e event.Event) bool { return strings.HasSuffix(e.IssuerARN, "/github-shop") && e.ErrorCode == "" })
	if i < 0 {
		t.Fatal("nobody to copy")
	}
	var more []event.Event
	for n := range 20_000 {
		e := m.events[i]
		e.EventID, e.SourceIPAddress = fmt.Sprintf("many-%d", n), fmt.Sprintf("%d.%d.%d.9", 11+n/65536, n/256%256, n%256)
		e.EventTime = e.EventTime.Add(time.Duration(n) * 100 * time.Second)
		more = append(more, e)
	}
	start := time.Now()
	f := (&material{slices.Concat(m.events, more), m.states}).findings()
	loud := 0
	for _, x := range f.Findings {
		if x.Principal == m.events[i].IssuerARN && slices.Contains(network, x.Rule) {
			loud++
		}
	}
	if loud > 2 {
		t.Errorf("%d findings on the networks of one role", loud)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}
