package rules

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP11() Rule {
	return Rule{
		ID: "TT-P11", Title: "Weak password policy", Severity: Medium, Since: "0.1",
		Text:  "The account asks for less than 14 characters, the four kinds of characters and 24 remembered passwords, and at least one IAM user has a password. Where the account has no policy, AWS's own is in force: 8 characters of three kinds, none remembered. Expiry is left to taste, as NIST SP 800-63B advises. Quiet where nobody has a password. One line an account.",
		Needs: []string{needsPasswords, needsReport}, Source: "CIS 1.8, 1.9; AWS FSBP IAM.7, IAM.15, IAM.16; IAM user guide, default password policy",
		ask: askPasswordPolicy,
	}
}

const (
	strongLength   = 14 // characters, CIS
	strongMemory   = 24 // passwords, CIS; the most that IAM can remember
	defaultLength  = 8  // characters, of AWS's default policy
	passwordsCheck = "the password policy"
)

func askPasswordPolicy(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasReport {
			q.lack(account, passwordsCheck, needsReport)
			continue
		}
		users := withPassword(s)
		if len(users) == 0 {
			continue
		}
		if s.PasswordPolicy == nil {
			q.lack(account, passwordsCheck, needsPasswords)
		} else if weak := weaknesses(s.PasswordPolicy); len(weak) > 0 {
			q.find(passwordPolicyFinding(s, users, weak))
		}
	}
}

// withPassword are the users who can sign in with a password, in the report's order.
func withPassword(s *iam.State) []string {
	var out []string
	for i := range s.Report {
		if c := &s.Report[i]; c.PasswordEnabled && !isRoot(c) {
			out = append(out, c.User)
		}
	}
	return out
}

func weaknesses(p *iam.PasswordPolicy) []string {
	if !p.Exists {
		return []string{fmt.Sprintf("%d characters are enough", defaultLength), "no earlier password is remembered"}
	}
	var out, kinds []string
	if p.MinimumLength < strongLength {
		out = append(out, fmt.Sprintf("%d characters are enough", p.MinimumLength))
	}
	for _, k := range []struct {
		asked bool
		name  string
	}{{p.Uppercase, "upper case"}, {p.Lowercase, "lower case"}, {p.Numbers, "numbers"}, {p.Symbols, "symbols"}} {
		if !k.asked {
			kinds = append(kinds, k.name)
		}
	}
	if len(kinds) > 0 {
		out = append(out, strings.Join(kinds, ", ")+" need not be in it")
	}
	switch {
	case p.RememberedPast == 0:
		out = append(out, "no earlier password is remembered")
	case p.RememberedPast < strongMemory:
		out = append(out, fmt.Sprintf("%s remembered", counted(p.RememberedPast, "earlier password")))
	}
	return out
}

func passwordPolicyFinding(s *iam.State, users, weak []string) Finding {
	whose := "The account's own policy"
	if !s.PasswordPolicy.Exists {
		whose = "The account has no policy, so AWS's default"
	}
	return Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: s.AccountID, Resource: "password policy",
		Title:    fmt.Sprintf("In account %s passwords may be weak: %s", s.AccountID, strings.Join(weak, "; ")),
		Reason:   fmt.Sprintf("%s is in force for %s with a password: %s.", whose, counted(len(users), "user"), listed(users, 10)),
		Evidence: Evidence{Count: int64(len(users)), State: "password_policy"},
		Fix: Fix{Summary: "Better no passwords at all: have people sign in through IAM Identity Center. Else ask for more; users meet the new policy when they next change their password.",
			Commands: commands(strongerPolicy(s.PasswordPolicy)), Clears: "14 characters of four kinds, 24 passwords remembered, or no user with a password"},
	}
}

// strongerPolicy is the whole policy, for the command puts back to its default what it is not told.
func strongerPolicy(p *iam.PasswordPolicy) string {
	line := aws("iam", "update-account-password-policy", "--minimum-password-length", strconv.Itoa(max(strongLength, p.MinimumLength)),
		"--password-reuse-prevention", strconv.Itoa(strongMemory)) +
		" --require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols"
	if p.UsersChange || !p.Exists {
		line += " --allow-users-to-change-password"
	}
	if p.MaxAgeDays > 0 {
		line += " --max-password-age " + strconv.Itoa(p.MaxAgeDays)
	}
	if p.HardExpiration {
		line += " --hard-expiry"
	}
	return line
}

// rootMFA tells whether the root has MFA; known is false where neither the
// report nor the summary says so.
func rootMFA(s *iam.State) (on, known bool) {
	for i := range s.Report {
		if c := &s.Report[i]; s.HasReport && isRoot(c) {
			return c.MFA, true
		}
	}
	n, known := s.Summary["AccountMFAEnabled"]
	return n > 0, known
}

// rootOf is the ARN of the account's root, in the partition that its other ARNs tell.
func rootOf(s *iam.State) string {
	for i := range s.Report {
		if c := &s.Report[i]; isRoot(c) && c.ARN != "" {
			return c.ARN
		}
	}
	partition := ""
	for _, d := range s.VirtualMFA {
		partition = cmp.Or(partition, partitionOf(d.Serial))
	}
	for i := range s.Users {
		partition = cmp.Or(partition, partitionOf(s.Users[i].ARN))
	}
	for i := range s.Roles {
		partition = cmp.Or(partition, partitionOf(s.Roles[i].ARN))
	}
	return "arn:" + cmp.Or(partition, "aws") + ":iam::" + s.AccountID + ":root"
}

// partitionOf is aws, aws-cn or aws-us-gov, or empty for what is no ARN.
func partitionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[1]
	}
	return ""
}
