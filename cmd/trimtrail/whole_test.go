package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// try runs the program.
func try(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// hostile is a user name that tries to be a path, markup and an escape sequence.
const hostile = `../../x<script>alert(1)</script>\u001b[2J`

// archive writes a trail in which eve escalates and a hostile user reads, and
// returns the lake made of it.
func archive(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var records []string
	add := func(minute int, user, source, name, params, extra string) {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/%[2]s","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE","userName":"%[2]s"},
"eventTime":"2026-03-02T12:%02[1]d:00Z","eventSource":"%[3]s.amazonaws.com","eventName":"%[4]s","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.77","userAgent":"aws-cli/2 <img onerror=x>","requestParameters":%[5]s,"responseElements":null,
"eventID":"00000000-0000-0000-0000-0000000000%02[1]d","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","readOnly":false%[6]s}`, minute, user, source, name, params, extra))
	}
	const denied = `,"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::111122223333:user/eve is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action"`
	add(10, "eve", "ec2", "DescribeInstances", "null", denied)
	add(12, "eve", "iam", "PutUserPolicy", `{"userName":"eve","policyName":"p","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}`, "")
	add(14, "eve", "ec2", "DescribeInstances", "null", "")
	add(20, hostile, "s3", "GetBucketPolicy", `{"bucketName":"b"}`, "")
	file := filepath.Join(dir, "AWSLogs", "111122223333", "CloudTrail", "eu-west-1", "2026", "03", "02", "x.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	lake := filepath.Join(dir, "lake")
	must(t, "ingest", dir, "--lake", lake)
	return lake
}

func TestAnalyzeTellsTheEscalation(t *testing.T) {
	lake := archive(t)
	var f rules.Findings
	decode(t, must(t, "analyze", "--lake", lake, "--format", "json"), &f)
	i := slices.IndexFunc(f.Findings, func(x rules.Finding) bool { return x.Rule == "TT-D02" })
	if f.Schema != "trimtrail.findings/1" || i != 0 || f.Findings[i].Principal != "arn:aws:iam::111122223333:user/eve" {
		t.Fatalf("schema %q, %d findings, escalation at %d", f.Schema, len(f.Findings), i)
	}
	for _, key := range []string{"id", "rule", "severity", "confidence", "account_id", "principal", "credential", "resource", "title", "reason", "evidence", "fix"} {
		if !strings.Contains(must(t, "analyze", "--lake", lake, "--format", "json"), `"`+key+`":`) {
			t.Errorf("a finding has no %q", key)
		}
	}
	if out := must(t, "explain", f.Findings[i].ID, "--lake", lake); !strings.Contains(out, "203.0.113.77") || !strings.Contains(out, "PutUserPolicy") {
		t.Errorf("explained as\n%s", out)
	}
	if out := must(t, "explain", "00000000-0000-0000-0000-000000000012", "--lake", lake); !strings.Contains(out, `"iam:PutUserPolicy"`) {
		t.Errorf("event shown as\n%s", out)
	}
}

func TestFailOn(t *testing.T) {
	lake := archive(t)
	for limit, want := range map[string]int{"critical": exitFindings, "low": exitFindings, "": 0} {
		args := []string{"analyze", "--lake", lake}
		if limit != "" {
			args = append(args, "--fail-on", limit)
		}
		if code, _, errs := try(args...); code != want {
			t.Errorf("--fail-on %q: exit %d, want %d: %s", limit, code, want, errs)
		}
	}
	if code, _, _ := try("analyze", "user/"+strings.ReplaceAll(hostile, `\u001b`, "\x1b"), "--lake", lake, "--fail-on", "high"); code == exitFindings {
		t.Error("another principal's findings fail a run that is limited to one")
	}
}

// TestWrongUse holds that a mistake in the call is told, with what to try, before anything is read.
func TestWrongUse(t *testing.T) {
	lake := archive(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"analyze"}, exitUsage, "--lake is missing"},
		{[]string{"analyze", "--lake", filepath.Join(lake, "none")}, exitFailed, "does not exist"},
		{[]string{"analyze", "--lake", lake, "--format", "xml"}, exitUsage, "table, json"},
		{[]string{"analyze", "--lake", lake, "--min-severity", "bad"}, exitUsage, "critical, high"},
		{[]string{"analyze", "--lake", lake, "--window", "0d"}, exitUsage, "90d"},
		{[]string{"analyze", "--lake", lake, "--as-of", "yesterday"}, exitUsage, "2026-01-31"},
		{[]string{"analyze", "--lake", lake, "--as-of", "2020-01-01"}, exitUsage, "begins at"},
		{[]string{"analyze", "nobody", "--lake", lake}, exitFailed, `no principal "nobody"`},
		{[]string{"analyze", "user/evee", "--lake", lake}, exitFailed, `did you mean "user/eve"?`},
		{[]string{"explain"}, exitUsage, "it is  trimtrail explain FINDING|ARN|EVENT"},
		{[]string{"policy", "--lake", lake}, exitUsage, "--all"},
		{[]string{"policy", "--all", "eve", "--lake", lake}, exitUsage, "not both"},
		{[]string{"explain", "x", "--lake", lake}, exitFailed, "no finding, principal or event"},
		{[]string{"explain", "ffffffff-0000-0000-0000-000000000000", "--lake", lake}, exitFailed, "no event"},
		{[]string{"report", "--lake", lake, "--format", "pdf"}, exitUsage, "one of html"},
		{[]string{"rules", "TT-X99"}, exitUsage, "TT-X99"},
		{[]string{"lake", "burn"}, exitUsage, "unknown command"},
		{[]string{"burn"}, exitUsage, "unknown command"},
		{[]string{"analyze", "--burn"}, exitUsage, "unknown flag"},
		{[]string{"demo", "--dir", lake}, exitUsage, "no earlier demo"},
	} {
		code, out, errs := try(c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || !strings.Contains(errs, "trimtrail: error: ") || !strings.Contains(errs, "trimtrail: hint: ") || out != "" {
			t.Errorf("%v: exit %d, want %d with %q\nstdout %q\nstderr %s", c.args, code, c.code, c.says, out, errs)
		}
	}
}

// TestHostileNames holds that a name from a log becomes neither markup nor an escape sequence.
func TestHostileNames(t *testing.T) {
	lake := archive(t)
	page := filepath.Join(t.TempDir(), "report.html")
	must(t, "report", "--lake", lake, "--out", page)
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(html), "alert(1)") {
		t.Error("the page does not show the hostile user at all")
	}
	for name, text := range map[string]string{"page": string(html), "table": must(t, "analyze", "--lake", lake, "--wide")} {
		if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img onerror") || strings.Contains(text, "\x1b[2J") {
			t.Errorf("the %s holds what the log planted", name)
		}
	}
}

func TestReportFormats(t *testing.T) {
	lake := archive(t)
	var m struct {
		Schema   string
		Findings rules.Findings
		Policies rules.Policies
	}
	text := must(t, "report", "--lake", lake, "--format", "json")
	decode(t, text, &m)
	if m.Schema != report.Schema || len(m.Findings.Findings) == 0 || len(m.Policies.Policies) != 2 {
		t.Errorf("schema %q, %d findings, %d policies", m.Schema, len(m.Findings.Findings), len(m.Policies.Policies))
	}
	if again := must(t, "report", "--lake", lake, "--format", "json"); again != text {
		t.Error("two reports of one lake differ")
	}
	if table := must(t, "report", "--lake", lake, "--format", "table"); !strings.Contains(table, "user/eve") {
		t.Errorf("table\n%s", table)
	}
}

// TestSameForAnyWorkers compares the report of one processor with that of eight.
func TestSameForAnyWorkers(t *testing.T) {
	lake := archive(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := must(t, "report", "--lake", lake, "--format", "json")
	runtime.GOMAXPROCS(8)
	if eight := must(t, "report", "--lake", lake, "--format", "json"); eight != one {
		t.Error("the report depends on the number of workers")
	}
}

func TestLakeCommands(t *testing.T) {
	lake := archive(t)
	var s struct {
		Schema  string
		Events  int
		Objects int
	}
	decode(t, must(t, "lake", "status", "--lake", lake, "--format", "json"), &s)
	if s.Schema != "trimtrail.lake/1" || s.Events != 4 || s.Objects != 1 {
		t.Errorf("status %+v", s)
	}
	must(t, "lake", "verify", "--lake", lake)
	files, err := filepath.Glob(filepath.Join(lake, "events", "*", "*", "*.parquet"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.Truncate(files[0], 100); err != nil {
		t.Fatal(err)
	}
	code, out, errs := try("lake", "verify", "--lake", lake, "--format", "json")
	if code != exitFailed || !json.Valid([]byte(out)) || !strings.Contains(out, "truncated") || !strings.Contains(errs, "hint") {
		t.Errorf("a cut file: exit %d\n%s\n%s", code, out, errs)
	}
}

// TestShards has three runs, a part each and at once, make the lake that one makes.
func TestShards(t *testing.T) {
	dir := t.TempDir()
	cfg := orgsim.Default()
	cfg.Days, cfg.Events = 5, 2000
	org, err := orgsim.Generate(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	one, many := filepath.Join(dir, "one"), filepath.Join(dir, "many")
	must(t, "ingest", org.Archive, "--lake", one)
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() {
			if code, _, errs := try("ingest", org.Archive, "--lake", many, "--shard", fmt.Sprintf("%d/3", n+1)); code != 0 {
				t.Errorf("part %d: exit %d: %s", n+1, code, errs)
			}
		})
	}
	wg.Wait()
	report := func(lake string) string { return must(t, "report", "--lake", lake, "--format", "json") }
	if report(one) != report(many) {
		t.Error("the lakes differ")
	}
	must(t, "lake", "verify", "--lake", many)
	if code, _, errs := try("ingest", org.Archive, "--lake", many, "--shard", "4/3"); code != exitUsage || !strings.Contains(errs, "3/16") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestClockAhead holds that one event of a clock that is years ahead does not
// empty the window.
func TestClockAhead(t *testing.T) {
	lake := archive(t)
	file := filepath.Join(t.TempDir(), "late.json")
	record := `{"Records":[{"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":"2199-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","eventID":"00000000-0000-0000-0000-000000000099","recipientAccountId":"111122223333"}]}`
	if err := os.WriteFile(file, []byte(record), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "ingest", file, "--lake", lake)
	var f rules.Findings
	decode(t, must(t, "analyze", "--lake", lake, "--format", "json"), &f)
	if f.Window.To.Year() != 2026 || !slices.ContainsFunc(f.Findings, func(x rules.Finding) bool { return x.Rule == "TT-D02" }) {
		t.Errorf("window %v with %d findings", f.Window, len(f.Findings))
	}
	if !slices.ContainsFunc(f.Warnings, func(w string) bool { return strings.Contains(w, "2199-01-01") }) {
		t.Errorf("warnings %q", f.Warnings)
	}
}

// TestMostOutside holds that a window which leaves most of the lake out says
// so where nobody chose it, and names the one that takes all.
func TestMostOutside(t *testing.T) {
	lake, file := filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "old.json")
	var records []string
	for i, at := range []string{"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-06-01T00:00:00Z"} {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":%q,"eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","eventID":"00000000-0000-0000-0000-00000000000%d","recipientAccountId":"111122223333"}`, at, i))
	}
	if err := os.WriteFile(file, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "ingest", file, "--lake", lake)
	var f rules.Findings
	decode(t, must(t, "analyze", "--lake", lake, "--format", "json"), &f)
	if want := "most events are older than the window: 2 of 3 are left out; --window 152d takes all"; !slices.Contains(f.Warnings, want) {
		t.Errorf("warnings %q", f.Warnings)
	}
	var all rules.Findings
	decode(t, must(t, "analyze", "--lake", lake, "--format", "json", "--window", "152d"), &all)
	if len(all.Warnings) != 0 || len(all.Coverage) != 1 || all.Coverage[0].Events != 3 {
		t.Errorf("of 152 days: %q, %+v", all.Warnings, all.Coverage)
	}
}
