package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP12() Rule {
	return Rule{
		ID: "TT-P12", Title: "Named for reading, may write", Severity: Medium, Since: "0.1",
		Text:  "A user or role whose name says read-only or view-only holds actions of the access levels Write, Permissions management or Tagging: who reviews by name passes over it. Policies of AWS's own and actions that read though AWS counts them as writes (queries, kms:Decrypt, sts:AssumeRole) are left out; the boundary and Deny statements count. Administrators are TT-P03.",
		Needs: []string{needsDetails}, Source: "AWS IAM best practices of 2018, Use access levels to review IAM permissions",
		turn: 97, ask: askReaders,
	}
}

func askReaders(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "what read-only principals may write", needsDetails)
			continue
		}
		for _, h := range s.Holders() {
			if x := q.holder(h.ARN); namedForReading(h.Name) && !x.admin && !serviceLinked(h.ARN) {
				if changes := q.changesOf(x); len(changes) > 0 {
					q.find(readerFinding(x, changes))
				}
			}
		}
	}
}

// namedForReading tells of a name that promises to change nothing.
func namedForReading(name string) bool {
	flat := strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
	return strings.Contains(flat, "readonly") || strings.Contains(flat, "viewonly")
}

// changesOf are the actions by which a holder may change something, by
// policies that are not AWS's; those that manage permissions come first.
func (q *inquiry) changesOf(h *held) []string {
	var grave, out []string
	for _, a := range h.Granted(q.cat).Actions {
		own := slices.ContainsFunc(a.By, func(r iam.StatementRef) bool { return !strings.Contains(h.Policies[r.Policy].ARN, ":iam::aws:policy/") })
		if !own || readsInTruth(a.Name) {
			continue
		}
		switch q.cat.Level(a.Name) {
		case catalog.Permission:
			grave = append(grave, a.Name)
		case catalog.Write, catalog.Tagging:
			out = append(out, a.Name)
		}
	}
	return append(grave, out...)
}

// readsInTruth tells actions that change nothing of the account's, whatever their level.
func readsInTruth(action string) bool {
	_, verb, _ := strings.Cut(action, ":")
	return reads(action) || slices.Contains([]string{"kms:Decrypt", "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity", "sts:TagSession"}, action) ||
		slices.ContainsFunc([]string{"Query", "Search", "Select", "Simulate", "Lookup", "Preview", "Test", "Download", "Read", "View", "Estimate"}, func(p string) bool { return strings.HasPrefix(verb, p) }) ||
		(strings.HasPrefix(verb, "Start") || strings.HasPrefix(verb, "Stop") || strings.HasPrefix(verb, "Cancel")) && strings.Contains(verb, "Quer")
}

func readerFinding(h *held, changes []string) Finding {
	kind := "roles/"
	if h.User != nil {
		kind = "users/"
	}
	f := Finding{
		Confidence: "medium", AccountID: h.AccountID, Principal: h.ARN,
		Title:    fmt.Sprintf("%s is named for reading and may change things by %s", who(h.ARN), counted(len(changes), "action")),
		Reason:   fmt.Sprintf("It holds %s, in %s.", listed(changes, 5), counted(servicesIn(changes), "service")),
		Evidence: Evidence{Count: int64(len(changes)), Actions: firstOf(changes, 20), State: kind + h.Name},
		Fix: Fix{Summary: "Take these actions out of its policies, or give it a name that says what it may do. AWS's ViewOnlyAccess and SecurityAudit read without the contents of data.",
			Clears: "no action that writes, or another name"},
	}
	if typeable(h.ARN) {
		f.Fix.Commands = []string{"trimtrail policy " + shellWord(h.ARN)}
	}
	return f
}
