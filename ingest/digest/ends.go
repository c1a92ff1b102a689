package digest

import (
	"fmt"
	"time"
)

const (
	// hourly is how often CloudTrail delivers a digest, with or without logs.
	hourly = time.Hour
	// due is how long after the hour of one digest the next must be there: its
	// own hour, and one more for the delivery.
	due = 2 * time.Hour
	// apart is how far two chains of a trail in one account may end from each
	// other: they tick at different minutes.
	apart = hourly + edge
)

// trailID is what the chains of a trail in one account share.
type trailID struct{ place, trail, home string }

func (c *Chain) trailID() trailID { return trailID{c.place, c.Trail, c.Home} }

// judgeEnds looks for digests that were removed at the end of a chain, where
// no newer one is left to name them.
func (c *Config) judgeEnds(units []*unit) {
	ends := map[trailID]time.Time{}
	wide := map[string]*Chain{} // account folder to a chain of a trail of several regions
	for _, u := range units {
		for i := range u.chains {
			ch := &u.chains[i]
			if ch.Backfill {
				continue
			}
			if ch.To.After(ends[ch.trailID()]) {
				ends[ch.trailID()] = ch.To
			}
			if ch.Region != ch.Home {
				wide[ch.place] = ch
			}
		}
	}
	for _, u := range units {
		for i := range u.chains {
			if ch := &u.chains[i]; !ch.Backfill {
				c.judgeEnd(u, ch, ends[ch.trailID()])
			}
		}
		u.judgeEmpty(wide[u.place.Name+"\n"+u.root])
	}
}

// judgeEnd checks one chain's end against what else there is of its time.
func (c *Config) judgeEnd(u *unit, ch *Chain, siblings time.Time) {
	until, why := time.Time{}, ""
	later := func(t time.Time, slack time.Duration, reason string) {
		if t.Sub(ch.To) >= slack && t.After(until) {
			until, why = t, reason
		}
	}
	later(siblings, apart, "the trail's digests in another region go on to "+stamp(siblings))
	if u.stray.path != "" && len(u.chains) > 0 {
		later(u.stray.at, due, "log files go on to "+stamp(u.stray.at))
	}
	switch {
	case !c.Until.IsZero() && c.Now.Sub(c.Until) >= due+hourly:
		later(c.Until, apart, "they should go on to "+stamp(c.Until)+", until when all was asked for")
	case !c.Until.IsZero(): // the last ones may be on their way
		later(c.Until, due+hourly, "they should go on to "+stamp(c.Until)+", until when all was asked for")
	case u.place.Live:
		later(c.Now, due+hourly, "it is "+stamp(c.Now)+"; where the trail was stopped, say until when all should be there")
	}
	if until.IsZero() {
		return
	}
	e := u.entry(MissingNewest, ch.Trail, ch.newest, fmt.Sprintf("the newest digest is of %s, they come every hour, and %s", stamp(ch.To), why)).lasting(ch.To, until)
	e.Count = int(until.Sub(ch.To) / hourly)
	if u.goesOn(ch) && u.stray.at.Before(ch.To) && siblings.Sub(ch.To) < apart {
		e.Kind, e.Count, e.Detail = ChainEnded, 1, "the trail's digests end "+stamp(ch.To)+"; those of another trail go on"
		u.notes = append(u.notes, e)
		return
	}
	ch.problem = true
	ch.Digests.Missing += e.Count
	u.problems = append(u.problems, e)
}

// goesOn reports whether another trail's chain takes over from one that ended:
// a trail that was replaced is no reason to complain for ever.
func (u *unit) goesOn(ch *Chain) bool {
	for i := range u.chains {
		if o := &u.chains[i]; o.trailID() != ch.trailID() && !o.Backfill && o.To.Sub(ch.To) > 24*time.Hour {
			return true
		}
	}
	return false
}

// judgeEmpty judges a region with logs and without digests: where a trail of
// the account has digests in several regions, they were removed here.
func (u *unit) judgeEmpty(wide *Chain) {
	if len(u.chains) > 0 || u.logs == 0 {
		return
	}
	e := u.entry(NoDigest, "", u.root+logKind+"/"+u.region+"/", "log files without any digest: validation is off, or all digests were removed")
	e.Count = u.logs
	// Of the time that was asked for the trail may not have been there yet.
	if wide != nil && u.stray.at.After(wide.From.Add(due)) {
		e.Kind, e.Trail, e.Detail = MissingChain, wide.Trail, "log files without any digest, while the trail has digests in other regions of the account"
		u.problems = append(u.problems, e)
		return
	}
	u.unknown = append(u.unknown, e)
}
