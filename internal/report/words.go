package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// grades are the severities from the gravest down.
var grades = []rules.Severity{rules.Critical, rules.High, rules.Medium, rules.Low, rules.Info}

// grade orders severities, 0 the gravest.
func grade(s rules.Severity) int {
	if i := slices.Index(grades, s); i >= 0 {
		return i
	}
	return len(grades)
}

// trust orders the confidence of findings, 0 the surest.
func trust(c string) int { return rank(c, "certain", "high", "medium", "low") }

// rank is the place of s in order, or after all where it has none.
func rank(s string, order ...string) int {
	if i := slices.Index(order, s); i >= 0 {
		return i
	}
	return len(order)
}

// readiness orders the confidence of proposals, 0 the readiest.
func readiness(c string) int { return rank(c, "ready", "review", "too early") }

// number writes n with separators: 1,204,331.
func number[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// short writes large n in three figures: 1.2 M.
func short[T int | int64](n T) string {
	switch f := float64(n); {
	case f >= 999.5e6:
		return figures(f/1e9) + " G"
	case f >= 999.5e3:
		return figures(f/1e6) + " M"
	case f >= 1e5:
		return figures(f/1e3) + " k"
	}
	return number(n)
}

func figures(f float64) string {
	if f < 9.95 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

// count writes a number with its noun: 1 call, 2 calls, 3 policies.
func count[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(noun, "ay") && !strings.HasSuffix(noun, "ey") {
		return number(n) + " " + stem + "ies"
	}
	return number(n) + " " + noun + "s"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}

func minute(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// span writes a stretch of time as briefly as it can be told.
func span(from, to time.Time) string {
	if day(from) != day(to) {
		return day(from) + " to " + day(to)
	}
	if from.Format("15:04") == to.Format("15:04") {
		return minute(from)
	}
	return minute(from) + " to " + to.UTC().Format("15:04")
}

// windowText writes a window: 90 days to 2026-01-31; 56 minutes on it.
func windowText(w analyze.Window) string {
	if w.To.IsZero() {
		return "no window"
	}
	switch d := w.To.Sub(w.From); {
	case d < 2*time.Hour:
		return count(int(d.Minutes()+0.5), "minute") + " on " + day(w.To)
	case d < 48*time.Hour:
		return count(int(d.Hours()+0.5), "hour") + " to " + day(w.To)
	}
	return count(w.Days(), "day") + " to " + day(w.To)
}

// shortName is what a person calls a principal: role/etl, user/alice, root,
// or a service as it stands.
func shortName(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return cmp.Or(arn, "unknown")
	}
	kind, rest, ok := strings.Cut(parts[5], "/")
	if !ok {
		return parts[5]
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 && i < len(rest)-1 && (kind == "role" || kind == "user") {
		rest = rest[i+1:]
	}
	return kind + "/" + rest
}

// names maps ARNs to short names, with the account where one name is in two.
type names map[string]string

func namesOf(arns []string) names {
	owners := map[string]map[string]bool{}
	for _, a := range arns {
		n := shortName(a)
		if owners[n] == nil {
			owners[n] = map[string]bool{}
		}
		owners[n][a] = true
	}
	out := names{}
	for _, a := range arns {
		out[a] = shortName(a)
		if len(owners[out[a]]) > 1 {
			out[a] += " in " + cmp.Or(accountOf(a), "?")
		}
	}
	return out
}

func (n names) of(arn string) string { return cmp.Or(n[arn], shortName(arn)) }

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// place is where a finding happened: an address, else its credential, else its resource.
func place(f *rules.Finding) string {
	if len(f.Evidence.Addresses) == 1 {
		return f.Evidence.Addresses[0]
	}
	if n := len(f.Evidence.Addresses); n > 1 && f.Credential == "" {
		return fmt.Sprintf("%s +%d", f.Evidence.Addresses[0], n-1)
	}
	return cmp.Or(f.Credential, f.Resource)
}

// list joins at most n of s and counts the rest.
func list(s []string, n int) string {
	if len(s) <= n {
		return strings.Join(s, ", ")
	}
	return strings.Join(s[:n], ", ") + " and " + number(len(s)-n) + " more"
}

// quote makes s one word of a shell command.
func quote(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@=+,", r))
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
