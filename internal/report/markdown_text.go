package report

import (
	"strings"
	"unicode"
)

// prose makes cleaned text safe as Markdown. Words that would link or call
// somebody (addresses, mentions, references) become code; all other marks are
// escaped one by one. Bars are left to the table, which alone minds them.
func prose(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if reaches(w) {
			words[i] = code(w)
		} else {
			words[i] = escaped(w)
		}
	}
	return strings.Join(words, " ")
}

// reaches reports whether a renderer may turn the word into a link: an
// address (GFM, extended autolinks), a mention, the number of an issue, or a
// picture of a :name:.
func reaches(w string) bool {
	lower := strings.ToLower(w)
	for _, s := range []string{"://", "www.", "@", "mailto:", "xmpp:", "javascript:", "data:"} {
		if strings.Contains(lower, s) {
			return true
		}
	}
	if strings.Count(w, ":") > 1 {
		return true // :tada:
	}
	for i, r := range w {
		if (r == '#' || r == '!' || r == '$' || r == '%') && i+1 < len(w) && unicode.IsDigit(rune(w[i+1])) {
			return true
		}
	}
	return false
}

// escaped writes a backslash before each mark that could begin markup. An
// underscore within a word begins none.
func escaped(w string) string {
	var b strings.Builder
	for i, r := range w {
		switch {
		case strings.ContainsRune("\\`*[]<>#!~&$", r), i == 0 && strings.ContainsRune("+-=", r),
			i == len(w)-1 && strings.ContainsRune(".)", r) && digits(w[:i]),
			r == '_' && (i == 0 || i == len(w)-1 || !letter(w[i-1]) || !letter(w[i+1])):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// digits reports whether s is a number, as before the point of a list's item.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// code makes cleaned text a code span, fenced by more backticks than it holds.
func code(s string) string {
	if s == "" {
		return "–"
	}
	fence := strings.Repeat("`", backticks(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// fenced makes text a code block.
func fenced(language, s string) string {
	fence := strings.Repeat("`", max(3, backticks(s)+1))
	return fence + language + "\n" + s + "\n" + fence
}

// backticks is the longest run of backticks in s.
func backticks(s string) int {
	longest, n := 0, 0
	for _, r := range s {
		if r == '`' {
			n++
		} else {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}
