package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// Shared is a proposal for what several principals have in common: the
// smallest policy that still allows what all of them were seen to do. It
// stands beside the proposals of the principals, which give each its own.
type Shared struct {
	// Kind is policy: a managed policy on several principals; permission set:
	// one of IAM Identity Center, over all accounts; group: users with the same
	// attached policies; inline copies: one document on several; scp and
	// boundary: a limit made of what nobody uses.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// ARN is that of the policy or permission set, where there is one.
	ARN        string   `json:"arn,omitempty"`
	Accounts   []string `json:"accounts"`   // sorted
	Principals []string `json:"principals"` // who have it, sorted
	// Current and Proposed are as in Proposal. One of AWS's own policies is
	// never edited: a copy is proposed, which Replaces it.
	Current  []PolicyRef `json:"current"`
	Proposed []PolicyRef `json:"proposed"`
	Removed  []Removed   `json:"removed"`
	// Needs say who uses what of it, Idle who uses nothing of it, and
	// Undecided of whom it is too early to tell: these may need what goes.
	Needs     []Need   `json:"needs"`
	Idle      []string `json:"idle"`
	Undecided []string `json:"undecided"`
	// Breaks are who would have been denied held-out calls.
	Breaks []Broken `json:"breaks"`
	// Split are policies of their own for principals whose uses have no action in common; empty where all have some.
	Split       []Part   `json:"split"`
	Backtest    Backtest `json:"backtest"`
	Replay      *Replay  `json:"replay,omitempty"`
	NoNewAccess *bool    `json:"no_new_access,omitempty"`
	Score       *Score   `json:"score,omitempty"`
	Confidence  string   `json:"confidence"` // ready, review, too early
	Warnings    []string `json:"warnings"`
}

// Need is what one principal uses of a shared policy.
type Need struct {
	Principal string   `json:"principal"`
	Actions   []string `json:"actions"` // sorted
}

// Broken is a principal that a shared policy made from the training days would have denied calls.
type Broken struct {
	Principal string    `json:"principal"`
	Calls     int64     `json:"calls"`
	Failures  []Failure `json:"failures"` // the most frequent first, at most twenty
}

// Part is one of the policies that a shared one is split into.
type Part struct {
	Principals []string      `json:"principals"`
	Actions    []string      `json:"actions"`
	Document   *iam.Document `json:"document"`
}

// sharer is a holder of something shared, with what it needs of its documents.
type sharer struct {
	s     *subject
	st    standing
	plan  *needed // from the whole window; nil where it is too early
	train *needed
	idle  bool // logs enough, and no use in them
}

// needed is what a plan keeps of each of a sharer's documents, grant by grant.
type needed struct {
	wants    [][][]want
	spared   [][]actionSet // nil where nothing is
	accessed actionSet     // nil where nothing is
}

func neededOf(p *plan) *needed {
	out := &needed{wants: make([][][]want, len(p.docs)), spared: make([][]actionSet, len(p.docs))}
	for n := range p.grants {
		doc, spared := p.grants[n].doc, p.spared[n]
		if !spared.any() {
			spared = nil
		}
		out.wants[doc], out.spared[doc] = append(out.wants[doc], p.wants[n]), append(out.spared[doc], spared)
	}
	if p.accessed.any() {
		out.accessed = p.accessed
	}
	return out
}

// common is what members share: documents by their places in each sharer's list.
type common struct {
	shared  Shared
	docs    []heldDoc
	at      []map[*sharer]int // by document: its place among a member's
	members []*sharer
	// accounts tells that members are of several accounts, see ofAnyAccount.
	accounts bool
	note     string
}

// shared are the proposals for managed policies that several principals of an
// account have. Each principal is read once.
func (z *sizer) shared(account string, only func(arn string) bool) []Shared {
	state := z.states[account]
	if state == nil || z.cover[account] == nil {
		return nil
	}
	defer clear(z.x.grants)
	by := map[string]*common{}
	for _, h := range state.Holders() {
		if keptByAWS(h.ARN) || identityCenter(h.ARN) {
			continue
		}
		z.join(by, &h, only)
	}
	var out []Shared
	for _, arn := range slices.Sorted(maps.Keys(by)) {
		if c := by[arn]; len(c.members) > 1 && z.together(c) {
			out = append(out, c.shared)
		}
	}
	return out
}

// join notes a holder with each managed policy that others may have too.
func (z *sizer) join(by map[string]*common, h *iam.Holder, only func(arn string) bool) {
	var m *sharer
	s := z.subject(z.principals[h.ARN], h)
	for i, d := range s.docs {
		if d.arn == "" || z.attached[d.arn] < 2 && d.group == "" || !only(d.arn) {
			continue
		}
		c := by[d.arn]
		if c == nil {
			ref := PolicyRef{Name: d.ref.Name, Source: d.arn, Document: d.doc}
			c = &common{shared: Shared{Kind: "policy", Name: d.ref.Name, ARN: d.arn, Accounts: []string{s.account}},
				docs: []heldDoc{{ref: ref, doc: d.doc, arn: d.arn, managed: true, editable: !awsOwned(d.arn)}}, at: []map[*sharer]int{{}}}
			by[d.arn] = c
		}
		if m == nil {
			m = z.sharer(s)
		}
		if _, twice := c.at[0][m]; !twice { // by itself and through a group
			c.at[0][m] = i
			c.members = append(c.members, m)
		}
	}
}

func (z *sizer) sharer(s *subject) *sharer {
	defer clear(z.x.grants)
	m := &sharer{s: s}
	rows, _ := z.rows(s, z.f.Window)
	m.st = standingOf(z.f, s.cover, createdAt(s.holder))
	m.st.measure(actionsUsed(rows))
	if m.st.tooEarly(z.f.AsOf) != "" {
		m.idle = m.st.days >= readyDays && m.st.useDays == 0 && newestRecall(s.recall).IsZero()
		return m
	}
	train, _ := splitWindow(m.st.window)
	seen, _ := z.rows(s, train)
	m.plan = neededOf(z.build(s, rows, nil, s.recall.set(z.x, time.Time{})).plan)
	m.train = neededOf(z.build(s, seen, nil, s.recall.set(z.x, train.To)).plan)
	return m
}

func newestRecall(r *recall) time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.newest
}

// together makes the proposal of what members share; false where it would change nothing.
func (z *sizer) together(c *common) bool {
	c.begin()
	whole := func(m *sharer) *needed { return m.plan }
	next := z.union(c, c.members, whole)
	if !next.changed() || len(c.shared.Needs) == 0 && len(c.shared.Undecided) > 0 {
		return false
	}
	c.fill(z, next)
	c.try(z, z.union(c, c.members, func(m *sharer) *needed { return m.train }))
	c.prove(z)
	c.split(z, whole)
	c.judge(z)
	return true
}

func (c *common) begin() {
	s := &c.shared
	s.Current, s.Proposed, s.Removed, s.Needs = []PolicyRef{}, []PolicyRef{}, []Removed{}, []Need{}
	s.Idle, s.Undecided, s.Breaks, s.Split, s.Warnings = []string{}, []string{}, []Broken{}, []Part{}, []string{}
	s.Backtest.Failures = []Failure{}
	slices.SortFunc(c.members, func(a, b *sharer) int { return strings.Compare(a.s.arn, b.s.arn) })
	for _, d := range c.docs {
		s.Current = append(s.Current, d.ref)
	}
	for _, m := range c.members {
		s.Principals = append(s.Principals, m.s.arn)
		needs := c.needs(m)
		switch {
		case m.idle || m.plan != nil && len(needs) == 0:
			s.Idle = append(s.Idle, m.s.arn)
		case m.plan == nil:
			s.Undecided = append(s.Undecided, m.s.arn)
		default:
			s.Needs = append(s.Needs, Need{m.s.arn, needs})
		}
	}
}

// needs are the actions that a member uses by what is shared, sorted.
func (c *common) needs(m *sharer) []string {
	var out []string
	if m.plan == nil {
		return nil
	}
	for i := range c.docs {
		place, ok := c.at[i][m]
		if !ok {
			continue
		}
		for _, ws := range m.plan.wants[place] {
			for _, w := range ws {
				out = append(out, w.action)
			}
		}
	}
	return sorted(out)
}

// union is the plan for the shared documents that keeps what the members' plans keep of them.
func (z *sizer) union(c *common, members []*sharer, of func(*sharer) *needed) *unionPlan {
	p := &plan{x: z.x, docs: c.docs, grants: grantsOf(z.x, c.docs), accessed: z.x.empty()}
	p.wants, p.spared = make([][]want, len(p.grants)), make([]actionSet, len(p.grants))
	for n := range p.spared {
		p.spared[n] = z.x.empty()
	}
	from := 0
	for i := range c.docs {
		for _, m := range members {
			if q := of(m); q != nil {
				p.take(c, q, m, i, from)
			}
		}
		from += len(z.x.grantsIn(&c.docs[i]))
	}
	for n := range p.grants {
		if c.accounts {
			p.wants[n] = ofAnyAccount(p.wants[n])
		}
		p.settle(n)
		p.keeps = append(p.keeps, p.items(n))
	}
	return &unionPlan{p, p.edit()}
}

// take adds what a member needs of the i-th document, whose grants begin at from.
func (p *plan) take(c *common, q *needed, m *sharer, i, from int) {
	if q.accessed != nil {
		p.accessed.unite(q.accessed)
	}
	place, ok := c.at[i][m]
	if !ok {
		return
	}
	for k, ws := range q.wants[place] {
		p.wants[from+k] = append(p.wants[from+k], ws...)
		if spared := q.spared[place][k]; spared != nil {
			p.spared[from+k].unite(spared)
		}
	}
}

// settle drops wants that others take in, and what is spared though some use it.
func (p *plan) settle(n int) {
	by := map[string][]want{}
	for _, w := range p.wants[n] {
		by[w.action] = append(by[w.action], w)
		if w.id >= 0 {
			p.spared[n][w.id>>6] &^= 1 << (w.id & 63)
		}
	}
	p.wants[n] = nil
	for _, action := range slices.Sorted(maps.Keys(by)) {
		ws := by[action]
		slices.SortFunc(ws, func(a, b want) int {
			return cmp.Or(strings.Compare(a.resource, b.resource), strings.Compare(a.condition, b.condition))
		})
		ws = slices.CompactFunc(ws, func(a, b want) bool { return a.resource == b.resource && a.condition == b.condition })
		p.wants[n] = append(p.wants[n], uncovered(ws)...)
	}
}

// unionPlan is a plan for shared documents with what comes of it.
type unionPlan struct {
	*plan
	edits []edited
}

func (u *unionPlan) changed() bool {
	return slices.ContainsFunc(u.edits, func(e edited) bool { return e.changed })
}

// document is what becomes of the i-th document, nil where nothing stays.
func (u *unionPlan) document(i int) *iam.Document { return u.edits[i].next }

// docs are a member's documents with the shared ones replaced.
func (c *common) docsWith(m *sharer, next func(i int) []*iam.Document) []*iam.Document {
	var out []*iam.Document
	for place, d := range m.s.docs {
		i := slices.IndexFunc(c.at, func(at map[*sharer]int) bool { p, ok := at[m]; return ok && p == place })
		switch {
		case i >= 0:
			out = append(out, next(i)...)
		case !slices.ContainsFunc(c.docs, func(s heldDoc) bool { return s.arn != "" && s.arn == d.arn }):
			out = append(out, d.doc)
		}
	}
	return out
}

// fill writes the documents that are proposed, and what goes.
func (c *common) fill(z *sizer, next *unionPlan) {
	s := &c.shared
	days := 0
	for _, m := range c.members {
		days = max(days, m.st.days)
	}
	k := packer{x: z.x, current: c.docs, names: z.policyNames(s.Accounts[0]), taken: map[string]bool{}}
	for i := range c.docs {
		c.place(&k, i, next.document(i))
	}
	s.Warnings = append(s.Warnings, k.notes...)
	after := docsOf(s.Proposed)
	granted, kept := grantedBy(z.x, c.docs), grantedBy(z.x, after)
	s.Removed = removedList(z.x, granted, kept, days, nil)
	s.Score = &Score{Current: scoreOf(z.x, c.docs), Proposed: scoreOf(z.x, after)}
}

// place proposes a document in the place of the i-th.
func (c *common) place(k *packer, i int, next *iam.Document) {
	old, s := &c.docs[i], &c.shared
	switch {
	case next == nil && len(s.Undecided) > 0:
		s.Proposed = append(s.Proposed, old.ref)
		return
	case next == nil:
		k.notes = append(k.notes, "nobody uses anything of "+old.ref.Source+": detach it from all")
		return
	case next == old.doc:
		s.Proposed = append(s.Proposed, old.ref)
		return
	}
	for n, part := range k.fit(next) {
		ref := PolicyRef{Name: old.ref.Name, Source: old.ref.Source, Document: part}
		if n > 0 || !old.editable {
			ref = PolicyRef{Name: k.free(old.ref.Name + "-used"), Replaces: old.ref.Source, Document: part}
		}
		s.Proposed = append(s.Proposed, ref)
	}
}

// parts are the proposed documents that stand for the i-th.
func (c *common) parts(i int) []*iam.Document {
	var out []*iam.Document
	for _, r := range c.shared.Proposed {
		if same := r.Source == c.docs[i].ref.Source && r.Name == c.docs[i].ref.Name; same || r.Replaces != "" && r.Replaces == c.docs[i].ref.Source {
			out = append(out, r.Document)
		}
	}
	return out
}

// try asks the union of the training days for every sharer's held-out calls.
func (c *common) try(z *sizer, train *unionPlan) {
	b := &c.shared.Backtest
	for _, m := range c.members {
		if m.plan == nil {
			continue
		}
		var test analyze.Window
		b.Train, test = splitWindow(m.st.window)
		b.Test = test
		rows, _ := z.rows(m.s, test)
		docs := c.docsWith(m, func(i int) []*iam.Document {
			if d := train.document(i); d != nil {
				return []*iam.Document{d}
			}
			return nil
		})
		t := tryOn(rows, newReplayer(m.s.arn, docs), m.s.replayer())
		b.Calls += t.Calls
		b.Denied += t.Denied
		if t.Denied > 0 {
			c.shared.Breaks = append(c.shared.Breaks, Broken{m.s.arn, t.Denied, t.top()})
			b.Failures = append(b.Failures, t.top()...)
		}
	}
	slices.SortStableFunc(b.Failures, func(a, o Failure) int { return cmp.Compare(o.Count, a.Count) })
	b.Failures = b.Failures[:min(len(b.Failures), mostFailures)]
}

// prove asks the proposal for every sharer's calls, and holds it against the current documents.
func (c *common) prove(z *sizer) {
	s := &c.shared
	s.Replay = &Replay{}
	for _, m := range c.members {
		rows, _ := z.rows(m.s, z.f.Window)
		t := tryOn(rows, newReplayer(m.s.arn, c.docsWith(m, c.parts)), m.s.replayer())
		s.Replay.Calls += t.Calls
		s.Replay.Denied += t.Denied
		s.Replay.Unexplained += t.Unexplained
		for _, f := range t.top() {
			s.Warnings = append(s.Warnings, fmt.Sprintf("it would refuse %s on %s to %s", f.Action, f.Resource, m.s.arn))
		}
	}
	var docs []*iam.Document
	for _, d := range docsOf(s.Proposed) {
		docs = append(docs, d.doc)
	}
	beyond := newAccess(z.x, c.docs, docs)
	proven := beyond == ""
	s.NoNewAccess = &proven
	if !proven {
		s.Warnings = append(s.Warnings, "not proven to be within the current policy: "+beyond)
	}
}

// split proposes policies apart where principals have no used action in common.
func (c *common) split(z *sizer, of func(*sharer) *needed) {
	if len(c.docs) != 1 || len(c.shared.Needs) < 2 {
		return
	}
	groups := apartBy(c.shared.Needs)
	if len(groups) < 2 {
		return
	}
	for _, g := range groups {
		var members []*sharer
		for _, m := range c.members {
			if slices.Contains(g.Principals, m.s.arn) {
				members = append(members, m)
			}
		}
		g.Document = z.union(c, members, of).document(0)
		c.shared.Split = append(c.shared.Split, g)
	}
}

// apartBy groups needs so that no action is in two groups, each as small as that allows.
func apartBy(needs []Need) []Part {
	var out []Part
	for _, n := range needs {
		part := Part{Principals: []string{n.Principal}, Actions: n.Actions}
		var apart []Part
		for _, p := range out {
			if slices.ContainsFunc(p.Actions, func(a string) bool { return slices.Contains(part.Actions, a) }) {
				part.Principals = append(part.Principals, p.Principals...)
				part.Actions = append(slices.Clone(part.Actions), p.Actions...)
			} else {
				apart = append(apart, p)
			}
		}
		part.Principals, part.Actions = sorted(part.Principals), sorted(part.Actions)
		out = append(apart, part)
	}
	slices.SortFunc(out, func(a, b Part) int { return strings.Compare(a.Principals[0], b.Principals[0]) })
	return out
}

// judge gives the confidence, and its reasons as warnings.
func (c *common) judge(z *sizer) {
	s := &c.shared
	var doubts []string
	doubt := func(format string, args ...any) { doubts = append(doubts, fmt.Sprintf(format, args...)) }
	unsure := 0
	for _, m := range c.members {
		if m.plan != nil && len(m.st.doubts(z.f.AsOf)) > 0 {
			unsure++
		}
	}
	switch b := &s.Backtest; {
	case b.Calls == 0:
		doubt("the last third of the window has no call to try the policy on")
	case b.Denied > 0:
		doubt("made from the first two thirds of the window it would have denied %d of %d later calls, of %s", b.Denied, b.Calls, counted(len(s.Breaks), "principal"))
	}
	if unsure > 0 {
		doubt("the logs of %s are short, or some of their actions are new", counted(unsure, "principal"))
	}
	if len(s.Undecided) > 0 {
		doubt("of %s it is too early to tell what they need: give them the policy as it is, by a copy, or wait", counted(len(s.Undecided), "principal"))
	}
	if s.Replay.Denied > 0 || !*s.NoNewAccess {
		doubt("the proof failed")
	}
	for _, m := range c.members[:min(1, len(c.members))] {
		z.coverDoubts(m.s, doubt)
		if ch := lastChange(z.f, s.ARN, nil); ch != nil {
			doubt("%s by %s on %s: what it granted had no time to be used", ch.EventName, ch.Name, dateOf(ch.At))
		}
	}
	s.Confidence = Ready
	switch {
	case len(s.Needs) == 0 && len(s.Undecided) > 0:
		s.Confidence = TooEarly
	case len(doubts) > 0:
		s.Confidence = Review
	}
	s.Warnings = append(doubts, s.Warnings...)
	if c.note != "" {
		s.Warnings = append(s.Warnings, c.note)
	}
	if len(s.Idle) > 0 && s.Kind == "policy" {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s of it: detach it there", usersOfNothing(s.Idle)))
	}
}

func usersOfNothing(arns []string) string {
	var names []string
	for _, a := range arns {
		names = append(names, who(a))
	}
	return fmt.Sprintf("%s %s nothing", listed(names, 5), plural(len(names), "uses", "use"))
}
