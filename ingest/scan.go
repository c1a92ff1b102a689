package ingest

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

const (
	// pad is how many zero bytes follow the content in a scanner's buffer, so
	// that it loads eight bytes, or looks one ahead, without asking for the
	// end: a zero is no part of any JSON token.
	pad = 8
	// hardDepth is where nesting ends the object, as in encoding/json.
	hardDepth = 10_000
)

// scanner walks JSON text once and checks all of it: grammar, escapes,
// control characters, numbers, depth. The text must be valid UTF-8.
//
// Its methods return false once the text is broken; fail keeps the first
// reason.
type scanner struct {
	b       []byte // content and pad
	src     string // the content again, so that substrings need no copy
	i       int
	escaped bool // the string last passed over holds escapes
	deepest int  // since it was last set to 0
	broken  *SyntaxError
}

// newScanner scans buf, which must end in pad zero bytes that are no content.
// Strings that the scanner returns share buf's memory: it must not be written
// to again.
func newScanner(buf []byte) scanner {
	n := len(buf) - pad
	return scanner{b: buf, src: unsafe.String(unsafe.SliceData(buf), n)}
}

// padded copies s into a buffer that newScanner takes.
func padded(s string) []byte {
	buf := make([]byte, len(s)+pad)
	copy(buf, s)
	return buf
}

// fail keeps the first reason, or that the text ended.
func (s *scanner) fail(what string) bool {
	if s.broken == nil {
		if s.i >= len(s.src) {
			s.i, what = len(s.src), "the text ends too early"
		}
		s.broken = &SyntaxError{Offset: s.i, What: what}
	}
	return false
}

// space passes over white space and returns the byte after it, 0 at the end.
func (s *scanner) space() byte {
	c := s.b[s.i]
	for c == ' ' || c == '\n' || c == '\r' || c == '\t' {
		s.i++
		c = s.b[s.i]
	}
	return c
}

// expect passes over white space and c.
func (s *scanner) expect(c byte, what string) bool {
	if s.space() != c {
		return s.fail(what)
	}
	s.i++
	return true
}

// skip passes over one value.
func (s *scanner) skip(depth int) bool {
	switch c := s.space(); c {
	case '"':
		return s.skipString()
	case '{':
		return s.skipObject(depth + 1)
	case '[':
		return s.skipArray(depth + 1)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return s.number()
	}
	return s.fail("a value is missing")
}

// enter passes over an opening bracket at this depth.
func (s *scanner) enter(depth int) bool {
	if depth > hardDepth {
		return s.fail("nested deeper than 10000 levels")
	}
	s.deepest = max(s.deepest, depth)
	s.i++
	return true
}

func (s *scanner) skipObject(depth int) bool {
	if !s.enter(depth) {
		return false
	}
	if s.space() == '}' {
		s.i++
		return true
	}
	for {
		if s.space() != '"' {
			return s.fail("a member's name is missing")
		}
		if !s.skipString() || !s.expect(':', "a colon is missing") || !s.skip(depth) {
			return false
		}
		if more, ok := s.next('}'); !more {
			return ok
		}
	}
}

func (s *scanner) skipArray(depth int) bool {
	if !s.enter(depth) {
		return false
	}
	if s.space() == ']' {
		s.i++
		return true
	}
	for {
		if !s.skip(depth) {
			return false
		}
		if more, ok := s.next(']'); !more {
			return ok
		}
	}
}

// next passes over a comma, or over the bracket that ends the list.
func (s *scanner) next(end byte) (more, ok bool) {
	switch s.space() {
	case ',':
		s.i++
		return true, true
	case end:
		s.i++
		return false, true
	}
	return false, s.fail("a comma or a closing bracket is missing")
}

func (s *scanner) literal(word string) bool {
	if len(s.src)-s.i < len(word) || s.src[s.i:s.i+len(word)] != word {
		return s.fail("a value is missing")
	}
	s.i += len(word)
	return true
}

// number passes over a number in JSON's grammar, of any length.
func (s *scanner) number() bool {
	if s.b[s.i] == '-' {
		s.i++
	}
	if s.b[s.i] == '0' {
		s.i++
	} else if !s.digits() {
		return false
	}
	if s.b[s.i] == '.' {
		s.i++
		if !s.digits() {
			return false
		}
	}
	if s.b[s.i]|0x20 != 'e' {
		return true
	}
	s.i++
	if c := s.b[s.i]; c == '+' || c == '-' {
		s.i++
	}
	return s.digits()
}

// digits passes over one digit or more.
func (s *scanner) digits() bool {
	start := s.i
	for s.b[s.i]-'0' < 10 {
		s.i++
	}
	return s.i > start || s.fail("a digit is missing")
}

// skipString passes over the string that starts at i.
func (s *scanner) skipString() bool {
	s.escaped = false
	i := s.i + 1
	for {
		m := special(binary.LittleEndian.Uint64(s.b[i:]))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		s.i = i
		switch s.b[i] {
		case '"':
			s.i++
			return true
		case '\\':
			if !s.escape() {
				return false
			}
			i = s.i
		default:
			return s.fail("control character in a string")
		}
	}
}

// special marks, in the high bit of each byte, what ends a plain stretch of a
// string: a quote, a backslash, a control character. Only the lowest mark is
// exact: a borrow may set false ones above it.
func special(w uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ((w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & high
}

// escape passes over the escape sequence at i.
func (s *scanner) escape() bool {
	s.escaped = true
	switch s.b[s.i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return true
	case 'u':
		for k := 2; k < 6; k++ {
			if _, ok := hexDigit(s.b[s.i+k]); !ok {
				s.i += k
				return s.fail("bad escape in a string")
			}
		}
		s.i += 6
		return true
	}
	s.i++
	return s.fail("bad escape in a string")
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case c-'0' < 10:
		return rune(c - '0'), true
	case c|0x20-'a' < 6:
		return rune(c|0x20-'a') + 10, true
	}
	return 0, false
}
