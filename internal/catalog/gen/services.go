package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// service is what the catalogue keeps of one service prefix.
type service struct {
	prefix  string
	types   []resourceType
	actions map[string]*action // by lower-case name
	passers map[string]bool    // operations, not actions, that take a role
	routes  []route            // API Gateway only
	// operations are those of the API whose name is no action.
	operations map[string]*call
}

type resourceType struct{ name, arn string }

type action struct {
	name      string
	level     string // one letter: L R W T P
	types     []typeUse
	operation bool     // an API operation has this name
	passes    bool     // the operation of this name takes a role
	tags      []string // actions that tagging on create needs
	detail    *detail
}

type typeUse struct {
	name     string
	required bool
}

// route is the HTTP binding of one API Gateway operation.
type route struct{ operation, verb, path string }

type actionJSON struct {
	Name          string `json:"name"`
	AccessLevel   string `json:"accessLevel"`
	ResourceTypes []struct {
		Name             string   `json:"name"`
		Required         bool     `json:"required"`
		ConditionKeys    []string `json:"conditionKeys"`
		DependentActions []string `json:"dependentActions"`
	} `json:"resourceTypes"`
	ConditionKeys    []string `json:"conditionKeys"`
	DependentActions []string `json:"dependentActions"`
	IsPermissionOnly bool     `json:"isPermissionOnly"`
}

// readServices reads the primary catalogue: actions, levels, resource types.
func readServices(dir string) (map[string]*service, error) {
	files, err := filepath.Glob(filepath.Join(dir, "data", "actions", "*.json"))
	if err != nil {
		return nil, err
	}
	out := map[string]*service{}
	for _, f := range files {
		prefix := strings.TrimSuffix(filepath.Base(f), ".json")
		s := &service{prefix: prefix, actions: map[string]*action{}, passers: map[string]bool{}, operations: map[string]*call{}}
		if err := s.readActions(f); err != nil {
			return nil, err
		}
		if err := s.readTypes(filepath.Join(dir, "data", "resourceTypes", prefix+".json")); err != nil {
			return nil, err
		}
		out[prefix] = s
	}
	return out, nil
}

func (s *service) readActions(file string) error {
	var in map[string]actionJSON
	if err := readJSON(file, &in); err != nil {
		return err
	}
	for _, a := range in {
		level, err := levelLetter(a.AccessLevel)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", file, a.Name, err)
		}
		kept := &action{name: a.Name, level: level}
		for _, t := range a.ResourceTypes {
			kept.types = append(kept.types, typeUse{t.Name, t.Required})
		}
		kept.addKeys(a)
		s.actions[strings.ToLower(a.Name)] = kept
	}
	return nil
}

func levelLetter(level string) (string, error) {
	switch level {
	case "List", "Read", "Write":
		return level[:1], nil
	case "Tagging, Write", "Tagging":
		return "T", nil
	case "Permissions management, Write", "Permissions management":
		return "P", nil
	}
	return "", fmt.Errorf("unknown access level %q", level)
}

// readTypes reads the resource types. A type with two patterns becomes two of the same name.
func (s *service) readTypes(file string) error {
	var in map[string]struct {
		Key string `json:"key"`
		ARN string `json:"arn"`
	}
	err := readJSON(file, &in)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, t := range in {
		for _, arn := range strings.Split(t.ARN, ", ") {
			s.types = append(s.types, resourceType{t.Key, strings.TrimSpace(arn)})
		}
	}
	sort.Slice(s.types, func(i, j int) bool {
		a, b := s.types[i], s.types[j]
		return a.name < b.name || a.name == b.name && a.arn < b.arn
	})
	return nil
}

// addDependents adds what the last release with dependent actions knows:
// which actions pass a role, and which need a tagging action on create.
func addDependents(services map[string]*service, dir string) error {
	for prefix, s := range services {
		var in map[string]actionJSON
		err := readJSON(filepath.Join(dir, "data", "actions", prefix+".json"), &in)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		for key, a := range in {
			if kept := s.actions[key]; kept != nil {
				s.depend(kept, a)
			}
		}
	}
	return nil
}

func (s *service) depend(kept *action, a actionJSON) {
	all := a.DependentActions
	for _, t := range a.ResourceTypes {
		all = append(all, t.DependentActions...)
	}
	kept.dependOn(all, a.IsPermissionOnly)
	tags := map[string]bool{}
	for _, d := range all {
		prefix, name, _ := strings.Cut(d, ":")
		if d == "iam:PassRole" {
			kept.passes = true
		}
		if target := s.actions[strings.ToLower(name)]; prefix == s.prefix && target != nil && target.level == "T" && isTagging(name) {
			tags[target.name] = true
		}
	}
	kept.tags = sortedKeys(tags)
}

func isTagging(name string) bool {
	return strings.HasPrefix(name, "Tag") || strings.HasPrefix(name, "AddTags") || name == "CreateTags"
}

func readJSON(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
