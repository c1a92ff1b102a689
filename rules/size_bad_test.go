package rules

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// checkProof holds what every proposal must: each call passes, nothing new is
// allowed, documents are policies of a size that IAM takes.
func checkProof(t *testing.T, p Proposal, docs []*iam.Document) {
	t.Helper()
	if p.Replay == nil || p.Replay.Denied != 0 || p.NoNewAccess != nil && !*p.NoNewAccess {
		t.Fatalf("replay %+v, no new access %v, %q\n%s", p.Replay, p.NoNewAccess, p.Warnings, proposedText(p))
	}
	inline := 0
	for _, r := range p.Proposed {
		if r.Document == nil {
			continue
		}
		if err := r.Document.Check(iam.IdentityPolicy); err != nil {
			t.Errorf("%s is no policy: %v", r.Name, err)
		}
		n := documentSize(r.Document)
		if r.Source == "inline" {
			inline += n
		} else if n > managedLimit {
			t.Errorf("%s has %d characters", r.Name, n)
		}
	}
	if inline > roleInlineLimit {
		t.Errorf("%d characters inline", inline)
	}
	w := &sizeWorld{rand.New(rand.NewSource(1)), catalog.Default()}
	next := iam.NewEvaluator(iam.Policies{Identity: plainDocs(docsOf(p.Proposed))})
	now := iam.NewEvaluator(iam.Policies{Identity: docs})
	for range 400 {
		a := w.action()
		r := iam.Request{Principal: sizeRole, Action: a, Resource: w.resource(a), Context: map[string][]string{"aws:RequestedRegion": {"eu-west-1"}}}
		if next.Decide(r) == iam.Allowed && now.Decide(r) != iam.Allowed {
			t.Fatalf("new access to %s on %s", r.Action, r.Resource)
		}
	}
}

// Input that breaks tools: the proof holds for each, with conditions too.
func TestSizeBadInput(t *testing.T) {
	large := `{"Sid":"Large","Effect":"Allow","Action":["sqs:*","secretsmanager:*"],"Resource":[` + quotedARNs("arn:aws:sqs:eu-west-1:111122223333:queue-", 110) + `,"` + secretARN + `"]}`
	table := func(n int) string {
		return fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/%x-orders", n*7919)
	}
	var tables []analyze.Usage
	for i := range 2000 {
		tables = append(tables, used("dynamodb:DescribeTable", table(i), 1+i%90))
	}
	for _, c := range []struct {
		name     string
		policies []string
		usage    []analyze.Usage
	}{
		{"NotAction with Deny", []string{statements(`{"Sid":"A","Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, `{"Sid":"D","Effect":"Deny","NotAction":["secretsmanager:*","sqs:*"],"Resource":"*"}`)}, secretsDaily()},
		{"NotResource with Deny", []string{statements(`{"Sid":"A","Effect":"Allow","Action":"secretsmanager:*","NotResource":"arn:aws:secretsmanager:*:*:secret:root/*"}`, `{"Sid":"D","Effect":"Deny","Action":"*","NotResource":"arn:aws:secretsmanager:*"}`)}, secretsDaily()},
		{"at the size limit", []string{statements(large)}, secretsDaily()},
		{"2,000 ARNs for one action", []string{statements(`{"Sid":"A","Effect":"Allow","Action":"dynamodb:*","Resource":"*"}`)}, append(tables, secretsDaily()...)},
		{"wildcards and unicode in Sids and ARNs", []string{`{"Version":"2012-10-17","Statement":[{"Sid":"Ünïcode*?","Effect":"Allow","Action":"secretsmanager:*","Resource":["arn:aws:secretsmanager:*:*:secret:ch?ckout/*","arn:aws:s3:::bücket-\u202e*"]}]}`}, secretsDaily()},
		{"a policy of the old version", []string{`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}]}`}, secretsDaily()},
		{"actions that there are not", []string{statements(`{"Sid":"A","Effect":"Allow","Action":["secretsmanager:*","nope:Do*","s3:NoSuchThing"],"Resource":"*"}`)}, secretsDaily()},
	} {
		for _, conditions := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, conditions %v", c.name, conditions), func(t *testing.T) {
				states := sizeState(t)
				var docs []*iam.Document
				for i, text := range c.policies {
					d, err := iam.ParsePolicy([]byte(text))
					if err != nil {
						t.Fatal(err)
					}
					docs = append(docs, d)
					states[sizeAccount].Roles[0].Inline = append(states[sizeAccount].Roles[0].Inline, iam.NamedDocument{Name: fmt.Sprint("p", i), Document: d})
				}
				f := sizeFacts(c.usage)
				f.Principals[0].Networks = dailyFrom("203.0.113.0/24", "203.0.113.7")
				p, err := Size(f, sizeRole, states, catalog.Default(), SizeOptions{Conditions: conditions})
				if err != nil {
					t.Fatal(err)
				}
				if p.Confidence == TooEarly {
					t.Fatalf("too early: %q", p.Warnings)
				}
				checkProof(t, p, docs)
			})
		}
	}
}

func quotedARNs(prefix string, n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`"%s%03d"`, prefix, i))
	}
	return strings.Join(out, ",")
}

// A principal without policies is given none for what something else allows.
func TestSizeWithoutPolicies(t *testing.T) {
	p := sizeOf(t, sizeFacts(secretsDaily()), sizeState(t))
	if len(p.Proposed) != 0 || p.Replay.Denied != 0 || p.Replay.Unexplained != 900 {
		t.Errorf("%s, replay %+v", proposedText(p), p.Replay)
	}
}

// Service-linked roles are left alone.
func TestSizeLeavesServiceLinked(t *testing.T) {
	states := sizeState(t, statements(readSecrets))
	linked := "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
	states[sizeAccount].Roles = append(states[sizeAccount].Roles, iam.Role{Name: "AWSServiceRoleForX", ARN: linked})
	for _, p := range SizeAll(sizeFacts(secretsDaily()), states, catalog.Default(), SizeOptions{}).Policies {
		if p.Principal == linked {
			t.Error("a service-linked role gets a proposal")
		}
	}
}

// More than ten attachments are joined, and the proof still holds.
func TestPackMerges(t *testing.T) {
	states := sizeState(t)
	s := states[sizeAccount]
	var docs []*iam.Document
	var usage []analyze.Usage
	for i := range 14 {
		arn := fmt.Sprintf("arn:aws:iam::111122223333:policy/shared-%02d", i)
		d := policyDoc(t, statements(fmt.Sprintf(`{"Sid":"S","Effect":"Allow","Action":["sqs:GetQueueUrl","sqs:DeleteQueue"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:team-%02d-*"}`, i)))
		docs = append(docs, d)
		s.Policies = append(s.Policies, iam.Policy{Name: fmt.Sprintf("shared-%02d", i), ARN: arn, Attached: 5, Document: d})
		s.Roles[0].Attached = append(s.Roles[0].Attached, arn)
		usage = append(usage, daily("sqs:GetQueueUrl", fmt.Sprintf("arn:aws:sqs:eu-west-1:111122223333:team-%02d-jobs", i))...)
	}
	p := sizeOf(t, sizeFacts(usage), states)
	if len(p.Proposed) > managedPolicies || warned(p, "the quota is") {
		t.Errorf("%d policies, %q", len(p.Proposed), p.Warnings)
	}
	if !slices.ContainsFunc(p.Proposed, func(r PolicyRef) bool { return strings.Contains(r.Replaces, " and ") }) {
		t.Errorf("nothing was joined: %+v", p.Proposed)
	}
	checkProof(t, p, docs)
}
