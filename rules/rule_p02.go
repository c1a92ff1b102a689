package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP02() Rule {
	return Rule{
		ID: "TT-P02", Title: "Console user without MFA", Severity: High, Since: "0.1",
		Text:  "A user with a console password and no MFA device: one phished password is enough. Critical where the user may do anything.",
		Needs: []string{needsReport}, Source: "CIS 1.10; AWS FSBP IAM.5, IAM.19",
		ask: askConsoleMFA,
	}
}

func askConsoleMFA(q *inquiry) {
	q.reportLines("console users without MFA", func(s *iam.State, c *iam.Credentials) {
		if !c.PasswordEnabled || c.MFA {
			return
		}
		f := Finding{
			Confidence: "certain", AccountID: s.AccountID, Principal: c.ARN, Resource: "mfa",
			Title:    fmt.Sprintf("%s signs in to the console without MFA%s", who(c.ARN), q.power(c.ARN)),
			Reason:   fmt.Sprintf("It has a password (last sign-in %s) and no MFA device.", dayOrNever(c.PasswordLastUsed)),
			Evidence: Evidence{Count: 1, Last: moment(c.PasswordLastUsed), State: "report/" + c.User + "/mfa_active"},
			Fix: Fix{Summary: "Have the user register an MFA device, or take the password away.",
				Commands: commands(aws("iam", "list-mfa-devices", "--user-name", c.User), aws("iam", "delete-login-profile", "--user-name", c.User)), Clears: "an MFA device, or no password"},
		}
		if q.mayDoAnything(c.ARN) {
			f.Severity = Critical
		}
		q.find(f)
	})
}
