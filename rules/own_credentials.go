package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// credentials are the rows of what signed in the logs, and of what the
// credential report calls active: each once.
func (b *rowBuilder) credentials(yield func(*Row) bool) {
	for _, arn := range b.everybody() {
		p, line := b.logged[arn], b.lines[arn]
		for _, c := range b.credentialsOf(p, line) {
			r := b.row(b.principal(arn, p, nil))
			r.Credential, r.credential = c, c.ID
			r.evidence = func([]string) Evidence { return credentialEvidence(c, p, line) }
			if !yield(r) {
				return
			}
		}
	}
}

func (b *rowBuilder) credentialsOf(p *analyze.Principal, line *iam.Credentials) []*CredentialRow {
	var rows []*CredentialRow
	if p != nil {
		for i := range p.Credentials {
			rows = append(rows, b.loggedCredential(p, &p.Credentials[i]))
		}
	}
	if line != nil {
		rows = b.reported(rows, line)
	}
	return rows
}

func (b *rowBuilder) loggedCredential(p *analyze.Principal, c *analyze.Credential) *CredentialRow {
	r := &CredentialRow{ID: c.ID, Kind: string(c.Kind), Seen: true, Events: c.Events, Denied: c.Denied, Regions: sortedOf(c.Regions),
		LastEvent: c.LastEvent, AgeDays: -1}
	for i := range p.Networks {
		if u := &p.Networks[i]; u.Credential == c.ID {
			r.Addresses = union(r.Addresses, u.Addresses)
		}
	}
	b.usedAt(r, c.Last)
	return r
}

func (b *rowBuilder) usedAt(r *CredentialRow, t time.Time) {
	r.LastUsed = newest(r.LastUsed, t).UTC()
	r.IdleDays = -1
	if !r.LastUsed.IsZero() {
		r.IdleDays = int64(daysBetween(r.LastUsed, b.q.f.AsOf))
	}
}

// reported joins the report's line to the rows. The report has no key ids: a
// key is told by the moment it was made where the state lists keys, or where
// the user has one active key and the logs have one.
func (b *rowBuilder) reported(rows []*CredentialRow, line *iam.Credentials) []*CredentialRow {
	if line.PasswordEnabled {
		r := rowNamed(&rows, "console", string(analyze.Console))
		r.Reported, r.MFA = true, line.MFA
		b.bornAt(r, line.PasswordChanged)
		b.usedAt(r, line.PasswordLastUsed)
	}
	for i, k := range line.Keys {
		if !k.Active {
			continue
		}
		r := rowNamed(&rows, b.keyID(rows, line, i), string(analyze.LongTermKey))
		r.Reported, r.MFA = true, line.MFA
		b.bornAt(r, cmp.Or(k.Rotated, line.Created))
		b.usedAt(r, k.LastUsed)
	}
	return rows
}

func (b *rowBuilder) bornAt(r *CredentialRow, t time.Time) {
	if r.AgeDays = -1; !t.IsZero() {
		r.Created, r.AgeDays = t.UTC(), int64(daysBetween(t, b.q.f.AsOf))
	}
}

func rowNamed(rows *[]*CredentialRow, id, kind string) *CredentialRow {
	for _, r := range *rows {
		if r.ID == id {
			return r
		}
	}
	r := &CredentialRow{ID: id, Kind: kind}
	*rows = append(*rows, r)
	return r
}

func (b *rowBuilder) keyID(rows []*CredentialRow, line *iam.Credentials, i int) string {
	for _, k := range b.q.states[arnAccount(line.ARN)].AccessKeys {
		if k.User == line.User && k.Created.Truncate(time.Second).Equal(line.Keys[i].Rotated.Truncate(time.Second)) {
			return k.ID
		}
	}
	seen := slices.DeleteFunc(slices.Clone(rows), func(r *CredentialRow) bool { return !strings.HasPrefix(r.ID, "AKIA") })
	if len(seen) == 1 && line.Keys[0].Active != line.Keys[1].Active {
		return seen[0].ID
	}
	return fmt.Sprintf("access key %d", i+1)
}

func credentialEvidence(r *CredentialRow, p *analyze.Principal, line *iam.Credentials) Evidence {
	var us []analyze.NetworkUse
	if p != nil {
		for _, u := range p.Networks {
			if u.Credential == r.ID || r.ID == "sessions" && strings.HasPrefix(u.Credential, "ASIA") {
				us = append(us, u)
			}
		}
	}
	e := usesEvidence(us)
	e.Count = max(r.Events, 1)
	e.Last = cmp.Or(e.Last, moment(r.LastUsed))
	if line != nil && r.Reported {
		e.State = "report/" + line.User
	}
	return e
}

// useEvidence is what the logs have of a principal: of the actions that the
// texts name, whole or by their beginning, or of everything where they name none.
func (b *rowBuilder) useEvidence(arn string, p *analyze.Principal, texts []string) Evidence {
	e := Evidence{}
	if h := b.q.holder(arn); h != nil {
		e.State = statePlace(h)
	}
	if p == nil {
		e.Count = 1
		return e
	}
	named := Evidence{State: e.State}
	for i := range p.Usage {
		if u := &p.Usage[i]; names(texts, u.Action) {
			named = withUse(named, u)
		}
	}
	if named.Count > 0 {
		return named
	}
	uses := usesEvidence(p.Networks)
	uses.State, uses.Count = e.State, p.Events
	uses.First, uses.Last = moment(p.First), moment(p.Last)
	return uses
}

func statePlace(h *held) string {
	if h.User != nil {
		return "users/" + h.Name
	}
	return "roles/" + h.Name
}

// names tells that one of the texts is the action, its service with a colon, or a beginning of it.
func names(texts []string, action string) bool {
	return slices.ContainsFunc(texts, func(t string) bool {
		return strings.Contains(t, ":") && len(t) <= len(action) && strings.EqualFold(action[:len(t)], t)
	})
}

func withUse(e Evidence, u *analyze.Usage) Evidence {
	e.Count += u.Count
	if e.First == nil || u.First.Before(*e.First) {
		e.First = instant(u.First)
	}
	if e.Last == nil || u.Last.After(*e.Last) {
		e.Last = instant(u.Last)
	}
	e.Events = firstOf(append(e.Events, u.Events...), 10)
	e.Actions = union(e.Actions, []string{u.Action})
	return e
}
