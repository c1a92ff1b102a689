package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC02() Rule {
	return Rule{
		ID: "TT-C02", Title: "Console password unused", Severity: Medium, Since: "0.1",
		Text:  "A password that nobody signed in with for 90 days, or never since it was set. High where the user may do anything, info where name or tag say that it is for emergencies. Judged by the credential report, and by sign-ins in the logs where they are later.",
		Needs: []string{needsReport}, Source: "AWS FSBP IAM.8, CIS 1.12",
		ask: askPasswords,
	}
}

func askPasswords(q *inquiry) {
	q.reportLines("unused passwords", func(s *iam.State, c *iam.Credentials) {
		if !c.PasswordEnabled {
			return
		}
		used := newest(c.PasswordLastUsed, q.lastKeyUse(c.ARN, analyze.Console))
		since := used
		if used.IsZero() {
			since = newest(c.PasswordChanged, c.Created)
		}
		if idle := daysBetween(since, q.judgedAt(s)); !since.IsZero() && idle >= q.o.UnusedDays {
			q.find(q.unusedPassword(s, c, used.IsZero(), idle))
		}
	})
}

func (q *inquiry) unusedPassword(s *iam.State, c *iam.Credentials, never bool, idle int) Finding {
	f := Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: c.ARN, Resource: "password",
		Title:    fmt.Sprintf("%s: console password unused for %s%s", who(c.ARN), counted(idle, "day"), q.power(c.ARN)),
		Reason:   fmt.Sprintf("Last sign-in %s.", dayOrNever(c.PasswordLastUsed)),
		Evidence: Evidence{Count: 1, First: moment(c.PasswordChanged), Last: moment(c.PasswordLastUsed), State: "report/" + c.User + "/password"},
		Fix: Fix{Summary: "Take the password away; the user can get a new one when needed.",
			Commands: commands(aws("iam", "delete-login-profile", "--user-name", c.User)), Clears: "the password gone or used"},
	}
	if never {
		f.Title = fmt.Sprintf("%s: console password never used in %s%s", who(c.ARN), counted(idle, "day"), q.power(c.ARN))
		f.Reason = fmt.Sprintf("Set %s and never used since.", dateOf(newest(c.PasswordChanged, c.Created)))
	}
	if !c.MFA {
		f.Reason += " There is no MFA either."
	}
	switch {
	case forEmergencies(c.User, q.tagsOf(c.ARN)):
		f.Severity = Info
		f.Fix = Fix{Summary: "Its name or tag says emergencies: unused is how it should be. Check that the password still works, that MFA is on, and that somebody is told when it is used.", Clears: "the password gone or used"}
	case q.mayDoAnything(c.ARN):
		f.Severity = High
	}
	return f
}
