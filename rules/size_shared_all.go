package rules

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// sharedAll are the proposals for all that principals share, sorted by kind,
// account and name; of the policies and permission sets asked for alone where
// the options name any.
func (z *sizer) sharedAll() []Shared {
	only := func(arn string) bool { return !z.o.skips(arn) }
	accounts := slices.Sorted(maps.Keys(z.states))
	found := make([][]Shared, len(accounts))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, min(z.o.Workers, len(accounts))) {
		y := z.fork()
		wg.Go(func() {
			for n := next.Add(1); n <= int64(len(accounts)); n = next.Add(1) {
				found[n-1] = y.shared(accounts[n-1], only)
			}
		})
	}
	wg.Wait()
	out := slices.Concat(found...)
	out = append(out, z.permissionSets(only)...)
	if z.o.Only == nil {
		out = append(out, z.groups()...)
		out = append(out, z.copies()...)
		out = append(out, z.guardrails()...)
	}
	return append([]Shared{}, out...)
}

// setRole is the name of a role that Identity Center makes: of the set, and a hash.
var setRole = regexp.MustCompile(`^AWSReservedSSO_(.+)_[0-9a-f]{16}$`)

// permissionSets are proposals for the permission sets of IAM Identity Center,
// each for its roles in all accounts.
func (z *sizer) permissionSets(only func(string) bool) []Shared {
	by := map[string][]*iam.Holder{}
	for _, arn := range z.everyone() {
		h, held := z.holder(arn)
		if !held || h.Role == nil || !identityCenter(arn) || z.cover[h.AccountID] == nil {
			continue
		}
		if m := setRole.FindStringSubmatch(h.Name); m != nil {
			by[m[1]] = append(by[m[1]], h)
		}
	}
	var out []Shared
	for _, name := range slices.Sorted(maps.Keys(by)) {
		arn := z.setARN(name)
		asked := only(arn) || slices.ContainsFunc(by[name], func(h *iam.Holder) bool { return only(h.ARN) })
		if !asked {
			continue
		}
		if c := z.setOf(name, arn, by[name]); len(c.docs) > 0 && z.together(c) {
			out = append(out, c.shared)
		}
		clear(z.x.grants)
	}
	return out
}

// setARN is the ARN of a loaded permission set of a name, or empty.
func (z *sizer) setARN(name string) string {
	for _, account := range slices.Sorted(maps.Keys(z.states)) {
		if s := z.states[account]; s != nil {
			for i := range s.PermissionSets {
				if s.PermissionSets[i].Name == name {
					return s.PermissionSets[i].ARN
				}
			}
		}
	}
	return ""
}

// setOf gathers the roles of a permission set. Its documents are those of the
// first role; a role where one says something else drifted, and is left out for it.
func (z *sizer) setOf(name, arn string, holders []*iam.Holder) *common {
	c := &common{shared: Shared{Kind: "permission set", Name: name, ARN: arn}, accounts: true}
	place := map[string]int{} // by where the policy is, and its name
	var drifted []string
	for _, h := range holders {
		m := z.sharer(z.subject(z.principals[h.ARN], h))
		c.members = append(c.members, m)
		c.shared.Accounts = append(c.shared.Accounts, h.AccountID)
		for i, d := range m.s.docs {
			k := d.ref.Source + "\x00" + d.ref.Name
			if d.arn != "" && !awsOwned(d.arn) {
				k = "customer\x00" + d.ref.Name // the set names it, each account has it
			}
			at, ok := place[k]
			if !ok {
				at = len(c.docs)
				place[k] = at
				c.docs = append(c.docs, heldDoc{ref: d.ref, doc: d.doc, arn: d.arn, managed: d.managed, editable: !awsOwned(d.arn)})
				c.at = append(c.at, map[*sharer]int{})
			}
			if d.doc == c.docs[at].doc || string(d.doc.JSON()) == string(c.docs[at].doc.JSON()) {
				c.at[at][m] = i
			} else {
				drifted = append(drifted, who(h.ARN)+" in "+h.AccountID)
			}
		}
	}
	c.shared.Accounts = sorted(c.shared.Accounts)
	c.note = "change the permission set in IAM Identity Center, once for all of its accounts: the roles themselves cannot be changed"
	if len(drifted) > 0 {
		c.note += "; " + listed(sorted(drifted), 3) + " " + plural(len(drifted), "has", "have") + " other documents than the rest: provision the set anew first"
	}
	return c
}

// ofAnyAccount puts * for the account of ARNs that differ in it alone: a role
// of a permission set acts in its own account.
func ofAnyAccount(ws []want) []want {
	accounts := map[[2]string]map[string]bool{}
	key := func(w *want) ([2]string, string) {
		f := strings.SplitN(w.resource, ":", 6)
		if len(f) < 6 || len(f[4]) != 12 {
			return [2]string{}, ""
		}
		account := f[4]
		f[4] = "*"
		return [2]string{strings.Join(f, ":"), w.condition}, account
	}
	for i := range ws {
		if k, account := key(&ws[i]); account != "" {
			if accounts[k] == nil {
				accounts[k] = map[string]bool{}
			}
			accounts[k][account] = true
		}
	}
	for i := range ws {
		w := &ws[i]
		if k, account := key(w); account != "" && len(accounts[k]) > 1 {
			w.resource, w.glob, w.wild = k[0], readGlob(k[0], true), true
		}
	}
	return ws
}

// groups are users with the same attached policies, and the group that would hold them.
func (z *sizer) groups() []Shared {
	var out []Shared
	for _, account := range slices.Sorted(maps.Keys(z.states)) {
		s := z.states[account]
		if s == nil {
			continue
		}
		for _, g := range groupsFor(s) {
			if len(g.users) < 2 {
				continue
			}
			h := newShared("group", g.name, account)
			for i := range s.Users {
				if slices.Contains(g.users, s.Users[i].Name) {
					h.Principals = append(h.Principals, s.Users[i].ARN)
				}
			}
			for _, arn := range g.policies {
				ref := PolicyRef{Name: nameOf(arn), Source: arn, Document: z.documentOf(account, arn)}
				h.Current, h.Proposed = append(h.Current, ref), append(h.Proposed, ref)
			}
			slices.Sort(h.Principals)
			h.Warnings = append(h.Warnings, "the group stands in for what hangs on each user; what they may do stays the same")
			if g.exists {
				h.Warnings = append(h.Warnings, "the group is there already: add the users, then detach the policies from them")
			}
			out = append(out, h)
		}
	}
	return out
}

func (z *sizer) documentOf(account, arn string) *iam.Document {
	s := z.states[account]
	if i := slices.IndexFunc(s.Policies, func(p iam.Policy) bool { return p.ARN == arn }); i >= 0 {
		return s.Policies[i].Document
	}
	return nil
}

func newShared(kind, name string, accounts ...string) Shared {
	return Shared{Kind: kind, Name: name, Accounts: accounts, Principals: []string{}, Current: []PolicyRef{}, Proposed: []PolicyRef{}, Removed: []Removed{}, Needs: []Need{},
		Idle: []string{}, Undecided: []string{}, Breaks: []Broken{}, Split: []Part{}, Backtest: Backtest{Failures: []Failure{}}, Confidence: Ready, Warnings: []string{}}
}

// copies are inline policies that say the same on several principals, and the managed policy in their place.
func (z *sizer) copies() []Shared {
	var out []Shared
	for _, account := range slices.Sorted(maps.Keys(z.states)) {
		s := z.states[account]
		if s == nil {
			continue
		}
		by := map[string][]inlineCopy{}
		for _, c := range inlineCopies(s) {
			text := withoutSids(c.doc)
			by[text] = append(by[text], c)
		}
		for _, text := range slices.Sorted(maps.Keys(by)) {
			cs := by[text]
			if principalsIn(cs) < 2 {
				continue
			}
			name := cs[0].policy
			if nameTaken(s, name) {
				name += "-shared"
			}
			h := newShared("inline copies", name, account)
			for _, c := range cs {
				h.Principals = append(h.Principals, c.arn)
				h.Current = append(h.Current, PolicyRef{Name: c.policy, Source: "inline", Document: c.doc})
			}
			h.Principals = sorted(h.Principals)
			h.Proposed = append(h.Proposed, PolicyRef{Name: name, Replaces: "inline " + name, Document: cs[0].doc})
			h.Warnings = append(h.Warnings, "one managed policy in the place of the copies; what they may do stays the same")
			if documentSize(cs[0].doc) > managedLimit {
				continue
			}
			out = append(out, h)
		}
	}
	return out
}
