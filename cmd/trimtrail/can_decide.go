package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// question is one line of input. Its shape is a part of the contract.
type question struct {
	Principal       string                    `json:"principal"`
	Action          string                    `json:"action"`
	Resource        string                    `json:"resource"`
	ResourceAccount string                    `json:"resource_account"`
	Context         map[string]iam.StringList `json:"context"`
	Policies        inlinePolicies            `json:"policies"`
}

// inlinePolicies are documents as JSON, not read yet. A list that is absent
// or null was not given; an empty one was.
type inlinePolicies struct {
	Identity []json.RawMessage   `json:"identity"`
	Boundary []json.RawMessage   `json:"boundary"`
	Session  json.RawMessage     `json:"session"`
	Resource json.RawMessage     `json:"resource"`
	Endpoint []json.RawMessage   `json:"endpoint"`
	SCPs     [][]json.RawMessage `json:"scps"`
	RCPs     [][]json.RawMessage `json:"rcps"`
}

// answer is one line of output: decision and by, or error.
type answer struct {
	Schema   string       `json:"schema,omitempty"`
	Decision iam.Decision `json:"decision,omitempty"`
	By       *[]string    `json:"by,omitempty"`
	// Unknown names policies that bear on the request and that the state does
	// not hold; they were left out.
	Unknown []string `json:"unknown,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// decider answers questions, and remembers whom it looked up.
type decider struct {
	states map[string]*iam.Index
	known  map[string]*principal
}

// principal is who was looked up in the state.
type principal struct {
	policies iam.Policies
	unknown  []string
}

func newDecider() *decider { return &decider{known: map[string]*principal{}} }

// know gives the states to look principals up in.
func (d *decider) know(states iam.States) {
	d.states = make(map[string]*iam.Index, len(states))
	for account, s := range states {
		d.states[account] = s.Index()
	}
}

func (d *decider) line(line []byte) answer {
	q, err := readQuestion(line)
	if err != nil {
		return answer{Error: err.Error()}
	}
	a, err := d.answer(q)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return a
}

// readQuestion refuses members that it does not know: a misspelt "context"
// would be answered as if it were not there.
func readQuestion(line []byte) (*question, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	q := &question{}
	if err := dec.Decode(q); err != nil {
		return nil, fmt.Errorf("not a request: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("not a request: more follows on the line")
	}
	return q, nil
}

func (d *decider) answer(q *question) (answer, error) {
	if err := q.check(); err != nil {
		return answer{}, err
	}
	p, unknown, err := d.lookup(q)
	if err != nil {
		return answer{}, err
	}
	if err := q.Policies.into(&p); err != nil {
		return answer{}, err
	}
	r := iam.Request{Principal: q.Principal, Action: q.Action, Resource: q.Resource, ResourceAccount: q.ResourceAccount, Context: make(map[string][]string, len(q.Context))}
	for k, l := range q.Context {
		r.Context[k] = l.Values
	}
	decision, by := iam.DecideWhy(r, p)
	if by == nil {
		by = []string{}
	}
	return answer{Decision: decision, By: &by, Unknown: unknown}, nil
}

func (q *question) check() error {
	service, name, ok := strings.Cut(q.Action, ":")
	switch {
	case q.Principal == "":
		return errors.New(`principal is missing: an ARN, or "*" for anybody`)
	case !ok || service == "" || name == "":
		return fmt.Errorf("action %q is not service:Name", q.Action)
	case strings.ContainsAny(q.Action, "*?"):
		return fmt.Errorf("action %q has a wildcard: ask for one action", q.Action)
	case q.Resource == "":
		return errors.New(`resource is missing: an ARN, or "*" where the action takes none`)
	}
	return q.checkLengths()
}

// longestValue is far above what AWS has, ARNs of 2048 bytes and encryption
// contexts of 8192, and low enough that no pattern takes long to compare.
const longestValue = 16 << 10

func (q *question) checkLengths() error {
	long := func(what, s string) error {
		if len(s) > longestValue {
			return fmt.Errorf("%s is %d bytes long; at most %d are compared", what, len(s), longestValue)
		}
		return nil
	}
	err := cmp.Or(long("principal", q.Principal), long("action", q.Action), long("resource", q.Resource))
	spelt := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(q.Context)) {
		if other, twice := spelt[strings.ToLower(key)]; twice {
			err = cmp.Or(err, fmt.Errorf("context keys %s and %s are the same: their case does not count", other, key))
		}
		spelt[strings.ToLower(key)] = key
		for _, v := range q.Context[key].Values {
			err = cmp.Or(err, long("context key "+key, v))
		}
	}
	return err
}

// lookup finds what the state knows of a request: the principal's policies
// unless the line brings its own, and the trust policy of a role to be assumed.
func (d *decider) lookup(q *question) (iam.Policies, []string, error) {
	if d.states == nil {
		return iam.Policies{}, nil, nil
	}
	p := &principal{}
	if q.Policies.Identity == nil {
		var err error
		if p, err = d.principal(q.Principal); err != nil {
			return iam.Policies{}, nil, err
		}
	}
	policies, unknown := p.policies, p.unknown
	if assumes(q.Action) && q.Policies.Resource == nil {
		if trust := d.trust(q.Resource); trust != nil {
			policies.Resource = trust
		} else {
			unknown = append(slices.Clone(unknown), "trust policy of "+q.Resource)
		}
	}
	return policies, unknown, nil
}

// trust is a role's trust policy, nil where the state does not hold it.
func (d *decider) trust(role string) *iam.Document {
	x := d.states[iam.AccountOf(role)]
	if x == nil {
		return nil
	}
	h, ok := x.Lookup(role)
	if !ok || h.Role == nil {
		return nil
	}
	return h.Role.Trust
}

func assumes(action string) bool {
	service, name, _ := strings.Cut(action, ":")
	return strings.EqualFold(service, "sts") && len(name) >= 10 && strings.EqualFold(name[:10], "AssumeRole")
}

func (d *decider) principal(arn string) (*principal, error) {
	if p := d.known[arn]; p != nil {
		return p, nil
	}
	p := &principal{}
	if iam.HasPolicies(arn) {
		x := d.states[iam.AccountOf(arn)]
		if x == nil {
			return nil, fmt.Errorf("account of %s is not in the state", arn)
		}
		h, ok := x.Lookup(arn)
		if !ok {
			return nil, fmt.Errorf("%s is not in the state", arn)
		}
		p.policies, p.unknown = h.Documents(), h.Unresolved
	}
	d.known[arn] = p
	return p, nil
}

// into reads the documents; what is given takes the place of what was looked up.
func (in *inlinePolicies) into(p *iam.Policies) (err error) {
	read := func(name string, docs []json.RawMessage, k iam.Kind, to *[]*iam.Document) {
		if docs == nil || err != nil {
			return
		}
		*to, err = readDocuments(name, docs, k)
	}
	read("identity", in.Identity, iam.IdentityPolicy, &p.Identity)
	if len(in.Boundary) > 0 { // an empty list is no boundary: a boundary is a document
		read("boundary", in.Boundary, iam.IdentityPolicy, &p.Boundary)
	}
	read("endpoint", in.Endpoint, iam.EndpointPolicy, &p.Endpoint)
	single := func(name string, raw json.RawMessage, k iam.Kind, to **iam.Document) {
		if len(raw) == 0 || string(raw) == "null" {
			return
		}
		var docs []*iam.Document
		if read(name, []json.RawMessage{raw}, k, &docs); err == nil {
			*to = docs[0]
		}
	}
	single("session", in.Session, iam.IdentityPolicy, &p.Session)
	single("resource", in.Resource, iam.ResourcePolicy, &p.Resource)
	if err == nil {
		err = readLevels("scps", in.SCPs, iam.IdentityPolicy, &p.SCPs)
	}
	if err == nil {
		err = readLevels("rcps", in.RCPs, iam.ControlPolicy, &p.RCPs)
	}
	return err
}

func readLevels(name string, levels [][]json.RawMessage, k iam.Kind, to *[][]*iam.Document) error {
	for i, level := range levels {
		docs, err := readDocuments(fmt.Sprintf("%s[%d]", name, i), level, k)
		if err != nil {
			return err
		}
		*to = append(*to, docs)
	}
	return nil
}

func readDocuments(name string, raw []json.RawMessage, k iam.Kind) ([]*iam.Document, error) {
	docs := make([]*iam.Document, len(raw))
	for i, r := range raw {
		var err error
		if docs[i], err = iam.ReadPolicy(r, k); err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", name, i, err)
		}
	}
	return docs, nil
}
