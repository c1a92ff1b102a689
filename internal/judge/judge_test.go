package judge

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/versity/versitygw/iamapi/policy"
	"github.com/versity/versitygw/iamapi/types"

	"github.com/trimtrail/trimtrail/internal/iam"
)

var decisions = map[policy.Decision]iam.Decision{
	policy.DecisionAllow: iam.Allowed, policy.DecisionNoMatch: iam.ImplicitlyDenied, policy.DecisionDeny: iam.ExplicitlyDenied,
}

// theirs is versitygw's answer.
func theirs(text string, r *request) iam.Decision {
	return decisions[policy.EvaluateIdentityPolicies([]types.PolicyEntry{{PolicyDocument: text}},
		policy.RequestContext{Action: r.action, Resource: r.resource, Condition: r.full()})]
}

// evaluator is ours for one document.
func evaluator(t *testing.T, text string) *iam.Evaluator {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return iam.NewEvaluator(iam.Policies{Identity: []*iam.Document{d}})
}

func ours(v *iam.Evaluator, r *request) iam.Decision {
	return v.Decide(iam.Request{Principal: self, Action: r.action, Resource: r.resource, ResourceAccount: account, Context: r.context})
}

// TestAgainstAnother compares both evaluators on random pairs. Those that hold
// nothing that the two are known to read differently must agree; where others
// differ, a known difference must be the reason.
func TestAgainstAnother(t *testing.T) {
	enough, limit := 5000, 8*time.Minute
	if s := os.Getenv("JUDGE_PAIRS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		enough = n
	}
	g := generator{Rand: rand.New(rand.NewPCG(1, 2))}
	c := &comparison{reasons: map[string]int{}, answers: map[iam.Decision]int{}}
	for start := time.Now(); c.pairs < enough && time.Since(start) < limit; {
		g.odd = g.chance(30)
		p := g.policy()
		text := p.text()
		v := evaluator(t, text)
		for range 8 {
			c.compare(t, v, p, text, g.request())
		}
		if t.Failed() {
			break
		}
	}
	t.Logf("%d pairs, %d of them plain; answers to plain ones %v; other answers explained by %v", c.pairs, c.plain, c.answers, c.reasons)
	if c.pairs < enough || c.plain < c.pairs/2 {
		t.Errorf("%d pairs, %d of them plain, want %d and half of them", c.pairs, c.plain, enough)
	}
	for _, d := range differences {
		if c.reasons[d.name] == 0 && enough >= 1000000 {
			t.Errorf("difference %q did not show", d.name)
		}
	}
}

type comparison struct {
	pairs, plain int
	reasons      map[string]int       // differing pairs by difference
	answers      map[iam.Decision]int // to plain pairs
}

func (c *comparison) compare(t *testing.T, v *iam.Evaluator, p *document, text string, r *request) {
	c.pairs++
	a, b := ours(v, r), theirs(text, r)
	reason := explain(p, r)
	if reason == "" {
		c.plain++
		c.answers[a]++
	}
	if a == b {
		return
	}
	if reason == "" {
		t.Errorf("%s, theirs %s\n%s\n%s", a, b, text, r)
		return
	}
	c.reasons[reason]++
}

func explain(p *document, r *request) string {
	for _, d := range differences {
		if d.applies(p, r) {
			return d.name
		}
	}
	return ""
}
