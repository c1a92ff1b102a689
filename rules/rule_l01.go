package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleL01() Rule {
	return Rule{
		ID: "TT-L01", Title: "Logging stopped or narrowed", Severity: High, Since: "0.1",
		Text:  "Somebody stopped a trail, deleted it, or changed what it records. High for stopping and deleting, low where it was started again; medium for changed selectors and trails, high where management events were taken out, and nothing where the same hands made or started the trail within the hour before. One finding a trail, with everything that was done to it.",
		Needs: []string{needsEvents}, Source: "CIS 4.5; MITRE ATT&CK T1562.008",
		ask: askLogging,
	}
}

// silencing are the calls that take logging away, by how grave they are.
var silencing = map[string]Severity{
	"StopLogging":                        High,
	"DeleteTrail":                        High,
	"DeleteEventDataStore":               High,
	"StopEventDataStoreIngestion":        High,
	"DeleteDetector":                     High,
	"StopConfigurationRecorder":          High,
	"DeleteConfigurationRecorder":        High,
	"DeleteFlowLogs":                     Medium,
	"DeleteResolverQueryLogConfig":       Medium,
	"DisassociateResolverQueryLogConfig": Medium,
	"PutEventSelectors":                  Medium,
	"UpdateTrail":                        Medium,
}

func askLogging(q *inquiry) {
	by := map[string][]analyze.Change{}
	var order []string
	for _, c := range q.f.Changes {
		if _, ok := silencing[c.EventName]; !ok && c.EventName != "StartLogging" && c.EventName != "CreateTrail" {
			continue
		}
		key := c.AccountID + " " + c.EventSource + " " + nameOf(c.Target)
		if by[key] == nil {
			order = append(order, key)
		}
		by[key] = append(by[key], c)
	}
	for _, key := range order {
		if f, ok := silenced(by[key]); ok {
			q.find(f)
		}
	}
}

// silenced tells what was done to one trail; ok is false where it was only started.
func silenced(cs []analyze.Change) (Finding, bool) {
	severity, main, back := Info, cs[0], false
	var e Evidence
	for i := range cs {
		c := &cs[i]
		e.Count++
		e.Events = append(e.Events, c.EventID)
		e.Actions = union(e.Actions, []string{strings.TrimSuffix(c.EventSource, ".amazonaws.com") + ":" + c.EventName})
		if c.Address != "" {
			e.Addresses = union(e.Addresses, []string{c.Address})
		}
		e.Timeline = append(e.Timeline, Moment{At: c.At, What: c.EventName + " by " + who(c.ARN), Events: []string{c.EventID}})
		s, ok := silencing[c.EventName]
		switch {
		case ok && c.EventName == "PutEventSelectors" && narrows(c.Detail):
			s = High
		case ok && s == Medium && settingUp(cs, c):
			s = Info
		}
		if ok && s != Info && weight(s) <= weight(severity) {
			severity, main = s, *c
		}
		back = c.EventName == "StartLogging" && main.EventName == "StopLogging"
	}
	if severity == Info {
		return Finding{}, false
	}
	e.First, e.Last = instant(cs[0].At), instant(cs[len(cs)-1].At)
	return silencedFinding(&main, severity, back, e), true
}

// settingUp tells that the same hands made the trail or started it within the
// hour before: then a changed selector or trail is part of setting it up.
func settingUp(cs []analyze.Change, c *analyze.Change) bool {
	return slices.ContainsFunc(cs, func(o analyze.Change) bool {
		return (o.EventName == "CreateTrail" || o.EventName == "StartLogging") && o.ARN == c.ARN && !o.At.After(c.At.Add(time.Minute)) && c.At.Sub(o.At) <= soon
	})
}

// narrows tells of event selectors that leave management events, or a part of
// them, out; of advanced ones, that none names them.
func narrows(detail string) bool {
	flat := strings.ToLower(strings.Join(strings.Fields(detail), ""))
	switch {
	case strings.Contains(flat, `"includemanagementevents":false`):
		return true
	case strings.Contains(flat, `"readwritetype":"readonly"`), strings.Contains(flat, `"readwritetype":"writeonly"`):
		return true
	}
	return strings.Contains(flat, `"fieldselectors"`) && !strings.Contains(flat, `"management"`)
}

func silencedFinding(c *analyze.Change, severity Severity, back bool, e Evidence) Finding {
	f := Finding{
		Severity: severity, Confidence: "certain", AccountID: c.AccountID, Principal: c.ARN, Resource: c.Target, Evidence: e,
		Title:  fmt.Sprintf("%s called %s on %s, %s", who(c.ARN), c.EventName, orThing(c.Target), minuteOf(c.At)),
		Reason: fmt.Sprintf("From %s. What happens from then on may be missing in the logs, and in every judgement here.", orUnknown(c.Address)),
		Fix:    Fix{Summary: "Ask who ordered it. If nobody did: start logging again, and read what the principal did just before.", Commands: commands(restore(c)), Clears: "the trail recording again"},
	}
	if back {
		f.Severity = Low
		f.Reason += " It was started again."
		f.Fix.Commands = nil
	}
	return f
}

func restore(c *analyze.Change) string {
	switch {
	case c.Target == "":
		return ""
	case c.EventName == "StopLogging":
		return aws("cloudtrail", "start-logging", "--name", c.Target)
	case c.EventName == "PutEventSelectors":
		return aws("cloudtrail", "get-event-selectors", "--trail-name", c.Target)
	case c.EventName == "UpdateTrail":
		return aws("cloudtrail", "get-trail", "--name", c.Target)
	}
	return ""
}
