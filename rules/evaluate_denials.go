package rules

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

// withDenial adds a group of refused calls to evidence.
func withDenial(e Evidence, d *analyze.Denial) Evidence {
	e.Count += d.Count
	if e.First == nil || d.First.Before(*e.First) {
		e.First = instant(d.First)
	}
	if e.Last == nil || d.Last.After(*e.Last) {
		e.Last = instant(d.Last)
	}
	e.Events = append(e.Events, d.Events...)
	e.Addresses = union(e.Addresses, d.Addresses)
	e.Actions = union(e.Actions, []string{deniedWhat(d)})
	return e
}

func union(a, b []string) []string {
	a = append(slices.Clone(a), b...)
	slices.Sort(a)
	return slices.Compact(a)
}

// deniedWhat names what was refused: the action, or, where it is not known, the call.
func deniedWhat(d *analyze.Denial) string {
	if d.Action != "" {
		return d.Action
	}
	return strings.TrimSuffix(d.EventSource, ".amazonaws.com") + " " + d.EventName
}

// untold are the indexes of denials that no finding has told and that fit, by principal, sorted.
func (q *inquiry) untold(fits func(*analyze.Denial) bool) [][]int {
	by := map[string][]int{}
	for i := range q.f.Denials {
		if d := &q.f.Denials[i]; !q.told[i] && fits(d) {
			by[d.ARN] = append(by[d.ARN], i)
		}
	}
	out := make([][]int, 0, len(by))
	for _, arn := range slices.Sorted(maps.Keys(by)) {
		out = append(out, by[arn])
	}
	return out
}

// tell marks denials as told and gathers them, in time order, as evidence.
func (q *inquiry) tell(is []int) ([]analyze.Denial, Evidence) {
	ds := make([]analyze.Denial, 0, len(is))
	for _, i := range is {
		q.told[i] = true
		ds = append(ds, q.f.Denials[i])
	}
	slices.SortStableFunc(ds, func(a, b analyze.Denial) int { return a.First.Compare(b.First) })
	var e Evidence
	for i := range ds {
		e = withDenial(e, &ds[i])
	}
	return ds, e
}

// tally is a name with how often it came.
type tally struct {
	name string
	n    int64
}

// tallied counts denials by a name, the most frequent first.
func tallied(ds []analyze.Denial, name func(*analyze.Denial) string) []tally {
	by := map[string]int64{}
	for i := range ds {
		by[name(&ds[i])] += ds[i].Count
	}
	out := make([]tally, 0, len(by))
	for k, n := range by {
		out = append(out, tally{k, n})
	}
	slices.SortFunc(out, func(a, b tally) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name)) })
	return out
}

// withCounts writes tallies as "ec2:DescribeInstances (12)".
func withCounts(ts []tally, n int) string {
	var words []string
	for _, t := range ts {
		if t.n > 1 {
			words = append(words, t.name+" ("+grouped(t.n)+")")
		} else {
			words = append(words, t.name)
		}
	}
	return listed(words, n)
}

// mostDays is the largest number of days of one group.
func mostDays(ds []analyze.Denial) int {
	n := 0
	for i := range ds {
		n = max(n, ds[i].Days)
	}
	return n
}
