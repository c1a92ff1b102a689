package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/ingest/digest"
)

// verifyCmd is `trimtrail verify SOURCE…`: is the archive what CloudTrail delivered?
func verifyCmd(io streams) *cobra.Command {
	f := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify SOURCE…",
		Short: "Verify an archive's log files by CloudTrail's digest chains",
		Long: `Checks that an archive is what CloudTrail delivered: the signature of each
digest file, the links between them, the hash of each log file that they name,
and that no log file lies there which none names. All accounts, regions and
trails in SOURCE are verified in one run.

SOURCE is s3://bucket/prefix or a directory with a copy. Public keys come from
CloudTrail (cloudtrail:ListPublicKeys, in each region), or from files that
  aws cloudtrail list-public-keys --start-time T --end-time T --region R
wrote; with --public-keys none only hashes and links are checked.

A copy in a directory has lost the metadata that holds the signatures. Each
digest repeats the signature of the one before it, so that only the newest of
a chain is left, which --signatures gives: lines of
{"key":"AWSLogs/…json.gz","signature":"…"}.

The exit status is 0 where all is valid, 1 where something is not, and 4 where
nothing is wrong but not all could be judged.`,
		Example: `  trimtrail verify s3://org-trail/ --since 7d --profile audit
  trimtrail verify s3://org-trail/AWSLogs/111122223333/ --format json
  trimtrail verify AWSLogs/ --public-keys keys.json --until 2026-01-31`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("no SOURCE"), "name what to verify, as  trimtrail verify s3://bucket/")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), io, args) },
	}
	f.register(cmd)
	return cmd
}

// run checks everything, opens everything, and then verifies.
func (f *verifyFlags) run(ctx context.Context, io streams, args []string) error {
	c, err := f.config(time.Now())
	if err != nil {
		return err
	}
	if c.Stores, err = f.stores(ctx, args); err != nil {
		return f.hinted(ctx, err)
	}
	c.Workers = f.workersFor(args)
	p := newProgress(io.err)
	c.Progress = func(d digest.Progress) { p.draw(verifyProgress(d)) }
	r, err := digest.Verify(ctx, c)
	p.clear()
	if err != nil {
		return f.hinted(ctx, err)
	}
	if err := f.print(io, r); err != nil {
		return err
	}
	return verdict(r)
}

func verifyProgress(d digest.Progress) string {
	return fmt.Sprintf("%d of %d regions of accounts   %s digests   %s log files", d.Regions, d.Of, thousands(int64(d.Digests)), thousands(int64(d.Logs)))
}

// verdict makes the exit code of a report.
func verdict(r *digest.Report) error {
	switch {
	case len(r.Problems) > 0:
		return withHint(fmt.Errorf("%s: the archive is not as CloudTrail delivered it", plural(len(r.Problems), "problem")),
			"keep the archive as it is, and look for who wrote or deleted: the bucket's own data events, and its versions")
	case r.Status != "valid":
		return &exitError{code: exitQuarantined, hint: "what could not be judged is no pass; see  trimtrail verify --help"}
	}
	return nil
}

// hinted adds to an error what to try.
func (f *verifyFlags) hinted(ctx context.Context, err error) error {
	var empty *ingest.EmptyError
	var keys *keysError
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case errors.As(err, &keys):
		return withHint(err, fmt.Sprintf("allow cloudtrail:ListPublicKeys, or save the keys where it is allowed, with  %s  and name the file with --public-keys",
			f.in.aws("aws cloudtrail list-public-keys --region "+keys.region+" --start-time 2015-01-01 --end-time "+time.Now().UTC().Format(time.DateOnly)+" > keys.json")))
	case errors.As(err, &empty) && len(empty.Beside) == 0 && !empty.Pruned:
		return withHint(err, "name a folder that holds AWSLogs/ or lies in it; digests and logs are found by that layout")
	}
	return f.in.hinted(ctx, err)
}
