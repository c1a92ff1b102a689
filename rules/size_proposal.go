package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// size makes the proposal of one principal.
func (z *sizer) size(s *subject) Proposal {
	defer clear(z.x.grants)
	rows, notes := z.rows(s, z.f.Window)
	uses := actionsUsed(rows)
	st := standingOf(z.f, s.cover, createdAt(s.holder))
	st.measure(uses)
	p := z.begin(s, &st)
	early := st.tooEarly(z.f.AsOf)
	if early != "" && (s.holder != nil || len(uses) == 0) {
		p.keepAsIs(early, uses)
		p.Warnings = append(p.Warnings, s.recall.untimely()...)
		return p
	}
	b := z.choose(s, rows, &p)
	z.fill(s, &p, b, rows, uses, notes)
	z.prove(s, &p, b, rows)
	z.judge(s, &p, &st)
	z.foresee(s.account).add(&st, uses)
	if early != "" {
		p.Confidence = TooEarly
		p.Warnings = append([]string{early + ". What is proposed is a draft from use alone"}, p.Warnings...)
	}
	p.Warnings = slices.Compact(p.Warnings)
	return p
}

func (z *sizer) foresee(account string) *forecast {
	if z.forecasts[account] == nil {
		z.forecasts[account] = &forecast{onDays: map[int]int{}}
	}
	return z.forecasts[account]
}

func (z *sizer) begin(s *subject, st *standing) Proposal {
	p := Proposal{Principal: s.arn, AccountID: s.account, Current: []PolicyRef{}, Proposed: []PolicyRef{}, Removed: []Removed{}, Kept: []Kept{},
		Unobservable: []string{}, Denied: onlyDenied(s.usage, z.f.Window), Warnings: []string{}, Days: st.days, DaysUsed: st.useDays, Coverage: st.cover}
	p.Backtest = Backtest{Failures: []Failure{}}
	p.Backtest.Train, p.Backtest.Test = splitWindow(st.window)
	if !st.newest.IsZero() {
		newest := st.newest
		p.NewestAction = &newest
	}
	for _, d := range s.docs {
		p.Current = append(p.Current, d.ref)
	}
	p.Current = append(p.Current, s.unread()...)
	return p
}

// unread are attached policies whose text is not known: they stay.
func (s *subject) unread() []PolicyRef {
	var out []PolicyRef
	if s.holder == nil {
		return nil
	}
	for _, u := range s.holder.Unresolved {
		if u != s.holder.Boundary {
			out = append(out, PolicyRef{Name: u[strings.LastIndexAny(u, "/:")+1:], Source: u})
		}
	}
	return out
}

func (p *Proposal) keepAsIs(why string, uses []actionUse) {
	p.Confidence = TooEarly
	p.Proposed = slices.Clone(p.Current)
	p.Kept = keptAsIs(uses)
	p.Warnings = append(p.Warnings, why)
}

// built is a policy made from some of the use.
type built struct {
	scopes map[string]Scope
	wants  []want
	plan   *plan // nil where the current policies are not known
	edits  []edited
}

func (b *built) documents() []*iam.Document {
	var out []*iam.Document
	for _, e := range b.edits {
		if e.next != nil {
			out = append(out, e.next)
		}
	}
	return out
}

// build makes the policy that the rows ask for.
// accessed are the actions that stay by IAM's last-accessed record.
func (z *sizer) build(s *subject, rows []useRow, scopes map[string]Scope, accessed actionSet) *built {
	uses := actionsUsed(rows)
	b := &built{scopes: scopes, wants: wantsOf(z.x, uses, generalise(uses, scopes))}
	if s.holder == nil {
		ref := PolicyRef{Name: "trimtrail-" + s.name}
		if len(b.wants) > 0 {
			b.edits = []edited{{heldDoc: heldDoc{ref: ref, editable: true, managed: true}, next: fresh(z.x, b.wants), changed: true}}
		}
		return b
	}
	spare := spareRule{hidden: z.hiddenIn(s.account), never: z.sight.never, data: z.data[s.account], standby: z.sight.standby, services: servicesUsed(z.x, b.wants), refused: refused(z.x, s.docs)}
	spare.named, spare.accessed = z.o.DropUnobservable, accessed
	for _, action := range onlyDenied(s.usage, z.f.Window) {
		if id := z.x.id(action); id >= 0 {
			spare.refused.add(id)
		}
	}
	if d := s.holder.BoundaryDocument; d != nil {
		spare.refused.unite(z.x.beyond(d))
	}
	if z.o.DropStandby {
		spare.standby = z.x.empty()
	}
	b.plan = makePlan(z.x, s.docs, b.wants, spare)
	b.edits = b.plan.edit()
	return b
}

// replayer asks the current policies; nil where they are not known.
func (s *subject) replayer() *replayer {
	if s.holder == nil {
		return nil
	}
	var docs []*iam.Document
	for _, d := range s.docs {
		docs = append(docs, d.doc)
	}
	return newReplayer(s.arn, docs)
}

// fill writes what the policy keeps and drops into the proposal.
func (z *sizer) fill(s *subject, p *Proposal, b *built, rows []useRow, uses []actionUse, notes []string) {
	hidden := z.hiddenIn(s.account)
	if b.plan == nil {
		p.Kept = keptFresh(uses, b.wants)
	} else {
		rare := slices.Clone(z.sight.standby)
		rare.without(hidden)
		p.Kept = keptList(b.plan, uses, rare, s.recall)
		p.Unobservable = unobservableOf(p.Kept)
	}
	p.Conditions = z.conditions(s, p, rows)
	z.apply(s, p, b)
	proposed, packing := z.packerFor(s, p).pack(b.edits)
	p.Proposed, p.Scope = append(proposed, s.unread()...), b.widest()
	p.Warnings = append(append(append(p.Warnings, append(strangerNotes(b, uses), b.widened()...)...), notes...), packing...)
	after := docsOf(proposed)
	p.Score = &Score{Proposed: scoreOf(z.x, after)}
	if b.plan == nil {
		return
	}
	granted, kept := grantedBy(z.x, s.docs), grantedBy(z.x, after)
	p.Removed = removedList(z.x, granted, kept, p.Days, s.recall)
	p.Score.Current = scoreOf(z.x, s.docs)
	p.Warnings = append(append(p.Warnings, recallNotes(p, s.recall)...), z.hiddenNotes(p, granted, kept, hidden)...)
}

func (z *sizer) packerFor(s *subject, p *Proposal) *packer {
	k := &packer{x: z.x, name: s.name, limit: s.inlineLimit, denied: p.Denied, names: z.policyNames(s.account), taken: map[string]bool{}}
	if s.holder != nil {
		k.current = append([]heldDoc{}, s.docs...)
	}
	return k
}

// policyNames are the names of an account's managed policies; shared: do not change them.
func (z *sizer) policyNames(account string) map[string]bool {
	out, ok := z.names[account]
	if !ok {
		out = map[string]bool{}
		if s := z.states[account]; s != nil {
			for i := range s.Policies {
				out[s.Policies[i].Name] = true
			}
		}
		z.names[account] = out
	}
	return out
}

func docsOf(refs []PolicyRef) []heldDoc {
	var out []heldDoc
	for _, r := range refs {
		if r.Document != nil {
			out = append(out, heldDoc{ref: r, doc: r.Document})
		}
	}
	return out
}

func unobservableOf(kept []Kept) []string {
	out := []string{}
	for _, k := range kept {
		if k.Why == "unobservable" {
			out = append(out, k.Action)
		}
	}
	return out
}
