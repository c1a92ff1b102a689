package rules

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// The words of Proposal.Confidence.
const (
	Ready    = "ready"
	Review   = "review"
	TooEarly = "too early"
)

const (
	readyDays     = 90  // of logs, for ready
	earlyDays     = 14  // of logs, below which it is too early
	earlyUse      = 3   // days with use, below which it is too early
	readyCoverage = .99 // of use, by Chao and Jost
	quietDays     = 30  // without a new action, for ready
	settleDays    = 14  // without a change of the principal's policies, for ready
)

// standing is what is known of a principal's history before any policy is made.
type standing struct {
	window  analyze.Window // that the logs really cover
	days    int            // of logs in it
	useDays int
	cover   float64   // estimated share of use whose actions were seen
	newest  time.Time // first use of the action that was last to appear
}

// standingOf measures a principal's use. A window begins when the account's
// logs do, or when the principal was made; gaps do not count.
func standingOf(f *analyze.Facts, c *analyze.Coverage, created time.Time) standing {
	s := standing{window: f.Window}
	if c == nil {
		return standing{window: analyze.Window{From: f.Window.To, To: f.Window.To}}
	}
	from, to := latest(f.Window.From, c.First), f.Window.To
	from = latest(from, created)
	if end := dayOf(c.Last).AddDate(0, 0, 1); end.Before(to) {
		to = end
	}
	if to.Before(from) {
		to = from
	}
	s.window = analyze.Window{From: from, To: to}
	s.days = int(math.Ceil(to.Sub(dayOf(from)).Hours() / 24))
	if to.Equal(from) {
		s.days = 0
	}
	if most := f.Window.Days(); s.days > most {
		s.days = most
	}
	for _, gap := range c.Gaps {
		from, to := latest(gap.From, from), gap.To
		if to.After(s.window.To) {
			to = s.window.To
		}
		if to.After(from) {
			s.days -= int(to.Sub(from).Hours() / 24)
		}
	}
	s.days = max(s.days, 0)
	return s
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// measure adds what the used actions tell.
func (s *standing) measure(uses []actionUse) {
	days := map[time.Time]bool{}
	var once, twice, total float64
	for _, u := range uses {
		switch u.Days {
		case 1:
			once++
		case 2:
			twice++
		}
		total += float64(u.Days)
		s.newest = latest(s.newest, u.First)
		for _, r := range u.Rows {
			for _, d := range r.Days {
				days[d] = true
			}
		}
	}
	s.useDays, s.cover = len(days), sampleCoverage(once, twice, total)
}

// sampleCoverage estimates which share of use belongs to actions that were
// seen, from the numbers of actions seen on one day and on two, and of
// action-days (Chao and Jost, Ecology 93, 2012, equation 4a).
func sampleCoverage(once, twice, total float64) float64 {
	switch {
	case total == 0:
		return 0
	case once == 0:
		return 1
	case total == 1 || twice == 0 && once == 1:
		return 1 - once/total
	}
	return 1 - once/total*((total-1)*once/((total-1)*once+2*twice))
}

// tooEarly is why nothing can be proposed yet; empty where something can.
func (s *standing) tooEarly(asOf time.Time) string {
	if s.days >= earlyDays && s.useDays >= earlyUse {
		return ""
	}
	if s.window.From.Equal(s.window.To) {
		return "no logs of its account were loaded: nothing can be said of its use"
	}
	if s.days >= readyDays && s.useDays == 0 {
		return fmt.Sprintf("no use in %s of logs: whether it is still needed comes before what it needs. Ask again when it is used, or remove it", plainDays(s.days))
	}
	text := fmt.Sprintf("%s of logs, used on %s; %s. Ask again after %s, or load last-accessed data, which reaches back 400 days",
		logDays(s.days), plainDays(s.useDays), s.missed(), s.askAgain(asOf).Format(time.DateOnly))
	return text
}

// missed says how likely the window misses a quarterly job: one of period T
// is unseen in W days with probability 1 - W/T.
func (s *standing) missed() string {
	const quarter = 91
	share := max(0, 1-float64(s.days)/quarter)
	if share < .05 {
		return fmt.Sprintf("use on fewer than %d days shows no pattern", earlyUse)
	}
	return fmt.Sprintf("a quarterly job would be missed %.0f %% of the time", 100*share)
}

// askAgain is when there will be ninety days of logs, and a month more of use.
func (s *standing) askAgain(asOf time.Time) time.Time {
	return asOf.AddDate(0, 0, max(readyDays-s.days, quietDays))
}

// doubts are why a proposal that can be made is not ready.
func (s *standing) doubts(asOf time.Time) []string {
	var out []string
	if s.days < readyDays {
		out = append(out, fmt.Sprintf("%s of logs, fewer than %d: %s", logDays(s.days), readyDays, s.missed()))
	}
	if s.cover < readyCoverage {
		out = append(out, fmt.Sprintf("the actions seen are an estimated %.1f %% of its use: some are still to come", 100*s.cover))
	}
	if age := asOf.Sub(s.newest); age < quietDays*24*time.Hour {
		out = append(out, fmt.Sprintf("an action was used for the first time %s ago; others may follow", plainDays(int(age.Hours()/24))))
	}
	return out
}

func logDays(n int) string {
	if n == 0 {
		return "less than a day"
	}
	return plainDays(n)
}

func plainDays(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// lastChange is the newest change of what the principal may do, within the
// days that a permission needs to show its use; nil where there is none.
func lastChange(f *analyze.Facts, arn string, docs []heldDoc) *analyze.Change {
	concerned := map[string]bool{arn: true}
	for _, d := range docs {
		if d.managed {
			concerned[d.ref.Source] = true
		}
	}
	for i := len(f.Changes) - 1; i >= 0; i-- {
		c := &f.Changes[i]
		if f.AsOf.Sub(c.At) > settleDays*24*time.Hour {
			return nil
		}
		if concerned[c.Target] && strings.HasPrefix(c.EventSource, "iam.") && strings.Contains(c.EventName, "Policy") {
			return c
		}
	}
	return nil
}

// createdAt is when the holder was made; zero where that is not known.
func createdAt(h *iam.Holder) time.Time {
	switch {
	case h == nil:
		return time.Time{}
	case h.User != nil:
		return h.User.Created
	}
	return h.Role.Created
}
