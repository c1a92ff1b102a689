package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC04() Rule {
	return Rule{
		ID: "TT-C04", Title: "Access key never used", Severity: Medium, Since: "0.1",
		Text:  "An active access key that was never used in the 90 days or more since it was made. High where the user may do anything.",
		Needs: []string{needsReport}, Source: "CIS 1.12: where last use is N/A, the day of the last rotation counts",
		ask: askNeverUsed,
	}
}

func askNeverUsed(q *inquiry) {
	q.reportLines("access keys never used", func(s *iam.State, c *iam.Credentials) {
		for _, k := range q.activeKeys(s, c) {
			age := daysBetween(k.born, q.judgedAt(s))
			if !k.last.IsZero() || k.born.IsZero() || age < q.o.UnusedDays {
				continue
			}
			f := Finding{
				Confidence: "certain", AccountID: s.AccountID, Principal: c.ARN, Credential: k.id, Resource: fmt.Sprintf("access key %d", k.number),
				Title:    fmt.Sprintf("%s: %s was never used in the %s since it was made%s", who(c.ARN), k.name(), counted(age, "day"), q.power(c.ARN)),
				Reason:   fmt.Sprintf("Made %s; the credential report knows no use.", dateOf(k.born)),
				Evidence: Evidence{Count: 1, First: moment(k.born), State: k.place(c.User)},
				Fix:      Fix{Summary: "Deactivate it and delete it.", Commands: k.deactivate(c), Clears: "the key inactive, deleted, or used"},
			}
			if q.mayDoAnything(c.ARN) {
				f.Severity = High
			}
			q.find(f)
		}
	})
}
