package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// iamCmd is `trimtrail iam`: the accounts' IAM state for the lake.
func iamCmd(io streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "iam",
		Short: "Load what IAM says of users, roles and policies",
		RunE:  subcommandOnly,
	}
	cmd.AddCommand(iamLoadCmd(io))
	return cmd
}

// iamLoad are the flags of `trimtrail iam load`.
type iamLoad struct {
	streams
	lake, format, takenAt string
}

func iamLoadCmd(io streams) *cobra.Command {
	o := &iamLoad{streams: io, format: "table"}
	cmd := &cobra.Command{
		Use:   "load FILE…",
		Short: "Load IAM state from authorization details and credential reports",
		Long: `Reads the IAM state of accounts and keeps it in the lake as one snapshot of
each account. A FILE is the output of

  aws iam get-account-authorization-details      users, roles, groups, policies
  aws iam get-credential-report                  passwords and access keys, as JSON or the CSV itself

of any account; a directory of such files; or - for standard input. Pages of
one answer belong in one call. The snapshot's time is the report's own where
it has one, else the file's; --taken-at says it where the file was copied.`,
		Example: `  aws iam get-account-authorization-details > details.json
  trimtrail iam load details.json report.csv --lake lake`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args) },
	}
	cmd.Flags().StringVar(&o.lake, "lake", "", "the lake, made where there is none")
	cmd.Flags().StringVar(&o.format, "format", o.format, "output format: table or json")
	cmd.Flags().StringVar(&o.takenAt, "taken-at", "", "when AWS was asked, as 2026-01-31 or 2026-01-31T12:00:00Z")
	return cmd
}

func (o *iamLoad) run(ctx context.Context, names []string) error {
	told, err := o.check()
	if err != nil {
		return err
	}
	files, err := readStateFiles(o.streams, names)
	if err != nil {
		return err
	}
	files.date(told)
	l, err := lake.Create(o.lake)
	if err != nil {
		return err
	}
	for _, s := range files.sorted() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := saveState(l, s); err != nil {
			return err
		}
	}
	for _, n := range files.notes {
		fmt.Fprintf(o.err, "trimtrail: warning: %s\n", n)
	}
	if err := o.print(files); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if files.leftOut > 0 {
		return exit(exitQuarantined)
	}
	return nil
}

// check holds the flags against their rules, before anything is read.
func (o *iamLoad) check() (told time.Time, err error) {
	switch {
	case o.lake == "":
		return told, usage(fmt.Errorf("--lake is missing"), "trimtrail iam load FILE… --lake lake")
	case o.format != "table" && o.format != "json":
		return told, usage(fmt.Errorf("unknown format %q", o.format), "--format table or --format json")
	case o.takenAt == "":
		return told, nil
	}
	for _, f := range []string{time.RFC3339, time.DateOnly} {
		if told, err = time.Parse(f, o.takenAt); err == nil {
			return told, nil
		}
	}
	return told, usage(fmt.Errorf("--taken-at %q is not a time", o.takenAt), "write 2026-01-31 or 2026-01-31T12:00:00Z")
}

// iamLoaded is the document of `iam load --format json`.
type iamLoaded struct {
	Schema   string       `json:"schema"`
	Accounts []iamAccount `json:"accounts"` // sorted by id
	Files    []iam.Loaded `json:"files"`    // in the order of the call
}

// iamAccount counts what was loaded of one account.
type iamAccount struct {
	AccountID  string    `json:"account_id"`
	TakenAt    time.Time `json:"taken_at"`
	Users      int       `json:"users"`
	Roles      int       `json:"roles"`
	Groups     int       `json:"groups"`
	Policies   int       `json:"policies"`
	Report     int       `json:"report"` // lines of the credential report
	HasDetails bool      `json:"has_details"`
	HasReport  bool      `json:"has_report"`
	Warnings   []string  `json:"warnings"`
}

func (o *iamLoad) print(f *stateFiles) error {
	doc := iamLoaded{Schema: "trimtrail.iam/1", Accounts: []iamAccount{}, Files: f.loaded}
	for _, s := range f.sorted() {
		doc.Accounts = append(doc.Accounts, iamAccount{
			s.AccountID, s.TakenAt, len(s.Users), len(s.Roles), len(s.Groups), len(s.Policies), len(s.Report),
			s.HasDetails, s.HasReport, append([]string{}, s.Warnings...),
		})
	}
	if o.format == "json" {
		enc := json.NewEncoder(o.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(doc)
	}
	return o.table(&doc)
}

func (o *iamLoad) table(doc *iamLoaded) error {
	w := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tTAKEN AT\tUSERS\tROLES\tGROUPS\tPOLICIES\tCREDENTIAL REPORT")
	for _, a := range doc.Accounts {
		report := "not loaded"
		if a.HasReport {
			report = fmt.Sprintf("%d lines", a.Report)
		}
		counts := fmt.Sprintf("%d\t%d\t%d\t%d", a.Users, a.Roles, a.Groups, a.Policies)
		if !a.HasDetails {
			counts = "-\t-\t-\t-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.AccountID, a.TakenAt.Format(time.RFC3339), counts, report)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, a := range doc.Accounts {
		warn(o.err, a)
	}
	return nil
}

// warn shows the first of an account's warnings; the JSON has them all.
func warn(w io.Writer, a iamAccount) {
	const most = 10
	for i, text := range a.Warnings {
		if i == most {
			fmt.Fprintf(w, "trimtrail: warning: %s: %d more, see --format json\n", a.AccountID, len(a.Warnings)-most)
			return
		}
		fmt.Fprintf(w, "trimtrail: warning: %s: %s\n", a.AccountID, text)
	}
}
