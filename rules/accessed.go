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
//
// An action that is told by itself counts for 400 days. One whose service alone
// is told counts only where the use lies within the window and nothing else
// accounts for it, neither the logs nor an action that is told: else every
// action of a service at work would stay.
type recall struct {
	told     map[string]time.Time // by action in lower case; zero: not used in the period
	services map[string]time.Time // by service: a use that nothing else accounts for
	idle     map[string]bool      // by service: whether the record knows no use of it
	complete bool                 // the record was asked for: what it leaves out was not used
	newest   time.Time            // use of anything
	before   []string             // services last used before the window, as "glue on 2025-11-03"; sorted
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
	seen := map[string]time.Time{} // the last call in the logs, denied ones among them
	for i := range usage {
		service := prefixOf(usage[i].Action)
		seen[service] = newest(seen[service], usage[i].Last)
	}
	r := &recall{told: map[string]time.Time{}, services: map[string]time.Time{}, idle: map[string]bool{}, complete: l.Complete, newest: newestUse(l)}
	oldest := asOf.AddDate(0, 0, -trackedDays)
	for i := range l.Services {
		v := &l.Services[i]
		r.idle[v.Service] = v.Last.IsZero()
		last, called := seen[v.Service]
		known := newest(last, r.tell(v, oldest))
		switch {
		case v.Last.IsZero() || v.Last.Before(oldest):
		case !v.Last.Before(since) && known.Before(v.Last.Add(-sameUse)):
			r.services[v.Service] = v.Last
		case v.Last.Before(since) && !called:
			r.before = append(r.before, v.Service+" on "+dateOf(v.Last))
		}
	}
	slices.Sort(r.before)
	return r
}

// sameUse is how far apart two records of one use may lie: last-accessed data
// may be told late.
const sameUse = 24 * time.Hour

// tell takes in the actions of a service that are told one by one, and returns their last use.
func (r *recall) tell(v *iam.ServiceAccess, oldest time.Time) time.Time {
	var last time.Time
	for _, a := range v.Actions {
		at := a.Last
		if at.Before(oldest) {
			at = time.Time{}
		}
		r.told[strings.ToLower(a.Action)] = at
		last = newest(last, at)
	}
	return last
}

// last is when the action was used by the record, zero where it does not veto.
func (r *recall) last(action string) time.Time {
	if r == nil {
		return time.Time{}
	}
	if at, exact := r.told[strings.ToLower(action)]; exact {
		return at
	}
	return r.services[prefixOf(action)]
}

// set are the actions that the record vetoes, by uses before a time; the zero time takes all.
func (r *recall) set(x *actionIndex, before time.Time) actionSet {
	out := x.empty()
	if r == nil {
		return out
	}
	counts := func(at time.Time) bool { return !at.IsZero() && (before.IsZero() || at.Before(before)) }
	for action, at := range r.told {
		if id := x.id(action); id >= 0 && counts(at) {
			out.add(id)
		}
	}
	for _, s := range x.services {
		if !counts(r.services[strings.ToLower(s.prefix)]) {
			continue
		}
		for i := s.from; i < s.to; i++ {
			if _, exact := r.told[strings.ToLower(x.names[i])]; !exact {
				out.add(i)
			}
		}
	}
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

// older are services of which the record knows a use before the window alone.
func (r *recall) older() []string {
	if r == nil {
		return nil
	}
	return r.before
}

// neither adds to why an action goes, or a whole service as s3:*, that the
// record knows no use either; empty where it does not say so.
func (r *recall) neither(action string) string {
	if r == nil || !r.complete {
		return ""
	}
	at, exact := r.told[strings.ToLower(action)]
	idle, listed := r.idle[prefixOf(action)]
	if exact && at.IsZero() || idle || !listed {
		return fmt.Sprintf(", nor in %d by IAM's last-accessed record", trackedDays)
	}
	return ""
}

// untimely says of a principal that is judged too early what the record knows.
func (r *recall) untimely() []string {
	if r == nil || r.newest.IsZero() {
		return nil
	}
	return []string{"IAM's last-accessed record knows use until " + dateOf(r.newest)}
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
