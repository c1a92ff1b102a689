package catalog

import (
	"slices"
	"strings"
)

// Expand returns the actions that an IAM pattern such as s3:Get*,
// ec2:?escribe* or * matches in any case, sorted; empty where none does. The
// slice is shared: do not change it.
func (c *Catalog) Expand(pattern string) []string {
	if pattern == "*" || pattern == "*:*" {
		return c.all()
	}
	pattern = strings.ToLower(pattern)
	return c.expansions.get(pattern, func() []string { return c.expand(pattern) })
}

func (c *Catalog) expand(pattern string) []string {
	prefix, name, ok := strings.Cut(pattern, ":")
	if !ok {
		return nil
	}
	if !strings.ContainsAny(prefix, "*?") {
		if s := c.service(prefix); s != nil {
			return s.expand(name)
		}
		return nil
	}
	var out []string
	for _, p := range c.prefixes {
		if match(prefix, p) {
			out = append(out, c.service(p).expand(name)...)
		}
	}
	slices.Sort(out)
	return out
}

// expand returns the full names of the actions that a lower-case pattern matches.
func (s *service) expand(pattern string) []string {
	if pattern == "*" {
		return s.names
	}
	if !strings.ContainsAny(pattern, "*?") {
		if a := s.byName[pattern]; a != nil {
			return []string{a.Name}
		}
		return nil
	}
	var out []string
	for _, a := range s.actions {
		if match(pattern, a.key) {
			out = append(out, a.Name)
		}
	}
	return out
}

// match reports whether text fits pattern, where * stands for any run of
// bytes and ? for one. It remembers only the last star, so its time is at
// most the product of both lengths, never exponential.
func match(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
