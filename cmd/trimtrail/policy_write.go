package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// writePolicies writes the ready proposals below dir, as documents with pages
// and an index, and returns how many documents it wrote.
func writePolicies(dir string, p *rules.Policies) (int, error) {
	files, _, _ := report.PolicyFiles(p, "json", report.PlanOptions{})
	n := 0
	for _, f := range files {
		if filepath.Ext(f.Name) == ".json" && f.Name != report.ProposalsFile {
			n++
		}
	}
	return n, writeFiles(dir, files)
}

// readProposals reads proposals that were written earlier: a file, or
// policies.json in a directory; nil where none is named.
func readProposals(name string) (*rules.Policies, error) {
	if name == "" {
		return nil, nil
	}
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		name = filepath.Join(name, report.ProposalsFile)
	}
	hint := "--policies takes what  trimtrail policy --format json  or  policy --out DIR  wrote"
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, withHint(err, hint)
	}
	p := &rules.Policies{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, withHint(fmt.Errorf("read %s: %w", name, err), hint)
	}
	if p.Schema != policiesSchema {
		return nil, withHint(fmt.Errorf("%s: schema is %q, not %s", name, p.Schema, policiesSchema), hint)
	}
	return p, nil
}

// policiesSchema names the shape of proposals.
const policiesSchema = "trimtrail.policies/1"

// writePolicyFiles writes a directory for a pull request.
func writePolicyFiles(dir, format string, p *rules.Policies, o report.PlanOptions) ([]report.PolicyPlan, []report.LeftOut, error) {
	files, plans, left := report.PolicyFiles(p, format, o)
	return plans, left, writeFiles(dir, files)
}

// writeFiles writes files below dir. Those of an earlier run stay: a person
// may have edited them, and Terraform would take a missing one as an order to delete.
func writeFiles(dir string, files []report.PolicyFile) error {
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := writeFile(name, f.Data); err != nil {
			return err
		}
		if f.Exec {
			if err := os.Chmod(name, 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// printCode writes the policies of one account as code.
func printCode(w io.Writer, format string, plans []report.PolicyPlan) error {
	switch format {
	case "terraform":
		for i := range plans {
			if i > 0 {
				fmt.Fprintln(w)
			}
			if err := plans[i].Terraform(w); err != nil {
				return err
			}
		}
		return nil
	case "cloudformation":
		return report.CloudFormationTemplate(w, plans)
	}
	return report.PolicyScript(w, plans)
}

// accountsOf are the accounts of plans, each once.
func accountsOf(plans []report.PolicyPlan) []string {
	var out []string
	for i := range plans {
		if !slices.Contains(out, plans[i].AccountID) {
			out = append(out, plans[i].AccountID)
		}
	}
	return out
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
