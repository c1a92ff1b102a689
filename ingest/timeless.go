package ingest

import (
	"path"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// timeless gives an event that names no time of its own the next best one, and
// reports whether there is none: the time that its wrapper names, else when its
// object was delivered. Both are later than the event, by minutes mostly, so
// that what was used is never taken for unused. Where the time comes from is
// kept in Extra, as "trimtrail:eventTime".
func (d *decoder) timeless() bool {
	t, from := wrapperTime(d.wrapper), "wrapper"
	if t.IsZero() {
		t, from = d.delivered, "delivery"
	}
	if t.IsZero() {
		return true
	}
	d.e.EventTime = t
	d.keep(0, "trimtrail:eventTime", `"`+from+`"`)
	return false
}

// wrapperTime reads the time of EventBridge (time), CloudWatch Logs and
// Stackdriver (timestamp) or lookup-events (EventTime); zero where there is none.
func wrapperTime(wrapper string) time.Time {
	for _, name := range [...]string{"time", "timestamp", "EventTime"} {
		if t, ok := parseTime(memberOf(wrapper, name)); ok {
			return t
		}
	}
	return time.Time{}
}

// deliveryOf is when an object was delivered: as its name says, else as its
// source does. For a file that is the time of its last change.
func deliveryOf(o event.Object, listed time.Time) time.Time {
	parts := strings.SplitN(path.Base(o.URI), "_", 5)
	if len(parts) == 5 && isAccount(parts[0]) {
		if t, err := time.Parse("20060102T1504Z", parts[3]); err == nil {
			return t
		}
	}
	return listed.UTC().Truncate(time.Microsecond)
}
