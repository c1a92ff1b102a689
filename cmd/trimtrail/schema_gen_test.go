package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// schemaOf describes documents of type T as a JSON Schema, draft 2020-12: the
// shape by reflection, the words from the doc comments of the types.
func schemaOf[T any](t *testing.T, name string) []byte {
	t.Helper()
	g := &schemaGen{words: docWords(t), defs: map[string]any{}}
	root := g.object(reflect.TypeFor[T]())
	root["properties"].(map[string]any)["schema"] = map[string]any{"const": name}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "urn:" + strings.ReplaceAll(name, "/", ":")
	root["title"] = name
	if len(g.defs) > 0 {
		root["$defs"] = g.defs
	}
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

type schemaGen struct {
	words map[string]string // rules.Finding.ID → comment
	defs  map[string]any
}

// enums are the values that a field of text may have, where the type does not tell.
var enums = map[string][]any{
	"rules.Finding.Confidence":  {"certain", "high", "medium", "low"},
	"rules.Proposal.Confidence": {"ready", "review", "too early"},
}

func (g *schemaGen) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[rules.Severity]():
		return map[string]any{"enum": []any{"critical", "high", "medium", "low", "info"}}
	case t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[json.Marshaler]()):
		return map[string]any{"type": "object", "description": "A policy document of IAM."}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{g.of(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.of(t.Elem())}
	case reflect.Struct:
		if t.Name() == "" {
			return g.object(t)
		}
		name := t.String()
		if g.defs[name] == nil {
			g.defs[name] = true // against a type that holds itself
			g.defs[name] = g.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	}
	return map[string]any{"type": kinds[t.Kind()]}
}

var kinds = map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number",
	reflect.Int: "integer", reflect.Int64: "integer"}

func (g *schemaGen) object(t reflect.Type) map[string]any {
	o := map[string]any{"type": "object"}
	if d := g.words[t.String()]; d != "" {
		o["description"] = d
	}
	properties, required := map[string]any{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, flags, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "-" {
			continue
		}
		optional := strings.Contains(flags, "omitempty") || strings.Contains(flags, "omitzero")
		properties[name] = g.field(t, f, optional)
		if !optional {
			required = append(required, name)
		}
	}
	o["properties"] = properties
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func (g *schemaGen) field(t reflect.Type, f reflect.StructField, optional bool) map[string]any {
	of := f.Type
	if optional && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	s, place := g.of(of), t.String()+"."+f.Name
	if values := enums[place]; values != nil {
		s = map[string]any{"enum": values}
	}
	if d := g.words[place]; d != "" {
		s["description"] = d
	}
	return s
}

// docWords are the comments of the types and fields that documents are made of.
func docWords(t *testing.T) map[string]string {
	t.Helper()
	words := map[string]string{}
	for _, dir := range []string{".", "../../rules", "../../analyze", "../../internal/report", "../../internal/lake", "../../internal/deliver"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if d, ok := d.(*ast.GenDecl); ok {
					typeWords(words, f.Name.Name, d)
				}
			}
		}
	}
	return words
}

func typeWords(words map[string]string, pkg string, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		s, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		name := pkg + "." + s.Name.Name
		words[name] = oneLine(d.Doc)
		fields, ok := s.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range fields.Fields.List {
			for _, n := range f.Names {
				words[name+"."+n.Name] = strings.TrimSpace(oneLine(f.Doc) + " " + oneLine(f.Comment))
			}
		}
	}
}

func oneLine(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	return strings.Join(strings.Fields(c.Text()), " ")
}
