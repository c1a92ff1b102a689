package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/schedule"
	"github.com/trimtrail/trimtrail/rules"
)

// configName is the file that `config init` writes and `config check` reads
// where none is named.
const configName = "trimtrail.yaml"

// configFlags say by which configuration findings are judged.
type configFlags struct {
	file      string
	knownNets []string
	places    placeFlags
}

func (f *configFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", "", "a configuration file; trimtrail config init writes one")
	cmd.Flags().StringArrayVar(&f.knownNets, "known-net", nil, "a network of the organisation's own, as 203.0.113.0/24=office; may be repeated")
	f.places.register(cmd)
}

// options are those of the file, if one is named, and of the flags.
func (f *configFlags) options() (rules.Options, error) {
	var o rules.Options
	if f.file != "" {
		c, err := readConfig(f.file)
		if err != nil {
			return o, err
		}
		o = c.Options
		f.places.add(f.file, c)
	}
	for _, s := range f.knownNets {
		n, err := config.Network(s)
		if err != nil {
			return o, usage(fmt.Errorf("--known-net %w", err), "write 203.0.113.0/24=office")
		}
		o.Networks = append(o.Networks, n)
	}
	return o, nil
}

// readConfig reads and checks a configuration file.
func readConfig(name string) (*config.Config, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage(fmt.Errorf("no file %s", name), "write one with  trimtrail config init "+shellQuote(name))
	}
	if err != nil {
		return nil, err
	}
	c, err := config.Parse(name, data)
	if err != nil {
		return nil, usage(err, "trimtrail config init -  prints a file with every key")
	}
	return c, nil
}

func configCmd(io streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Write and check a configuration file", RunE: subcommandOnly,
		Long: `A configuration file sets thresholds, names the organisation's own networks
and owners, lets findings pass until a day, switches rules off, grades them
anew, and adds rules of your own. Give it to a command with --config FILE.`,
	}
	cmd.AddCommand(configInitCmd(io), configCheckCmd(io), configSchemaCmd(io))
	return cmd
}

func configInitCmd(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "init [FILE]", Short: "Write a configuration file with every key explained", Args: cobra.MaximumNArgs(1),
		Long: "Writes " + configName + ", or FILE; - is standard output. A file that is there is not touched.",
		RunE: func(_ *cobra.Command, args []string) error { return initConfig(io, fileOf(args)) },
	}
}

func configSchemaCmd(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of a configuration file, for editors", Args: cobra.NoArgs,
		Long: `Prints the JSON Schema of a configuration file. Editors that speak with the
YAML language server complete and check keys by it, where the file begins with

  # yaml-language-server: $schema=trimtrail.schema.json

config check finds more than a schema can.`,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.out.Write(config.Schema())
			return err
		},
	}
}

func fileOf(args []string) string {
	if len(args) == 0 {
		return configName
	}
	return args[0]
}

func initConfig(s streams, name string) error {
	if name == "-" {
		_, err := io.WriteString(s.out, config.Sample)
		return err
	}
	if _, err := os.Lstat(name); err == nil {
		return usage(fmt.Errorf("%s is there already", name), "trimtrail config init -  prints the sample")
	}
	if err := writeFile(name, []byte(config.Sample)); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "trimtrail: wrote %s; give it to a command with --config %s\n", name, shellQuote(name))
	return nil
}

func configCheckCmd(io streams) *cobra.Command {
	format := "table"
	cmd := &cobra.Command{
		Use: "check [FILE]", Short: "Check a configuration file", Args: cobra.MaximumNArgs(1),
		Long: "Checks " + configName + ", or FILE: every problem with its line, its column and what was probably meant.",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--format", format, "table", "json"); err != nil {
				return err
			}
			return checkConfig(io, fileOf(args), format, time.Now())
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "output format: table or json")
	return cmd
}

// checkedConfig is the document of `config check --format json`.
type checkedConfig struct {
	Schema   string            `json:"schema"`
	File     string            `json:"file"`
	Good     bool              `json:"good"`
	Problems []config.Problem  `json:"problems"`
	Expired  []rules.Exception `json:"expired"`
}

func checkConfig(io streams, name, format string, now time.Time) error {
	c, err := readConfig(name)
	var problems config.Problems
	if err != nil && (format != "json" || !errors.As(err, &problems)) {
		return err
	}
	if format == "json" {
		doc := checkedConfig{"trimtrail.config-check/1", name, err == nil, append([]config.Problem{}, problems...), []rules.Exception{}}
		if c != nil {
			doc.Expired = append(doc.Expired, expired(&c.Options, now)...)
		}
		return errors.Join(writeJSON(io.out, doc), exitWhere(err != nil, exitUsage))
	}
	return tellConfig(io, name, c, now)
}

// exitWhere is an exit code that says nothing more, or nil.
func exitWhere(cond bool, code int) error {
	if !cond {
		return nil
	}
	return exit(code)
}

// expired are the exceptions whose last day is over now.
func expired(o *rules.Options, now time.Time) []rules.Exception {
	var out []rules.Exception
	for _, e := range o.Exceptions {
		if !now.Before(e.Expires.AddDate(0, 0, 1)) {
			out = append(out, e)
		}
	}
	return out
}

func tellConfig(io streams, name string, c *config.Config, now time.Time) error {
	o, r := &c.Options, &c.Run
	fmt.Fprintf(io.out, "%s: good: %s\n", name, strings.Join([]string{
		number(len(o.Networks), "known network"), number(len(o.Owners), "owner"), number(len(o.Exceptions), "exception"),
		number(len(o.Disabled), "rule") + " switched off", number(len(o.Severities), "severity", "severities"), number(len(o.Own), "own rule")}, ", "))
	if r.Lake != "" {
		fmt.Fprintf(io.out, "run: %s into %s, %s, %s, %s\n", number(len(r.Sources), "source"), r.Lake, number(len(r.Reports.Files), "report"),
			number(len(r.Deliveries), "delivery", "deliveries"), whenOf(r.Schedule.Plan, now))
	}
	for _, e := range expired(o, now) {
		fmt.Fprintf(io.out, "%s expired on %s\n", &e, e.Expires.Format(time.DateOnly))
	}
	return nil
}

// whenOf says when a run comes by itself.
func whenOf(p *schedule.Plan, now time.Time) string {
	if p == nil {
		return "no schedule"
	}
	return "schedule " + p.String() + ", next " + p.Next(now).In(p.Location()).Format("2006-01-02 15:04 MST")
}

// number is a count with its noun; the plural is given where it is irregular.
func number(n int, noun string, plural ...string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case len(plural) > 0:
		return fmt.Sprintf("%d %s", n, plural[0])
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// tellAccepted says how many findings exceptions let pass: they are in the JSON.
func tellAccepted(io streams, f *rules.Findings) {
	if n := len(f.Accepted); n > 0 {
		fmt.Fprintf(io.err, "trimtrail: %s let pass by exceptions of the configuration; --format json has them\n", number(n, "finding"))
	}
}

// withAccepted are all findings; those that an exception lets pass say so.
func withAccepted(f *rules.Findings) []rules.Finding {
	all := f.Findings[:len(f.Findings):len(f.Findings)]
	for _, a := range f.Accepted {
		x := a.Finding
		x.Reason += fmt.Sprintf(" Accepted until %s (%s): %s.", a.Exception.Expires.Format(time.DateOnly), a.Exception.Place, strings.TrimSuffix(a.Exception.Reason, "."))
		all = append(all, x)
	}
	return all
}
