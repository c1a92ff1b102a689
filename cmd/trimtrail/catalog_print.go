package main

import (
	"bufio"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// catalogAnswer is what `trimtrail catalog --format json` writes. Services and
// Sources come without a question, Actions with one.
type catalogAnswer struct {
	Schema     string          `json:"schema"`
	Date       string          `json:"date"`
	References int             `json:"service_reference_files"`
	Services   []string        `json:"services,omitempty"`
	Sources    []string        `json:"sources,omitempty"`
	Actions    []catalogAction `json:"actions,omitempty"`
}

type catalogAction struct {
	Action         string             `json:"action"`
	Level          string             `json:"access_level"`
	Visibility     string             `json:"visibility"` // management, data or never
	ReadOnly       bool               `json:"read_only_events"`
	DataType       string             `json:"data_resource_type,omitempty"`
	NetworkSource  string             `json:"network_activity_source,omitempty"`
	ResourceTypes  []catalogType      `json:"resource_types"`
	ConditionKeys  []catalogKey       `json:"condition_keys"`
	Dependents     []string           `json:"dependent_actions"`
	PermissionOnly bool               `json:"permission_only"`
	Operations     []catalogOperation `json:"operations"`
}

type catalogType struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

type catalogKey struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

type catalogOperation struct {
	Service     string   `json:"service"`
	Name        string   `json:"name"`
	Methods     []string `json:"http_methods"`
	RoleMembers []string `json:"role_members"`
}

func newAnswer(c *catalog.Catalog) *catalogAnswer {
	return &catalogAnswer{Schema: "trimtrail.catalog/1", Date: c.Date(), References: c.References()}
}

var visibilities = map[catalog.Visibility]string{catalog.Management: "management", catalog.Data: "data", catalog.Never: "never"}

func newCatalogAction(c *catalog.Catalog, d catalog.Detail) catalogAction {
	o := c.Observability(d.Name)
	a := catalogAction{
		Action: d.Name, Level: string(d.Level), Visibility: visibilities[o.Visibility], ReadOnly: o.ReadOnly, DataType: o.DataType, NetworkSource: o.NetworkSource,
		ResourceTypes: []catalogType{}, ConditionKeys: []catalogKey{}, Dependents: list(d.Dependents), PermissionOnly: d.PermissionOnly, Operations: []catalogOperation{},
	}
	for _, t := range d.ResourceTypes {
		a.ResourceTypes = append(a.ResourceTypes, catalogType(t))
	}
	for _, k := range d.ConditionKeys {
		a.ConditionKeys = append(a.ConditionKeys, catalogKey(k))
	}
	for _, op := range d.Operations {
		a.Operations = append(a.Operations, catalogOperation{op.Service, op.Name, list(op.Methods), list(op.RoleMembers)})
	}
	return a
}

// list is l, never null.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

func showAbout(io streams, c *catalog.Catalog, format string) error {
	answer := newAnswer(c)
	answer.Services, answer.Sources = c.Services(), c.Sources()
	if format == "json" {
		return writeJSON(io.out, answer)
	}
	w := bufio.NewWriter(io.out)
	fmt.Fprintf(w, "Catalogue of %s: %s services, %s actions\n", c.Date(), thousands(int64(len(c.Services()))), thousands(int64(len(c.Expand("*")))))
	if n := c.References(); n > 0 {
		fmt.Fprintf(w, "with %d service reference files laid over it\n", n)
	}
	fmt.Fprintln(w, "\nMade from")
	for _, s := range c.Sources() {
		fmt.Fprintln(w, "  "+s)
	}
	return w.Flush()
}

func showActions(io streams, c *catalog.Catalog, format string, names []string) error {
	if format == "json" {
		answer := newAnswer(c)
		for _, name := range names {
			d, _ := c.Detail(name)
			answer.Actions = append(answer.Actions, newCatalogAction(c, d))
		}
		return writeJSON(io.out, answer)
	}
	w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	for _, name := range names {
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, c.Level(name), c.Observability(name))
	}
	return w.Flush()
}

func showAction(io streams, c *catalog.Catalog, format string, d catalog.Detail) error {
	if format == "json" {
		return showActions(io, c, format, []string{d.Name})
	}
	w := bufio.NewWriter(io.out)
	fmt.Fprintf(w, "%s\n  level       %s\n  seen in     %s\n", d.Name, d.Level, c.Observability(d.Name))
	if d.PermissionOnly {
		fmt.Fprintln(w, "  permission only: no API operation has this name")
	}
	section(w, "operations", d.Operations, operationLine)
	section(w, "resources", d.ResourceTypes, func(t catalog.ResourceType) string { return t.Name + "  " + t.ARN })
	section(w, "conditions", d.ConditionKeys, func(k catalog.ConditionKey) string { return strings.TrimSpace(k.Name + "  " + k.Type) })
	section(w, "may need", d.Dependents, func(s string) string { return s })
	return w.Flush()
}

// section writes a name and one line for each item; nothing where there is none.
func section[T any](w *bufio.Writer, name string, items []T, line func(T) string) {
	for _, item := range items {
		fmt.Fprintf(w, "  %-10s  %s\n", name, line(item))
		name = ""
	}
}

func operationLine(op catalog.Operation) string {
	text := op.Service + " " + op.Name
	if len(op.Methods) > 0 {
		text += ", HTTP " + strings.Join(op.Methods, " or ")
	}
	if len(op.RoleMembers) > 0 {
		text += ", passes a role in " + strings.Join(op.RoleMembers, ", ")
	}
	return text
}
