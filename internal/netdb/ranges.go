package netdb

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"

	"github.com/trimtrail/trimtrail/rules"
)

// ranges is AWS's list of its addresses.
type ranges struct {
	by   map[netip.Prefix]rules.Place
	bits []int // the lengths that occur, the longest first, of both families
}

// published is ip-ranges.json. Source: AWS VPC user guide, "AWS IP address
// ranges" (seen 2026-11-25).
type published struct {
	Prefixes []struct {
		V4      string `json:"ip_prefix"`
		Region  string `json:"region"`
		Service string `json:"service"`
	} `json:"prefixes"`
	V6 []struct {
		V6      string `json:"ipv6_prefix"`
		Region  string `json:"region"`
		Service string `json:"service"`
	} `json:"ipv6_prefixes"`
}

func readRanges(name string) (*ranges, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var list published
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	r := &ranges{by: map[netip.Prefix]rules.Place{}}
	for _, p := range list.Prefixes {
		err = errors.Join(err, r.add(p.V4, p.Region, p.Service))
	}
	for _, p := range list.V6 {
		err = errors.Join(err, r.add(p.V6, p.Region, p.Service))
	}
	if err == nil && len(r.by) == 0 {
		err = errors.New("no ranges in it: not AWS's ip-ranges.json")
	}
	r.lengths()
	return r, err
}

// add notes a prefix. Each is listed for AMAZON, which is all of them, and
// again for the services that have it to themselves.
func (r *ranges) add(prefix, region, service string) error {
	p, err := netip.ParsePrefix(prefix)
	if err != nil {
		return err
	}
	if old, ok := r.by[p]; ok && (service == all || old.Service != all && old.Service <= service) {
		return nil
	}
	r.by[p] = rules.Place{Region: region, Service: service}
	return nil
}

// all is the service under which AWS lists every range.
const all = "AMAZON"

func (r *ranges) lengths() {
	var has [129]bool
	for p := range r.by {
		has[p.Bits()] = true
	}
	for n := 128; n >= 0; n-- {
		if has[n] {
			r.bits = append(r.bits, n)
		}
	}
}

// place is the narrowest range that holds an address.
func (r *ranges) place(a netip.Addr) rules.Place {
	if r == nil {
		return rules.Place{}
	}
	for _, n := range r.bits {
		if n > a.BitLen() {
			continue
		}
		p, err := a.Prefix(n)
		if err != nil {
			return rules.Place{}
		}
		if x, ok := r.by[p]; ok {
			return x
		}
	}
	return rules.Place{}
}
