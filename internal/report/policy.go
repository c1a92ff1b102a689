package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// PolicyDiff writes one proposal: its changes as a unified diff, and its
// proof. A principal that is too early to judge gets its reasons and, unless
// the view is wide, no diff.
func PolicyDiff(w io.Writer, p *rules.Proposal, o TableOptions) error {
	c := copyOf(*p, clean)
	t := &text{o: o}
	t.line(t.paint(bold, shortName(c.Principal)), " · ", t.verdict(c.Confidence), " · ", basis(&c, o.Window))
	if tooEarly(&c) {
		for _, warning := range c.Warnings {
			t.field("why", warning)
		}
		if !o.Wide && !draft(&c) {
			t.field("", "Kept as it is.")
			return t.flush(w)
		}
	}
	t.line()
	for _, d := range patches(c.Current, c.Proposed) {
		t.patch(&d)
	}
	t.proof(&c)
	t.line()
	if tooEarly(&c) {
		t.line("  Nothing to apply yet.")
		return t.flush(w)
	}
	t.line("  Apply: trimtrail policy ", quote(c.Principal), t.lake(), " --out DIR  writes the documents; nothing is applied for you")
	return t.flush(w)
}

// verdict writes a confidence as a person would stamp it.
func (t *text) verdict(confidence string) string {
	style := map[string]string{"ready": green, "review": yellow}[confidence]
	return t.paint(style, strings.ToUpper(cmp.Or(confidence, "unknown")))
}

// patch writes a diff as patch(1) would read it.
func (t *text) patch(d *patch) {
	t.line(t.paint(bold, "--- "+d.Old))
	t.line(t.paint(bold, "+++ "+d.New))
	for _, l := range d.Lines {
		style := map[byte]string{'-': red, '+': green, '@': dim}[l[0]]
		t.line(t.paint(style, l))
	}
	t.line()
}

func (t *text) proof(p *rules.Proposal) {
	x := proofOf(p)
	t.field("size", x.Size)
	t.field("removed", x.Removed)
	t.field("kept", x.Kept)
	t.field("unobservable", x.Unobservable)
	t.field("denied", x.Denied)
	t.field("no new access", x.NoNew)
	t.field("replay", x.Replay)
	t.field("backtest", x.Backtest)
	t.field("privilege", x.Score)
	shown := min(len(x.Failures), t.few(5))
	for _, f := range x.Failures[:shown] {
		t.field("", "would break  "+f)
	}
	if shown < len(x.Failures) {
		t.field("", fmt.Sprintf("and %d more", len(x.Failures)-shown))
	}
	if tooEarly(p) {
		return
	}
	for i, c := range x.Conditions {
		t.field(label(i, "condition"), c)
	}
	if canAsk(p.Conditions) {
		t.field("", "--conditions puts what is suggested into the proposal")
	}
	for _, warning := range p.Warnings {
		t.field("warning", warning)
	}
}

// PolicyTable writes a line for each proposal: those ready first, and of
// these the ones that remove most.
func PolicyTable(w io.Writer, p *rules.Policies, o TableOptions) error {
	c := copyOf(*p, clean)
	t := &text{o: o}
	t.line(t.paint(bold, policyHeadline(&c)))
	t.line()
	ps := byReadiness(c.Policies)
	who := namesOf(proposers(ps))
	width := 0
	for i := range ps {
		width = max(width, columns(who.of(ps[i].Principal)))
	}
	if o.Width > 0 && !o.Wide {
		width = min(width, max(16, t.room(0)/3))
	}
	shown := len(ps)
	if o.Max > 0 {
		shown = min(shown, o.Max)
	}
	for i := range ps[:shown] {
		t.policyRow(&ps[i], who.of(ps[i].Principal), width)
	}
	if shown < len(ps) {
		t.line("  ", t.paint(dim, "… "+count(len(ps)-shown, "more proposal")+", not shown"))
	}
	t.shared(c.Shared)
	t.policyNotes(&c, ps)
	return t.flush(w)
}

func (t *text) policyNotes(p *rules.Policies, ps []rules.Proposal) {
	if len(ps) > 0 {
		t.line()
	}
	for _, warning := range p.Warnings {
		t.note("Warning", warning)
	}
	if len(ps) > 0 {
		t.next("trimtrail policy " + quote(ps[0].Principal) + t.lake() + " --format diff")
	}
}

func policyHeadline(p *rules.Policies) string {
	var parts []string
	for _, verdict := range []string{"ready", "review", "too early"} {
		n := 0
		for i := range p.Policies {
			if p.Policies[i].Confidence == verdict {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	s := count(len(p.Policies), "proposal") + " from " + windowText(p.Window)
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	return s
}

func (t *text) policyRow(p *rules.Proposal, name string, width int) {
	body := sizeText(p) + " · " + replay(&p.Backtest)
	switch {
	case draft(p):
		body = "a draft from use: " + count(len(p.Kept), "action")
	case tooEarly(p):
		body = "kept as it is"
	}
	if len(p.Warnings) > 0 && (tooEarly(p) || t.o.Wide) {
		body += " · " + p.Warnings[0]
	}
	t.stamped(p.Confidence, name, width, body)
}

// replay is a backtest in a few words.
func replay(b *rules.Backtest) string {
	if b.Calls == 0 {
		return "no backtest"
	}
	return fmt.Sprintf("%s of %s denied", short(b.Denied), short(b.Calls)+plural(b.Calls, " call"))
}

func byReadiness(in []rules.Proposal) []rules.Proposal {
	ps := slices.Clone(in)
	slices.SortStableFunc(ps, func(a, b rules.Proposal) int {
		return cmp.Or(cmp.Compare(readiness(a.Confidence), readiness(b.Confidence)),
			cmp.Compare(len(b.Removed), len(a.Removed)), cmp.Compare(a.Principal, b.Principal))
	})
	return ps
}

func proposers(ps []rules.Proposal) []string {
	out := make([]string, len(ps))
	for i := range ps {
		out[i] = ps[i].Principal
	}
	return out
}
