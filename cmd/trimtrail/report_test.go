package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/report"
)

// TestReportFormatsAgree asks for each format of one lake; each names every finding.
func TestReportFormatsAgree(t *testing.T) {
	lake := archive(t)
	var whole report.Document
	decode(t, must(t, "report", "--lake", lake, "--format", "json"), &whole)
	if len(whole.Findings.Findings) == 0 {
		t.Fatal("nothing was found")
	}
	for _, format := range reportFormats {
		args := []string{"report", "--lake", lake, "--format", format}
		if format == "table" {
			args = append(args, "--wide")
		}
		out := must(t, args...)
		for _, f := range whole.Findings.Findings {
			if !strings.Contains(out, f.ID) {
				t.Errorf("%s does not name %s", format, f.ID)
			}
		}
		if (format == "html" || format == "markdown") && strings.Contains(out, "<script>alert") {
			t.Errorf("%s holds a script", format)
		}
	}
}

func TestReportASFFNamesTheHub(t *testing.T) {
	out := must(t, "report", "--lake", archive(t), "--format", "asff", "--hub-account", "999988887777", "--hub-region", "eu-central-1")
	var found []struct{ ProductArn string }
	decode(t, out, &found)
	if found[0].ProductArn != "arn:aws:securityhub:eu-central-1:999988887777:product/999988887777/default" {
		t.Errorf("product %s", found[0].ProductArn)
	}
}

// edited writes a report of the lake as edit leaves it.
func edited(t *testing.T, lake string, edit func(map[string]any)) string {
	t.Helper()
	var doc map[string]any
	decode(t, must(t, "report", "--lake", lake, "--format", "json"), &doc)
	edit(doc["findings"].(map[string]any))
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "before.json")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestReportSaysWhatChanged(t *testing.T) {
	lake := archive(t)
	same := edited(t, lake, func(map[string]any) {})
	fewer := edited(t, lake, func(f map[string]any) { f["findings"] = f["findings"].([]any)[1:] })
	for _, tt := range []struct{ name, before, want string }{
		{"no change", same, "No change since 2026-03-02 12:20, "},
		{"one is new", fewer, "Since 2026-03-02 12:20, 1 new, "},
	} {
		for _, format := range []string{"table", "markdown", "html"} {
			if out := must(t, "report", "--lake", lake, "--format", format, "--since-report", tt.before); !strings.Contains(out, tt.want) {
				t.Errorf("%s: %s does not say %q", tt.name, format, tt.want)
			}
		}
	}
	var doc report.Document
	decode(t, must(t, "report", "--lake", lake, "--format", "json", "--since-report", fewer), &doc)
	if doc.Changes == nil || len(doc.Changes.New) != 1 || doc.Changes.New[0].Rule != "TT-D02" {
		t.Errorf("changes %+v", doc.Changes)
	}
	whole, short := must(t, "report", "--lake", lake, "--format", "table"), must(t, "report", "--lake", lake, "--format", "table", "--since-report", same)
	if len(short) > len(whole)/2 {
		t.Errorf("no change takes %d bytes, everything %d:\n%s", len(short), len(whole), short)
	}
}

// TestReportReadsAnAnalysis holds that what analyze writes is a report to
// compare with, from a file and from standard input.
func TestReportReadsAnAnalysis(t *testing.T) {
	lake := archive(t)
	before := must(t, "analyze", "--lake", lake, "--format", "json")
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"report", "--lake", lake, "--format", "table", "--since-report", "-"}, streams{strings.NewReader(before), &out, &errs})
	if code != 0 || !strings.Contains(out.String(), "No change since") {
		t.Errorf("exit %d: %s%s", code, &out, &errs)
	}
}

func TestReportFailsOn(t *testing.T) {
	lake := archive(t)
	same := edited(t, lake, func(map[string]any) {})
	fewer := edited(t, lake, func(f map[string]any) { f["findings"] = []any{} })
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"there is a critical one", []string{"--fail-on", "critical"}, exitFindings},
		{"as before", []string{"--fail-on", "info", "--since-report", same}, 0},
		{"new", []string{"--fail-on", "critical", "--since-report", fewer}, exitFindings},
	} {
		out := filepath.Join(t.TempDir(), "out.md")
		code, _, errs := try(append([]string{"report", "--lake", lake, "--format", "markdown", "--out", out}, tt.args...)...)
		if code != tt.want {
			t.Errorf("%s: exit %d, want %d: %s", tt.name, code, tt.want, errs)
		}
		if _, err := os.Stat(out); err != nil {
			t.Errorf("%s: the report is not written: %v", tt.name, err)
		}
	}
}

func TestReportErrors(t *testing.T) {
	lake := archive(t)
	page := filepath.Join(t.TempDir(), "page.html")
	must(t, "report", "--lake", lake, "--out", page)
	policies := filepath.Join(t.TempDir(), "policies.json")
	if err := os.WriteFile(policies, []byte(must(t, "policy", "--all", "--lake", lake, "--format", "json")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no such format", []string{"--format", "pdf"}, exitUsage, "--format"},
		{"no such severity", []string{"--fail-on", "grave"}, exitUsage, "--fail-on"},
		{"no account", []string{"--format", "asff", "--hub-account", "12"}, exitUsage, "12 digits"},
		{"no file", []string{"--since-report", "nowhere.json"}, exitUsage, "leave the flag out"},
		{"a page", []string{"--since-report", page}, exitFailed, "is no JSON document"},
		{"policies", []string{"--since-report", policies}, exitFailed, "is of the shape trimtrail.policies/1, which is no report"},
	} {
		code, out, errs := try(append([]string{"report", "--lake", lake}, tt.args...)...)
		if code != tt.code || !strings.Contains(errs, tt.want) || !strings.Contains(errs, "hint:") || out != "" {
			t.Errorf("%s: exit %d, %q", tt.name, code, errs)
		}
	}
}
