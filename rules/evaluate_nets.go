package rules

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// netClass says what a NetworkUse.Network stands for.
type netClass int

const (
	direct   netClass = iota // a public network
	private                  // private addresses, not through a known endpoint
	endpoint                 // a VPC endpoint
	opaque                   // what AWS wrote in place of an address, compared as it stands
)

func netClassOf(network string) netClass {
	switch {
	case network == "private":
		return private
	case strings.HasPrefix(network, "vpce-"):
		return endpoint
	}
	if _, err := netip.ParsePrefix(network); err != nil {
		return opaque
	}
	return direct
}

// orgOf is the neighbourhood of a network, which stands for its owner where
// no register of networks is at hand: the /16 of an IPv4 and the /32 of an IPv6 network.
func orgOf(network string) string {
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return network
	}
	bits := 16
	if p.Addr().Is6() {
		bits = 32
	}
	wide, err := p.Addr().Prefix(bits)
	if err != nil {
		return network
	}
	return wide.String()
}

// networks knows who uses which network and address, over all principals.
// Actors are principals by their ARN, and people of IAM Identity Center by name.
type networks struct {
	byNet  map[string]map[string]bool // network → actors
	byAddr map[string]map[string]bool // address → ARNs of those who are not instances
	egress map[string]bool            // networks that instances are known to leave by
	// regulars are, by network and by neighbourhood, the actors that use it as theirs.
	regulars map[string]map[string]bool
	actors   map[string]map[string]bool // account → actors with a network
	// rows are the uses of each actor, principal by principal.
	rows map[string][]row
	own  []KnownNetwork

	place     func(netip.Addr) Place     // nil: no registers
	places    map[string]Place           // by network
	abroad    map[string]map[string]bool // account and country → actors
	countries bool                       // some network's country is known
}

// row is one use with its principal.
type row struct {
	p *analyze.Principal
	u *analyze.NetworkUse
}

func networksOf(f *analyze.Facts, own []KnownNetwork, place func(netip.Addr) Place) *networks {
	n := &networks{byNet: map[string]map[string]bool{}, byAddr: map[string]map[string]bool{}, egress: map[string]bool{},
		regulars: map[string]map[string]bool{}, actors: map[string]map[string]bool{}, rows: map[string][]row{}, own: own,
		place: place, places: map[string]Place{}, abroad: map[string]map[string]bool{}}
	for i := range f.Principals {
		p := &f.Principals[i]
		for j := range p.Networks {
			u := &p.Networks[j]
			actor := whose(p, u)
			n.rows[actor] = append(n.rows[actor], row{p, u})
			note(n.byNet, u.Network, actor)
			note(n.actors, p.AccountID, actor)
			n.settleIn(u, p.AccountID, actor)
			for _, a := range u.Addresses {
				if !u.Instance {
					note(n.byAddr, a, p.ARN)
				}
			}
		}
	}
	n.learnEgress(f)
	n.learnRegulars()
	return n
}

// personMark begins the name of an actor that is a person.
const personMark = "person "

// whose is whom a use is charged to: in IAM Identity Center the person, who
// has a role in each account; else the principal.
func whose(p *analyze.Principal, u *analyze.NetworkUse) string {
	if u.Session != "" && identityCenter(p.ARN) {
		return personMark + u.Session
	}
	return p.ARN
}

// Bounds of what makes a network somebody's own: the days of one actor,
// or so many actors that it must be a common way out, as a new NAT gateway is.
const (
	regularDays = 3
	commonUsers = 5
)

// stay is what one actor did on one network.
type stay struct {
	days   map[time.Time]bool
	agents map[string]bool
	denied int64
}

// learnRegulars finds who uses a network as theirs, so that an intruder with
// two stolen credentials does not vouch for himself. Nor does one with five:
// at a common way out people do what they always do.
func (n *networks) learnRegulars() {
	common := map[string][]string{} // network → actors as usual there
	for actor, rows := range n.rows {
		stays := staysOf(rows)
		usual := habits(stays)
		for network, s := range stays {
			if len(s.days) >= regularDays {
				n.settle(network, actor)
			}
			if len(stays) == 1 || s.asUsual(usual) {
				common[network] = append(common[network], actor)
			}
		}
	}
	for network, actors := range common {
		if len(actors) >= commonUsers {
			for _, a := range actors {
				n.settle(network, a)
			}
		}
	}
}

func (n *networks) settle(network, actor string) {
	note(n.regulars, network, actor)
	note(n.regulars, n.orgOf(network), actor)
}

func staysOf(rows []row) map[string]*stay {
	out := map[string]*stay{}
	for _, r := range rows {
		s := out[r.u.Network]
		if s == nil {
			s = &stay{days: map[time.Time]bool{}, agents: map[string]bool{}}
			out[r.u.Network] = s
		}
		s.days[r.u.Day], s.denied = true, s.denied+r.u.Denied
		for _, a := range r.u.Agents {
			s.agents[a] = true
		}
	}
	return out
}

// habits are the software that an actor uses on networks of its own.
func habits(stays map[string]*stay) map[string]bool {
	out := map[string]bool{}
	for _, s := range stays {
		if len(s.days) >= regularDays {
			for a := range s.agents {
				out[a] = true
			}
		}
	}
	return out
}

// asUsual tells that an actor was refused nothing during a stay and used its
// usual software.
func (s *stay) asUsual(usual map[string]bool) bool {
	for a := range s.agents {
		if !usual[a] {
			return false
		}
	}
	return s.denied == 0
}

// share is the part of the account's other actors that use the network or
// neighbourhood as theirs; of the whole organisation's where so many do that
// it must be a way out of hers.
func (n *networks) share(network, account, actor string) float64 {
	here, all := 0, 0
	for other := range n.regulars[network] {
		if other == actor {
			continue
		}
		all++
		if n.actors[account][other] {
			here++
		}
	}
	part := float64(here) / float64(max(1, n.peers(account, actor)))
	if all >= commonUsers {
		part = max(part, float64(all)/float64(max(1, len(n.rows)-1)))
	}
	return part
}

// peers is the number of an account's actors beside one.
func (n *networks) peers(account, actor string) int {
	if n.actors[account][actor] {
		return len(n.actors[account]) - 1
	}
	return len(n.actors[account])
}

func note(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

// learnEgress finds the networks that instances leave by: used by two
// instances or more, or by one on three days without a denied call.
func (n *networks) learnEgress(f *analyze.Facts) {
	sessions, days, denied := map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]int64{}
	for i := range f.Principals {
		for _, u := range f.Principals[i].Networks {
			if u.Instance && netClassOf(u.Network) == direct {
				note(sessions, u.Network, u.Session)
				note(days, u.Network+" "+u.Session, dateOf(u.Day))
				denied[u.Network+" "+u.Session] += u.Denied
			}
		}
	}
	for network, ss := range sessions {
		for s := range ss {
			key := network + " " + s
			if len(ss) >= 2 || len(days[key]) >= 3 && denied[key] == 0 {
				n.egress[network] = true
			}
		}
	}
}

// others counts the actors beside one that use the network.
func (n *networks) others(network, actor string) int {
	k := len(n.byNet[network])
	if n.byNet[network][actor] {
		k--
	}
	return k
}

// strangers are principals beside arn that use one of these addresses and are not instances, sorted.
func (n *networks) strangers(addresses []string, arn string) []string {
	found := map[string]bool{}
	for _, a := range addresses {
		for other := range n.byAddr[a] {
			if other != arn {
				found[other] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// byTime orders network uses by first call, ties by first event id.
func byTime(us []analyze.NetworkUse) []analyze.NetworkUse {
	us = slices.Clone(us)
	slices.SortStableFunc(us, func(a, b analyze.NetworkUse) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(first(a.Events), first(b.Events)), cmp.Compare(a.Network, b.Network))
	})
	return us
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// systemsOf are the operating systems that user-agent families name, sorted.
func systemsOf(agents []string) []string {
	found := map[string]bool{}
	for _, a := range agents {
		if _, os, ok := strings.Cut(a, "/"); ok && os != "" {
			found[os] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// disjoint reports whether both lists hold something and share nothing.
func disjoint(a, b []string) bool {
	return len(a) > 0 && len(b) > 0 && !slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// uses sums network uses into evidence.
func usesEvidence(us []analyze.NetworkUse) Evidence {
	var e Evidence
	addresses := map[string]bool{}
	for _, u := range byTime(us) {
		e.Count += u.Count
		if e.First == nil || u.First.Before(*e.First) {
			e.First = instant(u.First)
		}
		if e.Last == nil || u.Last.After(*e.Last) {
			e.Last = instant(u.Last)
		}
		e.Events = append(e.Events, u.Events...)
		for _, a := range u.Addresses {
			addresses[a] = true
		}
	}
	e.Addresses = slices.Sorted(maps.Keys(addresses))
	return e
}

// agentsOf are the distinct user-agent families of the uses, sorted.
func agentsOf(us []analyze.NetworkUse) []string {
	found := map[string]bool{}
	for _, u := range us {
		for _, a := range u.Agents {
			found[a] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}
