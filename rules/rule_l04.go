package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleL04() Rule {
	return Rule{
		ID: "TT-L04", Title: "Trail is off, unsigned or unencrypted", Severity: Medium, Since: "0.1",
		Text:  "A trail that is off while another records; whose files carry no digests, so that nobody can tell whether one was changed or taken away; or whose files are not encrypted with a KMS key, so that whoever reads the bucket reads them. One finding a trail, the organisation's under the account that holds it. Where every trail is off, TT-L03 says so.",
		Needs: []string{needsTrails}, Source: "CIS 3.2, 3.5; AWS FSBP CloudTrail.2, CloudTrail.4",
		ask: askTrailCare,
	}
}

func askTrailCare(q *inquiry) {
	for _, account := range q.accounts {
		s := q.states[account]
		if !s.HasTrails {
			q.lack(account, "signing and encryption of trails", needsTrails)
			continue
		}
		for i := range s.Trails {
			t := &s.Trails[i]
			if owner := q.states[arnAccount(t.ARN)]; owner != nil && owner != s && owner.HasTrails {
				continue // told there
			}
			if trailShort(t) != "" {
				q.find(trailCareFinding(arnAccount(t.ARN), t))
			}
		}
	}
}

func trailCareFinding(account string, t *iam.Trail) Finding {
	f := Finding{
		Confidence: "certain", AccountID: account, Principal: account, Resource: t.ARN,
		Title:    fmt.Sprintf("Trail %s of account %s: %s", t.Name, account, trailShort(t)),
		Reason:   fmt.Sprintf("It delivers to the bucket %s from %s.", orThing(t.Bucket), orThing(t.HomeRegion)),
		Evidence: Evidence{Count: 1, State: "trails/" + t.Name},
		Fix:      Fix{Summary: "Change the trail, and check its files from then on with trimtrail verify.", Clears: "the trail on, with log file validation and a KMS key"},
	}
	one := []iam.Trail{*t}
	if off(t) {
		f.Fix.Commands = append(f.Fix.Commands, forTrails(one, "start-logging", "--name", "")...)
		f.Reason += " If nobody needs it, delete it instead."
	}
	if !t.Validation {
		f.Fix.Commands = append(f.Fix.Commands, forTrails(one, "update-trail", "--name", " --enable-log-file-validation")...)
	}
	if t.KMSKey == "" {
		f.Fix.Commands = append(f.Fix.Commands, forTrails(one, "update-trail", "--name", " --kms-key-id alias/KEY")...)
		f.Fix.Summary += " The key's policy must let CloudTrail encrypt with it."
	}
	return f
}
