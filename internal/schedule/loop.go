package schedule

import (
	"context"
	"math/rand/v2"
	"time"
)

// Turn is one time that the thing is done.
type Turn struct {
	Due time.Time // by the plan, before jitter
	// Missed are the times before that passed without a run: this one is for them too.
	Missed bool
}

// Options of Run.
type Options struct {
	Plan *Plan
	// Last is when the thing was last due and done; zero where it never was:
	// the first time is then the next one by the plan.
	Last time.Time
	// Jitter is how much later than due a turn may begin, at random, so that
	// many that have one plan do not begin at once.
	Jitter time.Duration
	// Random is from 0 to 1; nil is the random numbers of the program.
	Random func() float64
	// Waiting is told when the next turn begins; may be nil.
	Waiting func(next time.Time)
	// Do does it. Turns that come due meanwhile are one turn after.
	Do func(context.Context, Turn)
}

// look is how often the clock is looked at while waiting: it may be set, and
// timers stand still while a machine sleeps.
const look = time.Minute

// Run does the thing whenever it is due until ctx is done, and returns after
// the turn under way.
func Run(ctx context.Context, o Options) {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	last := o.Last
	if last.IsZero() {
		last = clock()
	}
	for ctx.Err() == nil {
		due := o.Plan.Due(last, clock())
		if due.IsZero() {
			o.wait(ctx, o.Plan.Next(last))
			continue
		}
		o.Do(ctx, Turn{Due: due, Missed: o.Plan.Next(last).Before(due)})
		last = due
	}
}

// clock is the time of day: without the monotonic part, which a machine that
// sleeps does not count on.
func clock() time.Time { return time.Now().Round(0) }

// wait waits for the next turn and its jitter.
func (o *Options) wait(ctx context.Context, next time.Time) {
	if next.IsZero() {
		<-ctx.Done() // it never comes again
		return
	}
	begin := next.Add(o.delay(next))
	if o.Waiting != nil {
		o.Waiting(begin)
	}
	for left := begin.Sub(clock()); left > 0; left = begin.Sub(clock()) {
		t := time.NewTimer(min(left, look))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
	}
}

// delay is a part of the jitter, and at most half of the time to the turn after.
func (o *Options) delay(next time.Time) time.Duration {
	most := o.Jitter
	if after := o.Plan.Next(next); !after.IsZero() {
		most = min(most, after.Sub(next)/2)
	}
	return time.Duration(o.Random() * float64(most))
}
