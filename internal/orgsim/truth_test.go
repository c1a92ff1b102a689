package orgsim

import (
	"slices"
	"strings"
	"testing"
)

// kinds is every kind of plant, and whether it has to be found.
var kinds = map[string]bool{
	ForgottenKey: true, DormantRole: true, UnusedPassword: true, OverPrivileged: true, AdminReadsOnly: true, NewNetwork: true, StolenInstance: true,
	SharedKey: true, RootUse: true, PassRoleUse: true, DeniedMissing: true, DeniedRegression: true, PolicyChange: true, DeniedSCP: true, DeniedRCP: true,
	DeniedBoundary: true, DeniedSession: true, DeniedEndpoint: true, DeniedTrust: true, DeniedKMS: true, DeniedNoMFA: true, DeniedPassRole: true,
	DeniedByService: true, DeniedConsole: true, Recon: true, SelfEscalation: true,
	QuietCI: false, QuietMobile: false, QuietNewHire: false, QuietMonthly: false, QuietNAT: false, QuietFailures: false, QuietBreakGlass: false,
}

// refused says which words a denial of a kind has.
var refused = map[string]string{
	DeniedMissing: "because no identity-based policy allows", DeniedRegression: "because no identity-based policy allows",
	DeniedSCP: "with an explicit deny in a service control policy: arn:aws:organizations::", DeniedRCP: "with an explicit deny in a resource control policy, with policy ARN: arn:",
	DeniedBoundary: "because no permissions boundary allows", DeniedSession: "because no session policy allows", DeniedEndpoint: "because no VPC endpoint policy allows",
	DeniedTrust: "because no role trust policy allows the sts:AssumeRole", DeniedKMS: "kms:Decrypt on the resource associated with this ciphertext",
	DeniedNoMFA: "with an explicit deny in an identity-based policy: arn:aws:iam::", DeniedPassRole: "not authorized to perform: iam:PassRole on resource: arn:",
	DeniedByService: "Access Denied", DeniedConsole: "because no identity-based policy allows",
}

func TestTruth(t *testing.T) {
	org := month
	events := map[string]record{}
	byActor := map[string][]record{}
	readArchive(t, org, func(_ string, r *record) {
		events[r.EventID] = *r
		byActor[r.actor()] = append(byActor[r.actor()], *r)
	})
	for kind, find := range kinds {
		plants := org.Truth.Find(kind)
		if len(plants) == 0 {
			t.Errorf("%s is not planted", kind)
		}
		for _, p := range plants {
			if p.MustFind != find || p.Detail == "" || p.Principal == "" || p.MustFind != (p.Severity != "") {
				t.Errorf("%s: %+v", kind, p)
			}
			checkPlant(t, p, events, refused)
		}
	}
	for _, p := range org.Truth.Plants {
		if _, ok := kinds[p.Kind]; !ok {
			t.Errorf("kind %s is not known here", p.Kind)
		}
	}
	checkQuiet(t, org, byActor)
}

// checkPlant holds a plant's events against its claims, and denials against
// the words of their kind.
func checkPlant(t *testing.T, p Plant, events map[string]record, refused map[string]string) {
	t.Helper()
	if len(p.Events) == 0 && !unstaged[p.Kind] || !slices.IsSorted(p.Events) {
		t.Errorf("%s: %d events", p.Kind, len(p.Events))
	}
	atAddress := 0
	for _, id := range p.Events {
		r, ok := events[id]
		if !ok {
			t.Errorf("%s: event %s is not in the archive", p.Kind, id)
			continue
		}
		if r.actor() != p.Principal || r.RecipientAccountID != p.Account {
			t.Errorf("%s: event %s is of %s in %s, not of %s in %s", p.Kind, id, r.actor(), r.RecipientAccountID, p.Principal, p.Account)
		}
		if p.Credential != "" && r.UserIdentity.AccessKeyID != p.Credential {
			t.Errorf("%s: event %s is signed by %s", p.Kind, id, r.UserIdentity.AccessKeyID)
		}
		if words := refused[p.Kind]; words != "" && !strings.Contains(r.ErrorMessage, words) {
			t.Errorf("%s: event %s says %q", p.Kind, id, r.ErrorMessage)
		}
		if r.SourceIPAddress == p.Address {
			atAddress++
		}
	}
	if p.Address != "" && (atAddress == 0 || atAddress < len(p.Events) && p.Kind != SharedKey) {
		t.Errorf("%s: %d of %d events come from %s", p.Kind, atAddress, len(p.Events), p.Address)
	}
}

// checkQuiet holds the quiet actors: what they were denied, where they were.
func checkQuiet(t *testing.T, org *Org, byActor map[string][]record) {
	t.Helper()
	for _, p := range org.Truth.Quiet() {
		list := byActor[p.Principal]
		if len(list) == 0 {
			t.Errorf("%s: %s does nothing", p.Kind, p.Principal)
		}
		networks := map[string]bool{}
		for _, r := range list {
			networks[r.SourceIPAddress] = true
			if strings.Contains(r.ErrorCode, "AccessDenied") || strings.Contains(r.ErrorCode, "Unauthorized") {
				t.Errorf("%s: %s was denied %s", p.Kind, p.Principal, r.EventName)
			}
		}
		if many := p.Kind == QuietCI || p.Kind == QuietMobile; many && len(networks) < 10 {
			t.Errorf("%s: only %d networks", p.Kind, len(networks))
		}
		if p.Kind == QuietNAT && (!networks[dataNAT] || !networks[newDataNAT]) {
			t.Errorf("%s: networks %v", p.Kind, networks)
		}
	}
}

// TestStolenIsUsedOnTheInstanceToo holds the order that makes it a theft.
func TestStolenIsUsedOnTheInstanceToo(t *testing.T) {
	org := month
	p := org.Truth.Find(StolenInstance)[0]
	var before, after bool
	var first string
	readArchive(t, org, func(_ string, r *record) {
		if r.UserIdentity.AccessKeyID != p.Credential {
			return
		}
		if r.SourceIPAddress == p.Address {
			first = r.EventTime
		} else {
			before, after = before || first == "", after || first != ""
		}
	})
	if first == "" || !before || !after || !strings.HasPrefix(p.Session, "i-") {
		t.Errorf("stolen at %q, before %t, after %t, session %q", first, before, after, p.Session)
	}
}

func TestShortArchivesLeaveOutOldPlants(t *testing.T) {
	cfg := small()
	cfg.Days, cfg.Events = 2, 1500
	org := generate(t, cfg)
	if n := len(org.Truth.Find(NewNetwork)); n != 0 {
		t.Errorf("new network of day 5 before the end is claimed for 2 days")
	}
	if len(org.Truth.Find(SelfEscalation)) != 1 || len(org.Truth.Find(ForgottenKey)) != 1 {
		t.Error("plants of the last two days and of the state are missing")
	}
}
