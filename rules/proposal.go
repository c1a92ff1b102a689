package rules

import (
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// Policies is the document of `trimtrail policy --format json`, schema
// trimtrail.policies/1.
type Policies struct {
	Schema   string         `json:"schema"`
	AsOf     time.Time      `json:"as_of"`
	Window   analyze.Window `json:"window"`
	Policies []Proposal     `json:"policies"` // sorted by principal
	// Shared are proposals for what several principals have in common.
	Shared   []Shared `json:"shared"`
	Warnings []string `json:"warnings"`
}

// Proposal is the right-sized policy of one principal.
type Proposal struct {
	Principal string `json:"principal"`
	AccountID string `json:"account_id"`
	// Current are the principal's policies as loaded; empty where no IAM state is known.
	Current []PolicyRef `json:"current"`
	// Proposed are the documents to put in their place.
	Proposed []PolicyRef `json:"proposed"`
	// Removed are granted actions that go, Kept those that stay with the reason.
	Removed []Removed `json:"removed"`
	Kept    []Kept    `json:"kept"`
	// Unobservable are granted actions whose use no loaded log could show.
	Unobservable []string `json:"unobservable"`
	// Denied are actions seen only denied: never granted here.
	Denied     []string `json:"denied"`
	Backtest   Backtest `json:"backtest"`
	Confidence string   `json:"confidence"` // ready, review, too early
	Warnings   []string `json:"warnings"`
	// Conditions are limits on where and when, as far as the use shows any.
	Conditions []Condition `json:"conditions,omitempty"`
	// Replay asks the proposal for every allowed use of the whole window; nil
	// where nothing was proposed.
	Replay *Replay `json:"replay,omitempty"`
	// NoNewAccess tells that the proposal was proven to give nothing that the
	// current policies do not give; nil where these are not known.
	NoNewAccess *bool `json:"no_new_access,omitempty"`
	// Score is the privilege before and after; Current is 0 where it is not known.
	Score *Score `json:"score,omitempty"`
	// Scope is how closely the proposed resources follow those seen.
	Scope Scope `json:"scope,omitempty"`
	// Days are those of logs that the proposal rests on, without gaps; DaysUsed those with use.
	Days     int `json:"days"`
	DaysUsed int `json:"days_used"`
	// Coverage is the estimated share, 0 to 1, of the principal's use that
	// belongs to actions that were seen.
	Coverage float64 `json:"coverage"`
	// NewestAction is when the action that was last to appear was first used.
	NewestAction *time.Time `json:"newest_action,omitempty"`
}

// Replay is the result of asking a proposal for calls that were made.
type Replay struct {
	Calls  int64 `json:"calls"`
	Denied int64 `json:"denied"`
	// Unexplained are allowed calls that even the current policies, as
	// loaded, would refuse: something else granted them.
	Unexplained int64 `json:"unexplained"`
}

// PolicyRef is a policy document with where it comes from.
type PolicyRef struct {
	Name string `json:"name"`
	// Source is inline, group:<name>, or the ARN of a managed policy; empty
	// for a customer managed policy that is to be made.
	Source string `json:"source,omitempty"`
	// Replaces names the policy that a new one stands for: its ARN, or source and name.
	Replaces string `json:"replaces,omitempty"`
	// Document is nil for an attached policy whose text is not known.
	Document *iam.Document `json:"document"`
}

// Removed is a granted permission that the proposal drops.
type Removed struct {
	// Action is one action, or service:* where a whole service goes.
	Action string `json:"action"`
	Level  string `json:"level"`
	Why    string `json:"why"`
}

// Kept is a permission that the proposal grants.
type Kept struct {
	Action    string   `json:"action"`
	Resources []string `json:"resources,omitempty"`
	// Why is used, implied, unobservable, last accessed: by IAM's own record,
	// not by the logs; or standby: actions of recovery, rotation and first
	// set-up, which an ordinary window does not show.
	Why    string     `json:"why"`
	Count  int64      `json:"count"`
	First  *time.Time `json:"first,omitempty"`
	Last   *time.Time `json:"last,omitempty"`
	Events []string   `json:"events,omitempty"` // event ids, at most five
}

// Backtest is the replay of held-out calls: the policy is built from Train
// alone and asked to allow what was allowed in Test.
type Backtest struct {
	Train analyze.Window `json:"train"`
	Test  analyze.Window `json:"test"`
	// Calls is the number of allowed (action, resource) uses in Test, Denied those that the policy would refuse.
	Calls  int64 `json:"calls"`
	Denied int64 `json:"denied"`
	// Failures name what would have broken, the most frequent first, at most twenty.
	Failures []Failure `json:"failures"`
}

// Failure is a call that the trained policy would have denied.
type Failure struct {
	Action   string    `json:"action"`
	Resource string    `json:"resource"`
	Count    int64     `json:"count"`
	First    time.Time `json:"first"`
	Event    string    `json:"event"`
}
