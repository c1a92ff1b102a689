package ingest

import (
	"bytes"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/internal/event"
)

// maxDepth is how deep a record may nest: deeper ones are rejected, the rest
// of their object counts. AWS stays below 30.
const maxDepth = 512

// Decode reads one object, all or nothing of it: content is what is stored,
// gzip or plain. It is recognised by what it holds, never by its name: a
// {"Records":[…]} document, an array of records, records one after another
// (JSON lines), records inside the wrappers of EventBridge, CloudWatch Logs,
// lookup-events and Stackdriver, CSV of the console's event history and of
// CloudTrail Lake, and Security Lake's Parquet.
//
// A record is an object with an eventName; what is none, or has no time that
// can be read, is in Rejected. Bytes that are no UTF-8 are replaced by U+FFFD.
//
// Content belongs to Decode from then on: the events of a batch share its
// memory, or that of what it unpacks to.
//
// Errors are a *FormatError, *SyntaxError or *GzipError.
func Decode(o event.Object, content []byte, limits Limits) (*event.Batch, error) {
	return new(memory).decode(o, content, limits)
}

// memory is what batches are made of, one after another: to ask for it, and to
// have it cleared, takes longer than to fill it again.
type memory struct {
	raw    []byte
	events []event.Event
	listed time.Time        // when the source says that the object was changed last
	lists  []event.Resource // of all events, one after another
	times  []time.Time      // that events point to
	habits habits           // of the text at hand
}

// kept is how much unpacked text a memory may have to be used again, in bytes.
const kept = 4 << 20

// memories are used again once the sink has taken their batch in.
var memories = sync.Pool{New: func() any { return new(memory) }}

// release ends the batch that m has made, of which nobody has kept a text.
func (m *memory) release() {
	if cap(m.raw) <= kept && len(m.raw) > 0 {
		memories.Put(m)
	}
}

// decode is Decode. The batch is good until m is released.
func (m *memory) decode(o event.Object, content []byte, limits Limits) (*event.Batch, error) {
	raw, err := m.unpack(content, limits)
	if err != nil {
		return nil, err
	}
	if raw, err = reshape(raw, limits); err != nil {
		return nil, err
	}
	n := int64(len(raw) - pad)
	raw, err = plainText(raw)
	if err != nil {
		return nil, err
	}
	d := newDecoder(raw, m)
	d.delivered = deliveryOf(o, m.listed)
	err = d.run()
	m.events, m.lists, m.times = d.events, d.lists, d.times
	if err != nil {
		return nil, err
	}
	return &event.Batch{Object: o, Events: d.events, Rejected: d.rejected, RawBytes: n, UTF8: true}, nil
}

// plainText removes a byte order mark and replaces what is no UTF-8, once for
// the whole text, so that the scanner need not ask. It refuses what starts
// like no JSON.
func plainText(buf []byte) ([]byte, error) {
	buf = bytes.TrimPrefix(buf, []byte("\xef\xbb\xbf"))
	text := buf[:len(buf)-pad]
	if what := notJSON(text); what != "" {
		return nil, &FormatError{what}
	}
	if utf8.Valid(text) {
		return buf, nil
	}
	return append(bytes.ToValidUTF8(text, []byte("\uFFFD")), make([]byte, pad)...), nil
}

// decoder turns one text into events. It is used once.
type decoder struct {
	scanner
	e        *event.Event // the event being filled, the last of events
	extra    [levels][]byte
	seen     [levels]uint64 // known members met, by level
	timeText string         // eventTime as it came, where it is no time
	wrapper  string         // what carries the record at hand, if anything does
	twice    string         // a known member that came twice
	wrapped  bool           // the object at hand holds a Records list
	depth    int            // of the record at hand
	wraps    int            // how many wrappers deep

	events   []event.Event
	rejected []event.Rejected
	index    int      // records met
	foreign  int      // of them, those that are no CloudTrail records
	first    string   // the first of those
	bools    *[2]bool // what the events' flags point to
	account  string   // of the event before

	delivered time.Time // of the object; zero where it is not known
	lists     []event.Resource
	times     []time.Time
	habits    *habits
}

// newDecoder returns one that fills m.
func newDecoder(buf []byte, m *memory) *decoder {
	m.habits = habits{} // they are pieces of the text before
	d := &decoder{
		scanner: newScanner(buf), bools: &[2]bool{false, true},
		lists: m.lists[:0], times: m.times[:0], habits: &m.habits,
	}
	if d.events = m.events[:0]; cap(d.events) == 0 {
		d.events = make([]event.Event, 0, 1+len(d.src)/1024)
	}
	return d
}

// run reads the whole text.
func (d *decoder) run() error {
	if !d.stream() {
		d.broken.Records = d.index
		return d.broken
	}
	if d.foreign > 0 && d.foreign == d.index {
		return &FormatError{"not CloudTrail: " + describe(d.src, d.first)}
	}
	return nil
}

// stream reads values one after another until the text ends.
func (d *decoder) stream() bool {
	for {
		c := d.space()
		ok := true
		switch {
		case d.i >= len(d.src):
			return true
		case c == '[':
			ok = d.elements(0)
		case c == '{':
			ok = d.document()
		default:
			return d.fail("neither an object nor an array")
		}
		if !ok {
			return false
		}
	}
}

// document reads an object at the top: the usual {"Records":[…]} without
// looking back, anything else as a record.
func (d *decoder) document() bool {
	const usual = `{"Records":[`
	if len(d.src)-d.i < len(usual) || d.src[d.i:d.i+len(usual)] != usual {
		return d.record(0)
	}
	d.i += len(usual) - 1
	if !d.elements(1) {
		return false
	}
	if d.space() == '}' {
		d.i++
		return true
	}
	// More members follow, perhaps a second Records: check them as they come.
	return d.rest()
}

// rest reads the members behind an object's Records list.
func (d *decoder) rest() bool {
	for {
		more, ok := d.next('}')
		if !more {
			return ok
		}
		if d.space() != '"' {
			return d.fail("a member's name is missing")
		}
		key, ok := d.text()
		if !ok || !d.expect(':', "a colon is missing") {
			return false
		}
		c := d.space()
		if key == "Records" && c == '[' {
			ok = d.elements(1)
		} else {
			ok = d.skip(1)
		}
		if !ok {
			return false
		}
	}
}

// elements reads an array of records.
func (d *decoder) elements(depth int) bool {
	if !d.enter(depth + 1) {
		return false
	}
	if d.space() == ']' {
		d.i++
		return true
	}
	for {
		if !d.element(depth + 1) {
			return false
		}
		if more, ok := d.next(']'); !more {
			return ok
		}
	}
}

func (d *decoder) element(depth int) bool {
	if d.space() == '{' {
		return d.record(depth)
	}
	start := d.i
	if !d.skip(depth) {
		return false
	}
	d.rejectForeign("not an object", d.src[start:d.i])
	return true
}
