package pull

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// organization keeps the tree with its SCPs and RCPs. An account without an
// organisation has none; a member may not ask for it, unless it is a
// delegated administrator, and that is nobody's fault.
func (s *session) organization(ctx context.Context, d *documents) error {
	out, err := s.org.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if codeOf(err) == "AWSOrganizationsNotInUseException" {
		return nil
	}
	if err != nil {
		return failed(ctx, "organizations:DescribeOrganization", err)
	}
	tree := documents{account: s.account}
	err = s.walk(ctx, &tree)
	if member := out.Organization != nil && aws.ToString(out.Organization.MasterAccountId) != s.account; member && denied(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.add(out); err != nil {
		return err
	}
	d.list = append(d.list, tree.list...)
	for _, t := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		if err := s.policies(ctx, d, t); err != nil {
			return err
		}
	}
	return nil
}

func denied(err error) bool {
	c, ok := err.(*callError)
	return ok && c.denied
}

// walk goes through the units from the root, with the accounts in each.
func (s *session) walk(ctx context.Context, d *documents) error {
	roots, err := s.org.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return failed(ctx, "organizations:ListRoots", err)
	}
	if err := d.add(roots); err != nil {
		return err
	}
	var parents []string
	for _, r := range roots.Roots {
		parents = append(parents, aws.ToString(r.Id))
	}
	for len(parents) > 0 {
		parent := parents[0]
		units, err := s.units(ctx, d, parent)
		if err == nil {
			err = s.accountsIn(ctx, d, parent)
		}
		if err != nil {
			return err
		}
		parents = append(parents[1:], units...)
	}
	return nil
}

func (s *session) units(ctx context.Context, d *documents, parent string) (ids []string, err error) {
	in := &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent}
	for {
		out, err := s.org.ListOrganizationalUnitsForParent(ctx, in)
		if err != nil {
			return nil, failed(ctx, "organizations:ListOrganizationalUnitsForParent", err)
		}
		for _, u := range out.OrganizationalUnits {
			ids = append(ids, aws.ToString(u.Id))
		}
		if err := d.add(out, "ParentId", parent); err != nil {
			return nil, err
		}
		if again, err := more("organizations:ListOrganizationalUnitsForParent", true, out.NextToken, in.NextToken); err != nil || !again {
			return ids, err
		}
		in.NextToken = out.NextToken
	}
}

func (s *session) accountsIn(ctx context.Context, d *documents, parent string) error {
	in := &organizations.ListAccountsForParentInput{ParentId: &parent}
	for {
		out, err := s.org.ListAccountsForParent(ctx, in)
		if err != nil {
			return failed(ctx, "organizations:ListAccountsForParent", err)
		}
		if err := d.add(out, "ParentId", parent); err != nil {
			return err
		}
		if again, err := more("organizations:ListAccountsForParent", true, out.NextToken, in.NextToken); err != nil || !again {
			return err
		}
		in.NextToken = out.NextToken
	}
}

// policies keeps the policies of one type, their documents and where they are
// attached. A type that is not enabled, or that this server does not know, has none.
func (s *session) policies(ctx context.Context, d *documents, t types.PolicyType) error {
	in := &organizations.ListPoliciesInput{Filter: t}
	for {
		out, err := s.org.ListPolicies(ctx, in)
		if code := codeOf(err); strings.HasPrefix(code, "PolicyTypeNotEnabled") || code == "InvalidInputException" || code == "UnsupportedAPIEndpointException" {
			return nil
		}
		if err != nil {
			return failed(ctx, "organizations:ListPolicies", err)
		}
		for _, p := range out.Policies {
			if err := s.policy(ctx, d, aws.ToString(p.Id)); err != nil {
				return err
			}
		}
		if again, err := more("organizations:ListPolicies", true, out.NextToken, in.NextToken); err != nil || !again {
			return err
		}
		in.NextToken = out.NextToken
	}
}

func (s *session) policy(ctx context.Context, d *documents, id string) error {
	out, err := s.org.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		return failed(ctx, "organizations:DescribePolicy", err)
	}
	if err := d.add(out); err != nil {
		return err
	}
	in := &organizations.ListTargetsForPolicyInput{PolicyId: &id}
	for {
		page, err := s.org.ListTargetsForPolicy(ctx, in)
		if err != nil {
			return failed(ctx, "organizations:ListTargetsForPolicy", err)
		}
		if err := d.add(page, "PolicyId", id); err != nil {
			return err
		}
		if again, err := more("organizations:ListTargetsForPolicy", true, page.NextToken, in.NextToken); err != nil || !again {
			return err
		}
		in.NextToken = page.NextToken
	}
}

// accounts are those to ask through the role: the ones told, or the active ones of
// the organisation, whose tree and policies are taken along.
func (s *session) accounts(ctx context.Context, o Options, r *Result, now time.Time) ([]string, error) {
	org := o
	org.Parts = slices.DeleteFunc(slices.Clone(central), func(part string) bool {
		return !o.wants(part) && (part != "organization" || o.Accounts != nil)
	})
	if len(org.Parts) > 0 {
		a := s.run(ctx, org, now)
		if err := r.take(a); err != nil {
			return nil, err
		}
	}
	if o.Accounts != nil {
		return o.Accounts, nil
	}
	for _, state := range r.States {
		if state.Organization != nil {
			return state.Organization.Accounts(), nil
		}
	}
	if len(r.Missing) > 0 {
		return nil, &callError{action: r.Missing[0].Action, denied: r.Missing[0].Denied, reason: r.Missing[0].Reason}
	}
	return nil, ErrNoOrganization
}
