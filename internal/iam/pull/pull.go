// Package pull asks AWS for the IAM state of accounts: read-only calls, page
// by page, with retries that slow down where AWS asks for it. What a missing
// permission keeps back is named, and the rest counts.
//
// A configuration of the SDK and a time come in, states go out. Answers become states
// through iam.Load, as files of the AWS CLI do; nothing is written.
//
//	cfg, err := pull.Open(ctx, pull.Options{Profile: "audit"})
//	result, err := pull.Run(ctx, cfg, pull.Options{}, time.Now())
package pull

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/par"
)

// Options say what to ask, and how. The zero value asks the account of the
// credentials for the default parts.
type Options struct {
	Profile     string // of the AWS configuration files
	Region      string // where to begin to look for trails; us-east-1 where nothing names one
	EndpointURL string // another server that speaks for all services

	// Parts to ask for, by the names of iam.AllParts; nil: the default ones.
	Parts []string
	// IdentityCenterRegion is where Identity Center's instance is; Region where empty.
	IdentityCenterRegion string
	// ActionLevel asks last-accessed details for actions too, where IAM tracks them.
	ActionLevel bool

	// RoleARN is the role to assume in each account, with {account} for the
	// account's id and {partition} for the caller's; empty: the credentials' own account alone.
	RoleARN    string
	ExternalID string
	// Accounts to ask through the role; nil: all active ones of the organisation.
	Accounts []string
	Workers  int // accounts at once, 4 by default

	// Pause is between two looks at a report in the making, 2 s by default;
	// Patience is how long to wait for it, 5 minutes by default.
	Pause, Patience time.Duration
	MaxBackoff      time.Duration // between retries, 20 s by default
	// Progress, where set, is told what is asked of which account. It is called by several goroutines.
	Progress func(account, part string)
}

// DefaultParts are what Run asks for where Options name nothing.
func DefaultParts() []string {
	return []string{"details", "organization", "password_policy", "report", "summary", "trails", "virtual_mfa"}
}

func (o Options) wants(part string) bool {
	if o.Parts == nil {
		return slices.Contains(DefaultParts(), part)
	}
	return slices.Contains(o.Parts, part)
}

// Result is what AWS gave.
type Result struct {
	States iam.States
	// Asked are the accounts that answered anything, sorted.
	Asked []string
	// Missing is what could not be had, by account, then part.
	Missing []Missing
}

// Missing is one answer that could not be had.
type Missing struct {
	AccountID string `json:"account_id"`
	Part      string `json:"part"`   // as in iam.AllParts; empty: the account as a whole
	Action    string `json:"action"` // the IAM action, as iam:GetAccountSummary
	Denied    bool   `json:"denied"` // AWS refused it; the permission is missing
	Reason    string `json:"reason"`
}

// String is one sentence that says what is missing, and which action gives it.
func (m Missing) String() string {
	what := "account " + m.AccountID
	if m.Part != "" {
		what += ": " + strings.ReplaceAll(m.Part, "_", " ")
	}
	if m.Denied {
		return fmt.Sprintf("%s is missing: %s is not allowed (%s)", what, m.Action, m.Reason)
	}
	return fmt.Sprintf("%s is missing: %s: %s", what, m.Action, m.Reason)
}

// Run asks for the state of one account, or of each account that the role can
// be assumed in. now is the time that the states carry. The error is for a run
// that cannot begin, or was interrupted; Result holds what there is.
func Run(ctx context.Context, cfg aws.Config, o Options, now time.Time) (*Result, error) {
	home := newSession(cfg, o)
	if err := home.identify(ctx); err != nil {
		return nil, err
	}
	r := &Result{States: iam.States{}}
	if o.RoleARN == "" {
		err := r.take(home.run(ctx, o, now))
		return r.finish(), err
	}
	accounts, err := home.accounts(ctx, o, r, now)
	if err != nil {
		return r.finish(), err
	}
	o.Parts = without(o, central)
	work := func(ctx context.Context, account string) (answers, error) {
		return home.as(account, o).run(ctx, o, now), nil
	}
	err = par.Ordered(ctx, cmp.Or(o.Workers, 4), slices.Values(accounts), work, r.take)
	return r.finish(), err
}

// central are the parts of the organisation as a whole, asked for once, by the caller itself.
var central = []string{"organization", "permission_sets"}

// without are the parts to ask for but some.
func without(o Options, parts []string) []string {
	out := []string{}
	for _, p := range iam.AllParts() {
		if !slices.Contains(parts, p) && o.wants(p) {
			out = append(out, p)
		}
	}
	return out
}

// take joins one account's answers.
func (r *Result) take(a answers) error {
	for _, s := range a.states {
		if r.States[s.AccountID] == nil {
			r.States[s.AccountID] = s
		} else {
			r.States[s.AccountID].MergeFrom(s)
		}
	}
	if len(a.states) > 0 {
		r.Asked = append(r.Asked, a.account)
	}
	r.Missing = append(r.Missing, a.missing...)
	return a.err
}

func (r *Result) finish() *Result {
	slices.Sort(r.Asked)
	r.Asked = slices.Compact(r.Asked)
	slices.SortStableFunc(r.Missing, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Part, b.Part))
	})
	return r
}
