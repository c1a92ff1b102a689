package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// policyFlags are those of `trimtrail policy`.
type policyFlags struct {
	analysisFlags
	format, out string
	all, wide   bool
	review      bool
	conditions  bool
}

func policyCmd(io streams) *cobra.Command {
	f := &policyFlags{}
	cmd := &cobra.Command{
		Use:   "policy [ARN…|--all]",
		Short: "Right-sized policies, with their evidence and their proof",
		Long: `Proposes, for each principal, the smallest policies that still allow what it
was seen to do: edited from its current ones where the IAM state is loaded.
Nothing is applied. ARN is an ARN, user/NAME, role/NAME or a name; or that of a
managed policy (policy/NAME), which is then sized for all who have it.

--out writes a directory for a pull request: an index ranked by what each
change takes away against how sure it is, a page with diff and proof for each
principal, and its policies as JSON documents, Terraform, CloudFormation or AWS
CLI scripts. Code is written for proposals that are ready; those to review only
when asked for, and never those that are too early.`,
		Example: `  trimtrail policy role/checkout-api --lake lake
  trimtrail policy --all --lake lake --out policies --format terraform
  trimtrail policy --all --lake lake --format json`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), io, args) },
	}
	cmd.AddCommand(policyCheckCmd(io))
	f.register(cmd)
	cmd.Flags().StringVar(&f.format, "format", "", "output format: diff, table, json, terraform, cloudformation or cli (default: diff; table with --all)")
	cmd.Flags().StringVar(&f.out, "out", "", "write a directory for a pull request, with the policies in the format (documents for diff, table and json)")
	cmd.Flags().BoolVar(&f.review, "include-review", false, "as code, also what somebody should look at first")
	cmd.Flags().BoolVar(&f.conditions, "conditions", false, "put into the proposals the conditions on network, region and expiry that held for every call; else they are suggested")
	cmd.Flags().BoolVar(&f.all, "all", false, "every user and role")
	cmd.Flags().BoolVar(&f.wide, "wide", false, "show everything, cut nothing")
	return cmd
}

func (f *policyFlags) check(names []string) error {
	if f.all == (len(names) > 0) {
		return usage(errors.New("name principals, or ask for --all, and not both"), "trimtrail policy role/NAME --lake lake")
	}
	if f.format == "" {
		f.format = "diff"
		if f.all {
			f.format = "table"
		}
	}
	return oneOf("--format", f.format, "diff", "table", "json", "terraform", "cloudformation", "cli")
}

// code tells that the format is one to apply.
func (f *policyFlags) code() bool {
	return f.format == "terraform" || f.format == "cloudformation" || f.format == "cli"
}

func (f *policyFlags) run(ctx context.Context, io streams, names []string) error {
	if err := f.check(names); err != nil {
		return err
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	p, err := a.policies(names, rules.SizeOptions{Conditions: f.conditions})
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := f.write(io, p); err != nil {
			return err
		}
	}
	if f.code() {
		return f.printCode(io, p)
	}
	return f.print(io, p)
}

// write writes the directory, and says what is in it.
func (f *policyFlags) write(io streams, p *rules.Policies) error {
	format := "json"
	if f.code() {
		format = f.format
	}
	plans, left, err := writePolicyFiles(f.out, format, p, report.PlanOptions{Review: f.review})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.err, "trimtrail: %s written below %s, %d left out: see %s\n", plural(len(plans), "change"), f.out, len(left), filepath.Join(f.out, "README.md"))
	return nil
}

// printCode writes code to standard output, unless it went to files.
func (f *policyFlags) printCode(io streams, p *rules.Policies) error {
	if f.out != "" {
		return nil
	}
	plans, left := report.PolicyPlans(p, report.PlanOptions{Review: f.review})
	if len(plans) == 0 {
		return nothingToWrite(io, p, left)
	}
	if accounts := accountsOf(plans); len(accounts) > 1 {
		return usage(fmt.Errorf("the policies are of %d accounts, and %s works on one", len(accounts), f.format), "write a directory for each account with  --out DIR")
	}
	return printCode(io.out, f.format, plans)
}

// nothingToWrite says of each proposal why it is left out.
func nothingToWrite(io streams, p *rules.Policies, left []report.LeftOut) error {
	for _, l := range left {
		fmt.Fprintf(io.err, "trimtrail: %s: %s\n", l.Principal, l.Why)
	}
	hint := "see why with  --format diff"
	if slices.ContainsFunc(p.Policies, func(q rules.Proposal) bool { return q.Confidence == "review" }) {
		hint += "; --include-review takes what somebody should look at first"
	}
	return withHint(errors.New("nothing to write as code"), hint)
}

// policies are the proposals of the named principals; of all where none is named.
func (a *analysis) policies(names []string, o rules.SizeOptions) (*rules.Policies, error) {
	o.Workers = runtime.GOMAXPROCS(0)
	if len(names) > 0 {
		var err error
		if o.Only, err = a.sizeable(names); err != nil {
			return nil, err
		}
	}
	p := rules.SizeAll(a.facts, a.states, a.catalog, o)
	p.Heed(a.findings())
	if len(names) > 0 && len(p.Policies)+len(p.Shared) == 0 {
		return nil, withHint(fmt.Errorf("%s: no policy to size", strings.Join(o.Only, ", ")), "only users and roles that AWS does not manage itself have one, and managed policies that several have and of which less would do")
	}
	return p, nil
}

// sizeable are the ARNs of the named principals, managed policies and permission sets.
func (a *analysis) sizeable(names []string) ([]string, error) {
	var out, principals []string
	for _, n := range names {
		if policies := a.managedPolicies(n); len(policies) > 0 {
			out = append(out, policies...)
		} else {
			principals = append(principals, n)
		}
	}
	arns, err := a.named(principals)
	return append(out, arns...), err
}

// managedPolicies are the ARNs of the managed policies and permission sets
// that a name means: an ARN, or policy/NAME.
func (a *analysis) managedPolicies(name string) []string {
	found := map[string]bool{}
	for _, s := range a.states {
		for i := range s.Policies {
			if p := &s.Policies[i]; p.ARN == name || "policy/"+p.Name == name {
				found[p.ARN] = true
			}
		}
		for i := range s.PermissionSets {
			if p := &s.PermissionSets[i]; p.ARN == name {
				found[p.ARN] = true
			}
		}
	}
	return sortedSet(found)
}

func (f *policyFlags) print(io streams, p *rules.Policies) error {
	o := tableOptions(io, f.lake, f.wide, 0)
	o.Window = p.Window
	switch f.format {
	case "json":
		return report.PoliciesJSON(io.out, p)
	case "table":
		return report.PolicyTable(io.out, p, o)
	}
	for i := range p.Policies {
		if i > 0 {
			fmt.Fprintln(io.out)
		}
		if err := report.PolicyDiff(io.out, &p.Policies[i], o); err != nil {
			return err
		}
	}
	for i := range p.Shared {
		if i+len(p.Policies) > 0 {
			fmt.Fprintln(io.out)
		}
		if err := report.SharedDiff(io.out, &p.Shared[i], o); err != nil {
			return err
		}
	}
	return nil
}
