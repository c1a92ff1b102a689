package config

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Registers are files that tell where addresses are, as the file names them.
type Registers struct {
	MMDB      []string // of countries and autonomous systems
	AWSRanges string   // AWS's ip-ranges.json, or empty
}

// networksKey is the mapping of networks: two keys of its own beside those
// that the user chooses.
type networksKey struct {
	MMDB      []text
	AWSRanges text
	Known     []pair
}

var networksType = reflect.TypeFor[networksKey]()

// decodeNetworks parts the keys: mmdb takes a name or a list of them.
func (p *parser) decodeNetworks(n *yaml.Node, v reflect.Value) {
	out := v.Addr().Interface().(*networksKey)
	known := *n
	known.Content = nil
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Value == "mmdb" && out.MMDB == nil && value.Kind == yaml.SequenceNode:
			p.decode(value, reflect.ValueOf(&out.MMDB).Elem())
		case key.Value == "mmdb" && out.MMDB == nil:
			out.MMDB = make([]text, 1)
			p.decode(value, reflect.ValueOf(&out.MMDB[0]).Elem())
		case key.Value == "aws_ranges" && !out.AWSRanges.there():
			p.decode(value, reflect.ValueOf(&out.AWSRanges).Elem())
		default:
			known.Content = append(known.Content, key, value)
		}
	}
	p.decodePairs(&known, reflect.ValueOf(&out.Known).Elem())
}

func (p *parser) registers(n *networksKey) Registers {
	var r Registers
	for _, t := range n.MMDB {
		if p.fileName(t) {
			r.MMDB = append(r.MMDB, t.Value)
		}
	}
	if p.fileName(n.AWSRanges) {
		r.AWSRanges = n.AWSRanges.Value
	}
	return r
}

// fileName tells a name that is there and not empty.
func (p *parser) fileName(t text) bool {
	if t.there() && strings.TrimSpace(t.Value) == "" {
		p.at(t.Node, "no name of a file", "")
		return false
	}
	return t.there()
}
