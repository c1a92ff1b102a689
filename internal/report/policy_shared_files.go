package report

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// shared adds the pages and the code of what principals share, below a folder
// of their own: they are the other way to do what the principals' own do.
func (f *policyFiles) shared(p *rules.Policies, format string, o PlanOptions) []string {
	var pages []string
	taken := map[string]bool{}
	for i := range p.Shared {
		s := &p.Shared[i]
		if s.Confidence == "too early" || s.Confidence != "ready" && !o.Review {
			continue
		}
		base := sharedBase(s, taken)
		if base == "" {
			continue
		}
		pages = append(pages, base+".md")
		f.sharedOne(s, base, format, p)
	}
	return pages
}

// sharedBase is the place of a shared proposal's files: 111122223333/shared/policy-NAME; empty where its name is none that AWS gives.
func sharedBase(s *rules.Shared, taken map[string]bool) string {
	dir := "organisation"
	if len(s.Accounts) == 1 {
		dir = s.Accounts[0]
	}
	if !iamName.MatchString(s.Name) || !regexp.MustCompile(`^(organisation|\d{12})$`).MatchString(dir) {
		return ""
	}
	base := path.Join(dir, "shared", strings.ReplaceAll(s.Kind, " ", "-")+"-"+s.Name)
	for n, stem := 2, base; taken[strings.ToLower(base)]; n++ {
		base = fmt.Sprintf("%s-%d", stem, n)
	}
	taken[strings.ToLower(base)] = true
	return base
}

func (f *policyFiles) sharedOne(s *rules.Shared, base, format string, p *rules.Policies) {
	from, dir := len(f.files), path.Dir(base)
	if n := sharedPlan(s, p); n != nil && format != "json" {
		n.dir = "shared"
		f.code(n, base, format)
	} else {
		f.sharedDocuments(s, base)
	}
	var beside []string
	for _, c := range f.files[from:] {
		beside = append(beside, c.Name[len(dir)+1:])
	}
	f.add(base+".md", false, func(w io.Writer) error { return SharedPage(w, s, beside) })
}

// sharedDocuments writes what is proposed, and the policies apart.
func (f *policyFiles) sharedDocuments(s *rules.Shared, base string) {
	taken := map[string]bool{}
	write := func(name string, r *rules.PolicyRef) {
		if text := documentText(r); text != nil && iamName.MatchString(name) && !taken[name] {
			taken[name] = true
			f.data(path.Join(base, strings.TrimLeft(name, ".-")+".json"), false, append(bytes.Clone(text), '\n'))
		}
	}
	for i := range s.Proposed {
		write(s.Proposed[i].Name, &s.Proposed[i])
	}
	for i := range s.Split {
		write(fmt.Sprintf("apart-%d", i+1), &rules.PolicyRef{Document: s.Split[i].Document})
	}
}

// sharedPlan is the plan for a managed policy that is edited in place; nil for what no tool does in one step.
func sharedPlan(s *rules.Shared, p *rules.Policies) *PolicyPlan {
	if s.Kind != "policy" || !iamPolicy.MatchString(s.ARN) || strings.Contains(s.ARN, ":iam::aws:") || len(s.Proposed) != 1 || s.Proposed[0].Source != s.ARN || len(s.Current) != 1 {
		return nil
	}
	q := &rules.Proposal{Principal: s.ARN, AccountID: s.Accounts[0], Current: s.Current, Proposed: s.Proposed, Removed: s.Removed, Backtest: s.Backtest,
		Confidence: s.Confidence, Replay: s.Replay, NoNewAccess: s.NoNewAccess, Score: s.Score}
	step := PolicyStep{Kind: StepVersion, Name: s.Name, ARN: s.ARN, Old: documentText(&s.Current[0]), New: documentText(&s.Proposed[0])}
	if step.Old == nil || step.New == nil || bytes.Equal(step.Old, step.New) {
		return nil
	}
	return &PolicyPlan{Kind: "policy", Name: s.Name, AccountID: s.Accounts[0], Proposal: q, Window: p.Window, Steps: []PolicyStep{step}}
}

// sharedIndex lists the pages of what principals share.
func (m *pages) sharedIndex(p *rules.Policies, files []string) {
	if len(files) == 0 {
		return
	}
	m.heading("Shared by several")
	m.line("The other way round: one policy, sized for all who have it, in the place of one for each. Take the one or the other for a policy, not both.\n")
	for _, f := range files {
		m.line("- [", markdown(strings.TrimSuffix(path.Base(f), ".md")), "](", link(f), "), ", markdown(strings.Split(f, "/")[0]))
	}
	if early := slices.DeleteFunc(slices.Clone(p.Shared), func(s rules.Shared) bool { return s.Confidence != "too early" }); len(early) > 0 {
		m.line("\nOf ", count(len(early), "more"), " it is too early to tell.")
	}
}
