package iam

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

func setARN(p PermissionSet) string { return p.ARN }

// permissionSet takes in a permission set, or what another file says of it.
func (s *State) permissionSet(p PermissionSet) {
	s.HasPermissionSets = true
	i, found := searchBy(s.PermissionSets, p.ARN, setARN)
	if !found {
		p.Managed, p.CustomerManaged, p.Assignments = orEmpty(p.Managed), orEmpty(p.CustomerManaged), orEmpty(p.Assignments)
		s.PermissionSets = slices.Insert(s.PermissionSets, i, p)
		return
	}
	old := &s.PermissionSets[i]
	old.Name, old.Description = cmp.Or(p.Name, old.Name), cmp.Or(p.Description, old.Description)
	old.SessionDuration, old.Boundary = cmp.Or(p.SessionDuration, old.SessionDuration), cmp.Or(p.Boundary, old.Boundary)
	old.Inline = cmp.Or(p.Inline, old.Inline)
	old.Managed, old.CustomerManaged = union(old.Managed, p.Managed), union(old.CustomerManaged, p.CustomerManaged)
	for _, a := range p.Assignments {
		if !slices.Contains(old.Assignments, a) {
			old.Assignments = append(slices.Clip(old.Assignments), a)
		}
	}
	slices.SortFunc(old.Assignments, func(a, b Assignment) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Principal, b.Principal))
	})
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return orEmpty(slices.Compact(out))
}

// permissionSet reads describe-permission-set.
func (l *Loaded) permissionSet(docs []json.RawMessage, into States) error {
	type answer struct {
		PermissionSet struct{ Name, PermissionSetArn, Description, SessionDuration string }
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		s, err := l.only(into, raw)
		if err == nil {
			p := a.PermissionSet
			s.permissionSet(PermissionSet{ARN: p.PermissionSetArn, Name: p.Name, Description: p.Description, SessionDuration: p.SessionDuration})
		}
		return err
	})
}

// assignments reads list-account-assignments.
func (l *Loaded) assignments(docs []json.RawMessage, into States) error {
	type answer struct {
		AccountAssignments []struct{ AccountID, PermissionSetArn, PrincipalType, PrincipalID string }
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		s, err := l.only(into, raw)
		if err != nil {
			return err
		}
		for _, v := range a.AccountAssignments {
			s.permissionSet(PermissionSet{ARN: v.PermissionSetArn, Assignments: []Assignment{{v.AccountID, v.PrincipalType, v.PrincipalID}}})
		}
		return nil
	})
}

// isSetPolicies takes in answers about a permission set's policies.
func isSetPolicies(m object) bool {
	return m.has("InlinePolicy", "CustomerManagedPolicyReferences", "PermissionsBoundary") ||
		m.has("AttachedManagedPolicies") && bytes.Contains(m["AttachedManagedPolicies"], []byte(`"Arn"`))
}

// setPolicies reads get-inline-policy-for-permission-set,
// list-managed-policies-in-permission-set,
// list-customer-managed-policy-references-in-permission-set and
// get-permissions-boundary-for-permission-set, which do not name the set.
func (l *Loaded) setPolicies(docs []json.RawMessage, into States) error {
	type named struct{ Name, Path string }
	type answer struct {
		InlinePolicy                    string
		AttachedManagedPolicies         []struct{ Arn string }
		CustomerManagedPolicyReferences []named
		PermissionsBoundary             struct {
			ManagedPolicyArn               string
			CustomerManagedPolicyReference named
		}
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		s, err := l.only(into, raw)
		if err != nil {
			return err
		}
		arn, err := l.setOf(s, raw)
		if err != nil {
			return err
		}
		p := PermissionSet{ARN: arn}
		if a.InlinePolicy != "" {
			if p.Inline, err = ParsePolicy([]byte(a.InlinePolicy)); err != nil {
				s.warn(fmt.Sprintf("inline policy of %s cannot be read: %v", arn, err))
			}
		}
		for _, m := range a.AttachedManagedPolicies {
			p.Managed = append(p.Managed, m.Arn)
		}
		for _, c := range a.CustomerManagedPolicyReferences {
			p.CustomerManaged = append(p.CustomerManaged, c.Path+c.Name)
		}
		b := a.PermissionsBoundary
		p.Boundary = cmp.Or(b.ManagedPolicyArn, b.CustomerManagedPolicyReference.Path+b.CustomerManagedPolicyReference.Name)
		s.permissionSet(p)
		return nil
	})
}

// setOf is the ARN of the permission set that an answer is about: by a
// member, or by ps-… in the file's name.
func (l *Loaded) setOf(s *State, raw json.RawMessage) (string, error) {
	id, err := l.asked(raw, "PermissionSetArn")
	if err != nil || strings.HasPrefix(id, "arn:") {
		return id, err
	}
	for _, p := range s.PermissionSets {
		if strings.HasSuffix(p.ARN, "/"+id) {
			return p.ARN, nil
		}
	}
	return "", fmt.Errorf("%s: permission set %s is not known: %w (describe-permission-set)", l.What, id, ErrNotYet)
}
