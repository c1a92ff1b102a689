package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// trail is the text of one object with n records.
func trail(prefix string, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"eventVersion":"1.11","eventTime":"2026-01-31T12:%02d:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"%s%d","recipientAccountId":"111122223333"}`, i%60, prefix, i)
	}
	return `{"Records":[` + strings.Join(list, ",") + `]}`
}

func gzipped(text string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write([]byte(text))
	z.Close()
	return out.String()
}

// write makes a directory of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// command runs the program as a shell would.
func command(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, streams{strings.NewReader(stdin), &out, &errs})
	return out.String(), errs.String(), code
}

// ingested runs ingest --format json and returns its document.
func ingested(t *testing.T, code int, stdin string, args ...string) (ingestDoc, string) {
	t.Helper()
	out, errs, got := command(t, stdin, append([]string{"ingest", "--format", "json"}, args...)...)
	var d ingestDoc
	if err := json.Unmarshal([]byte(out), &d); err != nil || got != code {
		t.Fatalf("ingest %q: exit %d, want %d; %v\n%s%s", args, got, code, err, out, errs)
	}
	if d.Records != d.Events+d.Duplicates+d.Rejected {
		t.Errorf("records are not events + duplicates + rejected: %+v", d)
	}
	return d, errs
}

// Every bad input costs itself alone, and is told with its reason.
func TestIngestBadInput(t *testing.T) {
	whole := gzipped(trail("cut", 500))
	for name, c := range map[string]struct {
		content     string
		want        string // on standard error
		quarantined int64  // objects
		rejected    int64
		events      int64 // of the bad file
	}{
		"empty.json":      {"", "empty.json   empty file", 1, 0, 0},
		"empty.json.gz":   {"", "empty.json.gz   empty file", 1, 0, 0},
		"cut.json.gz":     {whole[:len(whole)/2], "cut.json.gz   truncated gzip after ", 1, 0, 0},
		"text.json":       {"hello, world\n", "text.json   not CloudTrail: plain text", 1, 0, 0},
		"binary.json":     {"\x00\x01\x02", "binary.json   not CloudTrail: neither JSON nor gzip", 1, 0, 0},
		"broken.json":     {trail("b", 3)[:300], "broken.json   broken JSON at byte 300: the text ends too early (1 record before it kept out)", 1, 0, 0},
		"other.json":      {`{"name":"x","version":1}`, "other.json   not CloudTrail: JSON without a record that has an eventName", 1, 0, 0},
		"digest.json":     {`{"digestStartTime":"2026-01-31T12:00:00Z","logFiles":[]}`, "digest.json   not CloudTrail: a CloudTrail digest file", 1, 0, 0},
		"two.json.gz":     {gzipped(trail("t", 1)) + gzipped(trail("u", 1)), "two.json.gz   more than one gzip member", 1, 0, 0},
		"no-id.json":      {`[{"eventName":"X","eventTime":"2026-01-31T12:00:00Z"}]`, "", 0, 0, 1},
		"unknown.json":    {`[{"eventName":"X","eventTime":"2026-01-31T12:00:00Z","eventID":"x","brandNew":{"a":[1]}}]`, "", 0, 0, 1},
		"no-records.json": {`{"Records":[]}`, "", 0, 0, 0},
		"half.json":       {`[{"eventName":"X","eventTime":"2026-01-31T12:00:00Z","eventID":"x"},{"a":1}]`, "half.json record 2   no eventName", 0, 1, 1},
		"\x1b[31m.json":   {"x", "\ufffd[31m.json   not CloudTrail", 1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir, to := write(t, map[string]string{"a.json.gz": gzipped(trail("a", 20)), name: c.content, "z.json": trail("z", 30)}), filepath.Join(t.TempDir(), "lake")
			code := 0
			if c.quarantined+c.rejected > 0 {
				code = exitQuarantined
			}
			d, errs := ingested(t, code, "", dir, "--lake", to)
			if d.Events != 50+c.events || d.Objects.Quarantined != c.quarantined || d.Rejected != c.rejected || d.Objects.Read != 3-c.quarantined {
				t.Errorf("%+v", d)
			}
			if c.want == "" && errs != "" || !strings.Contains(errs, c.want) || code != 0 && !strings.Contains(errs, "hint: details are in "+to+"/_quarantine") {
				t.Errorf("standard error is %q, want %q", errs, c.want)
			}
			if again, _ := ingested(t, 0, "", dir, "--lake", to); again.Objects.Read != 0 || again.Events != 0 || again.Objects.Skipped != 3 {
				t.Errorf("a second run: %+v", again)
			}
		})
	}
}

// What cannot work is told before anything is read or written.
func TestIngestBadCalls(t *testing.T) {
	dir := write(t, map[string]string{"a.json": trail("a", 1)})
	newer := write(t, map[string]string{"_log/format.json": `{"format":"trimtrail.lake","version":99}`})
	other := write(t, map[string]string{"notes.txt": "mine"})
	file := filepath.Join(dir, "a.json")
	fresh := filepath.Join(t.TempDir(), "lake")
	for name, c := range map[string]struct {
		args        []string
		code        int
		error, hint string
	}{
		"no source":             {[]string{"--lake", fresh}, 2, "no SOURCE", "trimtrail ingest s3://"},
		"no lake":               {[]string{dir}, 2, "--lake is missing", "--lake lake"},
		"no such path":          {[]string{dir + "/none", "--lake", fresh}, 1, "/none: no such file or directory", "SOURCE is"},
		"a good and a bad path": {[]string{dir, "nowhere", "--lake", fresh}, 1, "nowhere: no such file or directory", "SOURCE is"},
		"nothing there":         {[]string{other, "--lake", fresh}, 1, other + ": no CloudTrail object", "name a file itself"},
		"nothing fits":          {[]string{write(t, map[string]string{"111122223333_CloudTrail_eu-west-1_20260131T2355Z_x.json": "{}"}), "--since", "2026-02-01", "--lake", fresh}, 1, ": no CloudTrail object that fits the filters", "without --since"},
		"no bucket":             {[]string{"s3://", "--lake", fresh}, 1, `"s3://" is not of the form s3://bucket/prefix`, ""},
		"a newer lake":          {[]string{dir, "--lake", newer}, 1, "lake " + newer + " has format version 99, made by a newer trimtrail", "upgrade trimtrail"},
		"no lake of ours":       {[]string{dir, "--lake", other}, 1, other + " is not a lake: it holds other files", "new or empty"},
		"a file for a lake":     {[]string{dir, "--lake", file}, 1, file + " is not a lake: it is a file", "new or empty"},
		"a bad account":         {[]string{dir, "--lake", fresh, "--account", "1111"}, 2, `--account "1111" is none`, "twelve digits"},
		"a bad region":          {[]string{dir, "--lake", fresh, "--region", "Frankfurt"}, 2, `--region "Frankfurt" is none`, "eu-west-1"},
		"a bad organisation":    {[]string{dir, "--lake", fresh, "--org-id", "abcd"}, 2, `--org-id "abcd" is none`, "o-a1b2c3d4e5"},
		"a bad day":             {[]string{dir, "--lake", fresh, "--since", "soon"}, 2, `--since "soon" is no time`, "90d"},
		"days swapped":          {[]string{dir, "--lake", fresh, "--since", "2026-02-01", "--until", "2026-01-01"}, 2, "--since 2026-02-01 is after --until 2026-01-01", "swap"},
		"a bad size":            {[]string{dir, "--lake", fresh, "--memory", "much"}, 2, `--memory "much" is no size`, "256MiB"},
		"too little memory":     {[]string{dir, "--lake", fresh, "--memory", "1MiB"}, 2, "--memory 1MiB is too little", "64MiB"},
		"a bad format":          {[]string{dir, "--lake", fresh, "--format", "xml"}, 2, `--format "xml" is unknown`, "json"},
		"bad workers":           {[]string{dir, "--lake", fresh, "--workers", "-1"}, 2, "--workers -1", ""},
		"a bad endpoint":        {[]string{"s3://b", "--lake", fresh, "--endpoint-url", "localhost"}, 2, `--endpoint-url "localhost" is no URL`, "https://"},
		"an unknown flag":       {[]string{dir, "--lake", fresh, "--fast"}, 2, "unknown flag: --fast", "--help"},
		"stdin twice":           {[]string{"-", "-", "--lake", fresh}, 2, "standard input is named twice", "once"},
		"a dry run of stdin":    {[]string{"-", "--lake", fresh, "--dry-run"}, 2, "--dry-run cannot list standard input", ""},
	} {
		out, errs, code := command(t, "", append([]string{"ingest"}, c.args...)...)
		if code != c.code || out != "" || !strings.HasPrefix(errs, "trimtrail: error: ") || !strings.Contains(errs, c.error) || strings.Count(errs, "error: ") != 1 {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", name, code, c.code, c.error, out, errs)
		}
		if c.hint != "" && !strings.Contains(errs, "\ntrimtrail: hint: ") || !strings.Contains(errs, c.hint) {
			t.Errorf("%s: no hint of %q in\n%s", name, c.hint, errs)
		}
		if _, err := os.Stat(fresh); err == nil {
			t.Fatalf("%s: a lake was made", name)
		}
	}
	if left, _ := os.ReadDir(other); len(left) != 1 {
		t.Errorf("something was written to a directory that is no lake: %v", left)
	}
}

// Another writer at work on the lake is no hindrance, and what it commits
// later is not there twice.
func TestIngestBesideAWriter(t *testing.T) {
	dir, to := write(t, map[string]string{"a.json": trail("a", 2)}), filepath.Join(t.TempDir(), "lake")
	w, err := openWriter(t.Context(), to, lake.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if d, errs := ingested(t, 0, "", dir, "--lake", to); d.Events != 2 {
		t.Errorf("%+v\n%s", d, errs)
	}
}

func TestIngestStdin(t *testing.T) {
	to := filepath.Join(t.TempDir(), "lake")
	d, _ := ingested(t, 0, trail("a", 3), "-", "--lake", to)
	if d.Events != 3 || d.Objects.Read != 1 {
		t.Errorf("%+v", d)
	}
	if d, _ = ingested(t, 0, trail("a", 3), "-", "--lake", to); d.Objects.Skipped != 1 || d.Events != 0 {
		t.Errorf("the same again: %+v", d)
	}
	if d, _ = ingested(t, 0, trail("a", 4), "-", "--lake", to); d.Objects.Read != 1 || d.Events != 1 || d.Duplicates != 3 {
		t.Errorf("more: %+v", d)
	}
	if d, errs := ingested(t, exitQuarantined, "", "-", "--lake", to); d.Objects.Quarantined != 1 || !strings.Contains(errs, "stdin   empty file") {
		t.Errorf("empty: %+v, %s", d, errs)
	}
}

func TestIngestText(t *testing.T) {
	dir, to := write(t, map[string]string{"a.json": trail("a", 3), "b.json": trail("a", 2), "bad.json": "x", "README": ""}), filepath.Join(t.TempDir(), "lake")
	out, _, code := command(t, "", "ingest", dir, "--lake", to)
	lines := strings.Split(out, "\n")
	if code != exitQuarantined || len(lines) != 6 || !strings.HasPrefix(lines[0], "Ingested 2 of 3 objects (") || !strings.Contains(lines[0], "), 3 events into "+to) ||
		lines[1] != "  2 duplicates left out: delivered twice, or there already" || lines[2] != "  1 file of another kind left alone" ||
		lines[3] != "Quarantined 1 object and 0 records" || !strings.HasSuffix(lines[4], "bad.json   not CloudTrail: plain text") {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, errs, code := command(t, "", "ingest", dir, "--lake", to, "--account", "111122223333")
	if code != 0 || !strings.HasPrefix(out, "Nothing new for "+to) || errs != "" {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

func TestIngestDryRun(t *testing.T) {
	dir, to := write(t, map[string]string{"a.json": trail("a", 3), "b.json": trail("a", 2), "README": ""}), filepath.Join(t.TempDir(), "lake")
	out, _, code := command(t, "", "ingest", dir, "--lake", to, "--dry-run", "--region", "eu-west-1")
	if code != 0 || !strings.HasPrefix(out, "Would read 2 objects, ") || !strings.Contains(out, "  kept because neither path nor name tells what the filters ask: 2 objects\n") || !strings.Contains(out, "  of another kind, left alone: 1 file\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("a dry run made a lake")
	}
	ingested(t, 0, "", filepath.Join(dir, "a.json"), "--lake", to)
	out, _, code = command(t, "", "ingest", dir, "--lake", to, "--dry-run", "--format", "json")
	var d planDoc
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 || d.Schema != planSchema || d.Objects.New != 1 || d.Objects.Known != 1 || d.Objects.Other != 1 {
		t.Errorf("exit %d, %v\n%s", code, err, out)
	}
}

// A run that is interrupted says so, and keeps what it has for the next.
func TestIngestInterrupted(t *testing.T) {
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("%03d.json", i)] = trail(fmt.Sprint("e", i, "-"), 100)
	}
	dir, to := write(t, files), filepath.Join(t.TempDir(), "lake")
	interrupted := false
	for wait := time.Millisecond; wait < 10*time.Second && !interrupted; wait *= 2 {
		ctx, cancel := context.WithTimeoutCause(t.Context(), wait, context.Canceled)
		var out, errs bytes.Buffer
		code := run(ctx, []string{"ingest", dir, "--lake", to}, streams{strings.NewReader(""), &out, &errs})
		cancel()
		if interrupted = code == exitInterrupted; interrupted && (out.Len() > 0 || !strings.HasSuffix(errs.String(), "trimtrail: interrupted\n")) {
			t.Errorf("%s%s", &out, &errs)
		}
	}
	if !interrupted {
		t.Error("no run was interrupted")
	}
	command(t, "", "ingest", dir, "--lake", to)
	l, err := lake.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := l.Status(); err != nil || s.Events != 30_000 || s.Objects != 300 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestParseBytes(t *testing.T) {
	for in, want := range map[string]int64{
		"256MiB": 256 << 20, "1GiB": 1 << 30, "1.5 GB": 1_500_000_000, "64KB": 64_000, "1000000": 1_000_000, "12B": 12,
		"": 0, "MiB": 0, "-1MiB": 0, "x": 0, "NaN": 0, "1e99": 0, "1PiB": 0,
	} {
		if got, err := parseBytes(in); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
}

func TestProgressLine(t *testing.T) {
	for want, s := range map[string]ingest.Summary{
		"1,200 objects   50,000 events   25 k events/s":                  {Read: 1200, Events: 50_000},
		"250 of 1,000 objects   50,000 events   25 k events/s   6s left": {Read: 250, Events: 50_000, Listed: 1000, ListDone: true},
		"950 of 1,000 objects   0 events   0 k events/s   2s left":       {Read: 50, Known: 900, Listed: 1000, ListDone: true},
		"10 of 10 objects   1 events   0 k events/s   writing":           {Read: 10, Events: 1, Listed: 10, ListDone: true, Committing: true},
		"10 of 10 objects   0 events   0 k events/s   4 quarantined":     {Read: 6, Quarantined: 4, Listed: 10, ListDone: true},
	} {
		if got := progressLine(s, 2*time.Second); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	var off bytes.Buffer
	p := newProgress(&off)
	p.show(ingest.Summary{Committing: true})
	if p.clear(); off.Len() > 0 {
		t.Errorf("progress off a terminal: %q", off.String())
	}
}
