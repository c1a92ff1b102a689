package rules

import (
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleD10() Rule {
	return Rule{
		ID: "TT-D10", Title: "Passing a role was denied", Severity: Low, Since: "0.1",
		Text:  "A call that hands a role to a service needs iam:PassRole on that role, which never shows as an event of its own. Whoever may pass a role may use all of its permissions through the service: grant it for one role and one service.",
		Needs: []string{needsEvents}, Source: "AWS IAM user guide, Grant permissions to pass a role",
		turn: 57, ask: askPassRole,
	}
}

func askPassRole(q *inquiry) {
	fits := func(d *analyze.Denial) bool {
		return d.Action == "iam:PassRole" && (d.Layer == "" || d.Layer == "identity" && d.Effect != "explicit")
	}
	for _, is := range q.untold(fits) {
		ds, e := q.tell(is)
		q.find(passDenied(ds, e))
	}
}

func passDenied(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	e.Actions = union(e.Actions, nil)
	calls := tallied(ds, func(d *analyze.Denial) string {
		return strings.TrimSuffix(d.EventSource, ".amazonaws.com") + ":" + d.EventName
	})
	doc := passPolicy(ds)
	f := Finding{
		Confidence: "certain", AccountID: d.AccountID, Principal: d.ARN, Resource: "iam:PassRole", Evidence: e,
		Title:  fmt.Sprintf("%s may not pass %s to %s (%s denied)", who(d.ARN), orRole(d.Resource), d.EventSource, counted(e.Count, "call")),
		Reason: fmt.Sprintf("The calls %s were refused because iam:PassRole is missing. %s", withCounts(calls, 4), causes(ds)),
		Fix: Fix{Summary: "If the principal should run things under that role, grant iam:PassRole for this role and this service alone: it lends all of the role's permissions.",
			Policy: string(doc.Indent("  ")), Commands: commands(attachInline(d.ARN, "trimtrail-pass-role", doc)), Clears: "no further denial of iam:PassRole"},
	}
	if len(doc.Statements) == 0 {
		f.Fix.Policy, f.Fix.Commands = "", nil
	}
	return f
}

func orRole(resource string) string {
	if strings.HasPrefix(resource, "arn:") {
		return who(resource)
	}
	return "a role"
}

// passPolicy allows passing each refused role to the service it was meant for.
func passPolicy(ds []analyze.Denial) *iam.Document {
	doc := &iam.Document{Version: "2012-10-17"}
	seen := map[string]bool{}
	for i := range ds {
		d := &ds[i]
		key := d.Resource + " " + d.EventSource
		if seen[key] || !strings.HasPrefix(d.Resource, "arn:") {
			continue
		}
		seen[key] = true
		doc.Statements = append(doc.Statements, iam.Statement{Effect: iam.Allow,
			Action: iam.StringList{Values: []string{"iam:PassRole"}, One: true}, Resource: iam.StringList{Values: []string{d.Resource}, One: true},
			Condition: map[string]map[string]iam.StringList{"StringEquals": {"iam:PassedToService": {Values: []string{d.EventSource}, One: true}}}})
	}
	return doc
}
