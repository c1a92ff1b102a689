package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
)

// Default returns the embedded catalogue. It is loaded on first use and safe
// for concurrent use.
func Default() *Catalog { return loaded() }

// Catalog is what is known of AWS's services, actions and resources. It is
// safe for concurrent use.
type Catalog struct {
	date     string
	services map[string]*service
	prefixes []string
	// references is the number of service files laid over the embedded data,
	// laid the digest of them all.
	references int
	laid       [sha256.Size]byte
	sources    []string
	reached    map[string]bool // actions, lower case, that only rules lead to
	all        func() []string // every action, sorted
	details    func() map[string]*serviceDetails
	leads      func() map[string][]Operation // by action: operations of other names
	// plans and expansions remember answers; both are bounded.
	plans      memo[planKey, *plan]
	expansions memo[string, []string]
}

func newCatalog(services int) *Catalog {
	c := &Catalog{services: make(map[string]*service, services)}
	c.reached, c.details, c.leads = reachedByRule(), detailed, sync.OnceValue(c.leadOperations)
	c.all = sync.OnceValue(func() []string {
		var all []string
		for _, s := range c.services {
			all = append(all, s.open().names...)
		}
		slices.Sort(all)
		return all
	})
	return c
}

// service returns a service by its prefix, in any case; nil where there is none.
func (c *Catalog) service(prefix string) *service {
	return c.services[strings.ToLower(prefix)].open()
}

// Date is the day of the data, as 2026-09-26.
func (c *Catalog) Date() string { return c.date }

// Digest tells one catalogue from another: its date, and a digest of the
// embedded data and of the service files laid over it.
func (c *Catalog) Digest() string {
	sum := sha256.New()
	sum.Write(embedded)
	sum.Write(embeddedDetails)
	sum.Write(c.laid[:])
	return c.date + " " + hex.EncodeToString(sum.Sum(nil)[:8])
}

// Sources tell what the embedded data was made from, a line each: package,
// version, licence, date, checksum and what it gives.
func (c *Catalog) Sources() []string { return c.sources }

// Action returns the action of this name, in any case. Its slices are shared: do not change them.
func (c *Catalog) Action(name string) (Action, bool) {
	if a := c.find(name); a != nil {
		return a.Action, true
	}
	return Action{}, false
}

// find returns the action of this full name, in any case; nil where there is none.
func (c *Catalog) find(name string) *action {
	prefix, key, ok := strings.Cut(name, ":")
	if !ok {
		return nil
	}
	s := c.service(prefix)
	if s == nil {
		return nil
	}
	return s.byName[strings.ToLower(key)]
}

// Known reports whether the action exists, in any case.
func (c *Catalog) Known(name string) bool { return c.find(name) != nil }

// Level is the access level of an action, empty where it is unknown.
func (c *Catalog) Level(name string) AccessLevel {
	a, _ := c.Action(name)
	return a.Level
}

// Services are the service prefixes, sorted. The slice is shared: do not change it.
func (c *Catalog) Services() []string { return c.prefixes }

// Actions are the names of a service's actions, as s3:GetObject, sorted;
// empty for an unknown service. The slice is shared: do not change it.
func (c *Catalog) Actions(service string) []string {
	if s := c.service(service); s != nil {
		return s.names
	}
	return nil
}

// memo remembers answers up to a bound, then answers without remembering.
type memo[K comparable, V any] struct {
	mu     sync.RWMutex
	values map[K]V
}

// memoBound is far above what archives hold: under a thousand distinct pairs
// of event source and name were seen in 30,000 events.
const memoBound = 1 << 14

func (m *memo[K, V]) get(key K, make func() V) V {
	m.mu.RLock()
	v, ok := m.values[key]
	m.mu.RUnlock()
	if ok {
		return v
	}
	v = make()
	m.put(key, v)
	return v
}

func (m *memo[K, V]) put(key K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[K]V{}
	}
	if len(m.values) < memoBound {
		m.values[key] = v
	}
}
