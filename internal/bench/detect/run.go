package main

import (
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/bench/orgs"
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
	o, err := orgs.Make(dir, cfg)
	if err != nil {
		return nil, nil, err
	}
	return o.Org, &material{o.Events, o.States}, nil
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
