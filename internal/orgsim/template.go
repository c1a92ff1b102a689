package orgsim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// template is a text with <placeholders>, parsed once: records are written by
// appending, without maps or encoders.
type template []segment

type segment struct {
	text string
	op   op
}

type op uint8

const (
	opText op = iota
	opAccount
	opRegion
	opName   // the resource's name that this call chose
	opARN    // the resource's ARN, * without one
	opBucket // the name up to the first slash
	opKey    // the name after it
	opUUID
	opHex8
	opHex17
	opHex32
	opBase32
	opBase64
	opMillis
	opISO
	opDate
	opNumber // 0 to 999
	opUser   // the principal's name
	opPrincipal
	opAction
	opAddress
	opIssuedKey // of the session that this call issued
	opIssuedRole
	opIssuedName
	opIssuedARN
	opIssuedID
	opIssuedExpiry
	opIssuedSubject
	opIssuedAccount
)

var ops = map[string]op{
	"account": opAccount, "region": opRegion, "name": opName, "arn": opARN, "bucket": opBucket, "key": opKey,
	"uuid": opUUID, "hex8": opHex8, "hex17": opHex17, "hex32": opHex32, "base32": opBase32, "base64": opBase64,
	"ms": opMillis, "iso": opISO, "date": opDate, "n": opNumber,
	"user": opUser, "principal": opPrincipal, "action": opAction, "address": opAddress,
	"issued.key": opIssuedKey, "issued.role": opIssuedRole, "issued.name": opIssuedName, "issued.arn": opIssuedARN,
	"issued.id": opIssuedID, "issued.expiry": opIssuedExpiry, "issued.subject": opIssuedSubject, "issued.account": opIssuedAccount,
}

// parse splits a text at its placeholders.
func parse(text string) (template, error) {
	var t template
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "<")
		if before != "" {
			t = append(t, segment{text: before})
		}
		if !found {
			break
		}
		word, tail, _ := strings.Cut(after, ">")
		o, ok := ops[word]
		if !ok {
			return nil, fmt.Errorf("template %q: unknown placeholder <%s>", text, word)
		}
		t, rest = append(t, segment{op: o}), tail
	}
	return t, nil
}

// expand appends a template's text for the record at hand.
func (c *composer) expand(b []byte, t template) []byte {
	for i := range t {
		if t[i].op == opText {
			b = append(b, t[i].text...)
		} else {
			b = c.fill(b, t[i].op)
		}
	}
	return b
}

// fill appends what one placeholder stands for.
func (c *composer) fill(b []byte, o op) []byte {
	switch o {
	case opAccount:
		return append(b, c.account...)
	case opRegion:
		return append(b, c.region...)
	case opName:
		return append(b, c.name...)
	case opARN:
		return append(b, c.arn...)
	case opBucket:
		return append(b, c.bucket()...)
	case opKey:
		return append(b, c.key()...)
	case opUser:
		return append(b, c.ev.by.user...)
	case opPrincipal:
		return append(b, c.ev.by.arn...)
	case opAction:
		return append(b, c.ev.call.api.action...)
	case opAddress:
		return append(b, c.ev.by.address...)
	case opMillis, opISO, opDate:
		return c.fillTime(b, o)
	}
	if o >= opIssuedKey {
		return c.fillIssued(b, o)
	}
	return c.fillRandom(b, o)
}

func (c *composer) fillTime(b []byte, o op) []byte {
	switch o {
	case opMillis:
		return strconv.AppendInt(b, c.ev.at*1000, 10)
	case opDate:
		return time.Unix(c.ev.at, 0).UTC().AppendFormat(b, "2006-01-02")
	}
	return appendISO(b, c.ev.at)
}

func (c *composer) fillRandom(b []byte, o op) []byte {
	switch o {
	case opUUID:
		return c.r.uuid(b)
	case opHex8:
		return c.r.digits(b, hexDigits, 8)
	case opHex17:
		return c.r.digits(append(b, '0'), hexDigits, 16)
	case opHex32:
		return c.r.digits(b, hexDigits, 32)
	case opBase32:
		return c.r.digits(b, base32Digits, 16)
	case opBase64:
		return c.r.digits(b, base64Digits, 76)
	}
	return strconv.AppendInt(b, int64(c.r.intn(1000)), 10)
}

func (c *composer) fillIssued(b []byte, o op) []byte {
	s := c.ev.issued
	switch o {
	case opIssuedKey:
		return append(b, s.key...)
	case opIssuedRole:
		return append(b, s.roleARN...)
	case opIssuedName:
		return append(b, s.name...)
	case opIssuedARN:
		return append(b, s.arn...)
	case opIssuedID:
		return append(b, s.id...)
	case opIssuedSubject:
		return append(b, s.subject...)
	case opIssuedAccount:
		return append(b, c.w.accounts[s.actor.account]...)
	}
	return time.Unix(s.to, 0).UTC().AppendFormat(b, "Jan 2, 2006, 3:04:05 PM")
}

// appendISO writes a time as CloudTrail does. It runs once or twice a record,
// and time.AppendFormat is three times as slow.
func appendISO(b []byte, unix int64) []byte {
	t := time.Unix(unix, 0).UTC()
	y, m, d := t.Date()
	hh, mm, ss := t.Clock()
	b = append(strconv.AppendInt(b, int64(y), 10), '-')
	b = append(two(b, int(m)), '-')
	b = append(two(b, d), 'T')
	b = append(two(b, hh), ':')
	b = append(two(b, mm), ':')
	return append(two(b, ss), 'Z')
}

func two(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
