package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

var severities = []string{string(rules.Critical), string(rules.High), string(rules.Medium), string(rules.Low), string(rules.Info)}

// build checks what the document says and makes the options of it.
func (p *parser) build(doc *document) *Config {
	c := &Config{own: p.ownRules(doc.Rules)}
	o := &c.Options
	for i := range c.own {
		o.Own = append(o.Own, c.own[i].OwnRule)
	}
	ids := ruleIDs(o.Own)
	p.thresholds(&doc.Thresholds, o)
	o.Networks, c.Registers = p.networks(doc.Networks.Known), p.registers(&doc.Networks)
	o.Owners = p.owners(doc.Owners)
	o.Exceptions = p.exceptions(doc.Exceptions, ids)
	for _, t := range doc.Disabled {
		if p.ruleID(t, ids) {
			o.Disabled = append(o.Disabled, t.Value)
		}
	}
	o.Severities = p.severities(doc.Severity, ids)
	c.Run = p.buildRun(&doc.runSections)
	return c
}

func ruleIDs(own []rules.OwnRule) []string {
	var ids []string
	for _, r := range rules.Rules() {
		ids = append(ids, r.ID)
	}
	for i := range own {
		ids = append(ids, own[i].ID)
	}
	return ids
}

func (p *parser) ruleID(t text, ids []string) bool {
	if t.there() && !slices.Contains(ids, t.Value) {
		p.at(t.Node, fmt.Sprintf("no rule %q", t.Value), orList(didYouMean(t.Value, ids)))
		return false
	}
	return t.there()
}

func orList(hint string) string {
	if hint == "" {
		return "trimtrail rules lists them"
	}
	return hint
}

func (p *parser) thresholds(t *thresholds, o *rules.Options) {
	for _, x := range []struct {
		t   text
		max int
		to  *int
	}{{t.UnusedDays, 3650, &o.UnusedDays}, {t.RotateDays, 3650, &o.RotateDays}, {t.MaxPerRule, 1000000, &o.MaxPerRule}, {t.NetworkBudget, 1000000, &o.NetworkBudget}} {
		*x.to = p.number(x.t, x.max)
	}
}

// number is a whole number from 1 to most; 0 where the key is not there.
func (p *parser) number(t text, most int) int {
	if !t.there() {
		return 0
	}
	n, err := strconv.Atoi(t.Value)
	if err != nil || n < 1 || n > most {
		p.at(t.Node, fmt.Sprintf("%s is no whole number from 1 to %d", quoted(t.Value), most), "")
		return 0
	}
	return n
}

func (p *parser) networks(pairs []pair) []rules.KnownNetwork {
	var out []rules.KnownNetwork
	for _, x := range pairs {
		prefix, err := prefixOf(x.Key.Value)
		switch {
		case err != nil:
			p.at(x.Key.Node, fmt.Sprintf("%s is no network", quoted(x.Key.Value)), "write an address or a prefix, as 203.0.113.0/24 or 2001:db8::/32")
		case prefix != prefix.Masked():
			p.at(x.Key.Node, fmt.Sprintf("%s has bits set behind its length", x.Key.Value), fmt.Sprintf("did you mean %q?", prefix.Masked()))
		case tooWide(prefix):
			p.at(x.Key.Node, x.Key.Value+" is too wide to be one's own", "IPv4 networks from /8 on, IPv6 networks from /16 on")
		case strings.TrimSpace(x.Value.Value) == "":
			p.at(x.Value.Node, "a network without a label", "say what people call it, as office Berlin")
		default:
			out = append(out, rules.KnownNetwork{Prefix: prefix, Label: x.Value.Value})
		}
	}
	return out
}

// Network reads a known network as a flag has it: 203.0.113.0/24=office Berlin.
func Network(s string) (rules.KnownNetwork, error) {
	name, label, ok := strings.Cut(s, "=")
	prefix, err := prefixOf(name)
	if !ok || strings.TrimSpace(label) == "" || err != nil || prefix != prefix.Masked() || tooWide(prefix) {
		return rules.KnownNetwork{}, fmt.Errorf("%s is no network with a label", quoted(s))
	}
	return rules.KnownNetwork{Prefix: prefix, Label: label}, nil
}

// tooWide tells of a prefix that would make half the world known, and the rules on networks silent.
func tooWide(p netip.Prefix) bool {
	return p.Addr().Is4() && p.Bits() < 8 || p.Addr().Is6() && p.Bits() < 16
}

// prefixOf reads a prefix, or an address as the prefix of itself alone.
func prefixOf(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// need reports a key that must be there and is not, or is empty.
func (p *parser) need(n *yaml.Node, key string, t text, hint string) bool {
	if t.there() && strings.TrimSpace(t.Value) != "" {
		return true
	}
	if t.there() {
		n = t.Node
	}
	p.at(n, key+" is missing", hint)
	return false
}

func (p *parser) owners(list []owner) []rules.Owner {
	var out []rules.Owner
	for _, x := range list {
		if x.At == nil {
			continue // no mapping, which is said already
		}
		a := p.need(x.At, "principal", x.Principal, "write principal: role/etl-*, an ARN or *")
		b := p.need(x.At, "owner", x.Owner, "write owner: and who answers for it")
		if c := p.principal(x.Principal); a && b && c && p.account(x.Account) {
			out = append(out, rules.Owner{Principal: x.Principal.Value, Account: x.Account.Value, Owner: x.Owner.Value})
		}
	}
	return out
}

// kindOfName finds a pattern that fits no principal: of a kind that none has.
var kindOfName = regexp.MustCompile(`^([A-Za-z-]+)/`)

func (p *parser) principal(t text) bool {
	m := kindOfName.FindStringSubmatch(t.Value)
	known := []string{"user", "role", "group", "federated-user", "assumed-role"}
	if m == nil || slices.Contains(known, m[1]) {
		return true
	}
	p.at(t.Node, fmt.Sprintf("%s fits no principal", quoted(t.Value)), orElse(didYouMean(m[1], known[:2]), "write user/NAME, role/NAME, a name or an ARN"))
	return false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

var accountPattern = regexp.MustCompile(`^[0-9*?]{1,12}$`)

func (p *parser) account(t text) bool {
	if !t.there() || accountPattern.MatchString(t.Value) {
		return true
	}
	p.at(t.Node, fmt.Sprintf("%s is no account", quoted(t.Value)), `an account id has twelve digits, as "111122223333"; * stands for any`)
	return false
}

func (p *parser) exceptions(list []except, ids []string) []rules.Exception {
	var out []rules.Exception
	for i := range list {
		x := &list[i]
		if x.At == nil {
			continue
		}
		before := len(p.problems)
		e := p.exception(x, ids)
		if len(p.problems) == before {
			out = append(out, e)
		}
	}
	return out
}

func (p *parser) exception(x *except, ids []string) rules.Exception {
	e := rules.Exception{Rule: x.Rule.Value, Finding: x.Finding.Value, Principal: x.Principal.Value, Resource: x.Resource.Value, Account: x.Account.Value,
		Reason: strings.TrimSpace(x.Reason.Value), Place: p.place(x.At)}
	if strings.Trim(e.Rule, "*") == "" && e.Finding == "" {
		p.at(x.At, "an exception for every rule", "write rule: and an id, or finding: and the id of one finding")
	}
	if e.Rule != "" && !slices.ContainsFunc(ids, func(id string) bool { return iam.MatchAction(e.Rule, id) }) {
		p.at(x.Rule.Node, fmt.Sprintf("no rule %q", e.Rule), orList(didYouMean(e.Rule, ids)))
	}
	p.principal(x.Principal)
	p.account(x.Account)
	p.need(x.At, "reason", x.Reason, "write reason: and why it may pass, for those who come after")
	if p.need(x.At, "expires", x.Expires, "write expires: and the last day it holds, as 2026-12-31") {
		e.Expires = p.day(x.Expires)
	}
	return e
}

func (p *parser) day(t text) time.Time {
	d, err := time.Parse(time.DateOnly, t.Value)
	if err != nil {
		p.at(t.Node, fmt.Sprintf("%s is no day", quoted(t.Value)), "write it as 2026-12-31")
	}
	return d
}

func (p *parser) severity(t text) rules.Severity {
	if !slices.Contains(severities, t.Value) {
		p.at(t.Node, fmt.Sprintf("%s is no severity", quoted(t.Value)), didYouMean(t.Value, severities))
	}
	return rules.Severity(t.Value)
}

func (p *parser) severities(pairs []pair, ids []string) map[string]rules.Severity {
	if len(pairs) == 0 {
		return nil
	}
	out := map[string]rules.Severity{}
	for _, x := range pairs {
		if s := p.severity(x.Value); p.ruleID(x.Key, ids) {
			out[x.Key.Value] = s
		}
	}
	return out
}
