package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// catalogFlags are those of the catalog command.
type catalogFlags struct{ format, reference string }

// catalogCmd is `trimtrail catalog [ACTION|SERVICE]`: what is known of AWS.
func catalogCmd(io streams) *cobra.Command {
	f := &catalogFlags{format: "table"}
	cmd := &cobra.Command{
		Use:   "catalog [ACTION|PATTERN|SERVICE]",
		Short: "What is known of AWS's services and actions, and which trails show their use",
		Long: `Without an argument: the date of the catalogue and what it is made from.
With a service (s3), its actions; with a pattern (s3:Get*, *:TagResource), the
actions that it matches in a policy; with an action (s3:GetObject), all that is known:
access level, resource types and their ARNs, condition keys, the operations that lead
to it, and which trails could have shown its use.`,
		Example: `  trimtrail catalog s3:GetObject
  trimtrail catalog 'kms:*Key' --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--format", f.format, "table", "json"); err != nil {
				return err
			}
			c, err := openCatalog(f.reference)
			if err != nil {
				return err
			}
			return showCatalog(io, c, f.format, strings.Join(args, ""))
		},
	}
	cmd.Flags().StringVar(&f.format, "format", f.format, "output format: table or json")
	registerReference(cmd, &f.reference)
	return cmd
}

// registerReference adds --service-reference.
func registerReference(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "service-reference", "", "directory of AWS's service reference files (JSON), newer than the catalogue")
}

// openCatalog is the embedded catalogue, with the service files of dir laid
// over it unless that is empty.
func openCatalog(dir string) (*catalog.Catalog, error) {
	if dir == "" {
		return catalog.Default(), nil
	}
	_, err := os.Stat(dir)
	if err == nil {
		var c *catalog.Catalog
		if c, err = catalog.WithServiceReference(os.DirFS(dir)); err == nil {
			return c, nil
		}
	}
	return nil, withHint(fmt.Errorf("--service-reference: %w", err), "it is a directory with one JSON file a service, as AWS's service reference has them")
}

// showCatalog answers one question to the catalogue.
func showCatalog(io streams, c *catalog.Catalog, format, asked string) error {
	if asked == "" {
		return showAbout(io, c, format)
	}
	if d, ok := c.Detail(asked); ok {
		return showAction(io, c, format, d)
	}
	names := c.Actions(asked)
	if names == nil {
		names = c.Expand(asked)
	}
	if len(names) == 0 {
		return unknownInCatalog(c, asked)
	}
	return showActions(io, c, format, names)
}

// unknownInCatalog says what may have been meant.
func unknownInCatalog(c *catalog.Catalog, asked string) error {
	err := fmt.Errorf("the catalogue of %s knows no %q", c.Date(), asked)
	prefix, name, isAction := strings.Cut(asked, ":")
	hint := "trimtrail catalog '*' lists every action"
	if isAction && c.Actions(prefix) != nil {
		hint = fmt.Sprintf("trimtrail catalog %s lists its actions", strings.ToLower(prefix))
		if near := nearest(c.Actions(prefix), strings.ToLower(prefix)+":"+name); near != "" {
			hint = "did you mean " + near + "?"
		}
	} else if near := nearest(c.Services(), strings.ToLower(prefix)); near != "" {
		hint = "did you mean " + near + "?"
	}
	return withHint(err, hint)
}

// nearest is the word of list that fewest edits make of s; empty where that
// takes more than a third of its letters.
func nearest(list []string, s string) string {
	best, found := len(s)/3+1, ""
	for _, w := range list {
		if n := edits(strings.ToLower(w), strings.ToLower(s)); n < best {
			best, found = n, w
		}
	}
	return found
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
