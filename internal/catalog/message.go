package catalog

import "strings"

// DeniedAction reads, from the message of a refusal, the action that AWS
// refused, spelt as in the message, and the resource: its ARN where the
// message has one, else AWS's words as "user alice". Both are empty where the
// message does not tell. It follows "Troubleshoot access denied error
// messages" of the IAM user guide; the messages break lines anywhere, quote
// resources or not, and write SNS:Publish.
func DeniedAction(message string) (action, resource string) {
	rest := message
	for action == "" {
		var ok bool
		// EC2 says first that "you are not authorized to perform this operation".
		if _, rest, ok = cutPhrase(rest, "authorized to perform"); !ok {
			return "", ""
		}
		action = leadingAction(strings.TrimLeft(rest, ": \t\r\n"))
	}
	if _, on, ok := cutPhrase(rest, "on resource:"); ok {
		resource = deniedResource(on)
	}
	return action, resource
}

// leadingAction is the "service:Action" that s begins with, or "".
func leadingAction(s string) string {
	if end := strings.IndexFunc(s, func(r rune) bool { return !actionRune(r) }); end >= 0 {
		s = s[:end]
	}
	s = strings.TrimRight(s, ".:")
	prefix, name, _ := strings.Cut(s, ":")
	if prefix == "" || name == "" {
		return ""
	}
	return s
}

func actionRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ':' || r == '-' || r == '_' || r == '.'
}

// deniedResource reads what follows "on resource:".
func deniedResource(s string) string {
	s = strings.TrimLeft(s, " \t\r\n")
	for _, stop := range []string{"because ", "with an explicit deny", "with explicit deny", ". Encoded authorization"} {
		if before, _, ok := cutPhrase(s, stop); ok {
			s = before
		}
	}
	s = strings.TrimRight(strings.TrimSpace(s), ".,")
	at := strings.Index(s, "arn:")
	if at < 0 {
		return strings.Join(strings.Fields(s), " ")
	}
	quoted := at > 0 && s[at-1] == '"'
	s = s[at:]
	if quoted {
		if i := strings.IndexByte(s, '"'); i >= 0 {
			return s[:i]
		}
	}
	if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
		s = s[:i]
	}
	return strings.ReplaceAll(strings.TrimRight(s, ".,"), `"`, "")
}

// cutPhrase cuts s around phrase, whose spaces stand for any white space.
func cutPhrase(s, phrase string) (before, after string, found bool) {
	words := strings.Fields(phrase)
	for from := 0; ; {
		i := strings.Index(s[from:], words[0])
		if i < 0 {
			return s, "", false
		}
		start := from + i
		if end := phraseEnd(s, start+len(words[0]), words[1:]); end >= 0 {
			return s[:start], s[end:], true
		}
		from = start + 1
	}
}

// phraseEnd is the end of words that follow i after white space, -1 where others do.
func phraseEnd(s string, i int, words []string) int {
	for _, w := range words {
		next := skipSpace(s, i)
		if next == i || !strings.HasPrefix(s[next:], w) {
			return -1
		}
		i = next + len(w)
	}
	return i
}
