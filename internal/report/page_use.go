package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// hoursChart is a picture of days by hours: a column for each bucket of days,
// from the first to the last hour with a call.
type hoursChart struct {
	Path  string // in a box Width by 24
	Width int
	Label string // what it shows, in words
}

func hoursOf(s *PrincipalSummary) hoursChart {
	c := hoursChart{Width: max(1, len(s.FirstHour))}
	var b strings.Builder
	for i := 0; i < min(len(s.FirstHour), len(s.LastHour)); {
		from, to, run := s.FirstHour[i], s.LastHour[i], 1
		for i+run < len(s.FirstHour) && i+run < len(s.LastHour) && s.FirstHour[i+run] == from && s.LastHour[i+run] == to {
			run++
		}
		if from >= 0 {
			fmt.Fprintf(&b, "M%d %dh%dv%dh-%dz", i, from, run, max(1, to-from+1), run)
		}
		i += run
	}
	c.Path = b.String()
	c.Label = "Hours of the first and last call of each day, UTC: " + usualHours(s)
	return c
}

// usualHours says between which hours half of the days' work lies.
func usualHours(s *PrincipalSummary) string {
	var first, last []int
	for i := range min(len(s.FirstHour), len(s.LastHour)) {
		if s.FirstHour[i] >= 0 {
			first, last = append(first, s.FirstHour[i]), append(last, s.LastHour[i])
		}
	}
	if len(first) == 0 {
		return "none"
	}
	slices.Sort(first)
	slices.Sort(last)
	return fmt.Sprintf("mostly %02d:00 to %02d:59", first[len(first)/2], last[len(last)/2])
}

// causeBars shows refused calls by cause; nothing for fewer than least causes.
func causeBars(cs []CauseCount, least int) chart {
	var c chart
	if len(cs) < least {
		return c
	}
	top := int64(1)
	for _, x := range cs {
		top = max(top, x.Count)
	}
	for _, x := range cs {
		c.add(x.Cause, short(x.Count)+plural(x.Count, " call"), func() (string, string) {
			return "", bar(barLeft, int(max(1, x.Count*(barRight-barLeft)/top)))
		})
	}
	return c
}

// allCauses adds up the causes of all principals.
func allCauses(ss []PrincipalSummary) []CauseCount {
	by := map[string]int64{}
	for i := range ss {
		for _, c := range ss[i].Causes {
			by[c.Cause] += c.Count
		}
	}
	return causesOf(by)
}

// grantBars sets what the policies of all principals grant against what of it
// was used, for the services with most grants.
func grantBars(ps []*principalRow) chart {
	type line struct {
		name          string
		granted, used int
	}
	by := map[string]*line{}
	for _, p := range ps {
		if p.Plan == nil || len(p.Plan.Current) == 0 {
			continue
		}
		granted, _ := grants(p.Plan)
		for _, u := range p.Services {
			granted[u.Service] = max(granted[u.Service], u.Used)
		}
		for name, n := range granted {
			if by[name] == nil {
				by[name] = &line{name: name}
			}
			by[name].granted += n
		}
		for _, u := range p.Services {
			by[u.Service].used += u.Used
		}
	}
	lines := make([]*line, 0, len(by))
	top := 1
	for _, l := range by {
		lines, top = append(lines, l), max(top, l.granted)
	}
	slices.SortFunc(lines, func(a, b *line) int {
		return cmp.Or(cmp.Compare(b.granted, a.granted), cmp.Compare(a.name, b.name))
	})
	var c chart
	scale := func(n int) int { return (n*(barRight-barLeft) + top - 1) / top }
	for _, l := range head(lines, maxBars) {
		c.add(cut(l.name, 24), number(l.used)+" of "+number(l.granted), func() (string, string) {
			return bar(barLeft, scale(l.granted)), bar(barLeft, scale(l.used))
		})
	}
	if hidden := len(lines) - len(c.Rows); hidden > 0 {
		c.More = "and " + count(hidden, "more service")
	}
	return c
}
