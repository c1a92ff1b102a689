package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// Exception lets findings pass until a day. Patterns may hold * and ?; an
// empty one fits everything.
type Exception struct {
	// Rule is a rule's id or a pattern of ids, as TT-C*.
	Rule string `json:"rule,omitempty"`
	// Finding is the id of one finding.
	Finding string `json:"finding,omitempty"`
	// Principal fits an ARN, or user/NAME, role/NAME, NAME and root.
	Principal string `json:"principal,omitempty"`
	Resource  string `json:"resource,omitempty"`
	Account   string `json:"account,omitempty"`
	Reason    string `json:"reason"`
	// Expires is the midnight (UTC) with which the last day of the exception
	// begins: it holds through that day, by the as-of time of the facts.
	Expires time.Time `json:"expires"`
	// Place is where it is written, as trimtrail.yaml:12.
	Place string `json:"place,omitempty"`
}

// Accepted is a finding that an exception lets pass.
type Accepted struct {
	Finding
	Exception Exception `json:"exception"`
}

// over reports whether the last day has passed at t.
func (e *Exception) over(t time.Time) bool { return !t.Before(e.Expires.AddDate(0, 0, 1)) }

func (e *Exception) fits(f *Finding) bool {
	return agrees(e.Rule, f.Rule) && (e.Finding == "" || e.Finding == f.ID) && agrees(e.Account, f.AccountID) &&
		agrees(e.Resource, f.Resource) && fitsPrincipal(e.Principal, f.Principal)
}

// String names the exception as its writer would look for it.
func (e *Exception) String() string {
	var parts []string
	for _, s := range []string{e.Rule, e.Finding, e.Principal, e.Resource, e.Account} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	s := "the exception for " + strings.Join(parts, ", ")
	if e.Place != "" {
		s += " (" + e.Place + ")"
	}
	return s
}

// agrees compares as names of IAM are compared: without regard to case.
func agrees(pattern, s string) bool { return pattern == "" || iam.MatchAction(pattern, s) }

// fitsPrincipal compares with all that a person may call the principal.
func fitsPrincipal(pattern, arn string) bool {
	if strings.HasSuffix(arn, ":root") {
		return agrees(pattern, arn) || agrees(pattern, "root")
	}
	return agrees(pattern, arn) || agrees(pattern, who(arn)) || agrees(pattern, nameOf(arn))
}

// accept takes the findings out that an exception lets pass, and says which
// exceptions let nothing pass any more.
func (q *inquiry) accept() []Accepted {
	var accepted []Accepted
	used, back := make([]bool, len(q.o.Exceptions)), make([]int, len(q.o.Exceptions))
	q.out = slices.DeleteFunc(q.out, func(f Finding) bool {
		i := q.exceptionOf(&f, used, back)
		if i >= 0 {
			accepted = append(accepted, Accepted{f, q.o.Exceptions[i]})
		}
		return i >= 0
	})
	q.warnings = append(q.warnings, q.exceptionWarnings(used, back)...)
	return accepted
}

// exceptionOf is the index of the first exception that lets f pass, or -1. It
// marks those that fit, and counts in back what one that is over would have held.
func (q *inquiry) exceptionOf(f *Finding, used []bool, back []int) int {
	found := -1
	for i := range q.o.Exceptions {
		e := &q.o.Exceptions[i]
		switch {
		case !e.fits(f):
		case e.over(q.f.AsOf):
			back[i]++
		default:
			used[i] = true
			if found < 0 {
				found = i
			}
		}
	}
	return found
}

func (q *inquiry) exceptionWarnings(used []bool, back []int) []string {
	var out, idle []string
	for i := range q.o.Exceptions {
		e := &q.o.Exceptions[i]
		switch {
		case e.over(q.f.AsOf):
			out = append(out, fmt.Sprintf("%s expired on %s: %s", e, dateOf(e.Expires), returning(back[i])))
		case !used[i]:
			idle = append(idle, cmp.Or(e.Place, e.String()))
		}
	}
	if len(idle) > 0 {
		out = append(out, fmt.Sprintf("%s fit no finding: %s", counted(len(idle), "exception"), listed(idle, 5)))
	}
	return out
}

func returning(n int) string {
	if n == 0 {
		return "nothing fits it now, it can go"
	}
	return counted(n, "finding") + " " + plural(n, "is", "are") + " shown again"
}
