package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/deliver"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// turn does one run, due at a time by the schedule or nil. The error is that
// with which the program ends where it runs once.
func (r *runner) turn(ctx context.Context, due *time.Time) (*runDoc, error) {
	cfg, err := readConfig(r.flags.file)
	if err != nil {
		return nil, err
	}
	if err := checkRun(&cfg.Run, r.flags.file); err != nil {
		return nil, err
	}
	ctx = withLakeAccess(ctx, &cfg.Run)
	t := &turn{runner: r, cfg: cfg, folder: folderOf(r.flags.file)}
	if t.lake, err = newLakeAt(graced(ctx, time.Minute), below(t.folder, cfg.Run.Lake)); err != nil {
		return nil, lakeHint(err)
	}
	lease, err := t.lock()
	if err != nil {
		return nil, err
	}
	held, stop := holding(ctx, lease, r.log)
	defer stop()
	if due != nil && doneSince(t.lake, *due) {
		return nil, nil // another process did it while this one waited
	}
	return t.do(held, due)
}

// doneSince reports whether a run for a time that was due counts already.
func doneSince(l *lake.Lake, due time.Time) bool {
	at, err := lastDue(l)
	return err == nil && !at.Before(due)
}

// lastDue is when the last run that counts was due, or began where nothing had
// it due; zero where there is none.
func lastDue(l *lake.Lake) (at time.Time, err error) {
	err = l.LastRuns(func(r lake.Run) bool {
		at = r.Started
		if r.Due != nil && r.Due.Before(at) {
			at = *r.Due
		}
		return false
	})
	return at, err
}

func (t *turn) do(ctx context.Context, due *time.Time) (*runDoc, error) {
	now := time.Now().UTC()
	ids, err := t.lake.RunIDs()
	if err != nil {
		return nil, err
	}
	t.doc = runDoc{Schema: runSchema, ID: runID(now, lastID(ids)), Started: now, Due: due, Steps: []runStep{}, Deliveries: []runDelivery{}}
	t.status.begin(now)
	err = t.steps(ctx)
	t.doc.Finished = time.Now().UTC()
	t.doc.ExitCode = t.doc.code(t.raised())
	if err != nil {
		t.doc.ExitCode = exitInterrupted
	}
	t.status.end(&t.doc)
	if err != nil {
		return &t.doc, err
	}
	if err := t.print(); err != nil {
		return &t.doc, err
	}
	if t.doc.ExitCode == 0 {
		return &t.doc, nil
	}
	return &t.doc, exit(t.doc.ExitCode)
}

func (t *turn) print() error {
	if t.flags.format == "json" {
		return writeJSON(t.out, &t.doc)
	}
	return t.doc.print(t.out)
}

// raised reports whether a finding that is new or worse reaches fail_on.
func (t *turn) raised() bool {
	limit := t.cfg.Run.Analysis.FailOn
	return limit != "" && t.model != nil && slices.ContainsFunc(t.model.Findings.Findings, func(x rules.Finding) bool {
		return atLeast(x.Severity, limit) && t.model.Changes.Raised(x.ID)
	})
}

func lastID(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}

// runForm is the time in the id of a run.
const runForm = "20060102T150405.000Z"

// runID sorts by time, and after the last one, whatever the clock says; its
// end is for runs of two machines whose lock failed.
func runID(now time.Time, last string) string {
	if at, _, ok := strings.Cut(last, "-"); ok {
		if before, err := time.Parse(runForm, at); err == nil && !now.Truncate(time.Millisecond).After(before) {
			now = before.Add(time.Millisecond)
		}
	}
	var b [3]byte
	rand.Read(b[:])
	return now.UTC().Format(runForm) + "-" + hex.EncodeToString(b[:])
}

// pack keeps the report and what there is to tell, and then makes the run
// count, by one write. Stopped before, nothing was told and nothing counts;
// after, the outbox has it.
func (t *turn) pack(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	record := lake.Run{ID: t.doc.ID, Started: t.doc.Started, Finished: time.Now().UTC(), Due: t.doc.Due, Failed: t.doc.failed()}
	return t.step(ctx, "keep", "", func() (string, error) {
		if t.model != nil {
			var b bytes.Buffer
			if err := report.JSON(&b, t.model); err != nil {
				return "", err
			}
			var err error
			if record.Report, err = t.lake.SaveReport(t.doc.ID, b.Bytes()); err != nil {
				return "", err
			}
		}
		if err := t.fill(); err != nil {
			return "", err
		}
		t.doc.Report = record.Report
		return record.Report, t.lake.CommitRun(record)
	})
}

// deliver sends what waits, and forgets runs that are old.
func (t *turn) deliver(ctx context.Context) error {
	outcomes, err := deliver.Outbox{Lake: t.lake}.Flush(ctx, t.targets(ctx), time.Now)
	for _, o := range outcomes {
		d := deliveryOf(o)
		t.doc.Deliveries = append(t.doc.Deliveries, d)
		err := t.step(ctx, "deliver", o.Delivery, func() (string, error) { return d.line(), o.Err })
		t.doc.Steps[len(t.doc.Steps)-1].Seconds = rounded(o.Took)
		if err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	if err == nil {
		err = t.lake.ForgetRuns(t.cfg.Run.Reports.Keep, t.doc.ID)
	}
	if err != nil {
		return t.step(ctx, "keep", "outbox and old reports", func() (string, error) { return "", err })
	}
	return nil
}

func (d *runDelivery) line() string {
	line := plural(d.Sent, "message") + " sent"
	if d.Waiting > 0 {
		line += fmt.Sprintf(", %d waiting for the next run", d.Waiting)
	}
	if d.Dropped > 0 {
		line += fmt.Sprintf(", %d dropped", d.Dropped)
	}
	return line
}

// lastFindings are those of the last report that counts; nil where there is none.
func lastFindings(l *lake.Lake) (*rules.Findings, error) {
	data, name, err := l.LastReport()
	if err != nil || data == nil {
		return nil, err
	}
	f, err := report.Previous(data)
	if err != nil {
		return nil, fmt.Errorf("%s %w", name, err)
	}
	return f, nil
}

// lock takes the lock of runs on the lake.
func (t *turn) lock() (*lake.Lease, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	lease, err := t.lake.Lease(lake.LeaseRequest{Name: "run", Now: time.Now, Gone: gone, Owner: lake.Owner{Host: host, PID: os.Getpid(), Place: place()}})
	var held *lake.HeldError
	if errors.As(err, &held) {
		return nil, withHint(fmt.Errorf("a run is at work on lake %s: %w", t.lake.Dir(), err),
			fmt.Sprintf("wait for it; where it is dead, the next run takes over once it was quiet for %s (now %s)", lake.LeaseDead, held.Quiet.Round(time.Second)))
	}
	if err == nil && lease.Broken != nil {
		t.log.Warn(fmt.Sprintf("took the lock of %s over: %s", lease.Broken, lease.Rule))
	}
	return lease, err
}
