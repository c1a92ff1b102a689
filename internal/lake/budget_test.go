package lake

import (
	"fmt"
	"slices"
	"testing"
)

// Rows and keys stay within their budgets, and the writer knows what it holds.
func TestBudget(t *testing.T) {
	l := create(t)
	const memory, keys = 200_000, 300
	w := writer(t, l, WriterOptions{Memory: memory, Keys: keys})
	spills := 0
	for i := range 60 {
		add(t, w, batch(fmt.Sprint(i), sample(one, i*100, 100)), 100, 0) // five days
		add(t, w, batch(fmt.Sprint("again", i), sample(one, i*50, 100)), 0, 100)
		var held int64
		loaded, most, runs := 0, 0, 0
		for _, p := range w.parts {
			held, loaded, runs = held+p.rows.size, loaded+p.keys.len(), runs+len(p.runs)
			most = max(most, int(p.pending))
		}
		if held != w.held || held > memory || loaded != w.keys || loaded > keys+3*most {
			t.Fatalf("after %d: %d bytes held, %d said; %d keys loaded, %d said", i, held, w.held, loaded, w.keys)
		}
		spills = runs
	}
	if spills == 0 || spills > 60 { // about 2.3 MB of rows, half of the memory a time
		t.Errorf("%d runs were spilled", spills)
	}
	check(t, w.Commit())
	if w.held != 0 {
		t.Errorf("%d bytes are held after a commit", w.held)
	}
	wantIDs(t, l, 6000)
}

// Events of one moment are sorted by id, in memory and across spills.
func TestSameMoment(t *testing.T) {
	for name, o := range options {
		l := create(t)
		w := writer(t, l, o)
		var want []string
		for i := range 50 {
			events := sample(one, i*4, 4)
			for j := range events {
				events[j].EventTime = start
				want = append(want, events[j].EventID)
			}
			add(t, w, batch(fmt.Sprint(i), events), 4, 0)
		}
		check(t, w.Commit())
		slices.Sort(want)
		var got []string
		for _, e := range read(t, l, Query{}) {
			got = append(got, e.EventID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: ids are not sorted: %v", name, got)
		}
	}
}
