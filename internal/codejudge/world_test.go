package codejudge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// world is a generated organisation and what trimtrail proposes for it.
type world struct {
	program, dir string
	proposals    []rules.Proposal
}

var (
	generate = sync.OnceValues(newWorld)
	scratch  string // removed when the tests are done
)

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "codejudge"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

func newWorld() (*world, error) {
	w := &world{program: os.Getenv("TRIMTRAIL"), dir: filepath.Join(scratch, "demo")}
	if w.program == "" {
		w.program = filepath.Join(scratch, "trimtrail")
		cmd := exec.Command("go", "build", "-o", w.program, "./cmd/trimtrail")
		cmd.Dir = "../.."
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build trimtrail: %w\n%s", err, out)
		}
	}
	if _, err := w.run("demo", "--dir", w.dir, "--events", "60000"); err != nil {
		return nil, err
	}
	out, err := w.run("policy", "--all", "--conditions", "--lake", w.lake(), "--format", "json")
	if err != nil {
		return nil, err
	}
	var p rules.Policies
	if err := json.Unmarshal(out, &p); err != nil {
		return nil, err
	}
	w.proposals = p.Policies
	return w, nil
}

func (w *world) lake() string { return filepath.Join(w.dir, "lake") }

func (w *world) run(args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(w.program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("trimtrail %v: %w\n%s", args, err, errs.String())
	}
	return out.Bytes(), nil
}

func theWorld(t *testing.T) *world {
	t.Helper()
	w, err := generate()
	check(t, err)
	return w
}

// write writes the policies in a format, those to review too, and returns the directory.
func (w *world) write(t *testing.T, format string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), format)
	_, err := w.run("policy", "--all", "--conditions", "--include-review", "--lake", w.lake(), "--format", format, "--out", dir)
	check(t, err)
	return dir
}

// files are the files of a directory tree that end so, those of shared policies too; at least one.
func files(t *testing.T, dir, suffix string) []string {
	t.Helper()
	out, err := filepath.Glob(filepath.Join(dir, "*", "*"+suffix))
	check(t, err)
	shared, err := filepath.Glob(filepath.Join(dir, "*", "shared", "*"+suffix))
	check(t, err)
	out = append(out, shared...)
	if len(out) == 0 {
		t.Fatalf("no %s below %s", suffix, dir)
	}
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// judge finds a program, or skips.
func judge(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("TRIMTRAIL_REQUIRE_JUDGES") == "1" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// holding is what a principal has: documents as decoded JSON.
type holding struct {
	Inline   map[string]any
	Attached map[string]any // by ARN
	Groups   map[string]bool
}

func newHolding() holding {
	return holding{map[string]any{}, map[string]any{}, map[string]bool{}}
}

// holdingOf reads a list of a proposal. A policy that is to be made has no ARN
// yet and goes by its name.
func holdingOf(refs []rules.PolicyRef) holding {
	h := newHolding()
	for _, r := range refs {
		var doc any
		if r.Document != nil {
			doc = decoded(r.Document.JSON())
		}
		group, ofGroup := strings.CutPrefix(r.Source, "group:")
		switch {
		case ofGroup:
			h.Groups[group] = true
		case r.Source == "inline":
			h.Inline[r.Name] = doc
		case r.Source == "":
			h.Attached[r.Name] = doc
		default:
			h.Attached[r.Source] = doc
		}
	}
	return h
}

func decoded(data []byte) (v any) {
	if err := json.Unmarshal(data, &v); err != nil {
		return "not JSON: " + err.Error()
	}
	return v
}

// same compares two holdings; managed policies by their documents, since
// names of new ones may differ, and those of AWS by ARN alone.
func same(got, want holding) string {
	switch {
	case !reflect.DeepEqual(got.Inline, want.Inline):
		return fmt.Sprintf("inline %v, want %v", got.Inline, want.Inline)
	case !maps.Equal(got.Groups, want.Groups):
		return fmt.Sprintf("groups %v, want %v", got.Groups, want.Groups)
	}
	if g, w := attachments(got), attachments(want); !slices.Equal(g, w) {
		return fmt.Sprintf("attached\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
	}
	return ""
}

func attachments(h holding) []string {
	var out []string
	for arn, doc := range h.Attached {
		if strings.Contains(arn, ":iam::aws:") {
			out = append(out, arn)
			continue
		}
		text, _ := json.Marshal(doc)
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out
}

// base is the name of a proposal's files: account/role-name.
func base(p *rules.Proposal) string {
	f := strings.SplitN(p.Principal, ":", 6)
	kind, _, _ := strings.Cut(f[5], "/")
	return filepath.Join(p.AccountID, kind+"-"+f[5][strings.LastIndexByte(f[5], '/')+1:])
}
