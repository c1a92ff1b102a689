package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// An event without a time has that of its wrapper, else of its delivery.
func TestTimeless(t *testing.T) {
	const bare = `{"eventID":"a","eventName":"X","eventSource":"s3.amazonaws.com"}`
	quoted := strings.ReplaceAll(bare, `"`, `\"`)
	listed := time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC)
	for name, c := range map[string]struct {
		text, uri string
		listed    time.Time
		want      string // "" where it is rejected
	}{
		"EventBridge":       {`{"time":"2026-01-31T12:00:00Z","detail":` + bare + `}`, "x.json", listed, "2026-01-31T12:00:00Z wrapper"},
		"CloudWatch Logs":   {`{"logEvents":[{"timestamp":1769860800000,"message":"` + quoted + `"}]}`, "x.json", listed, "2026-01-31T12:00:00Z wrapper"},
		"lookup-events":     {`{"Events":[{"EventTime":"2026-01-31T12:00:00Z","CloudTrailEvent":"` + quoted + `"}]}`, "x.json", listed, "2026-01-31T12:00:00Z wrapper"},
		"the object's name": {bare, "s3://b/111122223333_CloudTrail_eu-west-1_20260131T2355Z_x.json.gz", listed, "2026-01-31T23:55:00Z delivery"},
		"its last change":   {bare, "x.json", listed, "2026-02-03T04:05:06Z delivery"},
		"none":              {bare, "x.json", time.Time{}, ""},
		"what is no time":   {`{"eventTime":"soon",` + bare[1:], "x.json", listed, ""},
		"after a wrapper":   {`[{"time":"2026-01-31T12:00:00Z","detail":{"eventName":"Y","eventID":"b"}},` + bare + `]`, "x.json", listed, "2026-02-03T04:05:06Z delivery"},
	} {
		m := &memory{listed: c.listed}
		b, err := m.decode(event.Object{URI: c.uri}, []byte(c.text), Limits{})
		check(t, err)
		got := ""
		if n := len(b.Events); n > 0 {
			e := b.Events[n-1]
			got = e.EventTime.Format(time.RFC3339) + " " + strings.TrimSuffix(strings.TrimPrefix(e.Extra, `{"trimtrail:eventTime":"`), `"}`)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
