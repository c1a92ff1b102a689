package ingest

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/internal/event"
)

// record reads the object at i as a record, or as a wrapper of records.
func (d *decoder) record(depth int) bool {
	start := d.i
	d.begin(depth + 1)
	if !d.members(kindRecord, depth, recordField) {
		return false
	}
	raw := d.src[start:d.i]
	if d.wrapped || d.e.EventName == "" {
		d.drop()
		return d.unwrap(start, depth)
	}
	d.finish(raw)
	return true
}

// begin makes room for the next event.
func (d *decoder) begin(depth int) {
	d.events = append(d.events, event.Event{})
	d.e = &d.events[len(d.events)-1]
	d.depth, d.deepest = depth, depth
	d.timeText, d.twice, d.wrapped = "", "", false
}

// drop takes the event being filled back.
func (d *decoder) drop() {
	d.events = d.events[:len(d.events)-1]
	d.e = nil
}

// finish completes the event from its record's text, or rejects it.
func (d *decoder) finish(raw string) {
	e := d.e
	if strings.HasPrefix(e.EventSource, "aws:") {
		d.drop()
		d.rejectForeign("not a CloudTrail record: an event notification of "+quote(e.EventSource), raw)
		return
	}
	if reason := d.flaw(); reason != "" {
		d.drop()
		d.reject(reason, raw)
		return
	}
	e.Extra = d.takeExtra(0)
	e.AccountID = d.keepAccount(accountOf(e))
	if e.EventID == "" {
		e.EventID = contentID(raw)
	}
	d.index++
}

// flaw says why the record at hand is no event, or "".
func (d *decoder) flaw() string {
	switch {
	case d.twice != "":
		return "the field " + d.twice + " comes twice, and readers disagree on which counts"
	case d.deepest-d.depth >= maxDepth:
		return "nested deeper than 512 levels"
	case !d.e.EventTime.IsZero():
		return ""
	case d.timeText != "":
		return "eventTime " + quote(d.timeText) + " is no time"
	}
	if d.timeless() {
		return "no eventTime"
	}
	return ""
}

// reject keeps a record that is no event, with its reason.
func (d *decoder) reject(reason, raw string) {
	d.rejected = append(d.rejected, event.Rejected{Index: d.index, Reason: reason, Record: raw})
	d.index++
}

// rejectForeign rejects what is no CloudTrail record at all.
func (d *decoder) rejectForeign(reason, raw string) {
	if d.foreign++; d.first == "" {
		d.first = raw
	}
	d.reject(reason, raw)
}

// accountOf picks the account that an event belongs to. It becomes a folder's
// name, so that nothing but digits will do.
func accountOf(e *event.Event) string {
	for _, id := range [...]string{e.RecipientAccountID, e.IdentityAccountID} {
		if isAccount(id) {
			return id
		}
	}
	return event.UnknownAccount
}

// keepAccount copies an account's number out of the object's text: the sink
// remembers accounts, and must not hold the text by them.
func (d *decoder) keepAccount(id string) string {
	if id != d.account {
		d.account = strings.Clone(id)
	}
	return d.account
}

func isAccount(id string) bool {
	if len(id) != 12 {
		return false
	}
	for i := range len(id) {
		if id[i]-'0' >= 10 {
			return false
		}
	}
	return true
}

// resources takes the list of resources. Where an entry holds more than the
// columns do, the list is kept whole in Extra as well.
func (d *decoder) resources() bool {
	if d.b[d.i] != '[' {
		return false
	}
	start, first, plain := d.i, len(d.lists), true
	if !d.enter(d.depth + 1) {
		return false
	}
	if d.space() == ']' {
		d.i++
		return true
	}
	for more, ok := true, true; more; {
		if d.space() != '{' {
			return false // kept whole by the caller
		}
		d.lists = append(d.lists, event.Resource{})
		if plain, ok = d.resource(&d.lists[len(d.lists)-1], plain); !ok {
			return false
		}
		if more, ok = d.next(']'); !ok {
			return false
		}
	}
	d.e.Resources = slices.Clip(d.lists[first:])
	if !plain {
		d.keep(0, "resources", d.src[start:d.i])
	}
	return true
}

// resource reads one entry; plain stays true while the columns hold all of it.
func (d *decoder) resource(r *event.Resource, plain bool) (stillPlain, ok bool) {
	take := func(d *decoder, key string) (uint64, bool) {
		switch key {
		case "ARN", "arn", "ARNPrefix":
			return 1, d.str(&r.ARN)
		case "accountId":
			return 2, d.str(&r.AccountID)
		case "type":
			return 4, d.str(&r.Type)
		}
		return 0, false
	}
	before := d.twice
	if !d.members(kindResource, d.depth+1, take) {
		return false, false
	}
	if d.twice != before { // ARN beside ARNPrefix
		d.twice, plain = before, false
	}
	return plain && len(d.extra[1]) == 0, true
}

// quote shortens s for a message.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		for s = s[:most]; !utf8.ValidString(s); {
			s = s[:len(s)-1]
		}
		s += "…"
	}
	return string(appendQuoted(nil, s))
}
