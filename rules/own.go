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

// askOwn asks the user's rules. Each row is made once, asked by every rule for
// its kind, and let go: there may be millions.
func (q *inquiry) askOwn() {
	var all []*asking
	for i := range q.o.Own {
		if r := &q.o.Own[i]; !q.o.off(r.ID) {
			all = append(all, &asking{r: r, place: map[string]int{}})
		}
	}
	slices.SortStableFunc(all, func(a, b *asking) int { return cmp.Compare(a.r.ID, b.r.ID) })
	b := q.rowBuilder(len(all) > 0)
	for _, kind := range []RowKind{PrincipalRows, DenialRows, ChangeRows, CredentialRows} {
		asked := slices.DeleteFunc(slices.Clone(all), func(a *asking) bool { return a.r.For != kind })
		if len(asked) == 0 {
			continue
		}
		for row := range b.rows(kind) {
			for _, a := range asked {
				a.ask(row)
			}
		}
	}
	for _, a := range all {
		q.answerOwn(a)
	}
}

// maxOwn bounds the findings of one rule of the user's: one that fits
// everything must not fill the memory.
const maxOwn = 50_000

// asking is one of the user's rules at work.
type asking struct {
	r     *OwnRule
	found []Finding
	place map[string]int // where in found the finding about a thing is
	// failed counts the rows that the rule failed on, first is why.
	failed int
	first  error
	more   int // rows past maxOwn
}

func (a *asking) fail(err error) {
	if a.failed++; a.first == nil {
		a.first = err
	}
}

func (a *asking) ask(row *Row) {
	yes, err := a.r.When(row)
	if err != nil {
		a.fail(err)
	}
	if err != nil || !yes {
		return
	}
	f := a.finding(row)
	id := f.identity()
	if i, ok := a.place[id]; ok {
		a.found[i].Evidence = joined(a.found[i].Evidence, f.Evidence)
		return
	}
	if len(a.found) >= maxOwn {
		a.more++
		return
	}
	a.place[id] = len(a.found)
	a.found = append(a.found, f)
}

func (q *inquiry) answerOwn(a *asking) {
	q.rule = Rule{ID: a.r.ID, Title: a.r.Title, Severity: a.r.Severity}
	for _, f := range a.found {
		q.find(f)
	}
	if a.more > 0 {
		q.warnings = append(q.warnings, fmt.Sprintf("%s fits %s more than the %s that are told", a.r.ID, counted(a.more, "row"), grouped(maxOwn)))
	}
	if a.failed > 0 {
		q.warnings = append(q.warnings, fmt.Sprintf("%s could not judge %s: %v", a.r.ID, counted(a.failed, "row"), a.first))
	}
}

func (a *asking) finding(row *Row) Finding {
	r := a.r
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
		a.fail(fmt.Errorf("message: %w", err))
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
