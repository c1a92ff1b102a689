package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// The ways to make a policy from a window of use. The three baselines are
// small implementations of a known idea, given trimtrail's attribution of
// events to actions and resources, which their models do not have.
const (
	current = "current policies"
	service = "service-level"
	action  = "action-level"
	exact   = "exact ARNs"
	ours    = "trimtrail"
	strict  = "trimtrail, unobservable dropped"
)

// methods in the order of the tables.
var methods = []string{current, service, action, exact, ours, strict}

// baselines are the three that trimtrail is held against.
var baselines = []string{service, action, exact}

// subject is one principal with its policies and its use in the window.
type subject struct {
	arn    string
	docs   []*iam.Document
	window []used
}

// byService keeps, of the current policies, the actions of services that were
// called in the window, refused calls among them (Netflix's Repokid on the
// record of services last accessed). iam:PassRole stays: no such record knows it.
func (s *subject) byService(cat *catalog.Catalog) []*iam.Document {
	kept := map[string]bool{}
	for i := range s.window {
		kept[prefix(s.window[i].action)] = true
	}
	var out []*iam.Document
	for _, d := range s.docs {
		c := d.Clone()
		c.Statements = slices.DeleteFunc(c.Statements, func(st iam.Statement) bool { return st.Effect == iam.Allow })
		for _, st := range d.Clone().Statements {
			if st.Effect != iam.Allow {
				continue
			}
			st.Action = iam.StringList{Values: keep(st.Actions(cat), kept)}
			st.NotAction = iam.StringList{}
			if len(st.Action.Values) > 0 {
				c.Statements = append(c.Statements, st)
			}
		}
		out = append(out, c)
	}
	return out
}

func keep(actions []string, services map[string]bool) []string {
	return slices.DeleteFunc(actions, func(a string) bool { return !services[prefix(a)] && a != "iam:PassRole" })
}

func prefix(action string) string {
	p, _, _ := strings.Cut(action, ":")
	return p
}

// byAction allows each action that passed in the window on everything (the
// policies that IAM Access Analyzer generates, whose placeholders for
// resources are taken as *; data events and iam:PassRole, which it leaves
// out, are given to it).
func (s *subject) byAction() []*iam.Document {
	seen := map[string]bool{}
	for i := range s.window {
		if !s.window[i].denied {
			seen[s.window[i].action] = true
		}
	}
	return allow(slices.Sorted(maps.Keys(seen)), func(string) []string { return []string{"*"} })
}

// byARN allows each action that passed in the window on the ARNs that it was
// seen on (trailscraper's generated policies).
func (s *subject) byARN() []*iam.Document {
	seen := map[string]map[string]bool{}
	for i := range s.window {
		u := &s.window[i]
		if u.denied {
			continue
		}
		if seen[u.action] == nil {
			seen[u.action] = map[string]bool{}
		}
		seen[u.action][escape(u.resource)] = true
	}
	return allow(slices.Sorted(maps.Keys(seen)), func(a string) []string { return slices.Sorted(maps.Keys(seen[a])) })
}

// escape is the pattern of a resource that an event told; one that it did not tell is anything.
func escape(resource string) string {
	if resource == "" {
		return "*"
	}
	return strings.NewReplacer("?", "${?}", "$", "${$}").Replace(resource)
}

// allow makes one document with a statement an action.
func allow(actions []string, on func(action string) []string) []*iam.Document {
	d := &iam.Document{Version: "2012-10-17"}
	for _, a := range actions {
		d.Statements = append(d.Statements, iam.Statement{Effect: iam.Allow, Action: iam.StringList{Values: []string{a}}, Resource: iam.StringList{Values: on(a)}})
	}
	return []*iam.Document{d}
}
