// Package mmdbtest writes small MMDB files for tests: IPv4 and IPv6 prefixes
// with a record each. It reads none, and it does not share equal records.
// Format: https://maxmind.github.io/MaxMind-DB/ (version 2.0, seen 2026-11-25).
package mmdbtest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// Network is a prefix with its record: text, uint32, and maps of them.
type Network struct {
	Prefix string
	Record map[string]any
}

// Bytes is an MMDB file of a type, as GeoLite2-ASN. Of prefixes that hold one
// another the wider must come first.
func Bytes(kind string, networks []Network) ([]byte, error) {
	t := &tree{nodes: make([][2]uint32, 1)}
	var data []byte
	for _, n := range networks {
		p, err := netip.ParsePrefix(n.Prefix)
		if err != nil {
			return nil, err
		}
		t.insert(p, uint32(len(data)))
		data = appendValue(data, n.Record)
	}
	out := t.bytes()
	out = append(out, make([]byte, 16)...)
	out = append(out, data...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	return appendValue(out, map[string]any{
		"node_count": uint32(len(t.nodes)), "record_size": uint16(32), "ip_version": uint16(6), "database_type": kind,
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0), "build_epoch": uint64(1767225600),
		"languages": []string{}, "description": map[string]any{"en": "made up for tests"},
	}), nil
}

// tree is the search tree: a pair of records a node; leaf marks one that
// points to data, 0 is nothing.
type tree struct{ nodes [][2]uint32 }

const leaf = 1 << 31

func (t *tree) insert(p netip.Prefix, data uint32) {
	b, bits := p.Addr().As16(), p.Bits()
	if p.Addr().Is4() { // IPv4 lies in ::/96
		v4 := p.Addr().As4()
		b, bits = [16]byte{}, bits+96
		copy(b[12:], v4[:])
	}
	at := uint32(0)
	for i := range bits {
		bit := b[i/8] >> (7 - i%8) & 1
		next := t.nodes[at][bit]
		switch {
		case i == bits-1:
			t.nodes[at][bit] = leaf | data
			return
		case next == 0 || next&leaf != 0: // what is below keeps the wider record
			t.nodes = append(t.nodes, [2]uint32{next, next})
			t.nodes[at][bit] = uint32(len(t.nodes) - 1)
		}
		at = t.nodes[at][bit]
	}
}

func (t *tree) bytes() []byte {
	n := uint32(len(t.nodes))
	var out []byte
	for _, pair := range t.nodes {
		for _, r := range pair {
			switch {
			case r == 0:
				r = n // no data
			case r&leaf != 0:
				r = n + 16 + r&^leaf
			}
			out = binary.BigEndian.AppendUint32(out, r)
		}
	}
	return out
}

// The types of the data section.
const (
	typeText   = 2
	typeUint16 = 5
	typeUint32 = 6
	typeMap    = 7
	typeUint64 = 9
	typeArray  = 11
)

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(control(b, typeText, len(v)), v...)
	case uint16:
		return binary.BigEndian.AppendUint16(control(b, typeUint16, 2), v)
	case uint32:
		return binary.BigEndian.AppendUint32(control(b, typeUint32, 4), v)
	case uint64:
		return binary.BigEndian.AppendUint64(control(b, typeUint64, 8), v)
	case []string:
		b = control(b, typeArray, len(v))
		for _, s := range v {
			b = appendValue(b, s)
		}
		return b
	case map[string]any:
		b = control(b, typeMap, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = appendValue(appendValue(b, k), v[k])
		}
		return b
	}
	panic(fmt.Sprintf("no such type in an MMDB file: %T", v))
}

// control is the byte that begins a value: type and size, up to 28, or 284 with one more.
func control(b []byte, kind, size int) []byte {
	low := size
	if size > 28 {
		low = 29
	}
	if kind > 7 {
		b = append(b, byte(low), byte(kind-7))
	} else {
		b = append(b, byte(kind<<5|low))
	}
	if size > 28 {
		b = append(b, byte(size-29))
	}
	return b
}
