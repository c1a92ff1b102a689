package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// newAttributeCmd is `trimtrail attribute SOURCE…`: events in, one JSON line
// each with the IAM actions and resources that AWS evaluated.
func newAttributeCmd(io streams) *cobra.Command {
	format := "jsonl"
	cmd := &cobra.Command{
		Use:   "attribute SOURCE…",
		Short: "Say which IAM actions and resources each event stands for, as JSON lines",
		Long: `Reads CloudTrail files and writes one line for each event: the IAM actions
that AWS evaluated, on which resources, under which condition, and how each
was known: message (AWS named it in a denial), rule, name, or implied
(never logged itself, as iam:PassRole).

SOURCE is a directory, a file, or - for standard input. Events without a
known action have "unmapped": true and are counted on standard error.`,
		Example: `  trimtrail attribute AWSLogs/ | jq -r '.actions[].action' | sort | uniq -c
  aws cloudtrail lookup-events --output json | trimtrail attribute -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if format != "jsonl" {
				return usage(fmt.Errorf("unknown format %q", format), "attribute writes jsonl")
			}
			files, err := eventFiles(args)
			if err != nil {
				return err
			}
			return newAttributor(io).run(files)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "output format: jsonl")
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

func (a *attributor) run(files []string) error {
	for _, name := range files {
		if err := a.file(name); err != nil {
			return err
		}
	}
	if err := a.buffer.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	a.report()
	if a.bad > 0 {
		return &partialError{a.bad}
	}
	return nil
}

// file writes the events of one file. What cannot be read is told and left out.
func (a *attributor) file(name string) error {
	content, err := a.read(name)
	if err != nil {
		return err
	}
	batch, err := ingest.Decode(event.Object{URI: name}, content, ingest.Limits{})
	if err != nil {
		a.bad++
		fmt.Fprintf(a.err, "trimtrail: warning: %s: %v\n", name, err)
		return nil
	}
	for _, r := range batch.Rejected {
		a.bad++
		fmt.Fprintf(a.err, "trimtrail: warning: %s: record %d: %s\n", name, r.Index, r.Reason)
	}
	for i := range batch.Events {
		if err := a.event(&batch.Events[i]); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
	}
	return nil
}

func (a *attributor) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.in)
	}
	return os.ReadFile(name)
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

// ExitCode is that of "done, but inputs were quarantined".
func (e *partialError) ExitCode() int { return 4 }

// eventFiles are the files that hold events below the sources, in the order
// of the sources and then by name. A file that is named is taken as it is.
func eventFiles(sources []string) ([]string, error) {
	var out []string
	for _, source := range sources {
		if strings.HasPrefix(source, "s3://") {
			return nil, fmt.Errorf("%s: attribute reads files and standard input; ingest reads S3", source)
		}
		if source == "-" {
			out = append(out, source)
			continue
		}
		files, err := filesBelow(source)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s: no .json or .json.gz file", source)
		}
		out = append(out, files...)
	}
	return out, nil
}

func filesBelow(root string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (path == root || isEventFile(path)) {
			out = append(out, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or directory", root)
	}
	return out, err
}

// isEventFile leaves out the digests that lie beside the logs.
func isEventFile(path string) bool {
	slash := filepath.ToSlash(path)
	return (strings.HasSuffix(slash, ".json") || strings.HasSuffix(slash, ".json.gz")) && !strings.Contains(slash, "/CloudTrail-Digest/")

}
