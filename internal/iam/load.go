package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// States are the states of several accounts, by account id.
type States map[string]*State

// Loaded says what one file was.
type Loaded struct {
	Name     string   `json:"name"`
	What     string   `json:"what"` // "authorization details", "credential report", or what was recognised and not used
	Used     bool     `json:"used"` // false: recognised and of no use, for Reason
	Reason   string   `json:"reason,omitempty"`
	Accounts []string `json:"accounts"`
	// Partial tells that AWS had more pages after the last one in the file.
	Partial bool `json:"partial"`
}

// ErrUnknown is the error of Load for a file that is nothing it knows.
var ErrUnknown = errors.New("not a file about IAM that trimtrail knows")

// Load reads one file into the states of the accounts that it speaks of, as
// AWS's commands give it or as EncodeState wrote it: whatever Parts names.
// Pages may follow each other, or stand in a list; answers to the same call about
// different things may too. A file that names no account belongs to the
// one account that into holds; the error is ErrNoAccount where it holds none
// or several. Other files that AWS writes about accounts are recognised.
// TakenAt stays zero where the file does not tell its time. A file that is
// refused as a whole changes nothing.
func Load(name string, data []byte, into States) (Loaded, error) {
	l := Loaded{Name: name, Accounts: []string{}}
	data, err := utf8Text(data)
	if err == nil {
		err = l.load(data, into)
	}
	if err != nil {
		return l, fmt.Errorf("read %s: %w", name, err)
	}
	slices.Sort(l.Accounts)
	return l, nil
}

func (l *Loaded) load(data []byte, into States) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return errors.New("the file is empty")
	}
	if isReport(data) {
		return l.report(data, when{}, into)
	}
	if data[0] != '{' && data[0] != '[' {
		return ErrUnknown
	}
	docs, err := documents(data)
	if err != nil {
		return err
	}
	return l.documents(docs, into)
}

// documents splits JSON documents that follow each other, and lists of them.
func documents(data []byte) ([]json.RawMessage, error) {
	var docs []json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if err == io.EOF {
			return docs, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		if l, err := elements(raw); err == nil {
			docs = append(docs, l...)
		} else {
			docs = append(docs, raw)
		}
	}
}

// broken says what is wrong with JSON in the words of the file.
func broken(err error) error {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends in the middle: the file was cut short")
	case errors.As(err, &syntax):
		return fmt.Errorf("JSON breaks at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &typed):
		return fmt.Errorf("%s is a %s", typed.Field, typed.Value)
	}
	return err
}

func (l *Loaded) stored(docs []json.RawMessage, into States) error {
	states := make([]*State, len(docs))
	for i, raw := range docs {
		var err error
		if states[i], err = DecodeState(raw); err != nil {
			return err
		}
	}
	for _, s := range states {
		l.Accounts = append(l.Accounts, s.AccountID)
		into.of(s.AccountID).MergeFrom(s)
	}
	return nil
}

// of is the account's state, made where there is none.
func (m States) of(account string) *State {
	if m[account] == nil {
		m[account] = &State{AccountID: account}
	}
	return m[account]
}
