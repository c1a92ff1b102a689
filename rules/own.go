package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// RowKind says what rows of the facts a rule of the user's looks at.
type RowKind string

// The kinds of rows.
const (
	PrincipalRows  RowKind = "principal"
	DenialRows     RowKind = "denial"
	ChangeRows     RowKind = "change"
	CredentialRows RowKind = "credential"
)

// OwnRule is a rule of the user's: a question asked of each row of one kind.
//
// The functions must be pure: the same row, the same answer. What compiles
// them (package config, from CEL) bounds what they cost.
type OwnRule struct {
	ID       string // X-…, so that it is never taken for one of ours
	Title    string
	Severity Severity
	For      RowKind
	// When reports whether a row is a finding; an error leaves the row unjudged.
	When func(*Row) (bool, error)
	// Message is the finding's sentence; nil: the title.
	Message func(*Row) (string, error)
	// Expression is When as the user wrote it.
	Expression string
	// Texts are the texts that When compares with: use that they name is evidence.
	Texts []string
	Fix   string
	Place string // where it is written, as trimtrail.yaml:30
}

// Row is what a rule of the user's sees: the row itself, and the principal
// that it belongs to.
type Row struct {
	AsOf       time.Time
	WindowDays int
	Principal  *PrincipalRow // never nil
	Denial     *DenialRow    // nil unless the rule is for denials; the others likewise
	Change     *ChangeRow
	Credential *CredentialRow

	credential, resource string
	account              string
	evidence             func(texts []string) Evidence
}

// askOwn asks the user's rules, sorted by id.
func (q *inquiry) askOwn() {
	if len(q.o.Own) == 0 {
		return
	}
	own := slices.Clone(q.o.Own)
	slices.SortStableFunc(own, func(a, b OwnRule) int { return cmp.Compare(a.ID, b.ID) })
	rows := q.rowsFor(own)
	for i := range own {
		if !q.o.off(own[i].ID) {
			q.askOwnRule(&own[i], rows[own[i].For])
		}
	}
}

// unjudged counts the rows that a rule failed on.
type unjudged struct {
	n     int
	first error
}

func (u *unjudged) add(err error) {
	if u.n++; u.first == nil {
		u.first = err
	}
}

func (q *inquiry) askOwnRule(r *OwnRule, rows []*Row) {
	q.rule = Rule{ID: r.ID, Title: r.Title, Severity: r.Severity}
	var failed unjudged
	var found []Finding
	place := map[string]int{} // where in found the finding about a thing is
	for _, row := range rows {
		yes, err := r.When(row)
		if err != nil {
			failed.add(err)
			continue
		}
		if !yes {
			continue
		}
		f := r.finding(row, &failed)
		id := f.identity()
		if i, ok := place[id]; ok {
			found[i].Evidence = joined(found[i].Evidence, f.Evidence)
			continue
		}
		place[id] = len(found)
		found = append(found, f)
	}
	for _, f := range found {
		q.find(f)
	}
	if failed.n > 0 {
		q.warnings = append(q.warnings, fmt.Sprintf("%s could not judge %s: %v", r.ID, counted(failed.n, "row"), failed.first))
	}
}

func (r *OwnRule) finding(row *Row, failed *unjudged) Finding {
	f := Finding{
		Rule: r.ID, Confidence: "certain", AccountID: row.account, Principal: row.Principal.ARN, Credential: row.credential, Resource: row.resource,
		Title: r.Title, Evidence: row.evidence(r.Texts),
		Reason: fmt.Sprintf("%s: %s. It holds where %s", r.ID, strings.TrimSuffix(r.Title, "."), oneLine(r.Expression)),
		Fix:    Fix{Summary: cmp.Or(r.Fix, "See what the rule "+r.ID+" asks for."), Clears: fmt.Sprintf("the condition of %s no longer holds", r.ID)},
	}
	if r.Message == nil {
		return f
	}
	title, err := r.Message(row)
	if err != nil {
		failed.add(fmt.Errorf("message: %w", err))
		return f
	}
	f.Title = title
	return f
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// joined is the evidence of two rows about one thing.
func joined(a, b Evidence) Evidence {
	a.Count += b.Count
	if b.First != nil && (a.First == nil || b.First.Before(*a.First)) {
		a.First = b.First
	}
	if b.Last != nil && (a.Last == nil || b.Last.After(*a.Last)) {
		a.Last = b.Last
	}
	a.Events = firstOf(append(a.Events[:len(a.Events):len(a.Events)], b.Events...), 10)
	a.Addresses, a.Actions = union(a.Addresses, b.Addresses), union(a.Actions, b.Actions)
	return a
}
