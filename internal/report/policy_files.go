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

// PolicyFile is one file of a directory for a pull request.
type PolicyFile struct {
	Name string // with slashes, below the directory
	Data []byte
	Exec bool
}

// PolicyFormats are the formats in which PolicyFiles writes policies.
var PolicyFormats = []string{"json", "terraform", "cloudformation", "cli"}

// PolicyFiles are the files of a pull request: README.md, ProposalsFile, and below each
// account a page for each plan and, beside it, its policies in one of
// PolicyFormats. Sorted as they are written; names are of letters, digits and ._+=,@-.
func PolicyFiles(p *rules.Policies, format string, o PlanOptions) (files []PolicyFile, plans []PolicyPlan, left []LeftOut) {
	plans, left = PolicyPlans(p, o)
	f := &policyFiles{accounts: map[string]bool{}}
	for i := range plans {
		f.plan(&plans[i], format)
	}
	pages := f.shared(p, format, o)
	body := f.files
	f.files = nil
	f.add("README.md", false, func(w io.Writer) error { return PolicyIndex(w, p, format, plans, left, pages...) })
	f.add(ProposalsFile, false, func(w io.Writer) error { return PoliciesJSON(w, withPlans(p, plans)) })
	return append(f.files, body...), plans, left
}

// ProposalsFile holds the proposals as JSON, to be given back when calls are
// denied later. Of those without a plan it has nothing.
const ProposalsFile = "policies.json"

func withPlans(p *rules.Policies, plans []PolicyPlan) *rules.Policies {
	q := *p
	q.Policies = []rules.Proposal{}
	for i := range plans {
		q.Policies = append(q.Policies, *plans[i].Proposal)
	}
	slices.SortFunc(q.Policies, func(a, b rules.Proposal) int { return strings.Compare(a.Principal, b.Principal) })
	return &q
}

type policyFiles struct {
	files    []PolicyFile
	accounts map[string]bool
}

func (f *policyFiles) add(name string, exec bool, write func(io.Writer) error) {
	var b bytes.Buffer
	// A buffer takes all that is written to it.
	_ = write(&b)
	f.files = append(f.files, PolicyFile{name, b.Bytes(), exec})
}

func (f *policyFiles) data(name string, exec bool, data []byte) {
	if data != nil {
		f.files = append(f.files, PolicyFile{name, data, exec})
	}
}

// plan adds the page and the code of a plan.
func (f *policyFiles) plan(n *PolicyPlan, format string) {
	from := len(f.files)
	base := path.Join(n.AccountID, n.Base())
	// Documents are for every hand; a plan that no tool can take gets them too.
	if format == "json" || n.ByHand != "" {
		f.documents(n, base)
	} else {
		f.code(n, base, format)
	}
	var beside []string
	for _, c := range f.files[from:] {
		beside = append(beside, c.Name[len(n.AccountID)+1:])
	}
	f.add(base+".md", false, func(w io.Writer) error { return PolicyPage(w, n, beside) })
}

func (f *policyFiles) documents(n *PolicyPlan, base string) {
	taken := map[string]bool{}
	for _, s := range n.documents {
		name := s.Name
		if name[0] == '.' || name[0] == '-' { // hidden, or an option
			name = "policy" + name
		}
		stem := name
		for i := 2; taken[name]; i++ {
			name = fmt.Sprintf("%s-%d", stem, i)
		}
		taken[name] = true
		f.data(path.Join(base, name+".json"), false, append(bytes.Clone(s.New), '\n'))
	}
}

func (f *policyFiles) code(n *PolicyPlan, base, format string) {
	switch format {
	case "terraform":
		dir := path.Join(n.AccountID, n.dir)
		if !f.accounts[dir] {
			f.accounts[dir] = true
			f.add(path.Join(dir, "provider.tf"), false, func(w io.Writer) error { return TerraformAccount(w, n.AccountID) })
		}
		f.add(base+".tf", false, n.Terraform)
		f.add(path.Join(dir, "rollback", path.Base(base)+".tf"), false, n.TerraformBefore)
	case "cli":
		one := []PolicyPlan{*n}
		f.add(base+".sh", true, func(w io.Writer) error { return PolicyScript(w, one) })
		f.add(base+".rollback.sh", true, func(w io.Writer) error { return PolicyRollback(w, one) })
	case "cloudformation":
		c, err := PolicyTemplates([]PolicyPlan{*n})
		if err != nil {
			n.ByHand = clean(err.Error())
			return
		}
		f.data(base+".import.json", false, c.Import)
		f.data(base+".resources.json", false, c.Resources)
		f.data(base+".template.json", false, c.Template)
		f.data(base+".detach.sh", true, c.Detach)
		f.data(base+".attach.sh", true, c.Attach)
	}
}
