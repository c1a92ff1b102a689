package iam

import "strings"

// Index finds things of one state by key. It holds the state, which must not
// change under it, and may be read by several goroutines.
type Index struct {
	state    *State
	policies map[string]*Policy
	groups   map[string]*Group
	users    map[string]*User // by ARN
	roles    map[string]*Role // by ARN
	names    map[string]*Role // by name in lower case: IAM's names are unique without regard to case
	profiles map[string]*Role // by the instance profile's ARN
}

// Index makes the index of the state as it is now.
func (s *State) Index() *Index {
	x := &Index{
		state: s, policies: make(map[string]*Policy), groups: make(map[string]*Group), users: make(map[string]*User),
		roles: make(map[string]*Role), names: make(map[string]*Role), profiles: make(map[string]*Role),
	}
	for i := range s.Policies {
		x.policies[s.Policies[i].ARN] = &s.Policies[i]
	}
	for i := range s.Groups {
		x.groups[s.Groups[i].Name] = &s.Groups[i]
	}
	for i := range s.Users {
		x.users[s.Users[i].ARN] = &s.Users[i]
	}
	for i := range s.Roles {
		x.roles[s.Roles[i].ARN] = &s.Roles[i]
		x.names[strings.ToLower(s.Roles[i].Name)] = &s.Roles[i]
		for _, arn := range s.Roles[i].Profiles {
			x.profiles[arn] = &s.Roles[i]
		}
	}
	return x
}

// Lookup finds a user or role by its ARN, or a role by the ARN of one of its sessions.
func (x *Index) Lookup(arn string) (Holder, bool) {
	if u := x.users[arn]; u != nil {
		return x.user(u), true
	}
	if r := x.roles[arn]; r != nil {
		return x.role(r), true
	}
	c := readCaller(arn)
	if c.kind == roleCaller && c.session() && c.account == x.state.AccountID {
		return x.RoleNamed(c.name)
	}
	return Holder{}, false
}

// RoleNamed finds a role by name.
func (x *Index) RoleNamed(name string) (Holder, bool) {
	if r := x.names[strings.ToLower(name)]; r != nil {
		return x.role(r), true
	}
	return Holder{}, false
}

// RoleOfProfile finds the role that an instance profile holds, by the
// profile's ARN; a profile holds one role at most.
func (x *Index) RoleOfProfile(arn string) (*Role, bool) {
	r := x.profiles[arn]
	return r, r != nil
}

// Holders are all users, then all roles, in the state's order.
func (x *Index) Holders() []Holder {
	out := make([]Holder, 0, len(x.state.Users)+len(x.state.Roles))
	for i := range x.state.Users {
		out = append(out, x.user(&x.state.Users[i]))
	}
	for i := range x.state.Roles {
		out = append(out, x.role(&x.state.Roles[i]))
	}
	return out
}
