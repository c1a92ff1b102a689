package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trimtrail/trimtrail/internal/lake"
)

// trailObject is the n-th object of a growing archive: some events of a user
// whose name changes every ten objects, so that there is something new to tell.
func trailObject(n, events int) (key string, content []byte) {
	day, hour := 1+n/24%28, n%24
	user := fmt.Sprintf("user-%d", n/10)
	var records []string
	for i := range events {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE%[1]s","arn":"arn:aws:iam::111122223333:user/%[1]s","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE%[2]d","userName":"%[1]s"},
"eventTime":"2026-03-%02[3]dT%02[4]d:%02[5]d:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.77","userAgent":"aws-cli/2","eventID":"%[6]d-%[5]d","recipientAccountId":"111122223333"}`,
			user, n/10, day, hour, i, n))
	}
	key = fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/%02d/111122223333_CloudTrail_us-east-1_202603%02dT%02d00Z_%d.json.gz", day, day, hour, n)
	return key, zip(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

// runResult is the part of the document of a run that these tests look at.
type runResult struct {
	ID       string
	ExitCode int `json:"exit_code"`
	Ingest   struct{ Objects, Events, Duplicates int }
	Steps    []struct{ Name, Of, Outcome, Error string }
}

// once runs a configuration once.
func (p program) once(t *testing.T, code int, file string) runResult {
	t.Helper()
	out, errs, got := p.run(t, "run", "--once", "--config", file, "--format", "json")
	var r runResult
	if err := json.Unmarshal([]byte(out), &r); err != nil || got != code {
		t.Fatalf("run: exit %d, want %d\n%s%s", got, code, out, errs)
	}
	return r
}

func configuration(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trimtrail.yaml")
	check(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// soakRuns is how many runs the soak has: TRIMTRAIL_SOAK, else a few.
func soakRuns(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("TRIMTRAIL_SOAK"))
	if err != nil {
		return 6
	}
	return n
}

// TestRunSoak runs against an archive that grows, lake, archive and reports in
// buckets, a webhook that fails every third time. In the end no event is lost
// or there twice, and no finding was told twice or not at all.
func TestRunSoak(t *testing.T) {
	s := start(t)
	p := newProgram(t, key, secret).at(s.url)
	for _, b := range []string{"trail", "lakes", "reports"} {
		s.put(t, b, nil)
	}
	var mu sync.Mutex
	calls, told := 0, map[string]int{}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		if calls++; calls%3 == 0 {
			w.WriteHeader(403)
			return
		}
		var m struct {
			New []struct{ ID, Change, Why string }
		}
		json.Unmarshal(body, &m)
		for _, f := range m.New {
			told[f.ID+" "+f.Change+" "+f.Why]++
		}
	}))
	defer hook.Close()
	file := configuration(t, fmt.Sprintf(`
lake: s3://lakes/lake
sources: [{uri: s3://trail/AWSLogs/}]
reports: {keep: 5}
deliveries:
  - {name: hook, kind: webhook, url: %q}
  - {name: files, kind: s3, uri: s3://reports/weekly, formats: [json]}
`, hook.URL))
	runs, objects, events := soakRuns(t), 0, 0
	for n := range runs {
		for range n%3 + 1 {
			name, content := trailObject(objects, 20)
			_, err := s.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("trail"), Key: &name, Body: bytes.NewReader(content)})
			check(t, err)
			objects, events = objects+1, events+20
		}
		out, errs, code := p.run(t, "run", "--once", "--config", file, "--format", "json")
		var r runResult
		if err := json.Unmarshal([]byte(out), &r); err != nil || code > 1 || r.Ingest.Objects != n%3+1 || r.Ingest.Events != 20*(n%3+1) {
			t.Fatalf("run %d: exit %d\n%s%s", n, code, out, errs)
		}
	}
	for p.drained(t, file) > 0 { // what waits goes out
	}
	l := s.bucketLake(t, "lakes", "lake")
	if rows := rowsOf(t, l); len(rows) != events {
		t.Errorf("%d events, want %d", len(rows), events)
	}
	if r, err := l.Verify(); err != nil || !r.OK() {
		t.Errorf("verify: %v %v", r.Problems, err)
	}
	soakTold(t, l, told)
	list, err := s.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("reports"), Prefix: aws.String("weekly/latest/")})
	if err != nil || len(list.Contents) != 1 || aws.ToString(list.Contents[0].Key) != "weekly/latest/report.json" {
		t.Errorf("reports %v %v", list, err)
	}
	t.Logf("%d runs, %d objects, %d events, %d messages tried, %d findings told", runs, objects, events, calls, len(told))
}

// drained runs once more and returns how many deliveries failed.
func (p program) drained(t *testing.T, file string) int {
	t.Helper()
	out, errs, code := p.run(t, "run", "--once", "--config", file, "--format", "json")
	var r runResult
	if err := json.Unmarshal([]byte(out), &r); err != nil || code > 1 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	failed := 0
	for _, s := range r.Steps {
		if s.Outcome != "done" {
			failed++
		}
	}
	return failed
}

// soakTold compares what was told with the last report.
func soakTold(t *testing.T, l *lake.Lake, told map[string]int) {
	t.Helper()
	data, _, err := l.LastReport()
	check(t, err)
	var doc struct {
		Findings struct{ Findings []struct{ ID string } }
	}
	check(t, json.Unmarshal(data, &doc))
	ids := map[string]bool{}
	for what, n := range told {
		id, _, _ := strings.Cut(what, " ")
		if ids[id] = true; n != 1 {
			t.Errorf("%s was told %d times", what, n)
		}
	}
	for _, f := range doc.Findings.Findings {
		if !ids[f.ID] {
			t.Errorf("finding %s was never told", f.ID)
		}
	}
	if len(doc.Findings.Findings) == 0 {
		t.Error("there was nothing to tell")
	}
	waiting, err := l.Documents("_run/outbox")
	if err != nil || len(waiting) > 0 {
		t.Errorf("in the outbox: %v %v", waiting, err)
	}
	if reports, err := l.Documents("reports"); err != nil || len(reports) > 6 {
		t.Errorf("%d reports are kept, %v", len(reports), err)
	}
}

// TestRunTellsAWS delivers to SNS, SES and Security Hub as moto plays them.
func TestRunTellsAWS(t *testing.T) {
	m := startMoto(t)
	p := newProgram(t, "AKIAIOSFODNN7EXAMPLE", "x")
	const form = "application/x-www-form-urlencoded"
	m.call(t, "sns", "AKIAIOSFODNN7EXAMPLE", form, "", "Action=CreateTopic&Version=2010-03-31&Name=findings")
	m.call(t, "ses", "AKIAIOSFODNN7EXAMPLE", form, "", "Action=VerifyEmailIdentity&Version=2010-12-01&EmailAddress=trimtrail%40example.com")
	root := t.TempDir()
	for n := range 12 {
		name, content := trailObject(n, 20)
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		check(t, os.WriteFile(filepath.Join(root, name), content, 0o600))
	}
	file := configuration(t, strings.ReplaceAll(fmt.Sprintf(`
lake: lake
sources: [{uri: %q}]
deliveries:
  - {name: topic, kind: sns, topic_arn: "arn:aws:sns:us-east-1:123456789012:findings", endpoint_url: MOTO}
  - {name: no-topic, kind: sns, topic_arn: "arn:aws:sns:us-east-1:123456789012:nothing", endpoint_url: MOTO}
  - {name: mail, kind: ses, region: us-east-1, from: trimtrail@example.com, to: [security@example.com], formats: [html], endpoint_url: MOTO}
  - {name: hub, kind: security_hub, region: us-east-1, account: "123456789012", endpoint_url: MOTO}
  - {name: other-hub, kind: security_hub, region: us-east-1, account: "111122223333", endpoint_url: MOTO}
`, root), "MOTO", m.url))
	r := p.once(t, 1, file)
	want := map[string]string{"topic": "", "no-topic": "404", "mail": "", "hub": "", "other-hub": "the credentials are of account 123456789012, the delivery is for 111122223333"}
	for _, s := range r.Steps {
		if s.Name != "deliver" {
			continue
		}
		if text := want[s.Of]; text == "" && s.Error != "" || !strings.Contains(s.Error, text) {
			t.Errorf("%s: %s", s.Of, s.Error)
		}
		delete(want, s.Of)
	}
	if len(want) > 0 {
		t.Errorf("not delivered: %v", want)
	}
	m.hasFindings(t)
}

// hasFindings holds what Security Hub has.
func (m moto) hasFindings(t *testing.T) {
	t.Helper()
	var got struct {
		Findings []struct {
			AwsAccountId, ProductArn string
			ProductFields            map[string]string
		}
	}
	check(t, json.Unmarshal(m.path(t, "securityhub", "/findings", `{}`), &got))
	if len(got.Findings) == 0 {
		t.Error("no findings were imported")
	}
	for _, f := range got.Findings {
		if f.AwsAccountId != "123456789012" || f.ProductFields["trimtrail/account_id"] != "111122223333" || f.ProductArn != "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default" {
			t.Errorf("finding %+v", f)
		}
	}
}

// path posts to a path of a service.
func (m moto) path(t *testing.T, service, path, body string) []byte {
	t.Helper()
	return moto{m.url + path}.call(t, service, "AKIAIOSFODNN7EXAMPLE", "application/json", "", body)
}
