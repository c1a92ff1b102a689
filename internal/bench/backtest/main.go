// Command backtest measures how right the right-sized policies are. It
// generates organisations (package orgsim), makes policies from some days of
// use, by trimtrail and by three baselines, and holds them against the days
// that follow: what they would have denied, and what they grant for nothing.
//
//	go run ./internal/bench/backtest
//
// docs/backtest.md holds its table and says what it means.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/spf13/pflag"

	"github.com/trimtrail/trimtrail/internal/bench/program"
)

func main() { os.Exit(program.Main("backtest", run)) }

// options are the flags.
type options struct {
	seeds, events, workers int
	days                   int
	first                  uint64
	windows, horizons      []int
	failures               bool
}

func run(args []string, stdout, stderr io.Writer) error {
	o := options{}
	flags := pflag.NewFlagSet("backtest", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.seeds, "seeds", 20, "number of organisations, of the first four casts by turns")
	flags.Uint64Var(&o.first, "first", 1, "the first seed")
	flags.IntVar(&o.events, "events", 120_000, "distinct events of each, about")
	flags.IntVar(&o.workers, "workers", 2, "organisations at once")
	flags.IntSliceVar(&o.windows, "windows", []int{14, 30, 60, 90}, "days of use to make policies from")
	flags.IntSliceVar(&o.horizons, "horizons", []int{7, 30}, "days after them to try the policies on")
	flags.IntVar(&o.days, "days", 0, "days of each organisation (default: the longest window and the longest horizon)")
	flags.BoolVar(&o.failures, "failures", false, "list what trimtrail's policies would have denied below each table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.seeds < 1 || o.workers < 1 || len(o.windows) == 0 || len(o.horizons) == 0 {
		return errors.New("want at least one seed, worker, window and horizon")
	}
	if shortest := slices.Max(o.windows) + slices.Max(o.horizons); o.days == 0 {
		o.days = shortest
	} else if o.days < shortest {
		return fmt.Errorf("--days %d is shorter than the longest window and horizon, %d", o.days, shortest)
	}
	t, err := measure(o, stderr)
	if err != nil {
		return err
	}
	t.print(stdout, o)
	return nil
}

// measure tries all organisations and adds them up, in the order of the seeds.
func measure(o options, progress io.Writer) (table, error) {
	tables, errs := make([]table, o.seeds), make([]error, o.seeds)
	slots := make(chan struct{}, o.workers)
	var wait sync.WaitGroup
	for i := range o.seeds {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			tables[i], errs[i] = organisation(o, o.first+uint64(i))
			fmt.Fprintf(progress, "seed %d done\n", o.first+uint64(i))
		})
	}
	wait.Wait()
	total := table{}
	for _, t := range tables {
		total.add(t)
	}
	return total, errors.Join(errs...)
}

func (t table) print(w io.Writer, o options) {
	for _, h := range o.horizons {
		fmt.Fprintf(w, "\n### The next %d days\n", h)
		for _, days := range o.windows {
			fmt.Fprintf(w, "\n| made from %d days | calls denied | principal-days broken | principals broken | over-privilege | power left |\n|---|---:|---:|---:|---:|---:|\n", days)
			all := t.at(cell{days, h, current}).granted
			for _, m := range methods {
				r := t.at(cell{days, h, m})
				fmt.Fprintf(w, "| %s | %.3f %% | %.2f %% | %d of %d | %.3f | %.2f %% |\n", m, 100*r.under(), 100*ratio(float64(r.broken), float64(r.days)), r.hurt, r.principals, r.overMean(), 100*ratio(r.granted, all))
			}
			fmt.Fprintf(w, "\n%s\n", t.verdict(days, h))
			if o.failures {
				t.at(cell{days, h, ours}).list(w)
			}
		}
	}
}

// dominates tells that a way is as good as another in both, and better in one.
func dominates(a, b *result) bool {
	return a.under() <= b.under() && a.overMean() <= b.overMean() && (a.under() < b.under() || a.overMean() < b.overMean())
}

// verdict says where trimtrail stands, with the numbers that the tables lack.
func (t table) verdict(days, horizon int) string {
	us := t.at(cell{days, horizon, ours})
	text := fmt.Sprintf("%d calls of %d principals; %d of them too early to size; %d calls that even their policies would refuse, not counted.", us.calls, us.sized, us.early, us.cannotExplain)
	for _, m := range baselines {
		r := t.at(cell{days, horizon, m})
		switch {
		case dominates(us, r):
			text += " Better than " + m + " in both."
		case dominates(r, us):
			text += " DOMINATED by " + m + "."
		}
	}
	return text
}

// list writes what was denied, the most frequent first.
func (r *result) list(w io.Writer) {
	slices.SortStableFunc(r.failures, func(a, b failure) int { return cmp.Compare(b.count, a.count) })
	fmt.Fprint(w, "\n| denied | action | in the window | on | to |\n|---:|---|---|---|---|\n")
	for _, f := range r.failures {
		known := "not used"
		if f.known {
			known = "used on others"
		}
		fmt.Fprintf(w, "| %d | %s | %s | %s | %s |\n", f.count, f.action, known, f.resource, f.arn)
	}
}
