package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ParsePolicy reads a policy document and refuses what AWS refuses in a
// policy of any kind; Check adds the rules of one kind. An error names the
// place: "statement 2 (Sid "Read"): Effect must be Allow or Deny".
func ParsePolicy(data []byte) (*Document, error) {
	doc, err := decode(data)
	if err != nil {
		return nil, err
	}
	if err := doc.validate(); err != nil {
		return nil, err
	}
	return doc, nil
}

// decode reads the structure alone, for documents that AWS has already
// accepted: a later rule of ours must not make a stored policy unreadable.
func decode(data []byte) (*Document, error) {
	if err := syntax(data); err != nil {
		return nil, err
	}
	ms, err := members(data)
	if err != nil {
		return nil, fmt.Errorf("a policy document %w", err)
	}
	doc, seen := &Document{}, false
	for _, m := range ms {
		switch m.name {
		case "Version":
			doc.Version, err = text(m.value)
		case "Id":
			doc.ID, err = text(m.value)
		case "Statement":
			seen = true
			if err := doc.statements(m.value); err != nil {
				return nil, err
			}
		default:
			return nil, unknown(m.name, "Version", "Id", "Statement")
		}
		if err != nil {
			return nil, fmt.Errorf("%s %w", m.name, err)
		}
	}
	if !seen {
		return nil, errors.New("the document has no Statement")
	}
	return doc, nil
}

func (d *Document) statements(raw json.RawMessage) error {
	list, err := elements(raw)
	if d.single = err != nil; d.single {
		list = []json.RawMessage{raw}
	}
	if d.single && raw[0] != '{' {
		return errors.New("Statement must be an object or a list of objects")
	}
	d.Statements = make([]Statement, len(list))
	for i, r := range list {
		if err := d.Statements[i].decode(r); err != nil {
			return fmt.Errorf("%s: %w", d.Statements[i].place(i), err)
		}
	}
	return nil
}

// place names a statement in an error.
func (s *Statement) place(i int) string {
	if s.Sid == "" {
		return fmt.Sprintf("statement %d", i+1)
	}
	return fmt.Sprintf("statement %d (Sid %q)", i+1, s.Sid)
}

func (s *Statement) decode(raw json.RawMessage) error {
	ms, err := members(raw)
	if err != nil {
		return err
	}
	s.findSid(ms)
	for _, m := range ms {
		if err := s.element(m); err != nil {
			return err
		}
	}
	if s.Effect == "" {
		return errors.New("Effect is missing: Allow or Deny")
	}
	return nil
}

// findSid reads the Sid ahead of the rest, so that every error can name it.
func (s *Statement) findSid(ms []member) {
	for _, m := range ms {
		if m.name == "Sid" {
			s.Sid, _ = text(m.value)
		}
	}
}

func (s *Statement) element(m member) (err error) {
	switch m.name {
	case "Sid":
		s.sidSet = true
		s.Sid, err = text(m.value)
	case "Effect":
		s.Effect, err = effect(m.value)
	case "Principal":
		s.Principal, err = principal(m.value)
	case "NotPrincipal":
		s.NotPrincipal, err = principal(m.value)
	case "Action":
		s.Action, err = list(m.value)
	case "NotAction":
		s.NotAction, err = list(m.value)
	case "Resource":
		s.Resource, err = list(m.value)
	case "NotResource":
		s.NotResource, err = list(m.value)
	case "Condition":
		s.Condition, err = conditions(m.value)
	default:
		return unknown(m.name, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
	}
	if err != nil {
		return fmt.Errorf("%s %w", m.name, err)
	}
	return nil
}

func effect(raw json.RawMessage) (Effect, error) {
	s, err := text(raw)
	if e := Effect(s); err == nil && (e == Allow || e == Deny) {
		return e, nil
	}
	return "", fmt.Errorf("must be Allow or Deny, not %s", raw)
}

// unknown refuses an element and, where only its case is wrong, says which was meant.
func unknown(name string, known ...string) error {
	for _, k := range known {
		if strings.EqualFold(k, name) {
			return fmt.Errorf("unknown element %q: it is spelt %s", name, k)
		}
	}
	return fmt.Errorf("unknown element %q", name)
}

// syntax reports where the JSON breaks, by line and column.
func syntax(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("the document is empty")
	}
	var v json.RawMessage
	err := json.Unmarshal(data, &v)
	var se *json.SyntaxError
	if !errors.As(err, &se) {
		return err
	}
	before := data[:min(int(se.Offset), len(data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	return fmt.Errorf("line %d, column %d: %w", line, col, se)
}
