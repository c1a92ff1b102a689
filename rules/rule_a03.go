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
			"High from 10 bits, medium from 6, listed as info from 4. More than info needs two weeks of history. Nothing is said of a principal with fewer than three days of it, of known networks and those that other principals use, or of a network that came to stay: once it was used on three more days without a burst of refused calls, it is the principal's own. " +
			"Blind to an attacker inside the principal's usual network.",
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
	agents      []string
	count, deny int64
	uses        []analyze.NetworkUse
}

func askNetworks(q *inquiry) {
	var found []scored
	for i := range q.f.Principals {
		p := &q.f.Principals[i]
		if p.Kind == analyze.KindService || p.Kind == analyze.KindAccount || p.Kind == analyze.KindUnknown || p.ServiceLinked {
			continue
		}
		actors := visitsOf(p)
		for _, name := range slices.Sorted(maps.Keys(actors)) {
			found = append(found, q.askActor(p, actors[name])...)
		}
	}
	q.reportNetworks(found)
}

// visitsOf parts a principal's network days by person: by session for roles
// of IAM Identity Center, else all are one. Sorted by day, then network.
func visitsOf(p *analyze.Principal) map[string][]visit {
	by := map[string]map[string]*visit{}
	for _, u := range p.Networks {
		actor := ""
		if identityCenter(p.ARN) {
			actor = u.Session
		}
		if u.Instance {
			continue // TT-A01
		}
		if by[actor] == nil {
			by[actor] = map[string]*visit{}
		}
		key := dateOf(u.Day) + " " + u.Network
		v := by[actor][key]
		if v == nil {
			v = &visit{day: u.Day, network: u.Network, org: orgOf(u.Network)}
			by[actor][key] = v
		}
		v.agents, v.count, v.deny, v.uses = union(v.agents, u.Agents), v.count+u.Count, v.deny+u.Denied, append(v.uses, u)
	}
	out := map[string][]visit{}
	for actor, vs := range by {
		for _, k := range slices.Sorted(maps.Keys(vs)) {
			out[actor] = append(out[actor], *vs[k])
		}
	}
	return out
}

// scored is a visit with its bits and their reasons, the heaviest first.
type scored struct {
	p      *analyze.Principal
	v      visit
	bits   float64
	terms  []term
	days   int // days of history before it
	span   int // days from the first of them to the visit
	later  int // days on the network after it
	events []analyze.NetworkUse
}

type term struct {
	bits float64
	why  string
}

// askActor scores the first visit of an actor to each new network and keeps
// the heaviest of each neighbourhood.
func (q *inquiry) askActor(p *analyze.Principal, vs []visit) []scored {
	fresh := newActions(p)
	worst := map[string]scored{}
	var past []visit
	known := map[string]bool{}
	for i := 0; i < len(vs); {
		j := i
		for j < len(vs) && vs[j].day.Equal(vs[i].day) {
			if s, ok := q.scoreNew(p, vs[j], past, known, fresh); ok {
				s.later = daysOn(vs[j+1:], vs[j].org)
				if w, ok := worst[s.v.org]; !ok || s.bits > w.bits {
					worst[s.v.org] = s
				}
			}
			j++
		}
		for _, v := range vs[i:j] {
			known[v.network] = true
		}
		past = append(past, vs[i:j]...)
		i = j
	}
	var out []scored
	for _, org := range slices.Sorted(maps.Keys(worst)) {
		if s := worst[org]; s.later < 3 || s.bits >= highBits {
			out = append(out, s)
		}
	}
	return out
}

func daysOn(vs []visit, org string) int {
	days := map[string]bool{}
	for _, v := range vs {
		if v.org == org && v.deny*4 < v.count {
			days[dateOf(v.day)] = true
		}
	}
	return len(days)
}

// newActions counts, by day, the actions that the principal used for the first time.
func newActions(p *analyze.Principal) map[string][]string {
	firstDay := map[string]string{}
	for _, u := range p.Usage {
		if d := dateOf(u.Day); firstDay[u.Action] == "" || d < firstDay[u.Action] {
			firstDay[u.Action] = d
		}
	}
	out := map[string][]string{}
	for a, d := range firstDay {
		out[d] = append(out[d], a)
	}
	return out
}

// scoreNew is score for the first visit to a network; the others are known.
func (q *inquiry) scoreNew(p *analyze.Principal, v visit, past []visit, known map[string]bool, fresh map[string][]string) (scored, bool) {
	if known[v.network] {
		return scored{}, false
	}
	return q.score(p, v, past, fresh)
}

// score weighs one visit against the days before it; ok is false where there
// is nothing to say: a known network, or too little history.
func (q *inquiry) score(p *analyze.Principal, v visit, past []visit, fresh map[string][]string) (scored, bool) {
	h := historyOf(past, v)
	c := netClassOf(v.network)
	if h.days < 3 || h.net > 0 || c == private || c == endpoint || q.nets.known(v.uses...) != "" {
		return scored{}, false
	}
	n := h.novelty(q.nets.share(v.network, p), q.nets.share(v.org, p))
	terms := []term{{n, fmt.Sprintf("network %s was never used before (%s of history; %s of %s others in the account use it)",
		v.network, counted(h.days, "day"), grouped(int64(q.nets.others(v.network, p.ARN))), grouped(int64(q.nets.actors[p.AccountID]-1)))}}
	terms = append(terms, q.behaviour(p, v, h, fresh[dateOf(v.day)])...)
	s := scored{p: p, v: v, days: h.days, span: daysBetween(past[0].day, v.day), events: v.uses}
	for _, t := range terms {
		if t.bits != 0 {
			s.bits += t.bits
			s.terms = append(s.terms, t)
		}
	}
	slices.SortStableFunc(s.terms, func(a, b term) int { return cmp.Compare(b.bits, a.bits) })
	return s, n > 0 && s.bits >= infoBits
}

// reportNetworks writes the findings, the heaviest first, within the budget.
func (q *inquiry) reportNetworks(found []scored) {
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.bits, a.bits) })
	medium, cut := 0, 0
	informed := map[string]bool{}
	for _, s := range found {
		f := s.finding()
		if f.Severity == Info {
			if informed[s.p.ARN] {
				continue // one line a principal: the heaviest
			}
			informed[s.p.ARN] = true
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

func (s *scored) finding() Finding {
	f := Finding{
		Severity: Info, Confidence: "low", AccountID: s.p.AccountID, Principal: s.p.ARN, Resource: s.v.org,
		Evidence: usesEvidence(s.events),
		Fix: Fix{Summary: "Ask the owner whether they worked from there. If so, nothing is to do: a network used on three more days counts as theirs. If not, take the credential away and read what it did.",
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
	if f.Severity != Info && len(s.v.uses) > 0 {
		f.Credential = s.v.uses[0].Credential
	}
	f.Title = fmt.Sprintf("%s worked from %s, a network new to it after %s of history", who(s.p.ARN), listed(f.Evidence.Addresses, 2), counted(s.days, "day"))
	var why []string
	for _, t := range firstOf(s.terms, 4) {
		why = append(why, fmt.Sprintf("%+.1f %s", t.bits, t.why))
	}
	f.Reason += fmt.Sprintf("%.1f bits in favour of other hands: %s.", s.bits, strings.Join(why, "; "))
	return f
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
