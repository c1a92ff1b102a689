package rules

import (
	"cmp"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// rowBuilder makes rows of the facts and states; nil where nobody wants any.
func (q *inquiry) rowBuilder(wanted bool) *rowBuilder {
	if !wanted {
		return nil
	}
	b := &rowBuilder{q: q, of: map[string]*PrincipalRow{}, lines: map[string]*iam.Credentials{}, logged: map[string]*analyze.Principal{}}
	for i := range q.f.Principals {
		b.logged[q.f.Principals[i].ARN] = &q.f.Principals[i]
	}
	for _, id := range q.accounts {
		for i := range q.states[id].Report {
			c := &q.states[id].Report[i]
			b.lines[c.ARN] = c
		}
	}
	return b
}

// rows are all rows of a kind, in the order of the facts.
func (b *rowBuilder) rows(kind RowKind) iter.Seq[*Row] {
	return map[RowKind]iter.Seq[*Row]{PrincipalRows: b.principals, DenialRows: b.denials, ChangeRows: b.changes, CredentialRows: b.credentials}[kind]
}

type rowBuilder struct {
	q     *inquiry
	of    map[string]*PrincipalRow // by ARN, each made once
	lines map[string]*iam.Credentials
	// logged are the principals of the facts by ARN.
	logged map[string]*analyze.Principal
}

func (b *rowBuilder) row(p *PrincipalRow) *Row {
	return &Row{AsOf: b.q.f.AsOf, WindowDays: b.q.f.Window.Days(), Principal: p, account: p.AccountID}
}

// everybody are the ARNs of all principals that the logs, the state or the report have, sorted.
func (b *rowBuilder) everybody() []string {
	set := map[string]bool{}
	for arn := range b.logged {
		set[arn] = true
	}
	for arn := range b.q.holders {
		set[arn] = true
	}
	for arn := range b.lines {
		set[arn] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func (b *rowBuilder) principals(yield func(*Row) bool) {
	for _, arn := range b.everybody() {
		p := b.logged[arn]
		r := b.row(b.principal(arn, p, nil))
		r.evidence = func(texts []string) Evidence { return b.useEvidence(arn, p, texts) }
		if !yield(r) {
			return
		}
	}
}

// principal is the row of an ARN; p is nil where the logs have nothing, a
// where nothing but the state tells who it is.
func (b *rowBuilder) principal(arn string, p *analyze.Principal, a *analyze.Actor) *PrincipalRow {
	if r := b.of[arn]; r != nil {
		return r
	}
	r := &PrincipalRow{ARN: arn, Name: nameOf(arn), Kind: kindOf(arn), AccountID: arnAccount(arn), IdleDays: -1, AgeDays: -1, Tags: map[string]string{}}
	if p != nil {
		a = &p.Actor
		b.useOf(r, p)
	}
	if a != nil {
		r.Name, r.Kind, r.AccountID = cmp.Or(a.Name, r.Name), cmp.Or(string(a.Kind), r.Kind), cmp.Or(a.AccountID, r.AccountID)
	}
	b.stateOf(r)
	r.Owner = b.q.o.ownerOf(r.AccountID, arn)
	b.of[arn] = r
	return r
}

func kindOf(arn string) string {
	switch {
	case strings.Contains(arn, ":user/"):
		return string(analyze.KindUser)
	case strings.Contains(arn, ":role/"):
		return string(analyze.KindRole)
	case strings.HasSuffix(arn, ":root"):
		return string(analyze.KindRoot)
	}
	return string(analyze.KindUnknown)
}

// useOf fills in what the logs tell.
func (b *rowBuilder) useOf(r *PrincipalRow, p *analyze.Principal) {
	r.Seen, r.First, r.Last, r.IdleDays = true, p.First.UTC(), p.Last.UTC(), int64(daysBetween(p.Last, b.q.f.AsOf))
	r.Events, r.Denied, r.Days = p.Events, p.Denied, int64(p.Days)
	r.AssumedBy, r.ServiceLinked = sortedOf(p.AssumedBy), p.ServiceLinked
	sets := map[*[]string]map[string]bool{}
	put := func(list *[]string, s string) {
		if s == "" {
			return
		}
		if sets[list] == nil {
			sets[list] = map[string]bool{}
		}
		sets[list][s] = true
	}
	for i := range p.Usage {
		u := &p.Usage[i]
		put(&r.Regions, u.Region)
		if u.Outcome == analyze.OutcomeDenied {
			put(&r.DeniedActions, u.Action)
			continue
		}
		put(&r.Actions, u.Action)
		put(&r.Services, prefixOf(u.Action))
	}
	for _, u := range p.Networks {
		put(&r.Networks, u.Network)
		label := b.q.nets.known(u)
		put(&r.KnownNetworks, label)
		r.Outside = r.Outside || label == "" && netClassOf(u.Network) == direct
		for _, a := range u.Addresses {
			put(&r.Addresses, a)
		}
		for _, a := range u.Agents {
			put(&r.Agents, a)
		}
	}
	for list, set := range sets {
		*list = slices.Sorted(maps.Keys(set))
	}
}

// stateOf fills in what the IAM state tells.
func (b *rowBuilder) stateOf(r *PrincipalRow) {
	if c := b.lines[r.ARN]; c != nil {
		r.Reported, r.Password, r.MFA = true, c.PasswordEnabled, c.MFA
		b.born(r, c.Created)
	}
	h := b.q.holder(r.ARN)
	if h == nil {
		return
	}
	r.Loaded, r.Administrator, r.Boundary = true, h.admin, h.Boundary
	for _, p := range h.Policies {
		r.Policies = append(r.Policies, p.Label())
	}
	for _, u := range h.Unresolved {
		if strings.HasPrefix(u, "arn:") && u != h.Boundary {
			r.Policies = append(r.Policies, u)
		}
	}
	r.Policies = sortedOf(r.Policies)
	switch {
	case h.User != nil:
		r.Groups = sortedOf(h.User.Groups)
		b.tagged(r, h.User.Tags)
		b.born(r, h.User.Created)
	case h.Role != nil:
		b.tagged(r, h.Role.Tags)
		b.born(r, h.Role.Created)
	}
}

func (b *rowBuilder) tagged(r *PrincipalRow, tags map[string]string) {
	if tags != nil {
		r.Tags = tags
	}
}

func (b *rowBuilder) born(r *PrincipalRow, t time.Time) {
	if !t.IsZero() {
		r.Created, r.AgeDays = t.UTC(), int64(daysBetween(t, b.q.f.AsOf))
	}
}

func sortedOf(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }

func (b *rowBuilder) denials(yield func(*Row) bool) {
	for i := range b.q.f.Denials {
		d := &b.q.f.Denials[i]
		r := b.row(b.principal(d.ARN, b.logged[d.ARN], &d.Actor))
		r.account, r.resource, r.Denial = d.AccountID, deniedWhat(d)+" on "+cmp.Or(d.Resource, "*"), denialRow(d)
		r.evidence = func([]string) Evidence { return withDenial(Evidence{}, d) }
		if !yield(r) {
			return
		}
	}
}

func denialRow(d *analyze.Denial) *DenialRow {
	return &DenialRow{
		EventSource: d.EventSource, EventName: d.EventName, Action: d.Action, Resource: d.Resource, Code: d.Code, Tier: string(d.Tier), Layer: d.Layer,
		Effect: d.Effect, PolicyARN: d.PolicyARN, InvokedBy: d.InvokedBy, Message: d.Message, Count: d.Count, First: d.First.UTC(), Last: d.Last.UTC(),
		Days: int64(d.Days), Hours: int64(d.Hours), Addresses: d.Addresses, Agents: d.Agents, Sessions: d.Sessions, ReadOnly: d.ReadOnly, Console: d.Console,
		WithoutMFA: d.WithoutMFA, WorkedBefore: !d.AllowedBefore.IsZero(), WorksNow: !d.AllowedAfter.IsZero(),
	}
}

func (b *rowBuilder) changes(yield func(*Row) bool) {
	for i := range b.q.f.Changes {
		c := &b.q.f.Changes[i]
		r := b.row(b.principal(c.ARN, b.logged[c.ARN], &c.Actor))
		r.account, r.resource = cmp.Or(c.AccountID, c.Actor.AccountID), cmp.Or(c.Target, c.EventName)
		r.Change = b.changeRow(c)
		r.evidence = func([]string) Evidence {
			e := Evidence{Count: 1, First: instant(c.At), Last: instant(c.At), Events: []string{c.EventID}, Actions: []string{strings.TrimSuffix(c.EventSource, ".amazonaws.com") + ":" + c.EventName}}
			if c.Address != "" {
				e.Addresses = []string{c.Address}
			}
			return e
		}
		if !yield(r) {
			return
		}
	}
}

func (b *rowBuilder) changeRow(c *analyze.Change) *ChangeRow {
	r := &ChangeRow{At: c.At.UTC(), AccountID: c.AccountID, EventSource: c.EventSource, EventName: c.EventName, Address: c.Address, Session: c.Session,
		Target: c.Target, Detail: c.Detail, Policy: c.Policy, OnItself: c.OnItself}
	if a, err := netip.ParseAddr(c.Address); err == nil {
		r.KnownNetwork = b.q.nets.holding(a.Unmap(), a.Unmap().BitLen())
	}
	return r
}
