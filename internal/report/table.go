package report

import (
	"io"

	"github.com/trimtrail/trimtrail/rules"
)

// Table writes findings for a terminal: what is wrong, gravest first, then
// what the logs cover, what could not be judged, and what to do next.
func Table(w io.Writer, f *rules.Findings, o TableOptions) error { return nil }

// Explain writes one finding: the sentence, its evidence, and a way out.
func Explain(w io.Writer, f *rules.Finding, o TableOptions) error { return nil }

// PolicyDiff writes one proposal: its changes as a unified diff, and its proof.
func PolicyDiff(w io.Writer, p *rules.Proposal, o TableOptions) error { return nil }

// PolicyTable writes a line for each proposal.
func PolicyTable(w io.Writer, p *rules.Policies, o TableOptions) error { return nil }

// HTML writes the model as one page that needs no network and no script.
func HTML(w io.Writer, m *Model) error { return nil }
