package rules

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// actionSet is a set of the catalogue's actions, a bit each, by their place in an actionIndex.
type actionSet []uint64

func (s actionSet) has(i int) bool { return i >= 0 && s[i>>6]>>(i&63)&1 == 1 }
func (s actionSet) add(i int)      { s[i>>6] |= 1 << (i & 63) }

func (s actionSet) unite(o actionSet) {
	for i := range o {
		s[i] |= o[i]
	}
}

func (s actionSet) without(o actionSet) {
	for i := range o {
		s[i] &^= o[i]
	}
}

func (s actionSet) any() bool { return slices.ContainsFunc(s, func(w uint64) bool { return w != 0 }) }

// meets reports whether s and o have an action in common.
func (s actionSet) meets(o actionSet) bool {
	for i := range o {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

// count is the number of actions of s in [from, to).
func (s actionSet) count(from, to int) int {
	n := 0
	s.each(from, to, func(int) { n++ })
	return n
}

// each calls f for the members of s in [from, to), in order.
func (s actionSet) each(from, to int, f func(int)) {
	for w := from >> 6; w<<6 < to; w++ {
		for word := s[w]; word != 0; word &= word - 1 {
			if i := w<<6 + bits.TrailingZeros64(word); i >= from && i < to {
				f(i)
			}
		}
	}
}

// actionIndex numbers the catalogue's actions, service by service, and
// remembers what patterns match. It is not safe for concurrent use.
type actionIndex struct {
	cat      *catalog.Catalog
	names    []string
	lowers   []string       // names in lower case
	ids      map[string]int // by name, as it is and in lower case
	services []serviceSpan
	sets     map[string]actionSet
	kinds    map[string]glob           // see kindGlob
	grants   map[*iam.Document][]grant // see grantsIn
	shared   map[*iam.Document][]grant // likewise, of AWS's own policies
	weights  []float64
	total    float64   // of all weights
	typeless actionSet // those that only take "*"
	reads    actionSet // those that list or read
}

// serviceSpan is a service with the span of its actions' numbers.
type serviceSpan struct {
	prefix   string
	from, to int
}

func newActionIndex(cat *catalog.Catalog) *actionIndex {
	x := &actionIndex{cat: cat, ids: make(map[string]int, 1<<15), sets: map[string]actionSet{}, kinds: map[string]glob{}, grants: map[*iam.Document][]grant{}, shared: map[*iam.Document][]grant{}}
	for _, prefix := range cat.Services() {
		from := len(x.names)
		x.names = append(x.names, cat.Actions(prefix)...)
		x.services = append(x.services, serviceSpan{prefix: prefix, from: from, to: len(x.names)})
	}
	x.typeless, x.reads = x.empty(), x.empty()
	for i, name := range x.names {
		x.lowers = append(x.lowers, strings.ToLower(name))
		x.ids[name], x.ids[x.lowers[i]] = i, i
		a, _ := cat.Action(name)
		x.weights = append(x.weights, levelWeights[a.Level])
		x.total += levelWeights[a.Level]
		if len(a.ResourceTypes) == 0 {
			x.typeless.add(i)
		}
		if a.Level == catalog.List || a.Level == catalog.Read {
			x.reads.add(i)
		}
	}
	return x
}

// fork is an index for another goroutine.
func (x *actionIndex) fork() *actionIndex {
	y := *x
	y.sets, y.kinds, y.grants, y.shared = map[string]actionSet{}, map[string]glob{}, map[*iam.Document][]grant{}, map[*iam.Document][]grant{}
	return &y
}

// levelWeights say how much power an action of each level gives, see Score.
var levelWeights = map[catalog.AccessLevel]float64{
	catalog.Permission: 10, catalog.Write: 3, catalog.Tagging: 2, catalog.Read: 1, catalog.List: .5,
}

// id is the number of an action of any case, -1 where the catalogue has none.
func (x *actionIndex) id(name string) int {
	if i, ok := x.ids[name]; ok {
		return i
	}
	if i, ok := x.ids[strings.ToLower(name)]; ok {
		return i
	}
	return -1
}

func (x *actionIndex) empty() actionSet { return make(actionSet, (len(x.names)+63)>>6) }

// matching are the actions that a pattern matches; shared: do not change it.
func (x *actionIndex) matching(pattern string) actionSet {
	key := strings.ToLower(pattern)
	if s, ok := x.sets[key]; ok {
		return s
	}
	s := x.empty()
	for _, name := range x.cat.Expand(pattern) {
		if i := x.id(name); i >= 0 {
			s.add(i)
		}
	}
	x.sets[key] = s
	return s
}

// into adds what a pattern matches to s, and reports whether that is anything.
func (x *actionIndex) into(s actionSet, pattern string) bool {
	if exactAction(pattern) {
		id := x.id(pattern)
		if id >= 0 {
			s.add(id)
		}
		return id >= 0
	}
	m := x.matching(pattern)
	s.unite(m)
	return m.any()
}

// exactAction reports whether a pattern can match one action alone.
func exactAction(pattern string) bool { return !strings.ContainsAny(pattern, "*?") }

// anyOf are the actions that one of the patterns matches.
func (x *actionIndex) anyOf(patterns []string) actionSet {
	s := x.empty()
	for _, p := range patterns {
		x.into(s, p)
	}
	return s
}

// others are all actions that no pattern matches, as NotAction means them.
func (x *actionIndex) others(patterns []string) actionSet {
	s := x.empty()
	s.unite(x.matching("*"))
	s.without(x.anyOf(patterns))
	return s
}

func serviceOf(action string) string {
	prefix, _, _ := strings.Cut(action, ":")
	return strings.ToLower(prefix)
}
