// Command lake measures the lake apart from ingest: a ledger of many objects,
// compaction, and reading.
//
//	go run ./internal/bench/lake ledger -objects 1000000
//	go run ./internal/bench/lake compact -events 1000000
//
// Each line says what was done, in what time, and the peak memory of the
// process that did it: measured steps run in a process of their own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// options are those of all steps.
type options struct {
	dir              string
	objects, commits int
	events, files    int
	step             string // run this one, in this process
}

// steps are what can be measured.
var steps = map[string]func(options, *lake.Lake) error{
	"fill-ledger": fillLedger, "known": known, "status": status,
	"fill-events": fillEvents, "compact": compact, "read": read,
}

// benchmarks are the steps of each, in their order.
var benchmarks = map[string][]string{
	"ledger":  {"fill-ledger", "known", "status"},
	"compact": {"fill-events", "read", "compact", "read"},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lake:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || benchmarks[args[0]] == nil {
		return fmt.Errorf("say ledger or compact")
	}
	var o options
	flags := flag.NewFlagSet("lake", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "directory of the lake (default: a new one, removed at the end)")
	flags.IntVar(&o.objects, "objects", 1_000_000, "objects in the ledger")
	flags.IntVar(&o.commits, "commits", 1000, "commits that they came in")
	flags.IntVar(&o.events, "events", 1_000_000, "events to compact")
	flags.IntVar(&o.files, "files", 40, "files that they are in")
	flags.StringVar(&o.step, "step", "", "")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if o.step != "" {
		return measure(o)
	}
	return all(args, o)
}

// all runs each step in a process of its own.
func all(args []string, o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "lake-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		args = append(args, "-dir", filepath.Join(dir, "lake"))
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for _, step := range benchmarks[args[0]] {
		cmd := exec.Command(program, append(args, "-step", step)...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	return nil
}

func measure(o options) error {
	l, err := lake.Create(o.dir)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := steps[o.step](o, l); err != nil {
		return err
	}
	took := time.Since(begin)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	fmt.Printf("%-12s %8.2f s wall %8.2f s CPU %6d MB peak\n", o.step, took.Seconds(), cpu.Seconds(), usage.Maxrss>>10)
	return nil
}

func object(i int) event.Object {
	return event.Object{
		URI:  fmt.Sprintf("s3://org-trail-111122223333/AWSLogs/o-exampleorgid/%012d/CloudTrail/eu-central-1/2026/%02d/%02d/%012d_CloudTrail_eu-central-1_20260131T%04dZ_%016x.json.gz", i%50, i%12+1, i%28+1, i%50, i%2400, uint64(i)*0x9e3779b97f4a7c15),
		Size: int64(1000 + i%5000), Version: fmt.Sprintf("%032x", uint64(i)*0x9e3779b97f4a7c15),
	}
}

func fillLedger(o options, l *lake.Lake) error {
	w, err := l.Writer(lake.WriterOptions{})
	if err != nil {
		return err
	}
	for i := range o.objects {
		if _, _, err := w.Add(&event.Batch{Object: object(i)}); err != nil {
			return err
		}
		if (i+1)%max(1, o.objects/o.commits) == 0 {
			if err := w.Commit(); err != nil {
				return err
			}
		}
	}
	if err := w.Commit(); err != nil {
		return err
	}
	return w.Close()
}

// known is a run that finds nothing new.
func known(o options, l *lake.Lake) error {
	w, err := l.Writer(lake.WriterOptions{})
	if err != nil {
		return err
	}
	for i := range o.objects {
		if !w.Known(object(i)) {
			return fmt.Errorf("object %d is not known", i)
		}
	}
	return w.Close()
}

func status(_ options, l *lake.Lake) error {
	_, err := l.Status()
	return err
}

func fillEvents(o options, l *lake.Lake) error {
	begin := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for file := range o.files { // a writer each, so that none compacts as it goes
		w, err := l.Writer(lake.WriterOptions{})
		if err != nil {
			return err
		}
		b := &event.Batch{Object: object(file)}
		for i := file; i < o.events; i += o.files {
			b.Events = append(b.Events, sample(begin, i))
		}
		if _, _, err := w.Add(b); err != nil {
			return err
		}
		if err := w.Commit(); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// sample is an event that repeats and varies about as real ones do.
func sample(begin time.Time, i int) event.Event {
	random := uint64(i+1) * 0x9e3779b97f4a7c15
	user := i * 7 % 40
	return event.Event{
		AccountID: "111122223333", EventID: fmt.Sprintf("%08x-%04x-4000-8000-%012x", random>>32, random&0xffff, i),
		EventTime:   begin.Add(time.Duration(i) * 80 * time.Millisecond),
		EventSource: "s3.amazonaws.com", EventName: [...]string{"GetObject", "ListBuckets", "HeadObject", "PutObject"}[i%4],
		EventVersion: "1.11", EventType: "AwsApiCall", EventCategory: "Data", AWSRegion: "eu-central-1",
		RequestID: fmt.Sprintf("%016X", random), SourceIPAddress: "192.0.2.7", UserAgent: "aws-sdk-go-v2/1.30",
		IdentityType: "AssumedRole", IdentityARN: fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/role-%d/session", user),
		AccessKeyID:       fmt.Sprintf("ASIAEXAMPLE%09d", user),
		RequestParameters: fmt.Sprintf(`{"bucketName":"data-%d","key":"year=2026/part-%08d.json"}`, user, i),
	}
}

func compact(_ options, l *lake.Lake) error {
	r, err := l.Compact(context.Background())
	if err == nil {
		fmt.Printf("             %d files of %d kB became %d of %d kB\n", r.FilesBefore, r.BytesBefore>>10, r.FilesAfter, r.BytesAfter>>10)
	}
	return err
}

func read(_ options, l *lake.Lake) error {
	n := 0
	for _, err := range l.Events(context.Background(), lake.Query{}) {
		if err != nil {
			return err
		}
		n++
	}
	return nil
}
