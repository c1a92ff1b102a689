package config

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// within is the line and column, from 1, of a byte of a scalar's value: where
// a person finds it in the file. Where an escape or a folded line makes that
// unclear it is the nearest place before.
func (p *parser) within(t text, at int) (line, column int) {
	n := t.Node
	at = min(max(at, 0), len(t.Value))
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return p.inBlock(t, at)
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return p.inLines(t, at, n.Column+1)
	}
	return p.inLines(t, at, n.Column)
}

// inBlock walks the lines under | or >: the text begins on the next line,
// behind the indentation of the first that is not empty.
func (p *parser) inBlock(t text, at int) (line, column int) {
	indent := 0
	for i := t.Node.Line; i < len(p.lines); i++ {
		if l := string(p.lines[i]); strings.TrimSpace(l) != "" {
			indent = len(l) - len(strings.TrimLeft(l, " "))
			break
		}
	}
	for i := t.Node.Line; i < len(p.lines); i++ {
		length := max(0, len(strings.TrimRight(string(p.lines[i]), "\r"))-indent)
		if at <= length {
			return i + 1, indent + at + 1
		}
		at -= length + 1
	}
	return t.Node.Line, t.Node.Column
}

// inLines walks a plain or quoted scalar, whose lines are joined by one blank
// each, their indentation left out.
func (p *parser) inLines(t text, at, column int) (int, int) {
	start := column - 1
	for i := t.Node.Line - 1; i < len(p.lines); i++ {
		l := strings.TrimRightFunc(string(p.lines[i]), unicode.IsSpace)
		length := max(0, len(l)-start)
		if at <= length {
			return i + 1, start + at + 1
		}
		at -= length + 1
		if i+1 < len(p.lines) {
			next := string(p.lines[i+1])
			start = len(next) - len(strings.TrimLeft(next, " \t"))
		}
	}
	return t.Node.Line, t.Node.Column
}
