package ocsf

import (
	"strconv"
	"strings"
	"time"
)

// group is a value as it was read: a row, or a part of one. Its methods are for
// any value, and find nothing in those of another form.
type group struct{ value any }

// at is the member at the end of a path.
func (g group) at(path ...string) group {
	for _, name := range path {
		m, ok := g.value.(map[string]any)
		if !ok {
			return group{}
		}
		g = group{m[name]}
	}
	return g
}

// text is a member as text; "" where it is missing or has members itself.
func (g group) text(path ...string) string {
	switch v := g.at(path...).value.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	case int32:
		return strconv.FormatInt(int64(v), 10)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// first is the first of the paths, with dots, that has a text.
func (g group) first(paths ...string) string {
	for _, p := range paths {
		if s := g.text(strings.Split(p, ".")...); s != "" {
			return s
		}
	}
	return ""
}

// list is a list's elements, whichever of Parquet's forms it has: of three
// levels, of two, or with names of older writers.
func (g group) list() []group {
	switch v := g.value.(type) {
	case []any:
		out := make([]group, 0, len(v))
		for _, e := range v {
			if m, ok := e.(map[string]any); ok && len(m) == 1 && m["element"] != nil {
				e = m["element"]
			}
			out = append(out, group{e})
		}
		return out
	case map[string]any:
		for _, name := range [...]string{"list", "bag", "array"} {
			if len(v) == 1 && v[name] != nil {
				return group{v[name]}.list()
			}
		}
	}
	return nil
}

// members are those of a map or a struct that are texts.
func (g group) members() map[string]string {
	out := map[string]string{}
	m, _ := g.value.(map[string]any)
	for name := range m {
		if s := g.text(name); s != "" {
			out[name] = s
		}
	}
	return out
}

// when is a time as CloudTrail writes it; "" where there is none. OCSF's times
// are milliseconds; those with _dt are of the unit of their column, which the
// value's size tells for all times from 1973 on.
func (g group) when(paths ...string) string {
	n, err := strconv.ParseInt(g.first(paths...), 10, 64)
	switch {
	case err != nil || n <= 0:
		return ""
	case n > 1e17:
		n /= 1e6
	case n > 1e14:
		n /= 1e3
	}
	t := time.UnixMilli(n).UTC()
	if t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
