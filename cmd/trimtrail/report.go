package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/report"
)

// reportFlags are those of `trimtrail report`.
type reportFlags struct {
	analysisFlags
	format, out, title string
}

func reportCmd(io streams) *cobra.Command {
	f := &reportFlags{}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "One page with findings, policies and principals",
		Long: `Writes the whole analysis: html is one self-contained page that works offline,
json the model behind it, table the findings as text.`,
		Example: `  trimtrail report --lake lake --out report.html`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c.Context(), io) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.format, "format", "html", "output format: html, json or table")
	cmd.Flags().StringVar(&f.out, "out", "", "write to this file instead of standard output")
	cmd.Flags().StringVar(&f.title, "title", "", "the title of the page")
	return cmd
}

func (f *reportFlags) run(ctx context.Context, io streams) error {
	if err := oneOf("--format", f.format, "html", "json", "table"); err != nil {
		return err
	}
	if f.out == "" && f.format == "html" && terminal(io.out) {
		return usage(errors.New("an HTML page is no text for a terminal"), "add  --out report.html")
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	m, err := a.model(f.title)
	if err != nil {
		return err
	}
	if f.out == "" {
		return f.write(io, m)
	}
	var page bytes.Buffer
	if err := f.write(streams{io.in, &page, io.err}, m); err != nil {
		return err
	}
	return writeFile(f.out, page.Bytes())
}

// model is all that a report shows.
func (a *analysis) model(title string) (*report.Model, error) {
	p, err := a.policies(nil)
	if err != nil {
		return nil, err
	}
	return &report.Model{
		Findings: a.findings(), Policies: p, Principals: report.Summarise(a.facts),
		Generated: a.facts.AsOf, Title: title, Version: version(),
	}, nil
}

func (f *reportFlags) write(io streams, m *report.Model) error {
	switch f.format {
	case "json":
		return report.JSON(io.out, m)
	case "table":
		return report.Table(io.out, m.Findings, tableOptions(io, f.lake, false, 0))
	}
	return report.HTML(io.out, m)
}
