package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
}

func policyCmd(io streams) *cobra.Command {
	f := &policyFlags{}
	cmd := &cobra.Command{
		Use:   "policy [ARN…|--all]",
		Short: "Right-sized policies, with their evidence and their proof",
		Long: `Proposes, for each principal, the smallest policies that still allow what it
was seen to do: edited from its current ones where the IAM state is loaded.
Nothing is applied. ARN is an ARN, user/NAME, role/NAME or a name.`,
		Example: `  trimtrail policy role/checkout-api --lake lake
  trimtrail policy --all --lake lake --out policies
  trimtrail policy --all --lake lake --format json`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), io, args) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.format, "format", "", "output format: diff, table or json (default: diff; table with --all)")
	cmd.Flags().StringVar(&f.out, "out", "", "write one JSON document for each proposed policy below this directory")
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
	return oneOf("--format", f.format, "diff", "table", "json")
}

func (f *policyFlags) run(ctx context.Context, io streams, names []string) error {
	if err := f.check(names); err != nil {
		return err
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	p, err := a.policies(names)
	if err != nil {
		return err
	}
	if f.out != "" {
		n, err := writePolicies(f.out, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(io.err, "trimtrail: %d policies written below %s\n", n, f.out)
	}
	return f.print(io, p)
}

// policies are the proposals of the named principals; of all where none is named.
func (a *analysis) policies(names []string) (*rules.Policies, error) {
	all := rules.SizeAll(a.facts, a.states, a.catalog, rules.SizeOptions{})
	all.Heed(a.findings())
	if len(names) == 0 {
		return all, nil
	}
	arns, err := a.named(names)
	if err != nil {
		return nil, err
	}
	want := map[string]bool{}
	for _, arn := range arns {
		want[arn] = true
	}
	kept := []rules.Proposal{}
	for _, p := range all.Policies {
		if want[p.Principal] {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return nil, withHint(fmt.Errorf("%s: no policy to size", strings.Join(arns, ", ")), "only users and roles that AWS does not manage itself have one")
	}
	all.Policies = kept
	return all, nil
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
	return nil
}

// writePolicies writes dir/<account>/<kind>-<name>/<policy>.json and returns
// how many. Names come from logs: they become safe file names, and two that
// become the same get a number.
func writePolicies(dir string, p *rules.Policies) (int, error) {
	n, taken := 0, map[string]int{}
	for i := range p.Policies {
		for _, d := range p.Policies[i].Proposed {
			if d.Document == nil {
				continue
			}
			name := policyPath(&p.Policies[i], d)
			taken[name]++
			if taken[name] > 1 {
				name = fmt.Sprintf("%s-%d", name, taken[name])
			}
			if err := writeFile(filepath.Join(dir, name+".json"), append(d.Document.Indent("  "), '\n')); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

func policyPath(p *rules.Proposal, d rules.PolicyRef) string {
	kind := "role"
	if strings.Contains(p.Principal, ":user/") {
		kind = "user"
	}
	name := p.Principal[strings.LastIndexByte(p.Principal, '/')+1:]
	return filepath.Join(fileName(p.AccountID), kind+"-"+fileName(name), fileName(d.Name))
}

// writeFile writes beside and renames, so that a failure leaves no half file.
func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".trimtrail-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
