package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// member is one name and value of a JSON object, in the order of the text.
type member struct {
	name  string
	value json.RawMessage
}

// members splits an object. A name that comes twice is refused: the reader
// that follows would have to guess which of the two AWS took.
func members(raw json.RawMessage) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("must be an object")
	}
	var ms []member
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: t.(string)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		if seen[m.name] {
			return nil, fmt.Errorf("has %q twice", m.name)
		}
		seen[m.name] = true
		ms = append(ms, m)
	}
	return ms, nil
}

// elements splits a list.
func elements(raw json.RawMessage) ([]json.RawMessage, error) {
	var l []json.RawMessage
	if err := json.Unmarshal(raw, &l); err != nil || l == nil {
		return nil, errors.New("must be a list")
	}
	return l, nil
}

func text(raw json.RawMessage) (string, error) {
	var s string
	if len(raw) == 0 || raw[0] != '"' {
		return "", errors.New("must be a string")
	}
	return s, json.Unmarshal(raw, &s)
}

// list reads a string or a list of strings.
func list(raw json.RawMessage) (StringList, error) { return values(raw, text) }

// scalars reads condition values, where AWS also takes true and 5 unquoted.
func scalars(raw json.RawMessage) (StringList, error) { return values(raw, scalar) }

func values(raw json.RawMessage, read func(json.RawMessage) (string, error)) (StringList, error) {
	if s, err := read(raw); err == nil {
		return StringList{Values: []string{s}, One: true}, nil
	}
	l, err := elements(raw)
	if err != nil {
		return StringList{}, errors.New("must be a string or a list of strings")
	}
	vs := make([]string, len(l))
	for i, r := range l {
		if vs[i], err = read(r); err != nil {
			return StringList{}, fmt.Errorf("must be a string or a list of strings, and value %d is %s", i+1, r)
		}
	}
	return StringList{Values: vs}, nil
}

func scalar(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || bytes.IndexByte([]byte("[{n"), raw[0]) >= 0 {
		return "", errors.New("must be a string, a number or a boolean")
	}
	if raw[0] == '"' {
		return text(raw)
	}
	return string(raw), nil
}

func principal(raw json.RawMessage) (*Principal, error) {
	if s, err := text(raw); err == nil {
		if s != "*" {
			return nil, fmt.Errorf("must be \"*\" or an object such as {\"AWS\": …}, not %q", s)
		}
		return &Principal{Any: true}, nil
	}
	ms, err := members(raw)
	if err != nil {
		return nil, errors.New("must be \"*\" or an object such as {\"AWS\": …}")
	}
	p := &Principal{By: make(map[string]StringList, len(ms))}
	for _, m := range ms {
		if p.By[m.name], err = list(m.value); err != nil {
			return nil, fmt.Errorf("%s %w", m.name, err)
		}
	}
	return p, nil
}

func conditions(raw json.RawMessage) (map[string]map[string]StringList, error) {
	ops, err := members(raw)
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]StringList, len(ops))
	for _, op := range ops {
		keys, err := members(op.value)
		if err != nil {
			return nil, fmt.Errorf("%s %w", op.name, err)
		}
		out[op.name] = make(map[string]StringList, len(keys))
		for _, k := range keys {
			if out[op.name][k.name], err = scalars(k.value); err != nil {
				return nil, fmt.Errorf("%s %s %w", op.name, k.name, err)
			}
		}
	}
	return out, nil
}
