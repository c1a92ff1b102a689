package pull

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// permissionSets keeps the permission sets of Identity Center with their
// policies and assignments. Its instance lives in one region, and only the
// management account or a delegated administrator may ask: who asks for the
// part and finds no instance is told.
func (s *session) permissionSets(ctx context.Context, d *documents) error {
	instances, err := s.instances(ctx)
	if err != nil {
		return err
	}
	if len(instances) == 0 {
		reason := fmt.Sprintf("there is no instance of Identity Center in %s for this account: name its region, and ask as the management account or a delegated administrator", s.sso.Options().Region)
		return &callError{action: "sso:ListInstances", reason: reason}
	}
	for _, instance := range instances {
		sets, err := s.setsOf(ctx, instance)
		if err != nil {
			return err
		}
		for _, set := range sets {
			if err := s.permissionSet(ctx, d, instance, set); err != nil {
				return err
			}
		}
	}
	return nil
}

// ssoPages asks one page after another until there is no token, and tells the
// action of a failure.
func ssoPages[T any](ctx context.Context, action string, page func(token *string) (T, *string, error), keep func(T) error) error {
	var token *string
	for {
		out, next, err := page(token)
		if err != nil {
			return failed(ctx, action, err)
		}
		if err := keep(out); err != nil {
			return err
		}
		if again, err := more(action, true, next, token); err != nil || !again {
			return err
		}
		token = next
	}
}

func (s *session) instances(ctx context.Context) (arns []string, err error) {
	page := func(token *string) ([]types.InstanceMetadata, *string, error) {
		out, err := s.sso.ListInstances(ctx, &ssoadmin.ListInstancesInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Instances, out.NextToken, nil
	}
	err = ssoPages(ctx, "sso:ListInstances", page, func(list []types.InstanceMetadata) error {
		for _, i := range list {
			arns = append(arns, aws.ToString(i.InstanceArn))
		}
		return nil
	})
	return arns, err
}

func (s *session) setsOf(ctx context.Context, instance string) (arns []string, err error) {
	page := func(token *string) ([]string, *string, error) {
		out, err := s.sso.ListPermissionSets(ctx, &ssoadmin.ListPermissionSetsInput{InstanceArn: &instance, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.PermissionSets, out.NextToken, nil
	}
	err = ssoPages(ctx, "sso:ListPermissionSets", page, func(list []string) error {
		arns = append(arns, list...)
		return nil
	})
	return arns, err
}

// permissionSet keeps one set: what it is, its policies, and to whom it is assigned where.
func (s *session) permissionSet(ctx context.Context, d *documents, instance, set string) error {
	out, err := s.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: &instance, PermissionSetArn: &set})
	if err != nil {
		return failed(ctx, "sso:DescribePermissionSet", err)
	}
	if err := d.add(out); err != nil {
		return err
	}
	for _, ask := range []func(context.Context, *documents, string, string) error{
		s.setInline, s.setManaged, s.setCustomerManaged, s.setBoundary, s.setAssignments,
	} {
		if err := ask(ctx, d, instance, set); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) setInline(ctx context.Context, d *documents, instance, set string) error {
	out, err := s.sso.GetInlinePolicyForPermissionSet(ctx, &ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: &instance, PermissionSetArn: &set})
	if err != nil {
		return failed(ctx, "sso:GetInlinePolicyForPermissionSet", err)
	}
	return d.add(map[string]any{"InlinePolicy": cmp.Or(aws.ToString(out.InlinePolicy), "")}, "PermissionSetArn", set)
}

func (s *session) setManaged(ctx context.Context, d *documents, instance, set string) error {
	page := func(token *string) ([]types.AttachedManagedPolicy, *string, error) {
		out, err := s.sso.ListManagedPoliciesInPermissionSet(ctx, &ssoadmin.ListManagedPoliciesInPermissionSetInput{InstanceArn: &instance, PermissionSetArn: &set, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.AttachedManagedPolicies, out.NextToken, nil
	}
	return ssoPages(ctx, "sso:ListManagedPoliciesInPermissionSet", page, func(list []types.AttachedManagedPolicy) error {
		if len(list) == 0 {
			return nil
		}
		return d.add(map[string]any{"AttachedManagedPolicies": list}, "PermissionSetArn", set)
	})
}

func (s *session) setCustomerManaged(ctx context.Context, d *documents, instance, set string) error {
	page := func(token *string) ([]types.CustomerManagedPolicyReference, *string, error) {
		out, err := s.sso.ListCustomerManagedPolicyReferencesInPermissionSet(ctx, &ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: &instance, PermissionSetArn: &set, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.CustomerManagedPolicyReferences, out.NextToken, nil
	}
	return ssoPages(ctx, "sso:ListCustomerManagedPolicyReferencesInPermissionSet", page, func(list []types.CustomerManagedPolicyReference) error {
		if len(list) == 0 {
			return nil
		}
		return d.add(map[string]any{"CustomerManagedPolicyReferences": list}, "PermissionSetArn", set)
	})
}

// setBoundary: a set without a boundary is answered by an error.
func (s *session) setBoundary(ctx context.Context, d *documents, instance, set string) error {
	out, err := s.sso.GetPermissionsBoundaryForPermissionSet(ctx, &ssoadmin.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: &instance, PermissionSetArn: &set})
	if strings.HasPrefix(codeOf(err), "ResourceNotFound") {
		return nil
	}
	if err != nil {
		return failed(ctx, "sso:GetPermissionsBoundaryForPermissionSet", err)
	}
	if out.PermissionsBoundary == nil {
		return nil
	}
	return d.add(map[string]any{"PermissionsBoundary": out.PermissionsBoundary}, "PermissionSetArn", set)
}

// setAssignments are asked for each account that has the set.
func (s *session) setAssignments(ctx context.Context, d *documents, instance, set string) error {
	page := func(token *string) ([]string, *string, error) {
		out, err := s.sso.ListAccountsForProvisionedPermissionSet(ctx, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{InstanceArn: &instance, PermissionSetArn: &set, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.AccountIds, out.NextToken, nil
	}
	return ssoPages(ctx, "sso:ListAccountsForProvisionedPermissionSet", page, func(accounts []string) error {
		for _, account := range accounts {
			if err := s.assignedIn(ctx, d, instance, set, account); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *session) assignedIn(ctx context.Context, d *documents, instance, set, account string) error {
	page := func(token *string) ([]types.AccountAssignment, *string, error) {
		out, err := s.sso.ListAccountAssignments(ctx, &ssoadmin.ListAccountAssignmentsInput{InstanceArn: &instance, PermissionSetArn: &set, AccountId: &account, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.AccountAssignments, out.NextToken, nil
	}
	return ssoPages(ctx, "sso:ListAccountAssignments", page, func(list []types.AccountAssignment) error {
		return d.add(map[string]any{"AccountAssignments": orNone(list)}, "PermissionSetArn", set)
	})
}
