package iam

import (
	"maps"
	"slices"
)

// Clone is a deep copy, to edit while the original stays.
func (d *Document) Clone() *Document {
	if d == nil {
		return nil
	}
	c := *d
	c.Statements = make([]Statement, len(d.Statements))
	for i, s := range d.Statements {
		c.Statements[i] = s.Clone()
	}
	return &c
}

// Clone is a deep copy.
func (s Statement) Clone() Statement {
	s.Principal, s.NotPrincipal = s.Principal.clone(), s.NotPrincipal.clone()
	s.Action, s.NotAction = s.Action.clone(), s.NotAction.clone()
	s.Resource, s.NotResource = s.Resource.clone(), s.NotResource.clone()
	s.Condition = maps.Clone(s.Condition)
	for op, keys := range s.Condition {
		s.Condition[op] = cloneLists(keys)
	}
	return s
}

func (p *Principal) clone() *Principal {
	if p == nil {
		return nil
	}
	return &Principal{Any: p.Any, By: cloneLists(p.By)}
}

func (l StringList) clone() StringList {
	return StringList{Values: slices.Clone(l.Values), One: l.One}
}

func cloneLists(m map[string]StringList) map[string]StringList {
	m = maps.Clone(m)
	for k, l := range m {
		m[k] = l.clone()
	}
	return m
}
