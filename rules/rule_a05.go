package rules

import (
	"fmt"
	"slices"
	"strings"
)

func ruleA05() Rule {
	return Rule{
		ID: "TT-A05", Title: "AWS has quarantined a key", Severity: Critical, Since: "0.1",
		Text:  "AWS attaches a policy named AWSCompromisedKeyQuarantine to a user whose access key it found in public. It stops the worst and nothing else: the key is in other hands. Told where the policy is attached in the loaded state, was attached within the window, or is named by a denial.",
		Needs: []string{needsEvents + " or " + needsDetails}, Source: "AWS managed policy AWSCompromisedKeyQuarantineV3",
		ask: askQuarantine,
	}
}

const quarantine = "AWSCompromisedKeyQuarantine"

func askQuarantine(q *inquiry) {
	seen := map[string]Evidence{}
	for arn, h := range q.holders {
		if h.User != nil && slices.ContainsFunc(h.User.Attached, func(p string) bool { return strings.Contains(p, quarantine) }) {
			seen[arn] = Evidence{Count: 1, State: "users/" + h.Name}
		}
	}
	for _, c := range q.f.Changes {
		if strings.Contains(c.Detail, quarantine) && strings.HasPrefix(c.EventName, "Attach") && strings.Contains(c.Target, ":user/") {
			e := seen[c.Target]
			e.Count++
			e.First, e.Last, e.Events = moment(c.At), moment(c.At), append(e.Events, c.EventID)
			seen[c.Target] = e
		}
	}
	for i, d := range q.f.Denials {
		if strings.Contains(d.PolicyARN, quarantine) || strings.Contains(d.Message, quarantine) {
			q.told[i] = true
			e := seen[d.ARN]
			e = withDenial(e, &d)
			seen[d.ARN] = e
		}
	}
	for arn, e := range seen {
		q.find(quarantined(arn, e))
	}
}

func quarantined(arn string, e Evidence) Finding {
	name := nameOf(arn)
	return Finding{
		Confidence: "certain", AccountID: arnAccount(arn), Principal: arn,
		Title:    fmt.Sprintf("%s: AWS found its access key in public and quarantined it", who(arn)),
		Reason:   "The policy " + quarantine + " is attached or named in a denial. It blocks some calls; the key still works for the rest.",
		Evidence: e,
		Fix: Fix{Summary: "Deactivate every key of the user, read what they did, give the owner new ones by a role, then delete the keys and take the quarantine policy off.",
			Commands: commands(aws("iam", "list-access-keys", "--user-name", name)), Clears: "the keys inactive and the quarantine policy detached"},
	}
}
