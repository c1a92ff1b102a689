package orgsim

import (
	"slices"
	"strings"
	"testing"
)

// holdoutRefused says which words a denial of a kind has.
var holdoutRefused = map[string]string{
	DeniedMissing: "because no identity-based policy allows", DeniedRegression: "because no identity-based policy allows", DeniedConsole: "because no identity-based policy allows",
	DeniedSCP: "because no service control policy allows", DeniedRCP: "with an explicit deny in a resource control policy, with policy ARN: arn:",
	DeniedBoundary: "with an explicit deny in a permissions boundary: arn:", DeniedSession: "with an explicit deny in a session policy",
	DeniedEndpoint: "with an explicit deny in a VPC endpoint policy", DeniedTrust: "because no role trust policy allows the sts:AssumeRole",
	DeniedKMS: "kms:Decrypt on the resource associated with this ciphertext", DeniedNoMFA: "with an explicit deny in an identity-based policy",
	DeniedPassRole: "not authorized to perform: iam:PassRole on resource: arn:", DeniedByService: "Access Denied", DeniedBare: "Access Denied",
	DeniedResource: "because no resource-based policy allows", DeniedByIdentity: "with an explicit deny in an identity-based policy, with policy ARN: arn:aws:iam::",
}

var secondRefused = map[string]string{
	DeniedMissing: "because no identity-based policy allows", DeniedResource: "because no resource-based policy allows",
	DeniedSCP: "with an explicit deny in a service control policy, with policy ARN: arn:",
}

// TestHoldoutTruth holds the hold-outs' plants against their archives: every
// planted event is there as claimed, and what must stay quiet does something.
func TestHoldoutTruth(t *testing.T) {
	checkHoldout(t, HoldoutPersonas(), holdoutRefused)
	checkHoldout(t, SecondPersonas(), secondRefused)
	checkHoldout(t, ThirdPersonas(), map[string]string{DeniedMissing: "because no identity-based policy allows"})
	checkHoldout(t, FourthPersonas(), map[string]string{DeniedMissing: "because no identity-based policy allows"})
	checkHoldout(t, FifthPersonas(), map[string]string{DeniedMissing: "because no identity-based policy allows"})
}

func checkHoldout(t *testing.T, cast []Persona, refused map[string]string) {
	t.Helper()
	cfg := small()
	cfg.Personas, cfg.Days, cfg.Events = cast, 90, 8_000
	org := generate(t, cfg)
	events, acts := map[string]record{}, map[string]int{}
	readArchive(t, org, func(_ string, r *record) {
		events[r.EventID] = *r
		acts[r.actor()]++
	})
	checkGranted(t, org)
	idle := []string{QuietYoung, QuietDataOnly, QuietBreakGlass}
	seen := map[string]int{}
	for _, p := range org.Truth.Plants {
		seen[p.Kind]++
		switch {
		case p.MustFind:
			checkPlant(t, p, events, refused)
		case !strings.HasPrefix(p.Kind, "quiet-"):
			t.Errorf("%s is not to be found and not called quiet", p.Kind)
		case acts[p.Principal] == 0 && !slices.Contains(idle, p.Kind):
			t.Errorf("%s: %s does nothing", p.Kind, p.Principal)
		}
	}
	for kind := range plantsIn(cast) {
		if seen[kind] == 0 {
			t.Errorf("%s is planted and not told", kind)
		}
	}
}

func plantsIn(ps []Persona) map[string]bool {
	out := map[string]bool{}
	for _, p := range ps {
		for _, pl := range p.Plants {
			out[pl.Kind] = true
		}
	}
	return out
}
