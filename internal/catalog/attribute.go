package catalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Attribute says which actions AWS evaluated when it wrote e, and on what.
//
// The action that a denial names beats all else. Then come the overlay's
// exceptions, then the event's own name where it is an action; what follows
// from the request without being logged (iam:PassRole) is added for calls
// that were not denied. Nothing that is not in the catalogue is ever returned.
func (c *Catalog) Attribute(e *event.Event) Attribution {
	if needsNone(e) {
		return Attribution{}
	}
	r := requests.Get().(*request)
	defer requests.Put(r)
	r.reset(c, e)
	if uses := r.named(); uses != nil {
		return Attribution{Actions: uses}
	}
	uses := r.uses()
	if len(uses) == 0 {
		return Attribution{Unmapped: true}
	}
	if len(uses) > 1 {
		uses = merge(uses)
	}
	return Attribution{Actions: uses}
}

var requests = sync.Pool{New: func() any { return &request{} }}

// request is one event in the course of its attribution. It is used again for
// other events, and remembers their plans so that workers share no lock.
type request struct {
	c        *Catalog
	e        *event.Event
	plan     *plan
	params   params
	response params
	plans    map[planKey]*plan // by event source and name

	// Room for one event's work.
	lists           [][]string
	guesses, picked []guess
}

func (r *request) reset(c *Catalog, e *event.Event) {
	if r.c != c || len(r.plans) >= requestBound {
		r.plans = map[planKey]*plan{}
	}
	r.c, r.e = c, e
	r.params.reset(e.RequestParameters)
	r.response.reset(e.ResponseElements)
	r.lists = r.lists[:0]
	if r.plan = r.planOf(e.EventSource); r.plan.prefix == "autoscaling" && strings.Contains(e.RequestParameters, `"serviceNamespace"`) {
		r.plan = r.planOf("application-autoscaling")
	}
}

// requestBound is well above what an archive has of event sources and names.
const requestBound = 4096

// planOf is the plan of r's event under an event source.
func (r *request) planOf(source string) *plan {
	key := planKey{source, r.e.EventName}
	if p := r.plans[key]; p != nil {
		return p
	}
	// The key outlives the event, whose texts may be parts of a whole file.
	key = planKey{strings.Clone(source), strings.Clone(r.e.EventName)}
	shared := planKey{r.c.prefixOf(key.prefix), key.name}
	p := r.c.plans.get(shared, func() *plan { return r.c.planFor(shared) })
	r.plans[key] = p
	return p
}

// uses are the actions of a call that no message names.
func (r *request) uses() []Use {
	var out []Use
	if r.plan.special != nil {
		out = r.plan.special(r)
	} else {
		out = make([]Use, 0, len(r.plan.actions))
		for _, a := range r.plan.actions {
			out = append(out, Use{Action: a.Name, Resources: r.resources(a), Via: r.plan.via})
		}
	}
	if len(out) > 0 && !Denied(r.e) {
		out = r.implied(out)
	}
	return out
}

// use is one action on known resources; nothing where the action is not in the catalogue.
func (r *request) use(name string, via Via, resources ...string) []Use {
	a := r.c.find(name)
	if a == nil {
		return nil
	}
	if resources == nil {
		resources = r.resources(a)
	}
	slices.Sort(resources)
	return []Use{{Action: a.Name, Resources: slices.Compact(resources), Via: via}}
}

// named is the action that the message of a denial names, on the resource that it names.
func (r *request) named() []Use {
	if r.e.ErrorMessage == "" {
		return nil
	}
	name, resource := DeniedAction(r.e.ErrorMessage)
	a := r.c.find(name)
	if a == nil {
		return nil
	}
	use := Use{Action: a.Name, Via: ViaMessage}
	switch {
	case strings.HasPrefix(resource, "arn:"):
		use.Resources = []string{resource}
	default:
		if use.Resources = r.worded(a, resource); use.Resources == nil {
			use.Resources = r.resources(a)
		}
	}
	return []Use{use}
}

// worded is the ARN of a resource that a message names as "user alice".
func (r *request) worded(a *action, resource string) []string {
	i := strings.LastIndexByte(resource, ' ')
	if i < 0 {
		return nil
	}
	kind, name := normal(resource[:i]), resource[i+1:]
	for _, t := range a.types {
		if normal(t.Name) == kind && t.variables == 1 {
			values := make([][]string, len(t.tail))
			for n := range values {
				values[n] = []string{name}
			}
			return []string{r.fill(t, values, 0)}
		}
	}
	return nil
}

// merge sorts uses by action and joins those of one action and condition.
func merge(uses []Use) []Use {
	slices.SortStableFunc(uses, func(a, b Use) int {
		if n := strings.Compare(a.Action, b.Action); n != 0 {
			return n
		}
		return strings.Compare(conditionKey(a), conditionKey(b))
	})
	out := uses[:1]
	for _, u := range uses[1:] {
		last := &out[len(out)-1]
		if last.Action != u.Action || conditionKey(*last) != conditionKey(u) {
			out = append(out, u)
			continue
		}
		last.Resources = append(slices.Clip(last.Resources), u.Resources...)
		slices.Sort(last.Resources)
		last.Resources = slices.Compact(last.Resources)
	}
	return out
}

// conditionKey is a text that equal conditions share.
func conditionKey(u Use) string {
	if len(u.Condition) == 0 {
		return ""
	}
	var parts []string
	for k, v := range u.Condition {
		parts = append(parts, k+"="+strings.Join(v, ","))
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

// Denied reports whether AWS refused the call for want of permission, by the
// error codes and messages that services use for it.
func Denied(e *event.Event) bool {
	if e.ErrorCode == "" && e.ErrorMessage == "" {
		return false
	}
	code := strings.ToLower(e.ErrorCode)
	for _, part := range [...]string{"accessdenied", "unauthorized", "notauthorized", "authorizationerror", "forbidden"} {
		if strings.Contains(code, part) {
			return true
		}
	}
	return strings.Contains(e.ErrorMessage, "not authorized to perform")
}
