package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

const (
	planAllow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	planLess  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"}]}`
	planOwn   = "arn:aws:iam::111122223333:policy/team/own"
	planAWS   = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// planned is a proposal that takes a step of every kind.
func planned(t testing.TB) rules.Proposal {
	return rules.Proposal{
		Principal: "arn:aws:iam::111122223333:user/dev/alice", AccountID: "111122223333", Confidence: "ready", Coverage: 1,
		Current: []rules.PolicyRef{ref(t, "work", "inline", planAllow), ref(t, "old", "inline", planAllow), ref(t, "own", planOwn, planAllow),
			ref(t, "AdministratorAccess", planAWS, planAllow), ref(t, "a", "group:dev", planAllow), ref(t, "b", "group:dev", planAllow), ref(t, "same", "inline", planLess),
			{Name: "unread", Source: "arn:aws:iam::111122223333:policy/unread"}},
		Proposed: []rules.PolicyRef{ref(t, "work", "inline", planLess), ref(t, "own", planOwn, planLess), ref(t, "same", "inline", planLess),
			{Name: "AdministratorAccess-alice", Replaces: planAWS, Document: ref(t, "", "", planLess).Document},
			{Name: "unread", Source: "arn:aws:iam::111122223333:policy/unread"}},
		NoNewAccess: new(true), Score: &rules.Score{Current: 100, Proposed: 10},
	}
}

func onePlan(t *testing.T, p rules.Proposal) PolicyPlan {
	t.Helper()
	plans, left := PolicyPlans(&rules.Policies{Policies: []rules.Proposal{p}}, PlanOptions{Review: true})
	if len(plans) != 1 {
		t.Fatalf("no plan: %v", left)
	}
	return plans[0]
}

func stepsTaken(n *PolicyPlan) string {
	var out []string
	for _, s := range n.Steps {
		out = append(out, string(s.Kind)+" "+s.Name)
	}
	return strings.Join(out, ", ")
}

func TestPlanSteps(t *testing.T) {
	n := onePlan(t, planned(t))
	want := "create AdministratorAccess-alice, version own, put work, detach AdministratorAccess, delete old, leave dev"
	if got := stepsTaken(&n); got != want || n.Name != "alice" || n.Crowded {
		t.Errorf("%s takes the steps %s, want %s", n.Name, got, want)
	}
	p := planned(t)
	for i := range 9 {
		p.Current = append(p.Current, rules.PolicyRef{Name: "more", Source: fmt.Sprintf("arn:aws:iam::aws:policy/More%d", i)})
	}
	n = onePlan(t, p)
	if !n.Crowded || n.Steps[0].Kind != StepDetach {
		t.Errorf("twelve policies at once: %s", stepsTaken(&n))
	}
}

func TestPlansLeftOut(t *testing.T) {
	with := func(change func(*rules.Proposal)) rules.Proposal {
		p := planned(t)
		change(&p)
		return p
	}
	for _, c := range []struct {
		name, why string
		review    bool
		p         rules.Proposal
	}{
		{"too early, whatever is asked", leftEarly, true, with(func(p *rules.Proposal) { p.Confidence = "too early" })},
		{"to review, not asked for", leftReview, false, with(func(p *rules.Proposal) { p.Confidence = "review" })},
		{"to review, asked for", "", true, with(func(p *rules.Proposal) { p.Confidence = "review" })},
		{"nothing changes", leftSame, false, with(func(p *rules.Proposal) { p.Proposed = p.Current })},
		{"of another account", leftName, false, with(func(p *rules.Proposal) { p.AccountID = "444455556666" })},
		{"a root", leftName, false, with(func(p *rules.Proposal) { p.Principal = "arn:aws:iam::111122223333:root" })},
		{"a name with a space", leftName, false, with(func(p *rules.Proposal) { p.Principal += " b" })},
		{"a policy with a name that IAM does not give", "a policy of it", false, with(func(p *rules.Proposal) { p.Current[1].Name = "a b" })},
		{"a policy with an ARN that IAM does not give", "a policy of it", false, with(func(p *rules.Proposal) { p.Current[3].Source += "\n" })},
	} {
		t.Run(c.name, func(t *testing.T) {
			plans, left := PolicyPlans(&rules.Policies{Policies: []rules.Proposal{c.p}}, PlanOptions{Review: c.review})
			if c.why == "" {
				if len(plans) != 1 {
					t.Errorf("left out: %v", left)
				}
				return
			}
			if len(plans) != 0 || len(left) != 1 || !strings.HasPrefix(left[0].Why, c.why) {
				t.Errorf("%d plans, left out %v", len(plans), left)
			}
		})
	}
}

// TestPlanNames holds that no two principals of an account are given a new
// policy of one name, nor one that is there already.
func TestPlanNames(t *testing.T) {
	a, b, c := planned(t), planned(t), planned(t)
	b.Principal = "arn:aws:iam::111122223333:role/alice"
	b.Current, b.Proposed = b.Current[3:4], b.Proposed[3:4]
	c.Principal = "arn:aws:iam::111122223333:role/other"
	c.Current = []rules.PolicyRef{{Name: "x", Source: "arn:aws:iam::111122223333:policy/administratoraccess-ALICE"}}
	c.Proposed = c.Current
	plans, _ := PolicyPlans(&rules.Policies{Policies: []rules.Proposal{a, b, c}}, PlanOptions{})
	var names []string
	for i := range plans {
		names = append(names, plans[i].Steps[0].Name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "AdministratorAccess-alice-role-2 AdministratorAccess-alice-user-2" {
		t.Errorf("named %s", got)
	}
}

func TestPlanRank(t *testing.T) {
	p := &rules.Policies{}
	add := func(name string, change func(*rules.Proposal)) {
		q := planned(t)
		q.Principal = "arn:aws:iam::111122223333:user/" + name
		change(&q)
		p.Policies = append(p.Policies, q)
	}
	add("less", func(q *rules.Proposal) { q.Score.Current = 50 })
	add("unsure", func(q *rules.Proposal) { q.Coverage = 0.5 })
	add("best", func(*rules.Proposal) {})
	add("doubted", func(q *rules.Proposal) { q.Confidence = "review" })
	add("denied", func(q *rules.Proposal) { q.Backtest = rules.Backtest{Calls: 10, Denied: 9} })
	plans, _ := PolicyPlans(p, PlanOptions{Review: true})
	var order []string
	for i := range plans {
		order = append(order, plans[i].Name)
	}
	if got := strings.Join(order, " "); got != "best doubted unsure less denied" {
		t.Errorf("ranked %s", got)
	}
}

func TestPolicyCode(t *testing.T) {
	n := onePlan(t, planned(t))
	one := []PolicyPlan{n}
	c, err := PolicyTemplates(one)
	if err != nil {
		t.Fatal(err)
	}
	bytesOf := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(b); return err }
	}
	small := smallPolicies(t)
	small.Policies = append(small.Policies, planned(t))
	plans, left := PolicyPlans(small, PlanOptions{})
	for name, write := range map[string]func(io.Writer) error{
		"policy.tf":             n.Terraform,
		"policy-before.tf":      n.TerraformBefore,
		"policy-provider.tf":    func(w io.Writer) error { return TerraformAccount(w, "111122223333") },
		"policy.sh":             func(w io.Writer) error { return PolicyScript(w, one) },
		"policy.rollback.sh":    func(w io.Writer) error { return PolicyRollback(w, one) },
		"policy.template.json":  bytesOf(c.Template),
		"policy.import.json":    bytesOf(c.Import),
		"policy.resources.json": bytesOf(c.Resources),
		"policy.md":             func(w io.Writer) error { return PolicyPage(w, &n, []string{"user-alice.tf"}) },
		"policy-index.md":       func(w io.Writer) error { return PolicyIndex(w, small, "cli", plans, left) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
		})
	}
}

// TestByHand holds that roles of Identity Center get documents and a page, but no code.
func TestByHand(t *testing.T) {
	p := planned(t)
	p.Principal = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef"
	files, plans, _ := PolicyFiles(&rules.Policies{Policies: []rules.Proposal{p}}, "terraform", PlanOptions{})
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if len(plans) != 1 || plans[0].ByHand == "" || strings.Contains(strings.Join(names, " "), ".tf") || !slices.Contains(names, "111122223333/role-AWSReservedSSO_Dev_0123456789abcdef/work.json") {
		t.Errorf("%v", names)
	}
}

func TestPolicyChecks(t *testing.T) {
	c := &rules.Checks{Checks: []rules.Check{
		{Files: []string{"a.json"}, Principals: []string{"arn:aws:iam::111122223333:role/app"}, Verdict: "fits"},
		{Files: []string{"b.json", "c.json"}, Principals: []string{"arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:user/bo\x1bb"}, Verdict: "over and under",
			Over: []rules.Removed{{Action: "s3:DeleteObject", Level: "Write", Why: "not used in 90 days"}}, Wide: []rules.Wide{{Action: "s3:GetObject", Used: []string{"arn:aws:s3:::b/*"}}},
			Under:     []rules.Missing{{Principal: "arn:aws:iam::111122223333:role/app", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:111122223333:q", Count: 12, First: at(9, "10:00:00"), Last: at(2, "11:00:00"), Event: "e-1"}},
			Elsewhere: 3, Unobservable: 2, Notes: []string{"a note"}},
	}}
	var b bytes.Buffer
	if err := PolicyChecks(&b, c, TableOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	golden(t, "policy-check.txt", b.Bytes())
}
