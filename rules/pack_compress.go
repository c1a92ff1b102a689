package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
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
	for _, w := range wordWildcards(s.Action.Values) {
		members := matchedBy(w, s.Action.Values)
		if len(members) < 2 || !k.mayJoin(w, members, adding) {
			continue
		}
		next := s.Clone()
		next.Action = iam.StringList{Values: replaced(s.Action.Values, members, w)}
		if k.current == nil || statementBeyond(k.x, grants, d, &next) == "" {
			*s = next
		}
	}
}

// mayJoin reports whether a wildcard takes in List and Read actions alone
// and, unless adding, only members.
func (k *packer) mayJoin(wildcard string, members []string, adding bool) bool {
	for _, name := range k.x.cat.Expand(wildcard) {
		if level := k.x.cat.Level(name); level != catalog.List && level != catalog.Read {
			return false
		}
		if slices.Contains(k.denied, name) {
			return false
		}
		if !adding && !slices.ContainsFunc(members, func(m string) bool { return iam.MatchAction(m, name) }) {
			return false
		}
	}
	return true
}

func matchedBy(wildcard string, actions []string) []string {
	var out []string
	for _, a := range actions {
		if a != wildcard && iam.MatchAction(wildcard, a) {
			out = append(out, a)
		}
	}
	return out
}

// replaced puts w in the place of the first of members.
func replaced(actions, members []string, w string) []string {
	var out []string
	for _, a := range actions {
		switch {
		case a == members[0]:
			out = append(out, w)
		case !slices.Contains(members, a):
			out = append(out, a)
		}
	}
	return out
}

// wordWildcards are the prefixes of whole words that two actions or more
// share, each with *, those that save most first.
func wordWildcards(actions []string) []string {
	saves := map[string]int{}
	for _, a := range actions {
		prefix, name, ok := strings.Cut(a, ":")
		if !ok || strings.ContainsAny(a, "*?") {
			continue
		}
		for end := 1; end <= len(name); end++ {
			if end == len(name) || wordStart(name, end) {
				saves[prefix+":"+name[:end]+"*"] += len(a) + len(`"",`)
			}
		}
	}
	var out []string
	for w := range saves {
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(saves[b]-len(b), saves[a]-len(a)), cmp.Compare(a, b))
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
