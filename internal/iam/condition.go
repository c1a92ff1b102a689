package iam

// condition reports whether a Condition element holds: every operator, every key.
func (a *ask) condition(c map[string]map[string]StringList, variables bool) bool {
	for name, keys := range c {
		op, ok := findOperator(name)
		if !ok {
			return false
		}
		for key, want := range keys {
			if !a.holds(op, key, want.Values, variables) {
				return false
			}
		}
	}
	return true
}

func (a *ask) holds(op operator, key string, want []string, variables bool) bool {
	have, present := a.value(key)
	present = present && len(have) > 0
	if op.compare == nil {
		return isNull(want, present)
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
