package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// Changes says what is other than in an earlier report: each finding of
// either is in one of the lists, or counted as Unchanged.
type Changes struct {
	// Since is the as-of time of the earlier report.
	Since time.Time `json:"since"`
	New   []Change  `json:"new"`
	Worse []Change  `json:"worse"`
	// Resolved were found then and, by the same inputs, are not found now.
	Resolved []Change `json:"resolved"`
	Better   []Change `json:"better"`
	// Accepted were found then; an exception lets them pass now.
	Accepted []Change `json:"accepted"`
	// Unjudged were found then; now an input is missing that their rule needs.
	Unjudged  []Change `json:"unjudged"`
	Unchanged int      `json:"unchanged"`
}

// Change is one finding that is not as it was.
type Change struct {
	ID        string         `json:"id"`
	Rule      string         `json:"rule"`
	Severity  rules.Severity `json:"severity"` // now; the last known where it is gone
	AccountID string         `json:"account_id"`
	Principal string         `json:"principal"`
	Title     string         `json:"title"`
	// Why says what is other: "was medium", "count 12, now 240", "no logs of
	// 111122223333"; empty where the finding is simply new or resolved.
	Why string `json:"why"`
}

// None reports whether everything is as it was.
func (c *Changes) None() bool {
	return len(c.lists()) == 0
}

// Raised reports whether the finding is new or worse: what a pipeline with a
// baseline stops at. Without Changes everything is.
func (c *Changes) Raised(id string) bool { return c == nil || holds(c.New, id) || holds(c.Worse, id) }

// of is how the finding of this id changed: new, worse, better or unchanged;
// empty where nothing was compared.
func (c *Changes) of(id string) string {
	switch {
	case c == nil:
		return ""
	case holds(c.New, id):
		return "new"
	case holds(c.Worse, id):
		return "worse"
	case holds(c.Better, id):
		return "better"
	}
	return "unchanged"
}

func holds(list []Change, id string) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.ID == id })
}

// Compare tells what changed from before to now.
func Compare(before, now *rules.Findings) *Changes {
	c := &Changes{Since: before.AsOf, New: []Change{}, Worse: []Change{}, Resolved: []Change{}, Better: []Change{}, Accepted: []Change{}, Unjudged: []Change{}}
	old := map[string]*rules.Finding{}
	for i := range before.Findings {
		old[before.Findings[i].ID] = &before.Findings[i]
	}
	for i := range now.Findings {
		f := &now.Findings[i]
		c.add(f, old[f.ID], before)
		delete(old, f.ID)
	}
	for i := range before.Findings {
		if f := &before.Findings[i]; old[f.ID] == f {
			c.gone(f, now)
		}
	}
	for _, l := range [][]Change{c.New, c.Worse, c.Resolved, c.Better, c.Accepted, c.Unjudged} {
		slices.SortStableFunc(l, func(a, b Change) int { return cmp.Compare(grade(a.Severity), grade(b.Severity)) })
	}
	return c
}

// add places a finding of now beside what it was, nil where it was not.
func (c *Changes) add(f, was *rules.Finding, before *rules.Findings) {
	if was == nil {
		why := ""
		if exception(before, f.ID) != nil {
			why = "was accepted before"
		}
		c.New = append(c.New, changeOf(f, why))
		return
	}
	switch turn, why := drift(was, f); {
	case turn > 0:
		c.Worse = append(c.Worse, changeOf(f, why))
	case turn < 0:
		c.Better = append(c.Better, changeOf(f, why))
	default:
		c.Unchanged++
	}
}

// drift says whether f is worse (1), better (-1) or as it was (0). The window
// moves on between two reports, so a count means something only where it
// doubled or halved, and by ten at least.
func drift(was, f *rules.Finding) (turn int, why string) {
	if d := grade(was.Severity) - grade(f.Severity); d != 0 {
		return cmp.Compare(d, 0), "was " + string(was.Severity)
	}
	a, b := was.Evidence.Count, f.Evidence.Count
	if max(a, b)-min(a, b) < 10 || max(a, b) < 2*min(a, b) {
		return 0, ""
	}
	return cmp.Compare(b, a), fmt.Sprintf("count %s, now %s", number(a), number(b))
}

// gone places a finding that is no more: resolved only where its rule still
// had all that it needs.
func (c *Changes) gone(f *rules.Finding, now *rules.Findings) {
	if e := exception(now, f.ID); e != nil {
		c.Accepted = append(c.Accepted, changeOf(f, "until "+day(e.Expires)+": "+e.Reason))
		return
	}
	if why := blind(f, now); why != "" {
		c.Unjudged = append(c.Unjudged, changeOf(f, why))
		return
	}
	c.Resolved = append(c.Resolved, changeOf(f, ""))
}

// exception is what lets a finding of this id pass; nil for nothing.
func exception(f *rules.Findings, id string) *rules.Exception {
	for i := range f.Accepted {
		if f.Accepted[i].ID == id {
			return &f.Accepted[i].Exception
		}
	}
	return nil
}

// blind says what keeps now from judging f; empty for nothing.
func blind(f *rules.Finding, now *rules.Findings) string {
	all := rules.Rules()
	r := slices.IndexFunc(all, func(r rules.Rule) bool { return r.ID == f.Rule })
	own := strings.HasPrefix(f.Rule, "X-") // the user's, who knows what became of it
	if r < 0 && !own {
		return "no rule " + f.Rule + " in this version"
	}
	account := slices.IndexFunc(now.Coverage, func(c analyze.Coverage) bool { return c.AccountID == f.AccountID })
	if account < 0 {
		return "nothing loaded of account " + f.AccountID
	}
	if own {
		return ""
	}
	for _, need := range all[r].Needs {
		if lacking(need, &now.Coverage[account]) {
			return "without " + need + " of account " + f.AccountID
		}
	}
	return ""
}

// lacking reports whether an account lacks an input of a rule: every one of
// those that would do.
func lacking(need string, c *analyze.Coverage) bool {
	for one := range strings.SplitSeq(need, " or ") {
		switch {
		case strings.Contains(one, "events") && c.Events == 0:
		case strings.Contains(one, "authorization details") && !c.HasDetails:
		case strings.Contains(one, "credential report") && !c.HasReport:
		default:
			return false
		}
	}
	return true
}

func changeOf(f *rules.Finding, why string) Change {
	return Change{f.ID, f.Rule, f.Severity, f.AccountID, f.Principal, f.Title, why}
}

// changeList is one list of Changes with its name.
type changeList struct {
	Name string
	List []Change
}

// lists are those that are not empty, in the order to read them.
func (c *Changes) lists() []changeList {
	all := []changeList{{"New", c.New}, {"Worse", c.Worse}, {"Resolved", c.Resolved}, {"Better", c.Better}, {"Accepted", c.Accepted}, {"Not judged any more", c.Unjudged}}
	return slices.DeleteFunc(all, func(l changeList) bool { return len(l.List) == 0 })
}

// summary is one line: 2 new, 1 resolved, 7 as before, since
func (c *Changes) summary() string {
	if c.None() {
		return "No change since " + minute(c.Since) + ", " + count(c.Unchanged, "finding") + " as before"
	}
	var parts []string
	for _, l := range c.lists() {
		parts = append(parts, number(len(l.List))+" "+strings.ToLower(l.Name))
	}
	return "Since " + minute(c.Since) + ", " + strings.Join(append(parts, number(c.Unchanged)+" as before"), ", ")
}
