package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleA02() Rule {
	return Rule{
		ID: "TT-A02", Title: "One temporary key used from two networks", Severity: Medium, Since: "0.1",
		Text: "A temporary key (ASIA…) lives for hours and stays where it was issued. Two public networks of different owners that use the same key in turn, or within half an hour, are two places at once: a copied key, or a person whose traffic leaves by two ways. " +
			"High where the operating systems differ as well. Quiet for console sessions, for instance sessions (TT-A01), for an IPv4 and an IPv6 network, for pairs of networks that two other principals use as well (a split VPN), for two known networks, and for roles of AWS compute services whose software is the same in both places. " +
			"Owners come from MMDB files and AWS's list of its ranges (--mmdb, --aws-ranges); without them an owner is taken to be a /16.",
		Needs: []string{needsEvents}, Source: "Elastic detection rules and Splunk concurrent sessions, narrowed to networks",
		ask: askTemporaryKeys,
	}
}

const nearby = 30 * time.Minute

// maxPairs bounds how many later uses one is held against: a key that goes
// through thousands of networks in half an hour shows by the first ones.
const maxPairs = 50

func askTemporaryKeys(q *inquiry) {
	for i := range q.f.Principals {
		p := &q.f.Principals[i]
		keys := map[string][]analyze.NetworkUse{}
		for _, u := range p.Networks {
			if strings.HasPrefix(u.Credential, "ASIA") && !u.Instance && netClassOf(u.Network) == direct && !slices.Contains(u.Agents, "console") {
				keys[u.Credential] = append(keys[u.Credential], u)
			}
		}
		var worst *Finding
		twice := 0
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			if f := q.askTemporaryKey(p, k, byTime(keys[k])); f != nil {
				if twice++; worst == nil || weight(f.Severity) < weight(worst.Severity) {
					worst = f
				}
			}
		}
		if worst != nil {
			if twice > 1 {
				worst.Reason += fmt.Sprintf(" %s of this principal did the same.", counted(twice-1, "more key"))
			}
			q.find(*worst)
		}
	}
}

func (q *inquiry) askTemporaryKey(p *analyze.Principal, key string, us []analyze.NetworkUse) *Finding {
	for i := range us {
		for j := i + 1; j < min(len(us), i+1+maxPairs); j++ {
			a, b := us[i], us[j]
			if b.First.Sub(a.Last) > nearby {
				break // sorted by First: those that follow are later still
			}
			if a.Network == b.Network || q.nets.orgOf(a.Network) == q.nets.orgOf(b.Network) || dualStack(a.Network, b.Network) || q.sharedPair(a.Network, b.Network, whose(p, &a)) ||
				q.nets.known(a, b) != "" {
				continue
			}
			differ := disjoint(systemsOf(a.Agents), systemsOf(b.Agents))
			if !differ && computeRole(p) && !disjoint(a.Agents, b.Agents) {
				continue
			}
			return q.twoPlaces(p, key, a, b, differ)
		}
	}
	return nil
}

func dualStack(a, b string) bool { return strings.Contains(a, ".") != strings.Contains(b, ".") }

// sharedPair tells of two networks that two other actors use as well.
func (q *inquiry) sharedPair(a, b, actor string) bool {
	n := 0
	for other := range q.nets.byNet[a] {
		if other != actor && q.nets.byNet[b][other] {
			n++
		}
	}
	return n >= 2
}

// computeRole tells of a role of services whose sandboxes share a key and
// leave AWS by many addresses.
func computeRole(p *analyze.Principal) bool {
	return slices.ContainsFunc(p.AssumedBy, func(s string) bool {
		return slices.Contains([]string{"lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "codebuild.amazonaws.com", "glue.amazonaws.com", "batch.amazonaws.com", "sagemaker.amazonaws.com"}, s)
	})
}

func (q *inquiry) twoPlaces(p *analyze.Principal, key string, a, b analyze.NetworkUse, differ bool) *Finding {
	e := usesEvidence([]analyze.NetworkUse{a, b})
	when, how := "within "+lasted(b.First.Sub(a.Last)), fmt.Sprintf("%s apart", lasted(b.First.Sub(a.Last)))
	if !b.First.After(a.Last) {
		when, how = "at the same time", "in turn, while the other went on"
	}
	f := &Finding{
		Severity: Medium, Confidence: "medium", AccountID: p.AccountID, Principal: p.ARN, Credential: key,
		Title: fmt.Sprintf("%s: one temporary key was used from %s and %s %s", who(p.ARN), listed(a.Addresses, 1), listed(b.Addresses, 1), when),
		Reason: fmt.Sprintf("%s from %s (%s) and %s from %s (%s), %s.", counted(a.Count, "call"), a.Network+q.nets.told(a.Network), listed(a.Agents, 2),
			counted(b.Count, "call"), b.Network+q.nets.told(b.Network), listed(b.Agents, 2), how),
		Evidence: e,
		Fix: Fix{Summary: "Ask the owner whether both places are theirs. If not: revoke the sessions issued so far and read what the key did.",
			Commands: commands(revokeOf(p, q.f.AsOf)), Clears: "no further key of the principal in two networks at once within the window"},
	}
	if differ {
		f.Severity, f.Confidence = High, "high"
		f.Reason += " The operating systems differ."
	}
	return f
}

func revokeOf(p *analyze.Principal, asOf time.Time) string {
	if p.Kind != analyze.KindRole {
		return ""
	}
	return revokeSessions(p.ARN, asOf)
}
