package digest

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/par"
)

// unit is one region of one account in one store: what its digests and logs
// share, and what was found in it.
type unit struct {
	*Config
	store  Store
	place  Place
	root   string // the account's folder
	region string

	files                    []*file // of all chains, by end
	named                    map[string]bool
	keys                     KeySet
	chains                   []Chain
	problems, unknown, notes []Entry
	// stray is the log file delivered last of those that no digest names.
	stray struct {
		path string
		at   time.Time
	}
	logs int // log files that lie here
}

func (u *unit) account() string { return path.Base(u.root) }

const (
	// maxBlind is how many levels of folders are looked into for AWSLogs, and
	// manyFolders from how many on a level none but those of the layout are.
	maxBlind, manyFolders = 5, 500
	// searches are under way at once in a folder: each waits for a listing.
	searches = 16
)

// units finds the accounts and regions of a store.
func (c *Config) units(ctx context.Context, s Store) ([]*unit, error) {
	p := s.Place()
	var out []*unit
	var err error
	if root, ok := accountRoot(p.Root); ok {
		out, err = c.regionsOf(ctx, s, root, regionIn(root, p.Root))
	} else {
		out, err = c.search(ctx, s, p.Root, maxBlind)
	}
	if err == nil && len(out) == 0 {
		err = &ingest.EmptyError{Source: p.Name, Pruned: len(c.Accounts)+len(c.Regions) > 0}
	}
	return out, err
}

// search looks for accounts' folders below a folder.
func (c *Config) search(ctx context.Context, s Store, folder string, levels int) ([]*unit, error) {
	names, err := folders(ctx, s, folder)
	if err != nil {
		return nil, err
	}
	var out []*unit
	strict := path.Base(folder) == "AWSLogs" || len(names) > manyFolders
	err = par.Ordered(ctx, searches, slices.Values(names), func(ctx context.Context, name string) ([]*unit, error) {
		switch base := path.Base(name); {
		case isAccount(base):
			return c.regionsOf(ctx, s, name, "")
		case levels > 0 && (!strict || base == "AWSLogs" || strings.HasPrefix(base, "o-")):
			return c.search(ctx, s, name, levels-1)
		}
		return nil, nil
	}, func(found []*unit) error {
		out = append(out, found...)
		return nil
	})
	return out, err
}

// regionsOf makes the units of an account: its regions with digests or logs.
func (c *Config) regionsOf(ctx context.Context, s Store, root, only string) ([]*unit, error) {
	if len(c.Accounts) > 0 && !slices.Contains(c.Accounts, path.Base(root)) {
		return nil, nil
	}
	var regions []string
	for _, kind := range []string{digestKind, logKind} {
		names, err := folders(ctx, s, root+kind+"/")
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			regions = append(regions, path.Base(n))
		}
	}
	slices.Sort(regions)
	var out []*unit
	for _, r := range slices.Compact(regions) {
		if (only == "" || r == only) && (len(c.Regions) == 0 || slices.Contains(c.Regions, r)) {
			out = append(out, &unit{Config: c, store: s, place: s.Place(), root: root, region: r, named: map[string]bool{}})
		}
	}
	return out, nil
}

// folders lists the folders right below one.
func folders(ctx context.Context, s Store, folder string) ([]string, error) {
	var out []string
	for name, err := range s.List(ctx, folder, "", false) {
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "/") {
			out = append(out, name)
		}
	}
	return out, nil
}

// verify reads and judges all that is in the unit, but not where its chains
// end: that takes the other units.
func (u *unit) verify(ctx context.Context) error {
	if err := u.list(ctx); err != nil {
		return err
	}
	err := par.Ordered(ctx, max(1, u.Workers), slices.Values(u.files), func(ctx context.Context, f *file) (struct{}, error) {
		err := u.load(ctx, f)
		if err == nil {
			err = u.checkLogs(ctx, f)
		}
		return struct{}{}, err
	}, func(struct{}) error { return nil })
	if err == nil {
		err = u.loadKeys(ctx)
	}
	if err != nil {
		return err
	}
	for _, chain := range u.byChain() {
		if err := u.judge(ctx, chain); err != nil {
			return err
		}
	}
	return u.findUnlisted(ctx)
}

// list finds the digests that count, in the order of their hours.
func (u *unit) list(ctx context.Context) error {
	folder := u.root + digestKind + "/" + u.region + "/"
	after := ""
	if !u.Since.IsZero() {
		after = folder + u.Since.UTC().Format("2006/01/02")
	}
	for p, err := range u.store.List(ctx, folder, after, true) {
		if err != nil {
			return err
		}
		if u.past(folder, p) {
			break
		}
		id, end, ok := parseName(p)
		switch {
		case !ok:
			u.notes = append(u.notes, u.entry(OddName, "", p, "no digest by its name"))
		case u.within(end):
			u.files = append(u.files, &file{path: p, id: id, end: end})
		}
	}
	slices.SortStableFunc(u.files, func(a, b *file) int { return cmp.Or(a.end.Compare(b.end), cmp.Compare(a.path, b.path)) })
	return nil
}

// past reports whether a path lies in a day after those that count, and so all
// that follow it.
func (u *unit) past(folder, p string) bool {
	const day = "2006/01/02"
	rest := p[len(folder):]
	if u.Until.IsZero() || len(rest) < len(day) {
		return false
	}
	_, err := time.Parse(day, rest[:len(day)])
	return err == nil && rest[:len(day)] > u.Until.Add(hourly).UTC().Format(day)
}

// loadKeys asks for the keys of the time that the digests span. Those of
// backfill digests are of the time when they were made.
func (u *unit) loadKeys(ctx context.Context) error {
	if u.Keys == nil || len(u.files) == 0 {
		return nil
	}
	to := u.files[len(u.files)-1].end
	if u.Now.After(to) {
		to = u.Now
	}
	var err error
	u.keys, err = u.Keys.Keys(ctx, u.region, u.files[0].end.Add(-2*time.Hour), to)
	return err
}

// byChain parts the digests by chain, in a fixed order.
func (u *unit) byChain() [][]*file {
	chains := map[chainID][]*file{}
	var order []chainID
	for _, f := range u.files {
		if chains[f.id] == nil {
			order = append(order, f.id)
		}
		chains[f.id] = append(chains[f.id], f)
	}
	slices.SortFunc(order, func(a, b chainID) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.trail, b.trail), cmp.Compare(a.home, b.home), cmp.Compare(a.region, b.region), compareBool(a.backfill, b.backfill))
	})
	out := make([][]*file, len(order))
	for i, id := range order {
		out[i] = chains[id]
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// entry makes an Entry of the unit about one object.
func (u *unit) entry(k Kind, trail, p, detail string) Entry {
	e := Entry{Kind: k, Account: u.account(), Region: u.region, Trail: trail, Detail: detail, Count: 1}
	if p != "" {
		e.Object = u.place.uri(p)
	}
	return e
}

// lasting adds the time that an entry concerns.
func (e Entry) lasting(from, to time.Time) Entry {
	e.From, e.To = bound(from), bound(to)
	return e
}

// stamp is a time as people read it here.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
