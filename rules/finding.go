// Package rules turns facts into findings, one file a rule, and sizes
// policies to what was used.
//
// Facts (package analyze), account state (package iam) and the catalogue come
// in; findings and policy proposals, sorted and complete, go out. It does no
// I/O, reads no clock and keeps no state: same input, same output.
package rules

import (
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// Severity orders findings by how soon a person must act.
type Severity string

// The severities, from the gravest down.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Findings is the document of `trimtrail analyze --format json`, schema
// trimtrail.findings/1.
type Findings struct {
	Schema   string             `json:"schema"`
	AsOf     time.Time          `json:"as_of"`
	Window   analyze.Window     `json:"window"`
	Coverage []analyze.Coverage `json:"coverage"`
	// Findings are sorted by severity, then rule, account, principal, credential, resource.
	Findings []Finding `json:"findings"`
	// Accepted are findings that an exception lets pass, in the same order; left out where there are none.
	Accepted []Accepted `json:"accepted,omitempty"`
	// NotEvaluable are the checks that lacked an input, each "X: needs Y".
	NotEvaluable []string `json:"not_evaluable"`
	Warnings     []string `json:"warnings"`
}

// Finding is one thing that a person should know or do.
type Finding struct {
	// ID is stable across runs over the same facts: a hash of rule, account,
	// principal, credential and resource.
	ID         string   `json:"id"`
	Rule       string   `json:"rule"` // such as TT-D02
	Severity   Severity `json:"severity"`
	Confidence string   `json:"confidence"` // certain, high, medium, low
	AccountID  string   `json:"account_id"`
	Principal  string   `json:"principal"`  // ARN, a service's DNS name, or the account id where it is the account's
	Credential string   `json:"credential"` // access key id or session, or empty
	Resource   string   `json:"resource"`
	Owner      string   `json:"owner,omitempty"` // who answers for the principal, as Options.Owners has it
	Title      string   `json:"title"`           // the sentence a person would say
	Reason     string   `json:"reason"`          // why it is so, with its numbers
	Evidence   Evidence `json:"evidence"`
	Fix        Fix      `json:"fix"`
}

// Evidence is what a finding can be followed to.
type Evidence struct {
	Count  int64      `json:"count"` // events or permissions, as the reason says
	First  *time.Time `json:"first,omitempty"`
	Last   *time.Time `json:"last,omitempty"`
	Events []string   `json:"events,omitempty"` // event ids, at most ten, in time order
	// Timeline tells the story in order where order matters.
	Timeline  []Moment `json:"timeline,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
	Actions   []string `json:"actions,omitempty"`
	// State names the place in the loaded IAM state, as users/alice.
	State string `json:"state,omitempty"`
}

// Moment is one line of a timeline.
type Moment struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Events []string  `json:"events,omitempty"`
}

// Fix is the way out: what to do in words, the commands that do it, and a
// policy where that is the fix.
type Fix struct {
	Summary  string   `json:"summary"`
	Commands []string `json:"commands,omitempty"`
	Policy   string   `json:"policy,omitempty"` // JSON text
	// Clears says what will make the finding go away.
	Clears string `json:"clears,omitempty"`
}
