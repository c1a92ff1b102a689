package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/iam/pull"
)

// iamCmd is `trimtrail iam`: the accounts' IAM state for the lake.
func iamCmd(io streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "iam",
		Short: "Take in what IAM says of users, roles and policies",
		RunE:  subcommandOnly,
	}
	cmd.AddCommand(iamPullCmd(io), iamLoadCmd(io))
	return cmd
}

// iamLoad are the flags of `trimtrail iam load`.
type iamLoad struct {
	streams
	lake, format, takenAt, account string
}

func iamLoadCmd(io streams) *cobra.Command {
	o := &iamLoad{streams: io, format: "table"}
	cmd := &cobra.Command{
		Use:   "load FILE…",
		Short: "Load IAM state from the files of AWS's commands",
		Long: `Reads the IAM state of accounts and keeps it in the lake as one snapshot of
each account. A FILE is the output of

  aws iam get-account-authorization-details      users, roles, groups, policies
  aws iam get-credential-report                  passwords and access keys, as JSON or the CSV itself
  aws iam get-account-summary, get-account-password-policy, list-virtual-mfa-devices, list-access-keys
  aws iam get-service-last-accessed-details      with or without actions
  aws cloudtrail describe-trails, get-event-selectors, get-trail-status
  aws organizations describe-organization, list-roots, list-organizational-units-for-parent,
    list-accounts, list-accounts-for-parent, list-parents, list-children, describe-policy,
    list-policies-for-target, list-targets-for-policy
  aws sso-admin describe-permission-set, list-account-assignments and those about its policies

of any account; a directory of such files; or - for standard input. Pages of
one answer belong in one call. The snapshot's time is the report's own where
it has one, else the file's; --taken-at says it where the file was copied.

Some answers do not name the account: they are of the one account that the
other files of the call name (aws sts get-caller-identity does), or of
--account. Some do not repeat whom they were asked for: put its id into the
file's name, as in list-policies-for-target-ou-ab12-cdefgh34.json.`,
		Example: `  aws iam get-account-authorization-details > details.json
  trimtrail iam load details.json report.csv --lake lake`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args) },
	}
	cmd.Flags().StringVar(&o.lake, "lake", "", "the lake, made where there is none")
	cmd.Flags().StringVar(&o.format, "format", o.format, "output format: table or json")
	cmd.Flags().StringVar(&o.account, "account", "", "the account of files that name none")
	cmd.Flags().StringVar(&o.takenAt, "taken-at", "", "when AWS was asked, as 2026-01-31 or 2026-01-31T12:00:00Z")
	return cmd
}

func (o *iamLoad) run(ctx context.Context, names []string) error {
	told, err := o.check()
	if err != nil {
		return err
	}
	files, err := o.take(ctx, names, told)
	if err != nil {
		return err
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

// take reads the files and keeps what they say in the lake.
func (o *iamLoad) take(ctx context.Context, names []string, told time.Time) (*stateFiles, error) {
	files, err := readStateFilesOf(o.streams, names, o.account)
	if err != nil {
		return nil, err
	}
	files.date(told)
	l, err := newLakeAt(ctx, o.lake)
	if err != nil {
		return nil, err
	}
	for _, s := range files.sorted() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := saveState(l, s); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// check holds the flags against their rules, before anything is read.
func (o *iamLoad) check() (told time.Time, err error) {
	switch {
	case o.lake == "":
		return told, usage(fmt.Errorf("--lake is missing"), "trimtrail iam load FILE… --lake lake")
	case o.format != "table" && o.format != "json":
		return told, usage(fmt.Errorf("unknown format %q", o.format), "--format table or --format json")
	case o.account != "" && !accountForm.MatchString(o.account):
		return told, usage(fmt.Errorf("--account %q is none", o.account), "write it as 111122223333, twelve digits")
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

// iamLoaded is the document of `iam load` and `iam pull` with --format json.
type iamLoaded struct {
	Schema   string         `json:"schema"`
	Accounts []iamAccount   `json:"accounts"` // sorted by id
	Files    []iam.Loaded   `json:"files"`    // of load, in the order of the call
	Missing  []pull.Missing `json:"missing"`  // of pull, sorted by account
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
	Parts      []string  `json:"parts"` // what the snapshot has, as details and report
	Warnings   []string  `json:"warnings"`
}

func (o *iamLoad) print(f *stateFiles) error {
	return iamLoaded{Files: f.loaded}.print(o.streams, o.format, f.sorted())
}

// print completes the document with the states and writes it.
func (doc iamLoaded) print(to streams, format string, states []*iam.State) error {
	doc.Schema, doc.Accounts = "trimtrail.iam/1", []iamAccount{}
	doc.Files, doc.Missing = append([]iam.Loaded{}, doc.Files...), append([]pull.Missing{}, doc.Missing...)
	for _, s := range states {
		doc.Accounts = append(doc.Accounts, iamAccount{
			s.AccountID, s.TakenAt, len(s.Users), len(s.Roles), len(s.Groups), len(s.Policies), len(s.Report),
			s.HasDetails, s.HasReport, s.Parts(), append([]string{}, s.Warnings...),
		})
	}
	if format == "json" {
		enc := json.NewEncoder(to.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(doc)
	}
	return doc.table(to)
}

func (doc *iamLoaded) table(to streams) error {
	w := tabwriter.NewWriter(to.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tTAKEN AT\tUSERS\tROLES\tGROUPS\tPOLICIES\tCREDENTIAL REPORT\tALSO")
	for _, a := range doc.Accounts {
		report := "not loaded"
		if a.HasReport {
			report = fmt.Sprintf("%d lines", a.Report)
		}
		counts := fmt.Sprintf("%d\t%d\t%d\t%d", a.Users, a.Roles, a.Groups, a.Policies)
		if !a.HasDetails {
			counts = "-\t-\t-\t-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.AccountID, a.TakenAt.Format(time.RFC3339), counts, report, a.also())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, a := range doc.Accounts {
		warn(to.err, a)
	}
	return nil
}

// also names the parts beside details and report.
func (a *iamAccount) also() string {
	var out []string
	for _, p := range a.Parts {
		if p != "details" && p != "report" {
			out = append(out, strings.ReplaceAll(p, "_", " "))
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
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
