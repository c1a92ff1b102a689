package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/ingest/digest"
)

// verifyFlags are the flags of verify.
type verifyFlags struct {
	in           ingestFlags // those that ingest has too
	since, until string
	keyFiles     []string
	signatures   string
}

func (f *verifyFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringSliceVar(&f.keyFiles, "public-keys", nil, "file with the output of list-public-keys (may be repeated), or none (default: asked of CloudTrail)")
	fl.StringVar(&f.signatures, "signatures", "", "file with signatures of digests, for a copy in a directory")
	fl.StringVar(&f.since, "since", "", "from when on the archive should be complete, as 2026-01-31, RFC 3339 or 90d")
	fl.StringVar(&f.until, "until", "", "until when it should be (default: now for a bucket, what is there for a directory)")
	fl.StringSliceVar(&f.in.accounts, "account", nil, "verify this account only (may be repeated)")
	fl.StringSliceVar(&f.in.regions, "region", nil, "verify this region only (may be repeated)")
	fl.IntVar(&f.in.workers, "workers", 0, "files read at once in a region (default: one a core, 24 from S3)")
	fl.StringVar(&f.in.format, "format", "table", "output format: table or json")
	f.in.registerS3(cmd)
}

// readsS3 is how many files of a region are read at once from S3: to wait for
// answers takes no core.
const readsS3 = 24

// config reads the flags and the files that they name; every error is one of
// usage.
func (f *verifyFlags) config(now time.Time) (digest.Config, error) {
	f.in.lake, f.in.memory = "-", "256MiB" // verify has none of them
	if err := f.in.check(now); err != nil {
		return digest.Config{}, err
	}
	c := digest.Config{Now: now.UTC(), Accounts: f.in.accounts, Regions: f.in.regions}
	var err error
	if c.Since, err = edgeTime(f.since, now, false); err != nil {
		return c, usage(fmt.Errorf("--since %w", err), "write 2026-01-31, 2026-01-31T12:00:00Z or 90d")
	}
	if c.Until, err = edgeTime(f.until, now, true); err != nil {
		return c, usage(fmt.Errorf("--until %w", err), "write 2026-01-31, 2026-01-31T12:00:00Z or 90d")
	}
	if !c.Until.IsZero() && c.Since.After(c.Until) {
		return c, usage(fmt.Errorf("--since %s is after --until %s", f.since, f.until), "swap them")
	}
	if c.Until.After(c.Now) {
		c.Until = c.Now
	}
	if c.Signatures, err = readSignatures(f.signatures); err != nil {
		return c, usage(fmt.Errorf("--signatures %s: %w", f.signatures, err), `write lines of {"key":"AWSLogs/…json.gz","signature":"…"}`)
	}
	c.Keys, err = f.keys()
	return c, err
}

// edgeTime reads a bound; a day's end where it is the last.
func edgeTime(s string, now time.Time, last bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if span, err := parseSpan(s); err == nil {
		return now.Add(-span).UTC(), nil
	}
	t, err := parseMoment(s)
	if err == nil && last && len(s) == len(time.DateOnly) {
		t = t.AddDate(0, 0, 1)
	}
	return t, err
}

// readSignatures reads JSON lines of key and signature.
func readSignatures(name string) (map[string]string, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, errors.New("cannot be read")
	}
	out := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		var l struct{ Key, Signature string }
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if json.Unmarshal(lines.Bytes(), &l) != nil || l.Key == "" || l.Signature == "" {
			return nil, fmt.Errorf("line %d holds no key and signature", n)
		}
		out[l.Key] = l.Signature
	}
	return out, lines.Err()
}

// stores opens what args name: first all that is local and the form of the
// rest, then S3.
func (f *verifyFlags) stores(ctx context.Context, args []string) ([]digest.Store, error) {
	out := make([]digest.Store, len(args))
	for i, arg := range args {
		var err error
		if strings.HasPrefix(arg, "s3://") {
			_, _, err = ingest.ParseS3(arg)
		} else {
			out[i], err = digest.NewDir(arg)
		}
		if err != nil {
			return nil, withHint(err, "SOURCE is s3://bucket/prefix or a directory")
		}
	}
	f.in.s3.Connections = fetchers
	for i, arg := range args {
		if out[i] != nil {
			continue
		}
		bucket, prefix, _ := ingest.ParseS3(arg) // was parsed above
		s, err := ingest.OpenS3(ctx, arg, f.in.s3)
		if err != nil {
			return nil, err
		}
		out[i] = digest.NewS3(s.API(), bucket, prefix)
	}
	return out, nil
}

// workersFor is how many files to read at once.
func (f *verifyFlags) workersFor(args []string) int {
	switch {
	case f.in.workers > 0:
		return f.in.workers
	case strings.HasPrefix(args[0], "s3://"):
		return readsS3
	}
	return runtime.NumCPU()
}
