package rules

import (
	"hash/fnv"
	"strings"
)

// glob is a policy pattern as symbols: characters as themselves, wildcards
// and policy variables below zero.
type glob []int32

const (
	anyRun      int32 = -1 - iota // *
	anyOne                        // ?
	boundRun                      // * that must not take a colon, see bind
	boundOne                      // ? that must not take a colon
	variableTop = -16
)

// readGlob reads a pattern of a Resource or Action element. With variables,
// ${*}, ${?} and ${$} are plain characters and any other ${…} is a symbol of
// its own, equal only to itself.
func readGlob(s string, variables bool) glob {
	g := make(glob, 0, len(s))
	for i := 0; i < len(s); i++ {
		if variables && s[i] == '$' && i+1 < len(s) && s[i+1] == '{' {
			if end := strings.IndexByte(s[i:], '}'); end > 0 {
				g = append(g, variableSymbol(s[i+2:i+end]))
				i += end
				continue
			}
		}
		g = append(g, wildSymbol(s[i]))
	}
	g.bind()
	return g
}

func wildSymbol(c byte) int32 {
	switch c {
	case '*':
		return anyRun
	case '?':
		return anyOne
	}
	return int32(c)
}

func variableSymbol(name string) int32 {
	if name == "*" || name == "?" || name == "$" {
		return int32(name[0])
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	return variableTop - int32(h.Sum32()>>2)
}

// bind marks the wildcards of an ARN's first five parts that stay in their
// part, as package iam matches them: a * that does not end its part, and every ?.
func (g glob) bind() {
	for i, colons := 0, 0; i < len(g) && colons < 5; i++ {
		switch {
		case g[i] == ':':
			colons++
		case g[i] == anyOne:
			g[i] = boundOne
		case g[i] == anyRun && i+1 < len(g) && g[i+1] != ':' && g[i+1] != anyRun:
			g[i] = boundRun
		}
	}
}

// covers reports whether every text that q takes p takes too. It may say no
// where that is hard to see, never yes where it is not so.
func (p glob) covers(q glob) bool {
	row := make([]bool, len(q)+1) // row[j]: p[:i] covers q[:j]
	row[0] = true
	next := make([]bool, len(q)+1)
	for _, sym := range p {
		run := sym == anyRun || sym == boundRun
		next[0] = run && row[0]
		for j, c := range q {
			if run {
				next[j+1] = row[j+1] || next[j] && takes(sym, c)
			} else {
				next[j+1] = row[j] && takes(sym, c)
			}
		}
		row, next = next, row
	}
	return row[len(q)]
}

// takes reports whether symbol p stands for all that symbol c may be.
func takes(p, c int32) bool {
	switch p {
	case anyRun:
		return true
	case boundRun:
		return c >= 0 && c != ':' || c == boundRun || c == boundOne
	case anyOne:
		return c >= 0 || c == anyOne || c == boundOne
	case boundOne:
		return c >= 0 && c != ':' || c == boundOne
	}
	return p == c
}

// overlaps reports whether some text fits both, a variable standing for
// anything. It may say yes where the colons of an ARN forbid it.
func (p glob) overlaps(q glob) bool {
	row := make([]bool, len(q)+1)
	row[0] = true
	for j, c := range q {
		row[j+1] = row[j] && stretches(c)
	}
	next := make([]bool, len(q)+1)
	for _, sym := range p {
		next[0] = row[0] && stretches(sym)
		for j, c := range q {
			next[j+1] = stretches(sym) && (row[j+1] || next[j]) ||
				stretches(c) && (next[j] || row[j+1]) ||
				row[j] && meets(sym, c)
		}
		row, next = next, row
	}
	return row[len(q)]
}

// stretches tells a symbol that may be any run of characters, or none.
func stretches(c int32) bool { return c == anyRun || c == boundRun || c <= variableTop }

func meets(a, b int32) bool {
	return a == b || single(a) && !stretches(b) || single(b) && !stretches(a)
}

func single(c int32) bool { return c == anyOne || c == boundOne }

// WideResource reports whether a Resource pattern names nothing: "*", or an
// ARN whose resource part is wild right after its type, as
// arn:aws:dynamodb:*:*:table/*.
func WideResource(p string) bool {
	f := strings.SplitN(p, ":", 6)
	if len(f) < 6 {
		return strings.Contains(p, "*")
	}
	name := f[5]
	if i := strings.IndexAny(name, "/:"); i >= 0 && f[2] != "s3" {
		name = name[i+1:]
	}
	return strings.HasPrefix(name, "*")
}
