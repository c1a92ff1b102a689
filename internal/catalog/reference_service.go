package catalog

import (
	"slices"
	"strings"
)

// service joins a file with what was known of its service.
func (r *reference) service(old *service) *service {
	s := &service{prefix: r.Name, byName: map[string]*action{}, passers: map[string]bool{}, routes: map[string][]route{}}
	if old != nil {
		s.passers, s.routes = cloneSet(old.passers), old.routes
	}
	s.once.Do(func() {}) // there is no text to parse
	r.addTypes(s, old)
	operations := r.operations()
	for _, in := range r.Actions {
		a := &action{Action: Action{Name: r.Name + ":" + in.Name, Level: in.Annotations.Properties.level()}, prefix: r.Name, key: strings.ToLower(in.Name)}
		before := old.named(a.key)
		for _, t := range in.Resources {
			a.accept(s.typesNamed(t.Name), before)
		}
		if before != nil {
			a.tags, a.passes, a.operation = before.tags, before.passes, before.operation
		}
		a.operation = a.operation || operations[a.key]
		s.byName[a.key] = a
	}
	s.keep(old)
	r.addOperations(s)
	return s
}

func (s *service) named(key string) *action {
	if s == nil {
		return nil
	}
	return s.byName[key]
}

// keep takes over the actions that the file lacks, and sorts all.
func (s *service) keep(old *service) {
	if old != nil {
		for key, a := range old.byName {
			if s.byName[key] == nil {
				s.byName[key] = a
			}
		}
	}
	for _, a := range s.byName {
		s.actions = append(s.actions, a)
	}
	slices.SortFunc(s.actions, func(a, b *action) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range s.actions {
		s.names = append(s.names, a.Name)
	}
}

// addTypes are the file's resource types, and the old ones of other names.
func (r *reference) addTypes(s, old *service) {
	for _, t := range r.Resources {
		for _, arn := range t.ARNFormats {
			s.types = append(s.types, newResourceType(s, t.Name, arn))
		}
	}
	if old == nil {
		return
	}
	own := len(s.types)
	for _, t := range old.types {
		if !slices.ContainsFunc(s.types[:own], func(x *resourceType) bool { return strings.EqualFold(x.Name, t.Name) }) {
			s.types = append(s.types, t)
		}
	}
}

func (s *service) typesNamed(name string) []*resourceType {
	var out []*resourceType
	for _, t := range s.types {
		if strings.EqualFold(t.Name, name) {
			out = append(out, t)
		}
	}
	return out
}

// accept adds resource types. The files do not say which are required: what
// was known before stays, and a new action requires its only type.
func (a *action) accept(types []*resourceType, before *action) {
	for _, t := range types {
		required := before == nil
		if before != nil {
			i := slices.IndexFunc(before.types, func(x *resourceType) bool { return strings.EqualFold(x.Name, t.Name) })
			required = i >= 0 && before.required[i]
		}
		a.types, a.required, a.ResourceTypes = append(a.types, t), append(a.required, required), append(a.ResourceTypes, t.ResourceType)
	}
	if before == nil && len(a.types) > 1 {
		clear(a.required)
	}
}

// operations are the names of the file's operations, lower case.
func (r *reference) operations() map[string]bool {
	out := map[string]bool{}
	for _, op := range r.Operations {
		out[strings.ToLower(op.Name)] = true
	}
	return out
}

// addOperations notes operations that pass a role, and those of other names
// that AWS authorises as one action alone.
func (r *reference) addOperations(s *service) {
	s.sole = map[string]string{}
	for _, op := range r.Operations {
		key, sole := strings.ToLower(op.Name), ""
		for _, a := range op.AuthorizedActions {
			if strings.EqualFold(a.Service, "iam") && strings.EqualFold(a.Name, "PassRole") {
				s.passers[key] = true
				continue
			}
			if sole != "" {
				sole = "several"
				break
			}
			sole = strings.ToLower(a.Service + ":" + a.Name)
		}
		if s.byName[key] == nil && strings.Contains(sole, ":") {
			s.sole[key] = sole
		}
	}
}

func cloneSet(in map[string]bool) map[string]bool {
	out := make(map[string]bool, len(in))
	for k, v := range in {
		out[k] = v
	}
	return out
}

// details joins the file's condition keys and operations with what was known.
func (r *reference) details(old *serviceDetails) *serviceDetails {
	if old == nil {
		old = &serviceDetails{}
	}
	out := &serviceDetails{keys: slices.Clone(old.keys), actions: map[string]actionDetail{}, operations: old.operations}
	for k, d := range old.actions {
		out.actions[k] = d
	}
	index := r.keys(out)
	for _, a := range r.Actions {
		d := out.actions[strings.ToLower(a.Name)]
		d.keys = nil
		for _, k := range r.keysOf(a.ActionConditionKeys, a.Resources) {
			d.keys = append(d.keys, index(k))
		}
		out.actions[strings.ToLower(a.Name)] = d
	}
	for _, op := range r.Operations {
		key := strings.ToLower(op.Name)
		known := slices.ContainsFunc(old.operations, func(x Operation) bool { return strings.EqualFold(x.Name, op.Name) })
		if _, isAction := out.actions[key]; !isAction && !known {
			out.operations = append(slices.Clip(out.operations), Operation{Service: r.Name, Name: op.Name})
		}
	}
	return out
}

// keys returns where a condition key stands in d.keys; a new one is added.
func (r *reference) keys(d *serviceDetails) func(string) int {
	types, at := map[string]string{}, map[string]int{}
	for _, k := range r.ConditionKeys {
		types[k.Name] = strings.Join(k.Types, " ")
	}
	for i, k := range d.keys {
		at[k.Name] = i
	}
	return func(name string) int {
		i, ok := at[name]
		if !ok {
			i = len(d.keys)
			at[name], d.keys = i, append(d.keys, ConditionKey{name, types[name]})
		}
		return i
	}
}

// keysOf are the condition keys of an action and of its resource types, sorted.
func (r *reference) keysOf(own []string, resources []struct{ Name string }) []string {
	out := slices.Clone(own)
	for _, want := range resources {
		for _, t := range r.Resources {
			if t.Name == want.Name {
				out = append(out, t.ConditionKeys...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
