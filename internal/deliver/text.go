package deliver

import (
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/internal/report"
)

// most is how many findings a message for people names; the rest is counted.
const most = 5

// Subject is the message in one line.
func (m *Message) Subject() string {
	name := report.Clean(m.Title)
	if name == "" {
		name = "trimtrail"
	}
	return name + ": " + m.headline()
}

// headline is 3 new (1 critical, 2 high), or what there is to say instead.
func (m *Message) headline() string {
	var fresh Counts
	for i := range m.New {
		*fresh.of(m.New[i].Severity)++
	}
	parts := []string{"nothing new"}
	switch n := len(m.New); {
	case m.AsOf.IsZero():
		return "the run failed"
	case n > 0 && m.Since == nil:
		parts[0] = fmt.Sprintf("%s (%s)", plural(n, "finding"), fresh)
	case n > 0:
		parts[0] = fmt.Sprintf("%d new or worse (%s)", n, fresh)
	case m.Counts.Total() == 0:
		parts[0] = "no findings"
	}
	if m.Resolved > 0 {
		parts = append(parts, fmt.Sprintf("%d resolved", m.Resolved))
	}
	if len(m.Failed) > 0 {
		parts = append(parts, "part of the run failed")
	}
	return strings.Join(parts, ", ")
}

// String is 1 critical, 2 high; none where all are 0.
func (c Counts) String() string {
	var parts []string
	for _, s := range bySeverity {
		if n := *c.of(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Text is the message for people, in lines.
func (m *Message) Text() string { return m.lines(func(s string) string { return s }, "") }

// lines writes the text; all that comes from the data goes through safe, and
// strong is around what should catch the eye.
func (m *Message) lines(safe func(string) string, strong string) string {
	show := func(s string) string { return safe(report.Clean(s)) }
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s%s\n", strong, show(m.Subject()), strong)
	m.writeItems(&b, show, strong)
	for _, f := range m.Failed {
		fmt.Fprintf(&b, "\nFailed: %s\n", show(short(f, 300)))
	}
	if m.AsOf.IsZero() {
		return b.String()
	}
	fmt.Fprintf(&b, "\nOpen now: %s, as of %s.", m.Counts, m.AsOf.UTC().Format("2006-01-02 15:04 UTC"))
	if m.Since != nil {
		fmt.Fprintf(&b, " Compared with %s.", m.Since.UTC().Format("2006-01-02 15:04 UTC"))
	}
	b.WriteString("\n")
	if m.Location != "" {
		fmt.Fprintf(&b, "Report: %s\n", show(m.Location))
	}
	return b.String()
}

func (m *Message) writeItems(b *strings.Builder, show func(string) string, strong string) {
	for i := range m.New[:min(most, len(m.New))] {
		x := &m.New[i]
		fmt.Fprintf(b, "\n%s%s%s  %s\n", strong, strings.ToUpper(string(x.Severity)), strong, show(short(x.Title, 200)))
		who := short(nameOf(x.Principal), 120) + " · " + x.AccountID
		if x.Owner != "" {
			who += " · " + x.Owner
		}
		if x.Why != "" {
			who += " · " + x.Why
		}
		fmt.Fprintf(b, "  %s\n", show(who))
		if x.Do != "" {
			fmt.Fprintf(b, "  → %s\n", show(short(x.Do, 240)))
		}
	}
	if rest := len(m.New) - most; rest > 0 {
		fmt.Fprintf(b, "\n… and %d more.\n", rest)
	}
}

// nameOf is role/NAME of an ARN.
func nameOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	return arn
}

// short cuts s to n characters.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
