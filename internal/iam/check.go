package iam

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind is where a policy is attached, which decides what it may say.
type Kind int

// The kinds of policy.
const (
	IdentityPolicy Kind = iota // of a user, group or role; boundaries, session policies and SCPs follow the same rules
	ResourcePolicy             // of a resource, role trust policies included
	EndpointPolicy             // of a VPC endpoint
	ControlPolicy              // a resource control policy (RCP)
)

// ReadPolicy reads a document of one kind to decide by: as ParsePolicy, but
// it refuses only what would make a decision a guess, and lets pass what AWS
// would not store and what cannot match anyway, as a resource that is no ARN.
func ReadPolicy(data []byte, k Kind) (*Document, error) {
	doc, err := decode(data)
	if err != nil {
		return nil, err
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if err := cmp.Or(s.pairs(), s.operators(), s.check(k)); err != nil {
			return nil, fmt.Errorf("%s: %w", s.place(i), err)
		}
	}
	return doc, nil
}

// validate holds the rules that are the same for every kind.
func (d *Document) validate() error {
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return fmt.Errorf("Version must be 2012-10-17 or 2008-10-17, not %q", d.Version)
	}
	for i := range d.Statements {
		if err := d.Statements[i].validate(); err != nil {
			return fmt.Errorf("%s: %w", d.Statements[i].place(i), err)
		}
	}
	return nil
}

func (s *Statement) validate() error {
	if err := s.pairs(); err != nil {
		return err
	}
	for _, a := range slices.Concat(s.Action.Values, s.NotAction.Values) {
		if a != "*" && !strings.Contains(a, ":") {
			return fmt.Errorf("Action %q has no service prefix, as in s3:GetObject", a)
		}
	}
	for _, r := range slices.Concat(s.Resource.Values, s.NotResource.Values) {
		if !strings.HasPrefix(r, "arn:") && !strings.HasPrefix(r, "*") && !strings.HasPrefix(r, "${") {
			return fmt.Errorf("Resource %q is neither an ARN nor \"*\"", r)
		}
	}
	return s.operators()
}

func (s *Statement) operators() error {
	for _, op := range slices.Sorted(maps.Keys(s.Condition)) {
		if _, ok := findOperator(op); !ok {
			return fmt.Errorf("Condition operator %q is not known", op)
		}
	}
	return nil
}

func (s *Statement) pairs() error {
	switch {
	case s.Action.Values == nil && s.NotAction.Values == nil:
		return errors.New("Action or NotAction is missing")
	case s.Action.Values != nil && s.NotAction.Values != nil:
		return errors.New("Action and NotAction exclude each other")
	case s.Resource.Values != nil && s.NotResource.Values != nil:
		return errors.New("Resource and NotResource exclude each other")
	case s.Principal != nil && s.NotPrincipal != nil:
		return errors.New("Principal and NotPrincipal exclude each other")
	}
	return nil
}

// Check holds a document against the rules of one kind of policy.
func (d *Document) Check(k Kind) error {
	sids := map[string]bool{}
	for i := range d.Statements {
		s := &d.Statements[i]
		err := s.check(k)
		if k == IdentityPolicy && err == nil && s.Sid != "" && sids[s.Sid] {
			err = errors.New("another statement has the same Sid")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.place(i), err)
		}
		sids[s.Sid] = true
	}
	return nil
}

func (s *Statement) check(k Kind) error {
	principal, resource := s.Principal != nil || s.NotPrincipal != nil, s.Resource.Values != nil || s.NotResource.Values != nil
	switch {
	case k == IdentityPolicy && principal:
		return errors.New("Principal belongs in resource policies only: an identity policy acts for whom it is attached to")
	case (k == IdentityPolicy || k == ControlPolicy) && !resource:
		return errors.New("Resource or NotResource is missing")
	case k == ResourcePolicy && !principal:
		return errors.New("Principal or NotPrincipal is missing: a resource policy says for whom")
	case k == ControlPolicy && !s.Principal.everybody():
		return errors.New("Principal must be \"*\" in a resource control policy")
	}
	return nil
}

// everybody tells that a Principal element is "*", which may be written {"AWS": "*"} as well.
func (p *Principal) everybody() bool {
	if p == nil {
		return false
	}
	aws := p.By["AWS"].Values
	return p.Any || len(p.By) == 1 && len(aws) == 1 && aws[0] == "*"
}
