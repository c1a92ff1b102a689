package rules

import (
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleL02() Rule {
	return Rule{
		ID: "TT-L02", Title: "What the logs do not show", Severity: Info, Since: "0.1",
		Text:  "One line an account with what is missing in the loaded logs: days without any event, management events of one kind, data events. A quiet account has gaps too. Medium where management writes are missing on seven days or more, for then nothing can be judged.",
		Needs: []string{needsEvents}, Source: "CIS 4.1; AWS FSBP CloudTrail.1",
		ask: askCoverage,
	}
}

func askCoverage(q *inquiry) {
	for i := range q.f.Coverage {
		if c := &q.f.Coverage[i]; c.Events > 0 {
			if missing := missingIn(c); len(missing) > 0 {
				q.find(coverageFinding(c, missing))
			}
		}
	}
}

func missingIn(c *analyze.Coverage) []string {
	var out []string
	if !c.ManagementWrite {
		out = append(out, "no management events that write")
	}
	if !c.ManagementRead {
		out = append(out, "no management events that read")
	}
	if len(c.DataEvents) == 0 {
		out = append(out, "no data events (reading and writing objects, items, messages)")
	}
	if n := len(c.Gaps); n > 0 {
		g := c.Gaps[0]
		for _, h := range c.Gaps {
			if h.To.Sub(h.From) > g.To.Sub(g.From) {
				g = h
			}
		}
		out = append(out, fmt.Sprintf("%s, the longest from %s to %s", counted(n, "gap"), minuteOf(g.From), minuteOf(g.To)))
	}
	return out
}

func coverageFinding(c *analyze.Coverage, missing []string) Finding {
	f := Finding{
		Confidence: "certain", AccountID: c.AccountID, Principal: c.AccountID, Resource: "coverage",
		Title: fmt.Sprintf("The logs of account %s have %s", c.AccountID, strings.Join(missing, "; ")),
		Reason: fmt.Sprintf("%s on %s, %s, from %s (%s).", counted(c.Events, "event"), counted(c.Days, "day"), stretch(c.First, c.Last),
			counted(len(c.Regions), "region"), listed(c.Regions, 6)),
		Evidence: Evidence{Count: c.Events, First: moment(c.First), Last: moment(c.Last)},
		Fix:      Fix{Summary: "Check that the trail covers all regions and both kinds of management events; switch data events on where it matters who reads what (they cost by the event).", Clears: "complete logs within the window"},
	}
	if !c.ManagementWrite && c.Days >= 7 {
		f.Severity = Medium
	}
	return f
}
