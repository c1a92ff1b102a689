package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// loopback reports whether an address to listen on is this machine's alone.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// runStatus is what health and metrics tell.
type runStatus struct {
	mu      sync.Mutex
	version string
	began   time.Time // of the run at work; zero: none is
	next    time.Time // zero: no schedule
	runs    map[string]int64
	totals  runIngest
	failed  map[string]int64 // deliveries, by name
	waiting map[string]int
	good    time.Time // end of the last run that did everything
	last    *runDoc
}

func (s *runStatus) begin(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began, s.next = now, time.Time{}
}

func (s *runStatus) wait(next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = next
}

// end takes in what a run came to.
func (s *runStatus) end(d *runDoc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil {
		s.runs, s.failed = map[string]int64{}, map[string]int64{}
	}
	s.began, s.last, s.waiting = time.Time{}, d, map[string]int{}
	s.runs[outcomeOf(d.ExitCode)]++
	if d.ExitCode == 0 || d.ExitCode == exitFindings || d.ExitCode == exitQuarantined {
		s.good = d.Finished
	}
	s.totals.Objects += d.Ingest.Objects
	s.totals.Events += d.Ingest.Events
	s.totals.Quarantined += d.Ingest.Quarantined + d.Ingest.Rejected
	for _, x := range d.Deliveries {
		s.waiting[x.Name] = x.Waiting
		if x.Error != "" {
			s.failed[x.Name]++
		}
	}
}

func outcomeOf(code int) string {
	switch code {
	case 0, exitFindings:
		return "done"
	case exitQuarantined:
		return "quarantined"
	case exitInterrupted:
		return "interrupted"
	}
	return "failed"
}

// metrics are the status in the text format of Prometheus (version 0.0.4).
func (s *runStatus) metrics() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &metricText{}
	m.family("trimtrail_build_info", "gauge", "The version that runs.")
	m.value(1, "version", s.version)
	m.family("trimtrail_running", "gauge", "1 while a run is at work.")
	m.value(b2f(!s.began.IsZero()))
	m.family("trimtrail_next_run_timestamp_seconds", "gauge", "When the next run begins; 0 while one is at work, or without a schedule.")
	m.value(unix(s.next))
	m.family("trimtrail_runs_total", "counter", "Runs since the start of the program.")
	for _, o := range []string{"done", "quarantined", "failed", "interrupted"} {
		m.value(float64(s.runs[o]), "outcome", o)
	}
	m.family("trimtrail_ingested_objects_total", "counter", "Objects read.")
	m.value(float64(s.totals.Objects))
	m.family("trimtrail_ingested_events_total", "counter", "Events that are new in the lake.")
	m.value(float64(s.totals.Events))
	m.family("trimtrail_quarantined_total", "counter", "Objects and records that could not be read.")
	m.value(float64(s.totals.Quarantined))
	m.family("trimtrail_last_success_timestamp_seconds", "gauge", "When the last run ended that did all its steps.")
	m.value(unix(s.good))
	if s.last != nil {
		s.lastMetrics(m)
	}
	return m.String()
}

func (s *runStatus) lastMetrics(m *metricText) {
	m.family("trimtrail_last_run_timestamp_seconds", "gauge", "When the last run ended.")
	m.value(unix(s.last.Finished))
	m.family("trimtrail_last_run_duration_seconds", "gauge", "How long it took.")
	m.value(s.last.Finished.Sub(s.last.Started).Seconds())
	m.family("trimtrail_findings", "gauge", "Findings of the last run.")
	for _, x := range s.last.Findings.bySeverity() {
		m.value(float64(x.n), "severity", x.name)
	}
	m.family("trimtrail_findings_new", "gauge", "Findings of the last run that are new or worse.")
	m.value(float64(s.last.Findings.New + s.last.Findings.Worse))
	m.family("trimtrail_deliveries_waiting", "gauge", "Messages that wait for the next run.")
	for _, d := range s.last.Deliveries {
		m.value(float64(s.waiting[d.Name]), "delivery", d.Name)
	}
	m.family("trimtrail_deliveries_failed_total", "counter", "Runs in which a delivery failed.")
	for _, d := range s.last.Deliveries {
		m.value(float64(s.failed[d.Name]), "delivery", d.Name)
	}
}

func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// metricText writes metrics, one family after the other.
type metricText struct {
	strings.Builder
	name string
}

func (m *metricText) family(name, kind, help string) {
	m.name = name
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// value writes one sample with its labels, names and values in turn.
func (m *metricText) value(v float64, labels ...string) {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(labels[i+1])+`"`)
	}
	set := ""
	if len(pairs) > 0 {
		set = "{" + strings.Join(pairs, ",") + "}"
	}
	fmt.Fprintf(m, "%s%s %v\n", m.name, set, v)
}

// health is the document of /healthz.
type health struct {
	Status  string     `json:"status"` // ok
	Running bool       `json:"running"`
	Next    *time.Time `json:"next_run"`
	Last    *time.Time `json:"last_run"`
	Code    *int       `json:"last_exit_code"`
}

func (s *runStatus) health() health {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := health{Status: "ok", Running: !s.began.IsZero()}
	if !s.next.IsZero() {
		next := s.next
		h.Next = &next
	}
	if s.last != nil {
		h.Last, h.Code = &s.last.Finished, &s.last.ExitCode
	}
	return h
}

// serveStatus serves health and metrics until stop.
func serveStatus(address string, s *runStatus, log *slog.Logger) (stop func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(s.health())
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		fmt.Fprint(w, s.metrics())
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Error("health and metrics: " + err.Error())
		}
	}()
	log.Info("health and metrics on http://" + l.Addr().String())
	return func() { srv.Close(); <-done }, nil
}
