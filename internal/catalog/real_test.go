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

// TestRealResources measures how often the ARN that follows from the request
// alone is the one that AWS lists.
func TestRealResources(t *testing.T) {
	events := realEvents(t)
	c := Default()
	agree, differ := 0, map[string]int{}
	for i := range events {
		e := events[i]
		if e.ErrorMessage != "" || len(e.Resources) == 0 {
			continue
		}
		listed := c.Attribute(&e)
		e.Resources = nil
		for k, u := range c.Attribute(&e).Actions {
			if k >= len(listed.Actions) || listed.Actions[k].Action != u.Action || len(u.Resources) == 0 || listed.Actions[k].Resources[0] == "*" {
				continue
			}
			if slices.Equal(u.Resources, listed.Actions[k].Resources) {
				agree++
			} else {
				differ[u.Action]++
			}
		}
	}
	t.Logf("agree on %d, differ on:\n%s", agree, sortedCounts(differ))
	n := 0
	for _, k := range differ {
		n += k
	}
	if agree == 0 || n*100 > agree {
		t.Errorf("%d agree, %d differ", agree, n)
	}
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
