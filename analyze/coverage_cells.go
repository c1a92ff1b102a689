package analyze

import (
	"cmp"
	"slices"
	"time"
)

// The categories of a Cell.
const (
	ManagementRead  = "management read"
	ManagementWrite = "management write"
	DataEvent       = "data"
)

// Cell says on which days one region of an account delivered one kind of
// event. A day without such an event may be a quiet one: Covered tells them
// from those on which nothing came at all.
type Cell struct {
	Region string `json:"region"`
	// Category is "management read", "management write" or "data".
	Category string `json:"category"`
	// Type is the resource type of data events, as AWS::S3::Object; else empty.
	Type string `json:"type,omitzero"`
	// First and Last are days with an event of the kind, at midnight UTC.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Days is the number of days with an event of the kind.
	Days int `json:"days"`
	// Covered is the number of days from First to Last on which the region
	// delivered anything: management events, or for data any event.
	Covered int `json:"covered"`
}

// mostCells bounds the list: types of data events are what events say.
const mostCells = 500

func (v *coverage) cellFacts() []Cell {
	out := []Cell{}
	for k, x := range v.cells {
		if k.category == "Management" {
			days := daysIn(x.hours)
			out = appendCell(out, Cell{Region: k.region, Category: ManagementRead}, x.read, days)
			out = appendCell(out, Cell{Region: k.region, Category: ManagementWrite}, x.write, days)
		}
		for kind, seen := range x.data {
			out = appendCell(out, Cell{Region: k.region, Category: DataEvent, Type: kind}, seen, v.daysOf(k.region))
		}
	}
	slices.SortFunc(out, compareCells)
	return out[:min(len(out), mostCells)]
}

// daysOf are the days with an event of a region, whatever its category.
func (v *coverage) daysOf(region string) daySet {
	all := map[int64]struct{}{}
	for k, x := range v.cells {
		if k.region == region {
			for h := range x.hours {
				all[h] = struct{}{}
			}
		}
	}
	return daysIn(all)
}

// appendCell adds the cell of the days seen, of those delivered; none where nothing was.
func appendCell(out []Cell, c Cell, seen, delivered daySet) []Cell {
	if len(seen) == 0 {
		return out
	}
	first, last := bounds(seen)
	for d := range delivered {
		if d >= first && d <= last {
			c.Covered++
		}
	}
	c.First, c.Last, c.Days = first.time(), last.time(), len(seen)
	return append(out, c)
}

func bounds(days daySet) (first, last day) {
	none := true
	for d := range days {
		if none || d < first {
			first = d
		}
		if none || d > last {
			last = d
		}
		none = false
	}
	return first, last
}

func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Type, b.Type))
}
