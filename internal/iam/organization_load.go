package iam

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// organization is the state's organisation, made where there is none.
func (s *State) organization() *Organization {
	if s.Organization == nil {
		s.Organization = &Organization{Management: s.AccountID, Nodes: []OrgNode{}, Policies: []OrgPolicy{}}
	}
	return s.Organization
}

// node takes in what a file says of a node; what it leaves open stays.
func (o *Organization) node(n OrgNode) {
	i, found := searchBy(o.Nodes, n.ID, nodeID)
	if !found {
		n.Attached = orEmpty(n.Attached)
		o.Nodes = slices.Insert(o.Nodes, i, n)
		return
	}
	old := &o.Nodes[i]
	old.Name, old.Parent, old.Status = cmp.Or(n.Name, old.Name), cmp.Or(n.Parent, old.Parent), cmp.Or(n.Status, old.Status)
	if n.Types != nil {
		old.Types = n.Types
	}
	attached := slices.Concat(old.Attached, n.Attached)
	slices.Sort(attached)
	old.Attached = orEmpty(slices.Compact(attached))
}

func (o *Organization) addPolicy(p OrgPolicy) {
	i, found := searchBy(o.Policies, p.ID, policyID)
	if !found {
		o.Policies = slices.Insert(o.Policies, i, p)
		return
	}
	old := &o.Policies[i]
	old.Name, old.Type = cmp.Or(p.Name, old.Name), cmp.Or(p.Type, old.Type)
	if p.Document != nil {
		old.Document = p.Document
	}
}

func (o *Organization) join(other *Organization) {
	o.ID, o.Management = cmp.Or(other.ID, o.ID), cmp.Or(other.Management, o.Management)
	for _, n := range other.Nodes {
		o.node(n)
	}
	for _, p := range other.Policies {
		o.addPolicy(p)
	}
}

// org is the organisation of the management account that an ARN of
// Organizations names; where it names none, the one that is loaded.
func (l *Loaded) org(into States, arn string) (*State, error) {
	if a := accountOf(arn); a != "" {
		l.of(a)
		s := into.of(a)
		if parts := strings.Split(arn, "/"); len(parts) > 1 && strings.HasPrefix(parts[1], "o-") {
			s.organization().ID = parts[1]
		}
		s.organization()
		return s, nil
	}
	var known []*State
	for _, s := range into {
		if s.Organization != nil {
			known = append(known, s)
		}
	}
	if len(known) != 1 {
		return nil, fmt.Errorf("%s: %w", l.What, ErrNoAccount)
	}
	l.of(known[0].AccountID)
	return known[0], nil
}

// orgItem is what Organizations says of a root, unit, account, child, parent or target.
type orgItem struct {
	ID, TargetID, Arn, Name, Type, Status, State string
	Path                                         string
	Paths                                        []string
	PolicyTypes                                  []struct{ Type, Status string }
}

func (i *orgItem) node() OrgNode {
	n := OrgNode{ID: cmp.Or(i.ID, i.TargetID), Name: i.Name, Status: cmp.Or(i.Status, i.State)}
	if n.root() && i.PolicyTypes != nil {
		n.Types = []string{}
		for _, t := range i.PolicyTypes {
			if t.Status == "ENABLED" {
				n.Types = append(n.Types, t.Type)
			}
		}
	}
	return n
}

// parent is the ID before the item's own in its path (o-…/r-…/ou-…/…/), or "".
func (i *orgItem) parent() string {
	for _, p := range append(i.Paths, i.Path) {
		steps := strings.Split(strings.Trim(p, "/"), "/")
		if n := len(steps); n > 1 && steps[n-1] == i.ID {
			return steps[n-2]
		} else if n > 1 && strings.HasPrefix(steps[n-1], "ou-") {
			return steps[n-1]
		}
	}
	return ""
}

func (l *Loaded) describedOrganization(docs []json.RawMessage, into States) error {
	type answer struct {
		Organization struct{ ID, Arn, MasterAccountID, ManagementAccountID string }
	}
	return each(l, docs, func(a answer, _ json.RawMessage) error {
		s, err := l.org(into, a.Organization.Arn)
		if err == nil {
			s.organization().ID = cmp.Or(a.Organization.ID, s.Organization.ID)
			s.Organization.Management = cmp.Or(a.Organization.MasterAccountID, a.Organization.ManagementAccountID, s.Organization.Management)
		}
		return err
	})
}

func (l *Loaded) roots(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Roots []orgItem }, _ json.RawMessage) error {
		return l.nodes(into, a.Roots, "")
	})
}

func (l *Loaded) unit(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ OrganizationalUnit orgItem }, _ json.RawMessage) error {
		return l.nodes(into, []orgItem{a.OrganizationalUnit}, "")
	})
}

// units reads list-organizational-units-for-parent.
func (l *Loaded) units(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ OrganizationalUnits []orgItem }, raw json.RawMessage) error {
		return l.below(into, a.OrganizationalUnits, raw)
	})
}

// accounts reads list-accounts and list-accounts-for-parent.
func (l *Loaded) accounts(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Accounts []orgItem }, raw json.RawMessage) error {
		return l.below(into, a.Accounts, raw)
	})
}

func (l *Loaded) children(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Children []orgItem }, raw json.RawMessage) error {
		return l.below(into, a.Children, raw)
	})
}

// below adds nodes below the parent that the listing was asked for, where
// that is known.
func (l *Loaded) below(into States, items []orgItem, raw json.RawMessage) error {
	parent, err := l.asked(raw, "ParentId")
	if err != nil || isAccountID(parent) {
		parent = "" // the items may tell their paths; else Path says that it does not know
	}
	return l.nodes(into, items, parent)
}

func (l *Loaded) nodes(into States, items []orgItem, parent string) error {
	for _, i := range items {
		s, err := l.org(into, orgARN(i.Arn))
		if err != nil {
			return err
		}
		n := i.node()
		if n.ID == "" {
			return fmt.Errorf("%s: an entry has no Id", l.What)
		}
		if n.Parent = cmp.Or(i.parent(), parent); n.root() || n.Parent == n.ID {
			n.Parent = ""
		}
		s.Organization.node(n)
	}
	return nil
}

// orgARN is an ARN of Organizations, or "": some items have none.
func orgARN(arn string) string {
	if strings.Contains(arn, ":organizations::") {
		return arn
	}
	return ""
}

// parents reads list-parents.
func (l *Loaded) parents(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Parents []orgItem }, raw json.RawMessage) error {
		child, err := l.asked(raw, "ChildId")
		if err != nil {
			return err
		}
		s, err := l.org(into, "")
		for _, p := range a.Parents {
			if err == nil {
				s.Organization.node(OrgNode{ID: child, Parent: p.ID})
			}
		}
		return err
	})
}

// policySummary is Organizations' PolicySummary.
type policySummary struct {
	ID, Arn, Name, Type string
	AwsManaged          bool
}

func isOrgPolicy(m object) bool { return m.inner("Policy").has("PolicySummary") }

// orgPolicy reads describe-policy.
func (l *Loaded) orgPolicy(docs []json.RawMessage, into States) error {
	type answer struct {
		Policy struct {
			PolicySummary policySummary
			Content       string
		}
	}
	return each(l, docs, func(a answer, _ json.RawMessage) error {
		p := a.Policy.PolicySummary
		if p.ID == "" {
			return fmt.Errorf("%s: it has no Id", l.What)
		}
		s, err := l.org(into, customARN(p.Arn))
		if err != nil {
			return err
		}
		out := OrgPolicy{ID: p.ID, Name: p.Name, Type: p.Type}
		if p.Type == SCPType || p.Type == RCPType {
			if out.Document, err = ParsePolicy([]byte(a.Policy.Content)); err != nil {
				s.warn(fmt.Sprintf("policy %s of the organization cannot be read: %v", p.ID, err))
			}
		}
		s.Organization.addPolicy(out)
		return nil
	})
}

// isOrgPolicies takes in what list-policies and list-policies-for-target give.
func isOrgPolicies(m object) bool {
	return bytes.Contains(m["Policies"], []byte(`_POLICY"`)) || m.has("Policies") && m.has("TargetId")
}

// orgPolicies reads list-policies-for-target, and list-policies, whose file names no target.
func (l *Loaded) orgPolicies(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Policies []policySummary }, raw json.RawMessage) error {
		target, _ := l.asked(raw, "TargetId")
		for _, p := range a.Policies {
			s, err := l.org(into, customARN(p.Arn))
			if err != nil {
				return err
			}
			if p.ID == "" {
				return fmt.Errorf("%s: an entry has no Id", l.What)
			}
			s.Organization.addPolicy(OrgPolicy{ID: p.ID, Name: p.Name, Type: p.Type})
			if target != "" {
				s.Organization.node(OrgNode{ID: target, Attached: []string{p.ID}})
			}
		}
		return nil
	})
}

// customARN leaves out AWS's own policies, whose ARN has the account "aws".
func customARN(arn string) string {
	if strings.Contains(arn, "::aws:") {
		return ""
	}
	return arn
}

// targets reads list-targets-for-policy.
func (l *Loaded) targets(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Targets []orgItem }, raw json.RawMessage) error {
		id, err := l.asked(raw, "PolicyId")
		if err != nil {
			return err
		}
		for _, t := range a.Targets {
			s, err := l.org(into, orgARN(t.Arn))
			if err != nil {
				return err
			}
			if t.TargetID == "" {
				return errors.New("targets of a policy: one has no TargetId")
			}
			n := t.node()
			n.Attached = []string{id}
			s.Organization.node(n)
		}
		return nil
	})
}
