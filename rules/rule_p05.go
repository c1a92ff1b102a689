package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleP05() Rule {
	return Rule{
		ID: "TT-P05", Title: "Shared access key", Severity: Medium, Since: "0.1",
		Text:  "One long-term key used on three days or more from two networks of different owners in turn, with different operating systems: several people, or a person and a machine, hold it. Then nobody knows who did what, and nobody can rotate it. High where the user may do anything.",
		Needs: []string{needsEvents}, Source: "AWS IAM best practices of 2018, Do not share access keys",
		ask: askSharedKeys,
	}
}

func askSharedKeys(q *inquiry) {
	for i := range q.f.Principals {
		p := &q.f.Principals[i]
		keys := map[string][]analyze.NetworkUse{}
		for _, u := range p.Networks {
			if strings.HasPrefix(u.Credential, "AKIA") {
				keys[u.Credential] = append(keys[u.Credential], u)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			if days := sharedDays(keys[k]); days >= 3 {
				q.find(q.sharedKeyFinding(p, k, keys[k], days))
			}
		}
	}
}

// sharedDays counts the days on which a key was used from two neighbourhoods
// with operating systems that have nothing in common.
func sharedDays(us []analyze.NetworkUse) int {
	by := map[string][]analyze.NetworkUse{}
	for _, u := range us {
		by[dateOf(u.Day)] = append(by[dateOf(u.Day)], u)
	}
	n := 0
	for _, day := range by {
		if slices.ContainsFunc(day, func(a analyze.NetworkUse) bool {
			return slices.ContainsFunc(day, func(b analyze.NetworkUse) bool {
				return orgOf(a.Network) != orgOf(b.Network) && disjoint(systemsOf(a.Agents), systemsOf(b.Agents))
			})
		}) {
			n++
		}
	}
	return n
}

func (q *inquiry) sharedKeyFinding(p *analyze.Principal, key string, us []analyze.NetworkUse, days int) Finding {
	e := usesEvidence(us)
	f := Finding{
		Confidence: "medium", AccountID: p.AccountID, Principal: p.ARN, Credential: key, Evidence: e,
		Title: fmt.Sprintf("%s: one access key is used from several places at once, on %s", who(p.ARN), counted(days, "day")),
		Reason: fmt.Sprintf("%s from %s with %s; on these days the operating systems differed from network to network.", counted(e.Count, "call"),
			counted(len(networksIn(us)), "network"), listed(agentsOf(us), 5)),
		Fix: Fix{Summary: "Give each person a role to assume and each program its own; then deactivate this key.",
			Commands: commands(deactivateKey(p.ARN, key)), Clears: "one holder a key within the window"},
	}
	if q.mayDoAnything(p.ARN) {
		f.Severity = High
	}
	return f
}
