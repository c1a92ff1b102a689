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
	Used     bool     `json:"used"` // false: recognised, and nothing reads it yet
	Accounts []string `json:"accounts"`
	// Partial tells that AWS had more pages after the last one in the file.
	Partial bool `json:"partial"`
}

// ErrUnknown is the error of Load for a file that is nothing it knows.
var ErrUnknown = errors.New("not a file about IAM that trimtrail knows")

// Load reads one file into the states of the accounts that it speaks of:
// get-account-authorization-details JSON, one page or several after each
// other or in a list; the credential report as CSV or as get-credential-report
// JSON; a state that EncodeState wrote. Files that AWS writes about accounts
// and that nothing uses yet are recognised. TakenAt stays zero where the file
// does not tell its time. A file that is refused changes nothing.
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

// documents recognises by the first document; the others must be of its sort.
func (l *Loaded) documents(docs []json.RawMessage, into States) error {
	var keys map[string]json.RawMessage
	if len(docs) == 0 || json.Unmarshal(docs[0], &keys) != nil {
		return ErrUnknown
	}
	has := func(k string) bool { _, ok := keys[k]; return ok }
	switch {
	case has("UserDetailList"), has("RoleDetailList"), has("GroupDetailList"), bytes.Contains(keys["Policies"], []byte(`"PolicyVersionList"`)):
		return l.details(docs, into)
	case has("Content") && has("GeneratedTime"), has("Content") && has("ReportFormat"):
		return l.wrapped(docs[0], into)
	case has("has_details") && has("account_id"):
		return l.stored(docs, into)
	}
	for _, k := range unused {
		if has(k.key) {
			l.What = k.what
			return nil
		}
	}
	return ErrUnknown
}

// unused are files of the AWS CLI that are recognised by a member and not used yet.
var unused = []struct{ key, what string }{
	{"SummaryMap", "account summary"},
	{"PasswordPolicy", "password policy"},
	{"ServicesLastAccessed", "last-accessed details"},
	{"JobId", "job id of a report still to come"},
	{"trailList", "list of trails"},
	{"TrailARN", "trail"},
	{"EventSelectors", "event selectors of a trail"},
	{"AdvancedEventSelectors", "event selectors of a trail"},
	{"analyzers", "list of access analyzers"},
	{"findings", "access analyzer findings"},
	{"SAMLProviderList", "list of SAML providers"},
	{"OpenIDConnectProviderList", "list of OpenID Connect providers"},
	{"PolicySummary", "organization policy"},
	{"Policy", "policy"},
	{"Policies", "list of policies"},
	{"PolicyVersion", "policy version"},
	{"Users", "list of users"},
	{"User", "user"},
	{"Roles", "list of roles"},
	{"Role", "role"},
	{"Groups", "list of groups"},
	{"AccessKeyMetadata", "list of access keys"},
	{"AccountAliases", "account aliases"},
	{"Accounts", "list of accounts"},
	{"Organization", "organization"},
	{"UserId", "caller identity"},
}

func (l *Loaded) stored(docs []json.RawMessage, into States) error {
	l.What, l.Used = "stored state", true
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
