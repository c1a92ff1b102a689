package config

import (
	"flag"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/configuration.md anew")

const manual = "../../docs/configuration.md"

// The manual's tables of fields lie between these two lines.
const (
	tablesBegin = "<!-- fields: made by go test ./internal/config -run TestManual -update -->\n"
	tablesEnd   = "<!-- end of fields -->\n"
)

// TestManualFields holds the tables of what rules of one's own see: they are
// the row types of package rules with their comments.
func TestManualFields(t *testing.T) {
	data, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), tablesBegin)
	_, tail, ok2 := strings.Cut(rest, tablesEnd)
	if !ok || !ok2 {
		t.Fatal("the marks of the tables are not there")
	}
	want := head + tablesBegin + tables(t) + tablesEnd + tail
	if *update {
		if err := os.WriteFile(manual, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(data) != want {
		t.Error("docs/configuration.md is stale: go test ./internal/config -run TestManual -update writes the tables anew")
	}
}

func tables(t *testing.T) string {
	t.Helper()
	f, err := goparser.ParseFile(token.NewFileSet(), "../../rules/own_rows.go", nil, goparser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		spec := g.Specs[0].(*ast.TypeSpec)
		name := strings.ToLower(strings.TrimSuffix(spec.Name.Name, "Row"))
		fmt.Fprintf(&b, "\n### %s\n\n| field | type | |\n|---|---|---|\n", name)
		for _, x := range spec.Type.(*ast.StructType).Fields.List {
			tag := reflect.StructTag(strings.Trim(x.Tag.Value, "`")).Get("cel")
			fmt.Fprintf(&b, "| `%s.%s` | %s | %s |\n", name, tag, typeName(x.Type), strings.TrimSpace(x.Comment.Text()))
		}
	}
	return b.String() + "\n"
}

func typeName(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.ArrayType:
		return "list of " + typeName(x.Elt) + "s"
	case *ast.MapType:
		return "map of texts"
	case *ast.SelectorExpr:
		return "time"
	case *ast.Ident:
		return map[string]string{"string": "text", "int64": "number", "bool": "true or false"}[x.Name]
	}
	return "?"
}

// TestManualExamples reads every YAML block of the manual: it must hold.
func TestManualExamples(t *testing.T) {
	data, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1)
	if len(blocks) < 4 {
		t.Fatalf("only %d examples", len(blocks))
	}
	for _, m := range blocks {
		c, err := Parse("manual.yaml", []byte(m[1]))
		if err != nil {
			t.Errorf("%v\nin\n%s", err, m[1])
			continue
		}
		for _, r := range c.Test() {
			if !r.Passed {
				t.Errorf("%s %s: %s\nin\n%s", r.Rule, r.Case, r.Text, m[1])
			}
		}
	}
}

// TestSample reads the sample as it is, and with everything in it switched on.
func TestSample(t *testing.T) {
	if c := parse(t, Sample); len(c.Options.Own)+len(c.Options.Exceptions)+len(c.Options.Networks) > 0 {
		t.Errorf("the sample changes findings: %+v", c.Options)
	}
	on := regexp.MustCompile(`(?m)^  # `).ReplaceAllString(Sample, "  ")
	c := parse(t, on)
	if o := c.Options; len(o.Own) != 1 || len(o.Exceptions) != 1 || len(o.Networks) != 2 || len(c.Registers.MMDB) != 2 || c.Registers.AWSRanges != "ip-ranges.json" || len(o.Owners) != 1 || len(o.Severities) != 1 {
		t.Errorf("options %+v", o)
	}
	for _, r := range c.Test() {
		if !r.Passed {
			t.Errorf("%+v", r)
		}
	}
}
