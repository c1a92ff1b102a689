package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// scpLimit is the size of a service control policy, in characters
// (Organizations user guide, "Quotas for AWS Organizations").
const scpLimit = 5120

// guardrails are limits made of what nobody in any account uses: a service
// control policy, and a permissions boundary that says the same of one account.
// They are made from the training days, tried on the rest, then made anew from
// all.
func (z *sizer) guardrails() []Shared {
	accounts := slices.DeleteFunc(slices.Sorted(maps.Keys(z.cover)), func(a string) bool {
		c := z.cover[a]
		st := standingOf(z.f, c, createdAt(nil))
		return st.days < readyDays || !c.ManagementRead || !c.ManagementWrite
	})
	if len(accounts) == 0 {
		return nil
	}
	g := &orgUse{z: z, accounts: accounts}
	g.gather()
	train, test := splitWindow(z.f.Window)
	scp := g.scp(g.window(train))
	calls, failures := g.try(scp, g.window(test))
	var out []Shared
	for _, kind := range []string{"scp", "boundary"} {
		s := newShared(kind, "only-what-is-used", accounts...)
		whole := g.window(z.f.Window)
		d := g.scp(whole)
		if kind == "boundary" {
			d = g.boundary(whole)
		}
		s.Proposed = append(s.Proposed, PolicyRef{Name: "trimtrail-" + s.Name, Document: d})
		s.Backtest = Backtest{Train: train, Test: test, Calls: calls, Failures: append([]Failure{}, failures...)}
		n, refused := g.try(d, whole)
		s.Replay = &Replay{Calls: n, Denied: countOf(refused)}
		s.Backtest.Denied = countOf(failures)
		g.judge(&s, d, whole)
		out = append(out, s)
	}
	return out
}

func countOf(fs []Failure) (n int64) {
	for _, f := range fs {
		n += f.Count
	}
	return n
}

// orgUse gathers what anybody does in the accounts.
type orgUse struct {
	z        *sizer
	accounts []string
	rows     []useRow // of all principals, by action, region and service
}

// gather folds the use of everybody but roles and services that no such policy
// binds: AWS's own service-linked roles.
func (g *orgUse) gather() {
	by := map[[3]string]*useRow{}
	for i := range g.z.f.Principals {
		p := &g.z.f.Principals[i]
		if p.ServiceLinked || p.Kind == analyze.KindService || !slices.Contains(g.accounts, p.AccountID) {
			continue
		}
		for j := range p.Usage {
			u := &p.Usage[j]
			if u.Outcome == analyze.OutcomeDenied {
				continue
			}
			k := [3]string{u.Action, u.Region, u.InvokedBy}
			r := by[k]
			if r == nil {
				r = &useRow{Action: u.Action, Resource: "*", Region: u.Region, InvokedBy: u.InvokedBy, First: u.First}
				by[k] = r
			}
			r.add(u)
			r.counts = append(r.counts, dayCount{u.Day, u.Count})
		}
	}
	for _, r := range by {
		g.rows = append(g.rows, *r)
	}
	slices.SortFunc(g.rows, func(a, b useRow) int { return compareUse(&a, &b) })
}

// window are the rows with use in a window, counted in it alone.
func (g *orgUse) window(w analyze.Window) []useRow {
	var out []useRow
	for _, r := range g.rows {
		r.Count = 0
		for _, c := range r.counts {
			if w.Contains(c.day) {
				r.Count += c.count
			}
		}
		if r.Count > 0 {
			out = append(out, r)
		}
	}
	return out
}

// services are the patterns of used services, and of those whose use no log
// could show, so that nobody knows.
func (g *orgUse) services(rows []useRow) []string {
	used := map[string]bool{}
	for i := range rows {
		used[serviceOf(rows[i].Action)] = true
	}
	for _, s := range g.z.x.services {
		if g.unseen(s) {
			used[strings.ToLower(s.prefix)] = true
		}
	}
	var out []string
	for _, s := range slices.Sorted(maps.Keys(used)) {
		out = append(out, s+":*")
	}
	return out
}

// unseen reports whether no action of a service can show in the logs of all the accounts.
func (g *orgUse) unseen(s serviceSpan) bool {
	for i := s.from; i < s.to; i++ {
		switch g.z.sight.kinds[i] {
		case catalog.Never:
		case catalog.Data:
			for _, a := range g.accounts {
				if slices.Contains(g.z.cover[a].DataEvents, g.z.sight.types[i]) {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

// regions are those of use, global services aside.
func (g *orgUse) regions(rows []useRow) []string {
	global := g.z.x.anyOf(globalPatterns)
	var out []string
	for i := range rows {
		if id := g.z.x.id(rows[i].Action); rows[i].Region != "" && (id < 0 || !global.has(id)) {
			out = append(out, rows[i].Region)
		}
	}
	return sorted(out)
}

// scp denies services and regions that nobody uses.
func (g *orgUse) scp(rows []useRow) *iam.Document {
	services := denying("OnlyUsedServices", g.services(rows), nil)
	global := slices.DeleteFunc(slices.Clone(globalPatterns), func(p string) bool {
		return !slices.ContainsFunc(services.Statements[0].NotAction.Values, func(s string) bool { return serviceOf(s) == serviceOf(p) })
	})
	if regions := g.regions(rows); len(regions) > 0 {
		elsewhere := denying("OnlyUsedRegions", global, map[string]map[string]iam.StringList{"StringNotEquals": {"aws:RequestedRegion": valuesOf(regions...)}})
		services.Statements = append(services.Statements, elsewhere.Statements...)
	}
	return services
}

// boundary allows used services in used regions, and global ones.
func (g *orgUse) boundary(rows []useRow) *iam.Document {
	d := g.scp(rows)
	services := iam.Statement{Sid: "UsedServices", Effect: iam.Allow, Action: d.Statements[0].NotAction, Resource: valuesOf("*")}
	return &iam.Document{Version: d.Version, Statements: append([]iam.Statement{services}, d.Statements[1:]...)}
}

// try asks a guardrail for calls, as an allowed principal would make them.
func (g *orgUse) try(d *iam.Document, rows []useRow) (calls int64, failures []Failure) {
	decision := iam.NewEvaluator(iam.Policies{Identity: []*iam.Document{allowingAll()}, Boundary: []*iam.Document{d}})
	if d.Statements[0].Effect == iam.Deny {
		decision = iam.NewEvaluator(iam.Policies{Identity: []*iam.Document{allowingAll(), d}})
	}
	for i := range rows {
		r := &rows[i]
		calls += r.Count
		q := iam.Request{Principal: "arn:aws:iam::" + g.accounts[0] + ":role/anybody", Action: r.Action, Resource: "*", ResourceAccount: g.accounts[0], Context: contextOf(r)}
		if decision.Decide(q) != iam.Allowed {
			failures = append(failures, Failure{Action: r.Action, Resource: "in " + r.Region, Count: r.Count, First: r.First, Event: r.Event})
		}
	}
	slices.SortStableFunc(failures, func(a, b Failure) int { return int(b.Count - a.Count) })
	return calls, failures
}

func (g *orgUse) judge(s *Shared, d *iam.Document, rows []useRow) {
	used, regions := g.services(rows), g.regions(rows)
	s.Warnings = append(s.Warnings, fmt.Sprintf("%d of %d services are used, or show in no log, in %s; regions used: %s", len(used), len(g.z.x.services),
		counted(len(g.accounts), "account"), strings.Join(regions, ", ")))
	limit := scpLimit
	if s.Kind == "boundary" {
		limit = managedLimit
	}
	if n := documentSize(d); n > limit {
		s.Confidence = Review
		s.Warnings = append(s.Warnings, fmt.Sprintf("it has %d characters, more than the %d that fit: leave the regions to a policy of their own", n, limit))
	}
	if s.Backtest.Denied > 0 {
		s.Confidence = Review
		s.Warnings = append(s.Warnings, fmt.Sprintf("made from the first two thirds of the window it would have denied %d of %d later calls", s.Backtest.Denied, s.Backtest.Calls))
	}
	if s.Replay.Denied > 0 {
		s.Confidence = Review
		s.Warnings = append(s.Warnings, "the proof failed")
	}
	if s.Kind == "scp" {
		s.Warnings = append(s.Warnings, "attach it to one account or unit first; it binds neither the management account nor service-linked roles")
	}
}
