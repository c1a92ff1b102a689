package analyze

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// call is one event, read: what every part of the facts takes from it.
type call struct {
	event    *event.Event
	stamp    stamp
	day      day
	actor    Actor
	outcome  Outcome
	tier     Tier
	uses     []use
	unmapped bool
}

// use is one action of a call.
type use struct {
	action    string
	resources []string // at least one; "" where the event does not tell
	implied   bool
	condition string
}

// nowhere stands for the resources of a use whose event does not tell any.
var nowhere = []string{""}

func readCall(c *catalog.Catalog, e *event.Event) *call {
	out := &call{event: e, stamp: stampOf(e), actor: ActorOf(e), outcome: OutcomeOf(e), tier: TierOf(e)}
	out.day = dayOf(out.stamp.at)
	got := c.Attribute(e)
	out.unmapped = got.Unmapped
	for _, u := range got.Actions {
		out.uses = append(out.uses, readUse(u))
	}
	return out
}

func readUse(u catalog.Use) use {
	out := use{action: u.Action, resources: u.Resources, implied: u.Via == catalog.ViaImplied, condition: conditionText(u.Condition)}
	if len(out.resources) == 0 {
		out.resources = nowhere
	}
	return out
}

// conditionText is the first context key and value, as key=value.
func conditionText(c map[string][]string) string {
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if len(c[k]) > 0 {
			return k + "=" + strings.Join(c[k], ",")
		}
	}
	return ""
}
