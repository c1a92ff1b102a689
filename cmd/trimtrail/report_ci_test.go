package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ciCall finds the calls of trimtrail in the blocks of a page.
var ciCall = regexp.MustCompile(`(?m)^[ -]*(trimtrail [^\n]+)$`)

// TestCIPageRuns runs every call of docs/ci.md, in order, on a small archive.
func TestCIPageRuns(t *testing.T) {
	page, err := os.ReadFile(filepath.FromSlash("../../docs/ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	archived := filepath.Dir(archive(t))
	t.Chdir(t.TempDir())
	must(t, "ingest", archived, "--lake", "lake")
	calls := ciCall.FindAllStringSubmatch(strings.Join(blocks(string(page)), "\n"), -1)
	for _, c := range calls {
		line, to, _ := strings.Cut(c[1], " > ")
		args := strings.Fields(strings.ReplaceAll(line, "$ARCHIVE", archived))[1:]
		if args[0] == "ingest" { // the archive is not of these 90 days
			args = args[:len(args)-2]
		}
		code, out, errs := try(args...)
		if code != 0 {
			t.Errorf("%s: exit %d: %s", c[1], code, errs)
		}
		if to != "" {
			if err := os.WriteFile(to, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"report.html", "summary.md", "trimtrail.sarif", "findings.csv", "findings.json"} {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(calls) < 10 {
		t.Errorf("only %d calls were found", len(calls))
	}
}

// blocks are the code blocks of a page.
func blocks(page string) []string {
	var out []string
	for i, part := range strings.Split(page, "\n```") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}
