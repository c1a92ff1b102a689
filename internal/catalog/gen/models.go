package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// model is an API model in botocore's service-2 format, as far as it is read.
type model struct {
	Metadata struct {
		EndpointPrefix string `json:"endpointPrefix"`
		SigningName    string `json:"signingName"`
	} `json:"metadata"`
	Operations map[string]operation `json:"operations"`
	Shapes     map[string]shape     `json:"shapes"`
}

type operation struct {
	HTTP struct {
		Method string `json:"method"`
		URI    string `json:"requestUri"`
	} `json:"http"`
	Input *shapeRef `json:"input"`
}

type shapeRef struct {
	Shape        string `json:"shape"`
	Location     string `json:"location"`
	LocationName string `json:"locationName"`
}

type shape struct {
	Type    string              `json:"type"`
	Members map[string]shapeRef `json:"members"`
	Member  *shapeRef           `json:"member"`
	Value   *shapeRef           `json:"value"`
}

// addModels marks actions that an API operation of the same name reaches,
// operations that take a role, and API Gateway's routes.
func addModels(services map[string]*service, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "data", "*", "*", "service-2.json.gz"))
	if err != nil {
		return err
	}
	for _, f := range files {
		m, err := readModel(f)
		if err != nil {
			return fmt.Errorf("read %s: %w", f, err)
		}
		for _, prefix := range m.prefixes(services) {
			m.mark(services[prefix])
		}
		if m.Metadata.EndpointPrefix == "apigateway" {
			m.addRoutes(services["apigateway"])
		}
	}
	return nil
}

func readModel(file string) (*model, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	m := &model{}
	return m, json.NewDecoder(z).Decode(m)
}

// prefixes are the IAM services that the model's operations belong to: those
// it signs as, and those that know at least two in five of its operations.
func (m *model) prefixes(services map[string]*service) []string {
	found := map[string]bool{}
	for _, name := range []string{m.Metadata.SigningName, m.Metadata.EndpointPrefix} {
		if services[strings.ToLower(name)] != nil {
			found[strings.ToLower(name)] = true
		}
	}
	for prefix, s := range services {
		n := 0
		for op := range m.Operations {
			if s.actions[strings.ToLower(op)] != nil {
				n++
			}
		}
		if n > 0 && 5*n >= 2*len(m.Operations) {
			found[prefix] = true
		}
	}
	return sortedKeys(found)
}

func (m *model) mark(s *service) {
	for name, op := range m.Operations {
		a := s.actions[strings.ToLower(name)]
		if a != nil {
			a.operation = true
		}
		m.describe(s, a, name, op)
		passes := a != nil && a.passes || !reading.MatchString(name)
		if !passes || !m.takesRole(op.Input) {
			continue
		}
		if a != nil {
			a.passes = true
		} else {
			s.passers[name] = true
		}
	}
}

// describe keeps the operation's HTTP method and the members that hold a role.
func (m *model) describe(s *service, a *action, name string, op operation) {
	var members []string
	if op.Input != nil && !reading.MatchString(name) {
		members = m.roleMembers(op.Input.Shape, "", map[string]bool{})
	}
	if a != nil {
		a.detailOf().call.add(op.HTTP.Method, members)
		return
	}
	if !m.signsAs(s.prefix) {
		return // a service that merely shares operations' names
	}
	if s.operations[name] == nil {
		s.operations[name] = &call{}
	}
	s.operations[name].add(op.HTTP.Method, members)
}

func (m *model) signsAs(prefix string) bool {
	return strings.EqualFold(m.Metadata.SigningName, prefix) || m.Metadata.SigningName == "" && strings.EqualFold(m.Metadata.EndpointPrefix, prefix)
}

// roleMembers are the paths of the text members below a shape that are called
// like a role, as pipeline.roleArn.
func (m *model) roleMembers(name, path string, above map[string]bool) []string {
	if above[name] || len(above) > 8 {
		return nil
	}
	above[name] = true
	defer delete(above, name)
	var out []string
	s := m.Shapes[name]
	for _, member := range sortedKeys(s.Members) {
		ref := s.Members[member]
		if roleMember.MatchString(member) && m.isText(ref.Shape) {
			out = append(out, path+member)
		} else {
			out = append(out, m.roleMembers(ref.Shape, path+member+".", above)...)
		}
	}
	for _, ref := range []*shapeRef{s.Member, s.Value} {
		if ref != nil {
			out = append(out, m.roleMembers(ref.Shape, path, above)...)
		}
	}
	return out
}

// reading tells operations whose role, where they name one, is looked at or
// taken away, not passed.
var reading = regexp.MustCompile(`^(Get|List|Describe|Search|Remove|Disassociate|Detach|Delete|Assume)`)

// roleMember is how request members that hold a role are called.
var roleMember = regexp.MustCompile(`(?i)role|instanceprofile|deliverlogspermissionarn`)

func (m *model) takesRole(ref *shapeRef) bool {
	return ref != nil && m.holdsRole(ref.Shape, map[string]bool{})
}

func (m *model) holdsRole(name string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	s := m.Shapes[name]
	for member, ref := range s.Members {
		if roleMember.MatchString(member) && m.isText(ref.Shape) || m.holdsRole(ref.Shape, seen) {
			return true
		}
	}
	for _, ref := range []*shapeRef{s.Member, s.Value} {
		if ref != nil && m.holdsRole(ref.Shape, seen) {
			return true
		}
	}
	return false
}

// isText tells a string, a list of strings, or a structure that names a thing
// (EC2's instance profile by ARN or name).
func (m *model) isText(name string) bool {
	s := m.Shapes[name]
	switch s.Type {
	case "string":
		return true
	case "list":
		return m.Shapes[s.Member.Shape].Type == "string"
	case "structure":
		return strings.HasPrefix(name, "IamInstanceProfile") || strings.HasPrefix(name, "LaunchTemplateIamInstanceProfile")
	}
	return false
}

// addRoutes keeps verb and path of each operation, placeholders named by the
// request member that fills them. IAM's paths are without the /v2 of the API.
func (m *model) addRoutes(s *service) {
	for _, name := range sortedKeys(m.Operations) {
		op := m.Operations[name]
		path := strings.TrimPrefix(op.HTTP.URI, "/v2")
		if op.Input != nil {
			for member, ref := range m.Shapes[op.Input.Shape].Members {
				if ref.Location == "uri" {
					path = strings.ReplaceAll(path, "{"+ref.LocationName+"}", "{"+member+"}")
				}
			}
		}
		path, _, _ = strings.Cut(path, "?")
		s.routes = append(s.routes, route{name, op.HTTP.Method, path})
	}
}
