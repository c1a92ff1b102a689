package rules

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

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
type networks struct {
	byNet  map[string]map[string]bool // network → principals' ARNs
	byAddr map[string]map[string]bool // address → ARNs of those who are not instances
	egress map[string]bool            // networks that instances are known to leave by
	// regulars are, by network and by neighbourhood, the principals that use it as theirs.
	regulars map[string]map[string]bool
	actors   map[string]int // account → principals with a network
	own      []KnownNetwork
}

func networksOf(f *analyze.Facts, own []KnownNetwork) *networks {
	n := &networks{map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]bool{}, map[string]map[string]bool{}, map[string]int{}, own}
	for i := range f.Principals {
		p := &f.Principals[i]
		for j := range p.Networks {
			u := &p.Networks[j]
			note(n.byNet, u.Network, p.ARN)
			for _, a := range u.Addresses {
				if !u.Instance {
					note(n.byAddr, a, p.ARN)
				}
			}
		}
	}
	n.learnEgress(f)
	n.learnRegulars(f)
	return n
}

// Bounds of what makes a network somebody's own: the days of one principal,
// or so many principals that it must be a common way out, as a new NAT gateway is.
const (
	regularDays = 3
	commonUsers = 5
)

// learnRegulars finds who uses a network as theirs, so that an intruder with
// two stolen credentials does not vouch for himself.
func (n *networks) learnRegulars(f *analyze.Facts) {
	days := map[string]map[string]bool{}
	for i := range f.Principals {
		p := &f.Principals[i]
		if len(p.Networks) > 0 {
			n.actors[p.AccountID]++
		}
		for _, u := range p.Networks {
			note(days, u.Network+" "+p.ARN, dateOf(u.Day))
		}
	}
	for network, users := range n.byNet {
		for arn := range users {
			if len(users) >= commonUsers || len(days[network+" "+arn]) >= regularDays {
				note(n.regulars, network, arn)
				note(n.regulars, orgOf(network), arn)
			}
		}
	}
}

// share is the part of the account's other principals that use the network
// or neighbourhood as theirs.
func (n *networks) share(network string, p *analyze.Principal) float64 {
	k := 0
	for arn := range n.regulars[network] {
		if arn != p.ARN && (arnAccount(arn) == p.AccountID || arnAccount(arn) == "") {
			k++
		}
	}
	return float64(k) / float64(max(1, n.actors[p.AccountID]-1))
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

// others counts the principals beside arn that use the network.
func (n *networks) others(network, arn string) int {
	k := len(n.byNet[network])
	if n.byNet[network][arn] {
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
