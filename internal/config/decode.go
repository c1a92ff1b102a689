package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// text is a scalar with its place; Node is nil where the key is not there.
type text struct {
	Value string
	Node  *yaml.Node
}

func (t text) there() bool { return t.Node != nil }

// pair is one line of a mapping whose keys the user chooses.
type pair struct{ Key, Value text }

func reflectOf(v any) reflect.Value { return reflect.ValueOf(v).Elem() }

var (
	textType  = reflect.TypeFor[text]()
	pairsType = reflect.TypeFor[[]pair]()
	nodeType  = reflect.TypeFor[*yaml.Node]()
	timeType  = reflect.TypeFor[time.Time]()
)

// decode fills v from n by v's type. What does not fit is a problem, and the
// rest is read on.
func (p *parser) decode(n *yaml.Node, v reflect.Value) {
	switch {
	case n.Kind == yaml.AliasNode:
		p.at(n, "an alias (*"+n.Value+")", "write the value out; aliases are not read")
	case isNull(n): // as if the key were not there
	case v.Type() == textType:
		p.scalar(n, func(s string) error { v.Set(reflect.ValueOf(text{s, n})); return nil })
	case v.Type() == networksType:
		p.decodeNetworks(n, v)
	case v.Type() == pairsType:
		p.decodePairs(n, v)
	case v.Type() == timeType:
		p.scalar(n, func(s string) error { return setTime(v, s) })
	default:
		p.decodeKind(n, v)
	}
}

func (p *parser) decodeKind(n *yaml.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		p.decodeStruct(n, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.decode(n, v.Elem())
	case reflect.Slice:
		p.decodeList(n, v)
	case reflect.Map:
		p.decodeMap(n, v)
	case reflect.String:
		p.scalar(n, func(s string) error { v.SetString(s); return nil })
	case reflect.Bool:
		p.scalar(n, func(s string) error { return setBool(v, s) })
	case reflect.Int64:
		p.scalar(n, func(s string) error { return setInt(v, s) })
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func (p *parser) scalar(n *yaml.Node, set func(string) error) {
	if n.Kind != yaml.ScalarNode {
		p.at(n, "a "+kindName(n)+" where one value belongs", "")
		return
	}
	if err := set(n.Value); err != nil {
		p.at(n, err.Error(), "")
	}
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "list"
	case yaml.MappingNode:
		return "mapping"
	}
	return "value"
}

func setTime(v reflect.Value, s string) error {
	t, err := parseTime(s)
	if err == nil {
		v.Set(reflect.ValueOf(t))
	}
	return err
}

// parseTime reads 2026-01-31 (its midnight, UTC) or RFC 3339.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 2026-01-31 or 2026-01-31T12:00:00Z", s)
}

func setBool(v reflect.Value, s string) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", s)
	}
	v.SetBool(b)
	return nil
}

func setInt(v reflect.Value, s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no whole number", s)
	}
	v.SetInt(n)
	return nil
}

func (p *parser) decodeStruct(n *yaml.Node, v reflect.Value) {
	if at := v.FieldByName("At"); at.IsValid() && at.Type() == nodeType {
		at.Set(reflect.ValueOf(n))
	}
	p.mapping(n, func(key, value *yaml.Node) {
		if f, ok := fieldOf(v, key.Value); ok {
			p.decode(value, f)
			return
		}
		p.at(key, fmt.Sprintf("unknown key %q", key.Value), didYouMean(key.Value, keysOf(v.Type())))
	})
}

// keyOf is the name of a field in the file: by its yaml tag, or, for rows of
// the facts, by the name that CEL knows it by.
func keyOf(f reflect.StructField) string {
	if k := f.Tag.Get("yaml"); k != "" {
		return k
	}
	return f.Tag.Get("cel")
}

// fieldOf finds the field of a key, also in a struct that is embedded.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if k := keyOf(f); k != "" && k == key {
			return v.Field(i), true
		}
		if f.Anonymous {
			if found, ok := fieldOf(v.Field(i), key); ok {
				return found, true
			}
		}
	}
	return reflect.Value{}, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			keys = append(keys, keysOf(f.Type)...)
		}
		if k := keyOf(t.Field(i)); k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// mapping calls each for the pairs of a mapping; a key that comes twice is a problem.
func (p *parser) mapping(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.at(n, "a "+kindName(n)+" where a mapping (key: value) belongs", "")
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch line, twice := first[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			p.at(key, "a key that is no word", "")
		case twice:
			p.at(key, fmt.Sprintf("key %q comes twice, first on line %d", key.Value, line), "")
		default:
			first[key.Value] = key.Line
			each(key, n.Content[i+1])
		}
	}
}

func (p *parser) decodePairs(n *yaml.Node, v reflect.Value) {
	var out []pair
	p.mapping(n, func(key, value *yaml.Node) {
		p.scalar(value, func(s string) error {
			out = append(out, pair{text{key.Value, key}, text{s, value}})
			return nil
		})
	})
	v.Set(reflect.ValueOf(out))
}

func (p *parser) decodeList(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		p.at(n, "a "+kindName(n)+" where a list belongs", "begin each entry with - on a line of its own, or write [a, b]")
		return
	}
	for _, item := range n.Content {
		e := reflect.New(v.Type().Elem()).Elem()
		p.decode(item, e)
		v.Set(reflect.Append(v, e))
	}
}

func (p *parser) decodeMap(n *yaml.Node, v reflect.Value) {
	m := reflect.MakeMap(v.Type())
	p.mapping(n, func(key, value *yaml.Node) {
		p.scalar(value, func(s string) error {
			m.SetMapIndex(reflect.ValueOf(key.Value), reflect.ValueOf(s))
			return nil
		})
	})
	v.Set(m)
}

// quoted shortens what a file holds for a message.
func quoted(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 60 {
		s = s[:57] + "…"
	}
	return strconv.Quote(s)
}
