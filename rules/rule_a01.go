package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleA01() Rule {
	return Rule{
		ID: "TT-A01", Title: "Instance credentials used off their instance", Severity: High, Since: "0.1",
		Text: "The credentials of an EC2 instance belong on that instance. The first public network of an instance session is its own, and so are networks that two instances or more leave by, or one on three days without a denied call. " +
			"A call from anywhere else is told: critical where an attacker's tool made it; high where it comes in between the instance's own calls of the same twelve hours, from another operating system, from an address where a person works, or, where AWS's list of its ranges is loaded, from none of AWS's; medium where the instance merely seems to have moved with its key. " +
			"A VPC endpoint is never a second place, nor is a private address beside a public one unless others work there. " +
			"Known networks are told only where the operating system differs. Wrong where an instance gets a second public address while it runs.",
		Needs: []string{needsEvents}, Source: "Netflix, Detecting Credential Compromise in AWS (Black Hat USA 2018); GuardDuty InstanceCredentialExfiltration",
		turn: 15, ask: askInstances,
	}
}

func askInstances(q *inquiry) {
	for i := range q.f.Principals {
		p := &q.f.Principals[i]
		sessions := map[string][]analyze.NetworkUse{}
		for _, u := range p.Networks {
			if u.Instance {
				sessions[u.Session] = append(sessions[u.Session], u)
			}
		}
		for _, s := range slices.Sorted(maps.Keys(sessions)) {
			q.askInstance(p, s, byTime(sessions[s]))
		}
	}
}

// stray is the use of an instance's credentials somewhere else.
type stray struct {
	uses    []analyze.NetworkUse
	signs   []string // why this is not the instance
	severe  bool
	network string
}

func (q *inquiry) askInstance(p *analyze.Principal, session string, us []analyze.NetworkUse) {
	home, rest := q.homeOf(p, us)
	by := map[string][]analyze.NetworkUse{}
	for _, u := range rest {
		by[u.Network] = append(by[u.Network], u)
	}
	for _, network := range networksIn(rest) {
		s := stray{network: network, uses: by[network]}
		if q.judgeStray(p, &s, home) {
			q.find(q.strayFinding(p, session, &s, home))
			q.incident()
			return // one finding an instance: the earliest stray network
		}
	}
	q.alien(p, session, us)
}

// homeOf parts the uses into those of the instance's own place and the others.
func (q *inquiry) homeOf(p *analyze.Principal, us []analyze.NetworkUse) (home, rest []analyze.NetworkUse) {
	own := ""
	for _, u := range us {
		c := netClassOf(u.Network)
		if own == "" && (c == direct || c == opaque) {
			own = u.Network
		}
	}
	for _, u := range us {
		if u.Network == own || netClassOf(u.Network) == endpoint || q.nets.egress[u.Network] || own == "" {
			home = append(home, u)
		} else {
			rest = append(rest, u)
		}
	}
	return home, rest
}

func networksIn(us []analyze.NetworkUse) []string {
	var out []string
	seen := map[string]bool{}
	for i := range us {
		if n := us[i].Network; !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// judgeStray collects the signs and reports whether they are enough.
func (q *inquiry) judgeStray(p *analyze.Principal, s *stray, home []analyze.NetworkUse) bool {
	between := interleaved(home, s.uses)
	systems := disjoint(systemsOf(agentsOf(home)), systemsOf(agentsOf(s.uses)))
	fresh := newAgents(home, s.uses)
	people := q.peopleAt(s.uses, p.ARN)
	if between {
		s.signs = append(s.signs, "the instance itself went on working from its own network")
	}
	if systems {
		s.signs = append(s.signs, fmt.Sprintf("the calls there name another operating system (%s)", listed(systemsOf(agentsOf(s.uses)), 3)))
	}
	if len(people) > 0 {
		s.signs = append(s.signs, fmt.Sprintf("%s %s from the same address", listed(people, 3), plural(len(people), "works", "work")))
	}
	outside := q.outsideAWS(home, s.uses)
	if outside {
		s.signs = append(s.signs, "the address is none of AWS's"+q.nets.told(s.network)+", and the instance's own is")
	}
	if len(fresh) > 0 {
		s.signs = append(s.signs, fmt.Sprintf("the software there (%s) was not seen on the instance", listed(fresh, 3)))
	}
	if label := q.nets.known(s.uses...); label != "" && !systems {
		return false // the organisation's own way out
	}
	same := sharedKey(home, s.uses)
	if netClassOf(s.network) == private {
		// A private address is the instance's own behind an endpoint, unless somebody else is there.
		s.severe = systems || len(people) > 0
		return s.severe
	}
	s.severe = between || systems || outside || len(people) > 0 || same && len(fresh) > 0
	return s.severe || same || len(fresh) > 0
}

// outsideAWS tells that AWS's list of its ranges has the instance's own
// addresses and none of the uses'.
func (q *inquiry) outsideAWS(home, uses []analyze.NetworkUse) bool {
	inAWS := func(u analyze.NetworkUse) bool { return q.nets.places[u.Network].Region != "" }
	return slices.ContainsFunc(home, inAWS) && !slices.ContainsFunc(uses, inAWS)
}

// peopleAt are users and the like, not instances, at the addresses of the uses.
func (q *inquiry) peopleAt(us []analyze.NetworkUse, arn string) []string {
	var names []string
	for _, other := range q.nets.strangers(usesEvidence(us).Addresses, arn) {
		if o := q.principal(other); o != nil && (o.Kind == analyze.KindUser || o.Kind == analyze.KindRoot) {
			names = append(names, who(other))
		}
	}
	return names
}

// interleaved reports whether one of b lies between two uses of a that are
// near: credentials of an instance live for hours, so a network that it had
// days ago and has again is no second place.
func interleaved(a, b []analyze.NetworkUse) bool {
	for _, u := range b {
		before, after := false, false
		for _, h := range a {
			if h.Last.Before(u.First.Add(-credentialLife)) || h.First.After(u.First.Add(credentialLife)) {
				continue
			}
			before = before || !h.First.After(u.First)
			after = after || h.Last.After(u.First)
		}
		if before && after {
			return true
		}
	}
	return false
}

// credentialLife is how long an instance's credentials may be in use.
const credentialLife = 12 * time.Hour

func sharedKey(a, b []analyze.NetworkUse) bool {
	return slices.ContainsFunc(b, func(u analyze.NetworkUse) bool {
		return u.Credential != "" && slices.ContainsFunc(a, func(h analyze.NetworkUse) bool { return h.Credential == u.Credential })
	})
}

func newAgents(home, us []analyze.NetworkUse) []string {
	known := agentsOf(home)
	return slices.DeleteFunc(agentsOf(us), func(a string) bool { return slices.Contains(known, a) || a == "" })
}

func (q *inquiry) strayFinding(p *analyze.Principal, session string, s *stray, home []analyze.NetworkUse) Finding {
	severity, confidence := Medium, "medium"
	if s.severe {
		severity, confidence = High, "high"
	}
	e, own := usesEvidence(s.uses), usesEvidence(home)
	return Finding{
		Severity: severity, Confidence: confidence, AccountID: p.AccountID, Principal: p.ARN, Credential: s.uses[0].Credential, Resource: session,
		Title: fmt.Sprintf("%s: credentials of instance %s were used from %s, away from the instance", who(p.ARN), session, listed(e.Addresses, 2)),
		Reason: fmt.Sprintf("The instance works from %s (%s). %s came from %s, %s: %s.", listed(own.Addresses, 2), counted(own.Count, "call"),
			counted(e.Count, "call")+refusedPart(s.uses), listed(e.Addresses, 3), stretch(*e.First, *e.Last), strings.Join(orNone(s.signs, "the same key moved to another network"), "; ")),
		Evidence: withTimeline(e, home, s.uses),
		Fix:      instanceFix(p, session, q.f.AsOf),
	}
}

// refusedPart tells how many of the calls were refused.
func refusedPart(us []analyze.NetworkUse) string {
	var n int64
	for _, u := range us {
		n += u.Denied
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s refused)", grouped(n))
}

func orNone(s []string, none string) []string {
	if len(s) == 0 {
		return []string{none}
	}
	return s
}

func withTimeline(e Evidence, home, strays []analyze.NetworkUse) Evidence {
	h, s := home[0], strays[0]
	e.Timeline = []Moment{
		{At: h.First, What: fmt.Sprintf("the instance's own first call, from %s", listed(h.Addresses, 2)), Events: firstOf(h.Events, 1)},
		{At: s.First, What: fmt.Sprintf("first call from %s (%s)", listed(s.Addresses, 2), listed(s.Agents, 2)), Events: firstOf(s.Events, 3)},
	}
	for _, u := range home {
		if u.Last.After(s.First) {
			e.Timeline = append(e.Timeline, Moment{At: u.Last, What: "the instance still works from " + listed(u.Addresses, 2)})
			break
		}
	}
	return e
}

func instanceFix(p *analyze.Principal, session string, asOf time.Time) Fix {
	metadata := ""
	if strings.HasPrefix(strings.ToLower(session), "i-") {
		metadata = aws("ec2", "modify-instance-metadata-options", "--instance-id", session, "--http-tokens", "required")
	}
	return Fix{
		Summary:  "Revoke the sessions of the role issued so far (the instance fetches new ones by itself), read what the key did, rebuild the instance, and require IMDSv2 on it.",
		Commands: commands(revokeSessions(p.ARN, asOf), metadata),
		Clears:   "no use of the instance's credentials outside its own networks within the window",
	}
}

// revokeSessions is what the console's "Revoke active sessions" does, for
// sessions issued before t.
func revokeSessions(arn string, t time.Time) string {
	if serviceLinked(arn) || identityCenter(arn) {
		return ""
	}
	doc := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"%s"}}}]}`, t.UTC().Format(time.RFC3339))
	return aws("iam", "put-role-policy", "--role-name", nameOf(arn), "--policy-name", "AWSRevokeOlderSessions", "--policy-document", doc)
}

// alien tells of a session that names an operating system which no other
// session of the role has: there is no second network to compare with.
func (q *inquiry) alien(p *analyze.Principal, session string, us []analyze.NetworkUse) {
	var others []analyze.NetworkUse
	for _, u := range p.Networks {
		if u.Session != session {
			others = append(others, u)
		}
	}
	here, there := systemsOf(agentsOf(us)), systemsOf(agentsOf(others))
	if !slices.Contains(here, "macos") || slices.Contains(there, "macos") || len(there) == 0 && !slices.Contains(here, "linux") {
		return
	}
	e := usesEvidence(us)
	q.find(Finding{
		Severity: High, Confidence: "medium", AccountID: p.AccountID, Principal: p.ARN, Credential: us[0].Credential, Resource: session,
		Title:    fmt.Sprintf("%s: credentials of instance %s were used on a Mac", who(p.ARN), session),
		Reason:   fmt.Sprintf("%s with user agents %s; Linux is what the role's instances run.", counted(e.Count, "call"), listed(agentsOf(us), 3)),
		Evidence: e, Fix: instanceFix(p, session, q.f.AsOf),
	})
}
