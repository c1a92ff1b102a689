package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/deliver"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// runSchema names the JSON shape of a run.
const runSchema = "trimtrail.run/1"

// runDoc is the document of `run --format json`.
type runDoc struct {
	Schema   string     `json:"schema"`
	ID       string     `json:"id"`
	Started  time.Time  `json:"started"`
	Finished time.Time  `json:"finished"`
	Due      *time.Time `json:"due"` // by the schedule; null where none had it run
	// ExitCode is what the program ends with where it runs once.
	ExitCode   int           `json:"exit_code"`
	Steps      []runStep     `json:"steps"` // in their order
	Ingest     runIngest     `json:"ingest"`
	Findings   runFindings   `json:"findings"`
	Report     string        `json:"report"` // in the lake; empty where none was made
	Deliveries []runDelivery `json:"deliveries"`
}

// runStep is one step.
type runStep struct {
	Name    string  `json:"name"`    // ingest, iam pull, iam load, analyse, policies, report, keep, deliver
	Of      string  `json:"of"`      // the source, file or delivery; may be empty
	Outcome string  `json:"outcome"` // done, failed, or quarantined: done but for inputs that were put aside
	Detail  string  `json:"detail"`
	Error   string  `json:"error"`
	Hint    string  `json:"hint"`
	Seconds float64 `json:"seconds"`
}

// runIngest sums the sources.
type runIngest struct {
	Objects     int64   `json:"objects"` // read
	Quarantined int64   `json:"quarantined"`
	Records     int64   `json:"records"` // events + duplicates + rejected
	Events      int64   `json:"events"`
	Duplicates  int64   `json:"duplicates"`
	Rejected    int64   `json:"rejected"`
	Bytes       int64   `json:"bytes"` // compressed
	Seconds     float64 `json:"seconds"`
}

func (i *runIngest) add(s ingest.Summary, took time.Duration) {
	i.Objects += s.Read
	i.Quarantined += s.Quarantined
	i.Records += s.Records()
	i.Events += s.Events
	i.Duplicates += s.Duplicates
	i.Rejected += s.Rejected
	i.Bytes += s.StoredBytes
	i.Seconds = math.Round((i.Seconds+took.Seconds())*1000) / 1000
}

// runFindings counts the findings of the report, and how they changed.
type runFindings struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Info     int `json:"info"`
	// Since is when the report before was made; null for the first run, where
	// every finding is new.
	Since     *time.Time `json:"since"`
	New       int        `json:"new"`
	Worse     int        `json:"worse"`
	Resolved  int        `json:"resolved"`
	Better    int        `json:"better"`
	Accepted  int        `json:"accepted"`
	Unjudged  int        `json:"unjudged"`
	Unchanged int        `json:"unchanged"`
}

// bySeverity are the counts with their names.
func (f *runFindings) bySeverity() []struct {
	name string
	n    int
} {
	return []struct {
		name string
		n    int
	}{{"critical", f.Critical}, {"high", f.High}, {"medium", f.Medium}, {"low", f.Low}, {"info", f.Info}}
}

func countFindings(m *report.Model) runFindings {
	var out runFindings
	to := map[rules.Severity]*int{rules.Critical: &out.Critical, rules.High: &out.High, rules.Medium: &out.Medium, rules.Low: &out.Low, rules.Info: &out.Info}
	for _, f := range m.Findings.Findings {
		*to[f.Severity]++
	}
	c := m.Changes
	if c == nil {
		out.New = len(m.Findings.Findings)
		return out
	}
	out.Since, out.New, out.Worse, out.Resolved, out.Better = &c.Since, len(c.New), len(c.Worse), len(c.Resolved), len(c.Better)
	out.Accepted, out.Unjudged, out.Unchanged = len(c.Accepted), len(c.Unjudged), c.Unchanged
	return out
}

// runDelivery is what became of a delivery.
type runDelivery struct {
	Name    string `json:"name"`
	Sent    int    `json:"sent"`    // messages, older ones that waited included
	Waiting int    `json:"waiting"` // for the next run
	Dropped int    `json:"dropped"` // that waited too long, or for nobody
	Error   string `json:"error"`
}

func deliveryOf(o deliver.Outcome) runDelivery {
	d := runDelivery{Name: o.Delivery, Sent: o.Sent, Waiting: o.Left, Dropped: o.Dropped}
	if o.Err != nil {
		d.Error = o.Err.Error()
	}
	return d
}

func rounded(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

// failed are the steps that failed, with why.
func (d *runDoc) failed() []string {
	var out []string
	for _, s := range d.Steps {
		if s.Outcome == stepFailed {
			out = append(out, s.what()+": "+s.Error)
		}
	}
	return out
}

func (s *runStep) what() string { return strings.TrimSpace(s.Name + " " + s.Of) }

// code is the exit code: a failure before findings, these before a quarantine.
func (d *runDoc) code(raised bool) int {
	has := func(outcome string) bool {
		return slices.ContainsFunc(d.Steps, func(s runStep) bool { return s.Outcome == outcome })
	}
	switch {
	case has(stepFailed):
		return exitFailed
	case raised:
		return exitFindings
	case has(stepQuarantined):
		return exitQuarantined
	}
	return 0
}

// print writes the run for people.
func (d *runDoc) print(w io.Writer) error {
	for i := range d.Steps {
		s := &d.Steps[i]
		line := fmt.Sprintf("%-9s %s", s.Name, printable(s.Of))
		fmt.Fprintf(w, "%-52s %s", strings.TrimSpace(line), cmp.Or(printable(s.Detail), s.Outcome))
		if s.Detail != "" && s.Outcome != stepDone {
			fmt.Fprintf(w, " · %s", s.Outcome)
		}
		fmt.Fprintf(w, "   %.1f s\n", s.Seconds)
	}
	took := d.Finished.Sub(d.Started)
	_, err := fmt.Fprintf(w, "Run %s: %s   %.1f s\n", d.ID, map[int]string{0: "done", exitFailed: "done in part", exitFindings: "done; findings reach fail_on", exitQuarantined: "done, but inputs were quarantined"}[d.ExitCode], took.Seconds())
	return err
}
