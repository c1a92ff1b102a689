package digest

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// edge is how far the minute in a log file's name may be from the moment when
// it counts as delivered.
const edge = 15 * time.Minute

// span is a stretch of time.
type span struct{ from, to time.Time }

// covered merges the hours of the digests that could be read.
func (u *unit) covered() []span {
	var out []span
	for _, f := range u.files {
		if f.read && !f.id.backfill {
			out = append(out, span{f.start, f.end})
		}
	}
	slices.SortFunc(out, func(a, b span) int { return a.from.Compare(b.from) })
	var merged []span
	for _, s := range out {
		if n := len(merged); n > 0 && !s.from.After(merged[n-1].to) {
			if s.to.After(merged[n-1].to) {
				merged[n-1].to = s.to
			}
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// findUnlisted lists the log files and judges those that no digest names.
func (u *unit) findUnlisted(ctx context.Context) error {
	folder := u.root + logKind + "/" + u.region + "/"
	after := ""
	if !u.Since.IsZero() {
		after = folder + u.Since.UTC().Format("2006/01/02")
	}
	spans := u.covered()
	for p, err := range u.store.List(ctx, folder, after, true) {
		if err != nil {
			return err
		}
		if u.past(folder, p) {
			break
		}
		t, ok := logDelivered(p)
		if ok && (!u.Since.IsZero() && t.Before(u.Since.Add(edge)) || !u.Until.IsZero() && t.After(u.Until)) {
			continue
		}
		u.logs++
		if !u.named[p] {
			u.unlisted(p, t, ok, spans)
		}
	}
	u.named = nil
	return nil
}

// unlisted judges a log file that no digest names, by the minute of delivery
// in its name.
func (u *unit) unlisted(p string, t time.Time, dated bool, spans []span) {
	if dated && t.After(u.stray.at) {
		u.stray.path, u.stray.at = p, t
	}
	switch {
	case len(u.files) == 0: // said once, when all units are known
	case len(spans) == 0:
		u.unknown = merge(u.unknown, u.entry(UnlistedLog, "", p, "no digest of the region could be read"))
	case !dated:
		u.problems = append(u.problems, u.entry(UnlistedLog, "", p, "no digest names it, and its name is not one of CloudTrail's"))
	case t.Before(spans[0].from.Add(edge)):
		u.notes = merge(u.notes, u.entry(BeforeChain, "", p, "delivered before the first digest begins, "+stamp(spans[0].from)))
	case t.After(spans[len(spans)-1].to.Add(-edge)):
		u.notes = merge(u.notes, u.entry(Pending, "", p, "delivered after the newest digest, and not named yet"))
	default:
		u.inside(p, t, spans)
	}
}

// inside judges a log file delivered between the first and the last digest.
func (u *unit) inside(p string, t time.Time, spans []span) {
	for i, s := range spans {
		if t.Before(s.from.Add(edge)) {
			u.unknown = merge(u.unknown, u.entry(UnlistedLog, "", p, fmt.Sprintf("delivered while there are no digests, from %s to %s", stamp(spans[i-1].to), stamp(s.from))))
			return
		}
		if !t.After(s.to.Add(-edge)) {
			break
		}
	}
	u.problems = append(u.problems, u.entry(UnlistedLog, "", p, "no digest names it, although those of its hour are there: it was added, or is of a trail without validation"))
}
