package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

// material is what the findings are made of: the distinct events in time
// order and the IAM state of each account.
type material struct {
	events []event.Event
	states iam.States
}

// generated makes an organisation in dir and reads it back.
func generated(dir string, cfg orgsim.Config) (*orgsim.Org, *material, error) {
	org, err := orgsim.Generate(dir, cfg)
	if err != nil {
		return nil, nil, err
	}
	m := &material{states: iam.States{}}
	if err := m.readArchive(org.Archive); err != nil {
		return nil, nil, err
	}
	return org, m, m.readStates(org.IAM, org.End)
}

// readArchive decodes every object below dir and keeps each event once.
func (m *material) readArchive(dir string) error {
	seen := map[[2]string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := ingest.Decode(event.Object{URI: path}, content, ingest.Limits{})
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, e := range b.Events {
			if k := [2]string{e.AccountID, e.EventID}; !seen[k] {
				seen[k] = true
				m.events = append(m.events, e)
			}
		}
		return nil
	})
	slices.SortFunc(m.events, func(a, b event.Event) int {
		return cmp.Or(a.EventTime.Compare(b.EventTime), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.AccountID, b.AccountID))
	})
	return err
}

func (m *material) readStates(dir string, taken time.Time) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		if _, err := iam.Load(f.Name(), data, m.states); err != nil {
			return err
		}
	}
	for _, s := range m.states {
		s.TakenAt = taken
	}
	m.states.Organize()
	return nil
}

// window ends after the newest event and is at most 90 days long, as the
// program's default is.
func (m *material) window() analyze.Window {
	w := m.span()
	if from := w.To.Add(-90 * 24 * time.Hour); from.After(w.From) {
		w.From = from
	}
	return w
}

// span is the time from the first event to the last.
func (m *material) span() analyze.Window {
	first, last := m.events[0].EventTime, m.events[0].EventTime
	for i := range m.events {
		t := m.events[i].EventTime
		if t.Before(first) {
			first = t
		}
		if t.After(last) {
			last = t
		}
	}
	return analyze.Window{From: first, To: last.Add(time.Microsecond)}
}

// facts folds the events in, in the order they stand in.
func (m *material) facts() *analyze.Facts { return m.factsIn(m.window()) }

func (m *material) factsIn(w analyze.Window) *analyze.Facts {
	cat := catalog.Default()
	acc := analyze.NewAccumulator(w, cat)
	for i := range m.events {
		acc.Add(&m.events[i])
	}
	var episodes []analyze.Episode
	for _, n := range acc.Nominate() {
		r := analyze.NewRetelling(n, cat)
		for i := range m.events {
			r.Add(&m.events[i])
		}
		e, _ := r.Episode()
		episodes = append(episodes, e)
	}
	return acc.Facts(time.Time{}, m.states, episodes)
}

func (m *material) findings() *rules.Findings {
	return rules.Evaluate(m.facts(), m.states, catalog.Default(), rules.Options{})
}
