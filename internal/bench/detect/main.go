// Command detect measures how right the findings are: it generates
// organisations with planted cases (package orgsim), by several seeds and for
// two casts, analyses each, and prints precision and recall by family.
//
//	go run ./internal/bench/detect --seeds 20
//
// The hold-out cast was written before anything was measured on it; rules are
// tuned on the default cast alone.
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/trimtrail/trimtrail/internal/bench/orgs"
	"github.com/trimtrail/trimtrail/internal/bench/program"
	"github.com/trimtrail/trimtrail/internal/orgsim"
)

func main() { os.Exit(program.Main("detect", run)) }

// options are the flags.
type options struct {
	seeds, events, days int
	first               uint64
	verbose             bool
	casts               []string
}

func run(args []string, stdout, stderr io.Writer) error {
	o := options{}
	flags := pflag.NewFlagSet("detect", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.seeds, "seeds", 20, "number of organisations of each cast")
	flags.Uint64Var(&o.first, "first", 1, "the first seed")
	flags.IntVar(&o.events, "events", 30_000, "distinct events, about")
	flags.IntVar(&o.days, "days", 90, "days of logs")
	flags.BoolVar(&o.verbose, "verbose", false, "list what was missed and what was false")
	flags.StringSliceVar(&o.casts, "cast", []string{"default", "holdout"}, "default, holdout, second, third, fourth, fifth")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, name := range o.casts {
		cast := casts[name]
		if cast == nil {
			return fmt.Errorf("cast %q: want %s", name, strings.Join(slices.Sorted(maps.Keys(casts)), " or "))
		}
		total, err := measure(o, cast, stderr)
		if err != nil {
			return err
		}
		total.print(stdout, name, o)
	}
	return nil
}

// casts are all casts by name.
var casts = castsByName()

func castsByName() map[string]func() []orgsim.Persona {
	out := map[string]func() []orgsim.Persona{}
	for _, c := range orgs.Casts() {
		out[c.Name] = c.Personas
	}
	return out
}

// measure judges one organisation a seed and adds them up.
func measure(o options, cast func() []orgsim.Persona, progress io.Writer) (judged, error) {
	total := judged{families: map[string]score{}}
	for seed := o.first; seed < o.first+uint64(o.seeds); seed++ {
		j, err := one(o, seed, cast())
		if err != nil {
			return total, err
		}
		total.add(j)
		fmt.Fprintf(progress, "seed %d: %d findings\n", seed, j.findings)
	}
	return total, nil
}

func one(o options, seed uint64, cast []orgsim.Persona) (judged, error) {
	dir, err := os.MkdirTemp("", "detect")
	if err != nil {
		return judged{}, err
	}
	defer os.RemoveAll(dir)
	cfg := orgsim.Default()
	cfg.Seed, cfg.Events, cfg.Days, cfg.Objects, cfg.Personas = seed, o.events, o.days, 2, cast
	org, m, err := generated(dir, cfg)
	if err != nil {
		return judged{}, err
	}
	return judge(org, m.findings()), nil
}

func (j *judged) add(o judged) {
	for name, s := range o.families {
		j.families[name] = plus(j.families[name], s)
	}
	j.actorDays, j.findings, j.loud = j.actorDays+o.actorDays, j.findings+o.findings, j.loud+o.loud
}

// alarms are the false findings on networks a day and 100 actors.
func (j *judged) alarms() float64 { return float64(j.families[networks].false) / j.actorDays * 100 }

func (j *judged) print(w io.Writer, cast string, o options) {
	fmt.Fprintf(w, "\n%s cast, %d organisations of %d days, %d events each\n\n", cast, o.seeds, o.days, o.events)
	fmt.Fprintf(w, "| family | planted | found | missed | false | precision | recall |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, name := range slices.Sorted(maps.Keys(j.families)) {
		s := j.families[name]
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %.3f | %.3f |\n", name, s.found+s.missed, s.found, s.missed, s.false, s.precision(), s.recall())
	}
	n := float64(o.seeds)
	fmt.Fprintf(w, "\nfalse findings on networks a day and 100 actors: %.4f\nfindings of an organisation: %.1f, of them high or critical %.1f\n", j.alarms(), float64(j.findings)/n, float64(j.loud)/n)
	if o.verbose {
		for _, name := range slices.Sorted(maps.Keys(j.families)) {
			for _, note := range j.families[name].notes {
				fmt.Fprintf(w, "%s: %s\n", name, note)
			}
		}
	}
}
