package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

// history is what an actor's days before a visit say, weighted by age.
type history struct {
	days           int
	total          float64 // decayed days
	org, net       float64 // decayed days on the visit's neighbourhood and network
	onceOrg, onceN int     // neighbourhoods and networks seen on one day only
	agents         map[string]int
}

func historyOf(past []visit, v visit) history {
	h := history{agents: map[string]int{}}
	all, orgs, nets := map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}
	for _, b := range past {
		d := dateOf(b.day)
		w := math.Exp2(-v.day.Sub(b.day).Hours() / 24 / halfLife)
		if !all[d] {
			all[d] = true
			h.total += w
		}
		if b.org == v.org && !orgs[b.org][d] {
			h.org += w
		}
		if b.network == v.network && !nets[b.network][d] {
			h.net += w
		}
		note(orgs, b.org, d)
		note(nets, b.network, d)
		for _, a := range b.agents {
			h.agents[a]++
		}
	}
	h.days, h.onceOrg, h.onceN = len(all), once(orgs), once(nets)
	return h
}

func once(m map[string]map[string]bool) int {
	n := 0
	for _, days := range m {
		if len(days) == 1 {
			n++
		}
	}
	return n
}

// novelty is how much more likely the network is for somebody else than for
// the actor, in bits. Good-Turing's estimate says how often the next network is a new one.
func (h *history) novelty(peersNet, peersOrg float64) float64 {
	vo := min(newShare, (float64(h.onceOrg)+.5)/(h.total+1.5))
	vn := min(newShare, (float64(h.onceN)+.5)/(h.total+1.5))
	org := (1-vo)*h.org/h.total + vo*(.5*peersOrg+.5*math.Exp2(-11))
	net := .5*peersNet + .5*math.Exp2(-6)
	if h.org > 0 {
		net = vn * net // it is in a known neighbourhood, where no known network is this one
	}
	other := .999*math.Exp2(-17) + .001*peersNet
	return max(-10, min(8, math.Log2(other/(org*net))))
}

// behaviour are the bits of what was done on the day.
func (q *inquiry) behaviour(p *analyze.Principal, v visit, h history, fresh []string) []term {
	var ts []term
	total := 0
	for _, n := range h.agents {
		total += n
	}
	for _, a := range v.agents {
		if a != "" && a != "console" && h.agents[a] == 0 && total > 0 {
			rate := (float64(onceAgents(h.agents)) + .5) / (math.Sqrt(float64(total)) + 1.5)
			ts = append(ts, term{min(3, max(0, math.Log2(1/rate)-1)), "software " + a + " was never used before"})
			break
		}
	}
	if v.deny >= 3 {
		bits := max(0, min(4, math.Log2((float64(v.deny)+.5)/float64(v.count+1)/.06)))
		ts = append(ts, term{bits, fmt.Sprintf("%s of %s were refused", grouped(v.deny), counted(v.count, "call"))})
	}
	if n := len(fresh); n > 0 {
		ts = append(ts, term{min(3, math.Log2(1+float64(n))), counted(n, "action") + " used that day for the first time"})
	}
	if bits, action := q.sensitive(fresh); bits > 0 {
		ts = append(ts, term{bits, "among them " + action})
	}
	if slices.ContainsFunc(v.uses, func(u analyze.NetworkUse) bool { return strings.HasPrefix(u.Credential, "AKIA") }) {
		ts = append(ts, term{1, "signed with a long-term key"})
	}
	if p.Kind == analyze.KindRoot {
		ts = append(ts, term{2, "it is the root"})
	}
	return ts
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
