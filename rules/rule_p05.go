package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
			if days := q.sharedDays(keys[k]); days >= 3 {
				q.find(q.sharedKeyFinding(p, k, keys[k], days))
			}
		}
	}
}

// sharedDays counts the days on which a key was used from two neighbourhoods
// with operating systems that have nothing in common.
func (q *inquiry) sharedDays(us []analyze.NetworkUse) int {
	by := map[time.Time]map[string]*crowd{} // day → operating systems → where they were
	for i := range us {
		u := &us[i]
		systems := systemsOf(u.Agents)
		name := strings.Join(systems, " ")
		if by[u.Day] == nil {
			by[u.Day] = map[string]*crowd{}
		}
		c := by[u.Day][name]
		if c == nil {
			c = &crowd{systems: systems}
			by[u.Day][name] = c
		}
		if org := q.nets.orgOf(u.Network); len(c.orgs) < 2 && !slices.Contains(c.orgs, org) {
			c.orgs = append(c.orgs, org)
		}
	}
	n := 0
	for _, day := range by {
		if twoHolders(day) {
			n++
		}
	}
	return n
}

// crowd is the users of one set of operating systems on a day, with the first
// two of their neighbourhoods.
type crowd struct{ systems, orgs []string }

func twoHolders(day map[string]*crowd) bool {
	for _, a := range day {
		for _, b := range day {
			if disjoint(a.systems, b.systems) && (len(a.orgs) > 1 || len(b.orgs) > 1 || a.orgs[0] != b.orgs[0]) {
				return true
			}
		}
	}
	return false
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
