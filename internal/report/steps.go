package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// Steps writes the n findings to start with, one line each: the gravest and
// surest, at most two of a rule while there are others.
func Steps(w io.Writer, f *rules.Findings, n int, o TableOptions) error {
	c := copyOf(*f, clean)
	t := &text{o: o}
	fs := First(c.Findings, n)
	if len(fs) == 0 {
		t.line("  Nothing to do: no finding in ", windowText(c.Window))
		return t.flush(w)
	}
	heading := "1 thing to do first"
	if len(fs) > 1 {
		heading = fmt.Sprintf("%d things to do first", len(fs))
	}
	t.line("  ", t.paint(bold, heading))
	who := namesOf(principals(fs))
	cols := t.layout(fs, who)
	for i := range fs {
		t.row(&fs[i], who, cols)
	}
	return t.flush(w)
}

// First are the n findings that Steps shows, in that order.
func First(fs []rules.Finding, n int) []rules.Finding {
	return first(fs, n, func(f rules.Finding) *rules.Finding { return &f })
}

// first picks n of fs: by severity, then what somebody is doing before what
// somebody could do, then confidence. One incident shows as several findings,
// and one habit in many places, so a second finding of a principal and a third
// of a rule wait behind the others.
func first[T any](fs []T, n int, of func(T) *rules.Finding) []T {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(x, y T) int {
		a, b := of(x), of(y)
		return cmp.Or(cmp.Compare(grade(a.Severity), grade(b.Severity)), cmp.Compare(urgency(a.Rule), urgency(b.Rule)),
			cmp.Compare(trust(a.Confidence), trust(b.Confidence)))
	})
	var picked, rest []T
	rule, who := map[string]int{}, map[string]int{}
	for _, x := range fs {
		f := of(x)
		if f.Severity != rules.Info && rule[f.Rule] < 2 && who[f.Principal] < 1 {
			rule[f.Rule]++
			who[f.Principal]++
			picked = append(picked, x)
		} else {
			rest = append(rest, x)
		}
	}
	return head(append(picked, rest...), n)
}

// urgency orders rules: a credential in other hands and a self-escalation
// tell an incident whole; other networks, tools and denials (A, D) tell of
// somebody at work, logging (L) of somebody unseen, the rest of what may wait.
func urgency(rule string) int {
	switch {
	case rule == "TT-A01", rule == "TT-A02", rule == "TT-D02":
		return 0
	case strings.HasPrefix(rule, "TT-A"), strings.HasPrefix(rule, "TT-D"):
		return 1
	case strings.HasPrefix(rule, "TT-L"):
		return 2
	}
	return 3
}
