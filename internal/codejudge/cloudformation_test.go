package codejudge

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// template is what is read of a CloudFormation template.
type template struct {
	Resources map[string]struct {
		Type           string
		DeletionPolicy string
		Properties     struct {
			RoleName, UserName, PolicyName, ManagedPolicyName, Path string
			Roles, Users                                            []string
			PolicyDocument                                          any
		}
	}
}

func readTemplate(t *testing.T, file string) (out template, ok bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return out, false
	}
	check(t, err)
	d := json.NewDecoder(bytes.NewReader(data))
	check(t, d.Decode(&out))
	return out, true
}

// TestCloudFormationResult takes each stack from import to update, and must
// come out at the policies proposed, but for what its scripts detach.
func TestCloudFormationResult(t *testing.T) {
	w := theWorld(t)
	dir := w.write(t, "cloudformation")
	tried := 0
	for i := range w.proposals {
		p := &w.proposals[i]
		name := filepath.Join(dir, base(p))
		next, ok := readTemplate(t, name+".template.json")
		if !ok {
			continue
		}
		tried++
		now, _ := readTemplate(t, name+".import.json")
		h := holdingOf(p.Current)
		before := newHolding()
		now.apply(p, &before)
		for policy, doc := range before.Inline {
			if !reflect.DeepEqual(doc, h.Inline[policy]) {
				t.Errorf("%s: import.json has another %s", p.Principal, policy)
			}
		}
		for id, r := range now.Resources {
			if _, stays := next.Resources[id]; !stays && r.DeletionPolicy == "Delete" {
				delete(h.Inline, r.Properties.PolicyName)
			}
		}
		next.apply(p, &h)
		detach(t, name+".detach.sh", &h)
		if diff := same(h, holdingOf(p.Proposed)); diff != "" {
			t.Errorf("%s: %s", p.Principal, diff)
		}
	}
	if tried < 20 {
		t.Errorf("only %d templates", tried)
	}
}

func (m *template) apply(p *rules.Proposal, h *holding) {
	for _, r := range m.Resources {
		switch r.Type {
		case "AWS::IAM::ManagedPolicy":
			path := "/"
			if r.Properties.Path != "" {
				path = r.Properties.Path
			}
			h.Attached["arn:aws:iam::"+p.AccountID+":policy"+path+r.Properties.ManagedPolicyName] = r.Properties.PolicyDocument
		default:
			h.Inline[r.Properties.PolicyName] = r.Properties.PolicyDocument
		}
	}
}

// detach does what the script beside the template does.
func detach(t *testing.T, script string, h *holding) {
	t.Helper()
	data, err := os.ReadFile(script)
	if os.IsNotExist(err) {
		return
	}
	check(t, err)
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 5 || f[0] != "step" {
			continue
		}
		switch last := f[len(f)-1]; f[4] {
		case "detach-role-policy", "detach-user-policy":
			delete(h.Attached, last)
		case "remove-user-from-group":
			delete(h.Groups, last)
		default:
			t.Errorf("%s: %s", script, f[4])
		}
	}
}

// TestCloudFormationLint holds the templates against cfn-lint. Its list of
// actions (W3037) is another than ours, so that its warnings do not count.
func TestCloudFormationLint(t *testing.T) {
	program := judge(t, "cfn-lint")
	dir := theWorld(t).write(t, "cloudformation")
	all := append(files(t, dir, ".template.json"), files(t, dir, ".import.json")...)
	args := append([]string{"--ignore-checks", "W", "--format", "parseable", "--"}, all...)
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%.3000s", err, out)
	}
}
