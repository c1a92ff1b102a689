package report

import (
	"io"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// text gathers lines for a terminal.
type text struct {
	strings.Builder
	o TableOptions
}

func (t *text) flush(w io.Writer) error {
	_, err := io.WriteString(w, t.String())
	return err
}

func (t *text) line(parts ...string) {
	t.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	t.WriteByte('\n')
}

// field writes a label and wrapped text beside it, nothing where the text is empty.
func (t *text) field(label, body string) {
	if body == "" {
		return
	}
	for i, l := range wrap(body, t.room(2+labelWidth)) {
		if i > 0 {
			label = ""
		}
		t.line("  ", t.paint(dim, pad(label, labelWidth)), l)
	}
}

const labelWidth = 16

// room is the width left beside an indent: prose is kept to a readable measure.
func (t *text) room(indent int) int { return max(20, min(t.o.edge(), 132)-indent) }

// Styles are terminal SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	grave  = "1;31"
)

func (t *text) paint(style, s string) string {
	if !t.o.Color || s == "" || style == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// severity writes the word in its colour, padded to a column.
func (t *text) severity(s rules.Severity) string {
	style := map[rules.Severity]string{rules.Critical: grave, rules.High: red, rules.Medium: yellow, rules.Low: cyan, rules.Info: dim}[s]
	word := strings.ToUpper(string(s))
	return t.paint(style, word) + strings.Repeat(" ", max(0, 8-columns(word)))
}

// lake is the flag that names the lake, for commands to copy.
func (t *text) lake() string {
	if t.o.Lake == "" {
		return ""
	}
	return " --lake " + quote(clean(t.o.Lake))
}
