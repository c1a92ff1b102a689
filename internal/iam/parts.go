package iam

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Parts names the inputs that the state was loaded from, sorted: access_keys,
// details, last_accessed, organization, password_policy, permission_sets,
// report, summary, trails, virtual_mfa. What an absent part would tell is not
// evaluable, never "none".
func (s *State) Parts() []string {
	out := []string{}
	for _, p := range parts {
		if p.has(s) {
			out = append(out, p.name)
		}
	}
	return out
}

// AllParts are the names that Parts knows, sorted.
func AllParts() []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.name
	}
	return out
}

// parts are sorted by name. Merge takes a part from another state: later
// tells that the other state is of a later time, or that this one has no such part.
var parts = []struct {
	name  string
	has   func(*State) bool
	merge func(s, other *State, later bool)
}{
	{"access_keys", func(s *State) bool { return s.HasAccessKeys }, mergeAccessKeys},
	{"details", func(s *State) bool { return s.HasDetails }, mergeDetails},
	{"last_accessed", func(s *State) bool { return len(s.LastAccessed) > 0 }, mergeAccessed},
	{"organization", func(s *State) bool { return s.Organization != nil }, mergeOrganization},
	{"password_policy", func(s *State) bool { return s.PasswordPolicy != nil }, mergePasswordPolicy},
	{"permission_sets", func(s *State) bool { return s.HasPermissionSets }, mergePermissionSets},
	{"report", func(s *State) bool { return s.HasReport }, mergeReport},
	{"summary", func(s *State) bool { return s.Summary != nil }, mergeSummary},
	{"trails", func(s *State) bool { return s.HasTrails }, mergeTrails},
	{"virtual_mfa", func(s *State) bool { return s.HasVirtualMFA }, mergeVirtualMFA},
}

// mergeParts takes each part from the later state, as a whole; parts of one
// time are joined.
func (s *State) mergeParts(other *State) {
	order := other.TakenAt.Compare(s.TakenAt)
	for _, p := range parts {
		if !p.has(other) {
			continue
		}
		if later := order > 0 || !p.has(s); later || order == 0 {
			p.merge(s, other, later)
		}
	}
}

func mergeDetails(s, o *State, later bool) {
	if s.HasDetails = true; later {
		s.Users, s.Roles = slices.Clone(o.Users), slices.Clone(o.Roles)
		s.Groups, s.Policies = slices.Clone(o.Groups), slices.Clone(o.Policies)
		return
	}
	s.Users = putAll(s, s.Users, o.Users, func(u User) string { return u.ARN })
	s.Roles = putAll(s, s.Roles, o.Roles, func(r Role) string { return r.ARN })
	s.Groups = putAll(s, s.Groups, o.Groups, func(g Group) string { return g.ARN })
	s.Policies = putAll(s, s.Policies, o.Policies, func(p Policy) string { return p.ARN })
}

func mergeReport(s, o *State, later bool) {
	s.HasReport, s.Report = true, joined(s, s.Report, o.Report, later, func(c Credentials) string { return c.ARN })
}

func mergeSummary(s, o *State, _ bool) { s.Summary = o.Summary }

func mergePasswordPolicy(s, o *State, _ bool) { s.PasswordPolicy = o.PasswordPolicy }

func mergeAccessKeys(s, o *State, later bool) {
	s.HasAccessKeys, s.AccessKeys = true, joined(s, s.AccessKeys, o.AccessKeys, later, keyID)
}

func mergeVirtualMFA(s, o *State, later bool) {
	s.HasVirtualMFA, s.VirtualMFA = true, joined(s, s.VirtualMFA, o.VirtualMFA, later, serial)
}

func mergeAccessed(s, o *State, later bool) {
	if later {
		s.LastAccessed = nil
	}
	for _, l := range o.LastAccessed {
		s.accessed(l)
	}
}

func mergeTrails(s, o *State, later bool) {
	if s.HasTrails = true; later {
		s.Trails = nil
	}
	for _, t := range o.Trails {
		s.trail(t)
	}
}

func mergePermissionSets(s, o *State, later bool) {
	if s.HasPermissionSets = true; later {
		s.PermissionSets = nil
	}
	for _, p := range o.PermissionSets {
		s.permissionSet(p)
	}
}

func mergeOrganization(s, o *State, later bool) {
	if later {
		s.Organization = nil
	}
	s.organization().join(o.Organization)
}

// joined is a list of the later state, or of both where they are of one time.
func joined[T any](s *State, list, add []T, later bool, key func(T) string) []T {
	if later {
		return slices.Clone(add)
	}
	return putAll(s, list, add, key)
}

// searchBy finds a key in a list that is sorted by it.
func searchBy[T any](list []T, k string, key func(T) string) (int, bool) {
	return slices.BinarySearchFunc(list, k, func(t T, k string) int { return cmp.Compare(key(t), k) })
}

// StoredParts reads from the beginning of what EncodeState wrote which parts
// the state has, so that a state without the wanted parts need not be read; ok is false
// where the state does not begin with them, as older ones.
func StoredParts(r io.Reader) (names []string, ok bool, err error) {
	dec := json.NewDecoder(r)
	for _, want := range []any{json.Delim('{'), "schema", schema, "parts"} {
		t, err := dec.Token()
		if err != nil {
			return nil, false, fmt.Errorf("read state: %w", broken(eof(err)))
		}
		if t != want {
			return nil, false, nil
		}
	}
	if err := dec.Decode(&names); err != nil {
		return nil, false, fmt.Errorf("read state: %w", broken(eof(err)))
	}
	return names, true, nil
}

// eof tells an end that comes too early.
func eof(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
