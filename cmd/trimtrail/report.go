package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// reportFlags are those of `trimtrail report`.
type reportFlags struct {
	analysisFlags
	format, out, title string
	since, failOn      string
	sinceLast          bool
	wide               bool
	hub                report.ASFFOptions
}

func reportCmd(io streams) *cobra.Command {
	f := &reportFlags{}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "The whole analysis as a page, or in the format of another tool",
		Long: `Writes the whole analysis. html is one self-contained page that works offline,
json the model behind it, table the findings as text. markdown is for a merge
request or a wiki, csv for a spreadsheet, sarif for code scanning, asff for
Security Hub, ocsf for a data lake or a SIEM. All have the same findings.

One page has room for a thousand principals. With more, html writes a summary
to the file that --out names, and a folder beside it of pages with a hundred
principals each: report.html and report-pages. Where --out names a folder, it
gets index.html and pages, however few there are.

With --since-report it says what is new, worse, resolved and better since an
earlier report; FILE is what report or analyze wrote with --format json. With
--since-last the earlier report is that of the last  trimtrail run  on the lake.

With --fail-on, the exit code is 3 where a finding is at least that severe;
beside --since-report or --since-last only findings that are new or worse count.`,
		Example: `  trimtrail report --lake lake --out report.html
  trimtrail report --lake lake --out report/
  trimtrail report --lake lake --format json --out report.json
  trimtrail report --lake lake --format markdown --since-report report.json --fail-on high
  trimtrail report --lake lake --format sarif --out trimtrail.sarif`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), io) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.format, "format", "html", "output format: html, markdown, table, json, csv, sarif, asff or ocsf")
	cmd.Flags().StringVar(&f.out, "out", "", "write to this file, or html to this folder, instead of standard output")
	cmd.Flags().StringVar(&f.title, "title", "", "the title of the page")
	cmd.Flags().StringVar(&f.since, "since-report", "", "an earlier report or analysis as JSON, to say what changed (- for standard input)")
	cmd.Flags().BoolVar(&f.sinceLast, "since-last", false, "say what changed since the last run, whose report the lake keeps")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 3 where a finding, with --since-report a new or worse one, is this severe or more")
	cmd.Flags().BoolVar(&f.wide, "wide", false, "table: more columns, nothing cut")
	cmd.Flags().StringVar(&f.hub.Account, "hub-account", "", "asff: the account that imports the findings (default: each finding's own)")
	cmd.Flags().StringVar(&f.hub.Region, "hub-region", "us-east-1", "asff: the region that imports the findings")
	return cmd
}

func (f *reportFlags) check(io streams) error {
	if err := oneOf("--format", f.format, reportFormats...); err != nil {
		return err
	}
	if f.failOn != "" {
		if err := oneOf("--fail-on", f.failOn, severities...); err != nil {
			return err
		}
	}
	if f.since != "" && f.sinceLast {
		return usage(errors.New("--since-report and --since-last name two reports"), "give one of them")
	}
	if f.hub.Account != "" && !isAccount(f.hub.Account) {
		return usage(fmt.Errorf("--hub-account %q is no account id", f.hub.Account), "an account id has 12 digits")
	}
	if f.out != "" && f.format != "html" && isFolder(f.out) {
		return usage(fmt.Errorf("--out %s is a folder", f.out), "only html is written to a folder; name a file")
	}
	if f.out == "" && f.format == "html" && terminal(io.out) {
		return usage(errors.New("an HTML page is no text for a terminal"), "add  --out report.html")
	}
	return nil
}

func (f *reportFlags) run(ctx context.Context, io streams) error {
	if err := f.check(io); err != nil {
		return err
	}
	before, err := f.earlier(ctx, io)
	if err != nil {
		return err
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	m, err := a.model(f.title)
	if err != nil {
		return err
	}
	tellAccepted(io, m.Findings)
	if f.format == "html" {
		if err := f.lookBack(ctx, io, m); err != nil {
			return err
		}
	}
	if before != nil {
		m.Changes = report.Compare(before, m.Findings)
	}
	if err := f.deliver(io, m); err != nil {
		return err
	}
	if f.failOn != "" && slices.ContainsFunc(m.Findings.Findings, func(x rules.Finding) bool {
		return atLeast(x.Severity, f.failOn) && m.Changes.Raised(x.ID)
	}) {
		return exit(exitFindings)
	}
	return nil
}

// lookBack gives the page the reports that runs left in the lake; one that
// cannot be read is told, and keeps nobody from the page.
func (f *reportFlags) lookBack(ctx context.Context, io streams, m *report.Model) error {
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	if m.History, err = history(l, m.Generated); err != nil {
		fmt.Fprintf(io.err, "trimtrail: warning: not all earlier reports can be drawn: %s\n", printable(err.Error()))
	}
	return nil
}

// deliver writes the report to where it was asked for.
func (f *reportFlags) deliver(io streams, m *report.Model) error {
	if f.out == "" {
		return f.write(io, m)
	}
	if f.format == "html" && (isFolder(f.out) || len(m.Principals) > report.PagesFrom) {
		_, err := writePages(f.out, m)
		return err
	}
	var page bytes.Buffer
	if err := f.write(streams{io.in, &page, io.err}, m); err != nil {
		return err
	}
	return writeFile(f.out, page.Bytes())
}

// model is all that a report shows.
func (a *analysis) model(title string) (*report.Model, error) {
	p, err := a.policies(nil, rules.SizeOptions{})
	if err != nil {
		return nil, err
	}
	return &report.Model{
		Findings: a.findings(), Policies: p, Principals: report.Summarise(a.facts),
		Generated: a.facts.AsOf, Title: title, Version: version(),
	}, nil
}
