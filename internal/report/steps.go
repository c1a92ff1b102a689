package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/trimtrail/trimtrail/rules"
)

// Steps writes the n findings to start with, one line each: the gravest and
// surest, at most two of a rule while there are others.
func Steps(w io.Writer, f *rules.Findings, n int, o TableOptions) error {
	c := copyOf(*f, clean)
	t := &text{o: o}
	fs := first(c.Findings, n, func(f rules.Finding) *rules.Finding { return &f })
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

// first picks n of fs: by severity, then confidence, a third finding of a
// rule behind the others of its severity.
func first[T any](fs []T, n int, of func(T) *rules.Finding) []T {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(x, y T) int {
		a, b := of(x), of(y)
		return cmp.Or(cmp.Compare(grade(a.Severity), grade(b.Severity)), cmp.Compare(trust(a.Confidence), trust(b.Confidence)))
	})
	var picked, rest []T
	seen := map[string]int{}
	for _, x := range fs {
		f := of(x)
		if key := f.Rule + string(f.Severity); f.Severity != rules.Info && seen[key] < 2 {
			seen[key]++
			picked = append(picked, x)
		} else {
			rest = append(rest, x)
		}
	}
	return head(append(picked, rest...), n)
}
