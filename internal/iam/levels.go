package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// guardLevel is what a root, unit or account limits.
type guardLevel struct {
	node       string
	scps, rcps []*Document
}

// Organize gives each account of an organisation that is among the states the
// SCPs and RCPs that bear on it, for Holder. Call it once all is loaded. The
// management account is not limited by them (Organizations user guide, SCPs
// and RCPs, seen 2026-11).
func (m States) Organize() {
	var orgs []*State
	for _, s := range m {
		s.levels, s.unguarded, s.levelNames = nil, nil, nil
		if s.Organization != nil {
			orgs = append(orgs, s)
		}
	}
	slices.SortFunc(orgs, func(a, b *State) int {
		return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.AccountID, b.AccountID))
	})
	for _, o := range orgs {
		for i := range o.Organization.Nodes {
			n := &o.Organization.Nodes[i]
			if s := m[n.ID]; s != nil && isAccountID(n.ID) && n.ID != o.Organization.Management {
				s.guard(o.Organization)
			}
		}
	}
}

// guard makes the levels of one account.
func (s *State) guard(o *Organization) {
	s.levels, s.unguarded, s.levelNames = nil, nil, map[*Document]string{}
	path, ok := o.Path(s.AccountID)
	if !ok {
		s.unguarded = append(s.unguarded, "organization:parents of "+s.AccountID)
	}
	g := guarding{s, o, o.limits(SCPType), o.limits(RCPType)}
	if ok {
		g.enabled(o.Node(path[0]).Types)
	}
	for _, id := range path {
		if id != "" {
			s.levels = append(s.levels, g.level(o.Node(id)))
		}
	}
	slices.Sort(s.unguarded)
	s.unguarded = slices.Compact(s.unguarded)
}

// limits tells that the organisation has policies of a type.
func (o *Organization) limits(kind string) bool {
	return slices.ContainsFunc(o.Policies, func(p OrgPolicy) bool { return p.Type == kind })
}

// guarding is the making of an account's levels.
type guarding struct {
	state      *State
	org        *Organization
	scps, rcps bool // the type is enabled
}

func (g *guarding) enabled(types []string) {
	if types != nil {
		g.scps, g.rcps = slices.Contains(types, SCPType), slices.Contains(types, RCPType)
	}
}

func (g *guarding) level(n *OrgNode) guardLevel {
	l := guardLevel{node: n.ID}
	if g.scps {
		l.scps = g.attached(n, SCPType, "scp")
	}
	if g.rcps {
		l.rcps = g.attached(n, RCPType, "rcp")
	}
	return l
}

// attached are the documents of one type at a node. Where one is not known, or
// none is listed, which AWS does not allow, what they allow is not
// known: the level allows all then, and still denies what known ones deny.
func (g *guarding) attached(n *OrgNode, kind, word string) []*Document {
	docs, listed, open := []*Document{}, false, false
	for _, id := range n.Attached {
		p := g.org.policy(id)
		switch {
		case p == nil && !strings.HasSuffix(id, "FullAWSAccess"):
			open = true
			g.unknown(word + ":" + id)
		case p != nil && p.Type != "" && p.Type != kind, p == nil && (id == rcpFull) != (kind == RCPType):
		default:
			listed = true
			docs, open = g.document(docs, open, p, id, word)
		}
	}
	if !listed {
		g.unknown(word + ":of " + n.ID)
	}
	if !listed || open {
		docs = append(docs, fullAccess(kind))
	}
	return docs
}

// The policies that AWS attaches by itself; they allow fullAccess.
const (
	scpFull = "p-FullAWSAccess"
	rcpFull = "p-RCPFullAWSAccess"
)

func (g *guarding) document(docs []*Document, open bool, p *OrgPolicy, id, word string) ([]*Document, bool) {
	switch {
	case p != nil && p.Document != nil:
		g.state.levelNames[p.Document] = word + " " + cmp.Or(p.Name, id)
		return append(docs, p.Document), open
	case id == scpFull || id == rcpFull:
		return docs, true // all is allowed, and that is known
	}
	g.unknown(word + ":" + id)
	return docs, true
}

func (g *guarding) unknown(what string) { g.state.unguarded = append(g.state.unguarded, what) }

// fullAccess is FullAWSAccess of a type.
func fullAccess(kind string) *Document {
	all := StringList{Values: []string{"*"}, One: true}
	s := Statement{Sid: "FullAWSAccess", Effect: Allow, Action: all, Resource: all}
	if kind == RCPType {
		s.Principal = &Principal{Any: true}
	}
	return &Document{Version: "2012-10-17", Statements: []Statement{s}}
}

// guard puts the levels of the account on a holder. Service-linked roles are
// not limited by them.
func (h *Holder) guard(s *State) {
	if h.Role != nil && strings.HasPrefix(h.Role.Path, "/aws-service-role/") {
		return
	}
	for _, l := range s.levels {
		if l.scps != nil {
			h.SCPs = append(h.SCPs, l.scps)
		}
		if l.rcps != nil {
			h.RCPs = append(h.RCPs, l.rcps)
		}
	}
	h.Unresolved = append(h.Unresolved, s.unguarded...)
	h.guardNames = s.levelNames
}

// Levels say, one line a level from the root to the account, which SCPs and
// RCPs bear on the account; nil where no organisation is known or none bears.
func (s *State) Levels() []string {
	var out []string
	for _, l := range s.levels {
		out = append(out, fmt.Sprintf("%s: %d SCPs, %d RCPs", l.node, len(l.scps), len(l.rcps)))
	}
	return out
}
