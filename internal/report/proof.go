package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// proof is what speaks for a proposal, in words; every view prints the same.
type proof struct {
	Size, Removed, Kept, Unobservable, Denied string
	NoNew, Replay, Backtest, Score            string
	Failures                                  []string
	Conditions                                []string
}

func proofOf(p *rules.Proposal) proof {
	return proof{
		Size: sizeText(p), Removed: removedText(p.Removed), Kept: keptText(p),
		Unobservable: named(p.Unobservable, "action", "whose use these logs cannot show"),
		Denied:       named(p.Denied, "action", "seen only denied, never granted here"),
		NoNew:        noNewText(p), Replay: replayText(p.Replay), Score: scoreText(p),
		Backtest: backtestText(&p.Backtest), Failures: failures(p.Backtest.Failures),
		Conditions: conditionsText(p.Conditions),
	}
}

// conditionsText says of each condition what it is, whether the proposal has it, and why.
func conditionsText(cs []rules.Condition) []string {
	var out []string
	for i := range cs {
		c := &cs[i]
		s := c.Kind + ", " + c.Status + ": " + c.Why
		if c.Calls > 0 {
			s += fmt.Sprintf(" (tried on %s of %s)", count(c.Calls, "call"), count(c.Days, "day"))
		}
		out = append(out, s)
	}
	return out
}

// canAsk reports whether a condition was only suggested that the proposal could have.
func canAsk(cs []rules.Condition) bool {
	return slices.ContainsFunc(cs, func(c rules.Condition) bool {
		return c.Status == "suggested" && c.Document != nil && c.Kind != "organisation"
	})
}

func noNewText(p *rules.Proposal) string {
	switch {
	case p.NoNewAccess == nil && len(p.Current) == 0:
		return "not known: the current policies are not"
	case p.NoNewAccess == nil:
		return "not judged"
	case *p.NoNewAccess:
		return "proven: it grants nothing that the current policies do not"
	}
	return "NOT proven: compare it with the current policies"
}

func replayText(r *rules.Replay) string {
	if r == nil {
		return ""
	}
	s := fmt.Sprintf("%s of %s of the whole window allowed", number(r.Calls-r.Denied), count(r.Calls, "call"))
	if r.Unexplained > 0 {
		s += fmt.Sprintf("; %s more that the current policies, as loaded, do not explain", number(r.Unexplained))
	}
	return s
}

// scoreText compares privilege, 0 to 100, before and after.
func scoreText(p *rules.Proposal) string {
	switch {
	case p.Score == nil:
		return ""
	case len(p.Current) == 0:
		return fmt.Sprintf("%d of 100", p.Score.Proposed)
	}
	return fmt.Sprintf("%d → %d of 100", p.Score.Current, p.Score.Proposed)
}

// named counts a list and names its first few.
func named(actions []string, noun, what string) string {
	if len(actions) == 0 {
		return ""
	}
	return count(len(actions), noun) + " " + what + ": " + list(actions, 4)
}

// sizeOf counts granted actions before and after; services are whole services that go, of unknown size.
func sizeOf(p *rules.Proposal) (before, after, services int) {
	for _, r := range p.Removed {
		if wholeService(r.Action) {
			services++
		}
	}
	return len(p.Removed) - services + len(p.Kept), len(p.Kept), services
}

// wholeService reports whether action stands for all of a service.
func wholeService(action string) bool { return action == "*" || strings.HasSuffix(action, ":*") }

func sizeText(p *rules.Proposal) string {
	before, after, services := sizeOf(p)
	switch {
	case len(p.Current) == 0:
		return "current policies not known; " + count(after, "action") + " proposed"
	case services > 0:
		return fmt.Sprintf("%s and %s → %s", count(before, "action"), count(services, "whole service"), count(after, "action"))
	}
	return number(before) + " → " + count(after, "action")
}

// sizeShort is sizeText for a column.
func sizeShort(p *rules.Proposal) string {
	before, after, services := sizeOf(p)
	switch {
	case draft(p):
		return "a draft of " + number(after)
	case tooEarly(p):
		return "kept as it is"
	case len(p.Current) == 0:
		return number(after) + " proposed"
	case services > 0:
		return fmt.Sprintf("%s + %s → %s", number(before), count(services, "service"), number(after))
	}
	return number(before) + " → " + number(after)
}

func removedText(rs []rules.Removed) string {
	if len(rs) == 0 {
		return ""
	}
	var actions, services, escalating []string
	for _, r := range rs {
		if wholeService(r.Action) {
			services = append(services, r.Action)
		} else {
			actions = append(actions, r.Action)
		}
		// The level's name is that of the service authorization reference.
		if r.Level == "Permissions management" {
			escalating = append(escalating, r.Action)
		}
	}
	var parts []string
	if len(actions) > 0 {
		parts = append(parts, count(len(actions), "action"))
	}
	if len(services) > 0 {
		parts = append(parts, count(len(services), "whole service")+" ("+list(services, 4)+")")
	}
	s := strings.Join(parts, " and ")
	if len(escalating) > 0 {
		s += fmt.Sprintf("; %d of them could change permissions: %s", len(escalating), list(escalating, 3))
	}
	return s + whys(rs)
}

// whys tells the reasons for removals, the most frequent first.
func whys(rs []rules.Removed) string {
	n := map[string]int{}
	var order []string
	for _, r := range rs {
		if r.Why == "" {
			continue
		}
		if n[r.Why]++; n[r.Why] == 1 {
			order = append(order, r.Why)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	switch len(order) {
	case 0:
		return ""
	case 1:
		return " · " + order[0]
	}
	for i, w := range order {
		order[i] = fmt.Sprintf("%s (%d)", w, n[w])
	}
	return " · " + list(order, 3)
}

func keptText(p *rules.Proposal) string {
	by := map[string][]string{}
	var calls int64
	var order []string
	for _, k := range p.Kept {
		if len(by[k.Why]) == 0 {
			order = append(order, k.Why)
		}
		by[k.Why] = append(by[k.Why], k.Action)
		if k.Why == "used" {
			calls += k.Count
		}
	}
	place := func(why string) int { return rank(why, "used", "implied", "last accessed", "unobservable") }
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	var parts []string
	for _, why := range order {
		part := fmt.Sprintf("%d %s", len(by[why]), why)
		switch {
		case why == "used":
			part += " (" + short(calls) + plural(calls, " call") + ")"
		case why != "unobservable" || len(p.Unobservable) == 0: // else they are named below
			part += ": " + list(by[why], 3)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " · ")
}

func plural(n int64, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func backtestText(b *rules.Backtest) string {
	if b.Calls == 0 {
		return "none: the days held back had no call to try"
	}
	return fmt.Sprintf("trained on %s, tried on %s: %s of %s denied",
		count(b.Train.Days(), "day"), count(b.Test.Days(), "day"), number(b.Denied), count(b.Calls, "call"))
}

func failures(fs []rules.Failure) []string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s on %s, %s since %s, event %s",
			f.Action, cmp.Or(f.Resource, "a resource not told"), count(f.Count, "call"), minute(f.First), cmp.Or(f.Event, "not told")))
	}
	return out
}

// basis says what a proposal was made from: 90 days, 1.2 M calls, newest first use 63 days ago.
func basis(p *rules.Proposal, w analyze.Window) string {
	var calls int64
	var newest time.Time
	for _, k := range p.Kept {
		calls += k.Count
		if k.First != nil {
			newest = later(newest, *k.First)
		}
	}
	s := short(calls) + plural(calls, " call")
	if !w.To.IsZero() {
		s = count(w.Days(), "day") + ", " + s
	}
	if !newest.IsZero() && !w.To.IsZero() {
		s += ", newest first use " + ago(w.To.Sub(newest))
	}
	return s
}

func ago(d time.Duration) string {
	if d < 24*time.Hour {
		return "today"
	}
	return count(int(d.Hours()/24), "day") + " ago"
}

// draft reports whether a proposal that is too early shows at least what was
// used: where nothing is known of the current policies, that is what there is.
func draft(p *rules.Proposal) bool {
	return tooEarly(p) && len(p.Current) == 0 && len(p.Proposed) > 0
}

// tooEarly reports whether the logs are too short to propose anything.
func tooEarly(p *rules.Proposal) bool { return p.Confidence == "too early" }
