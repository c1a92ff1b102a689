package rules

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleA07() Rule {
	return Rule{
		ID: "TT-A07", Title: "Signed in from two countries within an hour", Severity: Medium, Since: "0.1",
		Text: "Nobody travels from one country to another in 65 minutes. Two sign-ins to the console that succeeded, of one user or one person of IAM Identity Center, from networks of two countries within that time are two people, or one whose traffic leaves by a relay abroad. " +
			"High where the user has no MFA device. Countries come from MMDB files (--mmdb); without one the rule is not evaluable. Quiet for known networks, for private addresses, and for a pair of countries that the same actor alternated between on three days or more, or that two other actors do as well: a way out abroad. " +
			"Of many sign-ins from one network on one day the first and the last are compared.",
		Needs: []string{needsEvents, needsCountries}, Source: "Elastic detection rules (AWS sign-ins from several countries), narrowed by ways out that are known",
		ask: askCountries,
	}
}

// travelTime is how near two sign-ins are that no journey lies between.
const travelTime = 65 * time.Minute

func askCountries(q *inquiry) {
	if !q.nets.countries {
		q.lackCountries()
		return
	}
	pairs := map[string]map[string][]jump{} // pair of countries → actor → jumps
	for _, actor := range slices.Sorted(maps.Keys(q.nets.rows)) {
		for _, j := range q.jumpsOf(q.nets.rows[actor]) {
			if pairs[j.pair()] == nil {
				pairs[j.pair()] = map[string][]jump{}
			}
			pairs[j.pair()][actor] = append(pairs[j.pair()][actor], j)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(pairs)) {
		by := pairs[pair]
		for _, actor := range slices.Sorted(maps.Keys(by)) {
			if len(by) <= 2 && jumpDays(by[actor]) < regularDays {
				q.find(q.jumpFinding(by[actor]))
			}
		}
	}
}

// lackCountries notes the check where anybody signed in: one file is for all
// accounts.
func (q *inquiry) lackCountries() {
	for i := range q.f.Principals {
		nets := q.f.Principals[i].Networks
		if slices.ContainsFunc(nets, func(u analyze.NetworkUse) bool { return signIn(&u) }) {
			q.lack("", "sign-ins from two countries", needsCountries)
			return
		}
	}
}

// signIn tells of sign-ins to the console that succeeded. They stand for
// themselves in the facts, since they have no access key.
func signIn(u *analyze.NetworkUse) bool {
	return u.Credential == "" && u.Count > u.Denied && slices.Contains(u.Agents, "console")
}

// jump is two sign-ins that are too near for their countries.
type jump struct {
	p        *analyze.Principal
	from, to analyze.NetworkUse
	home, at string // countries
	apart    time.Duration
}

func (j *jump) pair() string { return min(j.home, j.at) + " " + max(j.home, j.at) }

func jumpDays(js []jump) int {
	found := map[time.Time]bool{}
	for _, j := range js {
		found[j.from.Day] = true
	}
	return len(found)
}

// jumpsOf pairs the sign-ins of one actor.
func (q *inquiry) jumpsOf(rows []row) []jump {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool {
		return !signIn(r.u) || q.nets.country(r.u.Network) == "" || q.nets.known(*r.u) != ""
	})
	slices.SortStableFunc(rows, func(a, b row) int { return a.u.First.Compare(b.u.First) })
	var out []jump
	for i, a := range rows {
		for _, b := range rows[i+1:] {
			if b.u.First.Sub(a.u.Last) > travelTime {
				continue
			}
			j := jump{p: b.p, from: *a.u, to: *b.u, home: q.nets.country(a.u.Network), at: q.nets.country(b.u.Network), apart: nearest(a.u, b.u)}
			if j.home != j.at && j.apart <= travelTime {
				out = append(out, j)
			}
		}
	}
	return out
}

// nearest is the least time between the known sign-ins of two rows.
func nearest(a, b *analyze.NetworkUse) time.Duration {
	least := time.Duration(1<<63 - 1)
	for _, x := range []time.Time{a.First, a.Last} {
		for _, y := range []time.Time{b.First, b.Last} {
			least = min(least, x.Sub(y).Abs())
		}
	}
	return least
}

func (q *inquiry) jumpFinding(js []jump) Finding {
	j := &js[0]
	f := Finding{
		Confidence: "medium", AccountID: j.p.AccountID, Principal: j.p.ARN, Resource: j.pair(),
		Title:    fmt.Sprintf("%s signed in from %s and %s, %s apart", jumper(j), j.home, j.at, lasted(j.apart)),
		Reason:   fmt.Sprintf("Sign-ins from %s%s and from %s%s.", listed(j.from.Addresses, 2), q.nets.told(j.from.Network), listed(j.to.Addresses, 2), q.nets.told(j.to.Network)),
		Evidence: usesEvidence([]analyze.NetworkUse{j.from, j.to}),
		Fix:      Fix{Summary: "Ask the person whether both are theirs, as through a relay or a VPN; if so, name the network in the configuration. If not, end the sessions, change the password and look at what was done.", Clears: "no such pair of sign-ins within the window"},
	}
	if len(js) > 1 {
		f.Reason += fmt.Sprintf(" %s more like it.", counted(len(js)-1, "pair"))
	}
	if h := q.holders[j.p.ARN]; h != nil && h.User != nil && q.withoutMFA(j.p.AccountID, j.p.ARN) {
		f.Severity = High
		f.Reason += " The user has no MFA device."
	}
	return f
}

func jumper(j *jump) string {
	if j.to.Session != "" && identityCenter(j.p.ARN) {
		return j.to.Session + " (permission set " + permissionSet(j.p.ARN) + ")"
	}
	return who(j.p.ARN)
}

// withoutMFA tells that the credential report has the user without a second factor.
func (q *inquiry) withoutMFA(account, arn string) bool {
	s := q.states[account]
	if s == nil {
		return false
	}
	for i := range s.Report {
		if s.Report[i].ARN == arn {
			return !s.Report[i].MFA
		}
	}
	return false
}
