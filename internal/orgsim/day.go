package orgsim

import (
	"fmt"
	"time"
)

// event is one call, not yet written out.
type event struct {
	at      int64
	seed    uint64 // of its ids
	by      *session
	call    call
	issued  *session
	fault   *Fault
	plant   *planted
	via     string
	shared  uint64 // seed of the sharedEventID, 0 without one
	account int    // that it is recorded in
	region  string
	address string
	agent   string
	vpce    string
	foreign bool // recorded in the account of the role, for a caller of another account
}

// dayPlan is one day while its events are made.
type dayPlan struct {
	w      *world
	start  int64
	scale  float64
	events []event
	err    error
}

// plan makes every event of a day; calls of Persona.Work times scale.
func (w *world) plan(start int64, scale float64) ([]event, error) {
	d := &dayPlan{w: w, start: start, scale: scale}
	for _, a := range w.actors {
		d.act(a)
	}
	return d.events, d.err
}

func (d *dayPlan) act(a *actor) {
	if a.Joined > 0 && d.w.left(d.start) > a.Joined {
		return
	}
	sessions := d.w.sessions(a, d.start)
	r := rng(mix(a.seed, uint64(d.start), 4))
	works := a.worksOn(d.start, &r)
	mark := len(d.events)
	if works {
		d.work(a, sessions, &r)
	}
	if a.Script != nil {
		a.Script(&Scene{d: d, a: a, r: &r, sessions: sessions, at: d.start + 9*3600, session: sessions[0]})
	}
	if works || len(d.events) > mark {
		for _, s := range sessions {
			d.open(s, &r)
		}
	}
}

// worksOn tells whether a day is a working day of a.
func (a *actor) worksOn(start int64, r *rng) bool {
	t := time.Unix(start, 0).UTC()
	switch a.Rhythm {
	case Office:
		return !weekend(start) && r.intn(100) >= 7
	case PartTime:
		return t.Weekday() == time.Tuesday || t.Weekday() == time.Thursday
	case Monthly:
		return t.Day() == 1
	case Never:
		return false
	}
	return true
}

// expected is the mean number of calls of a day, before they are scaled.
func (w *world) expected(a *actor, start int64) float64 {
	r := rng(mix(a.seed, uint64(start), 4))
	if a.Joined > 0 && w.left(start) > a.Joined || !a.worksOn(start, &r) {
		return 0
	}
	return a.Rate * float64(a.units())
}

func (a *actor) units() int {
	if a.Kind == SSO || len(a.Units) == 0 {
		return 1
	}
	return len(a.Units)
}

// work adds the calls of an actor's habits.
func (d *dayPlan) work(a *actor, sessions []*session, r *rng) {
	n := max(r.round(a.Rate*float64(a.units())*d.scale), a.Least)
	if len(a.work) == 0 {
		return
	}
	for range n {
		s, j := a.choose(sessions, r), a.job(r)
		e := d.event(s, j.call, a.hour(s, d.start, r), r)
		e.fault, e.via, e.plant = j.fault, j.via, a.plants[j.plant]
		if s.console {
			e.hide(r)
		}
		d.events = append(d.events, e)
	}
}

// hide is what CloudTrail shows of a console session: now and then the
// console's own address instead of the person's.
func (e *event) hide(r *rng) {
	if r.intn(4) == 0 {
		e.address, e.agent = "AWS Internal", "AWS Internal"
	}
}

// choose picks a session: people by their share of console work, machines evenly.
func (a *actor) choose(sessions []*session, r *rng) *session {
	if a.Kind != User && a.Kind != SSO {
		return sessions[r.intn(len(sessions))]
	}
	if r.unit() < a.Console {
		return sessions[len(sessions)-1]
	}
	return sessions[0]
}

func (a *actor) job(r *rng) *job {
	x := r.unit() * a.sum
	for i := range a.work {
		if x < a.work[i].weight {
			return &a.work[i]
		}
	}
	return &a.work[len(a.work)-1]
}

// hour picks the time of a call within its session and the actor's rhythm.
func (a *actor) hour(s *session, start int64, r *rng) int64 {
	from, to := s.from, s.to
	switch a.Rhythm {
	case Nightly:
		from, to = start+3600, start+4*3600
	case Monthly:
		from, to = start+3*3600, start+6*3600
	case Office, PartTime:
		if a.Kind == User {
			from, to = max(from, start+7*3600), min(to, start+18*3600)
		}
	}
	if from < s.from || to > s.to { // the session decides
		from, to = s.from, s.to
	}
	return from + int64(r.intn(int(to-from)))
}

func (d *dayPlan) event(s *session, c call, at int64, r *rng) event {
	e := event{at: at, seed: r.next(), by: s, call: c, region: s.actor.at(c.api), address: s.address, agent: s.agent, account: s.actor.account}
	if s.actor.Endpoint != "" && c.api.service == "s3" {
		e.vpce, e.address = s.actor.Endpoint, private(s.name)
	}
	return e
}

// private is the address of a machine within its network.
func private(unit string) string {
	h := textSeed(unit)
	return fmt.Sprintf("10.20.%d.%d", h>>8%16, 4+h%200)
}

// at is the region that a call is recorded in.
func (a *actor) at(p *api) string {
	if p.flags&global != 0 {
		return "us-east-1"
	}
	return a.region
}

// open adds how a session came to be: a sign-in, a role assumed.
func (d *dayPlan) open(s *session, r *rng) {
	a := s.actor
	if a == nil || s.name == "" && !s.console || s.from >= d.w.cfg.End.Unix() {
		return
	}
	switch a.Kind {
	case User, Root:
		d.signIn(s, "signin:ConsoleLogin", s, r)
	case SSO:
		d.signIn(s, "sts:AssumeRoleWithSAML", d.w.samlUser(s), r)
		if s.console {
			d.signIn(s, "signin:ConsoleLogin", s, r)
			d.federate(s, r)
		}
	case Pipeline:
		d.signIn(s, "sts:AssumeRoleWithWebIdentity", d.w.webUser(s), r)
	case Assumed:
		d.assume(s, r)
	case Vendor:
		d.signIn(s, "sts:AssumeRole", vendorCaller(s), r)
	default:
		d.signIn(s, "sts:AssumeRole", d.w.service(trusted[a.Kind](a), s.from), r)
	}
}

// signIn adds the event that opens s.
func (d *dayPlan) signIn(s *session, id string, by *session, r *rng) {
	c := call{api: d.w.apis[id], name: template{{text: s.user}}}
	at := s.from
	if id == "signin:ConsoleLogin" {
		at += 2
	}
	e := event{at: at, seed: r.next(), by: by, call: c, issued: s, region: s.actor.at(c.api), address: s.address, agent: s.agent, account: s.actor.account}
	if by.address != "" && by != s {
		e.address, e.agent = by.address, by.agent
	}
	d.events = append(d.events, e)
}

const browser = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"

// federate adds what IAM Identity Center tells in its own account of a person
// who opens a console. That account is the organisation's first.
func (d *dayPlan) federate(s *session, r *rng) {
	by := d.w.centerUser(s)
	d.events = append(d.events, event{at: s.from, seed: r.next(), by: by, call: call{api: d.w.apis["sso:Federate"], name: template{{text: s.user}}},
		issued: s, region: "eu-west-1", address: s.address, agent: s.agent})
}

// assume adds sts:AssumeRole by another persona: one record, or one in each
// account, joined by their sharedEventID.
func (d *dayPlan) assume(s *session, r *rng) {
	var by *session
	for _, b := range d.w.sessions(s.actor.by, d.start) {
		if by == nil || b.from <= s.from {
			by = b
		}
	}
	c := call{api: d.w.apis["sts:AssumeRole"], name: template{{text: s.actor.role}}}
	e := event{at: max(s.from, by.from), seed: r.next(), by: by, call: c, issued: s, region: s.actor.region,
		address: by.address, agent: by.agent, account: by.actor.account}
	if by.actor.account != s.actor.account {
		e.shared = r.next()
		twin := e
		twin.seed, twin.account, twin.foreign = r.next(), s.actor.account, true
		d.events = append(d.events, twin)
	}
	d.events = append(d.events, e)
}

// trusted names the service that assumes a role for its workload.
var trusted = map[Kind]func(*actor) string{
	Instance: func(*actor) string { return "ec2.amazonaws.com" },
	Function: func(*actor) string { return "lambda.amazonaws.com" },
	Task:     func(*actor) string { return "ecs-tasks.amazonaws.com" },
	Job:      func(*actor) string { return "glue.amazonaws.com" },
	Linked:   func(a *actor) string { return a.By },
}

// samlUser is a person of IAM Identity Center before the role.
func (w *world) samlUser(s *session) *session {
	provider := "arn:aws:iam::" + w.accounts[s.actor.account] + ":saml-provider/AWSSSO_" + idOf(w.org.ID) + "_DO_NOT_DELETE"
	return &session{actor: s.actor, user: s.name, arn: provider, address: s.address, agent: s.agent,
		identity: `{"type":"SAMLUser","principalId":"` + idOf(w.org.ID) + `:` + s.name + `","userName":"` + s.name + `","identityProvider":"` + provider + `"}`}
}

// webUser is a workflow of GitHub before the role.
func (w *world) webUser(s *session) *session {
	provider := "arn:aws:iam::" + w.accounts[s.actor.account] + ":oidc-provider/token.actions.githubusercontent.com"
	return &session{actor: s.actor, user: s.subject, arn: provider, address: s.address, agent: s.agent,
		identity: `{"type":"WebIdentityUser","principalId":"` + provider + `:sts.amazonaws.com:` + s.subject + `","userName":"` + s.subject +
			`","identityProvider":"` + provider + `"}`}
}

// centerUser is a person in IAM Identity Center's own events (IAM Identity
// Center user guide, "CloudTrail use cases").
func (w *world) centerUser(s *session) *session {
	store := "arn:aws:identitystore::" + w.accounts[0] + ":identitystore/d-" + idOf(w.org.ID)[:10]
	person := rng(textSeed(s.name))
	id := string(person.uuid(nil))
	return &session{user: s.name, arn: store, address: s.address, agent: s.agent,
		identity: `{"type":"IdentityCenterUser","accountId":"` + w.accounts[0] + `","onBehalfOf":{"userId":"` + id + `","identityStoreArn":"` + store +
			`"},"credentialId":"` + string(person.uuid(nil)) + `"}`}
}

// idOf makes the sixteen hex digits of a text.
func idOf(text string) string {
	r := rng(textSeed(text))
	return r.hex(16)
}
