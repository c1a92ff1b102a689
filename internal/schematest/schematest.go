// Package schematest holds documents against our JSON Schemas, in tests. It
// knows the words of JSON Schema that they are written with, and no others.
//
//	found := schematest.Breaches(doc, schema)
package schematest

import (
	"fmt"
	"path"
	"slices"
	"time"
)

// Breaches lists where a document, as encoding/json reads it, breaks a schema. It also
// tells of members that the schema does not name, which another reader would
// let pass: a shape may grow.
func Breaches(doc any, schema map[string]any) []string { return breaches(doc, schema, schema, "$") }

func breaches(doc, schema any, root map[string]any, at string) []string {
	s := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		return breaches(doc, root["$defs"].(map[string]any)[path.Base(ref)], root, at)
	}
	if options, ok := s["anyOf"].([]any); ok {
		var first []string
		for i, one := range options {
			found := breaches(doc, one, root, at)
			if len(found) == 0 {
				return nil
			}
			if i == 0 {
				first = found
			}
		}
		return first
	}
	if c, ok := s["const"]; ok && c != doc {
		return []string{fmt.Sprintf("%s is %v, not %v", at, doc, c)}
	}
	if values, ok := s["enum"].([]any); ok && !oneOfThem(doc, values) {
		return []string{fmt.Sprintf("%s is %v", at, doc)}
	}
	if kinds := kindsOf(s["type"]); kinds != nil && !slices.ContainsFunc(kinds, func(k string) bool { return isKind(doc, k) }) {
		return []string{fmt.Sprintf("%s is no %s", at, kinds[0])}
	}
	if s["format"] == "date-time" {
		if _, err := time.Parse(time.RFC3339, doc.(string)); err != nil {
			return []string{fmt.Sprintf("%s is no time", at)}
		}
	}
	return within(doc, s, root, at)
}

func within(doc any, s, root map[string]any, at string) (found []string) {
	switch v := doc.(type) {
	case []any:
		if s["items"] == nil {
			return nil
		}
		for i := range v {
			found = append(found, breaches(v[i], s["items"], root, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		if properties == nil && s["additionalProperties"] == nil {
			return nil
		}
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				found = append(found, fmt.Sprintf("%s has no %s", at, name))
			}
		}
		for name, value := range v {
			if more, ok := s["additionalProperties"].(map[string]any); ok && properties[name] == nil {
				found = append(found, breaches(value, more, root, at+"."+name)...)
				continue
			}
			if properties[name] == nil {
				found = append(found, fmt.Sprintf("%s has %s, which the schema does not", at, name))
				continue
			}
			found = append(found, breaches(value, properties[name], root, at+"."+name)...)
		}
	}
	return found
}

// kindsOf are the names of a type, which may be one or a list.
func kindsOf(t any) []string {
	switch t := t.(type) {
	case string:
		return []string{t}
	case []any:
		out := make([]string, len(t))
		for i := range t {
			out[i] = t[i].(string)
		}
		return out
	}
	return nil
}

func oneOfThem(v any, list []any) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func isKind(v any, kind string) bool {
	switch x := v.(type) {
	case nil:
		return kind == "null"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || kind == "integer" && x == float64(int64(x))
	case []any:
		return kind == "array"
	}
	return kind == "object"
}
