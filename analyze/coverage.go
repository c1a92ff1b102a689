package analyze

import (
	"cmp"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// coverage gathers what the lake has of one account.
type coverage struct {
	seen        tally
	hours       map[int64]struct{} // since 1970
	regions     map[string]struct{}
	data        map[string]struct{} // resource types
	read, write bool
}

func newCoverage() *coverage {
	return &coverage{hours: map[int64]struct{}{}, regions: map[string]struct{}{}, data: map[string]struct{}{}}
}

const microsAnHour = 3_600_000_000

func (v *coverage) add(cat *catalog.Catalog, c *call) {
	e := c.event
	v.seen.add(c.stamp)
	v.hours[c.stamp.at/microsAnHour] = struct{}{}
	mark(v.regions, e.AWSRegion)
	switch {
	case isData(e):
		v.dataType(cat, c)
	case e.EventType != "AwsServiceEvent":
		v.read = v.read || yes(e.ReadOnly)
		v.write = v.write || e.ReadOnly != nil && !*e.ReadOnly
	}
}

func isData(e *event.Event) bool {
	return e.EventCategory == "Data" || e.EventCategory == "" && e.Management != nil && !*e.Management
}

// dataType notes which resource type's data events are delivered: what the
// catalogue says of the action, else what the event says of the resource.
func (v *coverage) dataType(cat *catalog.Catalog, c *call) {
	for _, u := range c.uses {
		if kind, t := cat.Visibility(u.action); kind == catalog.Data {
			mark(v.data, t)
		}
	}
	for _, r := range c.event.Resources {
		mark(v.data, r.Type)
	}
}

func mark(set map[string]struct{}, s string) {
	if _, ok := set[s]; !ok && s != "" {
		set[string([]byte(s))] = struct{}{}
	}
}

func (v *coverage) merge(o *coverage) {
	v.seen.merge(&o.seen)
	v.read, v.write = v.read || o.read, v.write || o.write
	for h := range o.hours {
		v.hours[h] = struct{}{}
	}
	for r := range o.regions {
		v.regions[r] = struct{}{}
	}
	for t := range o.data {
		v.data[t] = struct{}{}
	}
}

func (v *coverage) facts(account string) Coverage {
	return Coverage{
		AccountID: account, First: v.seen.firstTime(), Last: v.seen.lastTime(), Events: v.seen.count,
		Days: v.days(), Regions: sortedKeys(v.regions), Gaps: v.gaps(),
		ManagementRead: v.read, ManagementWrite: v.write, DataEvents: sortedKeys(v.data),
	}
}

func (v *coverage) days() int {
	days := map[day]struct{}{}
	for h := range v.hours {
		days[dayOf(h*microsAnHour)] = struct{}{}
	}
	return len(days)
}

// gaps are the spans without an event, longer than a day, to the hour.
func (v *coverage) gaps() []Window {
	hours := make([]int64, 0, len(v.hours))
	for h := range v.hours {
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
