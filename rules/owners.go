package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Owner says who answers for the principals that a pattern fits.
type Owner struct {
	Principal string // as Exception.Principal
	Account   string // pattern of account ids; empty: any
	Owner     string
}

// ownerOf is the owner by the first pattern that fits, or empty.
func (o *Options) ownerOf(account, arn string) string {
	for i := range o.Owners {
		x := &o.Owners[i]
		if agrees(x.Account, account) && fitsPrincipal(x.Principal, arn) {
			return x.Owner
		}
	}
	return ""
}

// settle gives findings the severity and the owner that the options name.
func (q *inquiry) settle() {
	for i := range q.out {
		f := &q.out[i]
		if s, ok := q.o.Severities[f.Rule]; ok {
			f.Severity = s
		}
		f.Owner = q.o.ownerOf(f.AccountID, f.Principal)
	}
}

// off tells that a rule is not to be asked.
func (o *Options) off(rule string) bool { return slices.Contains(o.Disabled, rule) }

// offWarning says which rules were not asked: silence of theirs is no pass.
func (q *inquiry) offWarning() {
	if len(q.o.Disabled) == 0 {
		return
	}
	ids := slices.Compact(slices.Sorted(slices.Values(q.o.Disabled)))
	q.warnings = append(q.warnings, fmt.Sprintf("%s switched off: %s", counted(len(ids), "rule"), strings.Join(ids, ", ")))
}
