package rules

import (
	"fmt"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD11() Rule {
	return Rule{
		ID: "TT-D11", Title: "Trying for secrets or roles", Severity: High, Since: "0.1",
		Text:  "One sensitive action (passwords, secrets, instance user data, roles to assume) denied five times or more, or on three resources or more, by a program that never was allowed it. High from ten tries, medium below. A broken program that retries one thing for days is not meant: three days or more are left to TT-D01.",
		Needs: []string{needsEvents}, Source: "Stratus Red Team techniques; Rhino Security Labs",
		turn: 35, ask: askProbing,
	}
}

// coveted are actions that give secrets or other identities.
var coveted = map[string]string{
	"ec2:GetPasswordData":           "passwords of instances",
	"ec2:DescribeInstanceAttribute": "user data of instances",
	"secretsmanager:GetSecretValue": "secrets",
	"ssm:GetParameter":              "parameters",
	"ssm:GetParameters":             "parameters",
	"ssm:GetParametersByPath":       "parameters",
	"sts:AssumeRole":                "roles to assume",
	"lambda:GetFunction":            "code of functions",
	"iam:UpdateAssumeRolePolicy":    "trust policies",
	"kms:Decrypt":                   "encrypted data",
}

func askProbing(q *inquiry) {
	for action := range coveted {
		fits := func(d *analyze.Denial) bool {
			return d.Action == action && d.Tier == analyze.TierCaller && d.Days < 3 && !d.Console && d.InvokedBy == "" && d.AllowedBefore.IsZero() && d.Kind != analyze.KindService
		}
		for _, is := range q.untold(fits) {
			q.probing(action, is)
		}
	}
}

func (q *inquiry) probing(action string, is []int) {
	var n int64
	resources := map[string]bool{}
	for _, i := range is {
		n += q.f.Denials[i].Count
		if r := q.f.Denials[i].Resource; r != "" && r != "*" {
			resources[r] = true
		}
	}
	if n < 5 && len(resources) < 3 {
		return
	}
	ds, e := q.tell(is)
	d := &ds[0]
	f := Finding{
		Severity: Medium, Confidence: "medium", AccountID: d.AccountID, Principal: d.ARN, Resource: action, Evidence: e,
		Title:  fmt.Sprintf("%s tried %s for %s and was denied, within %s", who(d.ARN), times(e.Count), coveted[action], lasted(e.Last.Sub(*e.First))),
		Reason: fmt.Sprintf("%s, %s, from %s; it was never allowed before. %s", withCounts(tallied(ds, deniedWhat), 3), stretch(*e.First, *e.Last), listed(e.Addresses, 3), causes(ds)),
		Fix: Fix{Summary: "Ask the owner whether this was meant. If not: take the credential away and read what it was allowed to do.",
			Commands: commands(q.deactivate(d.ARN)...), Clears: "no further try within the window"},
	}
	if len(resources) >= 3 {
		f.Reason += fmt.Sprintf(" %s were tried.", counted(len(resources), "resource"))
	}
	if e.Count >= 10 {
		f.Severity = High
	}
	q.find(f)
}
