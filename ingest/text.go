package ingest

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text passes over the string at i and returns what it says. Without escapes
// that is a piece of the source; with them it is new memory.
func (s *scanner) text() (string, bool) {
	start := s.i + 1
	if !s.skipString() {
		return "", false
	}
	raw := s.src[start : s.i-1]
	if s.escaped {
		return unescape(raw), true
	}
	return raw, true
}

// unescape resolves the escapes of a string that skipString has passed. A lone
// surrogate becomes U+FFFD, as in encoding/json: there is no such character.
func unescape(raw string) string {
	var out strings.Builder
	out.Grow(len(raw))
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			out.WriteString(raw)
			return out.String()
		}
		out.WriteString(raw[:i])
		if raw[i+1] == 'u' {
			r, n := unicodeEscape(raw[i:])
			out.WriteRune(r)
			raw = raw[i+n:]
			continue
		}
		out.WriteByte(shortEscape(raw[i+1]))
		raw = raw[i+2:]
	}
}

// unicodeEscape reads \u and four hex digits, or the two that make a surrogate pair, at the
// start of s, and returns how long it was.
func unicodeEscape(s string) (r rune, n int) {
	r = hex4(s[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(s[8:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hex4(s string) rune {
	var r rune
	for i := range 4 {
		d, _ := hexDigit(s[i])
		r = r<<4 | d
	}
	return r
}

func shortEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
