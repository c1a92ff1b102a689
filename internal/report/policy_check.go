package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// PolicyChecks writes checks of policy documents: for each what it grants that
// nobody needs, and what is used that it does not grant.
func PolicyChecks(w io.Writer, p *rules.Checks, o TableOptions) error {
	c := copyOf(*p, clean)
	t := &text{o: o}
	for i := range c.Checks {
		if i > 0 {
			t.line()
		}
		t.check(&c.Checks[i])
	}
	return t.flush(w)
}

func (t *text) check(c *rules.Check) {
	style := map[string]string{"fits": green, "too early": yellow, "over": yellow}[c.Verdict]
	if style == "" {
		style = red
	}
	names := make([]string, len(c.Principals))
	for i, p := range c.Principals {
		names[i] = shortName(p)
	}
	t.line(t.paint(bold, strings.Join(c.Files, ", ")), " · ", t.paint(style, strings.ToUpper(c.Verdict)), " · ", list(names, 5))
	t.over(c)
	for i, m := range c.Under {
		if i == t.few(10) {
			t.field("", fmt.Sprintf("and %d more", len(c.Under)-i))
			break
		}
		t.field(label(i, "missing"), fmt.Sprintf("%s on %s, by %s: %s, %s, event %s", m.Action, orUntold(m.Resource), shortName(m.Principal),
			count(m.Count, "call"), span(m.First, m.Last), orUntold(m.Event)))
	}
	if c.Elsewhere > 0 {
		t.field("elsewhere", count(c.Elsewhere, "call")+" allowed by something else than its policies: a resource policy, or a grant that is gone")
	}
	for _, n := range c.Notes {
		t.field("note", n)
	}
}

func (t *text) over(c *rules.Check) {
	if len(c.Over) > 0 {
		t.field("not used", removedText(c.Over))
	}
	for i, r := range c.Over {
		if i == t.few(10) {
			break
		}
		t.field("", r.Action+": "+r.Why)
	}
	for i, w := range c.Wide {
		if i == t.few(10) {
			t.field("", fmt.Sprintf("and %d more", len(c.Wide)-i))
			break
		}
		t.field(label(i, "too wide"), w.Action+" on everything, used on "+list(w.Used, 3))
	}
	if c.Unobservable > 0 {
		t.field("unobservable", count(c.Unobservable, "action")+" whose use these logs cannot show, not judged")
	}
}

// label is the name of a field on its first line.
func label(i int, name string) string {
	if i == 0 {
		return name
	}
	return ""
}

func orUntold(s string) string {
	if s == "" {
		return "something not told"
	}
	return s
}
