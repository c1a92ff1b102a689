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
	enough := 5000
	if s := os.Getenv("JUDGE_PAIRS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		enough = n
	}
	parts := make([]comparison, 4)
	t.Run("part", func(t *testing.T) {
		for i := range parts {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				parts[i].run(t, uint64(i), enough/len(parts))
			})
		}
	})
	all := comparison{reasons: map[string]int{}, answers: map[iam.Decision]int{}}
	for i := range parts {
		all.add(&parts[i])
	}
	t.Logf("%d pairs, %d of them plain; answers to plain ones %v; other answers explained by %v", all.pairs, all.plain, all.answers, all.reasons)
	if all.plain < all.pairs/2 {
		t.Errorf("%d pairs, only %d of them plain", all.pairs, all.plain)
	}
	for _, d := range differences {
		if all.reasons[d.name] == 0 && enough >= 1000000 {
			t.Errorf("difference %q did not show", d.name)
		}
	}
}

// limit is what one part may take at most.
const limit = 8 * time.Minute

// run compares n pairs that seed gives.
func (c *comparison) run(t *testing.T, seed uint64, n int) {
	c.reasons, c.answers = map[string]int{}, map[iam.Decision]int{}
	g := generator{Rand: rand.New(rand.NewPCG(seed, 2))}
	for start := time.Now(); c.pairs < n && !t.Failed(); {
		if time.Since(start) > limit {
			t.Fatalf("%d of %d pairs after %v", c.pairs, n, limit)
		}
		g.odd = g.chance(30)
		p := g.document()
		text := p.text()
		v := evaluator(t, text)
		for range 8 {
			c.compare(t, v, p, text, g.request())
		}
	}
}

// add joins what another part counted.
func (c *comparison) add(o *comparison) {
	c.pairs, c.plain = c.pairs+o.pairs, c.plain+o.plain
	for k, n := range o.reasons {
		c.reasons[k] += n
	}
	for k, n := range o.answers {
		c.answers[k] += n
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
