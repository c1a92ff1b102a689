package catalog

import "slices"

// field is one string or number of a request or response, under the name of
// the member that holds it, or of the list that it stands in.
type field struct {
	key    string // as AWS wrote it
	parent string // of the structure that holds the member
	value  string
	depth  int // 0 for a top-level member
}

// params are the fields of one JSON text, flattened on first use, by depth
// and then in order of appearance.
type params struct {
	raw    string
	flat   []field
	parsed bool
	found  []string // what values returned since the last reset
}

// Bounds on what one request may cost; the largest real one seen holds some
// hundred fields and is six levels deep.
const (
	maxFields = 512
	maxDepth  = 10
)

func (p *params) reset(raw string) {
	p.raw, p.flat, p.parsed, p.found = raw, p.flat[:0], false, p.found[:0]
}

func (p *params) fields() []field {
	if !p.parsed {
		p.parsed = true
		p.walk("", "", p.raw[skipSpace(p.raw, 0):], -1)
	}
	return p.flat
}

// walk adds the scalars below raw, which stands under parent and key at a depth.
func (p *params) walk(parent, key, raw string, depth int) {
	if raw == "" || depth > maxDepth || len(p.flat) >= maxFields {
		return
	}
	switch raw[0] {
	case '{':
		members(raw, func(k, v string) bool {
			p.walk(key, k, v, depth+1)
			return true
		})
	case '[':
		elements(raw, func(v string) bool {
			p.walk(parent, key, v, depth)
			return true
		})
	default:
		if key == "content" && parent != "" {
			key, parent = parent, "" // EC2 writes some lists as {"RouteTableId":{"tag":1,"content":"rtb-1"}}
		}
		if s := scalar(raw); s != "" {
			p.flat = append(p.flat, field{key, parent, s, depth})
		}
	}
}

// top is the text of a top-level member, empty where there is none.
func (p *params) top(key string) string { return scalar(p.member(key)) }

// member is the JSON text of a top-level member.
func (p *params) member(key string) string {
	out := ""
	members(p.raw, func(k, v string) bool {
		if k == key {
			out = v
		}
		return out == ""
	})
	return out
}

// values are the distinct texts under a normalised name at the least depth
// where there are any. The slice is the caller's to change, and is good until
// the next reset.
func (p *params) values(name string) []string {
	start, best := len(p.found), maxDepth+1
	for i := range p.fields() {
		f := &p.flat[i]
		if f.depth > best || !sameName(name, f.key) {
			continue
		}
		if f.depth < best {
			best, p.found = f.depth, p.found[:start]
		}
		if !slices.Contains(p.found[start:], f.value) {
			p.found = append(p.found, f.value)
		}
	}
	if len(p.found) == start {
		return nil
	}
	return p.found[start:len(p.found):len(p.found)]
}

// sameName reports whether key, without case and punctuation, is the normalised name.
func sameName(name, key string) bool {
	if len(key) < len(name) {
		return false
	}
	n := 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c < '0' || c > '9' && c < 'a' || c > 'z' {
			continue
		}
		if n == len(name) || name[n] != c {
			return false
		}
		n++
	}
	return n == len(name)
}

// normal is a name in lower case, letters and digits only.
func normal(name string) string {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
			out = append(out, c)
		}
	}
	return string(out)
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
