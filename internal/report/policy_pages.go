package report

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// PolicyPage writes one plan as a page of Markdown for a pull request: what
// changes, the diff, the proof, and how to apply it and take it back. Files
// are the names of those that lie beside the page.
func PolicyPage(w io.Writer, n *PolicyPlan, files []string) error {
	p := copyOf(*n.Proposal, clean)
	m := &pages{}
	m.line("# ", markdown(n.Kind+"/"+n.Name))
	m.line()
	m.line("**", strings.ToUpper(p.Confidence), "** · account ", n.AccountID, " · ", markdown(basis(&p, n.Window)))
	m.line()
	m.line(codeSpan(n.Proposal.Principal))
	if n.ByHand != "" {
		m.line()
		m.line("> ", markdown(n.ByHand), ".")
	}
	m.changes(n)
	if n.Crowded {
		m.line("\n> ", markdown(crowdedNote), ".")
	}
	m.diff(n.Proposal.Current, n.Proposal.Proposed)
	m.proof(&p)
	m.conditions(&p)
	m.kept(&p)
	m.apply(n, files)
	_, err := w.Write(m.b.Bytes())
	return err
}

// PolicyIndex writes the index of a directory of pages: each plan with what it
// takes away and how sure that is, the best first; what was left out; and how
// policies of the format, one of PolicyFormats, are applied. Shared are the
// pages of what several principals have in common.
func PolicyIndex(w io.Writer, p *rules.Policies, format string, plans []PolicyPlan, left []LeftOut, shared ...string) error {
	m := &pages{}
	m.line("# Right-sized policies")
	m.line()
	m.line(fmt.Sprintf("%s, from %s. Each page has the diff, the proof and the way back. The first ones take most away and are surest: ",
		count(len(plans), "change"), windowText(p.Window)),
		"rank is the privilege that goes (of 100) times the share of use that is known, times the share of held-out calls that stayed allowed; half of that where somebody should look first.")
	m.line()
	if len(plans) > 0 {
		m.table("", "principal", "account", "verdict", "privilege", "size", "backtest", "rank")
	}
	for i := range plans {
		n := &plans[i]
		q := copyOf(*n.Proposal, clean)
		m.row(fmt.Sprint(i+1), "["+markdown(n.Kind+"/"+n.Name)+"]("+path.Join(n.AccountID, n.Base()+".md")+")", n.AccountID,
			strings.ToUpper(q.Confidence), scoreText(&q), markdown(sizeText(&q)), replay(&q.Backtest), fmt.Sprintf("%.1f", gain(&q)))
	}
	m.leftOut(left)
	m.sharedIndex(p, shared)
	for _, warning := range p.Warnings {
		m.line()
		m.line("> ", markdown(clean(warning)))
	}
	m.heading("Apply, and take back")
	m.line(applying[format])
	_, err := w.Write(m.b.Bytes())
	return err
}

// applying says how to apply policies of each format and how to take them back.
var applying = map[string]string{
	"json": "Documents of all policies that each principal is to have, in a folder of its name, for wherever your policies are kept.",
	"terraform": "For each account, with its credentials:\n\n" +
		"```\nterraform -chdir=ACCOUNT init\nterraform -chdir=ACCOUNT plan\nterraform -chdir=ACCOUNT apply\n```\n\n" +
		"The plan imports what is there and shows each change against it; read it. Leave files out to go one principal at a time.\n\n" +
		"Take back by copying ACCOUNT/rollback/NAME.tf over ACCOUNT/NAME.tf, and apply. Do not just delete a file: Terraform would delete the policies that it has taken over.",
	"cloudformation": "A stack for each principal, NAME as in role-checkout-api. It takes over what is there (leave out where NAME.import.json is missing), then changes it:\n\n" +
		"```\naws cloudformation create-change-set --change-set-type IMPORT --stack-name NAME --change-set-name import --template-body file://NAME.import.json --resources-to-import file://NAME.resources.json --capabilities CAPABILITY_NAMED_IAM\n" +
		"aws cloudformation wait change-set-create-complete --stack-name NAME --change-set-name import\n" +
		"aws cloudformation execute-change-set --stack-name NAME --change-set-name import\n" +
		"aws cloudformation wait stack-import-complete --stack-name NAME\n" +
		"aws cloudformation deploy --stack-name NAME --template-file NAME.template.json --capabilities CAPABILITY_NAMED_IAM\n" +
		"bash NAME.detach.sh   # where there is one: what CloudFormation cannot detach\n```\n\n" +
		"Take back: `bash NAME.attach.sh`, then deploy NAME.import.json; where there is none, delete the stack.",
	"cli": "With credentials of the account (the script checks):\n\n```\nbash ACCOUNT/NAME.sh\nbash ACCOUNT/NAME.rollback.sh\n```\n\n" +
		"What is replaced is kept in ACCOUNT/NAME.saved until the rollback. A script that was broken off is run again.",
}

// pages writes Markdown.
type pages struct{ b bytes.Buffer }

func (m *pages) line(parts ...string) {
	for _, p := range parts {
		m.b.WriteString(p)
	}
	m.b.WriteByte('\n')
}

func (m *pages) table(heads ...string) {
	m.row(heads...)
	m.line(strings.Repeat("|---", len(heads)), "|")
}

func (m *pages) row(cells ...string) { m.line("| ", strings.Join(cells, " | "), " |") }

func (m *pages) heading(text string) { m.line("\n## ", text, "\n") }

func (m *pages) changes(n *PolicyPlan) {
	m.heading("What changes")
	for i := range n.Steps {
		m.line(fmt.Sprintf("%d. ", i+1), n.Steps[i].sentence())
	}
}

// sentence says what a step does.
func (s *PolicyStep) sentence() string {
	switch s.Kind {
	case StepCreate:
		text := "make the policy " + codeSpan(s.Name) + " and attach it"
		if s.Instead != "" {
			text += ", in the place of " + codeSpan(s.Instead)
		}
		return text
	case StepVersion:
		return "give " + codeSpan(s.ARN) + " a new default version"
	case StepPut:
		return "edit the inline policy " + codeSpan(s.Name)
	case StepDetach:
		return "detach " + codeSpan(s.ARN)
	case StepDelete:
		return "delete the inline policy " + codeSpan(s.Name)
	}
	return "leave the group " + codeSpan(s.Name)
}

func (m *pages) diff(current, proposed []rules.PolicyRef) {
	m.heading("Diff")
	// Each line begins with a mark of the diff, so that none ends the block.
	m.line("```diff")
	for _, d := range patches(current, proposed) {
		m.line("--- ", d.Old, "\n+++ ", d.New)
		for _, l := range d.Lines {
			m.line(l)
		}
	}
	m.line("```")
}

func (m *pages) proof(p *rules.Proposal) {
	x := proofOf(p)
	m.heading("Proof")
	m.table("", "")
	for _, r := range [][2]string{{"size", x.Size}, {"removed", x.Removed}, {"kept", x.Kept}, {"unobservable", x.Unobservable}, {"denied", x.Denied},
		{"no new access", x.NoNew}, {"replay", x.Replay}, {"backtest", x.Backtest}, {"privilege", x.Score}} {
		if r[1] != "" {
			m.row(r[0], markdown(r[1]))
		}
	}
	for i, f := range x.Failures {
		if i == 0 {
			m.line("\nWould have been denied on days that it had not seen:\n")
		}
		m.line("- ", markdown(f))
	}
	for i, warning := range p.Warnings {
		if i == 0 {
			m.line("\nTo know:\n")
		}
		m.line("- ", markdown(warning))
	}
}

// conditions lists the limits on where and when, each that is not in the diff
// with the policy that would say it.
func (m *pages) conditions(p *rules.Proposal) {
	for i, text := range conditionsText(p.Conditions) {
		if i == 0 {
			m.heading("Where and when")
		}
		m.line("- ", markdown(text))
		c := &p.Conditions[i]
		if c.Document == nil || c.Status != "suggested" {
			continue
		}
		m.line("\n  ```json")
		for l := range strings.Lines(string(documentText(&rules.PolicyRef{Document: c.Document}))) {
			m.line("  ", strings.TrimSuffix(l, "\n"))
		}
		m.line("  ```\n")
	}
}

// keptRows bounds the table of kept actions of a page.
const keptRows = 200

func (m *pages) kept(p *rules.Proposal) {
	if len(p.Kept) == 0 {
		return
	}
	m.heading("Kept")
	m.table("action", "why", "calls", "first", "last", "event")
	for _, k := range p.Kept[:min(len(p.Kept), keptRows)] {
		cells := []string{codeSpan(k.Action), markdown(k.Why), "", "", "", ""}
		if k.Count > 0 {
			cells[2] = number(k.Count)
		}
		if k.First != nil && k.Last != nil {
			cells[3], cells[4] = day(*k.First), day(*k.Last)
		}
		if len(k.Events) > 0 {
			cells[5] = codeSpan(k.Events[0])
		}
		m.row(cells...)
	}
	if n := len(p.Kept) - keptRows; n > 0 {
		m.line("\nand ", number(n), " more.")
	}
}

// apply says how the files beside the page are used.
func (m *pages) apply(n *PolicyPlan, files []string) {
	m.heading("Apply, and take back")
	if n.ByHand != "" {
		m.line(markdown(n.ByHand), ".")
		return
	}
	for _, f := range files {
		m.line("- [", markdown(path.Base(f)), "](", link(f), ")")
	}
	m.line()
	m.line("Nothing is applied for you; the index says how it is done.")
}

// link is a relative path as the target of a link.
func link(name string) string {
	return strings.NewReplacer("%", "%25", "(", "%28", ")", "%29", " ", "%20").Replace(name)
}

func (m *pages) leftOut(left []LeftOut) {
	by := map[string][]string{}
	var order []string
	for _, l := range left {
		if by[l.Why] == nil {
			order = append(order, l.Why)
		}
		by[l.Why] = append(by[l.Why], shortName(clean(l.Principal)))
	}
	slices.Sort(order)
	for i, why := range order {
		if i == 0 {
			m.heading("Not here")
		}
		hint := ""
		if why == leftReview {
			hint = " (`--include-review` takes them)"
		}
		m.line("- ", number(len(by[why])), ": ", markdown(why), hint, ": ", markdown(list(by[why], 40)))
	}
}

// markdown is s, one line, as text that Markdown shows as it is.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>#|~$&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	// Bare addresses and names would become links.
	return strings.NewReplacer("://", "&#58;//", "www.", "www&#46;", "@", "&#64;").Replace(b.String())
}

// codeSpan is s as code, also within a table.
func codeSpan(s string) string {
	s = strings.ReplaceAll(clean(s), "|", `\|`)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
