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

// service is one service prefix with all that is known of it. Its text is
// parsed when it is first asked for: an archive touches some dozens of the
// four hundred and more.
type service struct {
	prefix string
	text   string
	once   sync.Once

	types   []*resourceType
	actions []*action          // sorted by name
	names   []string           // their full names, in the same order
	byName  map[string]*action // by lower-case name without prefix
	passers map[string]bool    // lower-case operations, not actions, that pass a role
	routes  map[string][]route // lower-case API Gateway operation → HTTP bindings
	sole    map[string]string  // lower-case operation → the one action, lower case, that a service reference gives it
}

// action is an Action with what only attribution needs.
type action struct {
	Action
	prefix    string
	key       string // lower-case name without prefix
	types     []*resourceType
	required  []bool // for each of types
	tags      []string
	operation bool // an API operation has this name
	passes    bool // the operation of this name passes a role
}

type route struct{ verb, path string }

var loaded = sync.OnceValue(func() *Catalog {
	c, err := load(embedded)
	if err != nil {
		panic("catalog: embedded data: " + err.Error()) // a broken build, not a broken input
	}
	return c
})

// load unpacks the text that gen.write describes and finds its services.
func load(packed []byte) (*Catalog, error) {
	text, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	chunks := strings.Split(text, "\nS\t")
	c := newCatalog(len(chunks))
	for _, line := range strings.Split(chunks[0], "\n") {
		if date, ok := strings.CutPrefix(line, "# date "); ok {
			c.date = date
		}
		if from, ok := strings.CutPrefix(line, "# from "); ok {
			c.sources = append(c.sources, from)
		}
	}
	for _, chunk := range chunks[1:] {
		prefix, lines, _ := strings.Cut(chunk, "\n")
		c.services[prefix] = &service{prefix: prefix, text: lines}
		c.prefixes = append(c.prefixes, prefix)
	}
	if c.date == "" || len(c.prefixes) == 0 {
		return nil, fmt.Errorf("no date or no service")
	}
	return c, nil
}

func unpack(packed []byte) (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}

// detailed are the details of all services, by prefix.
var detailed = sync.OnceValue(func() map[string]*serviceDetails {
	d, err := loadDetails(embeddedDetails)
	if err != nil {
		panic("catalog: embedded details: " + err.Error())
	}
	return d
})

// open parses s on first use and returns it; nil stays nil.
func (s *service) open() *service {
	if s == nil {
		return nil
	}
	s.once.Do(func() {
		if err := s.parse(); err != nil {
			panic("catalog: embedded data: service " + s.prefix + ": " + err.Error())
		}
	})
	return s
}

func (s *service) parse() error {
	n := strings.Count(s.text, "\nA\t") + 1
	s.byName, s.actions, s.names = make(map[string]*action, n), make([]*action, 0, n), make([]string, 0, n)
	s.passers, s.routes = map[string]bool{}, map[string][]route{}
	for rest := s.text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if err := s.line(line); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) line(line string) error {
	kind, rest, _ := strings.Cut(line, "\t")
	switch kind {
	case "R":
		name, arn, _ := strings.Cut(rest, "\t")
		s.types = append(s.types, newResourceType(s, name, arn))
	case "A":
		return s.action(rest)
	case "P":
		s.passers[strings.ToLower(rest)] = true
	case "G":
		op, binding, _ := strings.Cut(rest, "\t")
		verb, path, _ := strings.Cut(binding, "\t")
		op = strings.ToLower(op)
		s.routes[op] = append(s.routes[op], route{verb, path})
	default:
		return fmt.Errorf("unknown record %q", line)
	}
	return nil
}

// action reads "name level flags types tags".
func (s *service) action(rest string) error {
	var f [5]string
	for i := range f {
		f[i], rest, _ = strings.Cut(rest, "\t")
	}
	a := &action{
		Action: Action{Name: s.prefix + ":" + f[0], Level: levels[f[1]]}, prefix: s.prefix, key: strings.ToLower(f[0]),
		operation: strings.Contains(f[2], "o"), passes: strings.Contains(f[2], "p"), tags: strings.Fields(f[4]),
	}
	s.actions = append(s.actions, a)
	s.names = append(s.names, a.Name)
	s.byName[a.key] = a
	for _, index := range strings.Fields(f[3]) {
		digits, required := strings.CutSuffix(index, "!")
		i, err := strconv.Atoi(digits)
		if err != nil || i >= len(s.types) {
			return fmt.Errorf("%s: no resource type %q", a.Name, index)
		}
		a.types = append(a.types, s.types[i])
		a.required = append(a.required, required)
		a.ResourceTypes = append(a.ResourceTypes, s.types[i].ResourceType)
	}
	return nil
}

var levels = map[string]AccessLevel{"L": List, "R": Read, "W": Write, "T": Tagging, "P": Permission}
