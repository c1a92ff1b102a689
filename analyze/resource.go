package analyze

import (
	"strings"
)

// maxResources is how many resources an action keeps apart for one principal.
// Past it, they widen by one step at a time until they fit: first what looks
// generated in them, then their paths. What looks generated goes earlier, past
// maxExact: a list of that many ids says no more than their pattern, and no
// other like it will come again.
const (
	maxResources = 200
	maxExact     = 25
)

// mostAt is how many resources are kept apart at a step.
func mostAt(step, most int) int {
	if step == exactly {
		return min(most, maxExact)
	}
	return most
}

// The steps of widening. Each maps a resource to a pattern that matches it,
// and what one step makes equal no later step tells apart, so that the step
// reached depends on the whole set and not on the order it came in.
const (
	exactly   = iota // as it came
	tokens           // tokens that look generated become *
	siblings         // the last segment becomes *, its extension stays
	directory        // type and first segment of the path stay
	container        // the type, or the bucket, stays
	service          // arn:partition:service:region:account:*
	lastStep  = service
)

// widen is resource at a step. Only ARNs widen.
func widen(resource string, step int) string {
	if step == exactly || !strings.HasPrefix(resource, "arn:") {
		return resource
	}
	p := strings.SplitN(resource, ":", 6)
	if len(p) < 6 {
		return resource
	}
	head := strings.Join(p[:5], ":") + ":"
	switch step {
	case tokens:
		return head + starTokens(p[5])
	case siblings:
		return head + starLast(starTokens(p[5]))
	case directory:
		return head + cutPath(starLast(starTokens(p[5])), 2)
	case container:
		return head + cutPath(starLast(starTokens(p[5])), 1)
	}
	return head + "*"
}

// starLast stands * for the last segment of a path, and keeps a file's extension.
func starLast(s string) string {
	first := strings.IndexAny(s, "/:")
	if first < 0 {
		return s
	}
	i := strings.LastIndexByte(s, s[first])
	last := s[i+1:]
	if dot := strings.LastIndexByte(last, '.'); dot >= 0 && s[first] == '/' && len(last)-dot <= 8 && !strings.Contains(last[dot:], "*") {
		return s[:i+1] + "*" + last[dot:]
	}
	return s[:i+1] + "*"
}

// cutPath keeps the first n segments of a path and stands * for the rest.
// What parts them is what comes first: a slash, as in instance/i-1, or, as in
// log-group:/aws/lambda/f:log-stream:s, a colon, and then slashes belong to names.
func cutPath(s string, n int) string {
	first := strings.IndexAny(s, "/:")
	if first < 0 {
		return s
	}
	for i := first; i < len(s); i++ {
		if s[i] != s[first] {
			continue
		}
		if n--; n == 0 {
			return s[:i+1] + "*"
		}
	}
	return s
}

// separators part tokens; ] ends the version in the names of Lambda's log streams.
const separators = "/:-_.]"

// starTokens puts * in the place of tokens that look generated, and one *
// where several follow each other.
func starTokens(s string) string {
	var b strings.Builder
	starred, rest := false, s
	for rest != "" {
		token, sep := cutToken(rest)
		rest = rest[len(token)+len(sep):]
		star := token == "*" || generated(token) || len(token) == uuidLen && uuidAt(token) == uuidLen
		if star && starred && pending(&b) {
			// The * before the separator covers this token as well.
			trimSeparator(&b)
		} else if star {
			b.WriteByte('*')
		} else {
			b.WriteString(token)
		}
		starred = star
		b.WriteString(sep)
	}
	return b.String()
}

const uuidLen = len("3044ff70-64c4-4a39-ba6d-f06f9bc5b2ad")

// cutToken takes the first token of s, a UUID whole, and the separator after it.
func cutToken(s string) (token, sep string) {
	i := uuidAt(s)
	if i == 0 {
		i = strings.IndexAny(s, separators)
	}
	if i < 0 || i == len(s) {
		return s, ""
	}
	return s[:i], s[i : i+1]
}

// uuidAt is the length of the UUID that s begins with and a separator, or
// nothing, follows; else 0.
func uuidAt(s string) int {
	if len(s) < uuidLen || len(s) > uuidLen && !strings.ContainsRune(separators, rune(s[uuidLen])) {
		return 0
	}
	for i := range uuidLen {
		c := s[i]
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return 0
		}
	}
	return uuidLen
}

// pending reports whether b ends in * and one separator other than a slash
// or colon: a * never swallows a border of the path.
func pending(b *strings.Builder) bool {
	s := b.String()
	n := len(s)
	return n >= 2 && s[n-2] == '*' && strings.IndexByte("-_.", s[n-1]) >= 0
}

func trimSeparator(b *strings.Builder) {
	s := b.String()
	b.Reset()
	b.WriteString(s[:len(s)-1])
}

// generated reports whether a token is an id, a number or a date rather than a word.
func generated(t string) bool {
	digit, hex, letter := 0, 0, 0
	for i := 0; i < len(t); i++ {
		c := t[i]
		switch {
		case c >= '0' && c <= '9':
			digit++
			hex++
		case c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
			hex++
			letter++
		case c >= 'g' && c <= 'z' || c >= 'G' && c <= 'Z':
			letter++
		default:
			return false
		}
	}
	n := len(t)
	switch {
	case n == 0:
		return false
	case digit == n:
		return n != 1
	case hex == n && n >= 8 && digit > 0:
		return true
	}
	return n >= 16 && digit >= 2 && letter+digit == n
}
