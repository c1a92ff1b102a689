package catalog

import "github.com/trimtrail/trimtrail/internal/event"

type planKey struct{ source, name string }

type plan struct{}

func reachedByRule() map[string]bool { return nil }

// Attribute says which actions AWS evaluated when it wrote e, and on what.
func (c *Catalog) Attribute(e *event.Event) Attribution { return Attribution{} }

func (t *resourceType) names(variable string) []string { return nil }
