package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// alike is how many findings of one rule and severity a table shows before it
// counts the rest: the eleventh sleeping key tells nothing that ten did not.
const alike = 5

// Table writes findings for a terminal: what is wrong, gravest first, then
// what the logs cover, what could not be judged, and what to do next.
func Table(w io.Writer, f *rules.Findings, o TableOptions) error {
	c := copyOf(*f, clean)
	t := &text{o: o}
	t.line(t.paint(bold, headline(&c)))
	t.line()
	rest := t.rows(c.Findings)
	if rest > 0 {
		t.line("  ", t.paint(dim, "… "+count(rest, "more finding")+", not shown"))
	}
	if len(c.Findings) > 0 {
		t.line()
	}
	t.note("Coverage", coverageLine(c.Coverage))
	t.note("Not judged", unjudged(c.NotEvaluable))
	for _, warning := range c.Warnings {
		t.note("Warning", warning)
	}
	if len(c.Findings) > 0 {
		t.next("trimtrail explain " + quote(c.Findings[0].ID) + t.lake())
	}
	return t.flush(w)
}

func headline(f *rules.Findings) string {
	if len(f.Findings) == 0 {
		return "Nothing found in " + windowText(f.Window)
	}
	return fmt.Sprintf("%s in %s: %s", count(len(f.Findings), "finding"), windowText(f.Window), strings.Join(tallies(f.Findings), ", "))
}

// tallies counts findings by severity: 2 critical, 6 high.
func tallies(fs []rules.Finding) []string {
	var out []string
	for _, g := range grades {
		n := 0
		for i := range fs {
			if fs[i].Severity == g {
				n++
			}
		}
		if n > 0 {
			out = append(out, number(n)+" "+string(g))
		}
	}
	return out
}

// note writes a label and wrapped text at the left edge.
func (t *text) note(label, body string) {
	if body == "" {
		return
	}
	for i, l := range wrap(body, t.room(12)) {
		if i > 0 {
			label = ""
		}
		t.line(t.paint(dim, pad(label, 12)), l)
	}
}

// next writes the command to run next, on one line whatever its length, to be copied.
func (t *text) next(command string) {
	t.line(t.paint(dim, pad("Next", 12)), command)
}

// rows writes the findings and returns how many Max kept out.
func (t *text) rows(fs []rules.Finding) int {
	who := namesOf(principals(fs))
	fs = ranked(fs, nil)
	cols := t.layout(fs, who)
	shown := 0
	for _, g := range groups(fs) {
		n := len(g)
		if !t.o.Wide && n > alike+1 {
			n = alike
		}
		if t.o.Max > 0 {
			n = min(n, t.o.Max-shown)
		}
		for i := range g[:n] {
			t.row(&g[i], who, cols)
		}
		shown += n
		if t.o.Max > 0 && shown >= t.o.Max && n < len(g) {
			break
		}
		if n < len(g) {
			t.line(strings.Repeat(" ", 12), t.paint(dim, t.others(g[n:], who)))
			shown += len(g) - n
		}
	}
	return len(fs) - shown
}

// others names, in one line, findings like the ones above it.
func (t *text) others(g []rules.Finding, who names) string {
	var list []string
	for i := range g {
		if n := who.of(g[i].Principal); !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	s := fmt.Sprintf("… %d more of %s: ", len(g), g[0].Rule)
	room := t.room(12) - columns(s) - 12
	for i, n := range list {
		if i > 0 && columns(n)+2 > room {
			return s + " and " + count(len(list)-i, "other")
		}
		if i > 0 {
			s += ", "
		}
		s, room = s+n, room-columns(n)-2
	}
	return s
}

// columnsOf are the widths of a finding's columns; zero leaves one out.
type columnsOf struct{ title, who, where int }

func (t *text) layout(fs []rules.Finding, who names) columnsOf {
	c := columnsOf{}
	for i := range fs {
		c.title = max(c.title, columns(fs[i].Title))
		c.who = max(c.who, columns(who.of(fs[i].Principal)))
		c.where = max(c.where, columns(place(&fs[i])))
	}
	if t.o.Wide || t.o.Width <= 0 {
		c.title = min(c.title, 120)
		return c
	}
	edge := t.o.edge()
	c.who = min(c.who, max(16, edge/4))
	c.where = min(c.where, max(0, edge/5))
	if edge < 90 {
		c.where = 0
	}
	c.title = max(14, min(c.title, edge-12-2-c.who-min(c.where, 1)*2-c.where))
	return c
}

func (t *text) row(f *rules.Finding, who names, c columnsOf) {
	lines := wrap(f.Title, c.title)
	name, where := who.of(f.Principal), place(f)
	if !t.o.Wide && t.o.Width > 0 {
		name, where = cut(name, c.who), cut(where, max(c.where, 1))
	}
	right := t.paint(bold, pad(name, c.who))
	if c.where > 0 {
		right += "  " + pad(where, c.where)
	}
	if t.o.Wide {
		right += fmt.Sprintf("  %-12s  %-8s  %-7s  %s", f.AccountID, f.Rule, f.Confidence, f.ID)
	}
	t.line("  ", t.severity(f.Severity), "  ", pad(lines[0], c.title), "  ", right)
	for _, l := range lines[1:] {
		t.line(strings.Repeat(" ", 12), l)
	}
}

// groups splits sorted findings into runs of one severity and rule.
func groups(fs []rules.Finding) [][]rules.Finding {
	var out [][]rules.Finding
	for start, i := 0, 1; i <= len(fs); i++ {
		if i == len(fs) || fs[i].Severity != fs[start].Severity || fs[i].Rule != fs[start].Rule {
			out, start = append(out, fs[start:i]), i
		}
	}
	return out
}

// ranked sorts a copy of fs by severity, then what better says, then as they came.
func ranked(fs []rules.Finding, better func(a, b *rules.Finding) int) []rules.Finding {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b rules.Finding) int {
		if c := cmp.Compare(grade(a.Severity), grade(b.Severity)); c != 0 || better == nil {
			return c
		}
		return better(&a, &b)
	})
	return fs
}

func principals(fs []rules.Finding) []string {
	out := make([]string, len(fs))
	for i := range fs {
		out[i] = fs[i].Principal
	}
	return out
}
