package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// CauseCount is how many calls were refused by one cause.
type CauseCount struct {
	// Cause is in words: "no policy allows it", "service control policy".
	Cause string `json:"cause"`
	Count int64  `json:"count"`
}

// bucket is the index in Daily of a day, -1 outside of it.
func (s *PrincipalSummary) bucket(day time.Time) int {
	if day.Before(s.From) || s.BucketDays == 0 {
		return -1
	}
	if i := int(day.Sub(s.From).Hours()/24) / s.BucketDays; i < len(s.Daily) {
		return i
	}
	return -1
}

// hours tells between which hours calls came, for each of n buckets of days.
func hours(uses []analyze.NetworkUse, n int, bucket func(time.Time) int) (first, last []int) {
	first, last = make([]int, n), make([]int, n)
	for i := range n {
		first[i], last[i] = -1, -1
	}
	for _, u := range uses {
		i := bucket(u.Day)
		if i < 0 {
			continue
		}
		from, to := u.First.UTC().Hour(), u.Last.UTC().Hour()
		if first[i] < 0 || from < first[i] {
			first[i] = from
		}
		last[i] = max(last[i], to)
	}
	return first, last
}

// causes counts refused calls by what refused them.
func causes(in []analyze.Denial) []CauseCount {
	by := map[string]int64{}
	for i := range in {
		by[cause(&in[i])] += in[i].Count
	}
	return causesOf(by)
}

// causesOf are the most frequent causes, then by name; the rest are "other".
func causesOf(by map[string]int64) []CauseCount {
	out := make([]CauseCount, 0, len(by))
	for c, n := range by {
		out = append(out, CauseCount{c, n})
	}
	slices.SortFunc(out, func(a, b CauseCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	if len(out) <= maxCauses {
		return out
	}
	rest := CauseCount{Cause: "other"}
	for _, c := range out[maxCauses-1:] {
		rest.Count += c.Count
	}
	return append(head(out, maxCauses-1), rest)
}

// cause says in words what refused a call.
func cause(d *analyze.Denial) string {
	switch d.Tier {
	case analyze.TierDependency:
		return "something it depends on"
	case analyze.TierAuthentication:
		return "credential not accepted"
	case analyze.TierState:
		return "region or service not enabled"
	}
	switch d.Layer {
	case "identity":
		if d.Effect == "explicit" {
			return "deny in its own policy"
		}
		return "no policy allows it"
	case "scp":
		return "service control policy"
	case "rcp":
		return "resource control policy"
	case "boundary":
		return "permissions boundary"
	case "":
		return "AWS does not tell"
	}
	return d.Layer + " policy"
}
