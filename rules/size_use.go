package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// passRole is inferred from the calls that pass a role, never logged itself.
const passRole = "iam:PassRole"

// useRow is what a principal did with one action on one resource in one
// context, over some days: what a policy must allow.
type useRow struct {
	Action    string
	Resource  string // as in analyze.Usage
	Condition string // key=value, or empty
	Region    string
	InvokedBy string
	Implied   bool
	Count     int64
	First     time.Time
	Last      time.Time
	Event     string
	Days      []time.Time // sorted, distinct
	counts    []dayCount  // of a guardrail's rows alone
}

// dayCount is how many calls a day had.
type dayCount struct {
	day   time.Time
	count int64
}

// useOf folds the rows of a window that passed authorisation, sorted by
// action, resource, condition, region and service.
func useOf(rows []analyze.Usage, w analyze.Window) []useRow {
	byKey := map[useKey]*useRow{}
	var out []*useRow
	for i := range rows {
		r := &rows[i]
		if r.Outcome == analyze.OutcomeDenied || !w.Contains(r.Day) && !w.Contains(r.First) {
			continue
		}
		k := useKey{r.Action, r.Resource, r.Condition, r.Region, r.InvokedBy}
		u := byKey[k]
		if u == nil {
			u = &useRow{Action: r.Action, Resource: r.Resource, Condition: r.Condition, Region: r.Region, InvokedBy: r.InvokedBy, First: r.First}
			byKey[k] = u
			out = append(out, u)
		}
		u.add(r)
	}
	slices.SortFunc(out, compareUse)
	flat := make([]useRow, len(out))
	for i, u := range out {
		slices.SortFunc(u.Days, time.Time.Compare)
		u.Days = slices.CompactFunc(u.Days, time.Time.Equal)
		flat[i] = *u
	}
	return flat
}

type useKey struct{ action, resource, condition, region, invokedBy string }

func compareUse(a, b *useRow) int {
	return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Condition, b.Condition),
		cmp.Compare(a.Region, b.Region), cmp.Compare(a.InvokedBy, b.InvokedBy))
}

func (u *useRow) add(r *analyze.Usage) {
	u.Count += r.Count
	u.Implied = u.Implied || r.Implied
	u.Days = append(u.Days, r.Day)
	if earlier := r.First.Before(u.First); (earlier || u.Event == "") && len(r.Events) > 0 {
		u.Event = r.Events[0]
	}
	if r.First.Before(u.First) {
		u.First = r.First
	}
	if r.Last.After(u.Last) {
		u.Last = r.Last
	}
}

// actionUse sums up one action's use.
type actionUse struct {
	Action  string
	Implied bool // every use was
	Count   int64
	First   time.Time
	Last    time.Time
	Days    int
	Events  []string // at most five
	Rows    []useRow
}

// actionsUsed groups rows, sorted by action, by it.
func actionsUsed(rows []useRow) []actionUse {
	var out []actionUse
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].Action == rows[from].Action {
			to++
		}
		out = append(out, sumUp(rows[from:to]))
		from = to
	}
	return out
}

func sumUp(rows []useRow) actionUse {
	a := actionUse{Action: rows[0].Action, Implied: true, First: rows[0].First, Rows: rows}
	days := map[time.Time]bool{}
	byTime := slices.SortedFunc(slices.Values(rows), func(a, b useRow) int { return a.First.Compare(b.First) })
	for _, r := range byTime {
		a.Implied = a.Implied && r.Implied
		a.Count += r.Count
		if r.First.Before(a.First) {
			a.First = r.First
		}
		if r.Last.After(a.Last) {
			a.Last = r.Last
		}
		for _, d := range r.Days {
			days[d] = true
		}
		if r.Event != "" && len(a.Events) < 5 && !slices.Contains(a.Events, r.Event) {
			a.Events = append(a.Events, r.Event)
		}
	}
	a.Days = len(days)
	return a
}

// onlyDenied are the actions of a window that were refused and never passed.
func onlyDenied(rows []analyze.Usage, w analyze.Window) []string {
	passed, denied := map[string]bool{}, map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if !w.Contains(r.Day) && !w.Contains(r.First) {
			continue
		}
		if r.Outcome == analyze.OutcomeDenied {
			denied[r.Action] = true
		} else {
			passed[r.Action] = true
		}
	}
	out := []string{}
	for a := range denied {
		if !passed[a] && a != "" {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out
}

// want is an action that a policy must allow on a resource.
type want struct {
	action    string
	id        int    // of the action index, -1 where the catalogue has none
	resource  string // pattern with variables' escapes; "" where not told
	condition string
	glob      glob
	wild      bool // the resource has a wildcard
}

// wantsOf are the wants of used rows, resources as general as g makes them;
// sorted, and none covered by another.
func wantsOf(x *actionIndex, uses []actionUse, g generaliser) []want {
	var out []want
	for _, u := range uses {
		seen := map[string]bool{}
		from := len(out)
		for _, r := range u.Rows {
			w := want{action: u.Action, id: x.id(u.Action), resource: g.of(u.Action, r.Resource), condition: r.Condition}
			if w.resource == "" && w.id >= 0 && x.typeless.has(w.id) {
				w.resource = "*"
			}
			if k := w.resource + "\x00" + w.condition; !seen[k] {
				seen[k] = true
				w.glob = readGlob(w.resource, true)
				w.wild = w.glob.wild()
				out = append(out, w)
			}
		}
		out = append(out[:from], uncovered(out[from:])...)
	}
	return out
}

// uncovered drops wants that another one takes in, and sorts the rest.
func uncovered(ws []want) []want {
	var out []want
	for i := range ws {
		w := &ws[i]
		if !slices.ContainsFunc(ws, func(o want) bool { return o.includes(w) && (!w.includes(&o) || o.resource < w.resource) }) {
			out = append(out, *w)
		}
	}
	slices.SortFunc(out, func(a, b want) int {
		return cmp.Or(strings.Compare(a.resource, b.resource), strings.Compare(a.condition, b.condition))
	})
	return out
}

// includes reports whether o makes another want of its action needless: an
// unknown resource stands for all that is granted, no condition for any.
func (o *want) includes(w *want) bool {
	if o.condition != w.condition && o.condition != "" {
		return false
	}
	if o.resource == w.resource {
		return o.condition != w.condition
	}
	return o.resource == "" || w.resource != "" && o.wild && o.glob.covers(w.glob)
}
