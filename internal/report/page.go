package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// page is what the template shows: words and numbers, all of them clean.
type page struct {
	Title, Version, AsOf, Window string
	CSP                          string
	Style                        template.CSS // ours, embedded
	Script                       template.JS  // ours, embedded
	Counts                       string
	Tallies                      []string
	Steps                        []step
	Coverage                     []coverageRow
	Findings                     []*findingRow
	Severities, Accounts, Rules  []string // to filter by
	Who                          []string
	Principals                   []*principalRow
	Proposals                    []*proposalRow
	Trim                         trim
	Changes                      *changesView // nil: nothing was compared
	Trend                        trend        // without rows where there was no report before
	Grants, Causes               chart        // of all principals
	NotEvaluable, Warnings       []string
	Accepted                     []string
	Pages                        []part // beside the summary; empty where this is all
	Part                         *part  // of which this is the page; nil for the summary
	Back                         string // from a part to the summary

	site    *site
	who     names
	places  map[string]*spot // principal's ARN → its row
	plans   map[string]*proposalRow
	byOwner map[string][]*findingRow
}

func newPage(m *Model) *page {
	c := copyOf(*m, clean)
	if c.Findings == nil {
		c.Findings = &rules.Findings{}
	}
	if c.Policies == nil {
		c.Policies = &rules.Policies{}
	}
	p := &page{
		Title: cmp.Or(c.Title, "Access report"), Version: c.Version, AsOf: minute(c.Generated),
		Window: windowText(windowOf(&c)), NotEvaluable: bounded(c.Findings.NotEvaluable),
		Warnings: bounded(append(slices.Clone(c.Findings.Warnings), c.Policies.Warnings...)),
		Style:    template.CSS(pageStyle), Script: template.JS(pageScript), CSP: contentPolicy(),
		site: &site{}, places: map[string]*spot{}, plans: map[string]*proposalRow{}, byOwner: map[string][]*findingRow{},
	}
	p.Accepted = bounded(acceptedLines(c.Findings.Accepted))
	p.who = namesOf(everybody(&c))
	for i, s := range c.Principals {
		p.places[s.ARN] = p.spot("p", i)
	}
	p.addProposals(c.Policies)
	p.addFindings(c.Findings.Findings, c.Changes)
	p.addPrincipals(c.Principals)
	p.Changes = changesOf(c.Changes, p)
	p.Grants, p.Causes = grantBars(p.Principals), causeBars(allCauses(c.Principals), 1)
	p.Steps, p.Trend = steps(p), trendOf(&c)
	p.Coverage = coverageRows(c.Findings.Coverage, c.Principals, windowOf(&c))
	p.Counts = counts(&c)
	return p
}

// spot is the place of the i-th row of a kind.
func (p *page) spot(kind string, i int) *spot {
	return &spot{Anchor: kind + strconv.Itoa(i+1), site: p.site}
}

// maxLines bounds the lists of one line an entry.
const maxLines = 200

func bounded(lines []string) []string {
	if len(lines) <= maxLines {
		return lines
	}
	return append(head(lines, maxLines), "and "+number(len(lines)-maxLines)+" more")
}

func windowOf(m *Model) analyze.Window {
	if m.Findings.Window.To.IsZero() {
		return m.Policies.Window
	}
	return m.Findings.Window
}

func everybody(m *Model) []string {
	out := append(principals(m.Findings.Findings), proposers(m.Policies.Policies)...)
	for i := range m.Principals {
		out = append(out, m.Principals[i].ARN)
	}
	return out
}

func counts(m *Model) string {
	parts := []string{count(len(m.Findings.Coverage), "account"), count(len(m.Principals), "principal"), count(eventsOf(m.Findings.Coverage), "event")}
	if n := len(m.Policies.Policies); n > 0 {
		parts = append(parts, count(n, "policy")+" sized to use")
	}
	return strings.Join(parts, " · ")
}

// step is one of the first things to do: what is wrong, what to do about it,
// what that buys and what it risks. Also is what the principal's policy would
// buy where the policy is not the fix. Stake is what the principal may do as
// long as nothing is done.
type step struct {
	Severity, Title, Who, Where, Do, Stake, Buys, Risks, Also string
	To                                                        *spot
}

// maxSteps is how many things a person with ten minutes can start on.
const maxSteps = 5

// steps picks the gravest and surest findings, at most two of a rule while
// there are others, then the policies that are ready and remove most.
func steps(p *page) []step {
	var out []step
	for _, f := range first(p.Findings, maxSteps, func(f *findingRow) *rules.Finding { return &f.Finding }) {
		s := step{Severity: string(f.Severity), Title: f.Title, Who: f.Who, Where: f.Where, Do: f.Fix.Summary, To: f.spot}
		plan := p.plans[f.Principal]
		s.Stake = stake(plan)
		switch {
		case plan == nil || plan.Early:
		case f.Policy != "":
			s.Buys, s.Risks = "a policy sized to use: "+plan.buys(), plan.risk()
		case plan.Confidence == "ready":
			s.Also = "its policy, sized to use, " + plan.buys() + "; " + plan.risk()
		}
		out = append(out, s)
	}
	for _, g := range p.Proposals {
		if len(out) < maxSteps && g.Confidence == "ready" && len(g.Removed) > 0 && len(p.byOwner[g.Principal]) == 0 {
			out = append(out, step{Severity: "trim", Title: "Its policy grants " + count(len(g.Removed), "permission") + " that nobody used", Who: g.Who,
				Do: "Put the proposed policy in place.", Buys: g.buys(), Risks: g.risk(), To: g.spot})
		}
	}
	return out
}

// stake is what the policies of a principal are worth to somebody who should
// not have them; empty where they are not known, or worth little.
func stake(g *proposalRow) string {
	if g == nil || len(g.Current) == 0 || g.Score == nil || g.Score.Current < 1 {
		return ""
	}
	before, _, services := sizeOf(&g.Proposal)
	privilege := fmt.Sprintf("privilege %d of 100", g.Score.Current)
	if g.Early || before == 0 { // what is kept as it is was not counted
		return privilege
	}
	what := "may use " + count(before, "action")
	if services > 0 {
		what += " and " + count(services, "whole service")
	}
	return what + "; " + privilege
}

// distinct returns the values of list, sorted, each once.
func distinct[T any](list []T, of func(T) string) []string {
	var out []string
	for _, v := range list {
		out = append(out, of(v))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
