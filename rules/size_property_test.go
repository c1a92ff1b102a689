package rules

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// sizeWorld makes random policies and use.
type sizeWorld struct {
	r   *rand.Rand
	cat *catalog.Catalog
}

var sizeServices = []string{"s3", "dynamodb", "secretsmanager", "sqs", "lambda", "logs", "iam", "ec2"}

func (w *sizeWorld) pick(list []string) string { return list[w.r.Intn(len(list))] }

func (w *sizeWorld) action() string { return w.pick(w.cat.Actions(w.pick(sizeServices))) }

func (w *sizeWorld) actionPattern() string {
	a := w.action()
	service, name, _ := strings.Cut(a, ":")
	switch w.r.Intn(6) {
	case 0:
		return service + ":*"
	case 1:
		return service + ":" + name[:3] + "*"
	case 2:
		return "*"
	}
	return a
}

func (w *sizeWorld) resource(action string) string {
	a, _ := w.cat.Action(action)
	if len(a.ResourceTypes) == 0 {
		return "*"
	}
	arn := a.ResourceTypes[w.r.Intn(len(a.ResourceTypes))].ARN
	arn = strings.NewReplacer("${Partition}", "aws", "${Region}", "eu-west-1", "${Account}", sizeAccount).Replace(arn)
	for strings.Contains(arn, "${") {
		i, j := strings.Index(arn, "${"), strings.Index(arn, "}")
		arn = arn[:i] + fmt.Sprintf("%s-%d", w.pick([]string{"red", "blue"}), w.r.Intn(12)) + arn[j+1:]
	}
	return arn
}

func (w *sizeWorld) resourcePattern(action string) string {
	r := w.resource(action)
	switch w.r.Intn(4) {
	case 0:
		return r
	case 1:
		if i := strings.LastIndexByte(r, '-'); i > 0 {
			return r[:i+1] + "*"
		}
	}
	return "*"
}

func (w *sizeWorld) statement(i int) iam.Statement {
	s := iam.Statement{Sid: fmt.Sprintf("S%d", i), Effect: iam.Allow}
	var actions, resources []string
	for range 1 + w.r.Intn(4) {
		actions = append(actions, w.actionPattern())
		resources = append(resources, w.resourcePattern(w.action()))
	}
	s.Action, s.Resource = iam.StringList{Values: actions}, iam.StringList{Values: resources}
	switch w.r.Intn(8) {
	case 0:
		s.Action, s.NotAction = iam.StringList{}, s.Action
	case 1:
		s.Resource, s.NotResource = iam.StringList{}, s.Resource
	case 2:
		s.Condition = map[string]map[string]iam.StringList{"StringEquals": {"aws:RequestedRegion": {Values: []string{w.pick([]string{"eu-west-1", "us-east-1"})}}}}
	case 3:
		s.Effect = iam.Deny
		s.Action = iam.StringList{Values: []string{w.action()}}
	}
	return s
}

func (w *sizeWorld) documents() []*iam.Document {
	var out []*iam.Document
	for range 1 + w.r.Intn(3) {
		d := &iam.Document{Version: "2012-10-17"}
		for i := range 1 + w.r.Intn(4) {
			d.Statements = append(d.Statements, w.statement(i))
		}
		out = append(out, d)
	}
	return out
}

func (w *sizeWorld) usage(docs []*iam.Document) []analyze.Usage {
	var out []analyze.Usage
	for range 60 {
		a := w.action()
		u := used(a, w.resource(a), 1+w.r.Intn(90))
		if w.r.Intn(10) == 0 {
			u.Resource = ""
		}
		if !newReplayer(sizeRole, docs).allows(&useRow{Action: u.Action, Resource: u.Resource, Region: u.Region, First: u.First, Last: u.Last}) {
			u.Outcome = analyze.OutcomeDenied
		} else if w.r.Intn(5) == 0 {
			u.Outcome = analyze.OutcomeFailed
		}
		for n := range w.r.Intn(6) {
			again := u
			again.Day, again.First, again.Last = u.Day.AddDate(0, 0, -n), u.First.AddDate(0, 0, -n), u.Last.AddDate(0, 0, -n)
			out = append(out, again)
		}
	}
	return out
}

// Whatever the policies and the use: what was allowed stays allowed, nothing
// is allowed that was not, what was only denied is not granted, Deny
// statements and Sids stay, and equal input gives equal output.
func TestSizeProperties(t *testing.T) {
	allowed, x := 0, newActionIndex(catalog.Default())
	for seed := range int64(60) {
		w := &sizeWorld{rand.New(rand.NewSource(seed)), catalog.Default()}
		docs := w.documents()
		f := sizeFacts(w.usage(docs))
		p := sizeOf(t, f, stateOf(docs))
		if p.Confidence == TooEarly {
			continue
		}
		if p.Replay.Denied != 0 || p.NoNewAccess == nil || !*p.NoNewAccess {
			t.Fatalf("seed %d: replay %+v, warnings %q\nnow  %s\nthen %s", seed, p.Replay, p.Warnings, textsOf(docs), proposedText(p))
		}
		next := docsOf(p.Proposed)
		for range 2000 {
			a := w.action()
			r := iam.Request{Principal: sizeRole, Action: a, Resource: w.resource(a), Context: map[string][]string{"aws:RequestedRegion": {"eu-west-1"}}}
			if iam.Decide(r, iam.Policies{Identity: plainDocs(next)}) == iam.Allowed {
				if allowed++; iam.Decide(r, iam.Policies{Identity: docs}) != iam.Allowed {
					t.Fatalf("seed %d: new access to %s on %s\nnow  %s\nthen %s", seed, r.Action, r.Resource, textsOf(docs), proposedText(p))
				}
			}
		}
		grants := grantedBy(x, next)
		for _, action := range p.Denied {
			if grants.has(x.id(action)) {
				t.Errorf("seed %d: %s was only denied, and is granted: %s", seed, action, proposedText(p))
			}
		}
		checkSids(t, seed, docs, next)
		rand.New(rand.NewSource(seed)).Shuffle(len(f.Principals[0].Usage), func(i, j int) {
			u := f.Principals[0].Usage
			u[i], u[j] = u[j], u[i]
		})
		again, _ := json.Marshal(sizeOf(t, f, stateOf(docs)))
		if first, _ := json.Marshal(p); string(first) != string(again) {
			t.Fatalf("seed %d: two answers\n%s\n%s", seed, first, again)
		}
	}
	if allowed < 2000 {
		t.Errorf("only %d allowed requests were tried", allowed)
	}
}

func stateOf(docs []*iam.Document) map[string]*iam.State {
	role := iam.Role{Name: "app", ARN: sizeRole}
	for i, d := range docs {
		role.Inline = append(role.Inline, iam.NamedDocument{Name: fmt.Sprintf("p%d", i), Document: d})
	}
	return map[string]*iam.State{sizeAccount: {AccountID: sizeAccount, Roles: []iam.Role{role}}}
}

func plainDocs(docs []heldDoc) []*iam.Document {
	var out []*iam.Document
	for _, d := range docs {
		out = append(out, d.doc)
	}
	return out
}

func textsOf(docs []*iam.Document) string {
	var b strings.Builder
	for _, d := range docs {
		b.Write(d.JSON())
	}
	return b.String()
}

func checkSids(t *testing.T, seed int64, docs []*iam.Document, next []heldDoc) {
	t.Helper()
	var sids []string
	for _, d := range docs {
		for _, s := range d.Statements {
			sids = append(sids, s.Sid)
			if s.Effect == iam.Deny && !slices.ContainsFunc(next, func(n heldDoc) bool {
				return slices.ContainsFunc(n.doc.Statements, func(o iam.Statement) bool { return reflect.DeepEqual(o, s) })
			}) {
				t.Errorf("seed %d: Deny %s is gone", seed, s.Sid)
			}
		}
	}
	for _, n := range next {
		if err := n.doc.Check(iam.IdentityPolicy); err != nil {
			t.Errorf("seed %d: not a policy: %v", seed, err)
		}
		for _, s := range n.doc.Statements {
			if !slices.ContainsFunc(sids, func(sid string) bool { return strings.HasPrefix(s.Sid, sid) }) {
				t.Errorf("seed %d: Sid %s is of no current statement", seed, s.Sid)
			}
		}
	}
}
