package main

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// analyzeFlags are those of `trimtrail analyze`.
type analyzeFlags struct {
	analysisFlags
	format, minSeverity, failOn string
	wide, sinceLast             bool
	max                         int
}

func analyzeCmd(io streams) *cobra.Command {
	f := &analyzeFlags{}
	cmd := &cobra.Command{
		Use:   "analyze [ARN…]",
		Short: "Say what a person should know or do, with evidence",
		Long: `Reads the lake and the IAM state in it and prints findings, the most urgent
first. ARN limits them to principals: an ARN, user/NAME, role/NAME or a name.

With --since-last only those are told that are new or worse since the last
trimtrail run  on the lake.

With --fail-on, the exit code is 3 where a finding is at least that severe.`,
		Example: `  trimtrail analyze --lake lake
  trimtrail analyze role/deploy --lake lake --window 30d
  trimtrail analyze --lake lake --format json --fail-on high`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), io, args) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.format, "format", "table", "output format: table or json")
	cmd.Flags().StringVar(&f.minSeverity, "min-severity", "info", "leave out what is less severe: critical, high, medium, low, info")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 3 where a finding is this severe or more")
	cmd.Flags().BoolVar(&f.sinceLast, "since-last", false, "only what is new or worse since the last run, whose report the lake keeps")
	cmd.Flags().BoolVar(&f.wide, "wide", false, "table: more columns, nothing cut")
	cmd.Flags().IntVar(&f.max, "max", 0, "table: the number of findings to show (0: all)")
	return cmd
}

func (f *analyzeFlags) check() error {
	if err := oneOf("--format", f.format, "table", "json"); err != nil {
		return err
	}
	if err := oneOf("--min-severity", f.minSeverity, severities...); err != nil {
		return err
	}
	if f.failOn == "" {
		return nil
	}
	return oneOf("--fail-on", f.failOn, severities...)
}

// severities are in order, the gravest first.
var severities = []string{string(rules.Critical), string(rules.High), string(rules.Medium), string(rules.Low), string(rules.Info)}

// atLeast reports whether s is as severe as limit.
func atLeast(s rules.Severity, limit string) bool {
	return slices.Index(severities, string(s)) <= slices.Index(severities, limit)
}

func (f *analyzeFlags) run(ctx context.Context, io streams, names []string) error {
	if err := f.check(); err != nil {
		return err
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	arns, err := a.named(names)
	if err != nil {
		return err
	}
	found := a.findings()
	changes, err := f.changes(ctx, io, found)
	if err != nil {
		return err
	}
	other := func(x *rules.Finding) bool {
		return !atLeast(x.Severity, f.minSeverity) || !changes.Raised(x.ID) || len(arns) > 0 && !slices.Contains(arns, x.Principal)
	}
	found.Findings = slices.DeleteFunc(found.Findings, func(x rules.Finding) bool { return other(&x) })
	found.Accepted = slices.DeleteFunc(found.Accepted, func(x rules.Accepted) bool { return other(&x.Finding) })
	if err := f.print(io, found); err != nil {
		return err
	}
	if f.failOn != "" && slices.ContainsFunc(found.Findings, func(x rules.Finding) bool { return atLeast(x.Severity, f.failOn) }) {
		return exit(exitFindings)
	}
	return nil
}

// changes are those since the last run, which it tells in one line; nil where
// nobody asked for them.
func (f *analyzeFlags) changes(ctx context.Context, io streams, found *rules.Findings) (*report.Changes, error) {
	if !f.sinceLast {
		return nil, nil
	}
	before, err := lastOf(ctx, f.lake)
	if err != nil {
		return nil, err
	}
	c := report.Compare(before, found)
	fmt.Fprintf(io.err, "trimtrail: since %s: %d new, %d worse, %d resolved, %d better, %d as before\n", c.Since.UTC().Format("2006-01-02 15:04 UTC"), len(c.New), len(c.Worse), len(c.Resolved), len(c.Better), c.Unchanged)
	return c, nil
}

func (f *analyzeFlags) print(io streams, found *rules.Findings) error {
	if f.format == "json" {
		return report.FindingsJSON(io.out, found)
	}
	tellAccepted(io, found)
	return report.Table(io.out, found, tableOptions(io, f.lake, f.wide, f.max))
}

func tableOptions(io streams, lake string, wide bool, max int) report.TableOptions {
	return report.TableOptions{Width: width(io.out), Color: colour(io.out), Wide: wide, Max: max, Lake: lake}
}

func sortedSet(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

// shellQuote is s as one word of a POSIX shell.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@=+,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
