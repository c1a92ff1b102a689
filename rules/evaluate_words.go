package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// who is what a person calls a principal: role/etl, user/alice, the root of
// 111122223333, or a service as it stands.
func who(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case arn == "":
		return "an unknown caller"
	case len(parts) < 6 || parts[0] != "arn":
		return arn
	case parts[5] == "root":
		return "the root of " + parts[4]
	}
	kind, rest, ok := strings.Cut(parts[5], "/")
	if !ok {
		return parts[5]
	}
	if kind == "role" || kind == "user" {
		rest = nameOf(rest)
	}
	return kind + "/" + rest
}

// nameOf is the last part of a path: the name of a user, role or policy.
func nameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// arnAccount is the account of an ARN, or empty.
func arnAccount(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// counted writes a number with its noun: 1 call, 1,204 calls, 3 policies.
func counted[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	stem, ok := strings.CutSuffix(noun, "y")
	switch {
	case ok && !strings.HasSuffix(stem, "a") && !strings.HasSuffix(stem, "e"):
		return grouped(int64(n)) + " " + stem + "ies"
	case strings.HasSuffix(noun, "s"):
		return grouped(int64(n)) + " " + noun + "es"
	}
	return grouped(int64(n)) + " " + noun + "s"
}

// grouped writes n with separators: 1,204,331.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// capital begins a sentence; names of principals keep their case.
func capital(s string) string {
	for _, word := range []string{"the ", "an ", "a ", "in "} {
		if strings.HasPrefix(s, word) {
			return strings.ToUpper(s[:1]) + s[1:]
		}
	}
	return s
}

// listed joins at most n of s and counts the rest.
func listed(s []string, n int) string {
	if len(s) <= n {
		return strings.Join(s, ", ")
	}
	return strings.Join(s[:n], ", ") + " and " + grouped(int64(len(s)-n)) + " more"
}

func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func minuteOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// stretch writes a span of time as briefly as it can be told.
func stretch(from, to time.Time) string {
	switch {
	case dateOf(from) != dateOf(to):
		return dateOf(from) + " to " + dateOf(to)
	case from.UTC().Format("15:04") == to.UTC().Format("15:04"):
		return minuteOf(from)
	}
	return minuteOf(from) + " to " + to.UTC().Format("15:04")
}

// lasted writes a duration in the unit that fits: 45 s, 12 min, 3 h, 4 days.
func lasted(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return counted(int(d.Hours()/24), "day")
}

func daysBetween(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// moment is a time for evidence, nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// instant is moment for a time that must be there, whatever it is.
func instant(t time.Time) *time.Time {
	t = t.UTC()
	return &t
}

// aws is a command line of the AWS CLI: service, operation, then options and
// values in turn. Each becomes one word of a POSIX shell; names come from
// logs, so they may hold anything. Empty where one cannot be typed safely.
func aws(service, operation string, options ...string) string {
	words := []string{"aws", service, operation}
	for i, a := range options {
		switch {
		case !typeable(a):
			return ""
		case i%2 == 1 && strings.HasPrefix(a, "-"):
			// Tied to its option, or the CLI would read it as one.
			words[len(words)-1] += "=" + shellWord(a)
		default:
			words = append(words, shellWord(a))
		}
	}
	return strings.Join(words, " ")
}

// typeable refuses what a terminal or a shell might read as something else.
func typeable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}

func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@=+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// commands drops the lines that could not be made and repeats.
func commands(lines ...string) []string {
	var out []string
	for _, l := range lines {
		if l != "" && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// plural picks a verb's form: is, are.
func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// dayOrNever is a date, or never for the zero time.
func dayOrNever(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return dateOf(t)
}
