package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const (
	sizeAccount = "111122223333"
	sizeRole    = "arn:aws:iam::111122223333:role/app"
)

// sizeEnd is the as-of time of the hand-made facts; their window is the 90 days before it.
var sizeEnd = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func daysBefore(n int) time.Time { return sizeEnd.AddDate(0, 0, -n) }

// used is one usage row, n days before the end.
func used(action, resource string, n int) analyze.Usage {
	day := daysBefore(n)
	return analyze.Usage{Action: action, Day: day, Resource: resource, Outcome: analyze.OutcomeAllowed, Region: "eu-west-1",
		Count: 10, First: day.Add(time.Hour), Last: day.Add(20 * time.Hour), Events: []string{"e-" + action}}
}

// daily is a use on every day of the window.
func daily(action, resource string) []analyze.Usage {
	var out []analyze.Usage
	for n := 90; n >= 1; n-- {
		out = append(out, used(action, resource, n))
	}
	return out
}

func sizeFacts(usage ...[]analyze.Usage) *analyze.Facts {
	p := analyze.Principal{Actor: analyze.Actor{Kind: analyze.KindRole, ARN: sizeRole, AccountID: sizeAccount, Name: "app"}, Usage: slices.Concat(usage...)}
	return &analyze.Facts{
		Window: analyze.Window{From: daysBefore(90), To: sizeEnd}, AsOf: sizeEnd, Principals: []analyze.Principal{p},
		Coverage: []analyze.Coverage{{AccountID: sizeAccount, First: daysBefore(90).Add(10 * time.Minute), Last: sizeEnd.Add(-time.Minute),
			ManagementRead: true, ManagementWrite: true, Days: 90}},
	}
}

func policyDoc(t testing.TB, text string) *iam.Document {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatalf("policy: %v", err)
	}
	return d
}

// sizeState is an account with the role app, which has these inline policies.
func sizeState(t testing.TB, policies ...string) map[string]*iam.State {
	t.Helper()
	role := iam.Role{Name: "app", ARN: sizeRole, Created: daysBefore(500)}
	for i, text := range policies {
		role.Inline = append(role.Inline, iam.NamedDocument{Name: string(rune('a' + i)), Document: policyDoc(t, text)})
	}
	return map[string]*iam.State{sizeAccount: {AccountID: sizeAccount, HasDetails: true, Roles: []iam.Role{role}}}
}

func sizeOf(t testing.TB, f *analyze.Facts, states map[string]*iam.State) Proposal {
	t.Helper()
	p, err := Size(f, sizeRole, states, catalog.Default(), SizeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func statements(list ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
}

// proposedText is every proposed document, a line each.
func proposedText(p Proposal) string {
	var lines []string
	for _, r := range p.Proposed {
		lines = append(lines, string(r.Document.JSON()))
	}
	return strings.Join(lines, "\n")
}

func keptWhy(p Proposal, action string) string {
	for _, k := range p.Kept {
		if k.Action == action {
			return k.Why
		}
	}
	return ""
}

func isRemoved(p Proposal, action string) bool {
	return slices.ContainsFunc(p.Removed, func(r Removed) bool { return r.Action == action })
}

func warned(p Proposal, words string) bool {
	return slices.ContainsFunc(p.Warnings, func(w string) bool { return strings.Contains(w, words) })
}

func contains(text, part string) bool { return strings.Contains(text, part) }
