package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// Document is the shape of trimtrail.report/1.
type Document struct {
	Schema     string             `json:"schema"`
	Title      string             `json:"title"`
	Version    string             `json:"version"`
	Generated  time.Time          `json:"generated"`
	Findings   *rules.Findings    `json:"findings"`
	Policies   *rules.Policies    `json:"policies"`
	Principals []PrincipalSummary `json:"principals"`
	// Changes are there where the report was compared with an earlier one.
	Changes *Changes `json:"changes,omitempty"`
}

// JSON writes the whole model as one document, schema trimtrail.report/1,
// with trimtrail.findings/1 and trimtrail.policies/1 inside.
func JSON(w io.Writer, m *Model) error {
	return encode(w, Document{Schema, m.Title, m.Version, m.Generated, m.Findings, m.Policies, m.Principals, m.Changes})
}

// FindingsJSON writes f as one document, schema trimtrail.findings/1.
func FindingsJSON(w io.Writer, f *rules.Findings) error { return encode(w, f) }

// PoliciesJSON writes p as one document, schema trimtrail.policies/1.
func PoliciesJSON(w io.Writer, p *rules.Policies) error { return encode(w, p) }

// encode writes v indented by two, with empty lists for nil ones.
func encode[T any](w io.Writer, v T) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(copyOf(v, func(s string) string { return s })); err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	_, err := w.Write(hidden(b.Bytes()))
	return err
}

// hidden writes characters that a terminal would obey as JSON escapes, which
// mean the same to every parser. They occur in strings only.
func hidden(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		switch {
		case r == '\n' || !unsafe(r):
			out = append(out, string(r)...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
