// Command gen writes the archive and the IAM state of a made-up organisation
// into a folder, and prints what it made, the planted truth included, as JSON.
// It is package orgsim with flags: benchmarks and people use it; it judges
// nothing.
//
//	go run ./internal/bench/gen --events 1000000 /tmp/org
package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/trimtrail/trimtrail/internal/bench/program"
	"github.com/trimtrail/trimtrail/internal/orgsim"
)

func main() { os.Exit(program.Main("gen", run)) }

func run(args []string, stdout, stderr io.Writer) error {
	cfg := orgsim.Default()
	flags := pflag.NewFlagSet("gen", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "of everything that is random")
	flags.IntVar(&cfg.Accounts, "accounts", cfg.Accounts, "number of accounts")
	flags.IntVar(&cfg.Days, "days", cfg.Days, "number of days")
	flags.IntVar(&cfg.Events, "events", cfg.Events, "distinct events, about")
	flags.IntVar(&cfg.Objects, "objects", cfg.Objects, "objects of an account and day in the busiest region, a divisor of 24")
	flags.BoolVar(&cfg.OrgTrail, "org-trail", cfg.OrgTrail, "put the organisation's id into the object keys")
	flags.IntVar(&cfg.Broken, "broken", cfg.Broken, "objects cut short")
	flags.IntVar(&cfg.Workers, "workers", cfg.Workers, "goroutines; 0: one a processor")
	truth := flags.Bool("truth", true, "print the planted truth too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("want one argument, the folder to write to")
	}
	org, err := orgsim.Generate(flags.Arg(0), cfg)
	if err != nil {
		return err
	}
	if !*truth {
		org.Truth = orgsim.Truth{}
	}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	return out.Encode(org)
}
