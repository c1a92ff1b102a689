package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

// whole is the organisation of the metamorphic tests, read once.
func whole(t *testing.T) *material {
	t.Helper()
	cfg := orgsim.Default()
	cfg.Seed, cfg.Events, cfg.Objects = 77, 12_000, 2
	_, m, err := generated(t.TempDir(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// heard are the findings as "id severity rule", sorted.
func heard(f *rules.Findings) []string {
	var out []string
	for _, x := range f.Findings {
		out = append(out, fmt.Sprintf("%s %s %s %s", x.ID, x.Severity, x.Rule, x.Principal))
	}
	slices.Sort(out)
	return out
}

// same compares findings by id and severity.
func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	for _, l := range want {
		if !slices.Contains(got, l) {
			t.Errorf("%s: lost %s", what, l)
		}
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			t.Errorf("%s: new %s", what, l)
		}
	}
}

// TestMetamorphic changes the input in ways that must not matter.
func TestMetamorphic(t *testing.T) {
	if testing.Short() {
		t.Skip("goes the whole way several times")
	}
	m := whole(t)
	want := heard(m.findings())
	if len(want) < 30 {
		t.Fatalf("only %d findings", len(want))
	}
	t.Run("order", func(t *testing.T) {
		x := &material{slices.Clone(m.events), m.states}
		r := rand.New(rand.NewPCG(1, 2))
		r.Shuffle(len(x.events), func(i, j int) { x.events[i], x.events[j] = x.events[j], x.events[i] })
		same(t, "shuffled", want, heard(x.findings()))
	})
	t.Run("split over workers", func(t *testing.T) {
		same(t, "split", want, heard(m.split(5)))
	})
	t.Run("tenfold volume", func(t *testing.T) {
		same(t, "tenfold", want, heard((&material{tenfold(m.events), m.states}).findings()))
	})
	t.Run("services at work", func(t *testing.T) {
		x := &material{slices.Concat(m.events, serviceEvents(m.events)), m.states}
		same(t, "service events", want, heard(x.findings()))
	})
	t.Run("renamed networks", func(t *testing.T) {
		before, after := m.findings(), (&material{renamed(m.events), m.states}).findings()
		// A network is part of the id of the findings about it: its name is translated back.
		same(t, "renamed", unplaced(before), unplaced(after))
	})
}

// split analyses the events in n parts, each with a part of every day, and
// joins what they saw.
func (m *material) split(n int) *rules.Findings {
	cat := catalog.Default()
	accs := make([]*analyze.Accumulator, n)
	for i := range accs {
		accs[i] = analyze.NewAccumulator(m.window(), cat)
	}
	for i := range m.events {
		accs[i%n].Add(&m.events[i])
	}
	for _, a := range accs[1:] {
		accs[0].Merge(a)
	}
	var episodes []analyze.Episode
	for _, nom := range accs[0].Nominate() {
		r := analyze.NewRetelling(nom, cat)
		for i := range m.events {
			r.Add(&m.events[i])
		}
		e, _ := r.Episode()
		episodes = append(episodes, e)
	}
	return rules.Evaluate(accs[0].Facts(time.Time{}, m.states, episodes), m.states, cat, rules.Options{})
}

// tenfold repeats the allowed calls of habit nine times, each within its own
// second: more traffic, no other behaviour. Changes and sign-ins stay single.
func tenfold(events []event.Event) []event.Event {
	out := slices.Clone(events)
	for _, e := range events {
		if e.ErrorCode != "" || e.ReadOnly == nil || !*e.ReadOnly || strings.HasPrefix(e.EventName, "AssumeRole") || e.IdentityType == "Root" {
			continue
		}
		for i := range 9 {
			c := e
			c.EventID = fmt.Sprintf("%s-%d", e.EventID, i)
			out = append(out, c)
		}
	}
	return out
}

// serviceEvents are calls that AWS makes on its own behalf, one a day and account.
func serviceEvents(events []event.Event) []event.Event {
	seen := map[string]bool{}
	var out []event.Event
	for _, e := range events {
		key := e.AccountID + e.EventTime.Format("2006-01-02")
		if e.IdentityType == "AWSService" && e.ErrorCode == "" && !seen[key] {
			seen[key] = true
			c := e
			c.EventID, c.InvokedBy, c.SourceIPAddress, c.UserAgent = "added-"+e.EventID, "ec2-frontend-api.amazonaws.com", "ec2-frontend-api.amazonaws.com", "ec2-frontend-api.amazonaws.com"
			out = append(out, c)
		}
	}
	return out
}

// renamed gives each neighbourhood, a /16 or /32, another one, each its own.
func renamed(events []event.Event) []event.Event {
	out := slices.Clone(events)
	for i := range out {
		out[i].SourceIPAddress = rename(out[i].SourceIPAddress)
	}
	return out
}

// rename flips bits of the first two bytes of a public address: a bijection of the
// neighbourhoods, and its own inverse.
func rename(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil || a.IsPrivate() {
		return s
	}
	b := a.AsSlice()
	if a.Is4() {
		b[0], b[1] = b[0]^0x13, b[1]^0x2a // none of the documentation ranges becomes private
	} else {
		b[2], b[3] = b[2]^0x05, b[3]^0x77
	}
	c, _ := netip.AddrFromSlice(b)
	return c.String()
}

// unplaced are the findings without what names a network.
func unplaced(f *rules.Findings) []string {
	n := map[string]int{}
	for _, x := range f.Findings {
		n[fmt.Sprintf("%s %s %s %s %d", x.Severity, x.Rule, x.Principal, x.Credential, x.Evidence.Count)]++
	}
	out := []string{}
	for _, k := range slices.Sorted(maps.Keys(n)) {
		out = append(out, fmt.Sprintf("%s ×%d", k, n[k]))
	}
	return out
}
