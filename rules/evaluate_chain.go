package rules

import (
	"fmt"
	"slices"
	"strings"
)

// startedBy says who assumed a role, and who assumed that one, back to the
// people and programs that started it; empty for what no role is and where
// the logs show no AssumeRole or services alone.
func (q *inquiry) startedBy(arn string) string {
	if identityCenter(arn) {
		return "" // the session is the person
	}
	starts, by := q.originsOf(arn, map[string]bool{}), []string{}
	for _, s := range starts {
		by = append(by, who(s))
	}
	if len(by) == 0 {
		return ""
	}
	via := ""
	if p := q.principal(arn); !slices.ContainsFunc(p.AssumedBy, func(a string) bool { return slices.Contains(starts, a) }) {
		via = " by way of other roles"
	}
	return fmt.Sprintf(" The role was assumed%s by %s.", via, listed(by, 4))
}

// originsOf are the principals at the beginning of the chains that lead to a
// role, services left out, sorted.
func (q *inquiry) originsOf(arn string, seen map[string]bool) []string {
	p := q.principal(arn)
	if seen[arn] = true; p == nil {
		return nil
	}
	var out []string
	for _, by := range p.AssumedBy {
		if !strings.HasPrefix(by, "arn:") || seen[by] {
			continue
		}
		if before := q.originsOf(by, seen); len(before) > 0 {
			out = union(out, before)
		} else {
			out = union(out, []string{by})
		}
	}
	return out
}
