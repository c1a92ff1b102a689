package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/lake"
)

func lakeCompactCmd(io streams) *cobra.Command {
	f := &lakeFlags{}
	cmd := &cobra.Command{
		Use: "compact", Short: "Merge the files of each account and day into one", Args: cobra.NoArgs,
		Long: `Merges the files of each account and day into one of at most 256 MB. Ingest
merges as it goes; this is for the rest. It works beside an ingest and beside
readers, and a run that is stopped loses nothing. Only a query by a plain glob,
without the lake's log, may see rows twice in the moment in which files are
replaced.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := f.open(cmd.Context())
			if err != nil {
				return err
			}
			r, err := l.Compact(cmd.Context())
			if err != nil {
				return lakeHint(err)
			}
			if f.format == "json" {
				return writeJSON(io.out, r)
			}
			_, err = fmt.Fprintf(io.out, "Rewrote %s\nFiles        %d, %s; were %d, %s\n", plural(int(r.Partitions), "partition"),
				r.FilesAfter, byteSize(r.BytesAfter), r.FilesBefore, byteSize(r.BytesBefore))
			return err
		},
	}
	f.register(cmd)
	return cmd
}

// pruneFlags are those of lake prune.
type pruneFlags struct {
	lakeFlags
	before string
	dryRun bool
}

func lakePruneCmd(io streams) *cobra.Command {
	f := &pruneFlags{}
	cmd := &cobra.Command{
		Use: "prune", Short: "Forget the events before a day", Args: cobra.NoArgs,
		Long: `Forgets the events of all days before the one that --before names, and the
quarantined records of that time. Days are those of the events, in UTC. The
objects stay known, so that the next ingest does not bring the events back. IAM
states stay.`,
		Example: `  trimtrail lake prune --lake lake --before 400d --dry-run
  trimtrail lake prune --lake lake --before 2025-01-01`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io, time.Now()) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.before, "before", "", "a day as 2025-01-01, or an age as 400d")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be forgotten, and change nothing")
	return cmd
}

func (f *pruneFlags) run(ctx context.Context, io streams, now time.Time) error {
	before, err := f.moment(now)
	if err = errors.Join(f.check(), err); err != nil {
		return err
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	r, err := l.Prune(before, f.dryRun)
	if err != nil {
		return lakeHint(err)
	}
	if f.format == "json" {
		return writeJSON(io.out, r)
	}
	done := "Forgot"
	if r.DryRun {
		done = "Would forget"
	}
	_, err = fmt.Fprintf(io.out, "%s what is before %s: %s events in %s, %s\n", done, r.Before.Format(time.DateOnly),
		thousands(r.Events), plural(int(r.Files), "file"), byteSize(r.Bytes))
	return err
}

// moment reads --before.
func (f *pruneFlags) moment(now time.Time) (time.Time, error) {
	if f.before == "" {
		return time.Time{}, usage(errors.New("--before is missing"), "name the first day to keep, as  --before 2025-01-01  or  --before 400d")
	}
	if span, err := parseSpan(f.before); err == nil {
		return now.Add(-span).UTC(), nil
	}
	t, err := parseMoment(f.before)
	if err != nil {
		return t, usage(fmt.Errorf("--before %w", err), "a day as 2025-01-01, or an age as 400d")
	}
	return t, nil
}

// ddlSchema names the JSON shape of lake ddl.
const ddlSchema = "trimtrail.ddl/1"

// ddlFlags are those of lake ddl.
type ddlFlags struct {
	lakeFlags
	lake.DDLOptions
}

func lakeDDLCmd(io streams) *cobra.Command {
	f := &ddlFlags{}
	cmd := &cobra.Command{
		Use: "ddl", Short: "Print the table definition for a query engine", Args: cobra.NoArgs,
		Long: `Prints what makes a query engine see the events as a table: SQL for Athena,
Trino, Spark and DuckDB, Python for Polars.`,
		Example: `  trimtrail lake ddl --lake lake --engine duckdb
  trimtrail lake ddl --lake lake --engine athena --location s3://audit/lake`,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), io) },
	}
	f.register(cmd)
	engines := strings.Join(lake.Engines(), ", ")
	cmd.Flags().StringVar(&f.Engine, "engine", "duckdb", "one of "+engines)
	cmd.Flags().StringVar(&f.Table, "table", "cloudtrail", "name of the table")
	cmd.Flags().StringVar(&f.Location, "location", "", "where the engine finds the lake, as s3://bucket/lake (default: what --lake says)")
	return cmd
}

func (f *ddlFlags) run(ctx context.Context, io streams) error {
	if err := errors.Join(f.check(), oneOf("--engine", f.Engine, lake.Engines()...)); err != nil {
		return err
	}
	if !identifier(f.Table) {
		return usage(fmt.Errorf("--table %q is no name", f.Table), "letters, digits and _")
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	text, err := l.DDL(f.DDLOptions)
	if err != nil {
		return lakeHint(err)
	}
	if f.format == "json" {
		return writeJSON(io.out, struct {
			Schema string `json:"schema"`
			Engine string `json:"engine"`
			Text   string `json:"text"`
		}{ddlSchema, f.Engine, text})
	}
	_, err = fmt.Fprint(io.out, text)
	return err
}

// identifier reports whether s needs no quotes in any engine.
func identifier(s string) bool {
	for i, c := range s {
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}
