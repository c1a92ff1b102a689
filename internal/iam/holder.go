package iam

import (
	"slices"
	"strings"
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
	// Unresolved are ARNs of managed policies, and names of groups, that the
	// state does not hold: what they allow is not known. The boundary is
	// among them where its document is missing.
	Unresolved []string
}

// HeldPolicy is one policy of a holder.
type HeldPolicy struct {
	Name     string
	ARN      string // of a managed policy; empty for an inline one
	Source   string // "inline", "managed", or "group:<name>"
	Document *Document
}

// Lookup finds a user or role by its ARN, or by the ARN of one of the role's
// sessions, whose ARN has the role's name without its path.
func (s *State) Lookup(arn string) (Holder, bool) {
	c := readCaller(arn)
	if c.account != s.AccountID {
		return Holder{}, false
	}
	switch c.kind {
	case userCaller:
		return s.user(func(u *User) bool { return u.ARN == arn })
	case roleCaller:
		if c.session() {
			return s.RoleNamed(c.name)
		}
		return s.role(func(r *Role) bool { return r.ARN == arn })
	}
	return Holder{}, false
}

// RoleNamed finds a role by its name, which is unique in an account whatever the path.
func (s *State) RoleNamed(name string) (Holder, bool) {
	return s.role(func(r *Role) bool { return strings.EqualFold(r.Name, name) })
}

// UserNamed finds a user by name.
func (s *State) UserNamed(name string) (Holder, bool) {
	return s.user(func(u *User) bool { return strings.EqualFold(u.Name, name) })
}

// Holders are all users, then all roles, in the state's order.
func (s *State) Holders() []Holder {
	out := make([]Holder, 0, len(s.Users)+len(s.Roles))
	x := s.index()
	for i := range s.Users {
		out = append(out, x.user(&s.Users[i]))
	}
	for i := range s.Roles {
		out = append(out, x.role(&s.Roles[i]))
	}
	return out
}

func (s *State) user(is func(*User) bool) (Holder, bool) {
	for i := range s.Users {
		if is(&s.Users[i]) {
			return s.index().user(&s.Users[i]), true
		}
	}
	return Holder{}, false
}

func (s *State) role(is func(*Role) bool) (Holder, bool) {
	for i := range s.Roles {
		if is(&s.Roles[i]) {
			return s.index().role(&s.Roles[i]), true
		}
	}
	return Holder{}, false
}

// index is a state's managed policies and groups by key.
type index struct {
	state    *State
	policies map[string]*Policy
	groups   map[string]*Group
}

func (s *State) index() index {
	x := index{s, make(map[string]*Policy, len(s.Policies)), make(map[string]*Group, len(s.Groups))}
	for i := range s.Policies {
		x.policies[s.Policies[i].ARN] = &s.Policies[i]
	}
	for i := range s.Groups {
		x.groups[s.Groups[i].Name] = &s.Groups[i]
	}
	return x
}

func (x index) user(u *User) Holder {
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

func (x index) role(r *Role) Holder {
	h := Holder{AccountID: x.state.AccountID, ARN: r.ARN, Name: r.Name, Role: r, Boundary: r.Boundary}
	h.add(x, r.Inline, r.Attached, "")
	h.bound(x)
	return h
}

func (h *Holder) add(x index, inline []NamedDocument, attached []string, group string) {
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

func (h *Holder) bound(x index) {
	if p := x.policies[h.Boundary]; p != nil && p.Document != nil {
		h.BoundaryDocument = p.Document
	} else if h.Boundary != "" {
		h.Unresolved = append(h.Unresolved, h.Boundary)
	}
	slices.Sort(h.Unresolved)
	h.Unresolved = slices.Compact(h.Unresolved)
}

// Documents are the holder's policies ready for Decide, with their names. A
// boundary whose document is not known is left out: see Unresolved.
func (h *Holder) Documents() Policies {
	p := Policies{Names: make(map[*Document]string, len(h.Policies)+1)}
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
