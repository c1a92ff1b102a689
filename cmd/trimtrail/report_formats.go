package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// reportFormats are the views of a report.
var reportFormats = []string{"html", "markdown", "table", "json", "csv", "sarif", "asff", "ocsf"}

func (f *reportFlags) write(s streams, m *report.Model) error {
	switch f.format {
	case "markdown":
		return report.Markdown(s.out, m)
	case "table":
		return report.ChangedTable(s.out, m, tableOptions(s, f.lake, f.wide, 0))
	case "json":
		return report.JSON(s.out, m)
	case "csv":
		return report.CSV(s.out, m)
	case "sarif":
		return report.SARIF(s.out, m)
	case "asff":
		return report.ASFF(s.out, m, f.hub)
	case "ocsf":
		return report.OCSF(s.out, m)
	}
	return report.HTML(s.out, m)
}

// earlier reads the report to compare with; nil where none was named.
func (f *reportFlags) earlier(ctx context.Context, s streams) (*rules.Findings, error) {
	if f.sinceLast {
		return lastOf(ctx, f.lake)
	}
	if f.since == "" {
		return nil, nil
	}
	data, err := f.read(s)
	if err != nil {
		return nil, err
	}
	before, err := report.Previous(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("--since-report: %s %w", f.since, err), "keep one for the next time with  trimtrail report --format json --out FILE")
	}
	return before, nil
}

// lastOf are the findings of the last run on a lake; that there was none is an error.
func lastOf(ctx context.Context, dir string) (*rules.Findings, error) {
	l, err := openLake(ctx, dir)
	if err != nil {
		return nil, err
	}
	f, err := lastFindings(l)
	if err == nil && f == nil {
		return nil, withHint(errors.New("--since-last: no run has left a report in the lake"), "trimtrail run  leaves one; --since-report FILE compares with a file")
	}
	return f, err
}

func (f *reportFlags) read(s streams) ([]byte, error) {
	if f.since == "-" {
		return io.ReadAll(s.in)
	}
	data, err := os.ReadFile(f.since)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usage(fmt.Errorf("--since-report: no file %s", f.since), "the first time there is nothing to compare with: leave the flag out, and write one with  --format json --out FILE")
	}
	return data, err
}

// isAccount reports whether s is an AWS account id.
func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
