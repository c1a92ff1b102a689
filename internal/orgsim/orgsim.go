// Package orgsim owns a made-up AWS organisation: it writes the CloudTrail
// archive of several accounts over many days, and the IAM state that fits it,
// from a seed.
//
// In goes a [Config]; out come a folder and an [Org], whose [Truth] says what
// was planted: what a reader of the archive must find, and what must stay
// quiet. The demo shows the first, tests hold both, benchmarks turn up
// Config.Events. The same configuration gives the same bytes, for any number
// of workers and on any day: there is no clock in here.
//
// It imports nothing of ours, so that no mistake of the analysis is shared by
// its test data. It does not judge, read archives or sign them (no digests).
//
//	org, err := orgsim.Generate("demo", orgsim.Default())
//	org.Truth.Find(orgsim.StolenInstance)[0].Events // the event ids to look for
//
// Everything is invented: account ids in the documentation style, credentials
// that hold EXAMPLE, addresses of the documentation ranges (192.0.2.0/24,
// 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 and 3fff::/20 of RFC 9637)
// and private ones.
package orgsim

import (
	"fmt"
	"os"
	"time"
)

// Config says what to generate. The zero value of a field takes the default,
// OrgTrail apart.
type Config struct {
	Seed     uint64
	Accounts int
	Days     int
	// End is the end of the last day, exclusive, a UTC midnight.
	End time.Time
	// Events is about how many distinct events there will be (within 10 %).
	// Planted cases and sign-ins do not shrink with it: they are the floor,
	// about 270 a day in the default cast.
	Events int
	// Personas replaces the cast; nil means DefaultPersonas.
	Personas []Persona
	// OrgTrail puts the organisation's id into the object keys.
	OrgTrail bool
	// Objects is the number of objects an account and day in the busiest region.
	Objects int
	// Broken is how many objects are delivered twice, once cut short: one a
	// day, from the first day on. No event is lost by it.
	Broken int
	// Workers bounds the goroutines; 0 means one a processor.
	Workers int
}

// Default is the organisation of the demo: 4 accounts, 90 days, 400,000 events.
func Default() Config {
	return Config{
		Seed: 1, Accounts: 4, Days: 90, Events: 400_000, OrgTrail: true, Objects: 12,
		End: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
	}
}

// Org is what was generated.
type Org struct {
	ID         string   // o-…
	Accounts   []string // account ids, as in the archive
	Principals int      // distinct actors: users, roles (each person behind a federated one), roots, services
	Events     int64    // distinct events
	Duplicates int64    // records beyond these: events that were delivered twice
	Objects    int      // files of the archive, broken ones included
	Broken     []string // keys of the objects cut short, relative to the archive folder
	Bytes      int64    // of the archive, compressed
	RawBytes   int64    // of the archive, decompressed
	From, End  time.Time
	Archive    string // folder that holds AWSLogs/
	IAM        string // folder of the IAM state files
	Truth      Truth
}

// Generate writes dir/archive/AWSLogs/… and dir/iam/….
func Generate(dir string, cfg Config) (*Org, error) {
	w, err := newWorld(dir, filled(cfg))
	if err != nil {
		return nil, err
	}
	for _, d := range []string{w.org.Archive, w.org.IAM} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, fmt.Errorf("make %s: %w", d, err)
		}
	}
	if err := w.calibrate(); err != nil {
		return nil, err
	}
	if err := w.writeArchive(); err != nil {
		return nil, err
	}
	if err := w.writeState(); err != nil {
		return nil, err
	}
	return &w.org, nil
}

// filled puts the defaults where the caller said nothing.
func filled(c Config) Config {
	d := Default()
	if c.Accounts == 0 {
		c.Accounts = d.Accounts
	}
	if c.Days == 0 {
		c.Days = d.Days
	}
	if c.End.IsZero() {
		c.End = d.End
	}
	if c.Events == 0 {
		c.Events = d.Events
	}
	if c.Objects == 0 {
		c.Objects = d.Objects
	}
	if c.Personas == nil {
		c.Personas = DefaultPersonas()
	}
	return c
}

func (c Config) check() error {
	switch {
	case c.Accounts < 1 || c.Accounts > 10_000:
		return fmt.Errorf("accounts %d: want 1 to 10000", c.Accounts)
	case c.Days < 1 || c.Days > 3660:
		return fmt.Errorf("days %d: want 1 to 3660", c.Days)
	case c.Broken < 0 || c.Broken > c.Days:
		return fmt.Errorf("broken %d: want at most one a day, %d", c.Broken, c.Days)
	case c.Events < 0:
		return fmt.Errorf("events %d: want a positive number", c.Events)
	case c.Objects < 1 || c.Objects > 24 || 24%c.Objects != 0:
		return fmt.Errorf("objects %d: want a divisor of 24", c.Objects)
	case !c.End.Equal(c.End.UTC().Truncate(day)):
		return fmt.Errorf("end %s: want a UTC midnight", c.End.Format(time.RFC3339))
	}
	return nil
}
