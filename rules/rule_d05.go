package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD05() Rule {
	return Rule{
		ID: "TT-D05", Title: "Reconnaissance by denied calls", Severity: Medium, Since: "0.1",
		Text: "Whoever holds a stolen credential tries what it can do. Four different actions of three services or more denied within ten minutes, or ten actions of two services within an hour, by a program. " +
			"High where the network is used by nobody else in the account and by this principal on one day only, or from ten actions of five services. Quiet for the console, whose pages ask for much at once, for AWS services, and for a pattern that comes back on three days or more, as a scanner's does.",
		Needs: []string{needsEvents}, Source: "Panther, Splunk, Chronicle and Elastic rules, with thresholds that a real intrusion of 2021 passes",
		turn: 30, ask: askRecon,
	}
}

func askRecon(q *inquiry) {
	fits := func(d *analyze.Denial) bool {
		return d.Tier == analyze.TierCaller && !d.Console && d.InvokedBy == "" && d.Days < 3 && d.Kind != analyze.KindService
	}
	for _, is := range q.untold(fits) {
		burst := q.burst(is, 10*time.Minute, 4, 3)
		if burst == nil {
			burst = q.burst(is, time.Hour, 10, 2)
		}
		if burst != nil {
			ds, e := q.tell(burst)
			q.find(q.recon(ds, e))
			q.incident()
		}
	}
}

// burst finds the denials of the first span in which enough different
// actions of enough services were denied.
func (q *inquiry) burst(is []int, span time.Duration, actions, services int) []int {
	is = slices.Clone(is)
	slices.SortStableFunc(is, func(a, b int) int { return q.f.Denials[a].First.Compare(q.f.Denials[b].First) })
	for start := range is {
		var in []int
		as, ss := map[string]bool{}, map[string]bool{}
		for _, i := range is[start:] {
			d := &q.f.Denials[i]
			if d.First.Sub(q.f.Denials[is[start]].First) > span {
				break
			}
			in = append(in, i)
			as[deniedWhat(d)], ss[prefixOf(deniedWhat(d))] = true, true
		}
		if len(as) >= actions && len(ss) >= services {
			return in
		}
	}
	return nil
}

func (q *inquiry) recon(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	services := map[string]bool{}
	for _, a := range e.Actions {
		services[prefixOf(a)] = true
	}
	f := Finding{
		Severity: Medium, Confidence: "medium", AccountID: d.AccountID, Principal: d.ARN, Evidence: e,
		Title: fmt.Sprintf("%s tried %s of %s that it may not use, within %s", who(d.ARN), counted(len(e.Actions), "action"), counted(len(services), "service"),
			lasted(ds[len(ds)-1].First.Sub(*e.First))),
		Reason: fmt.Sprintf("Denied from %s: %s. Programs with a task know their actions; who tries many is looking around.", listed(e.Addresses, 3), withCounts(tallied(ds, deniedWhat), 8)),
		Fix: Fix{Summary: "Ask the owner whether this was them (a new tool, a scan). If not: take the credential away and read what was allowed.",
			Commands: commands(q.deactivate(d.ARN)...), Clears: "no such burst within the window"},
	}
	if len(e.Actions) >= 10 && len(services) >= 5 {
		f.Severity = High
	}
	if strange := q.strangeNetwork(d.ARN, e.Addresses); strange != "" {
		f.Severity, f.Confidence = High, "high"
		f.Reason += " " + strange
	}
	return f
}

// strangeNetwork tells of a network that the principal used for less than a
// day of three or more, and nobody else used.
func (q *inquiry) strangeNetwork(arn string, addresses []string) string {
	p := q.principal(arn)
	if p == nil || p.Days < 3 {
		return ""
	}
	for _, u := range p.Networks {
		if disjoint(u.Addresses, addresses) || len(u.Addresses) == 0 || q.nets.others(u.Network, whose(p, &u)) > 0 || q.nets.known(u) != "" || daysThere(p, u.Network) > 1 {
			continue
		}
		return fmt.Sprintf("Nobody else uses %s, and the principal did on one day only.", u.Network)
	}
	return ""
}

// deactivate are the commands that switch off the long-term keys a user was seen with.
func (q *inquiry) deactivate(arn string) []string {
	p := q.principal(arn)
	if p == nil {
		return nil
	}
	if p.Kind == analyze.KindRole {
		return []string{revokeSessions(arn, q.f.AsOf)}
	}
	var lines []string
	for _, k := range p.Credentials {
		if k.Kind == analyze.LongTermKey && p.Kind == analyze.KindUser {
			lines = append(lines, deactivateKey(arn, k.ID))
		}
	}
	return lines
}

func daysThere(p *analyze.Principal, network string) int {
	days := map[time.Time]bool{}
	for i := range p.Networks {
		if p.Networks[i].Network == network {
			days[p.Networks[i].Day] = true
		}
	}
	return len(days)
}
