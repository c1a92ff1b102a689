package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// csvColumns are the columns of CSV, in order. New ones are only ever added at the end.
var csvColumns = []string{"id", "rule", "severity", "confidence", "account_id", "principal", "credential", "resource", "title", "reason",
	"count", "first", "last", "addresses", "actions", "events", "fix", "commands", "clears", "change", "owner"}

// CSV writes one line a finding below a line of column names (RFC 4180).
// Lists are separated by spaces, commands by " ; ", times are RFC 3339 in UTC.
// The column change is empty where the model has no Changes. A cell that a
// spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV
// injection, seen 2026-01).
func CSV(w io.Writer, m *Model) error {
	c := copyOf(findingsOf(m), clean)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvColumns); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for i := range c.Findings {
		f := &c.Findings[i]
		if err := out.Write(csvLine(f, m.Changes.of(f.ID))); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func csvLine(f *rules.Finding, change string) []string {
	e := &f.Evidence
	line := []string{f.ID, f.Rule, string(f.Severity), f.Confidence, f.AccountID, f.Principal, f.Credential, f.Resource, f.Title, f.Reason,
		strconv.FormatInt(e.Count, 10), stamp(e.First), stamp(e.Last), strings.Join(e.Addresses, " "), strings.Join(e.Actions, " "), strings.Join(e.Events, " "),
		f.Fix.Summary, strings.Join(f.Fix.Commands, " ; "), f.Fix.Clears, change, f.Owner}
	for i := range line {
		line[i] = cell(line[i])
	}
	return line
}

// formulas are what makes a spreadsheet calculate: the four ASCII signs and
// their full-width forms, which some locales treat alike.
const formulas = "=+-@\uff1d\uff0b\uff0d\uff20"

// cell keeps s from being a formula. Tabs and line ends are gone before, see clean.
func cell(s string) string {
	if t := strings.TrimLeft(s, " "); t != "" && strings.ContainsRune(formulas, []rune(t)[0]) {
		return "'" + s
	}
	return s
}

// stamp is t in UTC, empty where there is none.
func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// findingsOf are the findings of m, none where none were computed.
func findingsOf(m *Model) rules.Findings {
	if m.Findings == nil {
		return rules.Findings{}
	}
	return *m.Findings
}
