package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// findingRow is a finding with what the page adds to it.
type findingRow struct {
	rules.Finding
	*spot
	Who, Where, Seen, Policy string
	Moments                  []moment
	Place, Plan              *spot  // of its principal and of the principal's proposal; may be nil
	Change                   string // new, worse or better; empty where it is as it was
}

type moment struct{ At, What, Events string }

func (p *page) addFindings(fs []rules.Finding, c *Changes) {
	for i, f := range ranked(fs, nil) {
		r := &findingRow{Finding: f, spot: p.spot("f", i), Who: p.who.of(f.Principal), Where: place(&f),
			Seen: seenSpan(&f.Evidence), Policy: strings.TrimSpace(cleanLines(f.Fix.Policy)), Place: p.places[f.Principal]}
		if g := p.plans[f.Principal]; g != nil {
			r.Plan = g.spot
		}
		if k := c.of(f.ID); k != "unchanged" {
			r.Change = k
		}
		for _, m := range f.Evidence.Timeline {
			r.Moments = append(r.Moments, moment{m.At.UTC().Format(time.DateTime), m.What, strings.Join(m.Events, " ")})
		}
		p.Findings = append(p.Findings, r)
		p.byOwner[f.Principal] = append(p.byOwner[f.Principal], r)
	}
}

// filters offers what the rows in sight can be filtered by, and counts all findings.
func (p *page) filters(rows []*findingRow) {
	p.Tallies, p.Severities = nil, nil
	for _, g := range grades {
		n := 0
		for _, f := range p.Findings {
			if f.Severity == g {
				n++
			}
		}
		if n > 0 {
			p.Severities = append(p.Severities, string(g))
			p.Tallies = append(p.Tallies, number(n)+" "+string(g))
		}
	}
	p.Accounts = distinct(rows, func(f *findingRow) string { return f.AccountID })
	p.Rules = distinct(rows, func(f *findingRow) string { return f.Rule })
	p.Who = distinct(rows, func(f *findingRow) string { return f.Who })
}

// proposalRow is a proposal with its diff and its proof.
type proposalRow struct {
	rules.Proposal
	*spot
	Who, Verdict, Basis, Size, Short, Replay, Command string
	Early, Draft                                      bool
	Proof                                             proof
	Patches                                           []patchView
	Place                                             *spot
}

// patchView is a diff in runs of one kind: del, add, at or same.
type patchView struct {
	Old, New string
	Runs     []run
}

type run struct{ Kind, Text string }

func (g *proposalRow) buys() string {
	before, after, services := sizeOf(&g.Proposal)
	if services > 0 {
		return "drops " + count(before-after, "action") + " and " + count(services, "whole service") + ", keeps " + number(after)
	}
	return fmt.Sprintf("drops %d of %s", before-after, count(before, "granted action"))
}

// risk is what the replay says about breaking something.
func (g *proposalRow) risk() string {
	b := &g.Backtest
	if b.Calls == 0 {
		return "not known: there was no call to replay"
	}
	return fmt.Sprintf("%s of %s of the last %s would have been denied", number(b.Denied), count(b.Calls, "call"), count(b.Test.Days(), "day"))
}

func (p *page) addProposals(ps *rules.Policies) {
	for i, g := range byReadiness(ps.Policies) {
		r := &proposalRow{Proposal: g, spot: p.spot("g", i), Who: p.who.of(g.Principal), Early: tooEarly(&g), Draft: draft(&g),
			Verdict: strings.ToUpper(cmp.Or(g.Confidence, "unknown")), Basis: basis(&g, ps.Window), Size: sizeText(&g), Short: sizeShort(&g), Replay: replay(&g.Backtest),
			Command: "trimtrail policy " + quote(g.Principal) + " --format terraform", Proof: proofOf(&g), Place: p.places[g.Principal]}
		if r.Early {
			r.Size, r.Replay = r.Short, ""
		}
		if !r.Early || r.Draft {
			r.Patches = patchViews(patches(g.Current, g.Proposed))
		}
		p.Proposals, p.plans[g.Principal] = append(p.Proposals, r), r
	}
	p.Trim = trimOf(ps.Policies)
}

func patchViews(ps []patch) []patchView {
	var out []patchView
	for _, d := range ps {
		v := patchView{Old: d.Old, New: d.New}
		for _, l := range d.Lines {
			kind := map[byte]string{'-': "del", '+': "add", '@': "at"}[l[0]]
			if n := len(v.Runs); n > 0 && v.Runs[n-1].Kind == kind {
				v.Runs[n-1].Text += "\n" + l
				continue
			}
			v.Runs = append(v.Runs, run{kind, l})
		}
		out = append(out, v)
	}
	return out
}

// principalRow is a principal with its pictures.
type principalRow struct {
	PrincipalSummary
	*spot
	Who, LastDay        string
	Found               []*findingRow
	Worst               string
	WorstGrade          int
	Plan                *proposalRow
	Spark               string // path
	Bars, Line, Refused chart
	Hours               hoursChart
}

// addPrincipals lists principals with findings first, the gravest first, then
// those whose policies shrink most, then the busiest.
func (p *page) addPrincipals(ss []PrincipalSummary) {
	for i, s := range ss {
		own := p.places[s.ARN]
		if anchor := "p" + strconv.Itoa(i+1); own.Anchor != anchor {
			own = p.spot("p", i) // two names may read the same once cleaned
		}
		r := &principalRow{PrincipalSummary: s, spot: own, Who: p.who.of(s.ARN), LastDay: day(s.Last),
			Found: p.byOwner[s.ARN], WorstGrade: len(grades), Plan: p.plans[s.ARN], Spark: area(squeeze(s.Daily, 31), 16)}
		for _, f := range r.Found {
			if g := grade(f.Severity); g < r.WorstGrade {
				r.Worst, r.WorstGrade = string(f.Severity), g
			}
		}
		r.Bars, r.Line, r.Refused, r.Hours = serviceBars(&s, r.Plan), networkLines(&s), causeBars(s.Causes, 2), hoursOf(&s)
		p.Principals = append(p.Principals, r)
	}
	removed := func(r *principalRow) int {
		if r.Plan == nil {
			return 0
		}
		return len(r.Plan.Removed)
	}
	slices.SortStableFunc(p.Principals, func(a, b *principalRow) int {
		return cmp.Or(cmp.Compare(a.WorstGrade, b.WorstGrade), cmp.Compare(removed(b), removed(a)), cmp.Compare(b.Events, a.Events))
	})
}
