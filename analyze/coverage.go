package analyze

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// coverage gathers what the lake has of one account.
type coverage struct{ cells map[cellKey]*cell }

// cellKey tells deliveries apart: a trail may leave out one of either.
type cellKey struct{ region, category string }

// cell gathers what there is of one region and category.
type cell struct {
	seen        span
	hours       map[int64]struct{} // since 1970
	data        map[string]daySet  // by resource type
	read, write daySet             // of management events
}

// daySet are days with an event.
type daySet map[day]struct{}

func newCell() *cell {
	return &cell{hours: map[int64]struct{}{}, data: map[string]daySet{}, read: daySet{}, write: daySet{}}
}

func newCoverage() *coverage { return &coverage{map[cellKey]*cell{}} }

const microsAnHour = 3_600_000_000

func (v *coverage) add(cat *catalog.Catalog, c *call) {
	e := c.event
	x := v.cell(cellKey{e.AWSRegion, categoryOf(e)})
	x.seen.add(c.stamp.at)
	x.hours[hourOf(c.stamp.at)] = struct{}{}
	switch {
	case e.EventCategory == "NetworkActivity": // of VPC endpoints: no sign of a trail of management events
	case isData(e):
		x.dataType(cat, c)
	case e.EventType != "AwsServiceEvent" && e.ReadOnly != nil:
		x.management(*e.ReadOnly)[dayOf(c.stamp.at)] = struct{}{}
	}
}

// management are the days of one kind of management events.
func (x *cell) management(readOnly bool) daySet {
	if readOnly {
		return x.read
	}
	return x.write
}

func (v *coverage) cell(k cellKey) *cell {
	x := v.cells[k]
	if x == nil {
		x = newCell()
		v.cells[cellKey{strings.Clone(k.region), strings.Clone(k.category)}] = x
	}
	return x
}

func hourOf(us int64) int64 {
	h := us / microsAnHour
	if us%microsAnHour < 0 {
		h--
	}
	return h
}

// categoryOf is the category of e; older events tell it by a flag, or are
// management events.
func categoryOf(e *event.Event) string {
	switch {
	case e.EventCategory != "":
		return e.EventCategory
	case isData(e):
		return "Data"
	}
	return "Management"
}

func isData(e *event.Event) bool {
	return e.EventCategory == "Data" || e.EventCategory == "" && e.Management != nil && !*e.Management
}

// dataType notes which resource type's data events are delivered: what the
// catalogue says of the action, else what the event says of the resource.
func (x *cell) dataType(cat *catalog.Catalog, c *call) {
	for _, u := range c.uses {
		if kind, t := cat.Visibility(u.action); kind == catalog.Data {
			x.markData(t, dayOf(c.stamp.at))
		}
	}
	for _, r := range c.event.Resources {
		x.markData(r.Type, dayOf(c.stamp.at))
	}
}

func (x *cell) markData(kind string, d day) {
	days := x.data[kind]
	if days == nil {
		if kind == "" {
			return
		}
		days = daySet{}
		x.data[strings.Clone(kind)] = days
	}
	days[d] = struct{}{}
}

func mark(set map[string]struct{}, s string) {
	if _, ok := set[s]; !ok && s != "" {
		set[string([]byte(s))] = struct{}{}
	}
}

func (v *coverage) merge(o *coverage) { mergeInto(v.cells, o.cells, (*cell).merge) }

func (x *cell) merge(o *cell) {
	x.seen.merge(o.seen)
	maps.Copy(x.hours, o.hours)
	maps.Copy(x.read, o.read)
	maps.Copy(x.write, o.write)
	for kind, days := range o.data {
		if x.data[kind] == nil {
			x.data[kind] = daySet{}
		}
		maps.Copy(x.data[kind], days)
	}
}

// whole is all cells as one, and the regions.
func (v *coverage) whole() (all *cell, regions map[string]struct{}) {
	all, regions = newCell(), map[string]struct{}{}
	for k, x := range v.cells {
		all.merge(x)
		mark(regions, k.region)
	}
	return all, regions
}

func (v *coverage) facts(account string) Coverage {
	all, regions := v.whole()
	return Coverage{
		AccountID: account, First: all.seen.firstTime(), Last: all.seen.lastTime(), Events: all.seen.count,
		Days: daysOf(all.hours), Regions: sortedKeys(regions), Gaps: all.gaps(),
		ManagementRead: len(all.read) > 0, ManagementWrite: len(all.write) > 0, DataEvents: sortedKeys(all.data),
		Cells: v.cellFacts(),
	}
}

// daysOf is the number of days that hours are of.
func daysOf(hours map[int64]struct{}) int {
	return len(daysIn(hours))
}

func daysIn(hours map[int64]struct{}) daySet {
	days := daySet{}
	for h := range hours {
		days[dayOf(h*microsAnHour)] = struct{}{}
	}
	return days
}

// gaps are the spans without an event, longer than a day, to the hour.
func (x *cell) gaps() []Window {
	hours := make([]int64, 0, len(x.hours))
	for h := range x.hours {
		hours = append(hours, h)
	}
	slices.Sort(hours)
	out := []Window{}
	for i := 1; i < len(hours); i++ {
		if hours[i]-hours[i-1] > 25 {
			out = append(out, Window{hourTime(hours[i-1] + 1), hourTime(hours[i])})
		}
	}
	return out
}

func hourTime(h int64) time.Time { return micros(h * microsAnHour) }

func compareCoverage(a, b Coverage) int { return cmp.Compare(a.AccountID, b.AccountID) }
