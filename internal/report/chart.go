package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// squeeze adds up neighbours until at most n values are left.
func squeeze(in []int64, n int) []int64 {
	size := max(1, (len(in)+n-1)/n)
	out := make([]int64, (len(in)+size-1)/size)
	for i, v := range in {
		out[i/size] += v
	}
	return out
}

// area draws values as an SVG path of columns one unit broad and at most
// height high; a value above zero is at least one unit high. Empty for no use.
func area(values []int64, height int64) string {
	top := slices.Max(append(values, 0))
	if top == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "M0 %d", height)
	level, run := int64(0), 0
	step := func(to int64) {
		if to == level {
			return
		}
		if run > 0 {
			fmt.Fprintf(&b, "h%d", run)
		}
		fmt.Fprintf(&b, "v%d", level-to)
		level, run = to, 0
	}
	for _, v := range values {
		h := (v*height + top/2) / top
		if v > 0 {
			h = max(h, 1)
		}
		step(h)
		run++
	}
	step(0)
	b.WriteByte('z')
	return b.String()
}

// chart is a labelled horizontal bar chart: its texts are the page's, only the
// bars are drawn.
type chart struct {
	Rows []barRow
	More string
}

// barRow is one bar in a box from barLeft to barRight and 9 high.
type barRow struct {
	Label, Note string
	Back, Front string // paths; Back is granted, Front is used
}

const (
	barLeft, barRight = 180, 400
	maxBars           = 12
)

func (c *chart) add(label, note string, draw func() (back, front string)) {
	back, front := draw()
	c.Rows = append(c.Rows, barRow{label, note, back, front})
}

// bar is a rectangle from x by width, 9 high.
func bar(x, width int) string {
	if width <= 0 {
		return ""
	}
	return fmt.Sprintf("M%d 0h%dv9h-%dz", x, width, width)
}

// serviceBars sets granted actions against used ones, service by service.
func serviceBars(s *PrincipalSummary, plan *proposalRow) chart {
	granted, whole := grants(plan)
	type line struct {
		name          string
		granted, used int
		calls, denied int64
	}
	var lines []line
	top := 1
	for _, u := range s.Services {
		l := line{u.Service, max(granted[u.Service], u.Used), u.Used, u.Calls, u.Denied}
		lines, top = append(lines, l), max(top, l.granted)
		delete(granted, u.Service)
	}
	for name, n := range granted {
		lines, top = append(lines, line{name: name, granted: n}), max(top, n)
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(b.calls, a.calls), cmp.Compare(b.granted, a.granted), cmp.Compare(a.name, b.name))
	})
	var c chart
	scale := func(n int) int { return (n*(barRight-barLeft) + top - 1) / top }
	for _, l := range head(lines, maxBars) {
		note := fmt.Sprintf("%d used", l.used)
		if plan != nil && l.granted > 0 {
			note = fmt.Sprintf("%d of %d", l.used, l.granted)
		}
		if l.denied > 0 {
			note += ", " + short(l.denied) + " denied"
		}
		c.add(cut(l.name, 24), note, func() (string, string) {
			return bar(barLeft, scale(l.granted)), bar(barLeft, scale(l.used))
		})
	}
	c.More = moreServices(len(lines)-len(c.Rows)+s.ServiceCount-len(s.Services), whole)
	return c
}

func moreServices(hidden int, whole []string) string {
	var parts []string
	if hidden > 0 {
		parts = append(parts, "and "+count(hidden, "more service"))
	}
	if len(whole) > 0 {
		parts = append(parts, "granted whole and never used: "+list(whole, 12))
	}
	return strings.Join(parts, "; ")
}

// grants counts the granted actions of each service by a proposal, and names
// the services that are granted whole and go.
func grants(plan *proposalRow) (map[string]int, []string) {
	n := map[string]int{}
	if plan == nil {
		return n, nil
	}
	var whole []string
	for _, k := range plan.Kept {
		n[prefixOf(k.Action)]++
	}
	for _, r := range plan.Removed {
		if wholeService(r.Action) {
			whole = append(whole, prefixOf(r.Action))
		} else {
			n[prefixOf(r.Action)]++
		}
	}
	slices.Sort(whole)
	return n, whole
}

func prefixOf(action string) string {
	s, _, _ := strings.Cut(action, ":")
	return s
}

// networkLines shows on which days each network was used, on a line of the window's days.
func networkLines(s *PrincipalSummary) chart {
	var c chart
	size := max(1, len(s.Daily))
	x := func(i int) int { return barLeft + i*(barRight-barLeft)/size }
	for _, n := range s.Networks {
		note := fmt.Sprintf("%s, %s", short(n.Count)+plural(n.Count, " call"), count(n.Days, "day"))
		if n.Denied > 0 {
			note += ", " + short(n.Denied) + " denied"
		}
		c.add(cut(n.Network, 24), note, func() (string, string) {
			return "", marks(n.Active, func(from, to int) string { return bar(x(from), max(2, x(to)-x(from))) })
		})
	}
	if hidden := s.NetworkCount - len(s.Networks); hidden > 0 {
		c.More = "and " + count(hidden, "more network")
	}
	return c
}

// marks draws each run of neighbours in sorted indices, from the first to behind the last.
func marks(active []int, draw func(from, to int) string) string {
	var b strings.Builder
	for i := 0; i < len(active); {
		n := 1
		for i+n < len(active) && active[i+n] == active[i]+n {
			n++
		}
		b.WriteString(draw(active[i], active[i]+n))
		i += n
	}
	return b.String()
}

// trim is what all proposals together take away.
type trim struct {
	Text, Back, Front string
}

func trimOf(ps []rules.Proposal) trim {
	before, after, services := 0, 0, 0
	for i := range ps {
		if tooEarly(&ps[i]) || len(ps[i].Current) == 0 {
			continue
		}
		b, a, s := sizeOf(&ps[i])
		before, after, services = before+b, after+a, services+s
	}
	if before == 0 {
		return trim{}
	}
	t := trim{Text: fmt.Sprintf("Together they grant %s of %s", number(after), count(before, "action"))}
	if services > 0 {
		t.Text += " and none of " + count(services, "service") + " granted whole"
	}
	t.Back, t.Front = bar(0, 560), bar(0, max(1, 560*after/before))
	return t
}
