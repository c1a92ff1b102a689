package catalog

import (
	"strconv"
	"strings"
)

// The request and response of an event are JSON text as AWS wrote it. Most
// events need one or two of their strings, so the text is walked without
// building values. Text that is no JSON yields what came before the fault.

// members calls yield for each member of the JSON object raw until it returns
// false. The value is JSON text. It reports whether raw is an object.
func members(raw string, yield func(key, value string) bool) bool {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return false
	}
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] == '"'; {
		end := skipString(raw, i)
		colon := skipSpace(raw, end)
		if colon >= len(raw) || raw[colon] != ':' {
			return true
		}
		start := skipSpace(raw, colon+1)
		stop := skipValue(raw, start)
		if !yield(unquote(raw[i:end]), raw[start:stop]) {
			return true
		}
		i = nextItem(raw, stop)
	}
	return true
}

// elements calls yield for each element of the JSON array raw until it returns false.
func elements(raw string, yield func(value string) bool) {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return
	}
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] != ']'; {
		stop := skipValue(raw, i)
		if stop == i || !yield(raw[i:stop]) {
			return
		}
		i = nextItem(raw, stop)
	}
}

// nextItem is the start of what follows the comma at or after i, len(raw) where there is none.
func nextItem(raw string, i int) int {
	i = skipSpace(raw, i)
	if i >= len(raw) || raw[i] != ',' {
		return len(raw)
	}
	return skipSpace(raw, i+1)
}

func skipSpace(raw string, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// skipString is the index behind the string that starts at i.
func skipString(raw string, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// skipValue is the index behind the value that starts at i.
func skipValue(raw string, i int) int {
	depth := 0
	for i < len(raw) {
		switch raw[i] {
		case '"':
			i = skipString(raw, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				if depth < 0 {
					return i
				}
				return i + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// scalar is the text of a JSON string or number, empty for anything else.
func scalar(raw string) string {
	switch {
	case raw == "":
		return ""
	case raw[0] == '"':
		return unquote(raw)
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return raw
	}
	return ""
}

// unquote decodes a JSON string with its quotes; nearly all need no decoding.
func unquote(raw string) string {
	if len(raw) < 2 || raw[len(raw)-1] != '"' {
		return ""
	}
	body := raw[1 : len(raw)-1]
	if strings.IndexByte(body, '\\') < 0 {
		return body
	}
	return unescape(body)
}

func unescape(body string) string {
	var out strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			out.WriteByte(body[i])
			continue
		}
		i++
		switch body[i] {
		case 'n', 't', 'r', 'b', 'f':
			out.WriteByte("\n\t\r\b\f"[strings.IndexByte("ntrbf", body[i])])
		case 'u':
			r, n := unicodeEscape(body[i+1:])
			out.WriteRune(r)
			i += n
		default:
			out.WriteByte(body[i])
		}
	}
	return out.String()
}

// unicodeEscape decodes what follows \u, a surrogate pair included, and says how many bytes it took.
func unicodeEscape(s string) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return '\uFFFD', 0
	}
	if r >= 0xD800 && r < 0xDC00 && len(s) >= 10 && s[4:6] == `\u` {
		if low, ok := hex4(s[6:]); ok && low >= 0xDC00 && low < 0xE000 {
			return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), 10
		}
	}
	return r, 4
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(n), err == nil
}
