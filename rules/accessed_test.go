package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// recorded gives the role of a sizing state a last-accessed record.
func recorded(states map[string]*iam.State, services ...iam.ServiceAccess) map[string]*iam.State {
	slices.SortFunc(services, func(a, b iam.ServiceAccess) int { return strings.Compare(a.Service, b.Service) })
	states[sizeAccount].LastAccessed = []iam.LastAccessed{{ARN: sizeRole, At: sizeEnd, Complete: true, Services: services}}
	return states
}

func lastOf(service string, at time.Time, actions ...iam.ActionAccess) iam.ServiceAccess {
	return iam.ServiceAccess{Service: service, Last: at, Actions: actions}
}

// TestSizeHeedsLastAccessed: what IAM's record knows as used stays, and no more than that.
func TestSizeHeedsLastAccessed(t *testing.T) {
	const held = `{"Sid":"A","Effect":"Allow","Action":["secretsmanager:*","glue:GetTable","glue:GetDatabase","s3:PutBucketPolicy","s3:GetBucketPolicy"],"Resource":"*"}`
	use := daily("secretsmanager:GetSecretValue", secretARN)
	action := func(name string, at time.Time) iam.ActionAccess { return iam.ActionAccess{Action: name, Last: at} }
	for _, c := range []struct {
		name     string
		services []iam.ServiceAccess
		why      map[string]string // by action; empty: goes
		warns    string
	}{
		{"no record", nil, map[string]string{"secretsmanager:GetSecretValue": "used", "glue:GetTable": "", "s3:PutBucketPolicy": ""}, ""},
		{"an action 200 days ago", []iam.ServiceAccess{lastOf("s3", daysBefore(200), action("s3:PutBucketPolicy", daysBefore(200)), action("s3:GetBucketPolicy", time.Time{}))},
			map[string]string{"s3:PutBucketPolicy": whyAccessed, "s3:GetBucketPolicy": "", "glue:GetTable": ""}, "IAM's last-accessed record knows use that these logs do not show, so kept: s3:PutBucketPolicy"},
		{"an action 401 days ago", []iam.ServiceAccess{lastOf("s3", daysBefore(401), action("s3:PutBucketPolicy", daysBefore(401)))}, map[string]string{"s3:PutBucketPolicy": ""}, ""},
		{"a service in the window that the logs do not show", []iam.ServiceAccess{lastOf("glue", daysBefore(20))}, map[string]string{"glue:GetTable": whyAccessed, "glue:GetDatabase": whyAccessed, "s3:PutBucketPolicy": ""}, "so kept"},
		{"a service before the window", []iam.ServiceAccess{lastOf("glue", daysBefore(120))}, map[string]string{"glue:GetTable": ""}, "last used before these logs, by IAM's last-accessed record: glue on " + dateOf(daysBefore(120))},
		{"a service that the logs show", []iam.ServiceAccess{lastOf("secretsmanager", daysBefore(1))}, map[string]string{"secretsmanager:GetSecretValue": "used", "secretsmanager:DeleteSecret": ""}, ""},
		{"a service that a told action accounts for", []iam.ServiceAccess{lastOf("s3", daysBefore(9), action("s3:GetBucketPolicy", daysBefore(9)), action("s3:ListAllMyBuckets", time.Time{}))},
			map[string]string{"s3:GetBucketPolicy": whyAccessed, "s3:PutBucketPolicy": ""}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := sizeState(t, statements(held))
			if c.services != nil {
				states = recorded(states, c.services...)
			}
			p := sizeOf(t, sizeFacts(use), states)
			for action, why := range c.why {
				if got := keptWhy(p, action); got != why {
					t.Errorf("%s is kept as %q, want %q", action, got, why)
				}
				if gone := isRemoved(p, action) || isRemoved(p, serviceOf(action)+":*"); gone != (why == "") {
					t.Errorf("%s removed: %v", action, gone)
				}
				if why != "" && !contains(proposedText(p), action) {
					t.Errorf("%s is not in %s", action, proposedText(p))
				}
			}
			if c.warns != "" && !warned(p, c.warns) {
				t.Errorf("warnings %q", p.Warnings)
			}
		})
	}
}

// The record backs what goes, where it says so itself.
func TestRemovedByLastAccessed(t *testing.T) {
	states := recorded(sizeState(t, statements(`{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","glue:*","s3:PutBucketPolicy","s3:PutBucketAcl","ec2:RunInstances"],"Resource":"*"}`)),
		lastOf("glue", time.Time{}), lastOf("ec2", daysBefore(200)), lastOf("s3", daysBefore(200), iam.ActionAccess{Action: "s3:PutBucketPolicy"}))
	why := func() map[string]string {
		out := map[string]string{}
		for _, r := range sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)), states).Removed {
			out[r.Action] = r.Why
		}
		return out
	}
	const neither = ", nor in 400 by IAM's last-accessed record"
	got := why()
	for action, want := range map[string]string{"glue:DeleteTable": "not used in 90 days" + neither, "s3:PutBucketPolicy": "not used in 90 days" + neither, "s3:PutBucketAcl": "not used in 90 days", "ec2:RunInstances": "not used in 90 days"} {
		if got[action] != want {
			t.Errorf("%s goes: %q, want %q", action, got[action], want)
		}
	}
	states[sizeAccount].LastAccessed[0].Complete = false
	if got := why(); got["glue:DeleteTable"] != "not used in 90 days" {
		t.Errorf("by a record that names the role by chance: %q", got["glue:DeleteTable"])
	}
}

// What a Deny takes away, and what was only denied, is not given back by the record.
func TestLastAccessedGivesNothing(t *testing.T) {
	states := recorded(sizeState(t, statements(`{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","s3:PutBucketPolicy"],"Resource":"*"}`, `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`)),
		lastOf("s3", daysBefore(9), iam.ActionAccess{Action: "s3:PutBucketPolicy", Last: daysBefore(9)}), lastOf("ec2", daysBefore(9), iam.ActionAccess{Action: "ec2:RunInstances", Last: daysBefore(9)}))
	p := sizeOf(t, sizeFacts(daily("secretsmanager:GetSecretValue", secretARN)), states)
	for _, action := range []string{"s3:PutBucketPolicy", "ec2:RunInstances"} {
		if why := keptWhy(p, action); why != "" {
			t.Errorf("%s is kept: %s", action, why)
		}
	}
	if p.NoNewAccess == nil || !*p.NoNewAccess {
		t.Error("new access")
	}
}

// The policy that is tried on held-out days may not know of them by the record.
func TestBacktestDoesNotLookAhead(t *testing.T) {
	late := used("s3:PutBucketPolicy", "*", 3)
	facts := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN), []analyze.Usage{late})
	states := recorded(sizeState(t, statements(`{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","s3:PutBucketPolicy"],"Resource":"*"}`)),
		lastOf("s3", daysBefore(3), iam.ActionAccess{Action: "s3:PutBucketPolicy", Last: daysBefore(3)}))
	if p := sizeOf(t, facts, states); p.Backtest.Denied == 0 {
		t.Errorf("backtest %+v", p.Backtest)
	}
	states[sizeAccount].LastAccessed[0].Services[0].Actions[0].Last = daysBefore(50)
	if p := sizeOf(t, facts, states); p.Backtest.Denied != 0 {
		t.Errorf("backtest %+v", p.Backtest)
	}
}
