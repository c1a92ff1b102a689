package config

import (
	"fmt"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// Result is what became of one fixture of a rule of the user's.
type Result struct {
	Rule   string `json:"rule"`
	Case   string `json:"case"`  // must fire 1, must stay quiet 2
	Place  string `json:"place"` // as trimtrail.yaml:40
	Passed bool   `json:"passed"`
	Text   string `json:"text"` // the finding's sentence, or why it did not pass
}

// Test runs the fixtures of every rule of the user's, in the order of the
// file. A rule that lacks one of the two kinds has not passed: a rule is
// trusted when it was seen to fire and to stay quiet.
func (c *Config) Test() []Result {
	var out []Result
	for i := range c.own {
		r := &c.own[i]
		out = append(out, r.try("must fire", r.fire, true)...)
		out = append(out, r.try("must stay quiet", r.quiet, false)...)
	}
	return out
}

func (c *compiled) try(name string, fs []fixture, fire bool) []Result {
	if len(fs) == 0 {
		return []Result{{Rule: c.ID, Case: name, Place: c.Place, Text: "no fixture: a rule needs one that must fire and one that must stay quiet"}}
	}
	var out []Result
	for i := range fs {
		r := Result{Rule: c.ID, Case: fmt.Sprintf("%s %d", name, i+1), Place: c.Place}
		if at := fs[i].At; at != nil {
			r.Place = placeIn(c.Place, at.Line)
		}
		r.Passed, r.Text = c.tryOne(&fs[i], fire)
		out = append(out, r)
	}
	return out
}

// tryOne reports whether a fixture did as it must, and the sentence or the reason.
func (c *compiled) tryOne(f *fixture, fire bool) (bool, string) {
	row := f.row()
	fired, err := c.When(row)
	switch {
	case err != nil:
		return false, err.Error()
	case fired && !fire:
		return false, "it fires"
	case !fired && fire:
		return false, "it stays quiet"
	case !fire:
		return true, ""
	}
	text := c.Title
	if c.Message != nil {
		if text, err = c.Message(row); err != nil {
			return false, "message: " + err.Error()
		}
	}
	if want := f.Message.Value; want != "" && text != want {
		return false, fmt.Sprintf("the message is %q, not %q", text, want)
	}
	return true, text
}

// row is the made-up row. A fixture without as_of is of the day that the times in its rows end.
func (f *fixture) row() *rules.Row {
	p := f.Principal
	if p.Tags == nil {
		p.Tags = map[string]string{}
	}
	r := &rules.Row{Principal: &p, Denial: f.Denial, Change: f.Change, Credential: f.Credential, WindowDays: 90}
	r.AsOf, _ = parseTime(f.AsOf.Value) // checked when it was read
	if !f.AsOf.there() {
		r.AsOf = f.latest()
	}
	if f.WindowDays.there() {
		fmt.Sscan(f.WindowDays.Value, &r.WindowDays)
	}
	return r
}

func (f *fixture) latest() time.Time {
	last := f.Principal.Last
	if f.Denial != nil && f.Denial.Last.After(last) {
		last = f.Denial.Last
	}
	if f.Change != nil && f.Change.At.After(last) {
		last = f.Change.At
	}
	if f.Credential != nil && f.Credential.LastUsed.After(last) {
		last = f.Credential.LastUsed
	}
	return last
}
