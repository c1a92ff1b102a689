package codejudge

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// nasty are texts that one of the languages would read as its own.
var nasty = []string{
	"${aws:username}", "$${x}", "$$${x}", "${$}", "${*}", "%{if true}x%{endif}", "%%{x}", "%%%{x}", "a$", "a%", "$", "`id`", "$(touch pwned)", "'; touch pwned; '", "\"; touch pwned; \"",
	"\nJSON\ntouch pwned\n", "JSON", "EOF", "\\", "\\\\n", "\\u0024{x}", "\x00", "\x1b[2J", "\u202egnp", "\u2028", "\U000e0041", "\U0001f600", "é", "<!--", "```", "| a |", "{{resolve", "#{x}", "!Ref x", "~>", "*/", "<<JSON",
}

// nastyProposal has every nasty text as a resource, a Sid and a condition, in
// a policy of each place, for a role with a path and name of IAM's oddest characters.
func nastyProposal(t *testing.T) *rules.Policies {
	t.Helper()
	document := func(effect iam.Effect) *iam.Document {
		d := &iam.Document{Version: "2012-10-17"}
		for _, n := range nasty {
			d.Statements = append(d.Statements, iam.Statement{Sid: n, Effect: effect, Action: iam.StringList{Values: []string{"s3:GetObject"}},
				Resource:  iam.StringList{Values: []string{"arn:aws:s3:::b/" + n}},
				Condition: map[string]map[string]iam.StringList{"StringLike": {"aws:PrincipalTag/" + n: {Values: []string{n}}}}})
		}
		return d
	}
	const own = "arn:aws:iam::111122223333:policy/a'b\"c${d}%{e}/own"
	old, next := document(iam.Deny), document(iam.Allow)
	return &rules.Policies{Policies: []rules.Proposal{{
		Principal: "arn:aws:iam::111122223333:role/a'$(id>pwned2)/-x=+,.@_y", AccountID: "111122223333", Confidence: "ready", Warnings: nasty,
		Kept:   []rules.Kept{{Action: strings.Join(nasty, " "), Why: "used"}},
		Denied: nasty,
		Current: []rules.PolicyRef{{Name: "-in", Source: "inline", Document: old}, {Name: "gone", Source: "inline", Document: old}, {Name: "own", Source: own, Document: old},
			{Name: "AdministratorAccess", Source: "arn:aws:iam::aws:policy/AdministratorAccess", Document: old}},
		Proposed: []rules.PolicyRef{{Name: "-in", Source: "inline", Document: next}, {Name: "own", Source: own, Document: next},
			{Name: "new", Document: next, Replaces: "arn:aws:iam::aws:policy/AdministratorAccess"}},
	}}}
}

func planned(t *testing.T) (*rules.Proposal, []report.PolicyPlan) {
	t.Helper()
	p := nastyProposal(t)
	plans, left := report.PolicyPlans(p, report.PlanOptions{})
	if len(plans) != 1 || len(left) != 0 {
		t.Fatalf("%d plans, left out %v", len(plans), left)
	}
	return &p.Policies[0], plans
}

func TestHostileTerraform(t *testing.T) {
	p, plans := planned(t)
	var b bytes.Buffer
	check(t, plans[0].Terraform(&b))
	h, m := holdingOf(p.Current), readModule(t, "hostile", b.Bytes(), p.AccountID)
	m.apply(t, p, &h)
	if diff := same(h, holdingOf(p.Proposed)); diff != "" {
		t.Error(diff)
	}
	var before bytes.Buffer
	check(t, plans[0].TerraformBefore(&before))
	back := readModule(t, "before", before.Bytes(), p.AccountID)
	back.destroy(m, &h)
	back.apply(t, p, &h)
	if diff := same(h, holdingOf(p.Current)); diff != "" {
		t.Errorf("taken back: %s", diff)
	}
	if strings.ContainsAny(b.String(), "\x00\x1b\u202e\u2028\U000e0041") {
		t.Error("the file has characters that hide")
	}
}

func TestHostileCloudFormation(t *testing.T) {
	p, plans := planned(t)
	c, err := report.PolicyTemplates(plans)
	check(t, err)
	var m template
	check(t, json.Unmarshal(c.Template, &m))
	got := newHolding()
	m.apply(p, &got)
	got.Attached["x"] = nil
	if want := holdingOf(p.Proposed); len(got.Inline) != 1 || !reflect.DeepEqual(got.Inline["-in"], want.Inline["-in"]) {
		t.Errorf("inline %v", got.Inline)
	}
	p.Proposed[0].Document.Statements[0].Resource.Values[0] = "arn:aws:s3:::b/{{resolve:ssm:secret}}"
	plans, _ = report.PolicyPlans(&rules.Policies{Policies: []rules.Proposal{*p}}, report.PlanOptions{})
	if _, err := report.PolicyTemplates(plans); err == nil {
		t.Error("a dynamic reference goes into the template")
	}
}

// fakeAWS writes its arguments, each ended by a zero byte, to the file $CALLS, and answers like AWS.
const fakeAWS = `#!/bin/bash
printf '%s\0' "$@" '' >>"$CALLS"
case "$*" in
*get-caller-identity*) echo 111122223333 ;;
*list-policy-versions*length*) echo 1 ;;
*get-policy\ *) echo v1 ;;
*create-policy-version*) echo v2 ;;
*) echo '{}' ;;
esac
`

// TestHostileScript runs the script, and its rollback, against a program that
// notes how it is called.
func TestHostileScript(t *testing.T) {
	p, plans := planned(t)
	dir, bin := t.TempDir(), t.TempDir()
	check(t, os.WriteFile(filepath.Join(bin, "aws"), []byte(fakeAWS), 0o755))
	var b bytes.Buffer
	check(t, report.PolicyScript(&b, plans))
	made := runScript(t, dir, bin, b.Bytes())
	want, _ := json.Marshal(decoded(p.Proposed[0].Document.JSON()))
	docs := 0
	for _, call := range made {
		if i := slices.Index(call, "--policy-document"); i >= 0 {
			docs++
			if got, _ := json.Marshal(decoded([]byte(call[i+1]))); !bytes.Equal(got, want) {
				t.Errorf("%v: document %.200s", call[:3], call[i+1])
			}
		}
	}
	if docs != 3 {
		t.Errorf("%d documents", docs)
	}
	for _, want := range [][]string{
		{"put-role-policy", "--role-name=-x=+,.@_y", "--policy-name=-in"},
		{"create-policy-version", p.Current[2].Source},
		{"attach-role-policy", "arn:aws:iam::111122223333:policy/new"},
		{"detach-role-policy", "arn:aws:iam::aws:policy/AdministratorAccess"},
		{"delete-role-policy", "gone"},
	} {
		if !slices.ContainsFunc(made, func(call []string) bool { return containsAll(call, want) }) {
			t.Errorf("no call with %q in %q", want, made)
		}
	}
	b.Reset()
	check(t, report.PolicyRollback(&b, plans))
	back := runScript(t, dir, bin, b.Bytes())
	if !slices.ContainsFunc(back, func(call []string) bool {
		return containsAll(call, []string{"set-default-policy-version", p.Current[2].Source, "v1"})
	}) {
		t.Errorf("rolled back by %q", back)
	}
}

func containsAll(list, want []string) bool {
	return !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(list, s) })
}

func runScript(t *testing.T, dir, bin string, script []byte) (calls [][]string) {
	t.Helper()
	file := filepath.Join(dir, "script.sh")
	check(t, os.WriteFile(file, script, 0o755))
	log := filepath.Join(t.TempDir(), "calls")
	cmd := exec.Command(judge(t, "bash"), file)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "CALLS=" + log}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(log)
	check(t, err)
	for call := range strings.SplitSeq(strings.TrimSuffix(string(data), "\x00\x00"), "\x00\x00") {
		calls = append(calls, strings.Split(call, "\x00"))
	}
	if planted, _ := filepath.Glob(filepath.Join(dir, "pwned*")); len(planted) > 0 {
		t.Error("a text of the policy was run")
	}
	return calls
}

// TestHostilePage holds that a page shows what it is given, and nothing more.
func TestHostilePage(t *testing.T) {
	_, plans := planned(t)
	var b bytes.Buffer
	check(t, report.PolicyPage(&b, &plans[0], []string{"a b(c).tf"}))
	fenced := false
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if !fenced && strings.Contains(line, "<!--") && !strings.Contains(line, `\<!--`) && !strings.Contains(line, "`") {
			t.Errorf("markup in %q", line)
		}
	}
	if fenced || strings.ContainsAny(b.String(), "\x00\x1b\u202e\u2028") {
		t.Error("the page is not closed, or has characters that hide")
	}
}
