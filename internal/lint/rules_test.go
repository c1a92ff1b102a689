package lint

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// breaking holds, for each rule, sources that break it and sources that come
// close but do not.
var breaking = []struct {
	name  string
	rule  string
	files map[string]string
	want  []string
}{
	{"rules reads the lake", "imports", map[string]string{
		"rules/a.go": "package rules\n\nimport _ \"github.com/trimtrail/trimtrail/internal/lake\"\n",
	}, []string{"rules/a.go:3: rules may not import github.com/trimtrail/trimtrail/internal/lake"}},
	{"a library in the wrong place", "imports", map[string]string{
		"analyze/a.go": "package analyze\n\nimport (\n\t\"strings\"\n\t\"github.com/spf13/pflag\"\n)\n",
	}, []string{"analyze/a.go:5: analyze may not import github.com/spf13/pflag"}},
	{"a module whose name only begins the same", "imports", map[string]string{
		"internal/lake/a.go": "package lake\n\nimport _ \"github.com/parquet-go/parquet-go-x\"\n",
	}, []string{"internal/lake/a.go:3: internal/lake may not import github.com/parquet-go/parquet-go-x"}},
	{"a test library", "imports", map[string]string{
		"rules/a_test.go": "package rules\n\nimport _ \"github.com/stretchr/testify/assert\"\n",
	}, []string{"rules/a_test.go:3: rules may not import github.com/stretchr/testify/assert"}},
	{"cgo", "imports", map[string]string{
		"ingest/a.go": "package ingest\n\nimport \"C\"\n",
	}, []string{"ingest/a.go:3: ingest may not import C"}},
	{"a package that nobody planned", "imports", map[string]string{
		"internal/util/a.go": "package util\n",
	}, []string{"internal/util/a.go:1: package internal/util is not in the import plan (internal/lint/plan_test.go)"}},
	{"as planned", "imports", map[string]string{
		"internal/lake/a.go":      "package lake\n\nimport _ \"github.com/parquet-go/parquet-go/format\"\n",
		"cmd/trimtrail/a.go":      "package main\n\nimport _ \"github.com/trimtrail/trimtrail/internal/lake\"\n",
		"rules/a_test.go":         "package rules\n\nimport _ \"github.com/trimtrail/trimtrail/internal/orgsim\"\n",
		"internal/bench/gen/a.go": "package main\n\nimport _ \"example.com/x\"\n",
		"internal/e2e/go.mod":     "module e2e\n",
		"internal/e2e/a.go":       "package e2e\n\nimport _ \"example.com/x\"\n",
	}, nil},

	{"the clock", "purity", map[string]string{
		"analyze/a.go": "package analyze\n\nimport t \"time\"\n\nvar x = t.Now()\n\nvar f = t.Since\n",
	}, []string{"analyze/a.go:5: analyze is pure and may not use time.Now", "analyze/a.go:7: analyze is pure and may not use time.Since"}},
	{"files, flags, network, chance", "purity", map[string]string{
		"rules/a.go": "package rules\n\nimport (\n\t_ \"os\"\n\t_ \"io/fs\"\n\t_ \"net\"\n\t_ \"flag\"\n\t_ \"math/rand\"\n\t_ \"log\"\n)\n",
	}, []string{
		"rules/a.go:4: rules is pure and may not import os", "rules/a.go:5: rules is pure and may not import io/fs",
		"rules/a.go:6: rules is pure and may not import net", "rules/a.go:7: rules is pure and may not import flag",
		"rules/a.go:8: rules is pure and may not import math/rand", "rules/a.go:9: rules is pure and may not import log",
	}},
	{"printing", "purity", map[string]string{
		"rules/a.go": "package rules\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n",
	}, []string{"rules/a.go:5: rules is pure and may not use fmt.Println"}},
	{"pure", "purity", map[string]string{
		"rules/a.go":      "package rules\n\nimport (\n\t\"fmt\"\n\t\"net/netip\"\n\t\"time\"\n)\n\nvar x, y = fmt.Sprint(time.UTC), netip.Addr{}\n",
		"rules/a_test.go": "package rules\n\nimport _ \"os\"\n",
		"ingest/a.go":     "package ingest\n\nimport _ \"os\"\n",
	}, nil},

	{"no package comment", "package comments", map[string]string{
		"ingest/a.go": "// Copyright\n\npackage ingest\n", "ingest/b.go": "package ingest\n", "cmd/x/a.go": "// Package main is x.\npackage main\n",
	}, []string{`cmd/x/a.go:2: package cmd/x has no comment that begins "Command x "`, `ingest/a.go:3: package ingest has no comment that begins "Package ingest "`}},
	{"package comment", "package comments", map[string]string{
		"ingest/a.go": "package ingest\n", "ingest/b.go": "// Package ingest reads.\npackage ingest\n", "cmd/x/a.go": "// Command x does.\npackage main\n",
	}, nil},

	{"no comments of names", "comments of exported names", map[string]string{
		"ingest/a.go": "package ingest\n\nfunc F() {}\n\ntype T struct{}\n\nfunc (t *T) M() {}\n\ntype G[X any] struct{}\n\nfunc (g G[X]) M() {}\n\nvar A, b = 1, 2\n\nconst (\n\tC = 1\n)\n\n// Types.\ntype (\n\tU int\n)\n",
	}, []string{
		"ingest/a.go:3: exported F has no comment", "ingest/a.go:5: exported T has no comment", "ingest/a.go:7: exported M has no comment",
		"ingest/a.go:9: exported G has no comment", "ingest/a.go:11: exported M has no comment", "ingest/a.go:13: exported A has no comment",
		"ingest/a.go:16: exported C has no comment", "ingest/a.go:21: exported U has no comment",
	}},
	{"comments of names", "comments of exported names", map[string]string{
		"ingest/a.go":      "package ingest\n\n// F does.\nfunc F() {}\n\n// T is.\ntype T struct{}\n\nfunc (t *T) Error() string { return \"\" }\n\ntype u int\n\nfunc (u) M() {}\n\n// Kinds.\nconst (\n\tA = 1\n\tB = 2\n)\n\nvar (\n\tC = 1 // is one\n)\n",
		"ingest/a_test.go": "package ingest\n\nfunc TestX() {}\n",
	}, nil},

	{"init", "init", map[string]string{
		"ingest/a.go": "package ingest\n\nfunc init() {}\n",
	}, []string{"ingest/a.go:3: init function"}},
	{"a method init", "init", map[string]string{
		"ingest/a.go": "package ingest\n\ntype t int\n\nfunc (t) init() {}\n",
	}, nil},

	{"exit in a library", "exit", map[string]string{
		"ingest/a.go": "package ingest\n\nimport (\n\t\"log\"\n\t\"os\"\n)\n\nfunc f() { os.Exit(1); log.Fatal() }\n\nvar g = os.Exit\n\nfunc main() { os.Exit(1) }\n",
		"cmd/x/a.go":  "package main\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n",
	}, []string{
		"cmd/x/a.go:5: os.Exit outside main", "ingest/a.go:8: log.Fatal outside main", "ingest/a.go:8: os.Exit outside main",
		"ingest/a.go:10: os.Exit outside main", "ingest/a.go:12: os.Exit outside main",
	}},
	{"exit in main", "exit", map[string]string{
		"cmd/x/a.go":      "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(1) }\n",
		"cmd/x/a_test.go": "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(m.Run()) }\n",
	}, nil},

	{"notes to self", "left over", map[string]string{
		"ingest/a.go": "package ingest\n\nfunc f() {\n\tg() // TO" + "DO: more\n}\n\n/* FIX" + "ME */\n",
	}, []string{"ingest/a.go:4: TO" + "DO in a comment: do it, or open an issue", "ingest/a.go:7: FIX" + "ME in a comment: do it, or open an issue"}},
	{"a string is no comment", "left over", map[string]string{
		"ingest/a.go": "package ingest\n\nvar s = \"TO" + "DO\" // TO" + "DOS is a name\n",
	}, nil},

	{"long sources", "size", map[string]string{
		"ingest/a.go": "package ingest\n" + strings.Repeat("\n", maxLines), ".ci/run": strings.Repeat("\n", maxLines+2),
	}, []string{".ci/run:602: 602 lines; the limit is 600", "ingest/a.go:601: 601 lines; the limit is 600"}},
	{"long data", "size", map[string]string{
		"ingest/testdata/a.go": strings.Repeat("\n", maxLines+1), "docs/rules.md": strings.Repeat("\n", maxLines+1),
	}, nil},

	{"a new folder", "folders", map[string]string{"pkg/a.md": "", "pkg/b.md": "", "README.md": "", "docs/a.md": ""},
		[]string{"pkg/a.md:1: folder pkg at the root"}},

	{"paths of a machine", "machine", map[string]string{
		"docs/a.md": "see /" + "home/me/x\n\ncd /" + "work/x\n\"/" + "root/y\"\n",
	}, []string{"docs/a.md:1: path of a machine: /" + "home/", "docs/a.md:3: path of a machine: /" + "work/", "docs/a.md:4: path of a machine: \"/" + "root/"}},
	{"paths of other things", "machine", map[string]string{
		"docs/a.md": "arn:aws:s3:::data/home/alice/x and ${bucket}/home/x and https://example.com/work/\n", "docs/b": "\x00 /" + "home/x",
	}, nil},
}

func TestRules(t *testing.T) {
	for _, c := range breaking {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			got := apply(t, c.rule, c.files)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestRulesCanFail asks for a source that breaks each rule.
func TestRulesCanFail(t *testing.T) {
	broken := map[string]bool{}
	for _, c := range breaking {
		broken[c.rule] = broken[c.rule] || len(c.want) > 0
	}
	for _, r := range rules {
		if !broken[r.name] {
			t.Errorf("no case breaks the rule %s", r.name)
		}
	}
}

// apply returns the breaches of a rule in files, by path and line.
func apply(t *testing.T, name string, files map[string]string) []string {
	t.Helper()
	fsys := fstest.MapFS{}
	for path, text := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := readTree(fsys, slices.Collect(maps.Keys(fsys)))
	if err != nil {
		t.Fatal(err)
	}
	var found []breach
	for _, r := range rules {
		if r.name == name {
			found = r.check(tree)
		}
	}
	slices.SortFunc(found, compare)
	var texts []string
	for _, b := range found {
		texts = append(texts, b.String())
	}
	return texts
}
