package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// merge puts policies that are to be made together until they are few enough:
// as they are, then with wildcards that add no action, then with wildcards
// over List and Read actions, which is told.
func (k *packer) merge() {
	tight := func(adding bool) func(*iam.Document) *iam.Document {
		return func(d *iam.Document) *iam.Document {
			small, _ := k.compress(d, 0, adding)
			return small
		}
	}
	k.join(func(d *iam.Document) *iam.Document { return d })
	if k.managed > managedPolicies {
		k.join(tight(false))
	}
	if k.managed > managedPolicies {
		before := k.managed
		k.join(tight(true))
		if k.managed < before {
			k.notes = append(k.notes, readsJoined)
		}
	}
}

// readsJoined warns of wildcards that take in what was not used.
const readsJoined = "List and Read actions were joined by wildcards to fit the size limits; some that were not used are among them"

// join fills each new policy, the largest first, with smaller ones. Small
// makes a document smaller; where nothing is joined all stay as they were.
func (k *packer) join(small func(*iam.Document) *iam.Document) {
	var made, rest []PolicyRef
	for _, r := range k.out {
		if r.Source == "" {
			r.Document = small(r.Document)
			made = append(made, r)
		} else {
			rest = append(rest, r)
		}
	}
	slices.SortStableFunc(made, func(a, b PolicyRef) int {
		return cmp.Or(cmp.Compare(documentSize(b.Document), documentSize(a.Document)), strings.Compare(a.Name, b.Name))
	})
	var full []PolicyRef
	for _, r := range made {
		at := slices.IndexFunc(full, func(into PolicyRef) bool { return fitTogether(into.Document, r.Document) })
		if at < 0 {
			full = append(full, r)
			continue
		}
		full[at].Document = asOne(full[at].Document, r.Document)
		if r.Replaces != "" && !slices.Contains(strings.Split(full[at].Replaces, " and "), r.Replaces) {
			full[at].Replaces = strings.TrimPrefix(full[at].Replaces+" and "+r.Replaces, " and ")
		}
	}
	if fewer := len(made) - len(full); fewer > 0 {
		slices.SortStableFunc(full, func(a, b PolicyRef) int { return strings.Compare(a.Name, b.Name) })
		k.out, k.managed = append(rest, full...), k.managed-fewer
	}
}

// fitTogether reports whether two documents together are one that can be stored.
func fitTogether(a, b *iam.Document) bool {
	return a.Version == b.Version && documentSize(asOne(a, b)) <= managedLimit
}

// asOne is a document with the statements of both, those of a first.
func asOne(a, b *iam.Document) *iam.Document {
	d := &iam.Document{Version: a.Version, Statements: append(slices.Clone(a.Statements), b.Statements...)}
	uniqueSids(d)
	return d
}
