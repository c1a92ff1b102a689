package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// places are where calls came from, as conditions name them; each sorted.
type places struct {
	cidrs     []string // of public addresses
	endpoints []string // of VPC endpoints
	unnamed   bool     // a private address without the endpoint, or none that can be read
}

func (p *places) add(network string) {
	_, err := netip.ParsePrefix(network)
	switch {
	case strings.HasPrefix(network, "vpce-"):
		p.endpoints = append(p.endpoints, network)
	case err == nil:
		p.cidrs = append(p.cidrs, network)
	default:
		p.unnamed = true
	}
}

func (p *places) settle() { p.cidrs, p.endpoints = sorted(p.cidrs), sorted(p.endpoints) }

// usable reports whether a condition can name the places.
func (p *places) usable() bool {
	return !p.unnamed && len(p.cidrs)+len(p.endpoints) > 0 && len(p.cidrs) <= mostPlaces && len(p.endpoints) <= mostPlaces
}

func (p *places) text() string {
	return strings.Join(append(slices.Clone(p.cidrs), p.endpoints...), ", ")
}

// condition refuses what comes from elsewhere, but for calls that a service
// makes on the principal's behalf, which come from AWS. A call through an
// endpoint has no aws:SourceIp, one from outside no aws:SourceVpce.
func (p *places) condition() map[string]map[string]iam.StringList {
	c := map[string]map[string]iam.StringList{"BoolIfExists": {"aws:ViaAWSService": valuesOf("false")}}
	if len(p.cidrs) > 0 {
		c["NotIpAddressIfExists"] = map[string]iam.StringList{"aws:SourceIp": valuesOf(p.cidrs...)}
	}
	if len(p.endpoints) > 0 {
		c["StringNotEqualsIfExists"] = map[string]iam.StringList{"aws:SourceVpce": valuesOf(p.endpoints...)}
	}
	return c
}

// network limits a principal to the networks and VPC endpoints of its use.
// Roles that services use are left out: their calls come from wherever AWS runs them.
func (l *learner) network() *Condition {
	if l.usedByServices() {
		return nil
	}
	train, nets := places{}, l.networks()
	days := map[string]bool{}
	for _, n := range nets {
		days[dateOf(n.Day)] = true
		if l.p.Backtest.Train.Contains(n.Day) {
			train.add(n.Network)
		}
	}
	train.settle()
	if len(days) < networkDays || !train.usable() {
		return nil
	}
	c := &Condition{Kind: "network", Status: suggested, Why: "all calls came from " + train.text() + l.peers(&train),
		Document: denying("OnlyFromUsedNetworks", l.spare, train.condition())}
	t := l.test(c)
	l.fromNetworks(t, nets)
	l.byServices(t)
	if hidden := l.hiddenPlaces(nets); t.Failure == nil && hidden > 0 {
		c.Status, c.Why = withdrawn, fmt.Sprintf("%s, but for %d calls AWS does not tell from where", c.Why, hidden)
	}
	return c
}

// networks are the rows of the window with calls that were not denied.
func (l *learner) networks() []analyze.NetworkUse {
	return slices.DeleteFunc(slices.Clone(l.s.networks), func(n analyze.NetworkUse) bool {
		return n.Count <= n.Denied || !l.z.f.Window.Contains(n.Day) && !l.z.f.Window.Contains(n.First)
	})
}

func (l *learner) usedByServices() bool {
	if slices.ContainsFunc(l.s.assumedBy, func(by string) bool { return strings.HasSuffix(by, ".amazonaws.com") }) {
		return true
	}
	if l.s.holder == nil || l.s.holder.Role == nil || l.s.holder.Role.Trust == nil {
		return false
	}
	return slices.ContainsFunc(l.s.holder.Role.Trust.Statements, func(s iam.Statement) bool {
		return s.Principal != nil && len(s.Principal.By["Service"].Values) > 0
	})
}

// fromNetworks asks for every action of the window from every address: the
// facts do not tell which call came from where.
func (l *learner) fromNetworks(t *conditionTest, nets []analyze.NetworkUse) {
	actions := map[string]bool{}
	for i := range l.rows {
		if r := &l.rows[i]; r.InvokedBy == "" {
			actions[r.Action] = true
		}
	}
	asked := map[string]bool{}
	for i := range nets {
		n := &nets[i]
		t.count(n.Count-n.Denied, n.Day)
		for _, context := range originsOf(n) {
			key := fmt.Sprint(context)
			if asked[key] || t.Failure != nil {
				continue
			}
			asked[key] = true
			for _, action := range slices.Sorted(maps.Keys(actions)) {
				if !t.allows(action, "*", n.Network, context) {
					t.fail(Failure{Action: action, Resource: "from " + n.Network, Count: n.Count - n.Denied, First: n.First, Event: firstID(n.Events)})
					break
				}
			}
		}
	}
}

// originsOf are the contexts of the calls of a row.
func originsOf(n *analyze.NetworkUse) []map[string][]string {
	context := func(key, value string) map[string][]string {
		return map[string][]string{key: {value}, "aws:ViaAWSService": {"false"}}
	}
	if strings.HasPrefix(n.Network, "vpce-") {
		return []map[string][]string{context("aws:SourceVpce", n.Network)}
	}
	var out []map[string][]string
	for _, a := range n.Addresses {
		out = append(out, context("aws:SourceIp", a))
	}
	if p, err := netip.ParsePrefix(n.Network); err == nil && len(out) == 0 {
		out = append(out, context("aws:SourceIp", p.Addr().String()))
	}
	if len(out) == 0 {
		out = append(out, context("aws:SourceIp", "0.0.0.0")) // a place that no condition names
	}
	return out
}

// byServices asks for what services did on the principal's behalf.
func (l *learner) byServices(t *conditionTest) {
	for i := range l.rows {
		r := &l.rows[i]
		if r.InvokedBy == "" || t.Failure != nil {
			continue
		}
		if !t.allows(r.Action, "*", r.InvokedBy, contextOf(r)) {
			t.fail(Failure{Action: r.Action, Resource: "by " + r.InvokedBy, Count: r.Count, First: r.First, Event: r.Event})
		}
	}
}

// hiddenPlaces is a lower bound of the calls that came neither from a network
// nor, as far as the logs tell, from a service on the principal's behalf.
func (l *learner) hiddenPlaces(nets []analyze.NetworkUse) int64 {
	known := int64(0)
	for i := range l.s.networks {
		known += l.s.networks[i].Count
	}
	for i := range l.s.usage {
		if l.s.usage[i].InvokedBy != "" {
			known += l.s.usage[i].Count
		}
	}
	return max(0, l.s.events-known)
}

// peers says how many others use all of the places too.
func (l *learner) peers(p *places) string {
	n := -1 // itself
	for i, place := range append(slices.Clone(p.cidrs), p.endpoints...) {
		if here := l.z.peers[place]; i == 0 || here-1 < n {
			n = here - 1
		}
	}
	if n <= 0 {
		return ""
	}
	return ", which " + counted(n, "other principal") + " " + plural(n, "uses", "use") + " too"
}

// peersOf counts the principals of each network.
func peersOf(f *analyze.Facts) map[string]int {
	out := map[string]int{}
	for i := range f.Principals {
		seen := map[string]bool{}
		for j := range f.Principals[i].Networks {
			if n := f.Principals[i].Networks[j].Network; !seen[n] {
				seen[n] = true
				out[n]++
			}
		}
	}
	return out
}

func firstID(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}
