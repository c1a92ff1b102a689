package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// markdownDetails is how many findings are told whole: a comment of a merge
// request ends at 65,536 characters.
const markdownDetails = 20

// Markdown writes the findings as GitHub-flavoured Markdown, for a merge
// request, a wiki or a mail: a table of all of them, the gravest told whole.
// Where the model has Changes and there is none, it is a few lines. No text of
// the model becomes markup, a link, a mention or a reference.
func Markdown(w io.Writer, m *Model) error {
	c := copyOf(*m, clean)
	f := findingsOf(&c)
	d := &briefing{who: namesOf(principals(f.Findings))}
	title := "Access report"
	if c.Title != "" {
		title = c.Title
	}
	d.line("# ", prose(title))
	d.line(prose(windowText(f.Window)), " · as of ", prose(minute(c.Generated)))
	d.changes(c.Changes)
	if c.Changes == nil || !c.Changes.None() {
		d.line("## Findings")
		d.table(f.Findings, c.Changes)
		d.details(f.Findings)
	}
	d.line("## Coverage")
	d.line(prose(coverageLine(f.Coverage)))
	d.bullets("Accepted", acceptedLines(f.Accepted))
	d.bullets("Not judged", f.NotEvaluable)
	d.bullets("Warnings", f.Warnings)
	_, err := io.WriteString(w, d.String())
	return err
}

// briefing gathers blocks, each with an empty line before it.
type briefing struct {
	strings.Builder
	who names
}

func (d *briefing) line(parts ...string) {
	if d.Len() > 0 {
		d.WriteByte('\n')
	}
	d.WriteString(strings.Join(parts, ""))
	d.WriteByte('\n')
}

func (d *briefing) changes(c *Changes) {
	if c == nil {
		return
	}
	d.line("## What changed")
	d.line(prose(c.summary() + "."))
	for _, l := range c.lists() {
		d.line("**", l.Name, "**")
		d.WriteByte('\n')
		for _, x := range l.List {
			d.WriteString("- " + prose(string(x.Severity)) + ": " + prose(x.Title) + " · " + code(shortName(x.Principal)))
			if x.Why != "" {
				d.WriteString(" (" + prose(x.Why) + ")")
			}
			d.WriteString(" · " + code(x.ID) + "\n")
		}
	}
}

func (d *briefing) table(fs []rules.Finding, c *Changes) {
	if len(fs) == 0 {
		d.line("Nothing was found.")
		return
	}
	d.line(prose(strings.Join(tallies(fs), " · ")))
	d.line("| Severity | Finding | Principal | Account | Rule | Confidence | Id |")
	d.WriteString("|---|---|---|---|---|---|---|\n")
	for i := range fs {
		f := &fs[i]
		severity := string(f.Severity)
		if k := c.of(f.ID); k != "" && k != "unchanged" {
			severity += ", " + k
		}
		cells := []string{prose(severity), prose(f.Title), code(d.who.of(f.Principal)), code(f.AccountID), code(f.Rule), prose(f.Confidence), code(f.ID)}
		for j := range cells {
			cells[j] = strings.ReplaceAll(cells[j], "|", `\|`)
		}
		d.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
}

func (d *briefing) details(fs []rules.Finding) {
	told := First(fs, markdownDetails)
	for i := range told {
		f := &told[i]
		d.line("### ", prose(f.Title))
		d.line(prose(string(f.Severity)), " · ", code(f.Principal), " · ", code(f.ID))
		d.line(prose(f.Reason))
		if f.Fix.Summary != "" {
			d.line("**Do** ", prose(f.Fix.Summary))
		}
		if len(f.Fix.Commands) > 0 {
			d.line(fenced("sh", strings.Join(f.Fix.Commands, "\n")))
		}
		if policy := strings.TrimSpace(cleanLines(f.Fix.Policy)); policy != "" {
			d.line(fenced("json", policy))
		}
		if len(f.Evidence.Events) > 0 {
			d.line("Event ids: ", code(strings.Join(f.Evidence.Events, " ")))
		}
	}
	if rest := len(fs) - len(told); rest > 0 {
		d.line(prose(fmt.Sprintf("%s more in the table above; trimtrail explain tells each of them.", number(rest))))
	}
}

func (d *briefing) bullets(title string, list []string) {
	if len(list) == 0 {
		return
	}
	d.line("## ", title)
	d.WriteByte('\n')
	for _, s := range bounded(list) {
		d.WriteString("- " + prose(s) + "\n")
	}
}
