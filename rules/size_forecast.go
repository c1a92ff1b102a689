package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// forecastDays is how far ahead first-time needs are estimated.
const forecastDays = 30

// forecast counts, for the principals of one account that get a proposal, the
// actions that each used on one day, on two, and so on.
type forecast struct {
	days       int // of the window
	principals int
	onDays     map[int]int
}

func (c *forecast) add(st *standing, uses []actionUse) {
	c.days = max(c.days, st.days)
	c.principals++
	for _, u := range uses {
		c.onDays[u.Days]++
	}
}

func (c *forecast) merge(o *forecast) {
	c.days = max(c.days, o.days)
	c.principals += o.principals
	for k, n := range o.onDays {
		c.onDays[k] += n
	}
}

// firstNeeds estimates how many actions that their principals never used
// before will be needed in the next days (Good and Toulmin, Biometrika 43,
// 1956): the alternating sum of t^k times the actions used on k days, t being
// the ratio of the spans. Windows shorter than the span ahead, where
// the sum swings, give no estimate.
func (c *forecast) firstNeeds() (n float64, ok bool) {
	if c.days < forecastDays {
		return 0, false
	}
	t := float64(forecastDays) / float64(c.days)
	for _, k := range slices.Sorted(maps.Keys(c.onDays)) {
		n -= math.Pow(-t, float64(k)) * float64(c.onDays[k])
	}
	return max(n, 0), true
}

// forecastNotes tell, account by account, what the proposals together will
// refuse first: per principal the estimate would be noise.
func forecastNotes(byAccount map[string]*forecast) []string {
	var out []string
	for _, account := range slices.Sorted(maps.Keys(byAccount)) {
		c := byAccount[account]
		if n, ok := c.firstNeeds(); ok && n >= .5 {
			out = append(out, fmt.Sprintf("account %s: in the next %d days, expect about %.0f first-time needs of an action among %d principals; no policy made from use can know these", account, forecastDays, n, c.principals))
		}
	}
	return out
}
