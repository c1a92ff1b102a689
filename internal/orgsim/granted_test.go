package orgsim

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	ctevent "github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// TestAllowedIsGranted holds the archive against the state by trimtrail's own
// catalogue and evaluator: what was allowed is granted, and what no
// identity-based policy allowed is not.
func TestAllowedIsGranted(t *testing.T) { checkGranted(t, month) }

func checkGranted(t *testing.T, org *Org) {
	t.Helper()
	states := load(t, org)
	index := map[string]*iam.Index{}
	for id, s := range states {
		index[id] = s.Index()
	}
	exempt := map[string]bool{} // the policy changed meanwhile
	for _, p := range append(org.Truth.Find(SelfEscalation), org.Truth.Find(DeniedRegression)...) {
		exempt[p.Principal] = true
	}
	c := catalog.Default()
	wrong, checked := map[string]int{}, 0
	readArchive(t, org, func(_ string, r *record) {
		x, ok := index[r.UserIdentity.AccountID]
		if !ok || exempt[r.actor()] || r.UserIdentity.Type == "Root" || r.UserIdentity.Type == "AWSAccount" || r.UserIdentity.Type == "IdentityCenterUser" {
			return
		}
		h, ok := x.Lookup(r.actor())
		if !ok {
			wrong["no such principal: "+r.actor()]++
			return
		}
		if len(h.Unresolved) > 0 {
			wrong[h.ARN+" has unresolved policies"]++
		}
		e := row(r)
		a := c.Attribute(&e)
		if a.Unmapped {
			wrong["unmapped: "+r.EventSource+" "+r.EventName]++
		}
		denied := catalog.Denied(&e)
		if denied && (!strings.Contains(r.ErrorMessage, "because no identity-based policy allows")) {
			return
		}
		for _, u := range a.Actions {
			for _, resource := range u.Resources {
				checked++
				if allowed := allows(h, r, u, resource); allowed == (denied && u.Via == catalog.ViaMessage) {
					wrong[h.Name+" "+u.Action+" on "+resource+" as "+string(u.Via)+" "+r.ErrorCode]++
				}
			}
		}
	})
	if checked < 3000 {
		t.Errorf("only %d actions checked", checked)
	}
	for what, n := range wrong {
		t.Errorf("%s (%d times)", what, n)
	}
}

func allows(h iam.Holder, r *record, u catalog.Use, resource string) bool {
	if name, ok := strings.CutPrefix(resource, "arn:aws:iam::"+h.AccountID+":instance-profile/"); ok {
		resource = "arn:aws:iam::" + h.AccountID + ":role/" + name
	}
	context := map[string][]string{"aws:MultiFactorAuthPresent": {r.UserIdentity.SessionContext.Attributes.MFAAuthenticated}}
	if context["aws:MultiFactorAuthPresent"][0] == "" {
		delete(context, "aws:MultiFactorAuthPresent")
	}
	for k, v := range u.Condition {
		context[k] = v
	}
	return iam.Decide(iam.Request{Principal: r.UserIdentity.ARN, Action: u.Action, Resource: resource, ResourceAccount: h.AccountID, Context: context}, h.Documents()) == iam.Allowed
}

// row is the part of an event that attribution reads.
func row(r *record) ctevent.Event {
	e := ctevent.Event{
		AccountID: r.RecipientAccountID, EventID: r.EventID, EventSource: r.EventSource, EventName: r.EventName, EventType: r.EventType,
		EventCategory: r.EventCategory, AWSRegion: r.AWSRegion, RecipientAccountID: r.RecipientAccountID, ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage,
		SourceIPAddress: r.SourceIPAddress, UserAgent: r.UserAgent, IdentityType: r.UserIdentity.Type, IdentityARN: r.UserIdentity.ARN,
		IdentityAccountID: r.UserIdentity.AccountID, InvokedBy: r.UserIdentity.InvokedBy, ReadOnly: r.ReadOnly, Management: r.ManagementEvent,
	}
	if s := string(r.RequestParameters); s != "null" {
		e.RequestParameters = s
	}
	if s := string(r.ResponseElements); s != "null" {
		e.ResponseElements = s
	}
	for _, x := range r.Resources {
		e.Resources = append(e.Resources, ctevent.Resource{ARN: x.ARN, AccountID: x.AccountID, Type: x.Type})
	}
	return e
}

func load(t *testing.T, org *Org) iam.States {
	t.Helper()
	states := iam.States{}
	files, err := os.ReadDir(org.IAM)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(org.IAM, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := iam.Load(f.Name(), text, states); err != nil {
			t.Error(err)
		}
	}
	for id, s := range states {
		if !slices.Contains(org.Accounts, id) || !s.HasDetails || !s.HasReport || len(s.Warnings) > 0 {
			t.Errorf("state of %s: details %t, report %t, warnings %v", id, s.HasDetails, s.HasReport, s.Warnings)
		}
	}
	return states
}

// TestStateFitsTheTruth holds what shows in IAM state alone.
func TestStateFitsTheTruth(t *testing.T) {
	org := month
	states := load(t, org)
	for _, kind := range []string{ForgottenKey, UnusedPassword, DormantRole} {
		p := org.Truth.Find(kind)[0]
		at, ok := unusedSince(states[p.Account], p)
		if !ok || org.End.Sub(at) < 150*24*time.Hour {
			t.Errorf("%s: last used %s, found %t", kind, at, ok)
		}
	}
	for _, p := range org.Truth.Find(AdminReadsOnly) {
		h, _ := states[p.Account].Lookup(p.Principal)
		if d := iam.Decide(iam.Request{Principal: p.Principal, Action: "iam:CreateUser", Resource: "*"}, h.Documents()); d != iam.Allowed {
			t.Errorf("%s is no administrator", p.Principal)
		}
	}
	p := org.Truth.Find(OverPrivileged)[0]
	h, _ := states[p.Account].Lookup(p.Principal)
	if d := iam.Decide(iam.Request{Principal: p.Principal, Action: "secretsmanager:DeleteSecret", Resource: "*"}, h.Documents()); d != iam.Allowed {
		t.Errorf("%s has no more than it uses", p.Principal)
	}
}

// unusedSince is what the state says of a plant's credential.
func unusedSince(s *iam.State, p Plant) (time.Time, bool) {
	if p.Kind == DormantRole {
		h, ok := s.Lookup(p.Principal)
		if !ok || h.Role.LastUsed == nil {
			return time.Time{}, false
		}
		return *h.Role.LastUsed, true
	}
	for _, c := range s.Report {
		if c.ARN == p.Principal && p.Kind == ForgottenKey && c.Keys[0].Active {
			return c.Keys[0].LastUsed, true
		}
		if c.ARN == p.Principal && p.Kind == UnusedPassword && c.PasswordEnabled {
			return c.PasswordLastUsed, true
		}
	}
	return time.Time{}, false
}
