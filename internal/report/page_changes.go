package report

import (
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// changesView is what changed, for the page.
type changesView struct {
	Text  string
	Lists []changeRows
}

type changeRows struct {
	Name string
	Rows []changeRow
	More int // left out to keep the page small
}

type changeRow struct {
	Change
	Who string
	To  *spot // nil where the page has no such finding
}

// changesOf shows the changes, each with a link to its finding where the page has it.
func changesOf(c *Changes, p *page) *changesView {
	if c == nil {
		return nil
	}
	anchors := map[string]*spot{}
	for _, f := range p.Findings {
		anchors[f.ID] = f.spot
	}
	v := &changesView{Text: c.summary()}
	for _, l := range c.lists() {
		rows := changeRows{Name: l.Name, More: max(0, len(l.List)-maxLines)}
		for _, x := range head(l.List, maxLines) {
			rows.Rows = append(rows.Rows, changeRow{x, shortName(x.Principal), anchors[x.ID]})
		}
		v.Lists = append(v.Lists, rows)
	}
	return v
}

// acceptedLines tells of each accepted finding: what, who, until when and why.
func acceptedLines(list []rules.Accepted) []string {
	var out []string
	for i := range list {
		a := &list[i]
		out = append(out, string(a.Severity)+": "+a.Title+" ("+shortName(a.Principal)+"), until "+day(a.Exception.Expires)+": "+strings.TrimSuffix(a.Exception.Reason, "."))
	}
	return out
}
