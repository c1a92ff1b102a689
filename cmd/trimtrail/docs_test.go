package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/orgsim"
)

// bystanders are programs that the pages call beside trimtrail: of those the
// test runs none. All others in a code block are taken for a mistake.
var bystanders = strings.Fields(`aws bash bunzip2 cat cosign curl docker done duckdb gh git go install jq kubectl
	podman sha256sum source sudo systemctl systemd-analyze tar terraform umask while tee trap export`)

// archiveURI is how the pages call the archive of an organisation.
var archiveURI = regexp.MustCompile(`s3://(org-trail|example-trail-bucket)\S*|\$\{?ARCHIVE\}?`)

// prepared are files that the pages take for granted.
var prepared = map[string]string{
	"app.json":  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`,
	"home.json": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`,
}

// standIns are the demo's principals in the place of a reader's own.
var standIns = map[string]string{"role/deploy": "role/checkout-api", "role/app": "role/checkout-api"}

// TestDocsRun runs what README.md and the pages below docs tell a reader to
// type, page by page and in their order, on an organisation that is made once.
func TestDocsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("a short run")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	demo := oneAccount(t)
	for _, page := range pages(t, root) {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, page))
			if err != nil {
				t.Fatal(err)
			}
			r := &reader{T: t, demo: demo, dir: desk(t, demo, string(text))}
			t.Chdir(r.dir)
			for _, b := range shellBlocks(string(text)) {
				t.Chdir(r.dir)
				for _, line := range commandLines(b) {
					r.follow(line)
				}
			}
			r.mentions(string(text))
		})
	}
}

// oneAccount is the directory of a demo of one account: that of the pages'
// examples.
func oneAccount(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "trimtrail-demo")
	cfg := orgsim.Default()
	cfg.Events = 8000
	org, err := orgsim.Generate(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	lake := filepath.Join(dir, "lake")
	must(t, "ingest", org.Archive, "--lake", lake, "--account", "222233334444")
	must(t, "iam", "load", org.IAM, "--lake", lake)
	config := filepath.Join(t.TempDir(), "trimtrail.yaml")
	if err := os.WriteFile(config, []byte("lake: "+lake), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "run", "--once", "--config", config) // what --since-last looks back at
	return dir
}

// pages are the Markdown files that speak to users, by their paths from root.
func pages(t *testing.T, root string) []string {
	t.Helper()
	list := []string{"README.md", "CONTRIBUTING.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			if rel = filepath.ToSlash(rel); !strings.HasPrefix(rel, "docs/decisions/") && !strings.HasPrefix(rel, "docs/reviews/") {
				list = append(list, rel)
			}
		}
	}
	return list
}

// ownLake finds the pages whose reader makes a lake, or changes it.
var ownLake = regexp.MustCompile(`(?m)^[ -]*trimtrail (ingest|lake compact|lake prune|lake rebuild) `)

// desk is the directory that a reader works in, with the demo in it, and a
// lake where the page does not begin with making one.
func desk(t *testing.T, demo, page string) string {
	t.Helper()
	dir := t.TempDir()
	links := map[string]string{"trimtrail-demo": demo}
	if !ownLake.MatchString(page) {
		links["lake"] = filepath.Join(demo, "lake")
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	for name, text := range prepared {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// reader is somebody who types what a page says.
type reader struct {
	*testing.T
	demo, dir string
}

// follow does what a line says, part by part.
func (r *reader) follow(line string) {
	for _, part := range splitOutside(line, "&&", "||", ";") {
		calls := splitOutside(part, "|")
		for _, call := range calls {
			r.call(call, line)
		}
	}
}

// call runs one call: trimtrail itself, or what makes the ground for it.
func (r *reader) call(call, line string) {
	words, to := shellWords(call)
	for len(words) > 0 && (strings.Contains(words[0], "=") || slices.Contains([]string{"do", "if", "then", "else", "fi", "[", "!", "-", "sudo"}, words[0])) {
		words = words[1:]
	}
	switch {
	case len(words) == 0:
	case words[0] == "trimtrail" || strings.HasSuffix(words[0], "/trimtrail"):
		r.trimtrail(words[1:], to, line)
	case len(words) > 2 && words[0] == "go" && words[1] == "run" && words[2] == "./cmd/trimtrail":
		r.trimtrail(words[3:], to, line)
	case words[0] == "cd" && len(words) == 2:
		r.enter(words[1], line)
	case words[0] == "cp" && len(words) == 3:
		r.copy(words[1], words[2], line)
	case words[0] == "bash" && len(words) == 2:
		if _, err := os.Stat(words[1]); err != nil {
			r.Errorf("%s: %v", line, err)
		}
	case !slices.Contains(bystanders, words[0]) && !strings.HasPrefix(words[0], ".ci/"):
		r.Errorf("%s: what is %q?", line, words[0])
	}
}

func (r *reader) enter(dir, line string) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		if !strings.Contains(dir, "trimtrail") { // a fresh clone
			r.Errorf("%s: no such directory", line)
		}
		return
	}
	r.Chdir(dir)
}

func (r *reader) copy(from, to, line string) {
	data, err := os.ReadFile(from)
	if err == nil {
		if info, serr := os.Stat(to); serr == nil && info.IsDir() {
			to = filepath.Join(to, filepath.Base(from))
		}
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		r.Errorf("%s: %v", line, err)
	}
}

// trimtrail runs a call of ours on the desk. What would speak with AWS, make
// the demo anew or wait for its hour is held against the program's flags alone.
func (r *reader) trimtrail(args []string, to, line string) {
	if err := parses(args); err != nil {
		r.Errorf("%s: %v", line, err)
		return
	}
	if args[0] == "demo" || args[0] == "run" {
		return
	}
	if len(args) > 3 && args[0] == "iam" && args[1] == "pull" { // what is pulled is the demo's
		i := slices.Index(args, "--lake")
		args = []string{"iam", "load", filepath.Join(r.demo, "iam"), "--lake", args[i+1]}
	}
	args = r.local(args)
	if args[0] == "verify" || slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "s3://") }) {
		return
	}
	if args[0] == "ingest" {
		args = append(args, "--account", "222233334444")
	}
	code, out, errs := try(args...)
	if code != 0 && !(code == exitFindings && slices.Contains(args, "--fail-on")) {
		r.Errorf("%s: exit %d\n%s", line, code, errs)
	}
	if to != "" {
		if err := os.WriteFile(to, []byte(out), 0o600); err != nil {
			r.Errorf("%s: %v", line, err)
		}
	}
}

// local puts the demo's archive, whose days are not those of the calendar, in
// the place of one in S3.
func (r *reader) local(args []string) []string {
	var out []string
	away := false
	for _, a := range args {
		if archiveURI.MatchString(a) {
			away = true
			a = archiveURI.ReplaceAllString(a, filepath.Join(r.demo, "archive"))
		}
		out = append(out, cmp.Or(standIns[a], a))
	}
	if i := slices.Index(out, "--since"); away && i >= 0 {
		out = slices.Delete(out, i, i+2)
	}
	return out
}

// parses says whether the program knows the command and its flags.
func parses(args []string) error {
	root := newRootCmd(streams{})
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd == root {
		return fmt.Errorf("no command")
	}
	if cmd.Name() == "completion" || cmd.HasParent() && cmd.Parent().Name() == "completion" {
		return nil
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// mention is a call within a sentence.
var mention = regexp.MustCompile("`trimtrail ([a-z][^`]*)`")

// mentions holds calls within sentences against the program. Such a call may
// be a beginning, so that its arguments are not counted.
func (r *reader) mentions(text string) {
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		words, _ := shellWords(m[1])
		for i, w := range words {
			words[i], _, _ = strings.Cut(w, "|")
		}
		root := newRootCmd(streams{})
		cmd, rest, err := root.Find(words)
		if err == nil && len(words) > 0 && cmd == root {
			err = fmt.Errorf("no command")
		}
		if err == nil && cmd.HasSubCommands() && !cmd.Runnable() && len(rest) > 0 {
			err = fmt.Errorf("unknown command %q", rest[0])
		}
		if err == nil {
			err = knownFlags(cmd.Flags().Lookup, cmd.InheritedFlags().Lookup, rest)
		}
		if err != nil {
			r.Errorf("`trimtrail %s`: %v", m[1], err)
		}
	}
}
