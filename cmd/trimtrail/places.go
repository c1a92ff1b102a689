package main

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/netdb"
	"github.com/trimtrail/trimtrail/rules"
)

// placeFlags name the files that tell where addresses are.
type placeFlags struct {
	mmdb      []string
	awsRanges string
}

func (f *placeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.mmdb, "mmdb", nil, "an MMDB file of countries or autonomous systems, as GeoLite2-ASN.mmdb; may be repeated")
	cmd.Flags().StringVar(&f.awsRanges, "aws-ranges", "", "AWS's list of its addresses, ip-ranges.json")
}

// add takes the files of a configuration, which are beside it; a flag comes
// first, and its list of AWS's ranges counts.
func (f *placeFlags) add(file string, c *config.Config) {
	folder := filepath.Dir(file)
	for _, name := range c.Registers.MMDB {
		f.mmdb = append(f.mmdb, below(folder, name))
	}
	if f.awsRanges == "" {
		f.awsRanges = below(folder, c.Registers.AWSRanges)
	}
}

// open opens the files; nil where none is named.
func (f *placeFlags) open() (*netdb.DB, error) {
	if len(f.mmdb) == 0 && f.awsRanges == "" {
		return nil, nil
	}
	db, err := netdb.Open(f.mmdb, f.awsRanges)
	if err != nil {
		return nil, usage(err, "--mmdb takes MMDB files (MaxMind, DB-IP, IPinfo), unpacked; --aws-ranges AWS's ip-ranges.json")
	}
	return db, nil
}

// place looks every address of the facts up and closes the files, so that
// the rules ask a table that does not change.
func (a *analysis) place(db *netdb.DB) error {
	if db == nil {
		return nil
	}
	table := placesOf(a.facts, db)
	a.options.Place = func(at netip.Addr) rules.Place { return table[at] }
	if err := db.Trouble(); err != nil {
		a.facts.Warnings = append(a.facts.Warnings, fmt.Sprintf("some addresses are not placed: %v", err))
	}
	return db.Close()
}

func placesOf(f *analyze.Facts, db *netdb.DB) map[netip.Addr]rules.Place {
	table := map[netip.Addr]rules.Place{}
	for i := range f.Principals {
		for _, u := range f.Principals[i].Networks {
			for _, at := range addressesOf(&u) {
				if _, ok := table[at]; !ok {
					table[at] = db.Place(at)
				}
			}
		}
	}
	return table
}

// addressesOf are the addresses of a use, and its network's own.
func addressesOf(u *analyze.NetworkUse) []netip.Addr {
	var out []netip.Addr
	if p, err := netip.ParsePrefix(u.Network); err == nil {
		out = append(out, p.Addr().Unmap())
	}
	for _, s := range u.Addresses {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, a.Unmap())
		}
	}
	return out
}

// closing closes files that no analysis came to need.
func closing(db *netdb.DB, err error) error {
	if db == nil {
		return err
	}
	return errors.Join(err, db.Close())
}
