package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// incident makes the newest finding the place where everything is told that
// its principal did at its addresses: one story, not one finding a rule.
func (q *inquiry) incident() {
	i := len(q.out) - 1
	q.incidents = append(q.incidents, i)
	f := &q.out[i]
	var is []int
	for j := range q.f.Denials {
		d := &q.f.Denials[j]
		if !q.told[j] && d.ARN == f.Principal && within(d.Addresses, f.Evidence.Addresses) && around(f.Evidence, d) {
			is = append(is, j)
		}
	}
	if len(is) == 0 {
		return
	}
	ds, e := q.tell(is)
	f.Reason += fmt.Sprintf(" Denied there: %s.", withCounts(tallied(ds, deniedWhat), 6))
	f.Evidence.Actions = union(f.Evidence.Actions, e.Actions)
}

// around tells that the denials began within a day of the evidence.
func around(e Evidence, d *analyze.Denial) bool {
	const day = 24 * time.Hour
	return e.First != nil && e.Last != nil && d.First.Sub(*e.Last) <= day && e.First.Sub(d.First) <= day
}

// partOf adds a sentence to the incident of a principal at these addresses;
// nil where there is none.
func (q *inquiry) partOf(arn string, addresses []string, sentence string) *Finding {
	for _, i := range q.incidents {
		if f := &q.out[i]; f.Principal == arn && within(addresses, f.Evidence.Addresses) {
			f.Reason += " " + sentence
			return f
		}
	}
	return nil
}

// within tells that a holds something and nothing that b does not hold.
func within(a, b []string) bool {
	return len(a) > 0 && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}

// denialsOf are the denials of a principal.
func (q *inquiry) denialsOf(arn string) []analyze.Denial {
	var out []analyze.Denial
	for _, d := range q.f.Denials {
		if d.ARN == arn {
			out = append(out, d)
		}
	}
	return out
}
