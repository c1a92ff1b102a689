package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC05() Rule {
	return Rule{
		ID: "TT-C05", Title: "Access key due for rotation", Severity: Low, Since: "0.1",
		Text:  "An active access key older than 90 days that is in use; unused ones are TT-C01 and TT-C04. Medium from 365 days, high where the user may then do anything. A role in place of the key ends rotation for good.",
		Needs: []string{needsReport}, Source: "AWS FSBP IAM.3, CIS 1.14",
		ask: askRotation,
	}
}

func askRotation(q *inquiry) {
	q.reportLines("rotation of access keys", func(s *iam.State, c *iam.Credentials) {
		at := q.judgedAt(s)
		for _, k := range q.activeKeys(c) {
			age := daysBetween(k.born, at)
			unused := k.last.IsZero() || daysBetween(k.last, at) >= q.o.UnusedDays
			if k.born.IsZero() || age < q.o.RotateDays || unused {
				continue
			}
			f := Finding{
				Confidence: "certain", AccountID: s.AccountID, Principal: c.ARN, Resource: fmt.Sprintf("access key %d", k.number),
				Title:    fmt.Sprintf("%s: access key %d is %s old and in use%s", who(c.ARN), k.number, counted(age, "day"), q.power(c.ARN)),
				Reason:   fmt.Sprintf("Made %s, last used %s (%s).", dateOf(k.born), dateOf(k.last), orDash(k.LastService)),
				Evidence: Evidence{Count: 1, First: moment(k.born), Last: moment(k.last), State: k.place(c.User)},
				Fix: Fix{Summary: "Better a role than a new key. Else: make a second key, move the program to it, then deactivate this one.",
					Commands: append(commands(aws("iam", "create-access-key", "--user-name", c.User)), deactivateByDate(c.User, k)...), Clears: "a younger key"},
			}
			switch {
			case age >= 365 && q.mayDoAnything(c.ARN):
				f.Severity = High
			case age >= 365:
				f.Severity = Medium
			}
			q.find(f)
		}
	})
}
