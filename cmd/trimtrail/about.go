package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/rules"
)

// release is the version of a release build; the linker sets it (-X main.release=v0.1.0).
var release string

// version is that of the release, or else the module's as Go recorded it in the binary.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "devel"
	}
	return strings.Trim(info.Main.Version, "()")
}

func versionCmd(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version, and the date of the IAM catalogue", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(io.out, "trimtrail %s, catalogue of %s\n", version(), catalog.Default().Date())
			return err
		},
	}
}

// rulesCmd is `trimtrail rules [ID]`: the rules and their documentation.
func rulesCmd(io streams) *cobra.Command {
	format := "table"
	var config configFlags
	cmd := &cobra.Command{
		Use: "rules [ID]", Short: "The rules, and the documentation of one", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--format", format, "table", "json"); err != nil {
				return err
			}
			return runRules(io, &config, format, args)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "output format: table or json")
	cmd.Flags().StringVar(&config.file, "config", "", "a configuration file, for the rules in it")
	cmd.AddCommand(rulesTestCmd(io))
	return cmd
}

func runRules(io streams, config *configFlags, format string, ids []string) error {
	o, err := config.options()
	if err != nil {
		return err
	}
	list := append(rules.Rules(), ownRules(&o)...)
	if len(ids) == 1 {
		r, err := ruleByID(list, ids[0])
		if err != nil {
			return err
		}
		list = []rules.Rule{r}
	}
	switch {
	case format == "json":
		return writeJSON(io.out, struct {
			Schema string       `json:"schema"`
			Rules  []rules.Rule `json:"rules"`
		}{"trimtrail.rules/1", list})
	case len(ids) == 1:
		return printRule(io, list[0])
	}
	for _, r := range list {
		fmt.Fprintf(io.out, "%-8s %-9s %s\n", r.ID, r.Severity, r.Title)
	}
	return nil
}

func ruleByID(list []rules.Rule, id string) (rules.Rule, error) {
	for _, r := range list {
		if strings.EqualFold(r.ID, id) {
			return r, nil
		}
	}
	return rules.Rule{}, usage(fmt.Errorf("no rule %q", id), "trimtrail rules lists them")
}

func printRule(io streams, r rules.Rule) error {
	fmt.Fprintf(io.out, "%s  %s\n\n", r.ID, r.Title)
	for _, l := range [][2]string{{"Severity", string(r.Severity)}, {"Needs", strings.Join(r.Needs, "; ")}, {"Controls", strings.Join(r.Controls, "; ")}, {"Since", r.Since}, {"Source", r.Source}} {
		if l[1] != "" {
			fmt.Fprintf(io.out, "%-8s  %s\n", l[0], l[1])
		}
	}
	_, err := fmt.Fprintf(io.out, "\n%s\n", strings.TrimSpace(r.Text))
	return err
}
