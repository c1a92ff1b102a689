package catalog

import (
	"sync"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Default returns the embedded catalogue. It is loaded on first use and safe
// for concurrent use.
func Default() *Catalog { return loaded() }

var loaded = sync.OnceValue(func() *Catalog { return &Catalog{} })

// Catalog is what is known of AWS's services, actions and resources. It is
// read-only once loaded.
type Catalog struct{}

// Date is the day of the data, as 2026-09-26.
func (c *Catalog) Date() string { return "" }

// Action returns the action of this name, in any case.
func (c *Catalog) Action(name string) (Action, bool) { return Action{}, false }

// Known reports whether the action exists, in any case.
func (c *Catalog) Known(name string) bool { _, ok := c.Action(name); return ok }

// Level is the access level of an action, empty where it is unknown.
func (c *Catalog) Level(name string) AccessLevel { a, _ := c.Action(name); return a.Level }

// Services are the service prefixes, sorted.
func (c *Catalog) Services() []string { return nil }

// Actions are the names of a service's actions, as s3:GetObject, sorted. The slice is shared: do not change it.
func (c *Catalog) Actions(service string) []string { return nil }

// Expand returns the actions that an IAM pattern such as s3:Get* matches,
// sorted. The slice is shared: do not change it.
func (c *Catalog) Expand(pattern string) []string { return nil }

// Attribute says which actions AWS evaluated when it wrote e, and on what.
func (c *Catalog) Attribute(e *event.Event) Attribution { return Attribution{} }

// Visibility says whether a trail can show the use of an action, and for Data
// the resource type of the data events that would, as AWS::S3::Object.
func (c *Catalog) Visibility(action string) (v Visibility, dataResourceType string) {
	return Management, ""
}

// DeniedAction reads the action that AWS refused, and on what resource, from
// an error message; both are empty where the message does not tell.
func DeniedAction(message string) (action, resource string) { return "", "" }
