package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// SharedDiff writes one proposal for what several principals share: its
// changes as a unified diff, who needs what of it, and its proof.
func SharedDiff(w io.Writer, s *rules.Shared, o TableOptions) error {
	c := copyOf(*s, clean)
	t := &text{o: o}
	t.line(t.paint(bold, sharedName(&c)), " · ", t.verdict(c.Confidence), " · ", sharedBy(&c))
	t.line()
	for _, d := range patches(c.Current, c.Proposed) {
		t.patch(&d)
	}
	for _, r := range sharedProof(&c) {
		t.field(r[0], r[1])
	}
	for i, n := range c.Needs {
		if i == t.few(10) {
			t.field("", fmt.Sprintf("and %d more", len(c.Needs)-i))
			break
		}
		t.field(label(i, "needs"), shortName(n.Principal)+": "+list(n.Actions, 4))
	}
	for i, b := range c.Breaks {
		t.field(label(i, "would break"), brokenText(&b))
	}
	for i, p := range c.Split {
		t.field(label(i, "or split"), partText(&p))
	}
	for _, warning := range c.Warnings {
		t.field("warning", warning)
	}
	return t.flush(w)
}

// sharedName is what a shared thing is called: policy/NAME, permission set NAME.
func sharedName(s *rules.Shared) string {
	switch s.Kind {
	case "policy":
		return "policy/" + s.Name
	case "scp":
		return "service control policy " + s.Name
	}
	return s.Kind + " " + s.Name
}

// sharedBy says who has it.
func sharedBy(s *rules.Shared) string {
	where := "account " + list(s.Accounts, 1)
	if len(s.Accounts) > 1 {
		where = count(len(s.Accounts), "account")
	}
	if len(s.Principals) == 0 {
		return where
	}
	return where + ", " + count(len(s.Principals), "principal")
}

// sharedProof are name and text of what speaks for a shared proposal.
func sharedProof(s *rules.Shared) [][2]string {
	p := &rules.Proposal{Current: s.Current, NoNewAccess: s.NoNewAccess, Score: s.Score}
	out := [][2]string{{"removed", removedText(s.Removed)}, {"unused by", namesText(s.Idle)}, {"too early", namesText(s.Undecided)}}
	if s.NoNewAccess != nil {
		out = append(out, [2]string{"no new access", noNewText(p)})
	}
	if s.Replay != nil {
		out = append(out, [2]string{"replay", replayText(s.Replay)}, [2]string{"backtest", backtestText(&s.Backtest)})
	}
	out = append(out, [2]string{"privilege", scoreText(p)})
	return slices.DeleteFunc(out, func(r [2]string) bool { return r[1] == "" })
}

func namesText(arns []string) string {
	var names []string
	for _, a := range arns {
		names = append(names, shortName(a))
	}
	return list(names, 5)
}

func brokenText(b *rules.Broken) string {
	s := shortName(b.Principal) + ": " + count(b.Calls, "held-out call")
	if len(b.Failures) > 0 {
		f := b.Failures[0]
		s += ", first " + f.Action + " on " + cmp.Or(f.Resource, "a resource not told") + ", event " + cmp.Or(f.Event, "not told")
	}
	return s
}

func partText(p *rules.Part) string {
	return namesText(p.Principals) + " with " + count(len(p.Actions), "used action") + ": " + list(p.Actions, 4)
}

// shared writes a line for each shared proposal, below the table of principals.
func (t *text) shared(list []rules.Shared) {
	if len(list) == 0 {
		return
	}
	t.line()
	t.line(t.paint(bold, "Shared by several"))
	t.line()
	width := 0
	for i := range list {
		width = max(width, columns(sharedName(&list[i])))
	}
	if t.o.Width > 0 && !t.o.Wide {
		width = min(width, max(16, t.room(0)/3))
	}
	for i := range list {
		s := &list[i]
		body := sharedBy(s)
		if s.Score != nil {
			body += " · privilege " + scoreText(&rules.Proposal{Current: s.Current, Score: s.Score})
		}
		if s.Replay != nil {
			body += " · " + replay(&s.Backtest)
		}
		if len(s.Split) > 1 {
			body += fmt.Sprintf(" · or %d policies apart", len(s.Split))
		}
		t.stamped(s.Confidence, sharedName(s), width, body)
	}
}

// stamped writes verdict, name and body, the body wrapped.
func (t *text) stamped(confidence, name string, width int, body string) {
	if t.o.Width > 0 && !t.o.Wide {
		name = cut(name, width)
	}
	verdict := t.verdict(confidence) + strings.Repeat(" ", max(0, 9-len(confidence)))
	lines := wrap(body, t.room(15+width))
	t.line("  ", verdict, "  ", pad(name, width), "  ", lines[0])
	for _, l := range lines[1:] {
		t.line(strings.Repeat(" ", 15+width), l)
	}
}

// SharedPage writes a shared proposal as a page of Markdown. Files are the
// names of those beside it.
func SharedPage(w io.Writer, s *rules.Shared, files []string) error {
	c := copyOf(*s, clean)
	m := &pages{}
	m.line("# ", markdown(sharedName(&c)))
	m.line()
	m.line("**", strings.ToUpper(c.Confidence), "** · ", markdown(sharedBy(&c)))
	if s.ARN != "" {
		m.line("\n", codeSpan(s.ARN))
	}
	m.diff(s.Current, s.Proposed)
	m.heading("Proof")
	m.table("", "")
	for _, r := range sharedProof(&c) {
		m.row(r[0], markdown(r[1]))
	}
	m.whoNeeds(&c)
	for i, warning := range c.Warnings {
		if i == 0 {
			m.line("\nTo know:\n")
		}
		m.line("- ", markdown(warning))
	}
	for i, f := range files {
		if i == 0 {
			m.heading("Files")
		}
		m.line("- [", markdown(f), "](", link(f), ")")
	}
	_, err := w.Write(m.b.Bytes())
	return err
}

func (m *pages) whoNeeds(s *rules.Shared) {
	for i, n := range s.Needs {
		if i == 0 {
			m.heading("Who needs what")
			m.table("principal", "used actions")
		}
		m.row(markdown(shortName(n.Principal)), markdown(list(n.Actions, 40)))
	}
	for i := range s.Breaks {
		if i == 0 {
			m.line("\nWould have been denied on days that it had not seen:\n")
		}
		m.line("- ", markdown(brokenText(&s.Breaks[i])))
	}
	for i := range s.Split {
		if i == 0 {
			m.line("\nUses that have no action in common, which could have a policy each:\n")
		}
		m.line("- ", markdown(partText(&s.Split[i])))
	}
}
