package pull

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// answers are what one account gave.
type answers struct {
	account string
	states  []*iam.State
	missing []Missing
	err     error // interrupted
}

// part is one part of a state and how it is asked for. An error loses the
// part; documents.miss notes what of it could not be had.
type part struct {
	name string
	ask  func(context.Context, *documents) error
}

// documents collects the answers about one part, as JSON of the AWS CLI.
type documents struct {
	account string // whose answers they are
	list    [][]byte
	missed  []error
}

// add keeps an answer of the SDK, with members that AWS does not repeat: whose
// it is, and, as name and value, whom it was asked for.
func (d *documents) add(answer any, extra ...string) error {
	data, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	extra = append(extra, "AccountId", d.account)
	for i := 0; i+1 < len(extra); i += 2 {
		m[extra[i]], _ = json.Marshal(extra[i+1]) // a string always can be
	}
	if data, err = json.Marshal(m); err != nil {
		return err
	}
	d.list = append(d.list, data)
	return nil
}

// miss notes an answer that is not there; the part stands without it. An
// interruption is returned, to end the part.
func (d *documents) miss(err error) error {
	if c := (*callError)(nil); !errors.As(err, &c) {
		return err
	}
	d.missed = append(d.missed, err)
	return nil
}

// parts in the order of asking: the report last, since AWS needs time to make it.
func (s *session) parts(o Options, states iam.States) []part {
	own := states[s.account]
	return []part{
		{"details", s.details},
		{"summary", s.summary},
		{"password_policy", s.passwordPolicy},
		{"virtual_mfa", s.virtualMFA},
		{"access_keys", func(ctx context.Context, d *documents) error { return s.accessKeys(ctx, d, own) }},
		{"last_accessed", func(ctx context.Context, d *documents) error { return s.lastAccessed(ctx, d, own, o.ActionLevel) }},
		{"trails", s.askTrails},
		{"organization", s.organization},
		{"permission_sets", s.permissionSets},
		{"report", s.report},
	}
}

// run asks one account for all parts; a part that fails is missing, and the
// others are asked all the same.
func (s *session) run(ctx context.Context, o Options, now time.Time) answers {
	a := answers{account: s.account}
	states := iam.States{s.account: {AccountID: s.account}}
	if _, err := s.cfg.Credentials.Retrieve(ctx); err != nil {
		a.miss("", failed(ctx, "sts:AssumeRole", err))
		return a
	}
	if o.wants("report") {
		s.startReport(ctx)
	}
	got := 0
	for _, p := range s.parts(o, states) {
		if a.err == nil && o.wants(p.name) && s.ask(ctx, p, states, &a) {
			got++
		}
	}
	if got > 0 {
		a.keep(states, now)
	}
	return a
}

// ask loads one part and reports whether there is something of it.
func (s *session) ask(ctx context.Context, p part, states iam.States, a *answers) bool {
	s.progress(s.account, p.name)
	d := documents{account: s.account}
	err := p.ask(ctx, &d)
	for _, e := range d.missed {
		a.miss(p.name, e)
	}
	for i := 0; err == nil && i < len(d.list); i++ {
		_, err = iam.Load("the answer", d.list[i], states)
	}
	if err != nil {
		a.miss(p.name, err)
	}
	return err == nil && len(d.list) > 0
}

// miss notes why a part is not there; an interrupted run ends.
func (a *answers) miss(part string, err error) {
	var c *callError
	switch {
	case errors.As(err, &c):
		a.missing = append(a.missing, Missing{a.account, part, c.action, c.denied, c.reason})
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		a.err = err
	default:
		a.missing = append(a.missing, Missing{AccountID: a.account, Part: part, Action: "reading", Reason: err.Error()})
	}
}

// keep takes the states over, with their time, and with what is missing among
// the account's warnings.
func (a *answers) keep(states iam.States, now time.Time) {
	for id, s := range states {
		s.TakenAt = now.UTC().Truncate(time.Second)
		if id == a.account {
			for _, m := range a.missing {
				s.Warnings = append(s.Warnings, "pull: "+m.String())
			}
		}
		a.states = append(a.states, s)
	}
}
