package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// detail is what the second file keeps of an action or an operation.
type detail struct {
	keys           map[string]bool // condition keys
	dependents     map[string]bool // full names
	permissionOnly bool
	call           call
}

// call is what the models say of an operation.
type call struct {
	methods map[string]bool
	members map[string]bool // paths of request members that hold a role
}

func (c *call) add(method string, members []string) {
	if c.methods == nil {
		c.methods, c.members = map[string]bool{}, map[string]bool{}
	}
	c.methods[method] = true
	for _, m := range members {
		c.members[m] = true
	}
}

// detailOf is the detail of an action, made on first use.
func (a *action) detailOf() *detail {
	if a.detail == nil {
		a.detail = &detail{keys: map[string]bool{}, dependents: map[string]bool{}}
	}
	return a.detail
}

// addKeys takes the condition keys that an action has by itself or by one of
// its resource types.
func (a *action) addKeys(in actionJSON) {
	d := a.detailOf()
	for _, k := range in.ConditionKeys {
		d.keys[k] = true
	}
	for _, t := range in.ResourceTypes {
		for _, k := range t.ConditionKeys {
			d.keys[k] = true
		}
	}
}

// readKeyTypes reads the types of a service's condition keys, by lower-case name.
func readKeyTypes(dir, prefix string) (map[string]string, error) {
	var in map[string]struct{ Key, Type string }
	err := readJSON(filepath.Join(dir, "data", "conditionKeys", prefix+".json"), &in)
	if os.IsNotExist(err) {
		return nil, nil
	}
	out := map[string]string{}
	for _, k := range in {
		out[strings.ToLower(k.Key)] = k.Type
	}
	return out, err
}

// renderDetails writes, for one service, each sorted:
//
//	S  prefix
//	K  key  type                                            condition key
//	A  name  keys  dependents  flags  methods  role members action; keys by index of the K lines, as 0-3 7;
//	                                                        flag x: permission only
//	O  name  methods  role members                          operation that is no action
func (s *service) renderDetails(w *bytes.Buffer, types map[string]string) {
	fmt.Fprintf(w, "S\t%s\n", s.prefix)
	index := s.keyIndex()
	for _, k := range sortedKeys(index) {
		fmt.Fprintln(w, strings.TrimRight("K\t"+k+"\t"+types[strings.ToLower(k)], "\t"))
	}
	names := sortedKeys(s.actions)
	sort.Slice(names, func(i, j int) bool { return s.actions[names[i]].name < s.actions[names[j]].name })
	for _, n := range names {
		a, d, flags := s.actions[n], s.actions[n].detailOf(), ""
		if d.permissionOnly {
			flags = "x"
		}
		line(w, "A", a.name, ranges(d.keys, index), words(d.dependents), flags, words(d.call.methods), words(d.call.members))
	}
	for _, op := range sortedKeys(s.operations) {
		line(w, "O", op, words(s.operations[op].methods), words(s.operations[op].members))
	}
}

// line writes one record, unless it holds no more than a name.
func line(w *bytes.Buffer, fields ...string) {
	text := strings.TrimRight(strings.Join(fields, "\t"), "\t")
	if strings.Count(text, "\t") > 1 {
		fmt.Fprintln(w, text)
	}
}

func words(set map[string]bool) string { return strings.Join(sortedKeys(set), " ") }

// keyIndex numbers the condition keys of the service in their sorted order.
func (s *service) keyIndex() map[string]int {
	out := map[string]int{}
	for _, a := range s.actions {
		for k := range a.detailOf().keys {
			out[k] = 0
		}
	}
	for i, k := range sortedKeys(out) {
		out[k] = i
	}
	return out
}

// ranges writes a set by index, runs as first-last.
func ranges(set map[string]bool, index map[string]int) string {
	var list []int
	for k := range set {
		list = append(list, index[k])
	}
	sort.Ints(list)
	var out []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		text := strconv.Itoa(list[i])
		if j > i {
			text += "-" + strconv.Itoa(list[j])
		}
		out, i = append(out, text), j+1
	}
	return strings.Join(out, " ")
}

// dependOn adds what the last release with dependent actions says of one.
func (a *action) dependOn(all []string, permissionOnly bool) {
	d := a.detailOf()
	d.permissionOnly = permissionOnly
	for _, name := range all {
		d.dependents[name] = true
	}
}
