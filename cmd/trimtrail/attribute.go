package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// newAttributeCmd is `trimtrail attribute SOURCE…`: events in, one JSON line
// each with the IAM actions and resources that AWS evaluated.
func newAttributeCmd(io streams) *cobra.Command {
	format, reference, f := "jsonl", "", &ingestFlags{}
	cmd := &cobra.Command{
		Use:   "attribute SOURCE…",
		Short: "Say which IAM actions and resources each event stands for, as JSON lines",
		Long: `Reads CloudTrail files and writes one line for each event: the IAM actions
that AWS evaluated, on which resources, under which condition, and how each
was known: message (AWS named it in a denial), rule, name, or implied
(never logged itself, as iam:PassRole).

SOURCE is a directory, a file, s3://bucket/prefix, or - for standard input.
Events without a known action have "unmapped": true and are counted on standard
error.`,
		Example: `  trimtrail attribute AWSLogs/ | jq -r '.actions[].action' | sort | uniq -c
  aws cloudtrail lookup-events --output json | trimtrail attribute -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "jsonl" {
				return usage(fmt.Errorf("unknown format %q", format), "attribute writes jsonl")
			}
			c, err := openCatalog(reference)
			if err != nil {
				return err
			}
			sources, err := f.sources(cmd.Context(), io, args)
			if err == nil {
				a := newAttributor(io)
				a.catalog = c
				err = a.run(cmd.Context(), f.config(sources, nil, nil))
			}
			return f.hinted(cmd.Context(), err)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "output format: jsonl")
	registerReference(cmd, &reference)
	f.registerS3(cmd)
	return cmd
}

// attributed is one line of output.
type attributed struct {
	EventID     string           `json:"event_id"`
	EventSource string           `json:"event_source"`
	EventName   string           `json:"event_name"`
	Outcome     analyze.Outcome  `json:"outcome"`
	Actions     []attributedCall `json:"actions"`
	Unmapped    bool             `json:"unmapped"`
}

type attributedCall struct {
	Action    string              `json:"action"`
	Resources []string            `json:"resources"`
	Via       catalog.Via         `json:"via"`
	Condition map[string][]string `json:"condition"`
}

// attributor writes events and remembers what it could not make out.
type attributor struct {
	streams
	catalog  *catalog.Catalog
	buffer   *bufio.Writer
	enc      *json.Encoder
	unmapped map[string]int
	bad      int // files and records that were not read
}

func newAttributor(s streams) *attributor {
	a := &attributor{streams: s, catalog: catalog.Default(), buffer: bufio.NewWriterSize(s.out, 1<<16), unmapped: map[string]int{}}
	a.enc = json.NewEncoder(a.buffer)
	a.enc.SetEscapeHTML(false)
	return a
}

// run writes the events of the sources, in their order. The attributor is the
// sink of an ingest that keeps nothing.
func (a *attributor) run(ctx context.Context, c ingest.Config) error {
	c.Sink = a
	if _, err := ingest.Run(ctx, c); err != nil {
		return err
	}
	a.report()
	if a.bad > 0 {
		return &exitError{code: exitQuarantined, err: &partialError{a.bad}}
	}
	return nil
}

// Known is never: what is named twice is written twice.
func (a *attributor) Known(event.Object) bool { return false }

// Add writes the events of one object.
func (a *attributor) Add(b *event.Batch) (added, duplicates int, err error) {
	for _, r := range b.Rejected {
		a.bad++
		fmt.Fprintf(a.err, "trimtrail: warning: %s: record %d: %s\n", b.Object.URI, r.Index, r.Reason)
	}
	for i := range b.Events {
		if err := a.event(&b.Events[i]); err != nil {
			return i, 0, fmt.Errorf("write result: %w", err)
		}
	}
	return len(b.Events), 0, nil
}

// Quarantine tells what cannot be read, which is left out.
func (a *attributor) Quarantine(o event.Object, reason string) error {
	a.bad++
	fmt.Fprintf(a.err, "trimtrail: warning: %s: %s\n", o.URI, reason)
	return nil
}

// Commit writes out what is buffered.
func (a *attributor) Commit() error {
	if err := a.buffer.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func (a *attributor) event(e *event.Event) error {
	line := a.line(e)
	if line.Unmapped {
		a.unmapped[e.EventSource+" "+e.EventName]++
	}
	return a.enc.Encode(line)
}

func (a *attributor) line(e *event.Event) *attributed {
	got := a.catalog.Attribute(e)
	line := &attributed{
		EventID: e.EventID, EventSource: e.EventSource, EventName: e.EventName, Outcome: analyze.OutcomeOf(e),
		Actions: make([]attributedCall, 0, len(got.Actions)), Unmapped: got.Unmapped,
	}
	for _, u := range got.Actions {
		call := attributedCall{u.Action, u.Resources, u.Via, u.Condition}
		if call.Resources == nil {
			call.Resources = []string{}
		}
		if call.Condition == nil {
			call.Condition = map[string][]string{}
		}
		line.Actions = append(line.Actions, call)
	}
	return line
}

// report lists what has no known action, the most frequent first.
func (a *attributor) report() {
	if len(a.unmapped) == 0 {
		return
	}
	kinds, total := make([]string, 0, len(a.unmapped)), 0
	for k, n := range a.unmapped {
		kinds, total = append(kinds, k), total+n
	}
	sort.Slice(kinds, func(i, j int) bool {
		ni, nj := a.unmapped[kinds[i]], a.unmapped[kinds[j]]
		return ni > nj || ni == nj && kinds[i] < kinds[j]
	})
	fmt.Fprintf(a.err, "trimtrail: no known action for %d events of %d kinds:\n", total, len(kinds))
	for _, k := range kinds {
		fmt.Fprintf(a.err, "%8d  %s\n", a.unmapped[k], k)
	}
}

// partialError tells that the work is done but for inputs that were left out.
type partialError struct{ n int }

func (e *partialError) Error() string {
	return fmt.Sprintf("%d inputs could not be read and were left out", e.n)
}
