package iam

import (
	"maps"
	"slices"
)

// test is one key of a Condition element with its operator.
type test struct {
	op     operator
	known  bool // the operator is one; else nothing can hold
	key    string
	values []string
}

// readTests takes a Condition element apart, sorted by operator and key.
func readTests(c map[string]map[string]StringList) []test {
	var ts []test
	for _, name := range slices.Sorted(maps.Keys(c)) {
		op, ok := findOperator(name)
		if !ok {
			return []test{{}}
		}
		for _, key := range slices.Sorted(maps.Keys(c[name])) {
			ts = append(ts, test{op, true, key, c[name][key].Values})
		}
	}
	return ts
}

// condition reports whether all tests hold.
func (a *ask) condition(ts []test, variables bool) bool {
	for i := range ts {
		if t := &ts[i]; !t.known || !a.holds(t.op, t.key, t.values, variables) {
			return false
		}
	}
	return true
}

func (a *ask) holds(op operator, key string, want []string, variables bool) bool {
	have, present := a.value(key)
	present = present && len(have) > 0
	if op.compare == nil {
		// An empty string is a null data set (IAM user guide, Multivalued context keys).
		return isNull(want, present && some(have, func(h string) bool { return h != "" }))
	}
	if !present {
		return op.absent()
	}
	// One policy value is compared with one request value; a negated operator
	// asks that no policy value fits.
	fits := func(h string) bool { return a.any(op, h, want, variables) != op.negated }
	switch op.set {
	case forAll:
		for _, h := range have {
			if h != "" && !fits(h) {
				return false
			}
		}
		return true
	case forAny:
		return some(have, fits)
	}
	if op.negated {
		return !some(have, func(h string) bool { return !fits(h) })
	}
	return some(have, fits)
}

// absent is the answer for a key that the request does not have: a negated
// operator holds, and so do IfExists and ForAllValues; ForAnyValue never does.
func (op operator) absent() bool {
	return op.ifExists || op.set == forAll || op.negated && op.set != forAny
}

func (a *ask) any(op operator, have string, want []string, variables bool) bool {
	for _, w := range want {
		if op.compare(a, w, have, variables && op.variables) {
			return true
		}
	}
	return false
}

func isNull(want []string, present bool) bool {
	for _, w := range want {
		if absent, ok := boolean(w); ok && absent != present {
			return true
		}
	}
	return false
}

func some(list []string, f func(string) bool) bool {
	for _, s := range list {
		if f(s) {
			return true
		}
	}
	return false
}
