package digest

import (
	"context"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/internal/par"
)

// Config says what to verify.
type Config struct {
	Stores []Store
	Keys   Keys // nil: no signature can be checked
	// Signatures are of digests in stores without metadata, in hex, by the key
	// that they had in S3.
	Signatures map[string]string
	// Since and Until bound the digests by the end of their hour, and say that
	// the archive should be complete between them. The zero time is no bound.
	Since, Until time.Time
	Now          time.Time // what live stores must reach to
	// Accounts and Regions leave out all others, where not empty.
	Accounts, Regions []string
	Workers           int // files read at once in a region, 1 by default
	Progress          func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Regions, Of   int // regions of accounts
	Digests, Logs int // read
}

// regionsAtOnce are verified side by side: a small region is mostly latency.
const regionsAtOnce = 4

// Verify checks all chains in the stores. An error says that a store or the
// keys cannot be read; what is wrong with single files is in the report. Where
// there is nothing to verify it is an *ingest.EmptyError.
func Verify(ctx context.Context, c Config) (*Report, error) {
	r := &Report{Schema: Schema, Problems: []Entry{}, NotEvaluable: []Entry{}, Notes: []Entry{}, Chains: []Chain{}}
	var units []*unit
	for _, s := range c.Stores {
		found, err := c.units(ctx, s)
		if err != nil {
			return nil, err
		}
		units = append(units, found...)
		r.Sources = append(r.Sources, s.Place().Name)
	}
	r.Since, r.Until = bound(c.Since), bound(c.Until)
	var p Progress
	p.Of = len(units)
	err := par.Ordered(ctx, regionsAtOnce, slices.Values(units), func(ctx context.Context, u *unit) (*unit, error) {
		return u, u.verify(ctx)
	}, func(u *unit) error {
		p.Regions++
		p.Digests += len(u.files)
		for _, c := range u.chains {
			p.Logs += c.Logs.Valid + c.Logs.Invalid + c.Logs.NotEvaluable
		}
		if c.Progress != nil {
			c.Progress(p)
		}
		u.files = nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.judgeEnds(units)
	for _, u := range units {
		r.Chains = append(r.Chains, u.chains...)
		r.Problems = append(r.Problems, u.problems...)
		r.NotEvaluable = append(r.NotEvaluable, u.unknown...)
		r.Notes = append(r.Notes, u.notes...)
	}
	r.finish()
	return r, nil
}

func bound(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// within reports whether a digest of the hour until end counts.
func (c *Config) within(end time.Time) bool {
	return (c.Since.IsZero() || end.After(c.Since)) && (c.Until.IsZero() || !end.After(c.Until.Add(time.Hour)))
}
