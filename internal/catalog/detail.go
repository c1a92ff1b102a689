package catalog

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed data/details.txt.gz
var embeddedDetails []byte

// Detail is all that the catalogue knows of an action.
type Detail struct {
	Action
	// ConditionKeys are those that a policy on the action may test, sorted;
	// global keys are among them only where the service lists them.
	ConditionKeys []ConditionKey
	// Dependents are actions that a call may need besides, as iam:PassRole, sorted.
	// They are AWS's documentation of December 2025; what a call did need
	// follows from its request (see Attribute).
	Dependents []string
	// PermissionOnly tells that AWS documented, in December 2025, an action
	// that is no API operation.
	PermissionOnly bool
	// Operations are the public API operations that lead to the action,
	// that of the same name first.
	Operations []Operation
}

// ConditionKey is a context key that policies may test.
type ConditionKey struct {
	Name string // as s3:TlsVersion or aws:RequestTag/${TagKey}
	Type string // as String or ArrayOfString; empty where it is not known
}

// Operation is one operation of a public API.
type Operation struct {
	Service string // the IAM prefix that its events are authorised under
	Name    string
	// Methods are its HTTP methods, as PUT; several where APIs share the name.
	Methods []string
	// RoleMembers are the paths of request members that hold a role to pass, as pipeline.roleArn.
	RoleMembers []string
}

// serviceDetails are the details of one service; its text is parsed on first use.
type serviceDetails struct {
	keys       []ConditionKey
	actions    map[string]actionDetail // by lower-case name
	operations []Operation             // those that are no action
}

type actionDetail struct {
	keys                         []int
	dependents, methods, members []string
	permissionOnly               bool
}

// Detail returns what is known of an action, named in any case. The first
// call unpacks the details of all services.
func (c *Catalog) Detail(name string) (Detail, bool) {
	a := c.find(name)
	if a == nil {
		return Detail{}, false
	}
	d := Detail{Action: a.Action}
	if s := c.details()[a.prefix]; s != nil {
		s.fill(&d, a)
	}
	d.Operations = append(d.Operations, c.leads()[a.Name]...)
	return d, true
}

func (s *serviceDetails) fill(d *Detail, a *action) {
	known := s.actions[a.key]
	for _, i := range known.keys {
		d.ConditionKeys = append(d.ConditionKeys, s.keys[i])
	}
	d.Dependents, d.PermissionOnly = known.dependents, known.permissionOnly
	if a.operation {
		name := strings.TrimPrefix(a.Name, a.prefix+":")
		d.Operations = []Operation{{a.prefix, name, known.methods, known.members}}
	}
}

// leadOperations are the operations of other names that lead to an action, by
// its full name. It plans each operation that is no action: some thousands.
func (c *Catalog) leadOperations() map[string][]Operation {
	out := map[string][]Operation{}
	for _, prefix := range c.prefixes {
		s := c.details()[prefix]
		if s == nil {
			continue
		}
		for _, op := range s.operations {
			for _, name := range c.leadsTo(op) {
				out[name] = append(out[name], op)
			}
		}
	}
	return out
}

// leadsTo are the actions that an operation may be authorised as.
func (c *Catalog) leadsTo(op Operation) []string {
	var out []string
	if op.Service == "apigateway" {
		for _, m := range op.Methods {
			out = append(out, "apigateway:"+m)
		}
		return out
	}
	p := c.planFor(planKey{op.Service, op.Name})
	for _, a := range p.actions {
		out = append(out, a.Name)
	}
	return append(out, strings.Fields(specials[op.Service+":"+p.op].targets)...)
}

// loadDetails unpacks the text that gen.renderDetails describes.
func loadDetails(packed []byte) (map[string]*serviceDetails, error) {
	text, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	out := map[string]*serviceDetails{}
	for _, chunk := range strings.Split(text, "\nS\t")[1:] {
		prefix, lines, _ := strings.Cut(chunk, "\n")
		s := &serviceDetails{actions: map[string]actionDetail{}}
		for line := range strings.Lines(lines) {
			s.line(prefix, strings.TrimSuffix(line, "\n"))
		}
		out[prefix] = s
	}
	return out, nil
}

func (s *serviceDetails) line(prefix, line string) {
	var f [7]string
	for i := range f {
		f[i], line, _ = strings.Cut(line, "\t")
	}
	switch f[0] {
	case "K":
		s.keys = append(s.keys, ConditionKey{f[1], f[2]})
	case "A":
		s.actions[strings.ToLower(f[1])] = actionDetail{
			numbers(f[2], len(s.keys)), strings.Fields(f[3]), strings.Fields(f[5]), strings.Fields(f[6]), strings.Contains(f[4], "x"),
		}
	case "O":
		s.operations = append(s.operations, Operation{prefix, f[1], strings.Fields(f[2]), strings.Fields(f[3])})
	}
}

// numbers reads "0-3 7", each below n.
func numbers(text string, n int) []int {
	var out []int
	for _, part := range strings.Fields(text) {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if isRange && err == nil {
			last, err = strconv.Atoi(to)
		}
		for i := first; err == nil && i <= last && i < n; i++ {
			out = append(out, i)
		}
	}
	return out
}
