package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

// coverageRow is one account in the coverage section.
type coverageRow struct {
	analyze.Coverage
	Span         string
	Seen, Unseen []string
	Area, Holes  string // paths in a box Width by 32
	Width        int
}

func coverageRows(cs []analyze.Coverage, ss []PrincipalSummary, w analyze.Window) []coverageRow {
	out := make([]coverageRow, 0, len(cs))
	for _, c := range cs {
		r := coverageRow{Coverage: c, Span: day(c.First) + " to " + day(c.Last)}
		values, size := accountDaily(ss, c.AccountID)
		r.Area, r.Width = area(values, 32), max(1, len(values))
		r.Holes = gapPath(&c, w, size, r.Width)
		r.Seen, r.Unseen = sight(&c)
		out = append(out, r)
	}
	return out
}

// sight says what the logs and the loaded state of an account show, and what not.
func sight(c *analyze.Coverage) (seen, unseen []string) {
	for _, s := range []struct {
		ok   bool
		what string
	}{
		{c.ManagementRead, "management reads"}, {c.ManagementWrite, "management writes"},
		{len(c.DataEvents) > 0, "data events"}, {c.HasDetails, "authorization details"}, {c.HasReport, "credential report"},
	} {
		switch {
		case !s.ok:
			unseen = append(unseen, "no "+s.what)
		case s.what == "data events":
			seen = append(seen, "data events of "+list(c.DataEvents, 3))
		default:
			seen = append(seen, s.what)
		}
	}
	for i, g := range c.Gaps {
		if i == 3 {
			unseen = append(unseen, "and "+count(len(c.Gaps)-3, "more gap"))
			break
		}
		unseen = append(unseen, "no event from "+minute(g.From)+" to "+minute(g.To))
	}
	return append(seen, "in "+list(c.Regions, 4)), unseen
}

func accountDaily(ss []PrincipalSummary, account string) (sum []int64, size int) {
	for i := range ss {
		if ss[i].AccountID != account {
			continue
		}
		if sum == nil {
			sum, size = make([]int64, len(ss[i].Daily)), ss[i].BucketDays
		}
		for j := range min(len(sum), len(ss[i].Daily)) {
			sum[j] += ss[i].Daily[j]
		}
	}
	return sum, max(1, size)
}

// gapPath shades the gaps on the axis of the account's days.
func gapPath(c *analyze.Coverage, w analyze.Window, size, width int) string {
	var b strings.Builder
	for _, g := range c.Gaps {
		from := min(float64(width), max(0, g.From.Sub(w.From).Hours()/24/float64(size)))
		to := min(float64(width), max(0, g.To.Sub(w.From).Hours()/24/float64(size)))
		if to > from {
			fmt.Fprintf(&b, "M%s 0h%sv32H%sz", units(from), units(to-from), units(from))
		}
	}
	return b.String()
}

func units(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
