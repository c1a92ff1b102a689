// Package report shows the one model in several ways: JSON, text for a
// terminal, one self-contained HTML page, Markdown, CSV, and the formats of
// other tools: SARIF, ASFF and OCSF. Each has the same findings.
//
// Findings and policy proposals (package rules) and a bounded summary of the
// facts (package analyze) come in as a Model; bytes go out to an io.Writer.
// It judges nothing, opens no file and reads no clock: the same model gives
// the same bytes. Every string of the model may have been chosen by an
// attacker (a session name, a user agent, an object key): views show control,
// bidirectional and invisible characters as \u202e, so that data can neither
// move a cursor, reorder a line, nor become markup.
//
//	m := &report.Model{Findings: f, Policies: p, Principals: report.Summarise(facts), Generated: facts.AsOf}
//	err := report.HTML(w, m)
package report

import (
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// Schema names the shape of the document that JSON writes.
const Schema = "trimtrail.report/1"

// Model is all that a report shows.
type Model struct {
	Findings *rules.Findings // nil: none were computed
	Policies *rules.Policies // nil: none were computed
	// Principals are sorted by ARN, as Summarise gives them.
	Principals []PrincipalSummary
	// Changes are those since an earlier report; nil where there is none to compare with.
	Changes *Changes
	// History are the sums of earlier reports, in any order; the page draws
	// them. JSON leaves them out: it is one of those reports itself.
	History []Past
	// Generated is the as-of time of the facts, never the wall clock.
	Generated time.Time
	// Title heads the page; empty means "Access report".
	Title string
	// Version is that of trimtrail.
	Version string
}

// TableOptions lays out text for a terminal. The caller decides about colour
// (terminal, NO_COLOR) and width.
type TableOptions struct {
	// Width is in columns; 0 means that there is no edge to keep from, as in a file.
	Width int
	Color bool
	// Wide adds columns and event ids, and cuts nothing.
	Wide bool
	// Max is the number of rows to show, the rest are counted; 0 means all.
	Max int
	// Lake is the lake as the user named it, for the commands that come next; may be empty.
	Lake string
	// Window is what a policy was made from; the zero value leaves it out.
	Window analyze.Window
}

// edge returns the width to lay out by.
func (o TableOptions) edge() int {
	if o.Width <= 0 {
		return 1 << 20
	}
	return max(o.Width, 40)
}
