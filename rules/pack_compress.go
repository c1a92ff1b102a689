package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// compress writes List and Read actions of Allow statements as whole-word
// wildcards, as s3:GetBucket*. A wildcard never takes in another level, nothing that is
// not granted now and, unless adding is allowed, nothing beside the actions
// that it replaces. It returns the document as small as it gets, and again
// as fits when that saves enough.
func (k *packer) compress(d *iam.Document, enough int, adding bool) (tight, fits *iam.Document) {
	tight = d.Clone()
	var grants []grant
	if k.current != nil {
		grants = grantsOf(k.x, k.current)
	}
	for i := range tight.Statements {
		s := &tight.Statements[i]
		if s.Effect == iam.Allow && s.NotAction.Values == nil {
			k.shorten(tight, s, grants, adding)
		}
	}
	if documentSize(d)-documentSize(tight) >= enough {
		return tight, tight
	}
	return tight, nil
}

// shorten tries the wildcards that replace most actions first.
func (k *packer) shorten(d *iam.Document, s *iam.Statement, grants []grant, adding bool) {
	have, within := k.x.anyOf(s.Action.Values), fittingOf(grants, d, s)
	instead := map[string]string{} // by action that gives way
	for prefix, actions := range byService(s.Action.Values) {
		for _, w := range wordWildcards(prefix, actions) {
			members := w.of(actions, instead)
			if len(members) < 2 || !k.mayJoin(w.text, have, adding) || k.current != nil && within.beyond(w.text) != "" {
				continue
			}
			for _, a := range members {
				instead[a] = w.text
			}
		}
	}
	s.Action = iam.StringList{Values: replaced(s.Action.Values, instead), One: s.Action.One && len(instead) == 0}
}

// byService groups actions without wildcards by their service as it is spelt.
func byService(actions []string) map[string][]string {
	out := map[string][]string{}
	for _, a := range actions {
		if prefix, _, ok := strings.Cut(a, ":"); ok && exactAction(a) {
			out[prefix] = append(out[prefix], a)
		}
	}
	return out
}

// mayJoin reports whether a wildcard takes in List and Read actions alone
// and, unless adding, only those of have.
func (k *packer) mayJoin(wildcard string, have actionSet, adding bool) bool {
	for _, name := range k.x.cat.Expand(wildcard) {
		id := k.x.id(name)
		if !k.x.reads.has(id) || !adding && !have.has(id) || slices.Contains(k.denied, name) {
			return false
		}
	}
	return true
}

// replaced are actions without those that give way, each wildcard in the place
// of the first that it replaces.
func replaced(actions []string, instead map[string]string) []string {
	var out []string
	written := map[string]bool{}
	for _, a := range actions {
		w := instead[a]
		if w == "" {
			out = append(out, a)
		} else if !written[w] {
			written[w] = true
			out = append(out, w)
		}
	}
	return out
}

// wordWildcard is a prefix of whole words with *.
type wordWildcard struct {
	text  string // s3:GetBucket*
	saves int    // characters, where all members give way
}

// of are the actions that the wildcard replaces, without those that gave way.
func (w *wordWildcard) of(actions []string, gone map[string]string) []string {
	var out []string
	prefix := w.text[:len(w.text)-1]
	for _, a := range actions {
		if strings.HasPrefix(a, prefix) && gone[a] == "" {
			out = append(out, a)
		}
	}
	return out
}

// wordWildcards are the prefixes of whole words that actions of one service
// share, those that save most first.
func wordWildcards(service string, actions []string) []wordWildcard {
	saves := map[string]int{}
	for _, a := range actions {
		name := a[len(service)+1:]
		for end := 1; end <= len(name); end++ {
			if end == len(name) || wordStart(name, end) {
				saves[a[:len(service)+1+end]+"*"] += len(a) + len(`"",`)
			}
		}
	}
	var out []wordWildcard
	for text, n := range saves {
		if n > 2*len(text) { // shared by two at least
			out = append(out, wordWildcard{text, n - len(text)})
		}
	}
	slices.SortFunc(out, func(a, b wordWildcard) int {
		return cmp.Or(cmp.Compare(b.saves, a.saves), cmp.Compare(a.text, b.text))
	})
	return out
}

// wordStart reports whether a word of a CamelCase name begins at i: a capital
// after a small letter or before one.
func wordStart(name string, i int) bool {
	upper := func(i int) bool { return i < len(name) && 'A' <= name[i] && name[i] <= 'Z' }
	return upper(i) && (!upper(i-1) || i+1 < len(name) && !upper(i+1))
}

// split spreads the statements of d over documents of at most limit
// characters, in order; a statement that alone is larger is divided by its
// actions or resources.
func split(d *iam.Document, limit int) []*iam.Document {
	var out []*iam.Document
	empty := func() *iam.Document { return &iam.Document{Version: d.Version, ID: d.ID} }
	now := empty()
	for _, s := range divided(d, limit) {
		next := *now
		next.Statements = append(slices.Clone(now.Statements), s)
		if len(now.Statements) > 0 && documentSize(&next) > limit {
			out = append(out, now)
			next = *empty()
			next.Statements = []iam.Statement{s}
		}
		now = &next
	}
	out = append(out, now)
	for _, d := range out {
		uniqueSids(d)
	}
	return out
}

func divided(d *iam.Document, limit int) []iam.Statement {
	var out []iam.Statement
	for _, s := range d.Statements {
		out = append(out, divide(d, s, limit)...)
	}
	return out
}

// divide halves the longer of a statement's lists until each part fits. What
// NotAction and NotResource list cannot be divided: each part would allow what the other left out.
func divide(d *iam.Document, s iam.Statement, limit int) []iam.Statement {
	alone := iam.Document{Version: d.Version, ID: d.ID, Statements: []iam.Statement{s}}
	list := func(s *iam.Statement) *iam.StringList { return &s.Action }
	if textOf(s.Resource.Values) > textOf(s.Action.Values) && len(s.Resource.Values) > 1 || len(s.Action.Values) < 2 {
		list = func(s *iam.Statement) *iam.StringList { return &s.Resource }
	}
	n := len(list(&s).Values)
	if documentSize(&alone) <= limit || n < 2 {
		return []iam.Statement{s}
	}
	a, b := s.Clone(), s.Clone()
	list(&a).Values, list(&b).Values = list(&a).Values[:n/2], list(&b).Values[n/2:]
	return append(divide(d, a, limit), divide(d, b, limit)...)
}

func textOf(list []string) int { return len(strings.Join(list, `","`)) }
