package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// TestRealEvents measures attribution on public events; it needs the folder
// that TRIMTRAIL_DATA names.
func TestRealEvents(t *testing.T) {
	events := realEvents(t)
	c := Default()
	api, unmapped := 0, map[string]int{}
	for i := range events {
		e := &events[i]
		if needsNone(e) {
			continue
		}
		api++
		a := c.Attribute(e)
		if a.Unmapped {
			unmapped[e.EventSource+" "+e.EventName]++
		}
		checkUses(t, c, e, a)
	}
	lost := 0
	for _, n := range unmapped {
		lost += n
	}
	t.Logf("%d of %d API events resolved (%.3f %%); unmapped:\n%s", api-lost, api, 100*float64(api-lost)/float64(api), sortedCounts(unmapped))
	if float64(api-lost) < 0.995*float64(api) {
		t.Errorf("%d of %d API events are unmapped", lost, api)
	}
}

// checkUses holds what is true of every attribution: actions exist in this
// case, come sorted, once each for a condition, with ARNs or "*".
func checkUses(t *testing.T, c *Catalog, e *event.Event, a Attribution) {
	t.Helper()
	if a.Unmapped != (len(a.Actions) == 0) {
		t.Errorf("%s: unmapped %v with %d actions", e.EventID, a.Unmapped, len(a.Actions))
	}
	for i, u := range a.Actions {
		if known, ok := c.Action(u.Action); !ok || known.Name != u.Action || u.Via == "" {
			t.Errorf("%s %s: invented %q via %q", e.EventID, e.EventName, u.Action, u.Via)
		}
		if i > 0 && a.Actions[i-1].Action > u.Action || !slices.IsSorted(u.Resources) {
			t.Errorf("%s %s: not sorted: %v", e.EventID, e.EventName, lines(a))
		}
		for _, r := range u.Resources {
			if r != "*" && !strings.HasPrefix(r, "arn:") {
				t.Errorf("%s %s: resource %q", e.EventID, e.EventName, r)
			}
		}
	}
}

// TestRealResources compares the ARNs that AWS lists with those derived from
// the rest of the event, on each event that lists some for its action.
func TestRealResources(t *testing.T) {
	c, agree, underived, differ := Default(), 0, map[string]int{}, map[string]int{}
	for _, e := range realEvents(t) {
		bare := e
		bare.Resources = nil
		derived := c.Attribute(&bare).Actions
		for _, u := range c.Attribute(&e).Actions {
			want := listedFor(c.find(u.Action), &e)
			if want == nil {
				continue
			}
			switch got := resourcesOf(derived, u); {
			case len(got) == 0:
				underived[u.Action]++
			case slices.Equal(got, want):
				agree++
			default:
				differ[u.Action+": listed "+strings.Join(want, " ")+", derived "+strings.Join(got, " ")]++
			}
		}
	}
	t.Logf("%d agree; these differ:\n%s\nnot derived:\n%s", agree, sortedCounts(differ), sortedCounts(underived))
	n := 0
	for what, k := range differ {
		n += k
		if !slices.ContainsFunc(explained, func(why string) bool { return strings.HasPrefix(what, why) }) {
			t.Errorf("no reason is known for: %s", what)
		}
	}
	if agree < 20000 || n*200 > agree {
		t.Errorf("%d agree, %d differ", agree, n)
	}
	for action := range underived {
		if !slices.Contains(keyless, action) {
			t.Errorf("%s: AWS lists a resource, the request gives none", action)
		}
	}
}

// explained are the actions whose listed and derived ARNs may differ, each
// with its reason: none is known now.
var explained = []string{}

// keyless are actions whose request need not hold what they work on: KMS
// finds the key in the ciphertext, or gets an alias, which is no key.
var keyless = []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"}

// listedFor are the event's resources that fit the action, sorted.
func listedFor(a *action, e *event.Event) []string {
	var out []string
	for _, r := range e.Resources {
		if a.fits(r.ARN) {
			out = appendNew(out, r.ARN)
		}
	}
	slices.Sort(out)
	return out
}

// resourcesOf are the resources of the same action under the same condition.
func resourcesOf(uses []Use, u Use) []string {
	for _, x := range uses {
		if x.Action == u.Action && conditionKey(x) == conditionKey(u) {
			return x.Resources
		}
	}
	return nil
}

func BenchmarkAttribute(b *testing.B) {
	events := realEvents(b)
	c := Default()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Attribute(&events[i%len(events)])
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(embedded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExpandAll(b *testing.B) {
	for b.Loop() {
		c, err := load(embedded)
		if err != nil {
			b.Fatal(err)
		}
		c.Expand("*:Get*")
	}
}
