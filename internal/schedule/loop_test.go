package schedule

import (
	"context"
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

// began is a turn as a test sees it.
type began struct {
	At     string
	Due    string
	Missed bool
}

const form = "2006-01-02 15:04:05"

// days runs a plan under a clock that begins at midnight of 2000-01-01 UTC.
func days(t *testing.T, n int, o Options, do func(context.Context, Turn)) []began {
	var out []began
	o.Do = func(ctx context.Context, turn Turn) {
		out = append(out, began{time.Now().UTC().Format(form), turn.Due.UTC().Format(form), turn.Missed})
		if do != nil {
			do(ctx, turn)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*24*time.Hour)
	defer cancel()
	Run(ctx, o)
	return out
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := days(t, 3, Options{Plan: plan(t, "0 6 * * *", "")}, nil)
		want := []began{{"2000-01-01 06:00:00", "2000-01-01 06:00:00", false}, {"2000-01-02 06:00:00", "2000-01-02 06:00:00", false}, {"2000-01-03 06:00:00", "2000-01-03 06:00:00", false}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("turns %v", got)
		}
	})
}

// What was missed while nothing ran is one turn at once.
func TestRunCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := time.Now().AddDate(0, 0, -10)
		got := days(t, 1, Options{Plan: plan(t, "0 6 * * *", ""), Last: last}, nil)
		want := []began{{"2000-01-01 00:00:00", "1999-12-31 06:00:00", true}, {"2000-01-01 06:00:00", "2000-01-01 06:00:00", false}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("turns %v", got)
		}
	})
}

// A turn that takes longer than its period is followed by one for all that
// came due meanwhile, and never overlaps.
func TestRunNeverOverlaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at, most := 0, 0
		got := days(t, 1, Options{Plan: plan(t, "0 * * * *", "")}, func(_ context.Context, turn Turn) {
			at++
			most = max(most, at)
			if turn.Due.Hour() == 3 {
				time.Sleep(150 * time.Minute)
			}
			at--
		})
		if most != 1 {
			t.Errorf("%d turns at once", most)
		}
		want := []began{{"2000-01-01 03:00:00", "2000-01-01 03:00:00", false}, {"2000-01-01 05:30:00", "2000-01-01 05:00:00", true}, {"2000-01-01 06:00:00", "2000-01-01 06:00:00", false}}
		if !reflect.DeepEqual(got[2:5], want) {
			t.Errorf("turns %v", got[2:5])
		}
	})
}

func TestRunJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := days(t, 1, Options{Plan: plan(t, "0 */6 * * *", ""), Jitter: time.Hour, Random: func() float64 { return 0.5 }}, nil)
		if want := (began{"2000-01-01 06:30:00", "2000-01-01 06:00:00", false}); got[0] != want {
			t.Errorf("turn %v", got[0])
		}
		got = days(t, 1, Options{Plan: plan(t, "*/10 * * * *", ""), Jitter: time.Hour, Random: func() float64 { return 1 }}, nil)
		if len(got) < 140 || got[5].Missed {
			t.Errorf("%d turns, the sixth %v: jitter swallows turns", len(got), got[5])
		}
	})
}

// Stopped while it waits it ends at once; in the middle of a turn after it.
func TestRunStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		turns := 0
		go func() {
			time.Sleep(30 * time.Hour)
			cancel()
		}()
		Run(ctx, Options{Plan: plan(t, "0 5 * * *", ""), Do: func(ctx context.Context, _ Turn) {
			turns++
			select {
			case <-ctx.Done():
				time.Sleep(time.Second) // what a turn does to end well
			case <-time.After(2 * time.Hour):
			}
		}})
		if turns != 2 || time.Now().UTC().Format(form) != "2000-01-02 06:00:01" {
			t.Errorf("%d turns, ended at %v", turns, time.Now())
		}
	})
}

// A whole year across both changes of the clock: as many turns as the calendar
// has days, at the same hour of the wall.
func TestRunAYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, hours := plan(t, "30 6 * * *", "Europe/Berlin"), map[string]int{}
		n := 0
		days(t, 366, Options{Plan: p}, func(_ context.Context, turn Turn) {
			n++
			hours[time.Now().In(p.Location()).Format("15:04")]++
		})
		if n != 366 || len(hours) != 1 || hours["06:30"] != 366 {
			t.Errorf("%d turns, at %v", n, hours)
		}
	})
}
