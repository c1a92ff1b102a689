package rules

import (
	"net/netip"

	"github.com/trimtrail/trimtrail/analyze"
)

// KnownNetwork is a network of the organisation's own: an office, a VPN, a
// data centre. Use from there is nobody else's.
type KnownNetwork struct {
	Prefix netip.Prefix
	Label  string // what people call it
}

// known is the label of the network that all addresses of the uses lie in;
// empty where one lies elsewhere or is no address. Of networks that hold one
// another the narrowest names them.
func (n *networks) known(us ...analyze.NetworkUse) string {
	if len(n.own) == 0 {
		return ""
	}
	label := ""
	for i := range us {
		if label = n.labelOf(&us[i]); label == "" {
			return ""
		}
	}
	return label
}

// labelOf goes by the addresses where they are told, else by the network.
func (n *networks) labelOf(u *analyze.NetworkUse) string {
	if len(u.Addresses) == 0 {
		p, err := netip.ParsePrefix(u.Network)
		if err != nil {
			return ""
		}
		return n.holding(p.Addr(), p.Bits())
	}
	label := ""
	for _, a := range u.Addresses {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			return ""
		}
		if label = n.holding(addr.Unmap(), addr.Unmap().BitLen()); label == "" {
			return ""
		}
	}
	return label
}

// holding is the label of the narrowest known network that holds a prefix.
func (n *networks) holding(addr netip.Addr, bits int) string {
	best, label := -1, ""
	for _, k := range n.own {
		if k.Prefix.Contains(addr) && k.Prefix.Bits() <= bits && k.Prefix.Bits() > best {
			best, label = k.Prefix.Bits(), k.Label
		}
	}
	return label
}
