package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// schema names the shape of a stored state; a newer one is refused, not guessed at.
const schema = "trimtrail.iam-state/1"

type storedState struct {
	Schema string   `json:"schema"`
	Parts  []string `json:"parts"` // near the beginning: see StoredParts
	*State
}

// EncodeState is the state as one JSON document for the lake.
func EncodeState(s *State) ([]byte, error) {
	c := *s
	c.Users, c.Roles, c.Groups = orEmpty(c.Users), orEmpty(c.Roles), orEmpty(c.Groups)
	c.Policies, c.Report, c.Warnings = orEmpty(c.Policies), orEmpty(c.Report), orEmpty(c.Warnings)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(storedState{schema, s.Parts(), &c}); err != nil {
		return nil, fmt.Errorf("encode state of %s: %w", s.AccountID, err)
	}
	return b.Bytes(), nil
}

func orEmpty[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// DecodeState reads what EncodeState wrote.
func DecodeState(data []byte) (*State, error) {
	s := storedState{State: &State{}}
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("decode state: %w", broken(err))
	}
	if s.Schema != schema {
		return nil, fmt.Errorf("decode state: schema is %q, this program reads %q", s.Schema, schema)
	}
	return s.State, nil
}
