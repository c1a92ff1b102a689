package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC01() Rule {
	return Rule{
		ID: "TT-C01", Title: "Access key unused", Severity: Medium, Since: "0.1",
		Text: "An active access key that nobody used for 90 days (or as asked) opens a door that nobody watches. Judged by the credential report, and by the logs where they know better. High where the user may do anything. " +
			"Keys never used are TT-C04. The report has no key ids: where the list of access keys is not loaded, a call of the user in the logs counts for both of its keys. It is late by up to four hours.",
		Needs: []string{needsReport}, Source: "AWS FSBP IAM.8 (90 days), CIS 1.12 (45 days)",
		ask: askUnusedKeys,
	}
}

func askUnusedKeys(q *inquiry) {
	q.reportLines("unused access keys", func(s *iam.State, c *iam.Credentials) {
		for _, k := range q.activeKeys(s, c) {
			if idle := daysBetween(k.last, q.judgedAt(s)); !k.last.IsZero() && idle >= q.o.UnusedDays {
				q.find(q.unusedKey(s, c, k, idle))
			}
		}
	})
}

func (q *inquiry) unusedKey(s *iam.State, c *iam.Credentials, k keyAt, idle int) Finding {
	f := Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: c.ARN, Credential: k.id, Resource: fmt.Sprintf("access key %d", k.number),
		Title:    fmt.Sprintf("%s: %s is active and unused for %s%s", who(c.ARN), k.name(), counted(idle, "day"), q.power(c.ARN)),
		Reason:   fmt.Sprintf("Last used %s (%s), made %s.", dateOf(k.last), orDash(k.LastService), dateOf(k.born)),
		Evidence: Evidence{Count: 1, First: moment(k.born), Last: moment(k.last), State: k.place(c.User)},
		Fix: Fix{Summary: "Deactivate it, wait as long as a forgotten job may take (a month or a quarter), then delete it.",
			Commands: k.deactivate(c), Clears: "the key inactive, deleted, or used again"},
	}
	if q.mayDoAnything(c.ARN) {
		f.Severity = High
	}
	return f
}

func orDash(s string) string {
	if s == "" {
		return "service not told"
	}
	return "for " + s
}
