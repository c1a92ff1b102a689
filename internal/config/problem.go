package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in bytes
	Text   string `json:"text"`
	Hint   string `json:"hint,omitempty"` // what was probably meant, or what to write; may be empty
}

func (p Problem) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// Problems are all that is wrong in a file, by line and column; as an error,
// one line each. They are the caller's mistake: the exit code is that of usage.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i := range ps {
		lines[i] = ps[i].Error()
	}
	return strings.Join(lines, "\n")
}

// ExitCode is 2, usage, as in the table of the commands.
func (ps Problems) ExitCode() int { return 2 }

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// parser gathers the problems of one file.
type parser struct {
	file     string
	lines    [][]byte
	problems Problems
}

func (p *parser) add(line, column int, text, hint string) {
	p.problems = append(p.problems, Problem{p.file, max(line, 1), max(column, 1), text, hint})
}

func (p *parser) at(n *yaml.Node, text, hint string) { p.add(n.Line, n.Column, text, hint) }

// place names where a node is, as trimtrail.yaml:12: without the folder, so
// that results do not depend on where a file lies.
func (p *parser) place(n *yaml.Node) string {
	name := filepath.Base(p.file)
	if n == nil {
		return name
	}
	return name + ":" + strconv.Itoa(n.Line)
}

// yamlLine finds the line in an error of the YAML parser, which gives no column.
var yamlLine = regexp.MustCompile(`line (\d+): `)

func (p *parser) yamlError(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatchIndex(text); m != nil {
		line, _ = strconv.Atoi(text[m[2]:m[3]])
		text = text[:m[0]] + text[m[1]:]
	}
	hint := "look at the indentation and quotes of this line and the one before"
	if strings.Contains(text, "tab character") || strings.Contains(text, "cannot start any token") && p.hasTab(line) {
		hint = "indent with spaces, not tabs"
	}
	p.add(line, p.firstColumn(line), "this is no YAML: "+text, hint)
}

func (p *parser) hasTab(line int) bool {
	return line >= 1 && line <= len(p.lines) && strings.Contains(string(p.lines[line-1]), "\t")
}

// firstColumn is where the text of a line begins.
func (p *parser) firstColumn(line int) int {
	if line < 1 || line > len(p.lines) {
		return 1
	}
	l := string(p.lines[line-1])
	return len(l) - len(strings.TrimLeft(l, " \t")) + 1
}

// placeIn is another line of the file that a place is in.
func placeIn(place string, line int) string {
	file := place
	if i := strings.LastIndexByte(place, ':'); i > 0 {
		file = place[:i]
	}
	return file + ":" + strconv.Itoa(line)
}
