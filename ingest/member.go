package ingest

import (
	"encoding/json"
	"math/bits"
	"strings"
	"time"
)

// levels is how many objects inside each other the decoder takes apart:
// record, userIdentity, sessionContext, sessionIssuer and its like.
const levels = 4

// kind is one of the objects that the decoder takes apart.
type kind int

const (
	kindRecord kind = iota
	kindIdentity
	kindTLS
	kindResource
	kindSession
	kindBehalf
	kindAttributes
	kindIssuer
	kindWebID
	kinds
)

// levelOf is how deep in a record the objects of a kind are.
var levelOf = [kinds]int{0, 1, 1, 1, 2, 2, 3, 3, 3}

// habits are, by kind, which member came last time after each of the known ones
// (by its bit, from 1), at the front (0) and after an unknown one: as its text
// with quotes and colon. AWS keeps to an order, so that most names need not be
// read but only compared.
type habits [kinds][1 + knownMembers + 1]string

// knownMembers are the members of a record that have a bit, with room to spare.
const knownMembers = 32

// taker is offered each member of an object, the scanner standing before its
// value. It returns the member's bit (0 for an unknown one) and whether it took
// the value; what is not taken is kept in the level's extra.
type taker func(d *decoder, key string) (bit uint64, took bool)

// members reads the object at i, at this nesting depth, offering its members
// to take.
func (d *decoder) members(k kind, depth int, take taker) bool {
	level := levelOf[k]
	d.extra[level], d.seen[level] = d.extra[level][:0], 0
	if !d.enter(depth + 1) {
		return false
	}
	if d.space() == '}' {
		d.i++
		return true
	}
	for at := 0; ; {
		key, ok := d.name(&d.habits[k][at])
		if !ok {
			return false
		}
		bit, ok := d.member(level, depth+1, key, take)
		if !ok {
			return false
		}
		if more, ok := d.next('}'); !more {
			return ok
		}
		at = 1 + min(bits.TrailingZeros64(bit), knownMembers)
	}
}

// name passes over a member's name and the colon. Usual is what it may be, and
// becomes what it was.
func (d *decoder) name(usual *string) (key string, ok bool) {
	if d.space() != '"' {
		return "", d.fail("a member's name is missing")
	}
	start := d.i
	if u := *usual; u != "" && strings.HasPrefix(d.src[start:], u) {
		d.i += len(u)
		return u[1 : len(u)-2], true
	}
	key, ok = d.text()
	if !ok || !d.expect(':', "a colon is missing") {
		return "", false
	}
	if d.i-start == len(key)+3 && !d.escaped {
		*usual = d.src[start:d.i]
	}
	return key, true
}

// member reads one member's value. A known name that comes twice is remembered: which
// of the two counts differs between readers, so the record is no evidence.
func (d *decoder) member(level, depth int, key string, take taker) (bit uint64, ok bool) {
	d.space()
	start := d.i
	bit, took := take(d, key)
	if d.seen[level]&bit != 0 && d.twice == "" {
		d.twice = key
	}
	d.seen[level] |= bit
	if took || d.broken != nil {
		return bit, d.broken == nil
	}
	if d.i = start; !d.skip(depth) {
		return bit, false
	}
	if bit == 0 || d.src[start:d.i] != "null" {
		d.keep(level, key, d.src[start:d.i])
	}
	return bit, true
}

// keep adds a member to a level's extra.
func (d *decoder) keep(level int, key, raw string) {
	x := d.extra[level]
	if len(x) > 0 {
		x = append(x, ',')
	}
	x = appendQuoted(x, key)
	x = append(x, ':')
	d.extra[level] = append(x, raw...)
}

// takeExtra returns a level's extra as a JSON object, or "" where there is none.
func (d *decoder) takeExtra(level int) string {
	if len(d.extra[level]) == 0 {
		return ""
	}
	return "{" + string(d.extra[level]) + "}"
}

// object reads the object at i into a deeper level, and leaves what is unknown
// in it to the level above, under its name.
func (d *decoder) object(k kind, depth int, key string, take taker) bool {
	if d.b[d.i] != '{' {
		return false
	}
	if !d.members(k, depth, take) {
		return false
	}
	if x := d.takeExtra(levelOf[k]); x != "" {
		d.keep(levelOf[k]-1, key, x)
	}
	return true
}

// str takes a string into dst.
func (d *decoder) str(dst *string) bool {
	if d.b[d.i] != '"' {
		return false
	}
	s, ok := d.text()
	*dst = s
	return ok
}

// raw takes any value as its JSON text; null says nothing.
func (d *decoder) raw(dst *string, depth int) bool {
	start := d.i
	if !d.skip(depth) {
		return false
	}
	if text := d.src[start:d.i]; text != "null" {
		*dst = text
	}
	return true
}

// flag takes true and false, which AWS writes as strings in some places.
func (d *decoder) flag(dst **bool) bool {
	var word string
	switch d.b[d.i] {
	case 't', 'f':
		start := d.i
		if !d.skip(0) {
			return false
		}
		word = d.src[start:d.i]
	case '"':
		var ok bool
		if word, ok = d.text(); !ok {
			return false
		}
	}
	switch word {
	case "true":
		*dst = &d.bools[1]
	case "false":
		*dst = &d.bools[0]
	default:
		return false
	}
	return true
}

// when takes a time that may be missing.
func (d *decoder) when(dst **time.Time) bool {
	if d.b[d.i] != '"' {
		return false
	}
	s, ok := d.text()
	if !ok {
		return false
	}
	t, ok := parseTime(s)
	if ok {
		d.times = append(d.times, t)
		*dst = &d.times[len(d.times)-1]
	}
	return ok
}

// appendQuoted appends s as a JSON string.
func appendQuoted(b []byte, s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) < 0 {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	q, _ := json.Marshal(s) // a string always marshals
	return append(b, q...)
}
