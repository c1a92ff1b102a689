package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/deliver"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/orgsim"

	"github.com/trimtrail/trimtrail/internal/schematest"
)

// place of a run: a folder with a configuration.
type runPlace struct {
	*testing.T
	dir string
}

func newRunPlace(t *testing.T, text string) runPlace {
	t.Helper()
	p := runPlace{t, t.TempDir()}
	p.configure(text)
	return p
}

func (p runPlace) path(name string) string { return filepath.Join(p.dir, name) }

func (p runPlace) configure(text string) {
	p.Helper()
	if err := os.WriteFile(p.path("trimtrail.yaml"), []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
}

// trail makes an archive of n events of one user, from an hour on; each has a
// number of its own.
func (p runPlace) trail(object, n int) {
	p.Helper()
	var records []string
	for i := range n {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/eve","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE","userName":"eve"},
"eventTime":"2026-03-%02dT%02d:%02d:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.77","userAgent":"aws-cli/2","eventID":"%d-%d","recipientAccountId":"111122223333"}`,
			1+object/24%28, object%24, i%60, object, i))
	}
	name := p.path(fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/%02d/111122223333_CloudTrail_us-east-1_202603%02dT%02d00Z_%d.json", 1+object/24%28, 1+object/24%28, object%24, object))
	if err := writeFile(name, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`)); err != nil {
		p.Fatal(err)
	}
}

// once runs once and returns its document, which may be left out.
func (p runPlace) once(code int, flags ...string) (runDoc, string) {
	p.Helper()
	got, out, errs := try(append([]string{"run", "--once", "--config", p.path("trimtrail.yaml"), "--format", "json"}, flags...)...)
	if got != code {
		p.Fatalf("exit %d, want %d\n%s\n%s", got, code, out, errs)
	}
	var doc runDoc
	if out != "" {
		decode(p.T, out, &doc)
		schema := readSchema(p.T, runSchema)
		var any any
		decode(p.T, out, &any)
		for _, b := range schematest.Breaches(any, schema) {
			p.Error(b)
		}
	}
	return doc, errs
}

// hook is a server that keeps what it gets, while it says yes.
type hook struct {
	mu   sync.Mutex
	code int
	got  []deliver.Message
	text []string
}

func newHook(t *testing.T) (*hook, string) {
	h := &hook{code: 200}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		var m deliver.Message
		if h.code == 200 && json.Unmarshal(body, &m) == nil {
			h.got, h.text = append(h.got, m), append(h.text, string(body))
		}
		w.WriteHeader(h.code)
	}))
	t.Cleanup(s.Close)
	return h, s.URL
}

// TestRunOfTheManual runs the complete example of docs/running.md.
func TestRunOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(lake: .*?)```").FindSubmatch(manual)
	if block == nil {
		t.Fatal("no example")
	}
	p := newRunPlace(t, string(block[1]))
	h, url := newHook(t)
	t.Setenv("SOAR_URL", url+"/t0psecret")
	t.Setenv("SOAR_SECRET", "s1gning")
	cfg := orgsim.Default()
	cfg.Events, cfg.Days = 2000, 12
	org, err := orgsim.Generate(p.dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(org.Archive, p.path("AWSLogs")); err != nil {
		t.Fatal(err)
	}
	doc, _ := p.once(exitFindings)
	if doc.Ingest.Events == 0 || doc.Findings.Critical == 0 || doc.Findings.New == 0 {
		t.Errorf("document %+v", doc)
	}
	for _, name := range []string{"report.html", "findings.sarif", "policies/README.md", "reports/latest/report.html", "reports/latest/report.json", "reports/" + doc.Started.Format("2006/01/02") + "/" + doc.ID + "/report.json"} {
		if info, err := os.Stat(p.path(name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(h.got) != 1 || h.got[0].Counts.Critical != doc.Findings.Critical || h.got[0].Location != "reports/latest/" {
		t.Errorf("messages %+v", h.got)
	}
	for _, i := range h.got[0].New {
		if !atLeast(i.Severity, "high") || i.Change != "new" {
			t.Errorf("told %+v", i)
		}
	}
	again, _ := p.once(0)
	if again.Ingest.Objects != 0 || again.Findings.New+again.Findings.Worse+again.Findings.Resolved != 0 || again.Findings.Since == nil || len(h.got) != 1 {
		t.Errorf("the second run: %+v, %d messages", again, len(h.got))
	}
	p.hidesSecrets("t0psecret", "s1gning")
	if code, out, errs := try("analyze", "--lake", p.path("lake"), "--since-last"); code != 0 || !strings.Contains(errs, "0 new, 0 worse") {
		t.Errorf("analyze --since-last: %d %s %s", code, out, errs)
	}
	if code, out, _ := try("report", "--lake", p.path("lake"), "--since-last", "--format", "markdown", "--fail-on", "low"); code != 0 || !strings.Contains(out, "No change since") {
		t.Errorf("report --since-last: %d %s", code, out)
	}
}

// hidesSecrets looks for secrets in every file but the configuration.
func (p runPlace) hidesSecrets(secrets ...string) {
	p.Helper()
	err := filepath.WalkDir(p.dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(name, "AWSLogs") || strings.HasSuffix(name, "trimtrail.yaml") || strings.HasSuffix(name, ".secret") {
			return err
		}
		data, err := os.ReadFile(name)
		for _, s := range secrets {
			if bytes.Contains(data, []byte(s)) {
				p.Errorf("a secret is in %s", name)
			}
		}
		return err
	})
	if err != nil {
		p.Error(err)
	}
}

// TestRunGoesOn breaks one step after the other: the rest is done, and what
// could not be delivered is the next time, once and in order.
func TestRunGoesOn(t *testing.T) {
	good, goodURL := newHook(t)
	bad, badURL := newHook(t)
	bad.code = 404
	p := newRunPlace(t, fmt.Sprintf(`
lake: lake
sources: [{uri: nowhere}, {uri: AWSLogs}]
iam: {load: [nothing.json]}
policies: {dir: trimtrail.yaml/policies}
reports: {files: [{path: report.html}, {path: trimtrail.yaml/report.json}]}
deliveries:
  - {name: files, kind: directory, path: trimtrail.yaml/x}
  - {name: good, kind: webhook, url: %q}
  - {name: bad, kind: webhook, url_file: bad.secret, always: true}
`, goodURL))
	if err := os.WriteFile(p.path("bad.secret"), []byte(badURL+"/t0psecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.trail(0, 5)
	doc, errs := p.once(exitFailed, "--log-format", "json")
	want := map[string]string{"ingest nowhere": stepFailed, "ingest AWSLogs": stepDone, "iam load nothing.json": stepFailed, "analyse": stepDone, "policies trimtrail.yaml/policies": stepFailed,
		"report report.html": stepDone, "report trimtrail.yaml/report.json": stepFailed, "keep": stepDone, "deliver files": stepFailed, "deliver good": stepDone, "deliver bad": stepFailed}
	for _, s := range doc.Steps {
		if want[s.what()] != s.Outcome {
			t.Errorf("%s: %s (%s), want %s", s.what(), s.Outcome, s.Error, want[s.what()])
		}
		delete(want, s.what())
	}
	if len(want) > 0 || len(good.got) != 1 || len(good.got[0].Failed) != 4 {
		t.Errorf("missing %v; messages %+v", want, good.got)
	}
	for line := range strings.Lines(errs) {
		if !json.Valid([]byte(line)) || strings.Contains(line, "t0psecret") {
			t.Errorf("log line %q", line)
		}
	}
	p.hidesSecrets("t0psecret")
	bad.code = 200
	p.configure(fmt.Sprintf("lake: lake\nsources: [{uri: AWSLogs}]\ndeliveries:\n  - {name: good, kind: webhook, url: %q}\n  - {name: bad, kind: webhook, url: %q, always: true}\n", goodURL, badURL))
	second, _ := p.once(0)
	if len(good.got) != 1 || len(bad.got) != 2 || bad.got[0].Run != doc.ID || bad.got[1].Run != second.ID || len(bad.got[0].New) == 0 || len(bad.got[1].New) != 0 {
		t.Errorf("good %d, bad %+v", len(good.got), bad.got)
	}
}

func TestRunQuarantine(t *testing.T) {
	p := newRunPlace(t, "lake: lake\nsources: [{uri: AWSLogs}]\nreports: {files: [{path: report.json}]}\n")
	p.trail(0, 5)
	if err := writeFile(p.path("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0000Z_broken.json"), []byte(`{"Records":[{`)); err != nil {
		t.Fatal(err)
	}
	doc, errs := p.once(exitQuarantined)
	if doc.Ingest.Quarantined != 1 || doc.Ingest.Events != 5 || doc.Steps[0].Outcome != stepQuarantined || !strings.Contains(errs, "broken.json") {
		t.Errorf("%+v\n%s", doc, errs)
	}
	if _, err := os.Stat(p.path("report.json")); err != nil {
		t.Error(err)
	}
}

// What is wrong in the file or the flags is told before anything is done.
func TestRunUsage(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no lake", "sources: [{uri: x}]", "lake is missing"},
		{"misspelt", "lake: lake\nsource: []", `:2:1: unknown key "source"; did you mean "sources"?`},
		{"secret not set", "lake: lake\ndeliveries: [{name: a, kind: slack, url_env: TRIMTRAIL_TEST_UNSET}]", "trimtrail.yaml:2: delivery a: the variable TRIMTRAIL_TEST_UNSET is empty or not set"},
		{"no secret file", "lake: lake\ndeliveries:\n  - {name: a, kind: slack, url_file: nothing}", "trimtrail.yaml:3: delivery a: open"},
		{"pull", "lake: lake\niam:\n  pull: {accounts: ['111122223333']}", "trimtrail.yaml:3: --account and --external-id need a role to assume"},
		{"source", "lake: lake\nsources:\n  - {uri: x, org_ids: [acme]}", `trimtrail.yaml:3: --org-id "acme" is none`},
	} {
		p := newRunPlace(t, c.text)
		if _, errs := p.once(exitUsage); !strings.Contains(errs, c.want) {
			t.Errorf("%s: %s", c.name, errs)
		}
		if _, err := os.Stat(p.path("lake")); err == nil {
			t.Errorf("%s: a lake was made", c.name)
		}
	}
	p := newRunPlace(t, "lake: lake")
	for _, flags := range [][]string{{"--schedule", "x"}, {"--schedule", "0 6 * * 1", "--once"}, {"--time-zone", "UTC"}, {"--listen", "0.0.0.0:1"}, {"--listen", "192.0.2.1:80"}, {"--log-format", "xml"}, {"--format", "yaml"}} {
		if code, _, errs := try(append([]string{"run", "--config", p.path("trimtrail.yaml")}, flags...)...); code != exitUsage {
			t.Errorf("%v: %d %s", flags, code, errs)
		}
	}
}

// A run that finds another at work ends; one of a process that is gone is taken over.
func TestRunLock(t *testing.T) {
	p := newRunPlace(t, "lake: lake\nsources: [{uri: AWSLogs}]")
	p.trail(0, 5)
	l, err := lake.Create(p.path("lake"))
	if err != nil {
		t.Fatal(err)
	}
	hold := func(o lake.Owner, age time.Duration) *lake.Lease {
		lease, err := l.Lease(lake.LeaseRequest{Name: "run", Owner: o, Now: func() time.Time { return time.Now().Add(-age) }})
		if err != nil {
			t.Fatal(err)
		}
		return lease
	}
	other := hold(lake.Owner{Host: "there", PID: 9}, 5*time.Minute)
	if _, errs := p.once(exitFailed); !strings.Contains(errs, "process 9 on there is at it, since 5m0s ago") || !strings.Contains(errs, "quiet for 10m0s (now 5m0s)") {
		t.Error(errs)
	}
	if err := other.Release(); err != nil {
		t.Fatal(err)
	}
	p.once(0)
	hold(lake.Owner{Host: "there", PID: 9}, time.Hour)
	if _, errs := p.once(0); !strings.Contains(errs, "took the lock of process 9 on there over: no sign of life for 1h0m") {
		t.Error(errs)
	}
	if place() != "" {
		hold(lake.Owner{Host: "here", PID: 1 << 30, Place: place()}, 0)
		if _, errs := p.once(0); !strings.Contains(errs, "over: that process is gone") {
			t.Error(errs)
		}
	}
}

// A schedule that stood still for an hour: one run for all that were missed,
// then it waits, and ends when it is told to. package schedule has the clock's
// own tests.
func TestRunSchedule(t *testing.T) {
	p := newRunPlace(t, "lake: lake\nsources: [{uri: AWSLogs}]\nschedule: {cron: '* * * * *'}")
	p.trail(0, 5)
	c, err := readConfig(p.path("trimtrail.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(p.path("lake"))
	if err != nil {
		t.Fatal(err)
	}
	// The last run was an hour ago: one turn for the sixty that were missed.
	long := time.Now().Add(-time.Hour)
	if err := l.CommitRun(lake.Run{ID: runID(long, ""), Started: long}); err != nil {
		t.Fatal(err)
	}
	var out, logs bytes.Buffer
	r := &runner{flags: &runFlags{file: p.path("trimtrail.yaml"), format: "json", logFormat: "json"}, streams: streams{nil, &out, io.Discard}, log: slog.New(slog.NewJSONHandler(&logs, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() { done <- r.repeat(ctx, config.ScheduleRun{Plan: c.Run.Schedule.Plan}) }()
	for begin := time.Now(); r.status.health().Next == nil; time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			t.Fatal("it does not come to wait")
		}
	}
	metrics := r.status.metrics()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stopped while it waits: %v", err)
	}
	ids, err := l.RunIDs()
	if err != nil || len(ids) < 2 || len(ids) > 3 { // a minute may have begun meanwhile
		t.Errorf("runs %v %v", ids, err)
	}
	for _, want := range []string{`trimtrail_runs_total{outcome="done"}`, "trimtrail_ingested_events_total 5\n", `trimtrail_findings{severity="high"}`, "# TYPE trimtrail_runs_total counter"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("%q is not in\n%s", want, metrics)
		}
	}
	if !strings.Contains(logs.String(), "runs were missed") || !strings.Contains(logs.String(), `"msg":"stopped"`) {
		t.Errorf("log %s", logs.String())
	}
}

// Ids sort as runs came, also within a millisecond and after a clock that was ahead.
func TestRunID(t *testing.T) {
	now, last := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC), ""
	for _, step := range []time.Duration{0, 0, time.Microsecond, time.Hour, -24 * time.Hour, 0, 48 * time.Hour} {
		now = now.Add(step)
		id := runID(now, last)
		if id <= last {
			t.Errorf("%s after %s", id, last)
		}
		last = id
	}
	if !strings.HasPrefix(last, "20260302T070000.000Z-") {
		t.Errorf("last id %s", last)
	}
}

func TestServeStatus(t *testing.T) {
	s := &runStatus{version: `v"1`}
	var logs bytes.Buffer
	stop, err := serveStatus("127.0.0.1:0", s, slog.New(slog.NewTextHandler(&logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(logs.String())
	for path, want := range map[string]string{"/healthz": `"status":"ok"`, "/metrics": `trimtrail_build_info{version="v\"1"} 1`} {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	stop()
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it answers after it was stopped")
	}
	for address, want := range map[string]bool{"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, ":1": false, "0.0.0.0:1": false, "127.0.0.1": false, "example.com:1": false} {
		if loopback(address) != want {
			t.Errorf("%s is a loopback address: %v", address, !want)
		}
	}
}

// TestRunStopped cancels a run at many moments. The next ones find what it
// left, and in the end each event is there once and each message came once.
func TestRunStopped(t *testing.T) {
	h, url := newHook(t)
	p := newRunPlace(t, fmt.Sprintf("lake: lake\nsources: [{uri: AWSLogs}]\ningest: {workers: 1}\ndeliveries: [{name: a, kind: webhook, url: %q}]", url))
	for i := range 40 {
		p.trail(i, 50)
	}
	stopped := 0
	for after := 2 * time.Millisecond; ; after += after / 2 {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		r := &runner{flags: &runFlags{file: p.path("trimtrail.yaml"), format: "json"}, streams: streams{nil, io.Discard, io.Discard}, log: slog.New(slog.DiscardHandler)}
		_, err := r.turn(ctx, nil)
		cancel()
		var e *exitError
		if err == nil || errors.As(err, &e) && ctx.Err() == nil {
			break
		}
		stopped++
		if after > time.Minute {
			t.Fatal(err)
		}
	}
	if stopped == 0 {
		t.Error("nothing was stopped")
	}
	p.once(0)
	var st lake.Status
	decode(t, must(t, "lake", "status", "--lake", p.path("lake"), "--format", "json"), &st)
	if st.Events != 40*50 {
		t.Errorf("%d events", st.Events)
	}
	told := map[string]int{}
	for _, m := range h.got {
		for _, i := range m.New {
			told[i.ID+i.Change+i.Why]++
		}
	}
	for id, n := range told {
		if n != 1 {
			t.Errorf("finding %s was told %d times", id, n)
		}
	}
	if len(told) == 0 {
		t.Error("nothing was told")
	}
	names, err := filepath.Glob(p.path("lake/_run/outbox/*/*"))
	if err != nil || len(names) > 0 {
		t.Errorf("left in the outbox: %v %v", slices.Sorted(slices.Values(names)), err)
	}
}
