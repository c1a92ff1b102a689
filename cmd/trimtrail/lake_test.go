package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// grown is a lake of several runs over the same days.
func grown(t *testing.T, runs int) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "lake")
	for i := range runs {
		ingested(t, 0, "", write(t, map[string]string{"a.json": trail(string(rune('a'+i)), 3)}), "--lake", to)
	}
	return to
}

func TestLakeCompact(t *testing.T) {
	to := grown(t, 3)
	var r struct {
		Schema                  string
		FilesBefore, FilesAfter int
	}
	out, errs, code := command(t, "", "lake", "compact", "--lake", to, "--format", "json")
	err := json.Unmarshal([]byte(strings.ReplaceAll(strings.ReplaceAll(out, "files_before", "FilesBefore"), "files_after", "FilesAfter")), &r)
	if err != nil || code != 0 || r.Schema != "trimtrail.compact/1" || r.FilesBefore != 3 || r.FilesAfter != 1 {
		t.Errorf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	out, _, code = command(t, "", "lake", "compact", "--lake", to)
	if code != 0 || !strings.HasPrefix(out, "Rewrote 0 partitions\nFiles        1, ") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, _, code = command(t, "", "lake", "verify", "--lake", to); code != 0 {
		t.Errorf("verify: exit %d\n%s", code, out)
	}
}

func TestLakePrune(t *testing.T) {
	to := grown(t, 1)
	events := func() (n int64) {
		var s struct{ Events int64 }
		out, _, _ := command(t, "", "lake", "status", "--lake", to, "--format", "json")
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		return s.Events
	}
	out, errs, code := command(t, "", "lake", "prune", "--lake", to, "--before", "1d", "--dry-run")
	if code != 0 || events() != 3 || !strings.HasPrefix(out, "Would forget what is before "+time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)+": 3 events in 1 file") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	out, errs, code = command(t, "", "lake", "prune", "--lake", to, "--before", time.Now().UTC().Format(time.DateOnly), "--format", "json")
	if code != 0 || events() != 0 || !strings.Contains(out, `"schema": "trimtrail.prune/1"`) || !strings.Contains(out, `"events": 3`) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for _, args := range [][]string{{}, {"--before", "soon"}, {"--before", "1d", "--format", "xml"}} {
		if _, errs, code := command(t, "", append([]string{"lake", "prune", "--lake", to}, args...)...); code != 2 || !strings.Contains(errs, "hint:") {
			t.Errorf("%q: exit %d\n%s", args, code, errs)
		}
	}
}

func TestLakeDDL(t *testing.T) {
	to := grown(t, 1)
	for engine, want := range map[string]string{
		"athena": "'projection.enabled' = 'true'", "trino": "external_location = 's3://b/l/events'", "spark": "USING PARQUET",
		"duckdb": "read_parquet('s3://b/l/events/*/*/*.parquet'", "polars": `"s3://b/l/events/*/*/*.parquet"`,
	} {
		out, errs, code := command(t, "", "lake", "ddl", "--lake", to, "--engine", engine, "--location", "s3://b/l", "--table", "calls")
		if code != 0 || !strings.Contains(out, want) || !strings.Contains(out, "calls") {
			t.Errorf("%s: exit %d\n%s%s", engine, code, out, errs)
		}
	}
	if out, _, code := command(t, "", "lake", "ddl", "--lake", to, "--format", "json"); code != 0 || !strings.Contains(out, to) || !json.Valid([]byte(out)) {
		t.Errorf("exit %d\n%s", code, out)
	}
	for _, args := range [][]string{{"--engine", "abacus"}, {"--table", "a; drop"}, {"--table", "9"}} {
		if _, errs, code := command(t, "", append([]string{"lake", "ddl", "--lake", to}, args...)...); code != 2 || !strings.Contains(errs, "hint:") {
			t.Errorf("%q: exit %d\n%s", args, code, errs)
		}
	}
}
