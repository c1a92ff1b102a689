package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// Explain writes one finding: the sentence, its evidence, and a way out.
func Explain(w io.Writer, f *rules.Finding, o TableOptions) error {
	c := copyOf(*f, clean)
	t := &text{o: o}
	t.heading(&c)
	for _, l := range wrap(c.Title, t.room(2)) {
		t.line("  ", t.paint(bold, l))
	}
	t.line()
	t.timeline(&c)
	t.field("Why", c.Reason)
	t.evidence(&c)
	t.wayOut(&c.Fix)
	return t.flush(w)
}

func (t *text) heading(f *rules.Finding) {
	left := fmt.Sprintf("%s · account %s · ", shortName(f.Principal), f.AccountID)
	sev := strings.TrimRight(t.severity(f.Severity), " ")
	right := "confidence: " + f.Confidence
	used := columns(left) + len(f.Severity) + columns(" · "+f.Rule) + columns(right)
	gap := 4
	if t.o.Width > 0 {
		gap = max(4, t.room(0)-used)
	}
	t.line(t.paint(bold, left), sev, " · ", f.Rule, strings.Repeat(" ", gap), t.paint(dim, right))
	t.line()
}

// timeline tells what happened in order; days are told where there are several.
func (t *text) timeline(f *rules.Finding) {
	ms := f.Evidence.Timeline
	if len(ms) == 0 {
		return
	}
	layout := "15:04:05"
	if day(ms[0].At) != day(ms[len(ms)-1].At) {
		layout = "2006-01-02 15:04"
	} else {
		t.line("  ", t.paint(dim, day(ms[0].At)+" UTC"))
	}
	for _, m := range ms {
		t.moment(&m, layout)
	}
	t.line()
}

func (t *text) moment(m *rules.Moment, layout string) {
	at := m.At.UTC().Format(layout)
	ref := ""
	switch {
	case t.o.Wide && len(m.Events) > 0:
		ref = strings.Join(m.Events, " ")
	case len(m.Events) > 0:
		ref = "[" + count(len(m.Events), "event id") + "]"
	}
	lines := wrap(m.What, t.room(4+len(layout)+16))
	t.line("  ", at, "  ", pad(lines[0], t.refColumn(len(layout))), "  ", t.paint(dim, ref))
	for _, l := range lines[1:] {
		t.line(strings.Repeat(" ", 4+len(layout)), l)
	}
}

// refColumn is where the event ids of a timeline begin.
func (t *text) refColumn(at int) int {
	if t.o.Width <= 0 {
		return 0
	}
	return t.room(4 + at + 16)
}

func (t *text) evidence(f *rules.Finding) {
	e := &f.Evidence
	var seen []string
	if e.Count > 0 {
		seen = append(seen, "counted "+number(e.Count))
	}
	if s := seenSpan(e); s != "" {
		seen = append(seen, s)
	}
	if len(e.Addresses) > 0 {
		seen = append(seen, "from "+list(e.Addresses, t.few(6)))
	}
	t.field("Evidence", strings.Join(seen, "; "))
	t.field("Credential", f.Credential)
	t.field("Resource", f.Resource)
	t.field("Actions", list(e.Actions, t.few(8)))
	t.field("IAM state", e.State)
	t.field("Event ids", strings.Join(e.Events, " "))
	t.field("Principal", f.Principal)
	t.field("Finding", f.ID)
}

func seenSpan(e *rules.Evidence) string {
	at := func(t *time.Time) bool { return t != nil && !t.IsZero() }
	switch {
	case at(e.First) && at(e.Last):
		return span(*e.First, *e.Last)
	case at(e.Last):
		return "last " + minute(*e.Last)
	case at(e.First):
		return "since " + minute(*e.First)
	}
	return ""
}

// few is n, or everything in a wide view.
func (t *text) few(n int) int {
	if t.o.Wide {
		return 1 << 20
	}
	return n
}

// wayOut writes the fix. Commands are never wrapped: they are there to be copied.
func (t *text) wayOut(x *rules.Fix) {
	if x.Summary == "" && len(x.Commands) == 0 && x.Policy == "" {
		return
	}
	t.line()
	t.field("Do now", x.Summary)
	indent := strings.Repeat(" ", 2+labelWidth+2)
	for _, c := range x.Commands {
		t.line(indent, c)
	}
	if x.Policy != "" {
		t.line(indent, strings.ReplaceAll(cleanLines(strings.TrimSpace(x.Policy)), "\n", "\n"+indent))
	}
	t.field("Would clear it", x.Clears)
}
