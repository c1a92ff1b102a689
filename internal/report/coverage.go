package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

// coverageLine tells in one line what the logs show and where they are blind.
func coverageLine(cs []analyze.Coverage) string {
	if len(cs) == 0 {
		return "no account: nothing was ingested for this window"
	}
	logged, dark := withLogs(cs)
	parts := []string{count(len(cs), "account")}
	if len(dark) > 0 {
		parts = append(parts, "no logs of "+list(dark, 3))
	}
	if len(logged) > 0 {
		parts = append(parts, count(eventsOf(logged), "event"), extent(logged),
			count(len(union(logged, func(c *analyze.Coverage) []string { return c.Regions })), "region"),
			management(logged), dataEvents(logged), gaps(logged))
	}
	parts = append(parts,
		having(cs, "IAM state", func(c *analyze.Coverage) bool { return c.HasDetails }),
		having(cs, "credential report", func(c *analyze.Coverage) bool { return c.HasReport }))
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// withLogs parts the accounts that the logs know from those of which only IAM state was loaded.
func withLogs(cs []analyze.Coverage) (logged []analyze.Coverage, dark []string) {
	for _, c := range cs {
		if c.Events > 0 {
			logged = append(logged, c)
		} else {
			dark = append(dark, c.AccountID)
		}
	}
	return logged, dark
}

func eventsOf(cs []analyze.Coverage) (n int64) {
	for i := range cs {
		n += cs[i].Events
	}
	return n
}

func extent(cs []analyze.Coverage) string {
	first, last := cs[0].First, cs[0].Last
	for _, c := range cs[1:] {
		first, last = earlier(first, c.First), later(last, c.Last)
	}
	return day(first) + " to " + day(last)
}

func union(cs []analyze.Coverage, of func(*analyze.Coverage) []string) []string {
	set := map[string]bool{}
	for i := range cs {
		for _, s := range of(&cs[i]) {
			set[s] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// without names the accounts that lack something.
func without(cs []analyze.Coverage, has func(*analyze.Coverage) bool) []string {
	var out []string
	for i := range cs {
		if !has(&cs[i]) {
			out = append(out, cs[i].AccountID)
		}
	}
	return out
}

func management(cs []analyze.Coverage) string {
	read := without(cs, func(c *analyze.Coverage) bool { return c.ManagementRead })
	write := without(cs, func(c *analyze.Coverage) bool { return c.ManagementWrite })
	if len(read)+len(write) == 0 {
		return "management read+write"
	}
	var out []string
	for _, m := range []struct {
		kind    string
		missing []string
	}{{"reads", read}, {"writes", write}} {
		switch {
		case len(m.missing) == 0:
			out = append(out, "management "+m.kind)
		case len(m.missing) == len(cs):
			out = append(out, "no management "+m.kind)
		default:
			out = append(out, "no management "+m.kind+" in "+list(m.missing, 3))
		}
	}
	return strings.Join(out, ", ")
}

func dataEvents(cs []analyze.Coverage) string {
	types := union(cs, func(c *analyze.Coverage) []string { return c.DataEvents })
	if len(types) == 0 {
		return "no data events"
	}
	none := without(cs, func(c *analyze.Coverage) bool { return len(c.DataEvents) > 0 })
	return fmt.Sprintf("data events of %s in %d of %s", list(types, 4), len(cs)-len(none), count(len(cs), "account"))
}

func gaps(cs []analyze.Coverage) string {
	var all []string
	for _, c := range cs {
		for _, g := range c.Gaps {
			all = append(all, fmt.Sprintf("%s to %s in %s", minute(g.From), minute(g.To), c.AccountID))
		}
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return "one gap: " + all[0]
	}
	return fmt.Sprintf("%d gaps: %s", len(all), list(all, 2))
}

func having(cs []analyze.Coverage, what string, has func(*analyze.Coverage) bool) string {
	switch missing := without(cs, has); len(missing) {
	case 0:
		return what + " loaded"
	case len(cs):
		return "no " + what
	default:
		return "no " + what + " for " + list(missing, 3)
	}
}
