package digest

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/par"
)

// Index is what the digests of archives say of their log files, without having
// read one of these. It is safe for concurrent use.
type Index struct {
	// Digests counts the digests that were read.
	Digests Tally
	logs    map[[16]byte]known
}

// known is a log file that a digest names.
type known struct {
	ref    logRef // without its place
	proven bool   // the digest's signature fits
}

// Verdict is what an Index says of a log file.
type Verdict int

// The verdicts.
const (
	Uncovered Verdict = iota // no digest that holds names it
	Unproven                 // as its digest says, whose signature could not be checked
	Proven                   // as its digest says
	Failed                   // not as its digest says
)

// NewIndex reads the digests of the stores. Those that are broken, which Verify
// names, count for nothing. A store without digests is no error.
func NewIndex(ctx context.Context, c Config) (*Index, error) {
	x := &Index{logs: map[[16]byte]known{}}
	for _, s := range c.Stores {
		units, err := c.units(ctx, s)
		var empty *ingest.EmptyError
		if errors.As(err, &empty) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = par.Ordered(ctx, regionsAtOnce, slices.Values(units), func(ctx context.Context, u *unit) (*unit, error) {
			return u, u.readDigests(ctx)
		}, func(u *unit) error {
			x.add(u)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

// readDigests reads and judges the digests of a unit, and no log file.
func (u *unit) readDigests(ctx context.Context) error {
	if err := u.list(ctx); err != nil {
		return err
	}
	err := par.Ordered(ctx, max(1, u.Workers), slices.Values(u.files), func(ctx context.Context, f *file) (struct{}, error) {
		return struct{}{}, u.load(ctx, f)
	}, func(struct{}) error { return nil })
	if err == nil {
		err = u.loadKeys(ctx)
	}
	for _, chain := range u.byChain() {
		if err == nil {
			err = u.judge(ctx, chain)
		}
	}
	return err
}

// add takes in what a unit's digests name.
func (x *Index) add(u *unit) {
	for _, c := range u.chains {
		x.Digests.add(c.Digests)
	}
	for _, f := range u.files {
		if !f.read || f.state == broken && f.problem != TimeBreak {
			continue
		}
		for _, ref := range f.Logs {
			p := u.place.resolve(ref.Bucket, ref.Key, f.path)
			if p == "" {
				continue
			}
			ref.Bucket, ref.Key = "", ""
			id := logID(u.place.uri(p))
			if have := x.logs[id]; !have.proven {
				x.logs[id] = known{ref, f.state == valid || f.problem == TimeBreak}
			}
		}
		f.Logs = nil
	}
}

// logID is 128 bits of a hash of a log file's name: millions are held.
func logID(uri string) [16]byte {
	sum := sha256.Sum256([]byte(uri))
	return [16]byte(sum[:16])
}

// Judge says whether a log file, as it is stored, is what a digest says, and
// where it is not, what is wrong, as a sentence without a period. Uri is that of
// package ingest's objects.
func (x *Index) Judge(uri string, content []byte) (Verdict, string) {
	k, ok := x.logs[logID(uri)]
	if !ok {
		return Uncovered, ""
	}
	switch kind, detail := compare(content, k.ref); {
	case kind.unknown():
		return Uncovered, ""
	case kind != "":
		return Failed, "not as CloudTrail delivered it: " + detail
	case k.proven:
		return Proven, ""
	}
	return Unproven, ""
}
