package analyze

import (
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// How many event ids a row of refusals and one of a network keep: the earliest,
// so that the same events give the same sample in any order. Rows of usage are
// many, and keep one.
const (
	refusalIDs = 5
	networkIDs = 3
)

// stamp is one event, for samples.
type stamp struct {
	at int64 // microseconds since 1970, UTC
	id string
}

func stampOf(e *event.Event) stamp { return stamp{e.EventTime.UnixMicro(), e.EventID} }

func (s stamp) compare(o stamp) int {
	switch {
	case s.at < o.at:
		return -1
	case s.at > o.at:
		return 1
	}
	return strings.Compare(s.id, o.id)
}

func (s stamp) time() time.Time { return time.UnixMicro(s.at).UTC() }

// span counts events and keeps when the first and the last was.
type span struct {
	count       int64
	first, last int64 // microseconds since 1970, UTC
}

func (t *span) add(at int64) { t.merge(span{1, at, at}) }

func (t *span) merge(o span) {
	switch {
	case o.count == 0:
		return
	case t.count == 0:
		*t = o
		return
	}
	t.count += o.count
	t.first, t.last = min(t.first, o.first), max(t.last, o.last)
}

// first is a span with its earliest event.
type first struct {
	span
	id string // the smallest of those at span.first
}

func (t *first) add(s stamp) { t.merge(&first{span{1, s.at, s.at}, s.id}) }

// merge copies what it keeps of o, see tally.keep.
func (t *first) merge(o *first) {
	if o.count == 0 {
		return
	}
	if t.count == 0 || (stamp{o.span.first, o.id}).compare(stamp{t.span.first, t.id}) < 0 {
		t.id = strings.Clone(o.id)
	}
	t.span.merge(o.span)
}

// tally is a span with its earliest events.
type tally struct {
	span
	most   int     // events to keep
	sample []stamp // sorted
}

func (t *tally) add(s stamp) {
	t.span.add(s.at)
	t.keep(s)
}

// keep puts s into the sample where it is early enough. Ids are copied: the
// row that they come from shares its memory with a whole page of the lake.
func (t *tally) keep(s stamp) {
	if len(t.sample) == t.most && s.compare(t.sample[t.most-1]) >= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(t.sample, s, stamp.compare)
	s.id = strings.Clone(s.id)
	t.sample = slices.Insert(t.sample, i, s)
	if len(t.sample) > t.most {
		t.sample = t.sample[:t.most]
	}
}

func (t *tally) merge(o *tally) {
	t.span.merge(o.span)
	for _, s := range o.sample {
		t.keep(s)
	}
}

func (t *tally) ids() []string {
	out := make([]string, len(t.sample))
	for i, s := range t.sample {
		out[i] = s.id
	}
	return out
}

func (t *span) firstTime() time.Time { return micros(t.first) }
func (t *span) lastTime() time.Time  { return micros(t.last) }

func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// day numbers the days since 1970 in UTC.
type day int32

const microsADay = 24 * 3600 * 1_000_000

func dayOf(us int64) day {
	d := us / microsADay
	if us%microsADay < 0 {
		d--
	}
	return day(d)
}

func (d day) time() time.Time { return time.UnixMicro(int64(d) * microsADay).UTC() }

// limited keeps the smallest texts of a set, at most limit: which ones does
// not depend on the order they come in.
type limited struct {
	limit  int
	sorted []string
}

func (l *limited) add(s string) {
	if s == "" {
		return
	}
	i, found := slices.BinarySearch(l.sorted, s)
	if found || i >= l.limit {
		return
	}
	l.sorted = slices.Insert(l.sorted, i, strings.Clone(s))
	if len(l.sorted) > l.limit {
		l.sorted = l.sorted[:l.limit]
	}
}

func (l *limited) merge(o *limited) {
	for _, s := range o.sorted {
		l.add(s)
	}
}

func (l *limited) list() []string { return append([]string{}, l.sorted...) }
