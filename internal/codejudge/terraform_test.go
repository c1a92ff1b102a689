package codejudge

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/trimtrail/trimtrail/rules"
)

// arguments are those of the resources that may be written, by the provider's
// documentation: required ones first, then, after an empty one, optional ones.
var arguments = map[string][]string{
	"aws_iam_policy":                            {"policy", "", "name", "path"},
	"aws_iam_role_policy":                       {"role", "policy", "", "name"},
	"aws_iam_user_policy":                       {"user", "policy", "", "name"},
	"aws_iam_role_policy_attachment":            {"role", "policy_arn", ""},
	"aws_iam_user_policy_attachment":            {"user", "policy_arn", ""},
	"aws_iam_role_policies_exclusive":           {"role_name", "policy_names", "", "depends_on"},
	"aws_iam_user_policies_exclusive":           {"user_name", "policy_names", "", "depends_on"},
	"aws_iam_role_policy_attachments_exclusive": {"role_name", "policy_arns", "", "depends_on"},
	"aws_iam_user_policy_attachments_exclusive": {"user_name", "policy_arns", "", "depends_on"},
	"aws_iam_user_group_membership":             {"user", "groups", "", "depends_on"},
}

// module is the resources of one file, evaluated.
type module struct {
	resources map[string]map[string]cty.Value // address → argument → value
	order     []string
	imports   map[string]string // address → id
}

// TestTerraformResult applies each file to the principal's current policies, as
// the provider documents its resources, and must come out at those proposed.
func TestTerraformResult(t *testing.T) {
	w := theWorld(t)
	dir := w.write(t, "terraform")
	tried := 0
	for i := range w.proposals {
		p := &w.proposals[i]
		data, err := os.ReadFile(filepath.Join(dir, base(p)+".tf"))
		if err != nil {
			continue // left out, or nothing to change
		}
		tried++
		m := readModule(t, base(p), data, p.AccountID)
		h := holdingOf(p.Current)
		m.apply(t, p, &h)
		if diff := same(h, holdingOf(p.Proposed)); diff != "" {
			t.Errorf("%s: %s", p.Principal, diff)
		}
		data, err = os.ReadFile(filepath.Join(dir, filepath.Dir(base(p)), "rollback", filepath.Base(base(p))+".tf"))
		check(t, err)
		back := readModule(t, base(p)+" before", data, p.AccountID)
		back.destroy(m, &h)
		back.apply(t, p, &h)
		if diff := same(h, holdingOf(p.Current)); diff != "" {
			t.Errorf("%s taken back: %s", p.Principal, diff)
		}
	}
	if tried < 20 {
		t.Errorf("only %d files", tried)
	}
}

// TestTerraformShape holds the files against fmt, and addresses against each other.
func TestTerraformShape(t *testing.T) {
	dir := theWorld(t).write(t, "terraform")
	seen := map[string]string{}
	for _, file := range files(t, dir, ".tf") {
		data, err := os.ReadFile(file)
		check(t, err)
		if !bytes.Equal(hclwrite.Format(data), data) {
			t.Errorf("%s is not formatted", file)
		}
		f, diags := hclsyntax.ParseConfig(data, file, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, b := range f.Body.(*hclsyntax.Body).Blocks {
			if b.Type == "resource" {
				address := filepath.Dir(file) + " " + strings.Join(b.Labels, ".")
				if seen[address] != "" {
					t.Errorf("%s is in %s and %s", address, seen[address], file)
				}
				seen[address] = file
			}
		}
	}
	cmd := exec.Command(judge(t, "terraform"), "fmt", "-check", "-diff", "-recursive", dir)
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("terraform fmt: %v\n%s", err, out)
	}
}

func readModule(t *testing.T, name string, data []byte, account string) *module {
	t.Helper()
	f, diags := hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	m := &module{map[string]map[string]cty.Value{}, nil, map[string]string{}}
	policies := map[string]cty.Value{}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}}
	for _, b := range f.Body.(*hclsyntax.Body).Blocks {
		switch b.Type {
		case "import":
			to, diags := hcl.AbsTraversalForExpr(b.Body.Attributes["to"].Expr)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			m.imports[to.RootName()+"."+to[1].(hcl.TraverseAttr).Name] = evaluate(t, b.Body.Attributes["id"].Expr, nil).AsString()
		case "resource":
			values := m.resource(t, b, ctx)
			if b.Labels[0] == "aws_iam_policy" {
				arn := m.imports[strings.Join(b.Labels, ".")]
				if arn == "" {
					arn = "arn:aws:iam::" + account + ":policy/" + values["name"].AsString()
				}
				policies[b.Labels[1]] = cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(arn)})
				ctx.Variables["aws_iam_policy"] = cty.ObjectVal(policies)
				values["arn"] = cty.StringVal(arn)
			}
		default:
			t.Errorf("%s: block %s", name, b.Type)
		}
	}
	for address := range m.imports {
		if m.resources[address] == nil {
			t.Errorf("%s: import to %s, which is not there", name, address)
		}
	}
	return m
}

func (m *module) resource(t *testing.T, b *hclsyntax.Block, ctx *hcl.EvalContext) map[string]cty.Value {
	t.Helper()
	known := arguments[b.Labels[0]]
	for _, required := range known[:slices.Index(known, "")] {
		if b.Body.Attributes[required] == nil {
			t.Errorf("%v lacks %s", b.Labels, required)
		}
	}
	values := map[string]cty.Value{}
	for name, a := range b.Body.Attributes {
		if !slices.Contains(known, name) {
			t.Errorf("%v has %s", b.Labels, name)
		}
		if name != "depends_on" {
			values[name] = evaluate(t, a.Expr, ctx)
		}
	}
	address := strings.Join(b.Labels, ".")
	m.resources[address] = values
	m.order = append(m.order, address)
	return values
}

func evaluate(t *testing.T, e hcl.Expression, ctx *hcl.EvalContext) cty.Value {
	t.Helper()
	v, diags := e.Value(ctx)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

// destroy does what Terraform does with resources that were in the module before and no longer are.
func (m *module) destroy(before *module, h *holding) {
	for address, r := range before.resources {
		if m.resources[address] != nil {
			continue
		}
		switch {
		case strings.Contains(address, "_policy_attachment."):
			delete(h.Attached, r["policy_arn"].AsString())
		case strings.Contains(address, "_role_policy.") || strings.Contains(address, "_user_policy."):
			delete(h.Inline, r["name"].AsString())
		}
	}
}

// apply does to what the principal has what the resources say.
func (m *module) apply(t *testing.T, p *rules.Proposal, h *holding) {
	t.Helper()
	managed := holdingOf(p.Current).Attached
	for _, address := range m.order {
		r := m.resources[address]
		kind, _, _ := strings.Cut(address, ".")
		switch strings.NewReplacer("_role", "", "_user", "").Replace(kind) {
		case "aws_iam_policy":
			if kind != "aws_iam_policy" {
				h.Inline[r["name"].AsString()] = decoded([]byte(r["policy"].AsString()))
				continue
			}
			arn := r["arn"].AsString()
			managed[arn] = decoded([]byte(r["policy"].AsString()))
			if m.imports[address] != "" {
				h.Attached[arn] = managed[arn]
			}
		case "aws_iam_policy_attachment":
			h.Attached[r["policy_arn"].AsString()] = managed[r["policy_arn"].AsString()]
		case "aws_iam_policy_attachments_exclusive":
			keepOnly(h.Attached, r["policy_arns"], managed)
		case "aws_iam_policies_exclusive":
			keepOnly(h.Inline, r["policy_names"], h.Inline)
		case "aws_iam_group_membership":
			for _, g := range strings.Split(m.imports[address], "/")[1:] {
				delete(h.Groups, g)
			}
			for _, g := range r["groups"].AsValueSlice() {
				h.Groups[g.AsString()] = true
			}
		default:
			t.Errorf("resource %s", address)
		}
	}
}

// keepOnly makes have the list, with what is missing from known.
func keepOnly(have map[string]any, list cty.Value, known map[string]any) {
	keep := map[string]bool{}
	for _, v := range list.AsValueSlice() {
		keep[v.AsString()] = true
		if _, ok := have[v.AsString()]; !ok {
			have[v.AsString()] = known[v.AsString()]
		}
	}
	for k := range have {
		if !keep[k] {
			delete(have, k)
		}
	}
}
