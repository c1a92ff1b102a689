package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/deliver"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/internal/schematest"
	"github.com/trimtrail/trimtrail/rules"
)

var writeSchemas = flag.Bool("update-schemas", false, "write docs/schema anew")

const schemaDir = "../../docs/schema"

// published are the documents whose shape others may rely on, by schema name.
var published = map[string]func(*testing.T, string) []byte{
	"trimtrail.findings/1": schemaOf[rules.Findings],
	"trimtrail.policies/1": schemaOf[rules.Policies],
	checkSchema:            schemaOf[rules.Checks],
	report.Schema:          schemaOf[report.Document],
	ingestSchema:           schemaOf[ingestDoc],
	lake.StatusSchema:      schemaOf[lake.Status],
	runSchema:              schemaOf[runDoc],
	deliver.MessageSchema:  schemaOf[deliver.Message],
	config.SchemaName:      func(*testing.T, string) []byte { return config.Schema() },
}

// schemaFile is docs/schema/findings-1.json for trimtrail.findings/1.
func schemaFile(name string) string {
	return filepath.Join(schemaDir, strings.ReplaceAll(strings.TrimPrefix(name, "trimtrail."), "/", "-")+".json")
}

// TestSchemasAreUpToDate holds docs/schema to the types.
func TestSchemasAreUpToDate(t *testing.T) {
	for name, made := range published {
		want, file := made(t, name), schemaFile(name)
		if *writeSchemas {
			if err := writeFile(file, want); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the types say; if the change is meant (members may be added, not taken away), write it with  go test ./cmd/trimtrail -run Schemas -update-schemas", file)
		}
	}
}

func readSchema(t *testing.T, name string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(schemaFile(name))
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	decode(t, string(data), &schema)
	return schema
}

// policyFile is a file with a policy that allows everything.
func policyFile(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(name, []byte(allowAll), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// documents are what the program writes of one archive, by schema.
func documents(t *testing.T) map[string][]string {
	at := archive(t)
	before := edited(t, at, func(f map[string]any) { f["findings"] = f["findings"].([]any)[1:] })
	return map[string][]string{
		"trimtrail.findings/1": {must(t, "analyze", "--lake", at, "--format", "json")},
		"trimtrail.policies/1": {must(t, "policy", "--all", "--lake", at, "--format", "json"), must(t, "policy", "--all", "--conditions", "--lake", at, "--format", "json")},
		checkSchema:            {must(t, "policy", "check", policyFile(t), "--principal", "user/eve", "--lake", at, "--format", "json")},
		report.Schema: {must(t, "report", "--lake", at, "--format", "json"),
			must(t, "report", "--lake", at, "--format", "json", "--since-report", before)},
		ingestSchema:      {must(t, "ingest", filepath.Dir(at), "--lake", filepath.Join(t.TempDir(), "other"), "--format", "json")},
		lake.StatusSchema: {must(t, "lake", "status", "--lake", at, "--format", "json")},
	}
}

// TestSchemasFit validates what the program writes.
func TestSchemasFit(t *testing.T) {
	for name, docs := range documents(t) {
		schema := readSchema(t, name)
		for _, text := range docs {
			var doc any
			decode(t, text, &doc)
			for _, b := range schematest.Breaches(doc, schema) {
				t.Errorf("%s: %s", name, b)
			}
		}
	}
}

// TestSchemasRefuse holds that a schema says more than "a document".
func TestSchemasRefuse(t *testing.T) {
	text := must(t, "analyze", "--lake", archive(t), "--format", "json")
	schema := readSchema(t, "trimtrail.findings/1")
	finding := func(d map[string]any) map[string]any { return d["findings"].([]any)[0].(map[string]any) }
	for _, tt := range []struct {
		name string
		harm func(map[string]any)
		want string
	}{
		{"another schema", func(d map[string]any) { d["schema"] = "trimtrail.findings/2" }, "$.schema is"},
		{"no list", func(d map[string]any) { delete(d, "warnings") }, "$ has no warnings"},
		{"null for a list", func(d map[string]any) { d["warnings"] = nil }, "$.warnings is no array"},
		{"a severity of its own", func(d map[string]any) { finding(d)["severity"] = "grave" }, "$.findings[0].severity is grave"},
		{"no time", func(d map[string]any) { d["as_of"] = "yesterday" }, "$.as_of is no time"},
		{"a broken count", func(d map[string]any) { finding(d)["evidence"].(map[string]any)["count"] = 1.5 }, "count is no integer"},
		{"a member that nobody told of", func(d map[string]any) { finding(d)["mood"] = "bad" }, "has mood"},
	} {
		var doc map[string]any
		decode(t, text, &doc)
		tt.harm(doc)
		if found := strings.Join(schematest.Breaches(doc, schema), "\n"); !strings.Contains(found, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, found, tt.want)
		}
	}
}

// TestSchemasAreSchemas holds that each file is JSON of the draft it names.
func TestSchemasAreSchemas(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(schemaDir, "*.json"))
	if err != nil || len(files) < len(published) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		var s struct {
			Schema string `json:"$schema"`
		}
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil || s.Schema != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("%s: %q, %v", f, s.Schema, err)
		}
	}
}
