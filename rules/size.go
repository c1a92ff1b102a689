package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// SizeOptions are the choices that a person has when policies are sized.
type SizeOptions struct {
	// DropStandby removes unused recovery and rotation actions too, which are
	// kept where a policy spells them out, as rds:Restore*.
	DropStandby bool
	// DropUnobservable removes actions whose use no log could show, except
	// those that a policy names one by one. It is for who knows the workload.
	DropUnobservable bool
	// Conditions puts the conditions that held into the proposals; else they
	// are suggested beside them.
	Conditions bool
	// Workers is how many goroutines SizeAll uses; none: one. The answer is the same.
	Workers int
	// Only are the ARNs that SizeAll proposes for; nil: everybody. What it says
	// of a whole account is then left out.
	Only []string
}

// skips reports whether a principal is not asked about.
func (o *SizeOptions) skips(arn string) bool { return o.Only != nil && !slices.Contains(o.Only, arn) }

// Size proposes the smallest policy that one user or role needs, by its use in
// the window: its current policies, edited, where states (by account) hold
// them, else a new policy from use alone. The error tells that neither the
// logs nor the states know a user or role of this ARN.
//
// A proposal never gives what the current policies do not give, and is tried
// on held-out calls (Backtest) and on all calls (Replay).
func Size(f *analyze.Facts, arn string, states map[string]*iam.State, cat *catalog.Catalog, o SizeOptions) (Proposal, error) {
	z := newSizer(f, states, cat, o)
	p := z.principals[arn]
	h, held := z.holder(arn)
	if p == nil && !held {
		return Proposal{}, fmt.Errorf("no use and no IAM state of %s is known", arn)
	}
	if !held && p.Kind != analyze.KindUser && p.Kind != analyze.KindRole {
		return Proposal{}, fmt.Errorf("%s is a %s: only users and roles have policies to size", arn, p.Kind)
	}
	return z.size(z.subject(p, h)), nil
}

// SizeAll proposes policies for all users and roles that the logs or the
// states know, sorted by ARN. Roles that AWS keeps, and principals of accounts
// without logs here, are left out; the latter are counted in the warnings.
func SizeAll(f *analyze.Facts, states map[string]*iam.State, cat *catalog.Catalog, o SizeOptions) *Policies {
	z := newSizer(f, states, cat, o)
	out := &Policies{Schema: "trimtrail.policies/1", AsOf: f.AsOf, Window: f.Window, Policies: []Proposal{}, Warnings: []string{}}
	var subjects []*subject
	foreign := 0
	for _, arn := range z.everyone() {
		if o.skips(arn) {
			continue
		}
		h, _ := z.holder(arn)
		if s := z.subject(z.principals[arn], h); s.cover != nil || h != nil {
			subjects = append(subjects, s)
		} else {
			foreign++
		}
	}
	out.Policies = append(out.Policies, z.sizeEach(subjects)...)
	out.Shared = z.sharedAll()
	if o.Only == nil {
		out.Warnings = append(out.Warnings, forecastNotes(z.forecasts)...)
	}
	if foreign > 0 {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%d users and roles of accounts whose logs were not loaded: only part of their use is known, so no policy is proposed", foreign))
	}
	return out
}

// sizeEach sizes subjects, in their order, by so many workers as the options say.
func (z *sizer) sizeEach(subjects []*subject) []Proposal {
	out := make([]Proposal, len(subjects))
	workers := make([]*sizer, max(1, min(z.o.Workers, len(subjects))))
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range workers {
		workers[i] = z.fork()
		wg.Go(func() {
			for n := next.Add(1); n <= int64(len(subjects)); n = next.Add(1) {
				out[n-1] = workers[i].size(subjects[n-1])
			}
		})
	}
	wg.Wait()
	for _, w := range workers {
		for account, c := range w.forecasts {
			z.foresee(account).merge(c)
		}
	}
	return out
}

// fork is a sizer for another goroutine: what it remembers is its own.
func (z *sizer) fork() *sizer {
	y := *z
	y.x, y.hidden, y.forecasts, y.names = z.x.fork(), map[string]actionSet{}, map[string]*forecast{}, map[string]map[string]bool{}
	return &y
}

// sizer holds what the sizing of every principal shares.
type sizer struct {
	f          *analyze.Facts
	o          SizeOptions
	x          *actionIndex
	sight      *visibility
	principals map[string]*analyze.Principal
	cover      map[string]*analyze.Coverage
	states     map[string]*iam.State
	indexes    map[string]*iam.Index
	profiles   map[string]string
	attached   map[string]int
	peers      map[string]int                  // principals of each network
	hidden     map[string]actionSet            // by account
	data       map[string]map[string]*dataSeen // by account and type of data event
	forecasts  map[string]*forecast            // by account
	names      map[string]map[string]bool      // by account, see policyNames
}

func newSizer(f *analyze.Facts, states map[string]*iam.State, cat *catalog.Catalog, o SizeOptions) *sizer {
	z := &sizer{f: f, o: o, x: newActionIndex(cat), states: states, principals: map[string]*analyze.Principal{},
		cover: map[string]*analyze.Coverage{}, indexes: map[string]*iam.Index{}, hidden: map[string]actionSet{},
		profiles: rolesOfProfiles(states), attached: map[string]int{}, peers: peersOf(f), forecasts: map[string]*forecast{}, names: map[string]map[string]bool{}}
	z.sight = newVisibility(z.x)
	for i := range f.Principals {
		z.principals[f.Principals[i].ARN] = &f.Principals[i]
	}
	for i := range f.Coverage {
		z.cover[f.Coverage[i].AccountID] = &f.Coverage[i]
	}
	for account, s := range states {
		if s != nil {
			z.indexes[account] = s.Index()
			z.countAttached(s)
		}
	}
	z.data = z.dataShown()
	return z
}

// countAttached counts who holds each managed policy: as AWS counts it, or as the state shows, whichever is more.
func (z *sizer) countAttached(s *iam.State) {
	seen := map[string]int{}
	for i := range s.Users {
		countAll(seen, s.Users[i].Attached)
	}
	for i := range s.Roles {
		countAll(seen, s.Roles[i].Attached)
	}
	for i := range s.Groups {
		countAll(seen, s.Groups[i].Attached)
	}
	for i := range s.Policies {
		seen[s.Policies[i].ARN] = max(seen[s.Policies[i].ARN], s.Policies[i].Attached)
	}
	for arn, n := range seen {
		z.attached[arn] = max(z.attached[arn], n)
	}
}

func countAll(n map[string]int, arns []string) {
	for _, arn := range arns {
		n[arn]++
	}
}

// holder finds a user or role in the state of its account.
func (z *sizer) holder(arn string) (*iam.Holder, bool) {
	if x := z.indexes[accountIn(arn)]; x != nil {
		if h, ok := x.Lookup(arn); ok {
			return &h, true
		}
	}
	return nil, false
}

func accountIn(arn string) string {
	if f := strings.SplitN(arn, ":", 6); len(f) == 6 {
		return f[4]
	}
	return ""
}

// everyone is the ARNs of all users and roles to size, sorted.
func (z *sizer) everyone() []string {
	all := map[string]bool{}
	for arn, p := range z.principals {
		if (p.Kind == analyze.KindUser || p.Kind == analyze.KindRole) && !p.ServiceLinked {
			all[arn] = true
		}
	}
	for _, s := range z.states {
		if s == nil {
			continue
		}
		for i := range s.Users {
			all[s.Users[i].ARN] = true
		}
		for i := range s.Roles {
			all[s.Roles[i].ARN] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), keptByAWS)
}

// keptByAWS tells a service-linked role, which nobody else can edit.
func keptByAWS(arn string) bool { return strings.Contains(arn, ":role/aws-service-role/") }

// subject is one principal with all that its sizing needs.
type subject struct {
	arn, name, account string
	usage              []analyze.Usage
	networks           []analyze.NetworkUse
	assumedBy          []string
	events             int64
	holder             *iam.Holder // nil where no state knows it
	docs               []heldDoc
	cover              *analyze.Coverage // nil where its account has no logs
	recall             *recall
	inlineLimit        int
}

func (z *sizer) subject(p *analyze.Principal, h *iam.Holder) *subject {
	s := &subject{holder: h, inlineLimit: roleInlineLimit}
	if p != nil {
		s.arn, s.name, s.account, s.usage = p.ARN, p.Name, p.AccountID, p.Usage
		s.networks, s.assumedBy, s.events = p.Networks, p.AssumedBy, p.Events
	}
	if h != nil {
		s.arn, s.name, s.account = h.ARN, h.Name, h.AccountID
		s.docs = heldDocs(h, z.attached)
	}
	s.account = cmp.Or(s.account, accountIn(s.arn))
	s.name = cmp.Or(s.name, s.arn[strings.LastIndexByte(s.arn, '/')+1:])
	if strings.Contains(s.arn, ":user/") {
		s.inlineLimit = userInlineLimit
	}
	s.cover = z.cover[s.account]
	s.recall = recallOf(z.states[s.account], s.arn, s.usage, z.f.Window.From, z.f.AsOf)
	return s
}

// hiddenIn are the actions that the account's logs cannot show.
func (z *sizer) hiddenIn(account string) actionSet {
	if _, ok := z.hidden[account]; !ok {
		z.hidden[account] = z.sight.hidden(z.x, z.cover[account], z.f.Window)
	}
	return z.hidden[account]
}
