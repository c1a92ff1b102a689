package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/iam/pull"
)

// iamPull are the flags of `trimtrail iam pull`.
type iamPull struct {
	streams
	lake, format          string
	orgRole, lastAccessed string
	accessKeys            bool
	permissionSets        bool
	parts                 []string
	pull                  pull.Options
}

func iamPullCmd(io streams) *cobra.Command {
	o := &iamPull{streams: io}
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "Ask AWS for the IAM state of one account, or of an organisation",
		Long: `Asks AWS for the IAM state of an account with calls that read only, and keeps
it in the lake as one snapshot: users, roles, groups and policies, the
credential report, account summary, password policy, virtual MFA devices,
trails, and, from the management account or a delegated administrator, the
organisation with its SCPs and RCPs, and with --permission-sets those of IAM
Identity Center.

With --org-role a role of that name is assumed in each active account of the
organisation; --role-arn-pattern says its whole ARN, with {account} for the
account's id, and --account names the accounts where there is no organisation to ask.

Calls that AWS throttles are made again, more slowly. What is not allowed is
named, the rest is kept, and the exit status is 4 then. docs/permissions.md
has the policy that is needed.`,
		Example: `  trimtrail iam pull --lake lake --profile audit
  trimtrail iam pull --lake lake --org-role trimtrail
  trimtrail iam pull --lake lake --last-accessed action`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.register(cmd)
	return cmd
}

func (o *iamPull) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.lake, "lake", "", "the lake, made where there is none")
	f.StringVar(&o.format, "format", "table", "output format: table or json")
	f.StringVar(&o.pull.Profile, "profile", "", "AWS profile, as in the AWS CLI")
	f.StringVar(&o.pull.Region, "region", "", "AWS region, as in the AWS CLI; trails of others are found all the same")
	f.StringVar(&o.pull.EndpointURL, "endpoint-url", "", "another server that speaks for AWS")
	f.StringVar(&o.orgRole, "org-role", "", "name, with its path, of the role to assume in each account")
	f.StringVar(&o.pull.RoleARN, "role-arn-pattern", "", "ARN of that role, as arn:aws:iam::{account}:role/audit")
	f.StringVar(&o.pull.ExternalID, "external-id", "", "external id that the role asks for")
	f.StringSliceVar(&o.pull.Accounts, "account", nil, "ask this account through the role (may be repeated; default: the organisation's)")
	f.StringSliceVar(&o.parts, "parts", nil, "ask for these only: "+strings.Join(pull.DefaultParts(), ", "))
	f.StringVar(&o.lastAccessed, "last-accessed", "", "ask for each principal's last-accessed details too: service or action")
	f.BoolVar(&o.accessKeys, "access-keys", false, "ask for the ids of access keys too, one call a user")
	f.BoolVar(&o.permissionSets, "permission-sets", false, "ask IAM Identity Center for its permission sets and assignments too")
	f.StringVar(&o.pull.IdentityCenterRegion, "identity-center-region", "", "region of the Identity Center instance, where it is another")
	f.IntVar(&o.pull.Workers, "workers", 4, "accounts asked at once")
}

// check holds the flags against their rules, before anything is asked.
func (o *iamPull) check() error {
	if o.lake == "" {
		return usage(errors.New("--lake is missing"), "trimtrail iam pull --lake lake")
	}
	if err := oneOf("--format", o.format, "table", "json"); err != nil {
		return err
	}
	switch {
	case o.pull.EndpointURL != "" && !urlForm.MatchString(o.pull.EndpointURL):
		return usage(fmt.Errorf("--endpoint-url %q is no URL", o.pull.EndpointURL), "write it as https://host:port")
	case o.pull.Region != "" && !regionForm.MatchString(o.pull.Region):
		return usage(fmt.Errorf("--region %q is none", o.pull.Region), "write it as eu-west-1")
	case o.pull.IdentityCenterRegion != "" && !regionForm.MatchString(o.pull.IdentityCenterRegion):
		return usage(fmt.Errorf("--identity-center-region %q is none", o.pull.IdentityCenterRegion), "write it as eu-west-1")
	case o.pull.IdentityCenterRegion != "" && !o.permissionSets:
		return usage(errors.New("--identity-center-region says where permission sets are"), "add --permission-sets")
	case o.pull.Workers < 1 || o.pull.Workers > 64:
		return usage(fmt.Errorf("--workers %d is not between 1 and 64", o.pull.Workers), "leave it out for 4")
	case !slices.Contains([]string{"", "service", "action"}, o.lastAccessed):
		return usage(fmt.Errorf("--last-accessed %q is not known", o.lastAccessed), "--last-accessed service or --last-accessed action")
	}
	return cmp.Or(o.checkRole(), o.checkParts())
}

func (o *iamPull) checkRole() error {
	switch {
	case o.orgRole != "" && o.pull.RoleARN != "":
		return usage(errors.New("--org-role and --role-arn-pattern say the same"), "give one of them")
	case o.orgRole != "":
		o.pull.RoleARN = "arn:{partition}:iam::{account}:role/" + strings.TrimPrefix(o.orgRole, "/")
	case o.pull.RoleARN == "" && (o.pull.Accounts != nil || o.pull.ExternalID != ""):
		return usage(errors.New("--account and --external-id need a role to assume"), "name it with  --org-role NAME")
	case o.pull.RoleARN != "" && !strings.Contains(o.pull.RoleARN, "{account}"):
		return usage(fmt.Errorf("--role-arn-pattern %q has no {account}", o.pull.RoleARN), "write it as arn:aws:iam::{account}:role/audit")
	}
	for _, a := range o.pull.Accounts {
		if !accountForm.MatchString(a) {
			return usage(fmt.Errorf("--account %q is none", a), "write it as 111122223333, twelve digits")
		}
	}
	return nil
}

func (o *iamPull) checkParts() error {
	for _, p := range o.parts {
		if !slices.Contains(pull.DefaultParts(), p) {
			return usage(fmt.Errorf("--parts %q is not known", p), "there are "+strings.Join(pull.DefaultParts(), ", "))
		}
	}
	o.pull.Parts = append([]string{}, o.parts...)
	if len(o.parts) == 0 {
		o.pull.Parts = pull.DefaultParts()
	}
	needs := o.accessKeys || o.lastAccessed != ""
	if needs && !slices.Contains(o.pull.Parts, "details") {
		return usage(errors.New("--last-accessed and --access-keys need the details"), "add details to --parts")
	}
	if o.accessKeys {
		o.pull.Parts = append(o.pull.Parts, "access_keys")
	}
	if o.permissionSets {
		o.pull.Parts = append(o.pull.Parts, "permission_sets")
	}
	if o.lastAccessed != "" {
		o.pull.Parts, o.pull.ActionLevel = append(o.pull.Parts, "last_accessed"), o.lastAccessed == "action"
	}
	return nil
}

func (o *iamPull) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	r, states, err := o.take(ctx)
	if err != nil {
		return err
	}
	return o.finish(r, states)
}

// take asks, and keeps what it gets in the lake.
func (o *iamPull) take(ctx context.Context) (*pull.Result, []*iam.State, error) {
	cfg, err := pull.Open(ctx, o.pull)
	if err != nil {
		return nil, nil, o.hinted(err)
	}
	l, err := newLakeAt(ctx, o.lake)
	if err != nil {
		return nil, nil, err
	}
	show, clear := o.progress()
	o.pull.Progress = show
	r, err := pull.Run(ctx, cfg, o.pull, time.Now())
	clear()
	if r == nil {
		return nil, nil, o.hinted(err)
	}
	states := sortedStates(r.States)
	for _, s := range states {
		if serr := saveState(l, s); serr != nil {
			return nil, nil, serr
		}
	}
	if err != nil {
		return nil, nil, o.hinted(err)
	}
	if len(states) == 0 && len(r.Missing) > 0 {
		return nil, nil, withHint(errors.New(r.Missing[0].String()), "nothing was kept; docs/permissions.md has the policy that is needed")
	}
	return r, states, nil
}

// progress is a line on a terminal that tells what is being asked, and what
// takes the line away.
func (o *iamPull) progress() (show func(account, part string), clear func()) {
	if !terminal(o.err) {
		return nil, func() {}
	}
	var mu sync.Mutex
	asked := map[string]bool{}
	show = func(account, part string) {
		mu.Lock()
		defer mu.Unlock()
		asked[account] = true
		fmt.Fprintf(o.err, "\r\033[K%s: %s   (%s)", account, strings.ReplaceAll(part, "_", " "), plural(len(asked), "account"))
	}
	return show, func() { fmt.Fprint(o.err, "\r\033[K") }
}

// finish prints what was had and what was not.
func (o *iamPull) finish(r *pull.Result, states []*iam.State) error {
	if err := (iamLoaded{Missing: r.Missing}).print(o.streams, o.format, states); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if len(r.Missing) == 0 {
		return nil
	}
	for _, m := range r.Missing {
		if m.Part == "" { // the others are warnings of their accounts
			fmt.Fprintf(o.err, "trimtrail: warning: %s\n", m)
		}
	}
	return &exitError{code: exitQuarantined, hint: o.allow(r.Missing)}
}

// allow names the actions that were refused.
func (o *iamPull) allow(missing []pull.Missing) string {
	var actions []string
	for _, m := range missing {
		if m.Denied && !slices.Contains(actions, m.Action) {
			actions = append(actions, m.Action)
		}
	}
	if len(actions) == 0 {
		return "run it again later: what is there stays"
	}
	slices.Sort(actions)
	return "allow " + strings.Join(actions, ", ") + "; docs/permissions.md has the whole policy"
}

// hinted adds to an error of a run that cannot begin what to try.
func (o *iamPull) hinted(err error) error {
	aws := func(command string) string {
		if o.pull.Profile != "" {
			command += " --profile " + o.pull.Profile
		}
		return command
	}
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, pull.ErrNoCredentials):
		return withHint(err, "name a profile with --profile or AWS_PROFILE, or log in; check with  "+aws("aws sts get-caller-identity"))
	case errors.Is(err, pull.ErrNoOrganization):
		return withHint(err, "name accounts with  --account 111122223333")
	case errors.Is(err, pull.ErrNoProfile):
		return withHint(err, "see which there are with  aws configure list-profiles")
	}
	return withHint(err, "check the credentials with  "+aws("aws sts get-caller-identity")+", the network and --endpoint-url")
}
