package config

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/trimtrail/trimtrail/internal/schematest"
)

// againstSchema are the breaches of a configuration, as an editor shows them.
func againstSchema(t *testing.T, text string) []string {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return schematest.Breaches(asJSON(doc), schema)
}

// asJSON is a value of YAML as JSON has it.
func asJSON(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case map[string]any:
		for k := range v {
			v[k] = asJSON(v[k])
		}
	case []any:
		for i := range v {
			v[i] = asJSON(v[i])
		}
	case nil, bool, float64, string:
	default:
		return fmt.Sprint(v) // a day
	}
	return v
}

// TestConfigFitsItsSchema holds the sample, as it is and with all of it
// switched on, and the examples of the manual against the schema.
func TestConfigFitsItsSchema(t *testing.T) {
	texts := []string{Sample, regexp.MustCompile(`(?m)^  # `).ReplaceAllString(Sample, "  ")}
	for _, name := range []string{"../../docs/running.md", "../../docs/configuration.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
			texts = append(texts, m[1])
		}
	}
	if len(texts) < 7 {
		t.Fatalf("only %d files", len(texts))
	}
	for _, text := range texts {
		if found := againstSchema(t, text); len(found) > 0 {
			t.Errorf("%s\nin\n%s", strings.Join(found, "\n"), text)
		}
	}
}

// TestConfigSchemaRefuses holds that the schema finds what Parse finds too.
func TestConfigSchemaRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"unsued_days: 3", "$ has unsued_days"},
		{"thresholds: {unused_days: soon}", "$.thresholds.unused_days is no integer"},
		{"severity: {TT-C05: grave}", "$.severity.TT-C05 is grave"},
		{"networks: {203.0.113.0/24: [office]}", "is no string"},
		{"sources: [{profile: audit}]", "$.sources[0] has no uri"},
		{"exceptions: [{rule: TT-C01, reason: later}]", "has no expires"},
		{"owners: [{owner: data}]", "has no principal"},
		{"policies: {dir: policies, format: html}", "$.policies.format is html"},
		{"reports: {files: [{path: a.x, format: pdf}]}", "format is pdf"},
		{"lake_access: {path_style: maybe}", "path_style is no boolean"},
		{"iam: {pull: {last_accessed: all}}", "last_accessed is all"},
		{"deliveries: [{name: a, kind: directory}]", "has no path"},
		{"deliveries: [{name: a, kind: pigeon, path: x}]", "kind is pigeon"},
		{"rules: [{id: X-A, title: a, severity: low, for: tree, when: 'true'}]", "for is tree"},
	} {
		if found := strings.Join(againstSchema(t, c.text), "\n"); !strings.Contains(found, c.want) {
			t.Errorf("%s: %q, want %q", c.text, found, c.want)
		}
		if _, err := Parse("x.yaml", []byte(c.text)); err == nil {
			t.Errorf("%s: Parse finds nothing", c.text)
		}
	}
}
