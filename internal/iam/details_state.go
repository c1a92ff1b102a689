package iam

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// accounts are the accounts that the ARNs name, the one with the most first.
// A page of AWS's own policies names none: it belongs to the account that was
// loaded before, where there is just one.
func (d *details) accounts(known States) []string {
	count := map[string]int{}
	for _, arn := range d.arns() {
		if a := accountOf(arn); a != "" {
			count[a]++
		}
	}
	var out []string
	for a := range count {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) })
	if len(out) == 0 && len(known) == 1 {
		for a := range known {
			out = append(out, a)
		}
	}
	return out
}

func (d *details) arns() []string {
	var out []string
	for _, u := range d.UserDetailList {
		out = append(out, u.Arn)
	}
	for _, g := range d.GroupDetailList {
		out = append(out, g.Arn)
	}
	for _, r := range d.RoleDetailList {
		out = append(out, r.Arn)
	}
	for _, p := range d.Policies {
		out = append(out, p.Arn)
	}
	return out
}

// into sorts everything into its account; what names none goes to the first,
// and AWS's own policies to all.
func (d *details) into(m States, accounts []string) {
	d.sort()
	of := func(arn string) *State { return m.of(cmp.Or(accountOf(arn), accounts[0])) }
	for i := range d.UserDetailList {
		s := of(d.UserDetailList[i].Arn)
		s.Users = put(s, s.Users, d.UserDetailList[i].user(s), func(u User) string { return u.ARN })
	}
	for i := range d.GroupDetailList {
		s := of(d.GroupDetailList[i].Arn)
		s.Groups = put(s, s.Groups, d.GroupDetailList[i].group(s), func(g Group) string { return g.ARN })
	}
	for i := range d.RoleDetailList {
		s := of(d.RoleDetailList[i].Arn)
		s.Roles = put(s, s.Roles, d.RoleDetailList[i].role(s), func(r Role) string { return r.ARN })
	}
	d.policies(m, accounts)
	for _, a := range accounts {
		m[a].HasDetails = true
		m[a].tidy()
	}
}

// sort puts everything in the order of the state's lists, so that each insert is at the end.
func (d *details) sort() {
	slices.SortStableFunc(d.UserDetailList, func(a, b userDetail) int { return cmp.Compare(a.Arn, b.Arn) })
	slices.SortStableFunc(d.GroupDetailList, func(a, b groupDetail) int { return cmp.Compare(a.Arn, b.Arn) })
	slices.SortStableFunc(d.RoleDetailList, func(a, b roleDetail) int { return cmp.Compare(a.Arn, b.Arn) })
	slices.SortStableFunc(d.Policies, func(a, b policyDetail) int { return cmp.Compare(a.Arn, b.Arn) })
}

func (d *details) policies(m States, accounts []string) {
	for i := range d.Policies {
		p := &d.Policies[i]
		to := accounts
		if a := accountOf(p.Arn); a != "" {
			to = []string{a}
		}
		for _, a := range to {
			s := m.of(a)
			s.Policies = put(s, s.Policies, p.policy(s), func(p Policy) string { return p.ARN })
		}
	}
}

func (u *userDetail) user(s *State) User {
	return User{
		Name: u.UserName, ARN: u.Arn, ID: u.UserID, Created: u.CreateDate.Time,
		Groups: append([]string{}, u.GroupList...), Inline: inline(s, u.Arn, u.UserPolicyList),
		Attached: attachedARNs(u.AttachedManagedPolicies), Boundary: u.PermissionsBoundary.PermissionsBoundaryArn, Tags: tags(u.Tags),
	}
}

func (g *groupDetail) group(s *State) Group {
	return Group{Name: g.GroupName, ARN: g.Arn, Inline: inline(s, g.Arn, g.GroupPolicyList), Attached: attachedARNs(g.AttachedManagedPolicies)}
}

func (r *roleDetail) role(s *State) Role {
	profiles := []string{}
	for _, p := range r.InstanceProfileList {
		profiles = append(profiles, p.Arn)
	}
	var used *time.Time
	if t := r.RoleLastUsed.LastUsedDate.Time; !t.IsZero() {
		used = &t
	}
	return Role{
		Name: r.RoleName, Path: r.Path, ARN: r.Arn, ID: r.RoleID, Created: r.CreateDate.Time,
		Trust: r.AssumeRolePolicyDocument.read(s, r.Arn+" trust policy"), Inline: inline(s, r.Arn, r.RolePolicyList),
		Attached: attachedARNs(r.AttachedManagedPolicies), Boundary: r.PermissionsBoundary.PermissionsBoundaryArn,
		Profiles: profiles, Tags: tags(r.Tags), LastUsed: used,
	}
}

// policy keeps the default version, the one that is in force.
func (p *policyDetail) policy(s *State) Policy {
	out := Policy{Name: p.PolicyName, ARN: p.Arn, Attached: p.AttachmentCount}
	for i := range p.PolicyVersionList {
		v := &p.PolicyVersionList[i]
		if v.IsDefaultVersion || v.VersionID != "" && v.VersionID == p.DefaultVersionID {
			out.Document = v.Document.read(s, p.Arn)
			break
		}
	}
	return out
}

func inline(s *State, arn string, list []inlineDetail) []NamedDocument {
	out := make([]NamedDocument, len(list))
	for i := range list {
		out[i] = NamedDocument{list[i].PolicyName, list[i].PolicyDocument.read(s, arn+" inline policy "+list[i].PolicyName)}
	}
	return out
}

// read gives the document, or nil and a warning in the state.
func (t *documentText) read(s *State, what string) *Document {
	if t.err != nil {
		s.warn(fmt.Sprintf("%s cannot be read: %v", what, t.err))
	}
	return t.doc
}

func attachedARNs(list []attachedDetail) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.PolicyArn
	}
	return out
}

func tags(list []tagDetail) map[string]string {
	out := make(map[string]string, len(list))
	for _, t := range list {
		out[t.Key] = t.Value
	}
	return out
}
