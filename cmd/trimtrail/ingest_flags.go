package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/ingest"
)

// ingestFlags are the flags of ingest, and what check makes of them.
type ingestFlags struct {
	lake, since, until, memory, format, shard string
	accounts, regions, orgs                   []string
	workers                                   int
	dryRun, retry                             bool
	proof                                     proof
	s3                                        ingest.S3Options

	filter      ingest.Filter
	part        ingest.Shard
	memoryBytes int64
}

func (f *ingestFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.lake, "lake", "", "the lake to write to; made where there is none")
	fl.StringVar(&f.since, "since", "", "first day of delivery to read, as 2026-01-31, RFC 3339 or 90d")
	fl.StringVar(&f.until, "until", "", "last day of delivery to read")
	fl.StringSliceVar(&f.accounts, "account", nil, "read this account only (may be repeated)")
	fl.StringSliceVar(&f.regions, "region", nil, "read this region only (may be repeated)")
	fl.StringSliceVar(&f.orgs, "org-id", nil, "read this organisation only, as o-a1b2c3d4e5 (may be repeated)")
	fl.StringVar(&f.shard, "shard", "", "read one part of the objects only, as 3/16: several machines into one lake, one a part")
	fl.IntVar(&f.workers, "workers", 0, "objects decoded at once (default: one a core)")
	fl.StringVar(&f.memory, "memory", "256MiB", "memory to stay within, about")
	fl.BoolVar(&f.dryRun, "dry-run", false, "list only: say how many objects and bytes, and about how long and at what cost")
	fl.StringVar(&f.format, "format", "table", "output format: table or json")
	fl.BoolVar(&f.retry, "retry-quarantined", false, "read again what the lake has quarantined of the sources; what can be read now leaves the quarantine")
	f.proof.register(cmd)
	f.registerS3(cmd)
}

// registerS3 is the flags for sources that are buckets.
func (f *ingestFlags) registerS3(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.s3.Profile, "profile", "", "AWS profile, as in the AWS CLI")
	fl.StringVar(&f.s3.EndpointURL, "endpoint-url", "", "another server that speaks S3; buckets in its path")
	fl.StringVar(&f.s3.Region, "bucket-region", "", "region of the bucket (default: found out)")
	fl.BoolVar(&f.s3.PathStyle, "path-style", false, "put the bucket in the path instead of the host's name")
}

var (
	accountForm = regexp.MustCompile(`^\d{12}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
	orgForm     = regexp.MustCompile(`^o-[a-z0-9]{4,32}$`)
	urlForm     = regexp.MustCompile(`^https?://[^/\s]+`)
)

// check reads the flags; every error is one of usage.
func (f *ingestFlags) check(now time.Time) error {
	if f.lake == "" {
		return usage(errors.New("--lake is missing"), "name a directory to write to, as  --lake lake")
	}
	if err := oneOf("--format", f.format, "table", "json"); err != nil {
		return err
	}
	if f.workers < 0 || f.workers > 1024 {
		return usage(fmt.Errorf("--workers %d is not between 1 and 1024", f.workers), "leave it out for one a core")
	}
	if f.s3.EndpointURL != "" && !urlForm.MatchString(f.s3.EndpointURL) {
		return usage(fmt.Errorf("--endpoint-url %q is no URL", f.s3.EndpointURL), "write it as https://host:port")
	}
	for _, l := range []struct {
		flag, example string
		form          *regexp.Regexp
		values        []string
	}{
		{"--account", "111122223333, twelve digits", accountForm, f.accounts},
		{"--region", "eu-west-1", regionForm, f.regions},
		{"--org-id", "o-a1b2c3d4e5", orgForm, f.orgs},
	} {
		for _, v := range l.values {
			if !l.form.MatchString(v) {
				return usage(fmt.Errorf("%s %q is none", l.flag, v), "write it as "+l.example)
			}
		}
	}
	if err := f.proof.check(); err != nil {
		return err
	}
	return f.checkValues(now)
}

func (f *ingestFlags) checkValues(now time.Time) error {
	var err error
	if f.memoryBytes, err = parseBytes(f.memory); err != nil {
		return usage(fmt.Errorf("--memory %w", err), "write 256MiB or 1GiB")
	}
	if f.memoryBytes < 64<<20 {
		return usage(fmt.Errorf("--memory %s is too little", f.memory), "64MiB is the least, 256MiB the default")
	}
	if f.shard != "" {
		if f.part, err = ingest.ParseShard(f.shard); err != nil {
			return usage(fmt.Errorf("--shard %w", err), "write 3/16 for the third of sixteen parts")
		}
	}
	f.filter = ingest.Filter{Accounts: f.accounts, Regions: f.regions, Orgs: f.orgs}
	if f.filter.Since, err = deliveryDay(f.since, now); err != nil {
		return usage(fmt.Errorf("--since %w", err), "write 2026-01-31, 2026-01-31T12:00:00Z or 90d")
	}
	if f.filter.Until, err = deliveryDay(f.until, now); err != nil {
		return usage(fmt.Errorf("--until %w", err), "write 2026-01-31, 2026-01-31T12:00:00Z or 90d")
	}
	if f.filter.Until != "" && f.filter.Since > f.filter.Until {
		return usage(fmt.Errorf("--since %s is after --until %s", f.filter.Since, f.filter.Until), "swap them")
	}
	return nil
}

// deliveryDay is the day that a flag names, as a date or so long ago.
func deliveryDay(s string, now time.Time) (string, error) {
	if s == "" {
		return "", nil
	}
	if span, err := parseSpan(s); err == nil {
		return now.Add(-span).UTC().Format(time.DateOnly), nil
	}
	t, err := parseMoment(s)
	if err != nil {
		return "", err
	}
	return t.Format(time.DateOnly), nil
}

// byteUnits are what a size may end in, longest first.
var byteUnits = []struct {
	name string
	size float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
}

// parseBytes reads a size such as 256MiB, 1.5GB or 1000000.
func parseBytes(s string) (int64, error) {
	for _, u := range byteUnits {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil || !(n > 0) || n*u.size > 1<<50 {
			break
		}
		return int64(n * u.size), nil
	}
	return 0, fmt.Errorf("%q is no size", s)
}
