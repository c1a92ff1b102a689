package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP07() Rule {
	return Rule{
		ID: "TT-P07", Title: "Trust in strangers", Severity: Medium, Since: "0.1",
		Text: "A role's trust policy names everybody (critical where no condition narrows it and the role may do anything, else high), another account that is not among the loaded ones without an ExternalId or organisation condition (medium, high where the role may do anything), or an identity provider of GitHub, GitLab and the like without a condition on the subject (high). " +
			"Info for the roles by which an organisation reaches its accounts. An account of your own that was not loaded looks like a stranger.",
		Needs: []string{needsDetails}, Source: "AWS IAM user guide, The confused deputy problem; CIS 1.20",
		ask: askTrust,
	}
}

func askTrust(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "trust policies", needsDetails)
			continue
		}
		for i := range s.Roles {
			if r := &s.Roles[i]; r.Trust != nil && !serviceLinked(r.ARN) && !identityCenter(r.ARN) {
				q.askTrustOf(s, r)
			}
		}
	}
}

func (q *inquiry) askTrustOf(s *iam.State, r *iam.Role) {
	strangers := map[string]bool{}
	for i := range r.Trust.Statements {
		st := &r.Trust.Statements[i]
		if st.Effect != iam.Allow || st.Principal == nil {
			continue
		}
		if everybody(st.Principal) && len(st.Condition) == 0 {
			q.find(q.openTrust(s, r))
			return
		}
		if provider := looseProvider(st); provider != "" {
			q.find(looseTrust(s, r, provider))
		}
		if !narrowed(st.Condition) {
			for _, v := range st.Principal.By["AWS"].Values {
				if a := trustedAccount(v); a != "" && a != s.AccountID && q.states[a] == nil {
					strangers[a] = true
				}
			}
		}
	}
	if len(strangers) > 0 {
		q.find(q.strangerTrust(s, r, slices.Sorted(maps.Keys(strangers))))
	}
}

func everybody(p *iam.Principal) bool {
	return p.Any || slices.Contains(p.By["AWS"].Values, "*")
}

// narrowed tells that a condition asks for an ExternalId or an organisation.
func narrowed(c map[string]map[string]iam.StringList) bool {
	for _, keys := range c {
		for k := range keys {
			if slices.ContainsFunc([]string{"sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalArn", "aws:SourceAccount", "aws:SourceArn"}, func(want string) bool { return strings.EqualFold(k, want) }) {
				return true
			}
		}
	}
	return false
}

// publicProviders let anybody have a token: only the subject tells whose.
var publicProviders = []string{"token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "oidc.circleci.com", "accounts.google.com"}

// looseProvider is a public identity provider whose subject no condition narrows.
func looseProvider(st *iam.Statement) string {
	for _, v := range st.Principal.By["Federated"].Values {
		for _, p := range publicProviders {
			if strings.Contains(v, p) && !subjectNarrowed(st.Condition, p) {
				return p
			}
		}
	}
	return ""
}

func subjectNarrowed(c map[string]map[string]iam.StringList, provider string) bool {
	for _, keys := range c {
		for k, vs := range keys {
			if strings.EqualFold(k, provider+":sub") && !slices.Contains(vs.Values, "*") {
				return true
			}
		}
	}
	return false
}

// trustedAccount is the account that an AWS principal names, or empty.
func trustedAccount(v string) string {
	if a := arnAccount(v); a != "" {
		return a
	}
	if len(v) == 12 && strings.Trim(v, "0123456789") == "" {
		return v
	}
	return ""
}

func trustFinding(s *iam.State, r *iam.Role, resource string) Finding {
	return Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: r.ARN, Resource: resource,
		Evidence: Evidence{Count: 1, Last: r.LastUsed, State: "roles/" + r.Name + "/trust"},
		Fix: Fix{Commands: commands(aws("iam", "get-role", "--role-name", r.Name, "--query", "Role.AssumeRolePolicyDocument")),
			Clears: "a trust policy that names who is meant"},
	}
}

func (q *inquiry) openTrust(s *iam.State, r *iam.Role) Finding {
	f := trustFinding(s, r, "trust:*")
	f.Severity = High
	if q.mayDoAnything(r.ARN) {
		f.Severity = Critical
	}
	f.Title = fmt.Sprintf("%s may be assumed by anybody who has an AWS account%s", who(r.ARN), q.power(r.ARN))
	f.Reason = "Its trust policy names the principal * and no condition."
	f.Fix.Summary = "Name the accounts, roles or services that are meant in the trust policy; until then deny the role everything."
	return f
}

func looseTrust(s *iam.State, r *iam.Role, provider string) Finding {
	f := trustFinding(s, r, "trust:"+provider)
	f.Severity = High
	f.Title = fmt.Sprintf("%s may be assumed by anybody at %s", who(r.ARN), provider)
	f.Reason = fmt.Sprintf("Its trust policy has no condition on %s:sub, and that provider gives a token to everybody.", provider)
	f.Fix.Summary = fmt.Sprintf("Add a StringEquals or StringLike condition on %s:sub that names your repository, project or workspace.", provider)
	return f
}

func (q *inquiry) strangerTrust(s *iam.State, r *iam.Role, accounts []string) Finding {
	f := trustFinding(s, r, "trust:"+strings.Join(accounts, ","))
	f.Severity = Medium
	if q.mayDoAnything(r.ARN) {
		f.Severity = High
	}
	if organisationRole(r.Name) {
		f.Severity = Info
	}
	f.Title = fmt.Sprintf("%s trusts %s without an ExternalId%s", who(r.ARN), "account "+listed(accounts, 3), q.power(r.ARN))
	f.Reason = "The account is not among those loaded. A service that works for many customers can be asked to use your role for another customer."
	f.Fix.Summary = "If it is a vendor's, agree on an ExternalId and ask for it in the trust policy; if it is your own, ask for aws:PrincipalOrgID; if nobody knows it, take it out."
	return f
}
