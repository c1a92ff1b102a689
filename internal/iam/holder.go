package iam

import (
	"maps"
	"slices"
)

// Holder is a user or role with every policy that bears on it.
type Holder struct {
	AccountID string
	ARN       string
	Name      string
	User      *User // one of User and Role is set
	Role      *Role
	// Policies are inline ones first, then managed, then those of groups.
	Policies []HeldPolicy
	// Boundary is the permissions boundary's ARN, or empty; BoundaryDocument
	// its document, nil where the state does not hold it.
	Boundary         string
	BoundaryDocument *Document
	// SCPs and RCPs are the levels of the organisation that bear on the
	// holder: root, unit, …, account; nil where none does or none is known.
	// Levels are shared by the account's holders: do not change them.
	SCPs, RCPs [][]*Document
	// Unresolved are ARNs of managed policies, and names of groups, that the
	// state does not hold: what they allow is not known. The boundary is
	// among them where its document is missing, and so are policies of the
	// organisation, as "scp:p-a1b2c3d4", and levels, as "scp:of ou-ab12-cdefgh34".
	Unresolved []string

	guardNames map[*Document]string
}

// HeldPolicy is one policy of a holder.
type HeldPolicy struct {
	Name     string
	ARN      string // of a managed policy; empty for an inline one
	Source   string // "inline", "managed", or "group:<name>"
	Document *Document
}

// Lookup finds a user or role by its ARN, or by the ARN of one of the role's
// sessions, which has the role's name without its path. Who asks often asks
// an Index.
func (s *State) Lookup(arn string) (Holder, bool) { return s.Index().Lookup(arn) }

// RoleNamed finds a role by name, which is unique in an account whatever the path.
func (s *State) RoleNamed(name string) (Holder, bool) { return s.Index().RoleNamed(name) }

// RoleOfProfile finds the role that an instance profile holds, by the profile's ARN.
func (s *State) RoleOfProfile(arn string) (*Role, bool) { return s.Index().RoleOfProfile(arn) }

// Holders are all users, then all roles, in the state's order.
func (s *State) Holders() []Holder { return s.Index().Holders() }

func (x *Index) user(u *User) Holder {
	h := Holder{AccountID: x.state.AccountID, ARN: u.ARN, Name: u.Name, User: u, Boundary: u.Boundary}
	h.add(x, u.Inline, u.Attached, "")
	for _, name := range u.Groups {
		if g := x.groups[name]; g != nil {
			h.add(x, g.Inline, g.Attached, name)
		} else {
			h.Unresolved = append(h.Unresolved, "group:"+name)
		}
	}
	h.bound(x)
	return h
}

func (x *Index) role(r *Role) Holder {
	h := Holder{AccountID: x.state.AccountID, ARN: r.ARN, Name: r.Name, Role: r, Boundary: r.Boundary}
	h.add(x, r.Inline, r.Attached, "")
	h.bound(x)
	return h
}

func (h *Holder) add(x *Index, inline []NamedDocument, attached []string, group string) {
	from := func(own string) string {
		if group != "" {
			return "group:" + group
		}
		return own
	}
	for _, d := range inline {
		if d.Document != nil {
			h.Policies = append(h.Policies, HeldPolicy{Name: d.Name, Source: from("inline"), Document: d.Document})
		} else {
			h.Unresolved = append(h.Unresolved, "inline:"+d.Name)
		}
	}
	for _, arn := range attached {
		if p := x.policies[arn]; p != nil && p.Document != nil {
			h.Policies = append(h.Policies, HeldPolicy{Name: p.Name, ARN: arn, Source: from("managed"), Document: p.Document})
		} else {
			h.Unresolved = append(h.Unresolved, arn)
		}
	}
}

func (h *Holder) bound(x *Index) {
	if p := x.policies[h.Boundary]; p != nil && p.Document != nil {
		h.BoundaryDocument = p.Document
	} else if h.Boundary != "" {
		h.Unresolved = append(h.Unresolved, h.Boundary)
	}
	h.guard(x.state)
	slices.Sort(h.Unresolved)
	h.Unresolved = slices.Compact(h.Unresolved)
}

// Documents are the holder's policies ready for Decide, with their names. A
// boundary whose document is not known is left out: see Unresolved. RCPs are
// those of the holder's own account: take them out for a resource of another.
func (h *Holder) Documents() Policies {
	p := Policies{Names: make(map[*Document]string, len(h.Policies)+len(h.guardNames)+1), SCPs: h.SCPs, RCPs: h.RCPs}
	maps.Copy(p.Names, h.guardNames)
	for _, held := range h.Policies {
		p.Identity = append(p.Identity, held.Document)
		p.Names[held.Document] = held.Label()
	}
	if h.BoundaryDocument != nil {
		p.Boundary = []*Document{h.BoundaryDocument}
		if _, ok := p.Names[h.BoundaryDocument]; !ok {
			p.Names[h.BoundaryDocument] = h.Boundary
		}
	}
	return p
}

// Label names the policy for people: its ARN, or "inline Name", or "group:admins Name".
func (p HeldPolicy) Label() string {
	if p.Source == "managed" {
		return p.ARN
	}
	return p.Source + " " + p.Name
}
