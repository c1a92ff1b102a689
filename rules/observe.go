package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
)

// Verdict says whether the absence of an action from the logs means anything.
type Verdict string

// The verdicts.
const (
	Observable   Verdict = "observable"
	Unobservable Verdict = "unobservable"
	ShortWindow  Verdict = "insufficient window"
	TooNew       Verdict = "too new"
)

// Sighting says on how many of the judged days a use would have been seen.
type Sighting struct {
	Verdict  Verdict
	Days, Of int
	Why      string // a clause; empty where the use is observable
}

// enoughOf is the share of the judged days, in percent, on which a use has to
// be visible: five days of a week are 71, with holidays a few less.
const enoughOf = 60

// watch judges what the logs of one account could have shown of a principal.
type watch struct {
	cells   []analyze.Cell
	asOf    time.Time // the end of the judged days
	days    int       // how many are judged
	regions []string  // where the principal works; none: any region may be the one
	born    time.Time // when the principal was made; zero: not known
	known   map[watched]Sighting
}

// watched is all that a sighting of a watch depends on.
type watched struct{ category, kind, service string }

// newWatch looks at the last so many days of the account; a nil coverage saw nothing.
func newWatch(c *analyze.Coverage, asOf time.Time, days int) *watch {
	w := &watch{asOf: asOf, days: max(days, 1), known: map[watched]Sighting{}}
	if c != nil {
		w.cells = cellsOf(c)
	}
	return w
}

// over looks where a principal works, since it was made.
func (w *watch) over(p *analyze.Principal, born time.Time) *watch {
	if w.born = born; p != nil {
		w.regions = workplaces(p)
	}
	return w
}

// cellsOf are the cells of an account; where facts have none, what its flags
// say, as of every region.
func cellsOf(c *analyze.Coverage) []analyze.Cell {
	if len(c.Cells) > 0 {
		return c.Cells
	}
	var out []analyze.Cell
	add := func(category, kind string) {
		out = append(out, analyze.Cell{Category: category, Type: kind, Covered: wholeLife})
	}
	if c.ManagementRead {
		add(analyze.ManagementRead, "")
	}
	if c.ManagementWrite {
		add(analyze.ManagementWrite, "")
	}
	for _, t := range c.DataEvents {
		add(analyze.DataEvent, t)
	}
	return out
}

// wholeLife stands for all days, of facts that do not tell them.
const wholeLife = 1 << 30

// of judges an action by name, and what the catalogue says of it. What one
// region answers for all is looked for there; STS answers in every region and
// in that one; the rest has to be seen in each region where the principal works.
func (w *watch) of(action string, o catalog.Observability) Sighting {
	if o.Visibility == catalog.Never {
		return Sighting{Unobservable, 0, w.days, "no log shows its use"}
	}
	if age := daysBetween(w.born, w.asOf); !w.born.IsZero() && age < w.days-1 {
		return Sighting{TooNew, max(age, 0), w.days, "made " + counted(max(age, 0), "day") + " ago"}
	}
	k := watched{categoryOf(o), o.DataType, prefixOf(action)}
	if k.service != "sts" && !answersInOne(k.service) {
		k.service = ""
	}
	s, ok := w.known[k]
	if !ok {
		s = w.see(k)
		w.known[k] = s
	}
	return s
}

func (w *watch) see(k watched) Sighting {
	switch {
	case answersInOne(k.service):
		return w.best(k, homeRegions[:], "in us-east-1, where AWS logs "+k.service)
	case k.service == "sts" || len(w.regions) == 0:
		return w.best(k, nil, "in any region")
	}
	worst := w.best(k, w.regions[:1], "in "+w.regions[0])
	for i, r := range w.regions[1:] {
		if s := w.best(k, w.regions[i+1:i+2], "in "+r); s.Days < worst.Days {
			worst = s
		}
	}
	return worst
}

func categoryOf(o catalog.Observability) string {
	switch {
	case o.Visibility == catalog.Data:
		return analyze.DataEvent
	case o.ReadOnly:
		return analyze.ManagementRead
	}
	return analyze.ManagementWrite
}

// homeRegions are those that log global services, one a partition (CloudTrail
// user guide, "About global service events").
var homeRegions = [...]string{"us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"}

// answersInOne tells the services whose calls are logged in the home region alone.
func answersInOne(service string) bool {
	return slices.Contains([]string{"budgets", "ce", "cloudfront", "iam", "organizations", "route53", "route53domains", "shield", "support", "waf"}, service)
}

// best is the sighting in the region that shows most; nil: of all. A region
// with few events says little of its own, and so does the home region, where
// few ever call what it alone answers: where it delivers management events at
// all, what the account's trails show elsewhere holds for it.
func (w *watch) best(k watched, regions []string, where string) Sighting {
	days, busy, any := w.shown(k, regions)
	if any && (!busy || answersInOne(k.service)) && k.kind == "" {
		days, _, _ = w.shown(k, nil)
	}
	out := Sighting{Unobservable, days, w.days, fmt.Sprintf("no %s %s", k, where)}
	switch {
	case days*100 >= w.days*enoughOf:
		out.Verdict, out.Why = Observable, ""
	case days > 0:
		out.Verdict, out.Why = ShortWindow, fmt.Sprintf("%s on %d of %d days %s", k, days, w.days, where)
	}
	return out
}

// busyDays is from how many days on a region's own management events tell
// that its trails leave out reads. Writes may be missing where people only look.
const busyDays = 10

// shown is on how many days the regions, nil: all, show the kind; whether one
// of them is busy, and whether they show any management events.
func (w *watch) shown(k watched, regions []string) (days int, busy, any bool) {
	for i := range w.cells {
		c := &w.cells[i]
		if regions != nil && c.Region != "" && !slices.Contains(regions, c.Region) {
			continue
		}
		if c.Category != analyze.DataEvent {
			any, busy = true, busy || c.Days >= busyDays && k.category == analyze.ManagementRead
		}
		if c.Category == k.category && c.Type == k.kind {
			days = max(days, w.visible(c))
		}
	}
	return days, busy, any
}

// String names the events that show the use.
func (k watched) String() string {
	switch k.category {
	case analyze.ManagementRead:
		return "management events that read"
	case analyze.ManagementWrite:
		return "management events that write"
	}
	return "data events of " + k.kind
}

// visible is the number of the judged days that a cell shows: those it
// covers, as far as they can lie in them.
func (w *watch) visible(c *analyze.Cell) int {
	if c.Covered == wholeLife {
		return w.days
	}
	from := w.asOf.AddDate(0, 0, -w.days)
	if c.First.After(from) {
		from = c.First
	}
	return max(0, min(c.Covered, w.days, int(c.Last.AddDate(0, 0, 1).Sub(from).Hours()/24)))
}

// workplaces are the regions where a principal works, sorted: those with at
// least half as many days of use as the busiest. Calls that are logged in one
// region whatever the caller's do not count, nor do those of STS.
func workplaces(p *analyze.Principal) []string {
	days, most := map[string]map[time.Time]bool{}, 0
	for i := range p.Usage {
		u := &p.Usage[i]
		if s := prefixOf(u.Action); u.Region == "" || s == "sts" || answersInOne(s) {
			continue
		}
		if days[u.Region] == nil {
			days[u.Region] = map[time.Time]bool{}
		}
		days[u.Region][u.Day] = true
		most = max(most, len(days[u.Region]))
	}
	var out []string
	for r, d := range days {
		if 2*len(d) >= most {
			out = append(out, r)
		}
	}
	return sorted(out)
}
