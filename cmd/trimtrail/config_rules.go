package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/rules"
)

// ownRules are the user's rules in the shape of ours, for their documentation.
func ownRules(o *rules.Options) []rules.Rule {
	var out []rules.Rule
	for i := range o.Own {
		r := &o.Own[i]
		text := "Each " + string(r.For) + " where\n\n" + r.Expression
		if r.Fix != "" {
			text += "\n\n" + r.Fix
		}
		out = append(out, rules.Rule{ID: r.ID, Title: r.Title, Severity: r.Severity, Text: text, Needs: []string{}, Source: r.Place})
	}
	slices.SortStableFunc(out, func(a, b rules.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// rulesTestCmd is `trimtrail rules test FILE`.
func rulesTestCmd(io streams) *cobra.Command {
	format := "table"
	cmd := &cobra.Command{
		Use: "test [FILE]", Short: "Run the fixtures of the rules of your own", Args: cobra.MaximumNArgs(1),
		Long: `Runs the must_fire and must_stay_quiet fixtures beside each rule of a
configuration file (` + configName + `, or FILE). The exit code is 1 where one
does not do as it must, or where a rule lacks one of the two.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--format", format, "table", "json"); err != nil {
				return err
			}
			return testRules(io, fileOf(args), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "output format: table or json")
	return cmd
}

func testRules(io streams, name, format string) error {
	c, err := readConfig(name)
	if err != nil {
		return err
	}
	results := c.Test()
	if err := printResults(io, results, format); err != nil {
		return err
	}
	failed := 0
	for _, r := range results {
		if !r.Passed {
			failed++
		}
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %s did not do as they must", failed, number(len(results), "fixture"))
	case len(results) == 0:
		fmt.Fprintf(io.err, "trimtrail: %s has no rules of its own\n", name)
	}
	return nil
}

func printResults(io streams, results []config.Result, format string) error {
	if format == "json" {
		return writeJSON(io.out, struct {
			Schema  string          `json:"schema"`
			Results []config.Result `json:"results"`
		}{"trimtrail.rules-test/1", append([]config.Result{}, results...)})
	}
	for _, r := range results {
		word := "ok  "
		if !r.Passed {
			word = "FAIL"
		}
		if _, err := fmt.Fprintf(io.out, "%s  %s  %-18s  %s  %s\n", word, r.Rule, r.Case, r.Place, r.Text); err != nil {
			return err
		}
	}
	return nil
}
