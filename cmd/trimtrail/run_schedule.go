package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/schedule"
)

// lockRetry is how often a run that is due looks whether the one that is in
// its way is done.
const lockRetry = 30 * time.Second

// repeat stays and runs when it is due. It ends when it is told to: with 0
// while it waits, as interrupted in the middle of a run.
func (r *runner) repeat(ctx context.Context, when config.ScheduleRun) error {
	last, err := r.lastDue(ctx)
	if err != nil {
		return err
	}
	var interrupted error
	schedule.Run(ctx, schedule.Options{
		Plan: when.Plan, Last: last, Jitter: when.Jitter,
		Waiting: func(next time.Time) {
			r.status.wait(next)
			r.log.Info("next run at "+next.In(when.Plan.Location()).Format("2006-01-02 15:04:05 MST"), "next_run", next)
		},
		Do: func(ctx context.Context, t schedule.Turn) { interrupted = r.scheduled(ctx, when.Plan, t) },
	})
	if interrupted != nil {
		return interrupted
	}
	r.log.Info("stopped")
	return nil
}

// lastDue is that of the lake, before which nothing was missed.
func (r *runner) lastDue(ctx context.Context) (time.Time, error) {
	cfg, err := readConfig(r.flags.file)
	if err != nil {
		return time.Time{}, err
	}
	l, err := newLakeAt(withLakeAccess(ctx, &cfg.Run), below(folderOf(r.flags.file), cfg.Run.Lake))
	if err != nil {
		return time.Time{}, lakeHint(err)
	}
	return lastDue(l)
}

// scheduled does a turn, and waits for a run that is in its way, until the
// next turn is due. Only an interruption is an error: whatever else happens is
// told, and the next turn tries again.
func (r *runner) scheduled(ctx context.Context, plan *schedule.Plan, t schedule.Turn) error {
	if t.Missed {
		r.log.Warn(fmt.Sprintf("runs were missed; this one, due at %s, is for all of them", t.Due.Format(time.RFC3339)), "due", t.Due)
	}
	for told := false; ; told = true {
		_, err := r.turn(ctx, &t.Due)
		var held *lake.HeldError
		switch {
		case ctx.Err() != nil && err != nil:
			return context.Canceled
		case !errors.As(err, &held):
			r.complain(err)
			return nil
		case !time.Now().Before(plan.Next(t.Due)):
			r.log.Warn("another run was in the way until the next was due", "due", t.Due)
			return nil
		case !told:
			r.log.Warn("waiting: "+err.Error(), "due", t.Due)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lockRetry):
		}
	}
}

// complain tells why a turn did not do all; its steps were told already.
func (r *runner) complain(err error) {
	var e *exitError
	if err == nil || errors.As(err, &e) && e.err == nil {
		return
	}
	hint := ""
	if e != nil {
		hint = e.hint
	}
	r.log.Error("the run did not happen: "+err.Error(), "hint", hint)
}
