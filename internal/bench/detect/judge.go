package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

// score counts one family: planted cases found and missed, findings that fit
// no planted case.
type score struct {
	found, missed, false int
	notes                []string // what was missed and what was false, for people
}

func (s *score) add(o score) {
	s.found, s.missed, s.false = s.found+o.found, s.missed+o.missed, s.false+o.false
	s.notes = append(s.notes, o.notes...)
}

func (s score) precision() float64 { return share(s.found, s.found+s.false) }
func (s score) recall() float64    { return share(s.found, s.found+s.missed) }

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// expectation is how a kind of plant has to be told.
type expectation struct {
	family string
	rules  []string // any of them
	says   string   // in title or reason
	place  bool     // the plant's address has to be in the evidence
	loud   bool     // medium or more
}

// Families of findings.
const (
	dormant  = "dormant"
	denied   = "denied causes"
	networks = "unusual networks"
	conduct  = "conduct"
	unused   = "unused permissions"
)

var network = []string{"TT-A01", "TT-A02", "TT-A03"}

// anyIntrusion are rules that may tell of a strange network: an incident takes in what happened at its address.
var anyIntrusion = []string{"TT-A01", "TT-A02", "TT-A03", "TT-A04", "TT-D02", "TT-D05", "TT-D11"}

var expected = map[string]expectation{
	orgsim.ForgottenKey:     {family: dormant, rules: []string{"TT-C01"}},
	orgsim.NeverUsedKey:     {family: dormant, rules: []string{"TT-C04"}},
	orgsim.UnusedPassword:   {family: dormant, rules: []string{"TT-C02"}},
	orgsim.DormantRole:      {family: dormant, rules: []string{"TT-C03"}},
	orgsim.NewNetwork:       {family: networks, rules: anyIntrusion, place: true, loud: true},
	orgsim.StolenInstance:   {family: networks, rules: anyIntrusion, place: true, loud: true},
	orgsim.DeniedMissing:    {family: denied, rules: []string{"TT-D01"}, says: "No identity policy allows it"},
	orgsim.DeniedRegression: {family: denied, rules: []string{"TT-D03"}, says: "lake-query"},
	orgsim.DeniedSCP:        {family: denied, rules: []string{"TT-D04"}, says: "service control policy"},
	orgsim.DeniedRCP:        {family: denied, rules: []string{"TT-D04"}, says: "resource control policy"},
	orgsim.DeniedBoundary:   {family: denied, rules: []string{"TT-D04"}, says: "permissions boundary"},
	orgsim.DeniedSession:    {family: denied, rules: []string{"TT-D04"}, says: "session policy"},
	orgsim.DeniedEndpoint:   {family: denied, rules: []string{"TT-D04"}, says: "endpoint policy"},
	orgsim.DeniedTrust:      {family: denied, rules: []string{"TT-D04"}, says: "trust policy"},
	orgsim.DeniedKMS:        {family: denied, rules: []string{"TT-D01", "TT-D08"}, says: "kms:Decrypt"},
	orgsim.DeniedNoMFA:      {family: denied, rules: []string{"TT-D09"}, says: "MFA"},
	orgsim.DeniedPassRole:   {family: denied, rules: []string{"TT-D10"}},
	orgsim.DeniedByService:  {family: denied, rules: []string{"TT-D06"}},
	orgsim.DeniedConsole:    {family: denied, rules: []string{"TT-D01"}, says: "No identity policy allows it"},
	orgsim.DeniedResource:   {family: denied, rules: []string{"TT-D01"}, says: "No policy of the resource allows it"},
	orgsim.DeniedByIdentity: {family: denied, rules: []string{"TT-D01"}, says: "An identity policy denies it outright"},
	orgsim.DeniedBare:       {family: denied, rules: []string{"TT-D01"}, says: "does not say why"},
	orgsim.SharedKey:        {family: conduct, rules: []string{"TT-P05"}},
	orgsim.RootUse:          {family: conduct, rules: []string{"TT-P01"}},
	orgsim.Recon:            {family: conduct, rules: []string{"TT-D05"}},
	orgsim.SelfEscalation:   {family: conduct, rules: []string{"TT-D02"}, place: true, loud: true},
	orgsim.ToolUse:          {family: conduct, rules: []string{"TT-A04"}, place: true},
	orgsim.LoggingStopped:   {family: conduct, rules: []string{"TT-L01"}},
	orgsim.OverPrivileged:   {family: conduct, rules: []string{"TT-C06"}},
	orgsim.AdminReadsOnly:   {family: conduct, rules: []string{"TT-P03"}},
}

// judged is what a run of one organisation came to.
type judged struct {
	families map[string]score
	// actorDays is actors times days; alarms are the false findings on networks.
	actorDays float64
	findings  int
	loud      int // high or critical
}

// judge holds findings against the planted truth.
func judge(org *orgsim.Org, f *rules.Findings) judged {
	j := judged{families: map[string]score{}, findings: len(f.Findings),
		actorDays: float64(org.Principals) * org.End.Sub(org.From).Hours() / 24}
	for i := range f.Findings {
		if atLeast(f.Findings[i].Severity, rules.High) {
			j.loud++
		}
	}
	for _, p := range org.Truth.MustFind() {
		if x, ok := expected[p.Kind]; ok {
			j.families[x.family] = plus(j.families[x.family], seek(&p, x, f))
		}
	}
	for i := range f.Findings {
		if family, ok := stray(&f.Findings[i], org); ok {
			j.families[family] = plus(j.families[family], score{false: 1, notes: []string{"false: " + line(&f.Findings[i])}})
		}
	}
	return j
}

func plus(a, b score) score { a.add(b); return a }

func line(f *rules.Finding) string {
	return fmt.Sprintf("%s %s %s | %s", f.Rule, f.Severity, f.Title, f.Reason)
}

// seek looks for the finding that a plant has to have.
func seek(p *orgsim.Plant, x expectation, f *rules.Findings) score {
	for i := range f.Findings {
		if x.toldBy(p, &f.Findings[i]) {
			return score{found: 1}
		}
	}
	return score{missed: 1, notes: []string{fmt.Sprintf("missed: %s of %s (%s): %s", p.Kind, p.Principal, p.Address, p.Detail)}}
}

func (x *expectation) toldBy(p *orgsim.Plant, f *rules.Finding) bool {
	return f.Principal == p.Principal && slices.Contains(x.rules, f.Rule) && (!x.loud || atLeast(f.Severity, rules.Medium)) &&
		(!x.place || slices.Contains(f.Evidence.Addresses, p.Address)) && strings.Contains(f.Title+" "+f.Reason, x.says)
}

// atLeast reports whether s is as grave as min.
func atLeast(s, min rules.Severity) bool {
	order := []rules.Severity{rules.Critical, rules.High, rules.Medium, rules.Low, rules.Info}
	return slices.Index(order, s) <= slices.Index(order, min)
}

// stray tells of a finding that no plant explains, and of which family it is.
func stray(f *rules.Finding, org *orgsim.Org) (string, bool) {
	switch {
	case slices.Contains([]string{"TT-C01", "TT-C02", "TT-C03", "TT-C04"}, f.Rule):
		return dormant, f.Severity != rules.Info && !explained(f, org, dormant)
	case slices.Contains(network, f.Rule):
		return networks, atLeast(f.Severity, rules.Medium) && !strangers(f, org)
	case strings.HasPrefix(f.Rule, "TT-D") && !slices.Contains([]string{"TT-D02", "TT-D05", "TT-D11"}, f.Rule):
		return denied, !explained(f, org, denied) && !strangers(f, org)
	case slices.Contains([]string{"TT-P01", "TT-P05", "TT-D02", "TT-D05", "TT-D11", "TT-A04", "TT-L01"}, f.Rule):
		return conduct, atLeast(f.Severity, rules.Low) && !explained(f, org, conduct) && !strangers(f, org)
	}
	return "", false
}

// explained tells that a plant of the family is told by f.
func explained(f *rules.Finding, org *orgsim.Org, family string) bool {
	return slices.ContainsFunc(org.Truth.MustFind(), func(p orgsim.Plant) bool {
		x, ok := expected[p.Kind]
		return ok && x.family == family && x.toldBy(&p, f)
	})
}

// strangers tells that f is about an intruder, or a key in several hands.
func strangers(f *rules.Finding, org *orgsim.Org) bool {
	return slices.ContainsFunc(org.Truth.MustFind(), func(p orgsim.Plant) bool {
		switch p.Kind {
		case orgsim.NewNetwork, orgsim.StolenInstance, orgsim.SharedKey, orgsim.Recon, orgsim.SelfEscalation, orgsim.ToolUse:
			return p.Principal == f.Principal && slices.Contains(f.Evidence.Addresses, p.Address)
		}
		return false
	})
}
