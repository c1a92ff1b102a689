package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

const findingsSchema = "trimtrail.findings/1"

// Previous reads the findings of an earlier run: the output of `report
// --format json` or of `analyze --format json`. Its errors say what the data
// is instead, and are to follow the name of the file.
func Previous(data []byte) (*rules.Findings, error) {
	var head struct {
		Schema   string          `json:"schema"`
		Findings json.RawMessage `json:"findings"`
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("is empty")
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("is no JSON document: %w", err)
	}
	switch head.Schema {
	case Schema:
		data = head.Findings
	case findingsSchema:
	default:
		return nil, otherSchema(head.Schema)
	}
	var f *rules.Findings
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("has other findings than this version reads: %w", err)
	}
	if f == nil {
		return nil, errors.New("holds no findings")
	}
	if f.AsOf.IsZero() {
		return nil, errors.New("does not say of when it is (as_of)")
	}
	return f, nil
}

// otherSchema says what a document is that is no report.
func otherSchema(schema string) error {
	for _, s := range []string{Schema, findingsSchema} {
		name, _, _ := strings.Cut(s, "/")
		if strings.HasPrefix(schema, name+"/") {
			return fmt.Errorf("is of the shape %s; this version reads %s", clean(cut(schema, 60)), s)
		}
	}
	if schema == "" {
		return errors.New("is JSON, but no report: it has no schema")
	}
	return fmt.Errorf("is of the shape %s, which is no report", clean(cut(schema, 60)))
}
