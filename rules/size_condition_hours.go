package rules

import (
	"fmt"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// hours tells when a principal never works. IAM has no window that comes
// again, so that this is for detection, or for a policy that a schedule attaches.
func (l *learner) hours() *Condition {
	var busy [24]bool
	days := map[time.Time]bool{}
	var calls int64
	weekend := false
	for i := range l.rows {
		r := &l.rows[i]
		for _, d := range r.Days {
			days[d] = true
			weekend = weekend || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		}
	}
	for i := range l.s.usage {
		u := &l.s.usage[i]
		if u.Outcome == analyze.OutcomeDenied || !l.z.f.Window.Contains(u.First) {
			continue
		}
		calls += u.Count
		for h := u.First.UTC().Hour(); h <= u.Last.UTC().Hour(); h++ {
			busy[h] = true
		}
	}
	from, n := longestQuiet(busy)
	if len(days) < networkDays || n < 6 {
		return nil
	}
	why := fmt.Sprintf("never used from %02d:00 to %02d:00 UTC", from, (from+n)%24)
	if !weekend {
		why += ", nor on Saturdays and Sundays"
	}
	return &Condition{Kind: "hours", Status: suggested, Calls: calls, Days: len(days),
		Why: why + ": have use in these hours reported, or its policies attached by a schedule; IAM has no condition on the time of day"}
}

// longestQuiet is the longest run of hours, past midnight too, without use.
func longestQuiet(busy [24]bool) (from, n int) {
	for start := range 24 {
		k := 0
		for k < 24 && !busy[(start+k)%24] {
			k++
		}
		if k > n && k < 24 {
			from, n = start, k
		}
	}
	return from, n
}
