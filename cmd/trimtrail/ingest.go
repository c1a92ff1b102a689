package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// ingestCmd is `trimtrail ingest SOURCE… --lake L`: archive objects in, a lake out.
func ingestCmd(io streams) *cobra.Command {
	f := &ingestFlags{}
	cmd := &cobra.Command{
		Use:   "ingest SOURCE…",
		Short: "Read a CloudTrail archive into a lake",
		Long: `Reads CloudTrail logs into a lake, which is made where there is none. What was
read before is not read again, and an event that was delivered twice counts
once. A run that was stopped, however, goes on where it was with the next one.

SOURCE is s3://bucket/prefix, a directory, a file, or - for standard input.
What cannot be read is put aside in the lake's _quarantine with its reason, and
the rest counts; the exit status is 4 then.

With --verify each log file is held against the digest files beside it, as
trimtrail verify does: one that is not as CloudTrail delivered it is put aside;
how many no digest names is told. --retry-quarantined reads again what was put
aside by earlier runs, and takes it out of the quarantine where that works.

--since, --until, --account, --region and --org-id choose by the path and name
of the objects, so that what they exclude is not even listed. Days are those of
the delivery, in UTC: an event is delivered up to some minutes after it
happened, so add a day to --until for the last minutes of one.`,
		Example: `  trimtrail ingest s3://org-trail/ --lake lake --profile audit
  trimtrail ingest s3://org-trail/AWSLogs/ --lake lake --since 90d --account 111122223333
  trimtrail ingest AWSLogs/ --lake lake --dry-run
  aws cloudtrail lookup-events --output json | trimtrail ingest - --lake lake`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("no SOURCE"), "name what to read, as  trimtrail ingest s3://bucket/AWSLogs/ --lake lake")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), io, args)
		},
	}
	f.register(cmd)
	return cmd
}

// run checks everything, opens everything, and then does it.
func (f *ingestFlags) run(ctx context.Context, io streams, args []string) error {
	if err := f.check(time.Now()); err != nil {
		return err
	}
	sources, err := f.sources(ctx, io, args)
	if err != nil {
		return f.hinted(ctx, err)
	}
	if f.dryRun {
		return f.plan(ctx, io, sources)
	}
	if err := f.beginProof(ctx, args); err != nil {
		return err
	}
	sum, took, err := f.take(ctx, io, sources)
	return f.finish(ctx, io, sum, took, err)
}

// take reads the sources into the lake. Where it ends early, the summary says
// what was kept.
func (f *ingestFlags) take(ctx context.Context, io streams, sources []ingest.Source) (ingest.Summary, time.Duration, error) {
	w, err := openWriter(ctx, f.lake, lake.WriterOptions{Memory: f.memoryBytes / lakeShare, Workers: f.workers})
	if err != nil {
		return ingest.Summary{}, 0, err
	}
	if f.retry {
		if _, err := w.Retry(); err != nil {
			return ingest.Summary{}, 0, errors.Join(err, w.Close())
		}
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(f.memoryBytes / 16 * heapShare))
	begin, p := time.Now(), newProgress(io.err)
	c := f.config(sources, lakeSink{w}, p.show)
	c.Full = w.Full
	sum, err := ingest.Run(ctx, c)
	p.clear()
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	late := w.Late() // another run was faster
	sum.Events, sum.Duplicates = sum.Events-late, sum.Duplicates+late
	return sum, time.Since(begin), err
}

const (
	// Of the memory flag, these parts go to rows waiting in the lake's writer
	// and to objects under way; the collector needs the rest as room.
	lakeShare, flightShare = 6, 5
	// heapShare sixteenths are the limit of what the collector looks after: the
	// program itself, its text and tables, takes the rest.
	heapShare = 13
	// fetchers hide the latency of S3: at 30 ms an answer, 85 in flight keep
	// two cores busy.
	fetchers = 96
)

func (f *ingestFlags) config(sources []ingest.Source, sink ingest.Sink, show func(ingest.Summary)) ingest.Config {
	c := ingest.Config{
		Sources: sources, Filter: f.filter, Shard: f.part, Sink: sink, Workers: f.workers,
		Memory: f.memoryBytes / flightShare, Progress: show,
	}
	if f.proof.on {
		c.Check = f.proof.judge
	}
	for _, s := range sources {
		if _, ok := s.(*ingest.S3); ok {
			c.Fetchers = fetchers
		}
	}
	return c
}

// finish prints what was done, also where it ended early, and makes the exit
// code of it.
func (f *ingestFlags) finish(ctx context.Context, io streams, s ingest.Summary, took time.Duration, err error) error {
	if err != nil {
		if s.KeptObjects > 0 {
			fmt.Fprintf(io.err, "trimtrail: kept: %s with %s; the next run goes on from there\n", plural(int(s.KeptObjects), "object"), plural(int(s.KeptEvents), "event"))
		}
		return f.hinted(ctx, err)
	}
	if err := f.print(io, s, took); err != nil {
		return err
	}
	if s.Quarantined+s.Rejected > 0 {
		return &exitError{code: exitQuarantined, hint: "details are in " + f.lake + "/_quarantine; an object is read again once it changes, or with --retry-quarantined"}
	}
	return nil
}

// lakeSink is a lake's writer as ingest wants it.
type lakeSink struct{ *lake.Writer }

var _ ingest.Sink = lakeSink{}

// Quarantine keeps a whole object's reason.
func (s lakeSink) Quarantine(o event.Object, reason string) error {
	return s.Writer.Quarantine(lake.Quarantined{Object: o, Index: lake.WholeObject, Reason: reason})
}

// graced is a context with the values of ctx that ends so much later.
func graced(ctx context.Context, grace time.Duration) context.Context {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
	})
	return late
}

// openWriter opens the lake, or makes it, to write. Once ctx ends there is some
// time left, so that what is complete is committed.
func openWriter(ctx context.Context, dir string, o lake.WriterOptions) (*lake.Writer, error) {
	l, err := newLakeAt(graced(ctx, time.Minute), dir)
	if err != nil {
		return nil, err
	}
	return l.Writer(o)
}
