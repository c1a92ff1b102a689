package iam

import "fmt"

// Evaluator decides many requests by the same policies, which must not change
// under it. It remembers for each action which statements speak of it, so that
// long policies cost once. It is for one goroutine.
type Evaluator struct {
	policies Policies
	actions  map[string]*layers
	tests    map[*Statement][]test
	last     caller // of the request before
	asked    string // the name it was read from
}

// rememberedActions bounds the memory of an Evaluator.
const rememberedActions = 4096

// NewEvaluator makes an evaluator of the policies.
func NewEvaluator(p Policies) *Evaluator {
	return &Evaluator{policies: p, actions: map[string]*layers{}, tests: map[*Statement][]test{}}
}

// Decide is the package's Decide for the evaluator's policies.
func (v *Evaluator) Decide(r Request) Decision {
	e := v.evaluation(&r)
	return e.decide()
}

// DecideWhy is the package's DecideWhy for the evaluator's policies.
func (v *Evaluator) DecideWhy(r Request) (Decision, []string) {
	e := v.evaluation(&r)
	e.why = true
	switch d := e.decide(); d {
	case ImplicitlyDenied:
		return d, e.missing
	default:
		return d, e.by
	}
}

func (v *Evaluator) evaluation(r *Request) evaluation {
	if v.asked != r.Principal {
		v.asked, v.last = r.Principal, readCaller(r.Principal)
	}
	return evaluation{ask: newAsk(r, v.last), names: v.policies.Names, layers: v.layersOf(r.Action)}
}

// layers are the policies reduced to what speaks of one action.
type layers struct {
	identity, boundary, session, resource, endpoint level
	scps, rcps                                      []level
}

// level is one list of documents that decide together.
type level struct {
	name        string // for answers
	docs        []*Document
	given       bool // there is such a policy, whether or not it speaks of the action
	by          grantRule
	allow, deny []rule
}

// grantRule says how a level's statements choose whom they bear on.
type grantRule int

const (
	attached   grantRule = iota // to the identity itself: everybody asked is meant
	principals                  // by the Principal element
	endpoints                   // by the Principal element where there is one
)

// rule is one statement that speaks of the action.
type rule struct {
	*Statement
	doc, statement int // where it stands
	variables      bool
	tests          []test
}

func (v *Evaluator) layersOf(action string) *layers {
	if l := v.actions[action]; l != nil {
		return l
	}
	if len(v.actions) >= rememberedActions {
		clear(v.actions)
	}
	p := &v.policies
	l := &layers{
		identity: v.level("identity", p.Identity, attached, action),
		boundary: v.level("boundary", p.Boundary, attached, action),
		session:  v.level("session", one(p.Session), attached, action),
		resource: v.level("resource", one(p.Resource), principals, action),
		endpoint: v.level("endpoint", p.Endpoint, endpoints, action),
	}
	for i, docs := range p.SCPs {
		l.scps = append(l.scps, v.level(fmt.Sprintf("scp level %d", i+1), docs, attached, action))
	}
	for i, docs := range p.RCPs {
		l.rcps = append(l.rcps, v.level(fmt.Sprintf("rcp level %d", i+1), docs, principals, action))
	}
	v.actions[action] = l
	return l
}

func one(d *Document) []*Document {
	if d == nil {
		return nil
	}
	return []*Document{d}
}

func (v *Evaluator) level(name string, docs []*Document, by grantRule, action string) level {
	l := level{name: name, docs: docs, given: docs != nil, by: by}
	for i, d := range docs {
		if d == nil {
			continue
		}
		for j := range d.Statements {
			if s := &d.Statements[j]; s.takesAction(action) {
				l.add(rule{s, i, j, d.Version == "2012-10-17", v.testsOf(s)})
			}
		}
	}
	return l
}

func (l *level) add(r rule) {
	if r.Effect == Deny {
		l.deny = append(l.deny, r)
	} else {
		l.allow = append(l.allow, r)
	}
}

func (v *Evaluator) testsOf(s *Statement) []test {
	if len(s.Condition) == 0 {
		return nil
	}
	ts, ok := v.tests[s]
	if !ok {
		ts = readTests(s.Condition)
		v.tests[s] = ts
	}
	return ts
}
