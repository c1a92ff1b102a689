package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// trackedDays is how far back IAM's last-accessed record goes (IAM user guide, seen 2026-11).
const trackedDays = 400

// recall is what IAM's last-accessed record of a principal knows beyond the
// logs. It vetoes: what it knows as used is not unused, whatever the logs show.
// It counts attempts, so that a denied call is in it too. A nil recall knows nothing.
type recall struct {
	l *iam.LastAccessed
	// since bounds what counts of a service whose actions are not told one by one.
	since, oldest time.Time
	seen          map[string]time.Time // by service: the last call in the logs, denied ones among them
}

// recallOf is nil where the state has no record of the principal.
func recallOf(s *iam.State, arn string, usage []analyze.Usage, since, asOf time.Time) *recall {
	if s == nil {
		return nil
	}
	l := s.Accessed(arn)
	if l == nil {
		return nil
	}
	r := &recall{l: l, since: since, oldest: asOf.AddDate(0, 0, -trackedDays), seen: map[string]time.Time{}}
	for i := range usage {
		service := prefixOf(usage[i].Action)
		r.seen[service] = newest(r.seen[service], usage[i].Last)
	}
	return r
}

// last is when the action was used by the record, zero where it does not veto.
// An action that is told by itself counts for 400 days. One whose service alone
// is told counts only where nothing else accounts for the service's use: neither
// the logs nor an action that is told, or every action of a service at work would stay.
func (r *recall) last(action string) time.Time {
	if r == nil {
		return time.Time{}
	}
	at, exact, _ := r.l.Last(action)
	switch {
	case at.IsZero(), exact && at.Before(r.oldest):
		return time.Time{}
	case exact:
		return at
	case at.Before(r.since), r.explained(prefixOf(action), at):
		return time.Time{}
	}
	return at
}

// sameUse is how far apart two records of one use may lie: last-accessed data
// are told by the start of the day or late.
const sameUse = 24 * time.Hour

func (r *recall) explained(service string, at time.Time) bool {
	if !r.seen[service].Before(at.Add(-sameUse)) {
		return true
	}
	s := r.service(service)
	return s != nil && slices.ContainsFunc(s.Actions, func(a iam.ActionAccess) bool { return !a.Last.Before(at.Add(-sameUse)) })
}

func (r *recall) service(name string) *iam.ServiceAccess {
	for i := range r.l.Services {
		if strings.EqualFold(r.l.Services[i].Service, name) {
			return &r.l.Services[i]
		}
	}
	return nil
}

// set are the actions that the record vetoes, by uses before a time; the zero time takes all.
func (r *recall) set(x *actionIndex, before time.Time) actionSet {
	out := x.empty()
	if r == nil {
		return out
	}
	for _, s := range x.services {
		if r.service(s.prefix) == nil {
			continue
		}
		for i := s.from; i < s.to; i++ {
			if at := r.last(x.names[i]); !at.IsZero() && (before.IsZero() || at.Before(before)) {
				out.add(i)
			}
		}
	}
	return out
}

// older are services of which nothing counts any more, though the record knows
// a use of them before the window: "glue on 2025-11-03". Sorted.
func (r *recall) older() []string {
	if r == nil {
		return nil
	}
	var out []string
	for i := range r.l.Services {
		s := &r.l.Services[i]
		if _, seen := r.seen[s.Service]; !seen && !s.Last.IsZero() && s.Last.Before(r.since) && !s.Last.Before(r.oldest) {
			out = append(out, s.Service+" on "+dateOf(s.Last))
		}
	}
	slices.Sort(out)
	return out
}

// newestUse is the last use of anything by the record, zero where it knows none.
func newestUse(l *iam.LastAccessed) time.Time {
	var at time.Time
	if l != nil {
		for i := range l.Services {
			at = newest(at, l.Services[i].Last)
		}
	}
	return at
}

// recallNotes say what the record added to the logs, and what it knows that goes.
func recallNotes(p *Proposal, r *recall) []string {
	var kept, out []string
	for _, k := range p.Kept {
		if k.Why == whyAccessed {
			kept = append(kept, k.Action)
		}
	}
	if len(kept) > 0 {
		out = append(out, fmt.Sprintf("IAM's last-accessed record knows use that these logs do not show, so kept: %s", firstFew(kept)))
	}
	var gone []string
	for _, s := range r.older() {
		name, _, _ := strings.Cut(s, " ")
		if slices.ContainsFunc(p.Removed, func(x Removed) bool { return prefixOf(x.Action) == name }) {
			gone = append(gone, s)
		}
	}
	if len(gone) > 0 {
		out = append(out, fmt.Sprintf("permissions of services go that were last used before these logs, by IAM's last-accessed record: %s. A yearly job may be behind it", firstFew(gone)))
	}
	return out
}
