package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// checkFlags are those of `trimtrail policy check`.
type checkFlags struct {
	analysisFlags
	principal, format, failOn string
	beside                    bool
}

// checkSchema names the shape of what `trimtrail policy check --format json` writes.
const checkSchema = "trimtrail.policy-check/1"

func policyCheckCmd(io streams) *cobra.Command {
	f := &checkFlags{format: "text"}
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Hold policy documents of a repository against what is used",
		Long: `Tells where a policy document grants more than is used, and where use needs
more than it grants, by action and resource. It is for CI, before a change of
policies is merged.

With --principal the FILEs are all the policies that the principal will have;
with --beside it keeps its others. Without --principal each FILE stands for
the policy of its name (checkout-secrets.json) in the loaded IAM state, and is
held against all who have that policy, who keep their others.`,
		Example: `  trimtrail policy check policies/*.json --lake lake
  trimtrail policy check app.json --principal role/app --lake lake --fail-on under`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), io, args) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.principal, "principal", "", "who has, or is to have, the policies: an ARN, user/NAME, role/NAME or a name")
	cmd.Flags().BoolVar(&f.beside, "beside", false, "with --principal: its other policies stay beside the FILEs")
	cmd.Flags().StringVar(&f.format, "format", f.format, "output format: text or json")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 3 where a check is over, under, or any of both")
	return cmd
}

func (f *checkFlags) check(files []string) error {
	example := "trimtrail policy check FILE --principal role/NAME --lake lake"
	switch {
	case len(files) == 0:
		return usage(errors.New("name the policy documents to check"), example)
	case f.beside && f.principal == "":
		return usage(errors.New("--beside needs --principal"), example)
	}
	if f.failOn != "" {
		if err := oneOf("--fail-on", f.failOn, "over", "under", "any"); err != nil {
			return err
		}
	}
	return oneOf("--format", f.format, "text", "json")
}

func (f *checkFlags) run(ctx context.Context, io streams, files []string) error {
	if err := f.check(files); err != nil {
		return err
	}
	docs, err := readPolicyFiles(files)
	if err != nil {
		return err
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	out := &rules.Checks{Schema: checkSchema, AsOf: a.facts.AsOf, Window: a.facts.Window}
	if out.Checks, err = f.checks(a, docs); err != nil {
		return err
	}
	if f.format == "json" {
		err = writeJSON(io.out, out)
	} else {
		err = report.PolicyChecks(io.out, out, tableOptions(io, f.lake, false, 0))
	}
	if err == nil && slices.ContainsFunc(out.Checks, f.fails) {
		return exit(exitFindings)
	}
	return err
}

func (f *checkFlags) fails(c rules.Check) bool {
	return f.failOn != "" && (f.failOn != "under" && c.IsOver() || f.failOn != "over" && c.IsUnder())
}

// document is a file with the name of the policy that it stands for.
type document struct {
	file string
	iam.NamedDocument
}

// readPolicyFiles reads policy documents. The name of the policy is the file's
// without .json.
func readPolicyFiles(files []string) ([]document, error) {
	var out []document
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		d, err := iam.ReadPolicy(data, iam.IdentityPolicy)
		if err != nil {
			return nil, withHint(fmt.Errorf("read %s: %w", file, err), "policy check takes identity policy documents as JSON")
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		out = append(out, document{file, iam.NamedDocument{Name: name, Document: d}})
	}
	return out, nil
}

func (f *checkFlags) checks(a *analysis, docs []document) ([]rules.Check, error) {
	if f.principal != "" {
		return f.checkPrincipal(a, docs)
	}
	var out []rules.Check
	for _, d := range docs {
		c, err := checkHolders(a, d)
		if err != nil {
			return nil, err
		}
		out = append(out, *c)
	}
	return out, nil
}

// checkPrincipal holds all documents together against one principal.
func (f *checkFlags) checkPrincipal(a *analysis, docs []document) ([]rules.Check, error) {
	arns, err := a.named([]string{f.principal})
	if err != nil {
		return nil, err
	}
	if len(arns) > 1 {
		return nil, usage(fmt.Errorf("%s may be any of %s", f.principal, strings.Join(arns, ", ")), "give the ARN of one")
	}
	q := rules.CheckRequest{Principal: arns[0], Beside: f.beside}
	var files []string
	for _, d := range docs {
		q.Documents = append(q.Documents, d.NamedDocument)
		files = append(files, d.file)
	}
	c, err := rules.CheckPolicy(a.facts, a.states, a.catalog, q)
	if err != nil {
		return nil, err
	}
	c.Files = files
	return []rules.Check{*c}, nil
}

// checkHolders holds a document against everybody who has the policy of its name.
func checkHolders(a *analysis, d document) (*rules.Check, error) {
	var out *rules.Check
	for _, arn := range a.holders(d.Name) {
		c, err := rules.CheckPolicy(a.facts, a.states, a.catalog, rules.CheckRequest{Principal: arn, Documents: []iam.NamedDocument{d.NamedDocument}, Beside: true})
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = c
			continue
		}
		out.Join(c)
	}
	if out == nil {
		return nil, withHint(fmt.Errorf("%s: nobody in the loaded IAM state has a policy named %q", d.file, d.Name), "say whose it is with  --principal role/NAME")
	}
	out.Files = []string{d.file}
	return out, nil
}

// holders are the ARNs of those who have a policy of a name, sorted.
func (a *analysis) holders(name string) []string {
	set := map[string]bool{}
	for _, s := range a.states {
		for _, h := range s.Holders() {
			for _, p := range h.Policies {
				if p.Name == name {
					set[h.ARN] = true
				}
			}
		}
	}
	return sortedSet(set)
}
