package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

// must runs the program and returns its output; it has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(context.Background(), args, streams{strings.NewReader(""), &out, &errs}); code != 0 {
		t.Fatalf("trimtrail %s: exit %d\n%s", strings.Join(args, " "), code, &errs)
	}
	return out.String()
}

// rulesFor are the rules that have to tell of a planted case; any one of them will do.
var rulesFor = map[string][]string{
	orgsim.ForgottenKey: {"TT-C01"}, orgsim.DormantRole: {"TT-C03"}, orgsim.UnusedPassword: {"TT-C02"},
	orgsim.OverPrivileged: {"TT-C06"}, orgsim.AdminReadsOnly: {"TT-P03"}, orgsim.NewNetwork: {"TT-A03"},
	orgsim.StolenInstance: {"TT-A01"}, orgsim.SharedKey: {"TT-P05"}, orgsim.RootUse: {"TT-P01"},
	orgsim.DeniedMissing: {"TT-D01"}, orgsim.DeniedRegression: {"TT-D03"}, orgsim.DeniedSCP: {"TT-D04"},
	orgsim.DeniedRCP: {"TT-D04"}, orgsim.DeniedBoundary: {"TT-D04"}, orgsim.DeniedSession: {"TT-D04"},
	orgsim.DeniedEndpoint: {"TT-D04"}, orgsim.DeniedTrust: {"TT-D04"}, orgsim.DeniedKMS: {"TT-D01", "TT-D08"},
	orgsim.DeniedNoMFA: {"TT-D09"}, orgsim.DeniedPassRole: {"TT-D10"}, orgsim.DeniedByService: {"TT-D06"},
	orgsim.DeniedConsole: {"TT-D01"}, orgsim.Recon: {"TT-D05"}, orgsim.SelfEscalation: {"TT-D02"},
}

// notFindings are planted cases that show elsewhere: in a proposal that keeps
// iam:PassRole, and in the finding on the role that lost a policy.
var notFindings = []string{orgsim.PassRoleUse, orgsim.PolicyChange}

// TestPlantedTruth goes the whole way with the program on a generated
// organisation, for two seeds, and holds its findings and proposals against
// what was planted.
func TestPlantedTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("goes the whole way several times")
	}
	for _, seed := range []uint64{1, 7} {
		dir := t.TempDir()
		cfg := orgsim.Default()
		cfg.Seed, cfg.Events = seed, 30_000
		org, err := orgsim.Generate(dir, cfg)
		if err != nil {
			t.Fatal(err)
		}
		lake := filepath.Join(dir, "lake")
		must(t, "ingest", org.Archive, "--lake", lake, "--format", "json")
		must(t, "iam", "load", org.IAM, "--lake", lake, "--taken-at", org.End.Format("2006-01-02T15:04:05Z"))
		var f rules.Findings
		decode(t, must(t, "analyze", "--lake", lake, "--format", "json"), &f)
		for _, p := range org.Truth.Plants {
			if p.MustFind {
				found(t, seed, p, &f)
			} else {
				quiet(t, seed, p, &f)
			}
		}
		keepsPassRole(t, org, lake)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func found(t *testing.T, seed uint64, p orgsim.Plant, f *rules.Findings) {
	t.Helper()
	want := rulesFor[p.Kind]
	if want == nil && !slices.Contains(notFindings, p.Kind) {
		t.Errorf("no rule is named for %s", p.Kind)
	}
	if want != nil && !slices.ContainsFunc(f.Findings, func(x rules.Finding) bool { return tells(&x, &p, want) }) {
		t.Errorf("seed %d: %s of %s (%s): no finding of %s", seed, p.Kind, p.Principal, p.Detail, strings.Join(want, " or "))
	}
}

// tells reports whether x is about p: the principal, one of the rules, and,
// where p has events and an address, the address.
func tells(x *rules.Finding, p *orgsim.Plant, want []string) bool {
	if x.Principal != p.Principal || !slices.Contains(want, x.Rule) {
		return false
	}
	intruder := p.Kind == orgsim.StolenInstance || p.Kind == orgsim.NewNetwork || p.Kind == orgsim.SelfEscalation
	return !intruder || slices.Contains(x.Evidence.Addresses, p.Address)
}

// quiet holds that nothing alarms about p: no network, no denial, nothing
// above low but permissions that it does not use or that lead to more.
func quiet(t *testing.T, seed uint64, p orgsim.Plant, f *rules.Findings) {
	t.Helper()
	for _, x := range f.Findings {
		family := strings.HasPrefix(x.Rule, "TT-A") || strings.HasPrefix(x.Rule, "TT-D")
		loud := atLeast(x.Severity, "medium") && x.Rule != "TT-C06" && x.Rule != "TT-P08"
		if x.Principal == p.Principal && (family || loud) {
			t.Errorf("seed %d: %s of %s must stay quiet: %s %s %q", seed, p.Kind, p.Principal, x.Rule, x.Severity, x.Title)
		}
	}
}

// keepsPassRole holds that the proposal for who passes roles keeps that, for the roles seen.
func keepsPassRole(t *testing.T, org *orgsim.Org, lake string) {
	t.Helper()
	for _, p := range org.Truth.Find(orgsim.PassRoleUse) {
		var ps rules.Policies
		decode(t, must(t, "policy", p.Principal, "--lake", lake, "--format", "json"), &ps)
		i := slices.IndexFunc(ps.Policies[0].Kept, func(k rules.Kept) bool { return k.Action == "iam:PassRole" })
		if i < 0 {
			t.Fatalf("the proposal for %s lost iam:PassRole", p.Principal)
		}
		for _, r := range p.Resources {
			if strings.Contains(r, ":role/") && !slices.Contains(ps.Policies[0].Kept[i].Resources, r) {
				t.Errorf("the proposal for %s passes %v, not %s", p.Principal, ps.Policies[0].Kept[i].Resources, r)
			}
		}
	}
}
