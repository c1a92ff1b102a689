package judge

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/versity/versitygw/iamapi/policy"
	"github.com/versity/versitygw/iamapi/types"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/bench/orgs"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

// asks puts a call to documents, by versitygw.
func asks(docs []rules.PolicyRef, context map[string][]string, action, resource string) policy.Decision {
	var entries []types.PolicyEntry
	for _, d := range docs {
		if d.Document != nil {
			entries = append(entries, types.PolicyEntry{PolicyDocument: string(d.Document.JSON())})
		}
	}
	return policy.EvaluateIdentityPolicies(entries, policy.RequestContext{Action: action, Resource: resource, Condition: context})
}

// contextOf are the condition keys that an event tells of its call.
func contextOf(e *event.Event, a analyze.Actor, condition map[string][]string) map[string][]string {
	c := map[string][]string{
		"aws:PrincipalArn": {a.ARN}, "aws:PrincipalAccount": {a.AccountID}, "aws:ResourceAccount": {a.AccountID}, "aws:username": {a.Name},
		"aws:CurrentTime": {e.EventTime.UTC().Format(time.RFC3339)}, "aws:RequestedRegion": {e.AWSRegion}, "aws:ViaAWSService": {fmt.Sprint(e.InvokedBy != "")},
		"aws:SourceIp": {e.SourceIPAddress}, "aws:PrincipalIsAWSService": {"false"},
	}
	if e.VPCEndpointID != "" {
		c["aws:SourceVpce"] = []string{e.VPCEndpointID}
	}
	if e.MFAAuthenticated != nil {
		c["aws:MultiFactorAuthPresent"] = []string{fmt.Sprint(*e.MFAAuthenticated)}
	}
	for k, v := range condition {
		c[k] = v
	}
	return c
}

// tally counts calls by what the current policies and the proposed ones say.
type tally struct{ kept, lost, refused, untold, gained int }

// hold puts every call of the events to the policies before and after a proposal.
func hold(t *testing.T, ps *rules.Policies, events []event.Event, only string) (n tally) {
	t.Helper()
	by := map[string]*rules.Proposal{}
	for i := range ps.Policies {
		by[ps.Policies[i].Principal] = &ps.Policies[i]
	}
	for i := range events {
		e := &events[i]
		a := analyze.ActorOf(e)
		p := by[a.ARN]
		if p == nil || len(p.Current) == 0 || !strings.Contains(a.ARN, only) {
			continue
		}
		denied := analyze.OutcomeOf(e) == analyze.OutcomeDenied
		for _, u := range catalog.Default().Attribute(e).Actions {
			for _, r := range u.Resources {
				c := contextOf(e, a, u.Condition)
				before, after := asks(p.Current, c, u.Action, r), asks(p.Proposed, c, u.Action, r)
				n.add(t, denied, before == policy.DecisionAllow, after == policy.DecisionAllow, fmt.Sprintf("%s by %s on %s at %s", u.Action, a.ARN, r, e.EventTime))
			}
		}
	}
	return n
}

func (n *tally) add(t *testing.T, denied, before, after bool, call string) {
	t.Helper()
	switch {
	case after && !before:
		n.gained++
		t.Errorf("gained: %s", call)
	case denied:
		n.refused++
	case !before: // what else allowed it, a resource's policy, is not in these
		n.untold++
	case after:
		n.kept++
	default:
		n.lost++
		t.Errorf("lost: %s", call)
	}
}

// TestProposalsOfAnOrganisation holds proposals with conditions of a generated
// organisation: by another evaluator, no call of the window is lost, none gained.
func TestProposalsOfAnOrganisation(t *testing.T) {
	cfg := orgsim.Default()
	cfg.Seed, cfg.Events, cfg.Objects, cfg.Days, cfg.Personas = 7, 8000, 2, 95, orgs.Casts()[0].Personas()
	org, err := orgs.Make(t.TempDir(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	acc := analyze.NewAccumulator(analyze.Window{From: org.End.AddDate(0, 0, -95), To: org.End}, catalog.Default())
	for i := range org.Events {
		acc.Add(&org.Events[i])
	}
	ps := rules.SizeAll(acc.Facts(org.End, org.States, nil), org.States, catalog.Default(), rules.SizeOptions{Conditions: true})
	limits := 0
	for i := range ps.Policies {
		for _, d := range ps.Policies[i].Proposed {
			if strings.HasPrefix(d.Name, "trimtrail-conditions") {
				limits++
			}
		}
	}
	n := hold(t, ps, org.Events, "")
	t.Logf("%d proposals, %d with conditions; calls: %+v", len(ps.Policies), limits, n)
	if n.kept < 1000 || limits == 0 {
		t.Errorf("too little was tried: %+v, %d with conditions", n, limits)
	}
}

// TestProposalsOfInvictus sizes the roles whose policies the log itself tells.
// Its hour is repeated on other days, since one hour is too early to size by.
func TestProposalsOfInvictus(t *testing.T) {
	events := invictus(t)
	states, roles := statesOf(t, events)
	from := events[0].EventTime
	var all []event.Event
	for _, days := range []int{0, -30, -60, -89} {
		for _, e := range events {
			e.EventTime = e.EventTime.AddDate(0, 0, days)
			e.EventID = fmt.Sprint(e.EventID, days)
			from = earlier(from, e.EventTime)
			all = append(all, e)
		}
	}
	to := events[0].EventTime.Truncate(24*time.Hour).AddDate(0, 0, 1)
	acc := analyze.NewAccumulator(analyze.Window{From: from.Truncate(24 * time.Hour), To: to}, catalog.Default())
	for i := range all {
		acc.Add(&all[i])
	}
	f := acc.Facts(to, states, nil)
	for i := range f.Coverage { // the days between are taken as quiet, not as missing
		f.Coverage[i].Gaps, f.Coverage[i].Days = nil, 90
	}
	ps := rules.SizeAll(f, states, catalog.Default(), rules.SizeOptions{Conditions: true})
	proposed := 0
	for i := range ps.Policies {
		if p := &ps.Policies[i]; roles[p.Principal] {
			proposed++
			t.Logf("%s: %s, %d denied actions", p.Principal, p.Confidence, len(p.Denied))
		}
	}
	n := hold(t, ps, all, "")
	one := hold(t, ps, all, "ec2-get-password-data-role")
	t.Logf("%d of %d roles with policies in the log; calls: %+v; of the role that asks for passwords: %+v", proposed, len(roles), n, one)
	if proposed != len(roles) || proposed < 7 || one.refused == 0 {
		t.Errorf("%d proposals of %d roles, %+v", proposed, len(roles), one)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// invictus is the public log of that name, or skips the test.
func invictus(t *testing.T) []event.Event {
	t.Helper()
	base := os.Getenv("TRIMTRAIL_DATA")
	if base == "" {
		t.Skip("TRIMTRAIL_DATA is not set")
	}
	out, err := orgs.Read(filepath.Join(base, "cloudtrail", "invictus"), func(path string) bool { return strings.Contains(path, ".json") })
	if err != nil || len(out) == 0 {
		t.Fatalf("%d events, %v", len(out), err)
	}
	return out
}

// statesOf are the roles that the log made, with the policies that it gave
// them, and which of those have any whose text it tells.
func statesOf(t *testing.T, events []event.Event) (map[string]*iam.State, map[string]bool) {
	t.Helper()
	states, roles, managed := map[string]*iam.State{}, map[string]bool{}, map[string]bool{}
	for round := range 3 { // roles, then their policies
		for i := range events {
			e := &events[i]
			var q struct{ RoleName, PolicyName, PolicyDocument, PolicyArn string }
			if e.Failed() || json.Unmarshal([]byte(e.RequestParameters), &q) != nil {
				continue
			}
			s := states[e.AccountID]
			if s == nil {
				s = &iam.State{AccountID: e.AccountID, HasDetails: true, TakenAt: e.EventTime}
				states[e.AccountID] = s
			}
			arn := "arn:aws:iam::" + e.AccountID + ":role/" + q.RoleName
			switch {
			case round == 0 && e.EventName == "CreateRole":
				s.Roles = append(s.Roles, iam.Role{Name: q.RoleName, Path: "/", ARN: arn, Created: e.EventTime.AddDate(-1, 0, 0)})
			case round == 1 && e.EventName == "CreatePolicy":
				policyARN := "arn:aws:iam::" + e.AccountID + ":policy/" + q.PolicyName
				s.Policies = append(s.Policies, iam.Policy{Name: q.PolicyName, ARN: policyARN, Document: readPolicy(t, q.PolicyDocument)})
				managed[policyARN] = true
			case round == 2 && (e.EventName == "PutRolePolicy" || e.EventName == "AttachRolePolicy"):
				for j := range s.Roles {
					if r := &s.Roles[j]; r.ARN == arn && q.PolicyDocument != "" {
						r.Inline, roles[arn] = append(r.Inline, iam.NamedDocument{Name: q.PolicyName, Document: readPolicy(t, q.PolicyDocument)}), true
					} else if r.ARN == arn {
						r.Attached = append(r.Attached, q.PolicyArn)
						if managed[q.PolicyArn] {
							roles[arn] = true
						}
					}
				}
			}
		}
	}
	return states, roles
}

func readPolicy(t *testing.T, text string) *iam.Document {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return d
}
