package main

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The table has the programs in order, their ratio, and what they wrote.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	z.Write([]byte(`{"Records":[]}`))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	program := filepath.Join(dir, "program")
	script := "#!/bin/sh\nmkdir -p \"$4/events\" && printf '%2000000d' 1 > \"$4/events/x\"\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run([]string{"--trimtrail", program, "--no-duckdb", "--rounds", "2", dir}, &out, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if !strings.HasPrefix(lines[2], "| gzip -dc | ") || !strings.HasPrefix(lines[3], "| trimtrail ingest | ") || !strings.HasSuffix(lines[3], " | 2 |") {
		t.Errorf("the table is\n%s", out.String())
	}
}

func TestMedian(t *testing.T) {
	runs := []usage{{cpu: 5}, {cpu: 1}, {cpu: 3}}
	if got := median(runs, func(u usage) time.Duration { return u.cpu }); got != 3 {
		t.Errorf("the median is %d", got)
	}
}

func TestNothingToRead(t *testing.T) {
	if err := run([]string{t.TempDir()}, os.Stdout, os.Stderr); err == nil {
		t.Error("an empty folder is measured")
	}
}
