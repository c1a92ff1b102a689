package main

import (
	"fmt"
	"io"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
)

// progress is one line on a terminal that tells how far a run is.
type progress struct {
	w     io.Writer
	on    bool
	begin time.Time
	last  time.Time
}

func newProgress(w io.Writer) *progress {
	now := time.Now()
	return &progress{w: w, on: terminal(w), begin: now, last: now}
}

// show draws the line, ten times a second at most.
func (p *progress) show(s ingest.Summary) {
	const often = 100 * time.Millisecond
	if !p.on || time.Since(p.last) < often && !s.Committing {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "\r\033[K%s", progressLine(s, p.last.Sub(p.begin)))
}

// clear takes the line away.
func (p *progress) clear() {
	if p.on {
		fmt.Fprint(p.w, "\r\033[K")
	}
}

// progressLine says how much is done, how fast, and how long it takes yet,
// which is known once all is listed.
func progressLine(s ingest.Summary, took time.Duration) string {
	done := s.Done()
	line := fmt.Sprintf("%s objects", thousands(done))
	if s.ListDone {
		line = fmt.Sprintf("%s of %s objects", thousands(done), thousands(s.Listed))
	}
	line += fmt.Sprintf("   %s events   %.0f k events/s", thousands(s.Events), float64(s.Records())/took.Seconds()/1000)
	if fresh := done - s.Known; s.ListDone && fresh > 0 && done < s.Listed && !s.Committing {
		left := time.Duration(float64(took) / float64(fresh) * float64(s.Listed-done))
		line += "   " + left.Round(time.Second).String() + " left"
	}
	if s.Committing {
		line += "   writing"
	}
	if s.Quarantined > 0 {
		line += fmt.Sprintf("   %s quarantined", thousands(s.Quarantined))
	}
	return line
}
