// Command ingest measures  trimtrail ingest  beside the programs that a person
// would compare it with, on one archive and one machine, in turn:  gzip -dc
// (the floor: to read the archive at all) and, where Python has it, DuckDB
// (gzipped JSON to Parquet). CPU time of another day or machine says little,
// their ratio does. It judges nothing.
//
//	go run ./internal/bench/gen --events 1000000 DIR
//	go build -o /tmp/trimtrail ./cmd/trimtrail
//	go run ./internal/bench/ingest --trimtrail /tmp/trimtrail DIR/archive
package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/trimtrail/trimtrail/internal/bench/program"
)

func main() { os.Exit(program.Main("ingest", run)) }

// run does the rounds and prints the table.
func run(args []string, stdout, stderr io.Writer) error {
	var b bench
	flags := pflag.NewFlagSet("ingest", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	rounds := flags.Int("rounds", 3, "how often each program runs; the median counts")
	flags.StringVar(&b.trimtrail, "trimtrail", "trimtrail", "the program to measure")
	flags.BoolVar(&b.noDuckDB, "no-duckdb", false, "leave DuckDB out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || *rounds < 1 {
		return errors.New("want one argument, the archive's folder, and a round at least")
	}
	b.archive = flags.Arg(0)
	if err := b.find(); err != nil {
		return err
	}
	for range *rounds {
		if err := b.round(); err != nil {
			return err
		}
	}
	b.print(stdout)
	return nil
}
