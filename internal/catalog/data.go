package catalog

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/catalogue.txt.gz
var embedded []byte

// service is one service prefix with all that is known of it.
type service struct {
	prefix  string
	types   []*resourceType
	actions []*action          // sorted by name
	names   []string           // their full names, in the same order
	byName  map[string]*action // by lower-case name without prefix
	passers map[string]bool    // lower-case operations, not actions, that pass a role
	routes  map[string][]route // lower-case API Gateway operation → HTTP bindings
}

// action is an Action with what only attribution needs.
type action struct {
	Action
	key       string // lower-case name without prefix
	types     []*resourceType
	required  []bool // for each of types
	tags      []string
	operation bool // an API operation has this name
	passes    bool // the operation of this name passes a role
}

type route struct{ verb, path string }

// parser reads the text that gen.write describes.
type parser struct {
	services map[string]*service
	current  *service
	date     string
	// actions and uses are the arenas of all actions and of their resource types.
	actions []action
	uses    []ResourceType
}

var loaded = sync.OnceValue(func() *Catalog {
	c, err := load(embedded)
	if err != nil {
		panic("catalog: embedded data: " + err.Error()) // a broken build, not a broken input
	}
	return c
})

func load(packed []byte) (*Catalog, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	p := &parser{services: make(map[string]*service, 512), actions: make([]action, 0, 23000), uses: make([]ResourceType, 0, 32000)}
	if err := p.parse(string(text)); err != nil {
		return nil, err
	}
	return newCatalog(p), nil
}

func (p *parser) parse(text string) error {
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if err := p.line(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

func (p *parser) line(line string) error {
	kind, rest, _ := strings.Cut(line, "\t")
	switch kind {
	case "S":
		p.current = &service{prefix: rest, byName: map[string]*action{}, passers: map[string]bool{}, routes: map[string][]route{}}
		p.services[rest] = p.current
	case "R":
		name, arn, _ := strings.Cut(rest, "\t")
		p.current.types = append(p.current.types, newResourceType(p.current, name, arn))
	case "A":
		return p.action(rest)
	case "P":
		p.current.passers[strings.ToLower(rest)] = true
	case "G":
		f := strings.Split(rest, "\t")
		op := strings.ToLower(f[0])
		p.current.routes[op] = append(p.current.routes[op], route{f[1], f[2]})
	default:
		if date, ok := strings.CutPrefix(line, "# date "); ok {
			p.date = date
		} else if !strings.HasPrefix(line, "#") {
			return fmt.Errorf("unknown record %q", line)
		}
	}
	return nil
}

// action reads "name level flags types tags" of the current service.
func (p *parser) action(rest string) error {
	var f [5]string
	for i := range f {
		f[i], rest, _ = strings.Cut(rest, "\t")
	}
	s := p.current
	p.actions = append(p.actions, action{
		Action: Action{Name: s.prefix + ":" + f[0], Level: levels[f[1]]}, key: strings.ToLower(f[0]),
		operation: strings.Contains(f[2], "o"), passes: strings.Contains(f[2], "p"),
	})
	a := &p.actions[len(p.actions)-1]
	if f[4] != "" {
		a.tags = strings.Fields(f[4])
	}
	s.actions = append(s.actions, a)
	s.names = append(s.names, a.Name)
	s.byName[a.key] = a
	return p.types(a, f[3])
}

func (p *parser) types(a *action, indexes string) error {
	first := len(p.uses)
	for indexes != "" {
		var one string
		one, indexes, _ = strings.Cut(indexes, " ")
		digits, required := strings.CutSuffix(one, "!")
		i, err := strconv.Atoi(digits)
		if err != nil || i >= len(p.current.types) {
			return fmt.Errorf("%s: no resource type %q", a.Name, one)
		}
		a.types = append(a.types, p.current.types[i])
		a.required = append(a.required, required)
		p.uses = append(p.uses, p.current.types[i].ResourceType)
	}
	a.ResourceTypes = p.uses[first:len(p.uses):len(p.uses)]
	return nil
}

var levels = map[string]AccessLevel{"L": List, "R": Read, "W": Write, "T": Tagging, "P": Permission}
