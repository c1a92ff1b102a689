// Package config reads trimtrail.yaml: thresholds, the organisation's own
// networks, owners, exceptions, rules switched off or graded anew, the
// user's own rules in CEL, and what a run does: sources, lake, reports,
// deliveries, schedule.
//
// The text of a file comes in; rules.Options and a Run go out, or every problem of the
// file at once, each with its line, its column and what was probably meant.
// It opens no file and reads no clock, and it judges no facts: package rules
// does, by the functions that the user's rules become here.
//
//	c, err := config.Parse("trimtrail.yaml", data)
//	found := rules.Evaluate(facts, states, cat, c.Options)
package config

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/trimtrail/trimtrail/rules"
)

// maxBytes is how long a configuration may be: nobody writes more by hand.
const maxBytes = 4 << 20

// Config is a configuration that holds.
type Config struct {
	Options rules.Options
	// Registers are relative to the file.
	Registers Registers
	Run       Run
	own       []compiled
}

// document is the file. Its fields are the keys; pairs are mappings whose keys the user chooses.
type document struct {
	Thresholds thresholds  `yaml:"thresholds"`
	Networks   networksKey `yaml:"networks"`
	Owners     []owner     `yaml:"owners"`
	Exceptions []except    `yaml:"exceptions"`
	Disabled   []text      `yaml:"disabled"`
	Severity   []pair      `yaml:"severity"`
	Rules      []ownRule   `yaml:"rules"`

	runSections
}

type thresholds struct {
	UnusedDays    text `yaml:"unused_days"`
	RotateDays    text `yaml:"rotate_days"`
	MaxPerRule    text `yaml:"max_per_rule"`
	NetworkBudget text `yaml:"network_budget"`
}

type owner struct {
	Principal text `yaml:"principal"`
	Account   text `yaml:"account"`
	Owner     text `yaml:"owner"`
	At        *yaml.Node
}

type except struct {
	Rule      text `yaml:"rule"`
	Finding   text `yaml:"finding"`
	Principal text `yaml:"principal"`
	Resource  text `yaml:"resource"`
	Account   text `yaml:"account"`
	Reason    text `yaml:"reason"`
	Expires   text `yaml:"expires"`
	At        *yaml.Node
}

type ownRule struct {
	ID       text      `yaml:"id"`
	Title    text      `yaml:"title"`
	Severity text      `yaml:"severity"`
	For      text      `yaml:"for"`
	When     text      `yaml:"when"`
	Message  text      `yaml:"message"`
	Fix      text      `yaml:"fix"`
	Fire     []fixture `yaml:"must_fire"`
	Quiet    []fixture `yaml:"must_stay_quiet"`
	At       *yaml.Node
}

// fixture is a made-up row, with what the rule should say of it.
type fixture struct {
	Principal  rules.PrincipalRow   `yaml:"principal"`
	Denial     *rules.DenialRow     `yaml:"denial"`
	Change     *rules.ChangeRow     `yaml:"change"`
	Credential *rules.CredentialRow `yaml:"credential"`
	AsOf       text                 `yaml:"as_of"`
	WindowDays text                 `yaml:"window_days"`
	Message    text                 `yaml:"message"` // that the finding must have; empty: any
	At         *yaml.Node
}

// Parse reads a configuration. The name is for messages. The error, where it
// is about the text, is Problems.
func Parse(name string, data []byte) (*Config, error) {
	p := &parser{file: name, lines: bytes.Split(data, []byte("\n"))}
	if len(data) > maxBytes {
		p.add(1, 1, "more than 4 MB", "")
		return nil, p.problems
	}
	var doc document
	p.read(data, &doc)
	c := p.build(&doc)
	if len(p.problems) > 0 {
		p.problems.sort()
		return nil, p.problems
	}
	return c, nil
}

// read parses the YAML and fills doc.
func (p *parser) read(data []byte, doc *document) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var root, more yaml.Node
	err := d.Decode(&root)
	switch {
	case errors.Is(err, io.EOF):
		return // empty: the defaults
	case err != nil:
		p.yamlError(err)
		return
	}
	if err := d.Decode(&more); err == nil {
		p.at(&more, "a second document", "one file holds one configuration; take the --- out")
	}
	if len(root.Content) == 1 {
		p.decode(root.Content[0], reflectOf(doc))
	}
}
