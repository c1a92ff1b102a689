package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Terraform writes a plan as resources that take over what is there by import
// blocks, so that `terraform plan` shows each change against AWS itself.
//
// What goes is shown too: *_exclusive resources own the list of the
// principal's policies, and leave out what is to go. They need version 5.73 of
// the AWS provider, import blocks version 1.5 of Terraform (registry pages of
// aws_iam_role_policy_attachments_exclusive and its like).
func (n *PolicyPlan) Terraform(w io.Writer) error {
	return (&hcl{plan: n, attached: n.attached, inline: n.inline}).write(w)
}

// TerraformBefore writes the plan's resources as things were before it: to
// take a plan back it stands in for the file that Terraform wrote. Without a
// file Terraform would delete the policies that it has taken over.
func (n *PolicyPlan) TerraformBefore(w io.Writer) error {
	was := &PolicyPlan{}
	for i := range n.Proposal.Current {
		was.holds(&n.Proposal.Current[i])
	}
	return (&hcl{plan: n, attached: was.attached, inline: was.inline, groups: n.groups, before: true}).write(w)
}

func (h *hcl) write(w io.Writer) error {
	n := h.plan
	if h.before {
		h.line("# As it was before, to take this back:")
	}
	for _, l := range n.head() {
		h.line("# ", l)
	}
	if n.ByHand != "" {
		h.line("# Not written as code: ", n.ByHand)
	}
	for i := range n.Steps {
		if n.ByHand == "" {
			h.step(&n.Steps[i])
		}
	}
	if n.ByHand == "" {
		h.exclusive()
	}
	_, err := w.Write(h.b.Bytes())
	return err
}

// TerraformAccount writes what the files of one account need beside them: the
// versions, and a provider that refuses to work on another account.
func TerraformAccount(w io.Writer, account string) error {
	_, err := fmt.Fprintf(w, `terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.73"
    }
  }
}

provider "aws" {
  allowed_account_ids = [%s]
}
`, hclString(account))
	return err
}

// hcl writes one plan.
type hcl struct {
	plan *PolicyPlan
	b    bytes.Buffer
	// before tells that things are written as they were.
	before bool
	// attached, inline and groups are what the principal is left with.
	attached, inline, groups []string
	// made are the addresses of what comes before anything goes, created the ARNs of new policies.
	made, created []string
}

func (h *hcl) line(parts ...string) {
	for _, p := range parts {
		h.b.WriteString(p)
	}
	h.b.WriteByte('\n')
}

func (h *hcl) step(s *PolicyStep) {
	doc := s.New
	if h.before {
		doc = s.Old
	}
	switch {
	case doc == nil: // to be made, or to go: not there on the other side
	case s.Kind == StepCreate:
		h.create(s)
	case s.Kind == StepVersion:
		h.version(s, doc)
	case s.Kind == StepPut:
		h.inlinePolicy(s, doc, h.adopt("aws_iam_"+h.plan.Kind+"_policy", s.Name, h.plan.Name+":"+s.Name))
	case s.Kind == StepDelete:
		h.line()
		h.inlinePolicy(s, doc, h.open("aws_iam_"+h.plan.Kind+"_policy", s.Name))
	}
}

// inlinePolicy writes the body of an inline policy and closes it.
func (h *hcl) inlinePolicy(s *PolicyStep, doc []byte, at string) {
	h.attributes("name", hclString(s.Name), h.plan.Kind, hclString(h.plan.Name))
	h.policy(doc)
	h.line("}")
	h.made = append(h.made, at)
}

func (h *hcl) create(s *PolicyStep) {
	if s.Instead != "" {
		h.line("\n# Stands for ", clean(s.Instead), ".")
	} else {
		h.line()
	}
	at := h.open("aws_iam_policy", s.Name)
	h.attributes("name", hclString(s.Name))
	h.policy(s.New)
	h.line("}")
	h.line()
	kind := h.plan.Kind
	attachment := h.open("aws_iam_"+kind+"_policy_attachment", s.Name)
	h.attributes(kind, hclString(h.plan.Name), "policy_arn", at+".arn")
	h.line("}")
	h.created = append(h.created, s.ARN)
	h.made = append(h.made, attachment)
}

func (h *hcl) version(s *PolicyStep, doc []byte) {
	h.line("\n# A new default version; the provider deletes the oldest one where there are five.")
	at := h.adopt("aws_iam_policy", s.Name, s.ARN)
	_, path, _ := strings.Cut(s.ARN, ":policy")
	h.attributes("name", hclString(s.Name), "path", hclString(path[:strings.LastIndexByte(path, '/')+1]))
	h.policy(doc)
	h.line("\n  lifecycle {\n    ignore_changes = [description, tags]\n  }\n}")
	h.made = append(h.made, at)
}

// exclusive writes the resources by which policies and groups go.
func (h *hcl) exclusive() {
	kind, name := h.plan.Kind, h.plan.Name
	if h.plan.has(StepDetach) {
		h.going(StepDetach, "Detaches", "Attaches")
		h.adopt("aws_iam_"+kind+"_policy_attachments_exclusive", "", name)
		h.attributes(kind+"_name", hclString(name))
		// By their ARNs, not by reference: what is known is shown in the plan.
		h.list("policy_arns", quotedAll(append(slices.Clone(h.attached), h.created...)), h.made)
	}
	if h.plan.has(StepDelete) {
		h.going(StepDelete, "Deletes", "Has")
		h.adopt("aws_iam_"+kind+"_policies_exclusive", "", name)
		h.attributes(kind+"_name", hclString(name))
		h.list("policy_names", quotedAll(h.inline), h.made)
	}
	if h.plan.has(StepLeave) {
		h.going(StepLeave, "Leaves", "Joins")
		h.adopt("aws_iam_user_group_membership", "", name+"/"+strings.Join(h.plan.groups, "/"))
		h.attributes("user", hclString(name))
		h.list("groups", quotedAll(h.groups), h.made)
	}
}

// going names what an exclusive resource takes away, or brings back.
func (h *hcl) going(kind StepKind, verb, back string) {
	if h.before {
		verb = back
	}
	h.line()
	for _, s := range h.plan.Steps {
		if s.Kind == kind {
			name := s.Name
			if s.ARN != "" {
				name = s.ARN
			}
			h.line("# ", verb, " ", clean(name), ".")
		}
	}
}

// adopt writes the import block of a resource that is there already, and opens it.
func (h *hcl) adopt(kind, name, id string) string {
	at := kind + "." + h.label(name)
	if !bytes.HasSuffix(h.b.Bytes(), []byte(".\n")) { // no comment before it
		h.line()
	}
	h.line("import {\n  to = ", at, "\n  id = ", hclString(id), "\n}\n")
	return h.open(kind, name)
}

// open begins a resource and returns its address.
func (h *hcl) open(kind, name string) string {
	label := h.label(name)
	h.line(`resource "`, kind, `" "`, label, `" {`)
	return kind + "." + label
}

// attributes writes name and value pairs as terraform fmt aligns them.
func (h *hcl) attributes(pairs ...string) {
	width := 0
	for i := 0; i < len(pairs); i += 2 {
		width = max(width, len(pairs[i]))
	}
	for i := 0; i < len(pairs); i += 2 {
		h.line("  ", pairs[i], strings.Repeat(" ", width-len(pairs[i])), " = ", pairs[i+1])
	}
}

// list writes a list and what must be there before, and ends the resource.
func (h *hcl) list(name string, values, after []string) {
	write := func(name string, values []string) {
		if len(values) == 0 {
			h.line("\n  ", name, " = []")
			return
		}
		h.line("\n  ", name, " = [\n    ", strings.Join(values, ",\n    "), ",\n  ]")
	}
	write(name, values)
	if len(after) > 0 {
		write("depends_on", after)
	}
	h.line("}")
}

// policy writes a document as it is, in a heredoc.
func (h *hcl) policy(doc []byte) {
	h.line("\n  policy = <<-JSON")
	for l := range strings.Lines(hclTemplate(string(doc))) {
		h.line("    ", strings.TrimSuffix(l, "\n"))
	}
	h.line("  JSON")
}

// hclTemplate escapes what HCL would read as the begin of an interpolation or directive.
func hclTemplate(s string) string { return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s) }

// hclString quotes s, which has printable ASCII only.
func hclString(s string) string {
	return `"` + hclTemplate(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)) + `"`
}

// label is a resource's name: readable, and for another principal or policy never the same.
func (h *hcl) label(policy string) string {
	s := h.plan.Kind + "_" + h.plan.Name
	if policy != "" {
		s += "__" + policy
	}
	return identifier(s, "_", h.plan.Kind+"\x00"+h.plan.Name+"\x00"+policy, strings.Count(s, "__") > 1)
}

// identifier replaces what is not a letter, digit, _ or - by fill. Where that
// loses something, or where the caller knows that it does, a hash of the whole follows.
func identifier(s, fill, whole string, lossy bool) string {
	out := regexp.MustCompile(`[^A-Za-z0-9_-]`).ReplaceAllString(s, fill)
	if out == s && !lossy {
		return out
	}
	sum := sha256.Sum256([]byte(whole))
	return out + fill + hex.EncodeToString(sum[:4])
}

func quotedAll(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, hclString(s))
	}
	return out
}
