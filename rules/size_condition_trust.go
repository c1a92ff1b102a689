package rules

import (
	"fmt"
	"maps"
	"slices"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// organisation limits who may assume a role to its own organisation. That is
// for the trust policy, which no proposal edits: it is told beside.
func (l *learner) organisation() *Condition {
	org := l.z.organisation()
	if org == nil || org.ID == "" || l.s.holder == nil || l.s.holder.Role == nil || l.s.holder.Role.Trust == nil || serviceLinked(l.s.arn) || identityCenter(l.s.arn) {
		return nil
	}
	d, n := withinOrganisation(l.s.holder.Role.Trust, l.s.account, org)
	if n == 0 {
		return nil
	}
	c := &Condition{Kind: "organisation", Status: suggested, Document: d,
		Why: fmt.Sprintf("the other accounts that its trust policy names, %d, are all of organisation %s: ask for it there", n, org.ID)}
	for _, by := range l.s.assumedBy {
		if account := accountIn(by); account != "" && org.Node(account) == nil {
			c.Status, c.Why = withdrawn, c.Why+", but "+by+" assumed it"
		}
	}
	return c
}

// organisation is the one that a state of a management account holds; nil: none.
func (z *sizer) organisation() *iam.Organization {
	for _, account := range slices.Sorted(maps.Keys(z.states)) {
		if s := z.states[account]; s != nil && s.Organization != nil {
			return s.Organization
		}
	}
	return nil
}

// withinOrganisation is a trust policy whose statements for other accounts ask
// for the organisation, and how many accounts these are; 0 where one of them
// is not of it, or where they ask already.
func withinOrganisation(trust *iam.Document, own string, org *iam.Organization) (*iam.Document, int) {
	d, accounts := trust.Clone(), map[string]bool{}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != iam.Allow || s.Principal == nil || len(s.Principal.By["AWS"].Values) == 0 || asksFor(s, "aws:PrincipalOrgID") {
			continue
		}
		if len(s.Principal.By) > 1 {
			return nil, 0 // services have no organisation
		}
		outside := false
		for _, v := range s.Principal.By["AWS"].Values {
			account := iam.AccountOf(v)
			if account == "" {
				account = v
			}
			if org.Node(account) == nil {
				return nil, 0
			}
			if account != own {
				accounts[account], outside = true, true
			}
		}
		if outside {
			addCondition(s, "aws:PrincipalOrgID", org.ID)
		}
	}
	return d, len(accounts)
}
