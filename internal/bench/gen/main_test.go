package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/internal/orgsim"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if err := run([]string{"--days=3", "--events=2000", "--accounts=2", "--org-trail=false", "--broken=1", dir}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var org orgsim.Org
	if err := json.Unmarshal(out.Bytes(), &org); err != nil {
		t.Fatal(err)
	}
	if len(org.Accounts) != 2 || org.Events == 0 || len(org.Broken) != 1 || len(org.Truth.Plants) == 0 {
		t.Errorf("org %+v", org)
	}
	if _, err := os.Stat(filepath.Join(dir, "archive", "AWSLogs", org.Accounts[0], "CloudTrail")); err != nil {
		t.Error(err)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, args := range map[string][]string{"no folder": {}, "two folders": {"a", "b"}, "unknown flag": {"--nonsense", "a"}, "bad value": {"--objects=5", t.TempDir()}} {
		if err := run(args, io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
