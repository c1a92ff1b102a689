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

// openLake opens the lake that --lake names, with a hint for each way to be wrong.
func openLake(ctx context.Context, dir string) (*lake.Lake, error) {
	if dir == "" {
		return nil, usage(errors.New("--lake is missing"), "name the directory that ingest wrote to, as  --lake lake")
	}
	l, err := lakeAt(ctx, dir)
	return l, lakeHint(err)
}

// lakeHint says what to do about what can be wrong with a lake.
func lakeHint(err error) error {
	var no *lake.NotLakeError
	var version *lake.VersionError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &version):
		return withHint(err, "upgrade trimtrail; nothing was changed")
	case errors.As(err, &no):
		return withHint(err, "make one with  trimtrail ingest SOURCE --lake DIR")
	}
	return err
}

// lakeCmd is `trimtrail lake`: care of the dataset.
func lakeCmd(io streams) *cobra.Command {
	cmd := &cobra.Command{Use: "lake", Short: "Look after the lake", RunE: subcommandOnly}
	cmd.AddCommand(lakeStatusCmd(io), lakeVerifyCmd(io), lakeCompactCmd(io), lakePruneCmd(io), lakeRebuildCmd(io), lakeDDLCmd(io))
	return cmd
}

// subcommandOnly is what a command does that only holds others: its help, or
// an error for a word that is none of them.
func subcommandOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	return usage(fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath()), "see  "+c.CommandPath()+" --help")
}

// lakeFlags are those of the lake commands.
type lakeFlags struct{ lake, format string }

func (f *lakeFlags) register(cmd *cobra.Command) {
	f.format = "table"
	cmd.Flags().StringVar(&f.lake, "lake", "", "the lake")
	cmd.Flags().StringVar(&f.format, "format", f.format, "output format: table or json")
}

func (f *lakeFlags) check() error { return oneOf("--format", f.format, "table", "json") }

// open checks the flags and opens the lake.
func (f *lakeFlags) open(ctx context.Context) (*lake.Lake, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return openLake(ctx, f.lake)
}

// oneOf is a usage error where value is none of those known.
func oneOf(flag, value string, known ...string) error {
	for _, k := range known {
		if value == k {
			return nil
		}
	}
	return usage(fmt.Errorf("%s %q is unknown", flag, value), "one of "+strings.Join(known, ", "))
}

func lakeStatusCmd(io streams) *cobra.Command {
	f := &lakeFlags{}
	cmd := &cobra.Command{
		Use: "status", Short: "Say what a lake holds", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := f.open(c.Context())
			if err != nil {
				return err
			}
			s, err := l.StatusWithRollups()
			if err != nil {
				return err
			}
			if f.format == "json" {
				return writeJSON(io.out, s)
			}
			return printStatus(io, s)
		},
	}
	f.register(cmd)
	return cmd
}

func printStatus(io streams, s lake.Status) error {
	span := "nothing yet"
	if s.From != nil && s.To != nil {
		span = s.From.Format(time.RFC3339) + " to " + s.To.Format(time.RFC3339)
	}
	_, err := fmt.Fprintf(io.out, "Events       %s, %s\nAccounts     %s\nFiles        %d, %s\nObjects      %s read, %s quarantined objects and records\n",
		thousands(s.Events), span, strings.Join(s.Accounts, ", "), s.Files, byteSize(s.Bytes), thousands(s.Objects), thousands(s.Quarantined))
	if r := s.Rollups; err == nil && r != nil {
		_, err = fmt.Fprintf(io.out, "Rolled up    %d of %s, %s%s\n", r.Files, plural(int(s.Files), "file"), byteSize(r.Bytes), tableSizes(r))
	}
	return err
}

// tableSizes lists the tables that have any.
func tableSizes(r *lake.RollupStatus) string {
	var parts []string
	for _, t := range r.Tables {
		if t.Files > 0 {
			parts = append(parts, t.Name+" "+byteSize(t.Bytes))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func lakeVerifyCmd(io streams) *cobra.Command {
	f := &lakeFlags{}
	cmd := &cobra.Command{
		Use: "verify", Short: "Check the files of a lake against its log", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := f.open(c.Context())
			if err != nil {
				return err
			}
			r, err := l.Verify()
			if err != nil {
				return err
			}
			return printVerified(io, f.format, &r)
		},
	}
	f.register(cmd)
	return cmd
}

func printVerified(io streams, format string, r *lake.Report) error {
	if format == "json" {
		if err := writeJSON(io.out, r); err != nil {
			return err
		}
	} else {
		for _, p := range r.Problems {
			fmt.Fprintf(io.out, "%-10s %s  %s\n", p.Kind, p.Path, p.Detail)
		}
		fmt.Fprintf(io.out, "%s events in %d files, %s, %d of them with rollups: %d problems\n", thousands(r.Events), r.Files, byteSize(r.Bytes), r.Rollups, len(r.Problems))
	}
	if !r.OK() {
		return withHint(fmt.Errorf("%d files do not agree with the log", len(r.Problems)), "orphans of a run that was stopped go with the next one; rollups are made again by  trimtrail lake rebuild; for the rest, ingest the archive into a new lake")
	}
	return nil
}
