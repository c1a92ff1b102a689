package report

import (
	"slices"
	"strings"
)

// lacks are the checks that one missing input kept from judging.
type lacks struct {
	need             string
	checks, accounts []string
}

// unjudged sums up "X in account A: needs Y" by what is needed, for a line:
// one file to load answers many of them.
func unjudged(list []string) string {
	var parts []string
	for _, l := range byNeed(list) {
		s := "without " + l.need
		if l.need == "" {
			s = "also"
		}
		switch len(l.accounts) {
		case 0:
		case 1:
			s += " of " + l.accounts[0]
		default:
			s += " of " + count(len(l.accounts), "account")
		}
		parts = append(parts, s+": "+strings.Join(l.checks, ", "))
	}
	return strings.Join(parts, " · ")
}

func byNeed(list []string) []lacks {
	var out []lacks
	for _, s := range list {
		what, need, _ := strings.Cut(s, ": needs ")
		check, account, _ := strings.Cut(what, " in account ")
		i := slices.IndexFunc(out, func(l lacks) bool { return l.need == need })
		if i < 0 {
			i = len(out)
			out = append(out, lacks{need: need})
		}
		out[i].checks = addNew(out[i].checks, check)
		out[i].accounts = addNew(out[i].accounts, account)
	}
	return out
}

func addNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
