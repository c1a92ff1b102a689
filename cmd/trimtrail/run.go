package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/schedule"
)

// runFlags are those of `trimtrail run`.
type runFlags struct {
	file, cron, zone  string
	format, logFormat string
	listen            string
	once              bool
}

func runCmd(io streams) *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "All of it by one file: ingest, analysis, policies, reports, deliveries",
		Long: `Does what a configuration file says: reads the new logs of the sources into the
lake, renews the IAM state, analyses, writes policies and reports, compares
with the run before, and tells people and programs what is new.

What fails in one step is told, and what can go on does: the exit code is then
1, 4 where inputs were quarantined, and 3 where a finding that is new or worse
reaches analysis.fail_on. What could not be delivered waits in the lake for the
next run. Two runs on one lake never overlap.

With --schedule, or schedule: in the file, the program stays and repeats; --once
does not. After a time of standing still one run makes up for all that were
missed. SIGTERM ends it, in the middle of an ingest too: what is committed
stays, and the next run goes on from there.`,
		Example: `  trimtrail config init
  trimtrail run --config trimtrail.yaml --once
  trimtrail run --config trimtrail.yaml --schedule "CRON_TZ=Europe/Berlin 0 6 * * 1" --listen 127.0.0.1:9464 --log-format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), io) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.file, "config", configName, "the configuration file; trimtrail config init writes one")
	fl.BoolVar(&f.once, "once", false, "run once, whatever the schedule (the default where there is none)")
	fl.StringVar(&f.cron, "schedule", "", `stay, and run when this cron expression says, as "0 6 * * 1"`)
	fl.StringVar(&f.zone, "time-zone", "", "time zone of --schedule, as Europe/Berlin (default: UTC)")
	fl.StringVar(&f.format, "format", "table", "output format: table or json, one document a run")
	fl.StringVar(&f.logFormat, "log-format", "text", "what standard error is: text or json")
	fl.StringVar(&f.listen, "listen", "", "serve /healthz and /metrics (Prometheus) on a loopback address, as 127.0.0.1:9464")
	return cmd
}

// check reads the flags and the file; all that can be wrong in them is told
// before anything is done.
func (f *runFlags) check() (*config.Config, config.ScheduleRun, error) {
	var none config.ScheduleRun
	if err := oneOf("--format", f.format, "table", "json"); err != nil {
		return nil, none, err
	}
	if err := oneOf("--log-format", f.logFormat, "text", "json"); err != nil {
		return nil, none, err
	}
	switch {
	case f.once && f.cron != "":
		return nil, none, usage(errors.New("--once and --schedule say opposite things"), "give one of them")
	case f.zone != "" && f.cron == "":
		return nil, none, usage(errors.New("--time-zone needs --schedule"), "in the file it is schedule: time_zone:")
	case f.listen != "" && !loopback(f.listen):
		return nil, none, usage(fmt.Errorf("--listen %q is no loopback address", f.listen), "write 127.0.0.1:9464; nothing but this machine should see it")
	}
	c, err := readConfig(f.file)
	if err != nil {
		return nil, none, err
	}
	if err := checkRun(&c.Run, f.file); err != nil {
		return nil, none, err
	}
	s, err := f.scheduled(c.Run.Schedule)
	return c, s, err
}

// scheduled is when to run: as the flags say, else the file; no plan: once.
func (f *runFlags) scheduled(s config.ScheduleRun) (config.ScheduleRun, error) {
	switch {
	case f.once:
		return config.ScheduleRun{}, nil
	case f.cron == "":
		return s, nil
	}
	plan, err := schedule.Parse(f.cron, f.zone)
	if err != nil {
		return s, usage(fmt.Errorf("--schedule: %w", err), `write minute, hour, day of the month, month, day of the week, as "0 6 * * 1"`)
	}
	s.Plan = plan
	return s, nil
}

// checkRun holds a run's sections against the rules of the commands that do
// its steps.
func checkRun(r *config.Run, file string) error {
	if r.Lake == "" {
		return usage(fmt.Errorf("%s: lake is missing", file), "write lake: and a directory or s3://bucket/prefix")
	}
	if a := r.LakeAccess; (a.KMSKey != "" || a.BucketOwner != "") && !inBucket(r.Lake) {
		return usage(fmt.Errorf("%s: kms_key and bucket_owner are for a lake in a bucket", a.Place), "write lake: s3://bucket/prefix")
	}
	for i := range r.Sources {
		if _, err := sourceFlags(r, &r.Sources[i], ""); err != nil {
			return placed(r.Sources[i].Place, err)
		}
	}
	if p := r.IAM.Pull; p != nil {
		if err := pullFlags(r, p, streams{}).check(); err != nil {
			return placed(p.Place, err)
		}
	}
	if r.Analysis.Window != "" {
		if _, err := parseSpan(r.Analysis.Window); err != nil {
			return usage(fmt.Errorf("%s: analysis: window: %w", file, err), "write 90d or 36h")
		}
	}
	for i := range r.Deliveries {
		if _, err := secretsOf(&r.Deliveries[i], folderOf(file)); err != nil {
			return placed(r.Deliveries[i].Place, err)
		}
	}
	return nil
}

// withLakeAccess has the lake reached as the file says.
func withLakeAccess(ctx context.Context, r *config.Run) context.Context {
	a := &r.LakeAccess
	var o lakeBucketOptions
	o.Profile, o.start, o.EndpointURL, o.PathStyle = a.Profile, a.Region, a.EndpointURL, a.PathStyle
	o.KMSKey, o.Owner = a.KMSKey, a.BucketOwner
	return context.WithValue(ctx, lakeOptionsKey{}, o)
}

// placed says where in the file an error of usage comes from.
func placed(place string, err error) error {
	var e *exitError
	if errors.As(err, &e) {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s: %w", place, e.err), hint: e.hint}
	}
	return usage(fmt.Errorf("%s: %w", place, err), "")
}

// folderOf is where relative paths of a configuration begin.
func folderOf(file string) string { return filepath.Dir(file) }

// below is a path as the file has it, seen from here.
func below(folder, name string) string {
	if name == "" || filepath.IsAbs(name) || strings.HasPrefix(name, "s3://") || folder == "." {
		return name
	}
	return filepath.Join(folder, name)
}

func (f *runFlags) run(ctx context.Context, io streams) error {
	_, when, err := f.check()
	if err != nil {
		return err
	}
	r := &runner{flags: f, streams: io, log: newLogger(io.err, f.logFormat == "json")}
	r.status.version = version()
	if f.listen != "" {
		stop, err := serveStatus(f.listen, &r.status, r.log)
		if err != nil {
			return withHint(err, "choose another port with  --listen 127.0.0.1:PORT")
		}
		defer stop()
	}
	if when.Plan != nil {
		return r.repeat(ctx, when)
	}
	_, err = r.turn(ctx, nil)
	return err
}

// runner does turns.
type runner struct {
	streams
	flags  *runFlags
	log    *slog.Logger
	status runStatus
}
