package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/report"
)

// maxHistory bounds how many reports a page looks back at: each is read whole.
const maxHistory = 30

// history are the sums of reports that runs left in the lake before a time,
// the newest first; where they are more than maxHistory, the last of each day.
// What cannot be read is left out, and told by the error.
func history(l *lake.Lake, before time.Time) (out []report.Past, err error) {
	var all, daily []string
	day := ""
	listed := l.LastRuns(func(r lake.Run) bool {
		if r.Report == "" {
			return true
		}
		all = append(all, r.Report)
		if d := r.Started.UTC().Format(time.DateOnly); d != day {
			daily, day = append(daily, r.Report), d
		}
		return len(daily) < maxHistory
	})
	if len(all) > maxHistory {
		all = daily
	}
	for _, name := range all {
		data, bad := l.Document(name)
		var p report.Past
		if bad == nil {
			p, bad = report.PastOf(data)
		}
		if bad != nil {
			err = errors.Join(err, fmt.Errorf("%s %w", name, bad))
		} else if p.At.Before(before) {
			out = append(out, p)
		}
	}
	return out, errors.Join(listed, err)
}
