package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"

	"github.com/trimtrail/trimtrail/rules"
)

// compile makes a program of an expression that begins at a byte of a
// scalar; nil where it cannot, which is said.
func (p *parser) compile(e *environment, t text, expression string, offset int, want *cel.Type) *program {
	ast, issues := e.Compile(expression)
	if issues.Err() != nil {
		for _, x := range issues.Errors() {
			line, column := p.within(t, offset+byteAt(expression, x.Location.Line(), x.Location.Column()))
			text, hint := e.explain(x.Message)
			p.add(line, column, text, hint)
			if strings.HasPrefix(x.Message, "Syntax error") {
				break // those that follow come of the first
			}
		}
		return nil
	}
	if want != nil && !ast.OutputType().IsExactType(want) {
		line, column := p.within(t, offset)
		p.add(line, column, fmt.Sprintf("the condition is of type %s, not true or false", ast.OutputType()), "compare it with something, as … == \"x\"")
		return nil
	}
	prog, err := e.Program(ast, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		line, column := p.within(t, offset)
		p.add(line, column, oneLine(err.Error()), "")
		return nil
	}
	return &program{prog, textsOf(ast)}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// byteAt is where a line (from 1) and a column (characters, from 0) of an expression are.
func byteAt(s string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	for ; column > 0 && at < len(s); column-- {
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
	return at
}

var (
	noField  = regexp.MustCompile(`^undefined field '([^']*)'`)
	noName   = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	overload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '([^']*)'`)
)

// explain puts a complaint of the CEL compiler into plain words, with a hint.
func (e *environment) explain(message string) (text, hint string) {
	if m := noField.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("no field %q", m[1]), orElse(didYouMean(m[1], e.names), "docs/configuration.md lists the fields")
	}
	if m := noName.FindStringSubmatch(message); m != nil {
		if slices.Contains(rowKinds, m[1]) {
			return fmt.Sprintf("%s is not here", m[1]), "a rule sees the rows that it is for: write for: " + m[1]
		}
		return fmt.Sprintf("nothing is called %q", m[1]), orElse(didYouMean(m[1], e.names), `put texts in quotes, as "…"`)
	}
	if m := overload.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s does not go with %s", strings.Trim(m[1], "_"), m[2]), "both sides must be of one type: texts are in quotes, numbers are not"
	}
	message = oneLine(strings.TrimPrefix(message, "Syntax error: "))
	switch {
	case strings.Contains(message, "token recognition error at: '= ") || strings.Contains(message, "token recognition error at: '='"):
		return "= compares nothing", "write =="
	case strings.Contains(message, "extraneous input 'and'") || strings.Contains(message, "mismatched input 'and'"):
		return "and is no word of CEL", "write &&"
	case strings.Contains(message, "extraneous input 'or'") || strings.Contains(message, "mismatched input 'or'"):
		return "or is no word of CEL", "write ||"
	}
	return "CEL: " + message, ""
}

// message makes a sentence of a template: text with expressions in braces,
// {{ and }} for braces themselves. Nil where it cannot, which is said.
func (p *parser) message(e *environment, t text) func(*rules.Row) (string, error) {
	var parts []part
	before := len(p.problems)
	for i := 0; i < len(t.Value); {
		next, ok := p.part(e, t, i, &parts)
		if !ok {
			return nil
		}
		i = next
	}
	if len(p.problems) > before {
		return nil
	}
	return func(r *rules.Row) (string, error) { return sentence(parts, r) }
}

// part is literal text, or a program whose value stands there.
type part struct {
	text    string
	program *program
}

// part reads one piece of a template from byte i and returns where the next begins.
func (p *parser) part(e *environment, t text, i int, parts *[]part) (next int, ok bool) {
	s := t.Value
	switch {
	case strings.HasPrefix(s[i:], "{{"), strings.HasPrefix(s[i:], "}}"):
		*parts = append(*parts, part{text: s[i : i+1]})
		return i + 2, true
	case s[i] == '{':
		end := closing(s, i+1)
		if end < 0 {
			line, column := p.within(t, i)
			p.add(line, column, "a { that nothing closes", "write {expression}, or {{ for a brace")
			return 0, false
		}
		if prog := p.compile(e, t, s[i+1:end], i+1, nil); prog != nil {
			*parts = append(*parts, part{program: prog})
		}
		return end + 1, true
	case s[i] == '}':
		line, column := p.within(t, i)
		p.add(line, column, "a } that nothing opened", "write }} for a brace")
		return 0, false
	}
	n := strings.IndexAny(s[i:], "{}")
	if n < 0 {
		n = len(s) - i
	}
	*parts = append(*parts, part{text: s[i : i+n]})
	return i + n, true
}

// closing finds the brace that ends an expression, past texts in quotes and braces of its own.
func closing(s string, i int) int {
	depth, quote := 0, byte(0)
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		}
	}
	return -1
}

func sentence(parts []part, r *rules.Row) (string, error) {
	var b strings.Builder
	for _, x := range parts {
		if x.program == nil {
			b.WriteString(x.text)
			continue
		}
		v, err := x.program.run(r)
		if err != nil {
			return "", err
		}
		b.WriteString(shown(v))
	}
	return oneLine(b.String()), nil
}
