package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CloudFormation is a plan as templates for one stack. The stack first takes
// over what is there (Import, a change set of type IMPORT), with the documents
// as they are, and is then updated to Template; Import is the rollback.
//
// CloudFormation cannot detach a policy that it did not attach, nor take a
// user out of a group: Detach and Attach are bash scripts that do, and undo, that.
type CloudFormation struct {
	Template []byte
	// Import and Resources (of --resources-to-import) are nil where nothing is there to take over.
	Import, Resources []byte
	// Detach and Attach are nil where nothing is to go.
	Detach, Attach []byte
}

// CloudFormation makes the templates of plans of one account. The error names
// a document that CloudFormation would not leave as it is.
func PolicyTemplates(plans []PolicyPlan) (*CloudFormation, error) {
	t := &templates{next: stack{}, now: stack{}}
	var going []PolicyPlan
	for i := range plans {
		if plans[i].ByHand != "" {
			continue
		}
		if err := t.plan(&plans[i]); err != nil {
			return nil, err
		}
		if n := plans[i].only(StepDetach, StepLeave); len(n.Steps) > 0 {
			going = append(going, n)
		}
	}
	out := &CloudFormation{Template: t.next.print(plans)}
	if len(t.now) > 0 {
		out.Import, out.Resources = t.now.print(plans), indented(t.imports)
	}
	if len(going) > 0 {
		var detach, attach bytes.Buffer
		// A buffer takes all that is written to it.
		_ = PolicyScript(&detach, going)
		_ = PolicyRollback(&attach, going)
		out.Detach, out.Attach = detach.Bytes(), attach.Bytes()
	}
	return out, nil
}

// CloudFormationTemplate writes the template alone.
func CloudFormationTemplate(w io.Writer, plans []PolicyPlan) error {
	c, err := PolicyTemplates(plans)
	if err != nil {
		return err
	}
	_, err = w.Write(c.Template)
	return err
}

// only is the plan with the steps of some kinds alone.
func (n *PolicyPlan) only(kinds ...StepKind) PolicyPlan {
	out := *n
	out.Steps = nil
	for _, s := range n.Steps {
		if slices.Contains(kinds, s.Kind) {
			out.Steps = append(out.Steps, s)
		}
	}
	return out
}

// resource is one of a template; fields in the order in which people write them.
type resource struct {
	Type           string         `json:"Type"`
	DeletionPolicy string         `json:"DeletionPolicy"`
	Replacement    string         `json:"UpdateReplacePolicy"`
	Properties     map[string]any `json:"Properties"`
}

// stack is the resources of a template by logical id.
type stack map[string]resource

func (s stack) print(plans []PolicyPlan) []byte {
	about := "Policies that trimtrail proposes"
	if len(plans) == 1 {
		about += " for " + plans[0].Kind + "/" + plans[0].Name
	}
	if len(plans) > 0 {
		about += ", account " + plans[0].AccountID
	}
	return indented(struct {
		Version     string `json:"AWSTemplateFormatVersion"`
		Description string
		Resources   stack
	}{"2010-09-09", about, s})
}

func indented(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	// Maps, strings and documents of ours, which are valid.
	_ = enc.Encode(v)
	return b.Bytes()
}

// imported is one line of --resources-to-import.
type imported struct {
	Type       string            `json:"ResourceType"`
	ID         string            `json:"LogicalResourceId"`
	Identifier map[string]string `json:"ResourceIdentifier"`
}

type templates struct {
	next, now stack
	imports   []imported
}

func (t *templates) plan(n *PolicyPlan) error {
	for i := range n.Steps {
		s := &n.Steps[i]
		for _, doc := range [][]byte{s.Old, s.New} {
			if s.Kind != StepDetach && bytes.Contains(doc, []byte("{{resolve:")) {
				return fmt.Errorf("%s of %s/%s has the text {{resolve:, which CloudFormation would replace: use another format", s.Name, n.Kind, n.Name)
			}
		}
		switch s.Kind {
		case StepCreate:
			t.create(n, s)
		case StepVersion:
			t.version(n, s)
		case StepPut, StepDelete:
			t.inline(n, s)
		}
	}
	return nil
}

func (t *templates) create(n *PolicyPlan, s *PolicyStep) {
	holders := map[string]string{"role": "Roles", "user": "Users"}[n.Kind]
	t.next[n.logical(s)] = resource{"AWS::IAM::ManagedPolicy", "Delete", "Delete",
		map[string]any{"ManagedPolicyName": s.Name, holders: []string{n.Name}, "PolicyDocument": json.RawMessage(s.New)}}
}

func (t *templates) version(n *PolicyPlan, s *PolicyStep) {
	_, path, _ := strings.Cut(s.ARN, ":policy")
	with := func(doc []byte) resource {
		return resource{"AWS::IAM::ManagedPolicy", "Retain", "Retain",
			map[string]any{"ManagedPolicyName": s.Name, "Path": path[:strings.LastIndexByte(path, '/')+1], "PolicyDocument": json.RawMessage(doc)}}
	}
	t.adopt(n, s, with(s.Old), map[string]string{"PolicyArn": s.ARN})
	t.next[n.logical(s)] = with(s.New)
}

func (t *templates) inline(n *PolicyPlan, s *PolicyStep) {
	kind := map[string]string{"role": "AWS::IAM::RolePolicy", "user": "AWS::IAM::UserPolicy"}[n.Kind]
	holder := map[string]string{"role": "RoleName", "user": "UserName"}[n.Kind]
	keep := map[StepKind]string{StepPut: "Retain", StepDelete: "Delete"}[s.Kind]
	with := func(doc []byte) resource {
		return resource{kind, keep, keep, map[string]any{holder: n.Name, "PolicyName": s.Name, "PolicyDocument": json.RawMessage(doc)}}
	}
	t.adopt(n, s, with(s.Old), map[string]string{holder: n.Name, "PolicyName": s.Name})
	if s.Kind == StepPut {
		t.next[n.logical(s)] = with(s.New)
	}
}

// adopt takes over what a step finds in its place.
func (t *templates) adopt(n *PolicyPlan, s *PolicyStep, r resource, by map[string]string) {
	if s.Old == nil {
		return
	}
	t.now[n.logical(s)] = r
	t.imports = append(t.imports, imported{r.Type, n.logical(s), by})
}

// logical is the logical id of a step's resource: letters and digits.
func (n *PolicyPlan) logical(s *PolicyStep) string {
	whole := strings.Join([]string{n.Kind, n.Name, string(s.Kind), s.Name}, "\x00")
	id := identifier(strings.NewReplacer("-", ".", "_", ".").Replace(n.Kind+"."+n.Name+"."+s.Name), "", whole, true)
	return strings.ToUpper(id[:1]) + id[1:]
}
