package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const (
	checkFits  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueAttributes"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs"}]}`
	checkOver  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueAttributes","sqs:DeleteQueue"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs"}]}`
	checkWide  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueAttributes"],"Resource":"*"}]}`
	checkUnder = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:GetQueueAttributes","Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs"}]}`
	checkBoth  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:DeleteQueue"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs"}]}`
	checkOther = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs"}]}`
)

// checkUse is the use of one queue, by management events that every trail has.
func checkUse() *analyze.Facts {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:jobs"
	return sizeFacts(daily("sqs:SendMessage", queue), daily("sqs:GetQueueAttributes", queue))
}

func summary(c *Check) string {
	var out []string
	for _, r := range c.Over {
		out = append(out, "-"+r.Action)
	}
	for _, w := range c.Wide {
		out = append(out, "~"+w.Action)
	}
	for _, m := range c.Under {
		out = append(out, fmt.Sprintf("+%s on %s ×%d", m.Action, m.Resource[strings.LastIndexByte(m.Resource, ':')+1:], m.Count))
	}
	return c.Verdict + " " + strings.Join(out, " ")
}

func TestCheckPolicy(t *testing.T) {
	for _, c := range []struct {
		name, file string
		current    []string // of the role's inline policies a, b, …
		beside     bool
		elsewhere  int64
		want       string
	}{
		{"just right", checkFits, []string{checkFits}, false, 0, "fits "},
		{"an action too many", checkOver, []string{checkFits}, false, 0, "over -sqs:DeleteQueue"},
		{"on everything", checkWide, []string{checkFits}, false, 0, "over ~sqs:GetQueueAttributes ~sqs:SendMessage"},
		{"an action too few", checkUnder, []string{checkFits}, false, 0, "under +sqs:SendMessage on jobs ×900"},
		{"one too many, one too few", checkBoth, []string{checkFits}, false, 0, "over and under -sqs:DeleteQueue +sqs:GetQueueAttributes on jobs ×900"},
		{"the other policy goes", checkUnder, []string{checkUnder, checkOther}, false, 0, "under +sqs:SendMessage on jobs ×900"},
		{"the other policy stays", checkUnder, []string{checkUnder, checkOther}, true, 0, "fits "},
		{"the policy of the same name does not", checkUnder, []string{checkFits, checkUnder}, true, 0, "under +sqs:SendMessage on jobs ×900"},
		{"a resource policy allowed it", checkUnder, []string{checkUnder}, false, 900, "fits "},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := CheckRequest{Principal: sizeRole, Documents: []iam.NamedDocument{{Name: "a", Document: policyDoc(t, c.file)}}, Beside: c.beside}
			got, err := CheckPolicy(checkUse(), sizeState(t, c.current...), catalog.Default(), q)
			if err != nil {
				t.Fatal(err)
			}
			if s := summary(got); s != c.want || got.Elsewhere != c.elsewhere {
				t.Errorf("%s (%d elsewhere), want %s (%d)", s, got.Elsewhere, c.want, c.elsewhere)
			}
		})
	}
}

// TestCheckWithoutState holds that all use counts where the current policies
// are not known, and that a stranger is an error.
func TestCheckWithoutState(t *testing.T) {
	q := CheckRequest{Principal: sizeRole, Documents: []iam.NamedDocument{{Name: "p", Document: policyDoc(t, checkBoth)}}}
	got, err := CheckPolicy(checkUse(), nil, catalog.Default(), q)
	if err != nil || !got.IsOver() || !got.IsUnder() || len(got.Notes) == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	q.Principal = "arn:aws:iam::111122223333:role/nobody"
	if _, err := CheckPolicy(checkUse(), nil, catalog.Default(), q); err == nil {
		t.Error("a role that nothing knows can be checked")
	}
}

// TestCheckTooEarly holds that a short window accuses nobody of too much, and still tells what is missing.
func TestCheckTooEarly(t *testing.T) {
	f := sizeFacts([]analyze.Usage{used("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs", 2)})
	f.Coverage[0].First = daysBefore(3)
	q := CheckRequest{Principal: sizeRole, Documents: []iam.NamedDocument{{Name: "a", Document: policyDoc(t, checkUnder)}}}
	got, err := CheckPolicy(f, sizeState(t, checkFits), catalog.Default(), q)
	if err != nil || got.IsOver() || !got.IsUnder() {
		t.Errorf("%+v, %v", got, err)
	}
	q.Documents[0].Document = policyDoc(t, checkOver)
	if got, err = CheckPolicy(f, sizeState(t, checkFits), catalog.Default(), q); err != nil || got.Verdict != TooEarly {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCheckJoin(t *testing.T) {
	over := func(actions ...string) *Check {
		c := &Check{Principals: []string{"p" + actions[0]}, Verdict: "over"}
		for _, a := range actions {
			c.Over = append(c.Over, Removed{Action: a})
		}
		return c
	}
	a := over("ec2:*", "s3:GetObject", "s3:PutObject")
	a.Wide = []Wide{{"sqs:SendMessage", []string{"x"}}, {"sns:Publish", []string{"y"}}}
	b := over("ec2:RunInstances", "s3:PutObject", "sns:*")
	b.Wide = []Wide{{"sqs:SendMessage", []string{"z"}}}
	b.Under = []Missing{{Action: "kms:Decrypt", Resource: "a:k", Count: 1}}
	a.Join(b)
	if got, want := summary(a), "over and under -ec2:RunInstances -s3:PutObject ~sns:Publish ~sqs:SendMessage +kms:Decrypt on k ×1"; got != want {
		t.Errorf("joined %s, want %s", got, want)
	}
	if !slices.Equal(a.Wide[1].Used, []string{"x", "z"}) || len(a.Principals) != 2 {
		t.Errorf("%+v", a)
	}
	a.Join(&Check{Principals: []string{"q"}, Verdict: TooEarly})
	if a.Verdict != "under" || a.IsOver() {
		t.Errorf("with one too early: %s", summary(a))
	}
}
