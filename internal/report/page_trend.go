package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// trend is how privilege and findings went over the reports of runs.
type trend struct {
	Text string
	Rows []trendRow
}

// trendRow is one measure: Path draws its values over time in a box of
// trendWidth by trendHeight, each until the next report.
type trendRow struct{ Label, Path, Note string }

const trendWidth, trendHeight = 400, 24

// trendOf needs two reports of different times; a line of one point says nothing.
func trendOf(m *Model) trend {
	all := make([]Past, 0, len(m.History)+1)
	for _, h := range m.History {
		if h.At.Before(m.Generated) {
			all = append(all, h)
		}
	}
	slices.SortStableFunc(all, func(a, b Past) int { return a.At.Compare(b.At) })
	all = append(all, pastOf(m))
	if len(all) < 2 {
		return trend{}
	}
	t := trend{Text: fmt.Sprintf("%s from %s to %s", count(len(all), "report"), minute(all[0].At), minute(all[len(all)-1].At))}
	scored := slices.DeleteFunc(slices.Clone(all), func(p Past) bool { return p.Policies == 0 })
	if len(scored) > 1 {
		t.add("Privilege, mean of 100", scored, func(p *Past) int { return p.Privilege }, tenths)
	}
	for _, x := range []struct {
		label string
		of    func(*Past) int
	}{
		{"Critical findings", func(p *Past) int { return p.Critical }}, {"High", func(p *Past) int { return p.High }},
		{"Medium", func(p *Past) int { return p.Medium }}, {"Low", func(p *Past) int { return p.Low }}, {"Info", func(p *Past) int { return p.Info }},
	} {
		t.add(x.label, all, x.of, number[int])
	}
	return t
}

func tenths(n int) string { return fmt.Sprintf("%d.%d", n/10, n%10) }

// add adds a measure, unless it was zero all the time.
func (t *trend) add(label string, all []Past, of func(*Past) int, text func(int) string) {
	values := make([]int, len(all))
	for i := range all {
		values[i] = of(&all[i])
	}
	low, high := slices.Min(values), slices.Max(values)
	if high == 0 {
		return
	}
	first, last := values[0], values[len(values)-1]
	note := text(first) + " → " + text(last)
	if low == high {
		note = text(last) + " throughout"
	} else if low < min(first, last) || high > max(first, last) {
		note += "; between " + text(low) + " and " + text(high)
	}
	t.Rows = append(t.Rows, trendRow{label, steppedArea(all, values, high), note})
}

// steppedArea draws values by their time. The last report has no time after
// it: it gets the share of one report.
func steppedArea(all []Past, values []int, high int) string {
	from, to := all[0].At, all[len(all)-1].At
	end := cmp.Or(to.Sub(from), 1)
	room := float64(trendWidth) * float64(len(all)-1) / float64(len(all))
	var b strings.Builder
	fmt.Fprintf(&b, "M0 %d", trendHeight)
	for i, v := range values {
		x := room * float64(all[i].At.Sub(from)) / float64(end)
		y := float64(trendHeight) * (1 - float64(v)/float64(high))
		fmt.Fprintf(&b, "H%sV%s", units(x), units(y))
	}
	fmt.Fprintf(&b, "H%dV%dz", trendWidth, trendHeight)
	return b.String()
}
