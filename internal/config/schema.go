package config

import (
	"encoding/json"
	"reflect"
	"slices"
)

// SchemaName names the JSON Schema of a configuration file.
const SchemaName = "trimtrail.config/1"

// Schema is the JSON Schema (draft 2020-12) of a configuration file, for
// editors: its keys, what each needs, and the values of those that have a few.
// It is made from the types that Parse fills. Parse finds more: a file that
// the schema lets pass may have problems still.
func Schema() []byte {
	d := defs{}
	s := objectOf(d.properties(reflect.TypeFor[document]()), nil)
	s["$defs"] = d
	s["$schema"], s["$id"] = "https://json-schema.org/draft/2020-12/schema", "urn:trimtrail.config:1"
	s["title"] = "A configuration of trimtrail"
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps and texts alone
	}
	return append(data, '\n')
}

type schema = map[string]any

// defs are the mappings that come in several places, by their name.
type defs map[string]any

// scalarOf is a value of a type; a key without one counts as left out.
func scalarOf(types ...string) schema { return schema{"type": append(types, "null")} }

func anyText() schema { return scalarOf("string", "number", "boolean") }

func among(values []string) schema {
	list := []any{nil}
	for _, v := range values {
		list = append(list, v)
	}
	return schema{"enum": list}
}

// needed are the keys that a mapping has to have, by its type.
var needed = map[reflect.Type][]string{
	reflect.TypeFor[owner]():      {"principal", "owner"},
	reflect.TypeFor[except]():     {"reason", "expires"},
	reflect.TypeFor[ownRule]():    {"id", "title", "severity", "for", "when"},
	reflect.TypeFor[source]():     {"uri"},
	reflect.TypeFor[reportFile](): {"path"},
}

// valueOf is what the text of a key may be, where that is not any text.
func valueOf(of reflect.Type, key string) schema {
	switch key {
	case "unused_days", "rotate_days", "max_per_rule", "network_budget", "workers", "keep", "port", "window_days":
		return schema{"type": []any{"integer", "null"}, "minimum": 1}
	case "path_style", "access_keys", "include_review", "always":
		return scalarOf("boolean")
	case "severity", "min_severity", "fail_on":
		return among(severities)
	case "for":
		return among(rowKinds)
	case "tls":
		return among(tlsKinds)
	case "last_accessed":
		return among(accessedLevels)
	case "format":
		if of == reflect.TypeFor[policiesKeys]() {
			return among(policyFormats)
		}
		return among(reportFormats)
	}
	return anyText()
}

func (d defs) of(t reflect.Type) schema {
	switch {
	case t == reflect.TypeFor[deliveryKey]():
		return d.delivery()
	case t == networksType:
		return schema{"type": []any{"object", "null"}, "additionalProperties": anyText(), "properties": schema{
			"mmdb": schema{"anyOf": []any{listOf(anyText()), anyText()}}, "aws_ranges": anyText(),
		}}
	case t == pairsType:
		return schema{"type": []any{"object", "null"}, "additionalProperties": among(severities)}
	case t == textType, t == timeType:
		return anyText()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.Slice:
		return listOf(d.of(t.Elem()))
	case reflect.Map:
		return schema{"type": []any{"object", "null"}, "additionalProperties": anyText()}
	case reflect.Bool:
		return scalarOf("boolean")
	case reflect.Int64:
		return scalarOf("integer")
	case reflect.Struct:
		if d[t.Name()] == nil {
			d[t.Name()] = objectOf(d.properties(t), needed[t])
		}
		return schema{"$ref": "#/$defs/" + t.Name()}
	}
	return anyText()
}

func listOf(items schema) schema { return schema{"type": []any{"array", "null"}, "items": items} }

func objectOf(properties schema, required []string) schema {
	s := schema{"type": []any{"object", "null"}, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// properties are the keys of a mapping, those of embedded ones too.
func (d defs) properties(t reflect.Type) schema {
	out := schema{}
	for _, f := range reflect.VisibleFields(t) {
		key := keyOf(f)
		switch {
		case key == "":
		case f.Type == textType:
			out[key] = valueOf(t, key)
		case key == "formats":
			out[key] = listOf(among(reportFormats))
		default:
			out[key] = d.of(f.Type)
		}
	}
	return out
}

// delivery is one of the kinds, each with the keys that it knows.
func (d defs) delivery() schema {
	all := d.properties(reflect.TypeFor[deliveryKey]())
	var kinds []any
	for _, k := range deliveryKinds {
		own := schema{}
		for _, key := range slices.Concat(commonKeys, k.needs, k.may) {
			own[key] = all[key]
		}
		own["kind"] = schema{"const": k.name}
		s := objectOf(own, slices.Concat([]string{"name", "kind"}, k.needs))
		s["type"] = "object"
		kinds = append(kinds, s)
	}
	return schema{"anyOf": kinds}
}
