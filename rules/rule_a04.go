package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleA04() Rule {
	return Rule{
		ID: "TT-A04", Title: "Security-testing tools at work", Severity: High, Since: "0.1",
		Text: "Some tools write their name into the user agent: attack frameworks (Pacu, Stratus Red Team, enumerate-iam, TruffleHog, Kali Linux) and scanners (Prowler, Scout Suite, CloudSploit). One finding an account and tool. " +
			"High for attack tools, low for scanners, info for a scanner that runs on three days or more. A planned test looks the same: say so and let it pass. A careful attacker changes the name, so silence proves nothing.",
		Needs: []string{needsEvents}, Source: "Elastic detection rules; the tools' own sources",
		turn: 45, ask: askTools,
	}
}

// tool is a name in user-agent families; attack tells it from scanners.
type tool struct {
	mark, name string
	attack     bool
}

var tools = []tool{
	{"stratus-red-team", "Stratus Red Team", true},
	{"pacu", "Pacu", true},
	{"enumerate-iam", "enumerate-iam", true},
	{"trufflehog", "TruffleHog", true},
	{"cloudfox", "CloudFox", true},
	{"kali", "Kali Linux", true},
	{"prowler", "Prowler", false},
	{"scout", "Scout Suite", false},
	{"cloudsploit", "CloudSploit", false},
}

// toolUse is what one account saw of one tool.
type toolUse struct {
	account string
	tool    tool
	by      map[string]int64 // ARN → calls
	uses    []analyze.NetworkUse
	days    map[string]bool
}

func askTools(q *inquiry) {
	found := map[string]*toolUse{}
	for i := range q.f.Principals {
		for _, u := range q.f.Principals[i].Networks {
			for _, t := range toolsIn(u.Agents) {
				p := &q.f.Principals[i]
				key := p.AccountID + " " + t.name
				if found[key] == nil {
					found[key] = &toolUse{p.AccountID, t, map[string]int64{}, nil, map[string]bool{}}
				}
				x := found[key]
				x.by[p.ARN] += u.Count
				x.uses, x.days[dateOf(u.Day)] = append(x.uses, u), true
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		x := found[k]
		f := x.finding()
		story := q.partOf(f.Principal, f.Evidence.Addresses, "The calls there were made with "+x.tool.name+" (TT-A04).")
		switch {
		case story == nil:
			q.find(f)
		case x.tool.attack:
			story.Severity = Critical // two independent signs
		}
		if story != nil && len(x.by) > 1 {
			q.find(f)
		}
	}
}

func toolsIn(agents []string) []tool {
	var out []tool
	for _, t := range tools {
		if slices.ContainsFunc(agents, func(a string) bool { return strings.Contains(strings.ToLower(a), t.mark) }) {
			out = append(out, t)
		}
	}
	return out
}

func (x *toolUse) finding() Finding {
	arns := slices.SortedFunc(maps.Keys(x.by), func(a, b string) int {
		return cmp.Or(cmp.Compare(x.by[b], x.by[a]), cmp.Compare(a, b))
	})
	e := usesEvidence(x.uses)
	f := Finding{
		Severity: High, Confidence: "high", AccountID: x.account, Principal: arns[0], Resource: x.tool.name,
		Title:    fmt.Sprintf("%s used %s, a tool of attackers and testers%s", who(arns[0]), x.tool.name, alsoBy(len(arns)-1)),
		Reason:   fmt.Sprintf("%s on %s, %s, by %s, on the networks and days with this user agent.", counted(e.Count, "call"), counted(len(x.days), "day"), stretch(*e.First, *e.Last), listed(shortNames(arns), 6)),
		Evidence: e,
		Fix: Fix{Summary: "Ask who ordered the test. If nobody did, take the credential away and treat every call of these principals in the window as hostile.",
			Commands: commands(x.stop(arns[0])), Clears: "no use of the tool within the window"},
	}
	if !x.tool.attack {
		f.Severity = Low
		f.Title = fmt.Sprintf("%s ran the scanner %s%s", who(arns[0]), x.tool.name, alsoBy(len(arns)-1))
		f.Fix.Summary, f.Fix.Commands = "Check that the scan is yours.", nil
		if len(x.days) >= 3 {
			f.Severity = Info
		}
	}
	return f
}

func alsoBy(n int) string {
	if n == 0 {
		return ""
	}
	return ", as did " + counted(n, "other principal")
}

func shortNames(arns []string) []string {
	out := make([]string, len(arns))
	for i, a := range arns {
		out[i] = who(a)
	}
	return out
}

// stop switches off the long-term key that was used, where one was.
func (x *toolUse) stop(arn string) string {
	if !strings.Contains(arn, ":user/") {
		return ""
	}
	for _, u := range x.uses {
		if strings.HasPrefix(u.Credential, "AKIA") {
			return deactivateKey(arn, u.Credential)
		}
	}
	return ""
}

func deactivateKey(arn, key string) string {
	return aws("iam", "update-access-key", "--user-name", nameOf(arn), "--access-key-id", key, "--status", "Inactive")
}
