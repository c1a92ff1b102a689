package rules

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

// Place is what registers of networks say of an address; the zero value is
// that they say nothing.
type Place struct {
	// ASN is the number of the autonomous system, Owner whose it is.
	ASN   uint32
	Owner string
	// Country is the two letters of ISO 3166-1.
	Country string
	// Region is that of an address of AWS's own, as eu-west-1 or GLOBAL, and
	// Service the most special service that AWS publishes it for, as EC2.
	Region, Service string
}

// org names the owner: AWS by region, since its services and their customers
// come from all of its networks there; else the autonomous system.
func (p *Place) org() string {
	switch {
	case p.Region != "":
		return "AWS " + p.Region
	case p.ASN > 0 && p.Owner != "":
		return fmt.Sprintf("AS%d %s", p.ASN, p.Owner)
	case p.ASN > 0:
		return fmt.Sprintf("AS%d", p.ASN)
	}
	return ""
}

func (p *Place) String() string {
	var parts []string
	if o := p.org(); o != "" {
		if p.Region != "" && p.Service != "" {
			o += " " + p.Service
		}
		parts = append(parts, o)
	}
	if p.Country != "" {
		parts = append(parts, p.Country)
	}
	return strings.Join(parts, ", ")
}

// locate asks the registers for a network, once: by the first of its addresses
// that is told, else by the network's own.
func (n *networks) locate(u *analyze.NetworkUse) {
	if n.place == nil || netClassOf(u.Network) != direct {
		return
	}
	if _, asked := n.places[u.Network]; asked {
		return
	}
	at := netip.Addr{}
	if p, err := netip.ParsePrefix(u.Network); err == nil {
		at = p.Addr()
	}
	for _, s := range u.Addresses {
		if a, err := netip.ParseAddr(s); err == nil {
			at = a
			break
		}
	}
	n.places[u.Network] = n.place(at.Unmap())
}

// settleIn notes where the registers say that an actor was.
func (n *networks) settleIn(u *analyze.NetworkUse, account, actor string) {
	n.locate(u)
	if c := n.country(u.Network); c != "" {
		n.countries = true
		note(n.abroad, account+" "+c, actor)
	}
}

// orgOf is the owner of a network by the registers, else its neighbourhood.
func (n *networks) orgOf(network string) string {
	if p := n.places[network]; p.org() != "" {
		return p.org()
	}
	return orgOf(network)
}

// told is what the registers say of a network in brackets, or empty.
func (n *networks) told(network string) string {
	if p := n.places[network]; p.String() != "" {
		return " (" + p.String() + ")"
	}
	return ""
}

// country of a network, empty where no register tells.
func (n *networks) country(network string) string { return n.places[network].Country }

// compatriots counts an account's other actors that were in a country.
func (n *networks) compatriots(account, country, actor string) int {
	who := n.abroad[account+" "+country]
	k := len(who)
	if who[actor] {
		k--
	}
	return k
}
