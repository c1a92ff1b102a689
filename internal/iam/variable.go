package iam

import "strings"

// expand fills the policy variables of one value and turns its wildcards
// into the bytes of expanded, so that wildcards in a variable's value mean
// themselves. It reports false where a variable has neither a value nor a
// default: such a value matches nothing.
func (a *ask) expand(s string) (string, bool) {
	var b strings.Builder
	filled := 0
	for s != "" {
		i := strings.Index(s, "${")
		end := -1
		if i >= 0 {
			end = strings.IndexByte(s[i:], '}')
		}
		if end < 0 {
			b.WriteString(encode(s))
			break
		}
		b.WriteString(encode(s[:i]))
		v, ok := a.variable(s[i+2 : i+end])
		if filled += len(v); !ok || filled > longestFilling {
			return "", false
		}
		b.WriteString(strings.ToValidUTF8(v, "\uFFFD"))
		s = s[i+end+1:]
	}
	return b.String(), true
}

// longestFilling bounds what variables put into one value: more than anything
// that it could match, and little enough that a policy of nothing but variables costs no memory.
const longestFilling = 1 << 20

// variable is the value of what stands between ${ and }: one of the escapes
// *, ? and $, or a context key, with a default in quotes after a comma. A key
// with several values cannot be a variable (IAM user guide, policy variables).
func (a *ask) variable(name string) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	name, def, hasDefault := strings.Cut(name, ",")
	vs, ok := a.value(strings.TrimSpace(name))
	if ok && len(vs) > 0 {
		return vs[0], len(vs) == 1
	}
	def = strings.TrimSpace(def)
	if hasDefault && len(def) >= 2 && def[0] == '\'' && def[len(def)-1] == '\'' {
		return def[1 : len(def)-1], true
	}
	return "", false
}

func encode(s string) string {
	if !strings.ContainsAny(s, "*?") {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	b := []byte(strings.ToValidUTF8(s, "\uFFFD"))
	for i, c := range b {
		switch c {
		case '*':
			b[i] = expanded.star
		case '?':
			b[i] = expanded.one
		}
	}
	return string(b)
}

// pattern readies one value of a policy for matching: as written where it has
// no variables, else expanded. Variables exist since version 2012-10-17.
func (a *ask) pattern(s string, variables bool) (string, wildcards, bool) {
	if !variables || !strings.Contains(s, "${") {
		return s, plain, true
	}
	e, ok := a.expand(s)
	return e, expanded, ok
}

// literal is pattern for operators without wildcards: * and ? are themselves.
func (a *ask) literal(s string, variables bool) (string, bool) {
	e, w, ok := a.pattern(s, variables)
	if !ok || w == plain {
		return e, ok
	}
	b := []byte(e)
	for i, c := range b {
		switch c {
		case expanded.star:
			b[i] = '*'
		case expanded.one:
			b[i] = '?'
		}
	}
	return string(b), true
}
