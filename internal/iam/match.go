package iam

import (
	"strings"
	"unicode/utf8"
)

// wildcards says which bytes of a pattern stand for any run of characters
// and for any one. Patterns as written use * and ?; expanded ones use bytes
// that UTF-8 never holds, so that a * out of a variable stays a *.
type wildcards struct {
	star, one byte
	fold      bool // ignore ASCII case, as IAM does for actions
}

var (
	plain    = wildcards{star: '*', one: '?'}
	folded   = wildcards{star: '*', one: '?', fold: true}
	expanded = wildcards{star: 0xFF, one: 0xFE}
)

// match reports whether the whole of s fits the pattern, in time linear in
// both lengths but for patterns with a ? and those of actions.
func (w wildcards) match(pattern, s string) bool {
	if w.fold || strings.IndexByte(pattern, w.one) >= 0 {
		return w.matchStepwise(pattern, s)
	}
	return w.matchPieces(pattern, s)
}

// matchPieces matches a pattern of stars and text: each piece of text between
// two stars where it first occurs, which leaves the most for those after it.
func (w wildcards) matchPieces(pattern, s string) bool {
	star := strings.IndexByte(pattern, w.star)
	if star < 0 {
		return pattern == s
	}
	if !strings.HasPrefix(s, pattern[:star]) {
		return false
	}
	pattern, s = pattern[star+1:], s[star:]
	for star = strings.IndexByte(pattern, w.star); star >= 0; star = strings.IndexByte(pattern, w.star) {
		at := strings.Index(s, pattern[:star])
		if at < 0 {
			return false
		}
		pattern, s = pattern[star+1:], s[at+star:]
	}
	return strings.HasSuffix(s, pattern)
}

// matchStepwise is match for all patterns. Only the last star is ever taken
// back, so the time is at most the product of the text's length and that of
// the longest piece between stars. Names of actions are short.
func (w wildcards) matchStepwise(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == w.star:
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == w.one:
			p++
			i += width(s[i:])
		case p < len(pattern) && w.same(pattern[p], s[i]):
			p++
			i++
		case star >= 0:
			mark += width(s[mark:])
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == w.star {
		p++
	}
	return p == len(pattern)
}

func (w wildcards) same(a, b byte) bool {
	return a == b || w.fold && lower(a) == lower(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// width is the length of the first character: one ? takes one character, not one byte.
func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// matchARN matches a Resource element. A star inside one of the first five
// colon-separated parts stays in its part; one that ends a part may run on
// (IAM user guide, Resource element: "If the * wildcard is the last character
// of a resource ARN segment, it can expand to match beyond the colon
// boundaries"). In the resource part a colon is a character like any other.
func (w wildcards) matchARN(pattern, s string) bool {
	if !w.match(pattern, s) {
		return false
	}
	if len(pattern) > 2*len(s)+1 {
		pattern = w.collapsed(pattern)
	}
	bound := w.boundStars(pattern)
	return bound == nil || w.matchBound(pattern, s, bound)
}

// collapsed is the pattern with one star for a run of them: what matches s is
// then no longer than twice s, whatever was written.
func (w wildcards) collapsed(pattern string) string {
	out := make([]byte, 0, len(pattern))
	for i := range len(pattern) {
		if i == 0 || pattern[i] != w.star || pattern[i-1] != w.star {
			out = append(out, pattern[i])
		}
	}
	return string(out)
}

// boundStars marks the stars and question marks that must not take a colon;
// nil where there is none, which is nearly always.
func (w wildcards) boundStars(pattern string) []bool {
	var bound []bool
	for i, colons := 0, 0; i < len(pattern) && colons < 5; i++ {
		c := pattern[i]
		if c == ':' {
			colons++
		}
		inner := c == w.star && i+1 < len(pattern) && pattern[i+1] != ':' && pattern[i+1] != w.star
		if inner || c == w.one {
			if bound == nil {
				bound = make([]bool, len(pattern))
			}
			bound[i] = true
		}
	}
	return bound
}

// matchBound follows all readings at once: at[p] tells that pattern[:p] fits
// what was read. It takes the product of both lengths, and is only asked
// where match already said yes.
func (w wildcards) matchBound(pattern, s string, bound []bool) bool {
	at, next := make([]bool, len(pattern)+1), make([]bool, len(pattern)+1)
	at[0] = true
	w.skipStars(pattern, at)
	for i := 0; i < len(s); {
		n := width(s[i:])
		clear(next)
		for p := range len(pattern) {
			if at[p] {
				w.step(pattern, p, s[i:i+n], bound[p], next)
			}
		}
		w.skipStars(pattern, next)
		at, next = next, at
		i += n
	}
	return at[len(pattern)]
}

// step reads one character c at pattern[p:].
func (w wildcards) step(pattern string, p int, c string, bound bool, next []bool) {
	if free := !bound || c != ":"; pattern[p] == w.star && free {
		next[p] = true
	} else if pattern[p] == w.one && free {
		next[p+1] = true
	}
	if strings.HasPrefix(pattern[p:], c) && pattern[p] != w.star && pattern[p] != w.one {
		next[p+len(c)] = true
	}
}

func (w wildcards) skipStars(pattern string, at []bool) {
	for p := range len(pattern) {
		if at[p] && pattern[p] == w.star {
			at[p+1] = true
		}
	}
}

// MatchAction reports whether an action fits a pattern of an Action element: case ignored, * and ? wild.
func MatchAction(pattern, action string) bool { return folded.match(pattern, action) }

// MatchResource reports whether an ARN fits a pattern of a Resource element without policy variables.
func MatchResource(pattern, arn string) bool { return plain.matchARN(pattern, arn) }
