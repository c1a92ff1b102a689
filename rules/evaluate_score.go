package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// history is what an actor's days before a visit say, weighted by age.
type history struct {
	days           int
	total          float64 // decayed days
	org, net       float64 // decayed days on the visit's neighbourhood and network
	onceOrg, onceN int     // neighbourhoods and networks seen on one day only
	agents         map[string]int
	last           time.Time // the day before it on which the actor was at work
	lately         int       // days at work of the fourteen before it
}

// past gathers an actor's visits, in the order of their days, so that each
// new one is weighed in constant time: a role may come from a hundred
// thousand networks.
type past struct {
	all            presence
	orgs, nets     map[string]*presence
	onceOrg, onceN int
	agents         map[string]int
	first          time.Time
	countries      map[string]bool
	days           []time.Time // distinct, in order
}

// presence is how many days something was seen on, plain and decayed to the last of them.
type presence struct {
	days int
	sum  float64
	last time.Time
}

func newPast() *past {
	return &past{orgs: map[string]*presence{}, nets: map[string]*presence{}, agents: map[string]int{}, countries: map[string]bool{}}
}

// at is the sum as of a day.
func (s *presence) at(day time.Time) float64 {
	if s == nil || s.days == 0 {
		return 0
	}
	return s.sum * math.Exp2(-day.Sub(s.last).Hours()/24/halfLife)
}

// seen counts a day once.
func (s *presence) seen(day time.Time) {
	if s.days > 0 && s.last.Equal(day) {
		return
	}
	s.sum, s.last, s.days = s.at(day)+1, day, s.days+1
}

// learn takes in a visit, on the day of the one before it or later.
func (p *past) learn(v *visit) {
	if p.first.IsZero() {
		p.first = v.day
	}
	if n := len(p.days); n == 0 || !p.days[n-1].Equal(v.day) {
		p.days = append(p.days, v.day)
	}
	if v.country != "" {
		p.countries[v.country] = true
	}
	p.all.seen(v.day)
	p.onceOrg += noteDay(p.orgs, v.org, v.day)
	p.onceN += noteDay(p.nets, v.network, v.day)
	for _, a := range v.agents {
		p.agents[a]++
	}
}

// noteDay notes a day and returns the change in the number of names with one day only.
func noteDay(m map[string]*presence, name string, day time.Time) int {
	s := m[name]
	if s == nil {
		s = &presence{}
		m[name] = s
	}
	before := s.days
	s.seen(day)
	switch {
	case s.days == 1 && before == 0:
		return 1
	case s.days == 2 && before == 1:
		return -1
	}
	return 0
}

// before is the history of a visit.
func (p *past) before(v *visit) history {
	return history{days: p.all.days, total: p.all.at(v.day), org: p.orgs[v.org].at(v.day), net: p.nets[v.network].at(v.day),
		onceOrg: p.onceOrg, onceN: p.onceN, agents: p.agents, last: p.all.last, lately: p.lately(v.day)}
}

// lately counts the days at work of the fourteen before a day.
func (p *past) lately(day time.Time) int {
	n := 0
	for i := len(p.days) - 1; i >= 0 && daysBetween(p.days[i], day) <= trainDays; i-- {
		n++
	}
	return n
}

// newOrg is how probable it is that the actor's next neighbourhood is a new one.
func (h *history) newOrg() float64 { return min(newShare, (float64(h.onceOrg)+.5)/(h.total+1.5)) }

// novelty is how much more likely the network is for somebody else than for
// the actor, in bits. Good-Turing's estimate says how often the next network is a new one.
func (h *history) novelty(peersNet, peersOrg float64) float64 {
	vo := h.newOrg()
	vn := min(newShare, (float64(h.onceN)+.5)/(h.total+1.5))
	org := (1-vo)*h.org/h.total + vo*(.5*peersOrg+.5*math.Exp2(-11))
	net := .5*peersNet + .5*math.Exp2(-6)
	if h.org > 0 {
		net = vn * net // it is in a known neighbourhood, where no known network is this one
	}
	other := .999*math.Exp2(-17) + .001*peersNet
	return max(-10, min(8, math.Log2(other/(org*net))))
}

// behaviour adds the bits of what was done on the day.
func (q *inquiry) behaviour(s *scored, h history) {
	tool := s.newSoftware(h)
	s.add(tool)
	if s.v.deny >= 3 {
		bits := max(0, min(4, math.Log2((float64(s.v.deny)+.5)/float64(s.v.count+1)/.06)))
		s.add(term{bits, fmt.Sprintf("%s of %s were refused", grouped(s.v.deny), counted(s.v.count, "call"))})
	}
	// Where every network is new, a first action tells nothing more than it would on an old one.
	settled := 1 - h.newOrg()
	fresh := q.newActions(s.v)
	if n := len(fresh); n > 0 {
		s.add(term{settled * min(3, math.Log2(1+float64(n))), counted(n, "action") + " used that day for the first time"})
	}
	bits, action := q.sensitive(fresh)
	s.add(term{settled * bits, "among them " + action})
	if s.longTerm() {
		s.add(term{1, "signed with a long-term key"})
	}
	if s.p.Kind == analyze.KindRoot {
		s.add(term{2, "it is the root"})
	}
	s.human = human(s, h)
	s.add(woken(s, h))
	if !s.human && s.v.alone && h.lately >= trainDays-2 && s.v.deny == 0 && tool.bits == 0 && bits == 0 && len(fresh) == 0 {
		s.add(term{-movedBits, "a program that works day by day was at work only there that day: it moved, where a copied key works beside it"})
	}
	switch usual := s.human && s.v.deny == 0 && bits == 0; {
	case usual && tool.bits == 0 && len(fresh) < 3:
		s.add(term{-travelBits, "a person at the usual work with the usual software: people travel"})
	case usual && len(fresh) == 0 && s.signedIn():
		s.add(term{-travelBits - tool.bits/2, "a person who signed in anew and did nothing but the usual work: people get other computers"})
	}
}

// signedIn tells that a person of IAM Identity Center signed in there: the
// visit's keys were issued for it and used nowhere else, as copied ones are.
func (s *scored) signedIn() bool {
	if !strings.HasPrefix(s.actor, personMark) {
		return false
	}
	return !slices.ContainsFunc(s.v.uses, func(u *analyze.NetworkUse) bool {
		return !strings.HasPrefix(u.Credential, "ASIA") || slices.ContainsFunc(s.v.by, func(b share) bool {
			return slices.ContainsFunc(b.p.Networks, func(o analyze.NetworkUse) bool { return o.Credential == u.Credential && o.Network != u.Network })
		})
	})
}

// asleep is from how many days without use on a key is said to wake up.
const asleep = 28

// woken weighs a long-term key that comes back after weeks, on a new network:
// one that was left behind is used by whoever finds it.
func woken(s *scored, h history) term {
	if days := daysBetween(h.last, s.v.day); s.longTerm() && days >= asleep {
		return term{4, fmt.Sprintf("the principal had not been at work for %s", counted(days, "day"))}
	}
	return term{}
}

// newCountry weighs a country that neither the actor nor others of its account were in.
func (q *inquiry) newCountry(s *scored, before *past) term {
	c := s.v.country
	if c == "" || len(before.countries) == 0 || before.countries[c] || q.nets.compatriots(s.p.AccountID, c, s.actor) > 0 {
		return term{}
	}
	return term{1.5, "neither it nor another of the account was in " + c + " before"}
}

// travelBits keep a person's new place a note, as long as all else is as ever.
const travelBits = 5

// movedBits make a note of a program that works elsewhere instead of as well.
const movedBits = 4

// newSoftware weighs the first family of software that the actor never used.
func (s *scored) newSoftware(h history) term {
	total := 0
	for _, n := range h.agents {
		total += n
	}
	for _, a := range s.v.agents {
		if a != "" && a != "console" && h.agents[a] == 0 && total > 0 {
			rate := (float64(onceAgents(h.agents)) + .5) / (math.Sqrt(float64(total)) + 1.5)
			return term{min(3, max(0, math.Log2(1/rate)-1)), "software " + a + " was never used before"}
		}
	}
	return term{}
}

// human tells that a person is at work: by IAM Identity Center, by a session
// named as a mailbox, or by software that runs on desks.
func human(s *scored, h history) bool {
	if s.p.Kind == analyze.KindRoot {
		return false
	}
	if strings.HasPrefix(s.actor, personMark) || slices.ContainsFunc(s.v.uses, func(u *analyze.NetworkUse) bool { return strings.Contains(u.Session, "@") }) {
		return true
	}
	for a := range h.agents {
		if a == "console" || strings.HasSuffix(a, "/macos") || strings.HasSuffix(a, "/windows") {
			return true
		}
	}
	return false
}

func onceAgents(m map[string]int) int {
	n := 0
	for _, c := range m {
		if c == 1 {
			n++
		}
	}
	return n
}

// sensitive weighs the gravest of the actions: 3 for permissions and logging, 2 for secrets.
func (q *inquiry) sensitive(actions []string) (float64, string) {
	best, name := 0.0, ""
	for _, a := range slices.Sorted(slices.Values(actions)) {
		bits := 0.0
		switch {
		case prefixOf(a) == "iam" && writes(q.cat, a), a == "cloudtrail:StopLogging", a == "cloudtrail:DeleteTrail":
			bits = 3
		case a == "secretsmanager:GetSecretValue", a == "ssm:GetParameter", a == "ssm:GetParameters", a == "ec2:GetPasswordData", a == "kms:Decrypt":
			bits = 2
		}
		if bits > best {
			best, name = bits, a
		}
	}
	return best, name
}
