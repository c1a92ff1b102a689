package main

import (
	"context"
	"testing"

	"github.com/trimtrail/trimtrail/ingest"
)

// The objects are as many as asked for, and ingest takes each for a log.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := run([]string{"--objects", "120", "--daily", "50", dir}); err != nil {
		t.Fatal(err)
	}
	source, err := ingest.NewPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := ingest.List(context.Background(), ingest.Config{Sources: []ingest.Source{source}})
	if err != nil || plan.New != 120 || plan.Ignored+plan.Unplaced != 0 {
		t.Errorf("got %+v, %v", plan, err)
	}
}

func TestNothing(t *testing.T) {
	if run([]string{"--objects", "0", t.TempDir()}) == nil || run(nil) == nil {
		t.Error("nothing is made, and no error")
	}
}
