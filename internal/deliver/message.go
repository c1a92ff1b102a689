// Package deliver tells people and programs what a run found: a directory or
// a bucket with its reports, SNS, mail by SES or SMTP, Slack and other
// webhooks, Security Hub.
//
// The model of a report comes in and becomes one Parcel for each delivery,
// which waits in the outbox of the lake until its Target has taken it: what
// fails today goes out with the next run. It judges nothing and reads no
// configuration. Secrets are of type Secret, which shows nothing of itself.
//
//	p, ok, err := deliver.Pack(model, deliver.Packing{Name: "team", MinSeverity: "high"})
//	err = deliver.Slack{URL: url, Client: deliver.NewClient()}.Send(ctx, p)
package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// MessageSchema names the JSON shape of a Message, which generic webhooks get.
const MessageSchema = "trimtrail.message/1"

// Message is what one run says to one delivery.
type Message struct {
	Schema   string    `json:"schema"`
	Run      string    `json:"run"`      // id of the run
	Delivery string    `json:"delivery"` // name of the delivery
	Title    string    `json:"title"`    // of the report
	AsOf     time.Time `json:"as_of"`
	// Since is when the earlier report was made; null for the first one.
	Since *time.Time `json:"since"`
	// Counts are all findings of the report by severity.
	Counts Counts `json:"counts"`
	// New are the findings that are new or worse and at least of the severity
	// that the delivery asks for, the first things to do first.
	New []Item `json:"new"`
	// Resolved and Better count what is no more, or less grave.
	Resolved int    `json:"resolved"`
	Better   int    `json:"better"`
	Location string `json:"location"` // of the report for people; may be empty
	// Failed are the steps of the run that failed, with why.
	Failed []string `json:"failed"`
}

// Counts are findings by severity.
type Counts struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Info     int `json:"info"`
}

// Item is one finding of a message.
type Item struct {
	ID         string         `json:"id"`
	Change     string         `json:"change"` // new or worse
	Why        string         `json:"why"`    // what is other where it is worse
	Rule       string         `json:"rule"`
	Severity   rules.Severity `json:"severity"`
	Confidence string         `json:"confidence"`
	AccountID  string         `json:"account_id"`
	Principal  string         `json:"principal"`
	Owner      string         `json:"owner"`
	Title      string         `json:"title"`
	Do         string         `json:"do"` // what a person should do
}

// File is a report as a file.
type File struct {
	Name string `json:"name"` // without a folder
	Type string `json:"type"` // MIME type
	Data []byte `json:"data"`
}

// Parcel is all that a delivery may need.
type Parcel struct {
	Message  Message           `json:"message"`
	Files    []File            `json:"files,omitempty"`
	Findings []json.RawMessage `json:"findings,omitempty"` // in ASFF, new and resolved
}

// Key names the parcel: a receiver that has seen it may pass over it.
func (p *Parcel) Key() string { return p.Message.Run + "/" + p.Message.Delivery }

// Target is where parcels go.
type Target interface {
	// Send delivers a parcel; an error means that it may not have arrived.
	Send(ctx context.Context, p *Parcel) error
}

// Packing says what a delivery wants to hear.
type Packing struct {
	Name        string
	Run         string
	MinSeverity rules.Severity // empty: everything
	Always      bool           // also where there is nothing new
	Location    string
	Failed      []string
	Files       []File
	// Before are the findings of the report before; nil for none.
	Before *rules.Findings
	// Hub asks for findings in ASFF, for this region.
	Hub string
}

// Pack makes the parcel of one delivery; ok is false where there is nothing to
// tell. Without a model there is only what failed.
func Pack(m *report.Model, o Packing) (p *Parcel, ok bool, err error) {
	if m == nil {
		p = &Parcel{Message: Message{Schema: MessageSchema, Run: o.Run, Delivery: o.Name, New: []Item{}, Failed: o.Failed}}
		return p, len(o.Failed) > 0, nil
	}
	fresh := Fresh(m, o.MinSeverity)
	p = &Parcel{Files: o.Files, Message: Message{
		Schema: MessageSchema, Run: o.Run, Delivery: o.Name, Title: m.Title, AsOf: m.Generated, Counts: countsOf(m.Findings), Location: o.Location,
		New: []Item{}, Failed: append([]string{}, o.Failed...),
	}}
	for i := range fresh {
		p.Message.New = append(p.Message.New, itemOf(&fresh[i], m.Changes))
	}
	if c := m.Changes; c != nil {
		p.Message.Since, p.Message.Resolved, p.Message.Better = &c.Since, len(c.Resolved), len(c.Better)
	}
	if o.Hub != "" {
		p.Findings, err = hubFindings(m, fresh, o)
	}
	return p, o.Always || len(fresh)+len(o.Failed)+len(p.Findings) > 0, err
}

// Fresh are the findings that are new or worse and at least so severe, the
// first things to do first.
func Fresh(m *report.Model, least rules.Severity) []rules.Finding {
	var out []rules.Finding
	for _, f := range m.Findings.Findings {
		if (least == "" || grade(f.Severity) <= grade(least)) && m.Changes.Raised(f.ID) {
			out = append(out, f)
		}
	}
	return report.First(out, len(out))
}

var bySeverity = []rules.Severity{rules.Critical, rules.High, rules.Medium, rules.Low, rules.Info}

func grade(s rules.Severity) int { return slices.Index(bySeverity, s) }

func countsOf(f *rules.Findings) Counts {
	var c Counts
	for _, x := range f.Findings {
		*c.of(x.Severity)++
	}
	return c
}

// of is the count of a severity.
func (c *Counts) of(s rules.Severity) *int {
	switch s {
	case rules.Critical:
		return &c.Critical
	case rules.High:
		return &c.High
	case rules.Medium:
		return &c.Medium
	case rules.Low:
		return &c.Low
	}
	return &c.Info
}

// Total is their sum.
func (c Counts) Total() int { return c.Critical + c.High + c.Medium + c.Low + c.Info }

func itemOf(f *rules.Finding, c *report.Changes) Item {
	x := Item{ID: f.ID, Change: "new", Rule: f.Rule, Severity: f.Severity, Confidence: f.Confidence, AccountID: f.AccountID, Principal: f.Principal, Owner: f.Owner, Title: f.Title, Do: f.Fix.Summary}
	if c == nil {
		return x
	}
	if i := slices.IndexFunc(c.Worse, func(w report.Change) bool { return w.ID == f.ID }); i >= 0 {
		x.Change, x.Why = "worse", c.Worse[i].Why
	}
	return x
}

// hubFindings are the fresh findings in ASFF, and those that are resolved as
// archived ones.
func hubFindings(m *report.Model, fresh []rules.Finding, o Packing) ([]json.RawMessage, error) {
	out, err := asff(m, fresh, o.Hub, nil)
	if err != nil || m.Changes == nil || o.Before == nil {
		return out, err
	}
	gone := map[string]bool{}
	for _, c := range slices.Concat(m.Changes.Resolved, m.Changes.Accepted) {
		gone[c.ID] = true
	}
	var resolved []rules.Finding
	for _, f := range o.Before.Findings {
		if gone[f.ID] && (o.MinSeverity == "" || grade(f.Severity) <= grade(o.MinSeverity)) {
			resolved = append(resolved, f)
		}
	}
	archived, err := asff(m, resolved, o.Hub, map[string]any{"RecordState": "ARCHIVED", "Workflow": map[string]string{"Status": "RESOLVED"}})
	return append(out, archived...), err
}

// asff writes findings in ASFF, with some members other.
func asff(m *report.Model, list []rules.Finding, region string, other map[string]any) ([]json.RawMessage, error) {
	if len(list) == 0 {
		return nil, nil
	}
	some := *m.Findings
	some.Findings = list
	model := *m
	model.Findings = &some
	var b bytes.Buffer
	if err := report.ASFF(&b, &model, report.ASFFOptions{Region: region}); err != nil {
		return nil, err
	}
	var docs []map[string]any
	if err := json.Unmarshal(b.Bytes(), &docs); err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, len(docs))
	for i, d := range docs {
		for k, v := range other {
			d[k] = v
		}
		var err error
		if out[i], err = json.Marshal(d); err != nil {
			return nil, err
		}
	}
	return out, nil
}
