package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// TestPolicyCheck checks what the demo proposes, which fits, and what it has now, which does not.
func TestPolicyCheck(t *testing.T) {
	if testing.Short() {
		t.Skip("goes the whole way several times")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	must(t, "demo", "--dir", dir, "--events", "60000")
	lake := filepath.Join(dir, "lake")
	proposed, err := filepath.Glob(filepath.Join(dir, "policies", "*", "role-checkout-api", "*.json"))
	if err != nil || len(proposed) != 1 {
		t.Fatalf("%v, %v", proposed, err)
	}
	var now rules.Policies
	decode(t, must(t, "policy", "role/checkout-api", "--lake", lake, "--format", "json"), &now)
	wide := filepath.Join(t.TempDir(), now.Policies[0].Current[0].Name+".json")
	data, err := json.Marshal(now.Policies[0].Current[0].Document)
	if err == nil {
		err = os.WriteFile(wide, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		args    []string
		code    int
		verdict string
	}{
		{"the proposal", []string{proposed[0], "--fail-on", "any"}, 0, "fits"},
		{"what it has, in CI", []string{wide, "--fail-on", "over"}, exitFindings, "over"},
		{"what it has, where only too little matters", []string{wide, "--fail-on", "under"}, 0, "over"},
		{"another's", []string{proposed[0], "--principal", "role/web", "--fail-on", "under"}, exitFindings, "over and under"},
		{"another's beside its own", []string{proposed[0], "--principal", "role/web", "--beside", "--fail-on", "under"}, 0, "over"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := try(append([]string{"policy", "check", "--lake", lake, "--format", "json"}, c.args...)...)
			var got rules.Checks
			decode(t, out, &got)
			if code != c.code || got.Schema != "trimtrail.policy-check/1" || len(got.Checks) != 1 || got.Checks[0].Verdict != c.verdict {
				t.Errorf("exit %d, want %d with %q: %s%s", code, c.code, c.verdict, out, errs)
			}
		})
	}
	if text := must(t, "policy", "check", "--lake", lake, wide); !strings.Contains(text, "OVER · role/checkout-api") {
		t.Errorf("as text:\n%s", text)
	}
	policyCode(t, lake)
	policyRestore(t, lake)
	policyCheckMistakes(t, lake, wide)
}

// policyRestore gives proposals of a month ago back: what they would have
// taken away, and is denied since, is told.
func policyRestore(t *testing.T, lake string) {
	dir := filepath.Join(t.TempDir(), "proposals")
	must(t, "policy", "user/t.lindgren", "--lake", lake, "--as-of", "2026-05-01", "--include-review", "--out", dir)
	for _, from := range []string{dir, filepath.Join(dir, "policies.json")} {
		if out := must(t, "analyze", "user/t.lindgren", "--lake", lake, "--policies", from, "--format", "json"); !strings.Contains(out, `"TT-D12"`) || !strings.Contains(out, "RestoreEc2") {
			t.Errorf("nothing to restore in %s", out)
		}
	}
	if code, _, errs := try("analyze", "--lake", lake, "--policies", filepath.Join(dir, "README.md")); code != exitFailed || !strings.Contains(errs, "policy --out DIR") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func policyCheckMistakes(t *testing.T, lake, file string) {
	trust := filepath.Join(t.TempDir(), "trust.json")
	if err := os.WriteFile(trust, []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{}, exitUsage, "name the policy documents"},
		{[]string{file, "--beside"}, exitUsage, "--beside needs --principal"},
		{[]string{file, "--fail-on", "all"}, exitUsage, "over, under"},
		{[]string{file + "x"}, exitFailed, "no such file"},
		{[]string{trust}, exitFailed, "identity policy documents"},
		{[]string{file, "--principal", "nobody"}, exitFailed, `no principal "nobody"`},
		{[]string{file, "--principal", "role/security-audit"}, exitUsage, "give the ARN of one"},
	} {
		code, out, errs := try(append([]string{"policy", "check", "--lake", lake}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%v: exit %d, want %d with %q\n%s%s", c.args, code, c.code, c.says, out, errs)
		}
	}
}

// policyCode holds what goes to standard output as code, and what does not.
func policyCode(t *testing.T, lake string) {
	for format, want := range map[string]string{"terraform": `resource "aws_iam_policy" "role_checkout-api__checkout-secrets"`, "cloudformation": `"AWS::IAM::ManagedPolicy"`, "cli": "--set-as-default"} {
		if out := must(t, "policy", "role/checkout-api", "--lake", lake, "--format", format); !strings.Contains(out, want) {
			t.Errorf("%s:\n%s", format, out)
		}
	}
	if code, out, errs := try("policy", "--all", "--lake", lake, "--format", "cli"); code != exitUsage || out != "" || !strings.Contains(errs, "--out DIR") {
		t.Errorf("of several accounts: exit %d\n%s", code, errs)
	}
	if out := must(t, "policy", "role/batch-worker", "--lake", lake, "--format", "cli", "--include-review"); !strings.Contains(out, "role/batch-worker of account") {
		t.Errorf("asked for: %s", out)
	}
	if code, _, errs := try("policy", "user/break-glass", "--lake", lake, "--format", "cli", "--include-review"); code != exitFailed || !strings.Contains(errs, "too early") {
		t.Errorf("too early: exit %d\n%s", code, errs)
	}
}
