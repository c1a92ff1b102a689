package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

func explainCmd(io streams) *cobra.Command {
	f := &analysisFlags{}
	cmd := &cobra.Command{
		Use:   "explain FINDING|ARN|EVENT",
		Short: "The evidence behind a line",
		Long: `Explains a finding by its id, all findings of a principal (an ARN, user/NAME,
role/NAME or a name), or shows an event by its id with the actions it stands for.`,
		Example: `  trimtrail explain user/alice --lake lake
  trimtrail explain 3044ff70-90a5-4b0c-9d3c-0f6f1c2f7a11 --lake lake`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runExplain(c.Context(), io, f, args[0]) },
	}
	f.register(cmd)
	return cmd
}

var eventID = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

func runExplain(ctx context.Context, io streams, f *analysisFlags, what string) error {
	if eventID.MatchString(what) {
		return explainEvent(ctx, io, f, what)
	}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	found, err := a.about(what)
	if err != nil {
		return err
	}
	for i := range found {
		if i > 0 {
			fmt.Fprintln(io.out)
		}
		if err := report.Explain(io.out, &found[i], tableOptions(io, f.lake, false, 0)); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		fmt.Fprintf(io.out, "%s: nothing found in %s to %s\n", what, a.facts.Window.From.Format("2006-01-02"), a.facts.Window.To.Format("2006-01-02"))
	}
	return nil
}

// about is the finding with an id that begins so, or the findings of a principal.
func (a *analysis) about(what string) ([]rules.Finding, error) {
	all := withAccepted(a.findings())
	var out []rules.Finding
	for _, x := range all {
		if len(what) >= 4 && strings.HasPrefix(x.ID, what) {
			out = append(out, x)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	arns, err := a.named([]string{what})
	if err != nil {
		return nil, withHint(fmt.Errorf("%q is no finding, principal or event here", what), "ids of findings are in  trimtrail analyze --wide  and in the JSON")
	}
	for _, x := range all {
		if slices.Contains(arns, x.Principal) {
			out = append(out, x)
		}
	}
	return out, nil
}

// explainEvent shows every event with this id: one in each account that saw it.
func explainEvent(ctx context.Context, io streams, f *analysisFlags, id string) error {
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	n := 0
	for e, err := range l.Events(ctx, lake.Query{}) {
		if err != nil {
			return err
		}
		if !strings.EqualFold(e.EventID, id) {
			continue
		}
		n++
		if err := showEvent(io, e); err != nil {
			return err
		}
	}
	if n == 0 {
		return withHint(fmt.Errorf("no event %s in the lake", id), "trimtrail lake status says what it holds")
	}
	return nil
}

// shownEvent is an event as explain prints it.
type shownEvent struct {
	Event      map[string]any `json:"event"` // by the lake's column names, absent ones left out
	Attributed *attributed    `json:"attributed"`
}

func showEvent(io streams, e *event.Event) error {
	a := newAttributor(io)
	return writeJSON(io.out, shownEvent{columnsOf(e), a.line(e)})
}

// columnsOf are the columns of e that have a value, by name. Text that is
// JSON is shown as JSON.
func columnsOf(e *event.Event) map[string]any {
	out := map[string]any{"account_id": e.AccountID}
	v := reflect.ValueOf(*e)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("parquet"), ",")
		f := v.Field(i)
		if name == "" || name == "-" || f.IsZero() {
			continue
		}
		out[name] = f.Interface()
		if f.Kind() == reflect.String && strings.HasPrefix(f.String(), "{") && json.Valid([]byte(f.String())) {
			out[name] = json.RawMessage(f.String())
		}
	}
	if len(e.Resources) > 0 {
		out["resources"] = resourcesOf(e)
	}
	return out
}

func resourcesOf(e *event.Event) []map[string]string {
	var out []map[string]string
	for _, r := range e.Resources {
		m := map[string]string{}
		for k, v := range map[string]string{"arn": r.ARN, "account_id": r.AccountID, "type": r.Type} {
			if v != "" {
				m[k] = v
			}
		}
		out = append(out, m)
	}
	return out
}
