package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleA03() Rule {
	return Rule{
		ID: "TT-A03", Title: "A principal on a network that is not its own", Severity: Medium, Since: "0.1",
		Text: "Each day of a principal on a network is weighed against its days before, in bits: how unlikely the network is for this principal and its account (a log-likelihood ratio; principals that change networks often, as build runners do, expect new ones), plus new software, refused calls, new actions and sensitive ones on that day. " +
			"High from 10 bits, medium from 6, listed as info from 4. More than info needs two weeks of history. Nothing is said of a principal with fewer than three days of it, of known networks and those that other principals use, or of a network that came to stay: once it was used on three more days (by a person, two) without a burst of refused calls, it is the principal's own, unless a program's long-term key goes on working from the old networks beside it. " +
			"People travel: somebody at the usual work with the usual software, refused nothing, is a note on the new network and no more; so is a person of IAM Identity Center who signs in anew there on another computer and calls only what they always call. People of IAM Identity Center are one over all accounts. " +
			"So is a program at its usual work on a day on which it works nowhere else: it moved. " +
			"A long-term key that comes back after four weeks is weighed up: whoever finds a forgotten key uses it elsewhere. " +
			"With MMDB files of countries a country that neither the principal nor another of its account was in adds to it; with one of networks' owners there is one finding an owner, and names are shown. " +
			"Blind to an attacker inside the principal's usual network, and to one who takes over a person's computer and does what the person does.",
		Needs: []string{needsEvents, "three days or more of history"}, Source: "Freeman et al., NDSS 2016; thresholds measured on generated archives",
		turn: 40, ask: askNetworks,
	}
}

// The scale of the score, in bits.
const (
	highBits   = 10
	mediumBits = 6
	infoBits   = 4
	halfLife   = 45.0 // days
	newShare   = .95  // the most that a next network is expected to be new
	trainDays  = 14   // of history before more than a note is made of it
)

// visit is a day of one actor on one network.
type visit struct {
	day         time.Time
	network     string
	org         string
	country     string // empty where no register tells
	agents      []string
	count, deny int64
	uses        []*analyze.NetworkUse
	by          []share // the principals used, several for a person with a role in each account
	alone       bool    // the actor was on no other network that day
}

// share is what one principal had of a visit: its calls, and its first key.
type share struct {
	p     *analyze.Principal
	calls int64
	key   string
}

func (v *visit) add(r row) {
	u := r.u
	v.agents, v.count, v.deny, v.uses = union(v.agents, u.Agents), v.count+u.Count, v.deny+u.Denied, append(v.uses, u)
	i := slices.IndexFunc(v.by, func(s share) bool { return s.p == r.p })
	if i < 0 {
		i, v.by = len(v.by), append(v.by, share{p: r.p})
	}
	s := &v.by[i]
	s.calls, s.key = s.calls+u.Count, cmp.Or(s.key, u.Credential)
}

// principal is the one that the actor mostly used.
func (v *visit) principal() share {
	return slices.MaxFunc(v.by, func(a, b share) int {
		return cmp.Or(cmp.Compare(a.calls, b.calls), cmp.Compare(b.p.ARN, a.p.ARN))
	})
}

// values are the uses themselves.
func (v *visit) values() []analyze.NetworkUse {
	out := make([]analyze.NetworkUse, len(v.uses))
	for i, u := range v.uses {
		out[i] = *u
	}
	return out
}

func askNetworks(q *inquiry) {
	var found []scored
	for _, actor := range slices.Sorted(maps.Keys(q.nets.rows)) {
		if vs := q.nets.visitsOf(q.nets.rows[actor]); len(vs) > 1 {
			found = append(found, q.askActor(actor, vs)...)
		}
	}
	q.reportNetworks(found)
}

// visitsOf are the visits of an actor, sorted by day, then network. Instances
// are left to TT-A01.
func (n *networks) visitsOf(rows []row) []visit {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool {
		p := r.p
		return r.u.Instance || p.Kind == analyze.KindService || p.Kind == analyze.KindAccount || p.Kind == analyze.KindUnknown || p.ServiceLinked
	})
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(a.u.Day.Compare(b.u.Day), cmp.Compare(a.u.Network, b.u.Network))
	})
	var out []visit
	for _, r := range rows {
		if k := len(out); k == 0 || !out[k-1].day.Equal(r.u.Day) || out[k-1].network != r.u.Network {
			out = append(out, visit{day: r.u.Day, network: r.u.Network, org: n.orgOf(r.u.Network), country: n.country(r.u.Network)})
		}
		out[len(out)-1].add(r)
	}
	return out
}

// scored is a visit with its bits and their reasons, the heaviest first.
type scored struct {
	actor string
	p     *analyze.Principal
	v     visit
	bits  float64
	terms []term
	days  int  // days of history before it
	span  int  // days from the first of them to the visit
	more  int  // other new neighbourhoods of the actor that this one stands for
	human bool // a person, as far as the logs show it
}

type term struct {
	bits float64
	why  string
}

// askActor scores the first visit of an actor to each new network and keeps
// the heaviest of each neighbourhood.
func (q *inquiry) askActor(actor string, vs []visit) []scored {
	worst := map[string]scored{}
	p := newPast()
	for i := 0; i < len(vs); {
		j := i
		only := i+1 == len(vs) || !vs[i+1].day.Equal(vs[i].day)
		for ; j < len(vs) && vs[j].day.Equal(vs[i].day); j++ {
			vs[j].alone = only
			s, ok := q.score(actor, vs[j], p)
			if w, before := worst[s.v.org]; ok && (!before || s.bits > w.bits) {
				worst[s.v.org] = s
			}
		}
		for k := i; k < j; k++ {
			p.learn(&vs[k])
		}
		i = j
	}
	if len(worst) == 0 {
		return nil
	}
	route, out := routeOf(vs), []scored{}
	for _, org := range slices.Sorted(maps.Keys(worst)) {
		if s := worst[org]; !s.settled(route) {
			out = append(out, s)
		}
	}
	return heaviest(out)
}

// manyPlaces is from how many new neighbourhoods on an actor gets one finding
// for all of them.
const manyPlaces = 5

// heaviest leaves one where an actor has many.
func heaviest(found []scored) []scored {
	if len(found) < manyPlaces {
		return found
	}
	top := slices.MaxFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.bits, b.bits), cmp.Compare(b.v.org, a.v.org))
	})
	top.more = len(found) - 1
	return []scored{top}
}

// route is where an actor went, day by day.
type route struct {
	days     []time.Time
	earliest map[time.Time]time.Time // day → the first day of its network that is known longest
	calm     map[string][]time.Time  // neighbourhood → days on which less than a quarter was refused
}

func routeOf(vs []visit) *route {
	r := &route{earliest: map[time.Time]time.Time{}, calm: map[string][]time.Time{}}
	first := map[string]time.Time{}
	for i := range vs {
		v := &vs[i]
		if _, ok := first[v.network]; !ok {
			first[v.network] = v.day
		}
		if t, ok := r.earliest[v.day]; !ok || first[v.network].Before(t) {
			r.earliest[v.day] = first[v.network]
			if !ok {
				r.days = append(r.days, v.day)
			}
		}
		if days := r.calm[v.org]; v.deny*4 < v.count && (len(days) == 0 || !days[len(days)-1].Equal(v.day)) {
			r.calm[v.org] = append(days, v.day)
		}
	}
	return r
}

// later is the number of calm days on a visit's neighbourhood after it.
func (r *route) later(v *visit) int {
	n := 0
	for _, d := range r.calm[v.org] {
		if d.After(v.day) {
			n++
		}
	}
	return n
}

// beside tells that on most days from the visit on, networks known before it
// are used as well.
func (r *route) beside(v *visit) bool {
	all, old := 0, 0
	for _, d := range r.days {
		if !d.Before(v.day) {
			all++
			if r.earliest[d].Before(v.day) {
				old++
			}
		}
	}
	return old*3 >= all*2
}

// settled tells that the network came to stay: used on three more days, by a
// person on two, and not by a copy of a program's key, which goes on where it
// was as well.
func (s *scored) settled(r *route) bool {
	more := regularDays
	if s.human {
		more--
	}
	return r.later(&s.v) >= more && s.bits < highBits && (s.human || !s.longTerm() || !r.beside(&s.v))
}

func (s *scored) longTerm() bool {
	return slices.ContainsFunc(s.v.uses, func(u *analyze.NetworkUse) bool { return strings.HasPrefix(u.Credential, "AKIA") })
}

// newActions are the actions that the visit's principals used on its day for
// the first time.
func (q *inquiry) newActions(v visit) []string {
	var out []string
	for _, s := range v.by {
		out = append(out, q.firstTimes(s.p)[v.day]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// firstTimes are the actions of a principal by the day of their first use.
func (q *inquiry) firstTimes(p *analyze.Principal) map[time.Time][]string {
	if out := q.fresh[p]; out != nil {
		return out
	}
	first := map[string]time.Time{}
	for _, u := range p.Usage {
		if t, ok := first[u.Action]; !ok || u.Day.Before(t) {
			first[u.Action] = u.Day
		}
	}
	out := map[time.Time][]string{}
	for a, d := range first {
		out[d] = append(out[d], a)
	}
	q.fresh[p] = out
	return out
}

// score weighs the first visit to a network against the days before it; ok is
// false where there is nothing to say: a known network, or too little history.
func (q *inquiry) score(actor string, v visit, before *past) (scored, bool) {
	c := netClassOf(v.network)
	h := before.before(&v)
	if c == private || c == endpoint || h.days < 3 || h.net > 0 || q.nets.known(v.values()...) != "" {
		return scored{}, false
	}
	p := v.principal().p
	n := h.novelty(q.nets.share(v.network, p.AccountID, actor), q.nets.share(v.org, p.AccountID, actor))
	s := scored{actor: actor, p: p, v: v, days: h.days, span: daysBetween(before.first, v.day)}
	s.add(term{n, fmt.Sprintf("network %s was never used before (%s of history; of %s others, %s use it)",
		v.network+q.nets.told(v.network), counted(h.days, "day"), grouped(int64(len(q.nets.rows)-1)), grouped(int64(q.nets.others(v.network, actor))))})
	s.add(q.newCountry(&s, before))
	q.behaviour(&s, h)
	slices.SortStableFunc(s.terms, func(a, b term) int { return cmp.Compare(b.bits, a.bits) })
	return s, n > 0 && s.bits >= infoBits
}

func (s *scored) add(t term) {
	if t.bits != 0 {
		s.bits += t.bits
		s.terms = append(s.terms, t)
	}
}

// reportNetworks writes the findings, the heaviest first, within the budget.
func (q *inquiry) reportNetworks(found []scored) {
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.bits, a.bits) })
	medium, cut := 0, 0
	informed := map[string]bool{}
	for _, s := range found {
		f := q.networkFinding(&s)
		if f.Severity == Info {
			if informed[s.actor] {
				continue // one line an actor: the heaviest
			}
			informed[s.actor] = true
		}
		if q.partOf(s.p.ARN, f.Evidence.Addresses, fmt.Sprintf("The network is new to it after %s of history (%.1f bits, TT-A03).", counted(s.days, "day"), s.bits)) != nil {
			continue
		}
		if f.Severity == Medium {
			if medium++; medium > q.o.NetworkBudget {
				cut++
				continue
			}
		}
		q.find(f)
		if f.Severity == High {
			q.incident()
		}
	}
	if cut > 0 {
		q.warnings = append(q.warnings, fmt.Sprintf("%s of principals on new networks (TT-A03) left out: more than %d", counted(cut, "medium finding"), q.o.NetworkBudget))
	}
}

func (q *inquiry) networkFinding(s *scored) Finding {
	f := Finding{
		Severity: Info, Confidence: "low", AccountID: s.p.AccountID, Principal: s.p.ARN, Resource: s.v.org,
		Evidence: usesEvidence(s.v.values()),
		Fix: Fix{Summary: "Ask the owner whether they worked from there. If so, nothing is to do: a network used on three more days (a person's on two) counts as theirs, unless a program's key goes on working from the old one as well. If not, take the credential away and read what it did.",
			Commands: commands(s.takeAway()), Clears: "three further days of ordinary use from the network, or the credential gone"},
	}
	switch {
	case s.span < trainDays:
		f.Reason = "Too little history to weigh much. "
	case s.bits >= highBits:
		f.Severity, f.Confidence = High, "medium"
	case s.bits >= mediumBits:
		f.Severity = Medium
	}
	if f.Severity != Info {
		f.Credential = s.v.principal().key
	}
	f.Title = fmt.Sprintf("%s worked from %s%s, a network new to it after %s of history", s.name(), listed(f.Evidence.Addresses, 2), q.nets.told(s.v.network), counted(s.days, "day"))
	var why []string
	for _, t := range firstOf(s.terms, 4) {
		why = append(why, fmt.Sprintf("%+.1f %s", t.bits, t.why))
	}
	f.Reason += fmt.Sprintf("%.1f bits in favour of other hands: %s.", s.bits, strings.Join(why, "; "))
	if s.more > 0 {
		f.Reason += fmt.Sprintf(" %s stand out as well; this one does most.", counted(s.more, "other new neighbourhood"))
	}
	return f
}

// name is the principal's, or the person's with what was used.
func (s *scored) name() string {
	person, ok := strings.CutPrefix(s.actor, personMark)
	if !ok {
		return who(s.p.ARN)
	}
	if n := len(s.v.by); n > 1 {
		return fmt.Sprintf("%s (permission set %s and others, in %s)", person, permissionSet(s.p.ARN), counted(n, "role"))
	}
	return fmt.Sprintf("%s (permission set %s)", person, permissionSet(s.p.ARN))
}

// takeAway deactivates the long-term key that was used there.
func (s *scored) takeAway() string {
	for _, u := range s.v.uses {
		if strings.HasPrefix(u.Credential, "AKIA") && s.p.Kind == analyze.KindUser {
			return deactivateKey(s.p.ARN, u.Credential)
		}
	}
	return ""
}
