package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// has follows path, as findings.0.id, through decoded JSON.
func has(v any, path string) bool {
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[step]
			if !ok {
				return false
			}
			v = next
		case []any:
			if step != "0" || len(x) == 0 {
				return false
			}
			v = x[0]
		default:
			return false
		}
	}
	return true
}

func TestJSONShape(t *testing.T) {
	m := bigModel(t, 5)
	tests := []struct {
		schema string
		write  func(io.Writer) error
		paths  string
	}{
		{"trimtrail.findings/1", func(w io.Writer) error { return FindingsJSON(w, m.Findings) },
			"as_of window.from window.to coverage.0.account_id warnings not_evaluable findings.0.id findings.0.rule findings.0.severity findings.0.confidence " +
				"findings.0.account_id findings.0.principal findings.0.credential findings.0.title findings.0.reason findings.0.evidence.count findings.0.fix.summary"},
		{"trimtrail.policies/1", func(w io.Writer) error { return PoliciesJSON(w, m.Policies) },
			"policies.0.principal policies.0.current.0.name policies.0.proposed policies.0.removed policies.0.kept.0.action policies.0.kept.0.why policies.0.kept.0.count " +
				"policies.0.kept.0.first policies.0.kept.0.last policies.0.unobservable policies.0.backtest.train.from policies.0.backtest.test.to " +
				"policies.0.backtest.calls policies.0.backtest.denied policies.0.backtest.failures policies.0.confidence policies.0.warnings policies.0.current.0.document.Statement"},
		{"trimtrail.report/1", func(w io.Writer) error { return JSON(w, m) },
			"title version generated findings.findings.0.id policies.policies.0.principal principals.0.arn principals.0.kind principals.0.account_id principals.0.events " +
				"principals.0.denied principals.0.days principals.0.networks.0.network principals.0.credentials.0.id principals.0.services.0.used principals.0.daily"},
	}
	for _, tt := range tests {
		t.Run(tt.schema, func(t *testing.T) {
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
				t.Fatal(err)
			}
			if doc["schema"] != tt.schema {
				t.Errorf("schema is %v", doc["schema"])
			}
			for _, p := range strings.Fields(tt.paths) {
				if !has(doc, p) {
					t.Errorf("%s is missing", p)
				}
			}
		})
	}
}

func TestJSONHasListsWhereNothingIs(t *testing.T) {
	var b bytes.Buffer
	if err := FindingsJSON(&b, &rules.Findings{Schema: "trimtrail.findings/1"}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("null")) {
		t.Errorf("a list is null:\n%s", b.String())
	}
	b.Reset()
	one := &rules.Policies{Policies: []rules.Proposal{{Principal: "a<b>&c"}}}
	if err := PoliciesJSON(&b, one); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("null")) || !bytes.Contains(b.Bytes(), []byte("a<b>&c")) {
		t.Errorf("null list or escaped text:\n%s", b.String())
	}
	if one.Policies[0].Removed != nil {
		t.Error("writing changed the model")
	}
}
