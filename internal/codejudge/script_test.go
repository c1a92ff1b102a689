package codejudge

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/trimtrail/trimtrail/rules"
)

// TestScriptsAreClean holds every script against bash's parser and shellcheck.
func TestScriptsAreClean(t *testing.T) {
	w := theWorld(t)
	scripts := append(files(t, w.write(t, "cli"), ".sh"), files(t, w.write(t, "cloudformation"), ".sh")...)
	for _, s := range scripts {
		if out, err := exec.Command(judge(t, "bash"), "-n", s).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", s, err, out)
		}
	}
	if out, err := exec.Command(judge(t, "shellcheck"), scripts...).CombinedOutput(); err != nil {
		t.Errorf("shellcheck: %v\n%s", err, out)
	}
}

var calls = regexp.MustCompile(`(?m)^(?:step|keep) \S+ aws iam ([a-z-]+)`)

// kinds are the calls that a script makes: scripts of the same kinds are alike.
func kinds(t *testing.T, script string) string {
	t.Helper()
	data, err := os.ReadFile(script)
	check(t, err)
	var out []string
	for _, m := range calls.FindAllStringSubmatch(string(data), -1) {
		if !strings.HasPrefix(m[1], "get-") {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// TestScriptsOnMoto runs scripts on the accounts that they are for: afterwards
// each principal has what was proposed, and after the rollback what it had.
// Without TRIMTRAIL_ALL_SCRIPTS=1 those of each kind that come first are run.
func TestScriptsOnMoto(t *testing.T) {
	judge(t, "aws")
	w := theWorld(t)
	dir := w.write(t, "cli")
	ran := map[string]int{}
	servers := map[string]*account{}
	for i := range w.proposals {
		p := &w.proposals[i]
		script := filepath.Join(dir, base(p)+".sh")
		if _, err := os.Stat(script); err != nil {
			continue
		}
		k := kinds(t, script)
		if ran[k] > 0 && os.Getenv("TRIMTRAIL_ALL_SCRIPTS") != "1" {
			continue
		}
		a := servers[p.AccountID]
		if a == nil {
			a = serve(t, p.AccountID)
			a.fill(w, p.AccountID)
			servers[p.AccountID] = a
		}
		if slices.ContainsFunc(p.Current, func(r rules.PolicyRef) bool { return a.unknown[r.Source] }) {
			t.Logf("%s: not tried, since the server lacks a policy of AWS that it has", p.Principal)
			continue
		}
		ran[k]++
		a.thereAndBack(p, script)
	}
	t.Logf("kinds of scripts: %v", ran)
	if len(ran) < 4 {
		t.Errorf("only %d kinds of scripts", len(ran))
	}
}

func (a *account) thereAndBack(p *rules.Proposal, script string) {
	t := a.t
	t.Helper()
	if diff := same(a.holding(p), holdingOf(p.Current)); diff != "" {
		t.Errorf("%s before: %s", p.Principal, diff)
	}
	if out, err := a.bash(script); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := same(a.holding(p), holdingOf(p.Proposed)); diff != "" {
		t.Errorf("%s applied: %s", p.Principal, diff)
	}
	if out, err := a.bash(strings.TrimSuffix(script, ".sh") + ".rollback.sh"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := same(a.holding(p), holdingOf(p.Current)); diff != "" {
		t.Errorf("%s taken back: %s", p.Principal, diff)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(script), "*.saved")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// proposalFor finds a proposal whose script makes all these calls.
func (w *world) proposalFor(t *testing.T, dir string, want ...string) (*rules.Proposal, string) {
	t.Helper()
	for i := range w.proposals {
		p := &w.proposals[i]
		script := filepath.Join(dir, base(p)+".sh")
		if _, err := os.Stat(script); err != nil {
			continue
		}
		made := strings.Fields(kinds(t, script))
		if !slices.ContainsFunc(want, func(c string) bool { return !slices.Contains(made, c) }) {
			return p, script
		}
	}
	t.Fatalf("no script with %v", want)
	return nil, ""
}

// TestScriptStopsAtFiveVersions holds that a policy without room for another
// version stops the script before it has changed anything, with the way out.
func TestScriptStopsAtFiveVersions(t *testing.T) {
	judge(t, "aws")
	w := theWorld(t)
	p, script := w.proposalFor(t, w.write(t, "cli"), "create-policy-version")
	a := serve(t, p.AccountID)
	a.fill(w, p.AccountID)
	i := slices.IndexFunc(p.Proposed, func(r rules.PolicyRef) bool { return strings.Contains(r.Source, ":iam::"+p.AccountID+":policy/") })
	arn := p.Proposed[i].Source
	for range 4 {
		doc := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
		_, err := a.client.CreatePolicyVersion(context.Background(), &sdk.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &doc})
		check(t, err)
	}
	out, err := a.bash(script)
	if err == nil || !strings.Contains(out, "aws iam delete-policy-version --policy-arn "+arn+" --version-id v2") {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := same(a.holding(p), holdingOf(p.Current)); diff != "" {
		t.Errorf("changed: %s", diff)
	}
}

// TestScriptRefusesAnotherAccount holds that credentials of another account change nothing.
func TestScriptRefusesAnotherAccount(t *testing.T) {
	judge(t, "aws")
	w := theWorld(t)
	_, script := w.proposalFor(t, w.write(t, "cli"))
	a := serve(t, "999988887777")
	if out, err := a.bash(script); err == nil || !strings.Contains(out, "these credentials are of account 999988887777") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestScriptGoesOn breaks a script off at a step, and holds that another run
// finishes it, and that the rollback of the broken one restores all.
func TestScriptGoesOn(t *testing.T) {
	aws := judge(t, "aws")
	w := theWorld(t)
	p, script := w.proposalFor(t, w.write(t, "cli"), "create-policy", "remove-user-from-group")
	a := serve(t, p.AccountID)
	a.fill(w, p.AccountID)
	bin := t.TempDir()
	wrapper := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *remove-user-from-group*) exit 9;; esac\nexec %s \"$@\"\n", aws)
	check(t, os.WriteFile(filepath.Join(bin, "aws"), []byte(wrapper), 0o755))
	broken := "PATH=" + bin + ":" + os.Getenv("PATH")
	for _, finish := range []string{script, strings.TrimSuffix(script, ".sh") + ".rollback.sh"} {
		if out, err := a.bash(script, broken); err == nil {
			t.Fatalf("a failing step went unnoticed\n%s", out)
		}
		if out, err := a.bash(finish); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		want := holdingOf(p.Proposed)
		if finish != script {
			want = holdingOf(p.Current)
		}
		if diff := same(a.holding(p), want); diff != "" {
			t.Errorf("%s: %s", filepath.Base(finish), diff)
		}
		if finish == script {
			if out, err := a.bash(strings.TrimSuffix(script, ".sh") + ".rollback.sh"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
	}
}
