package iam

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is one condition operator, its prefix and suffix taken apart.
type operator struct {
	compare   comparison // nil for Null
	negated   bool
	variables bool // takes policy variables: the string and ARN operators
	ifExists  bool
	set       setOperator
}

type setOperator int

const (
	single setOperator = iota
	forAll
	forAny
)

// comparison reports whether one policy value fits one request value.
type comparison func(a *ask, want, have string, variables bool) bool

// operators are the condition operators by lower-case name (IAM user guide,
// "IAM JSON policy elements: Condition operators").
var operators = map[string]operator{
	"stringequals":              {compare: stringEquals, variables: true},
	"stringnotequals":           {compare: stringEquals, variables: true, negated: true},
	"stringequalsignorecase":    {compare: stringFold, variables: true},
	"stringnotequalsignorecase": {compare: stringFold, variables: true, negated: true},
	"stringlike":                {compare: stringLike, variables: true},
	"stringnotlike":             {compare: stringLike, variables: true, negated: true},
	"numericequals":             {compare: numeric(func(c int) bool { return c == 0 })},
	"numericnotequals":          {compare: numeric(func(c int) bool { return c == 0 }), negated: true},
	"numericlessthan":           {compare: numeric(func(c int) bool { return c < 0 })},
	"numericlessthanequals":     {compare: numeric(func(c int) bool { return c <= 0 })},
	"numericgreaterthan":        {compare: numeric(func(c int) bool { return c > 0 })},
	"numericgreaterthanequals":  {compare: numeric(func(c int) bool { return c >= 0 })},
	"dateequals":                {compare: date(func(c int) bool { return c == 0 })},
	"datenotequals":             {compare: date(func(c int) bool { return c == 0 }), negated: true},
	"datelessthan":              {compare: date(func(c int) bool { return c < 0 })},
	"datelessthanequals":        {compare: date(func(c int) bool { return c <= 0 })},
	"dategreaterthan":           {compare: date(func(c int) bool { return c > 0 })},
	"dategreaterthanequals":     {compare: date(func(c int) bool { return c >= 0 })},
	"bool":                      {compare: boolEquals},
	"binaryequals":              {compare: binaryEquals},
	"ipaddress":                 {compare: ipAddress},
	"notipaddress":              {compare: ipAddress, negated: true},
	"arnequals":                 {compare: arnLike, variables: true},
	"arnnotequals":              {compare: arnLike, variables: true, negated: true},
	"arnlike":                   {compare: arnLike, variables: true},
	"arnnotlike":                {compare: arnLike, variables: true, negated: true},
	"null":                      {},
}

// findOperator reads an operator's name: ForAllValues:StringLikeIfExists.
func findOperator(name string) (operator, bool) {
	s, set := strings.ToLower(name), single
	if rest, ok := strings.CutPrefix(s, "forallvalues:"); ok {
		s, set = rest, forAll
	} else if rest, ok := strings.CutPrefix(s, "foranyvalue:"); ok {
		s, set = rest, forAny
	}
	s, ifExists := strings.CutSuffix(s, "ifexists")
	op, ok := operators[s]
	op.set, op.ifExists = set, ifExists
	// Null asks for existence itself and takes neither prefix nor suffix.
	return op, ok && (op.compare != nil || set == single && !ifExists)
}

func stringEquals(a *ask, want, have string, variables bool) bool {
	w, ok := a.literal(want, variables)
	return ok && w == have
}

func stringFold(a *ask, want, have string, variables bool) bool {
	w, ok := a.literal(want, variables)
	return ok && strings.EqualFold(w, have)
}

func stringLike(a *ask, want, have string, variables bool) bool {
	p, w, ok := a.pattern(want, variables)
	return ok && w.match(p, have)
}

// arnLike compares the six parts of an ARN one by one. A lone star is taken
// for every ARN.
func arnLike(a *ask, want, have string, variables bool) bool {
	p, w, ok := a.pattern(want, variables)
	if !ok {
		return false
	}
	if p == "*" && w == plain {
		return true
	}
	ps, hs := strings.SplitN(p, ":", 6), strings.SplitN(have, ":", 6)
	if len(ps) != 6 || len(hs) != 6 {
		return false
	}
	for i := range ps {
		if !w.match(ps[i], hs[i]) {
			return false
		}
	}
	return true
}

func numeric(holds func(int) bool) comparison {
	return func(_ *ask, want, have string, _ bool) bool {
		w, ok := number(want)
		h, ok2 := number(have)
		return ok && ok2 && holds(h.Cmp(w))
	}
}

// number reads a decimal exactly: ids have more digits than a float64 keeps.
func number(s string) (*big.Rat, bool) {
	s = strings.TrimSpace(s)
	// Fractions and huge exponents are Rat's, not IAM's.
	if s == "" || len(s) > 64 || strings.ContainsAny(s, "/eEpPxXbBoO_") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func date(holds func(int) bool) comparison {
	return func(_ *ask, want, have string, _ bool) bool {
		w, ok := moment(want)
		h, ok2 := moment(have)
		return ok && ok2 && holds(h.Compare(w))
	}
}

// moments are the W3C forms of ISO 8601 that IAM takes.
var moments = []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02", "2006-01", "2006"}

func moment(s string) (time.Time, bool) {
	for _, f := range moments {
		if t, err := time.Parse(f, s); err == nil {
			return t, true
		}
	}
	n, err := strconv.ParseInt(s, 10, 64) // epoch seconds
	return time.Unix(n, 0), err == nil
}

func boolEquals(_ *ask, want, have string, _ bool) bool {
	w, ok := boolean(want)
	h, ok2 := boolean(have)
	return ok && ok2 && w == h
}

func boolean(s string) (value, ok bool) {
	t := strings.EqualFold(s, "true")
	return t, t || strings.EqualFold(s, "false")
}

func binaryEquals(_ *ask, want, have string, _ bool) bool {
	w, err := base64.StdEncoding.DecodeString(want)
	h, err2 := base64.StdEncoding.DecodeString(have)
	return err == nil && err2 == nil && bytes.Equal(w, h)
}

func ipAddress(_ *ask, want, have string, _ bool) bool {
	h, err := netip.ParseAddr(have)
	if err != nil {
		return false
	}
	if n, err := netip.ParsePrefix(want); err == nil {
		return n.Contains(h.Unmap())
	}
	w, err := netip.ParseAddr(want)
	return err == nil && w.Unmap() == h.Unmap()
}
