package orgsim

import (
	"fmt"
	"strings"
	"time"
)

// session is one credential in use: a key of a user, a session of a role.
type session struct {
	actor    *actor
	user     string // the principal's name
	arn      string // as userIdentity tells it
	id       string // principalId
	key      string
	name     string // role session name
	roleARN  string
	subject  string // of the web identity token
	from, to int64
	address  string
	agent    string
	console  bool
	identity string // the userIdentity JSON
}

// sessions are the credentials that an actor uses on a day, the same ones
// whoever asks.
func (w *world) sessions(a *actor, start int64) []*session {
	r := rng(mix(a.seed, uint64(start), 1))
	switch a.Kind {
	case User:
		return w.userSessions(a, start, &r)
	case Root:
		return []*session{w.working(a, start, "", true, &r)}
	case SSO:
		return w.personSessions(a, start, &r)
	case Pipeline:
		return w.runs(a, start, &r)
	case Service:
		s := w.service(a.Name, start)
		s.actor = a
		return []*session{s}
	case Linked:
		return w.windows(a, start, 1, &r)
	}
	return w.windows(a, start, 4, &r)
}

func (w *world) userSessions(a *actor, start int64, r *rng) []*session {
	s := &session{actor: a, user: a.Name, arn: a.arn, id: a.id, key: a.key, from: start, to: start + seconds}
	w.place(s, r)
	s.identity = fmt.Sprintf(`{"type":"IAMUser","principalId":%q,"arn":%q,"accountId":%q,"accessKeyId":%q,"userName":%q}`,
		a.id, a.arn, w.accounts[a.account], a.key, a.Name)
	if !a.Password {
		return []*session{s}
	}
	c := w.working(a, start, "", true, r)
	c.address = s.address
	if a.NoKey {
		return []*session{c}
	}
	return []*session{s, c}
}

// personSessions are a person's behind a shared role: at the command line
// first, then in the console.
func (w *world) personSessions(a *actor, start int64, r *rng) []*session {
	out := []*session{w.working(a, start, a.unit, false, r)}
	if a.Console > 0 {
		out = append(out, w.working(a, start, a.unit, true, r))
		out[1].address = out[0].address
	}
	return out
}

// working is a session of an office day.
func (w *world) working(a *actor, start int64, name string, console bool, r *rng) *session {
	from := start + 7*3600 + int64(r.intn(5400))
	s := w.open(a, name, from, from+8*3600+int64(r.intn(5400)), r)
	if s.console = console; console {
		s.agent = browser
	}
	return s
}

// windows are the sessions of a machine: each unit gets a new one several times a day.
func (w *world) windows(a *actor, start int64, n int, r *rng) []*session {
	units := a.Units
	if len(units) == 0 {
		units = []string{a.unitName(r)}
	}
	var out []*session
	for _, unit := range units {
		for i := range int64(n) {
			from := start + i*seconds/int64(n)
			out = append(out, w.open(a, unit, from, from+seconds/int64(n), r))
		}
	}
	return out
}

// unitName names the only unit of a persona that names none.
func (a *actor) unitName(r *rng) string {
	own := rng(mix(a.seed, 2))
	switch a.Kind {
	case Instance:
		return "i-0" + own.hex(16)
	case Task:
		return r.hex(32)
	case Job:
		return "GlueJobRunnerSession"
	case Linked:
		return "AWSConfig-Describe"
	}
	return a.Name
}

// runs are the sessions of a pipeline, each of some minutes.
func (w *world) runs(a *actor, start int64, r *rng) []*session {
	n := 2 + r.intn(4)
	if weekend(start) {
		n = 1
	}
	out := make([]*session, n)
	for i := range out {
		from := start + 8*3600 + int64(r.intn(9*3600))
		out[i] = w.open(a, "GitHubActions", from, from+200+int64(r.intn(600)), r)
	}
	return out
}

// open starts a session with a temporary key.
func (w *world) open(a *actor, name string, from, to int64, r *rng) *session {
	s := &session{actor: a, user: a.role, key: accessKey("ASIA", r), name: name, roleARN: a.arn, from: from, to: to}
	w.place(s, r)
	account := w.accounts[a.account]
	created := string(appendISO(nil, from))
	context := fmt.Sprintf(`"attributes":{"creationDate":%q,"mfaAuthenticated":"%t"}`, created, a.MFA && a.Kind != SSO)
	switch a.Kind {
	case User:
		s.arn, s.id = a.arn, a.id
		s.identity = fmt.Sprintf(`{"type":"IAMUser","principalId":%q,"arn":%q,"accountId":%q,"accessKeyId":%q,"userName":%q,"sessionContext":{%s}}`,
			a.id, a.arn, account, s.key, a.Name, context)
		return s
	case Root:
		s.arn, s.id = a.arn, a.id
		s.identity = fmt.Sprintf(`{"type":"Root","principalId":%q,"arn":%q,"accountId":%q,"accessKeyId":%q,"sessionContext":{%s}}`,
			a.id, a.arn, account, s.key, context)
		return s
	case Pipeline:
		s.subject = "repo:acme/" + strings.TrimPrefix(a.Name, "github-") + ":ref:refs/heads/main"
		context = fmt.Sprintf(`"webIdFederationData":{"federatedProvider":"arn:aws:iam::%s:oidc-provider/token.actions.githubusercontent.com","attributes":{}},`, account) + context
	case Instance:
		context += `,"ec2RoleDelivery":"2.0"`
	}
	s.arn, s.id = "arn:aws:sts::"+account+":assumed-role/"+a.role+"/"+name, a.id+":"+name
	s.identity = fmt.Sprintf(`{"type":"AssumedRole","principalId":%q,"arn":%q,"accountId":%q,"accessKeyId":%q,`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":%q,"arn":%q,"accountId":%q,"userName":%q},%s}}`,
		s.id, s.arn, account, s.key, a.id, a.arn, account, a.role, context)
	return s
}

// service is an AWS service that acts for itself.
func (w *world) service(name string, start int64) *session {
	return &session{user: name, arn: name, from: start, to: start + seconds, address: name, agent: name,
		identity: fmt.Sprintf(`{"type":"AWSService","invokedBy":%q}`, name)}
}

// place gives a session its address and agent.
func (w *world) place(s *session, r *rng) {
	a := s.actor
	network := a.Network
	if a.MovesTo != "" && w.left(s.from) <= a.MovesLeft {
		network = a.MovesTo
	}
	s.address = pick(strings.Split(network, "|"), r)
	if strings.Contains(s.address, "<") {
		days := rng(mix(a.seed, uint64(s.from/seconds), 3))
		s.address = strings.NewReplacer("<day>", days.group(), "<run>", r.group(), "<n>", r.group()).Replace(s.address)
	}
	if len(a.Agents) > 0 {
		s.agent = pick(a.Agents, r)
	}
}

func pick(list []string, r *rng) string { return list[r.intn(len(list))] }

// left is the number of days to the end: 1 on the last day.
func (w *world) left(at int64) int { return int((w.cfg.End.Unix() - at + seconds - 1) / seconds) }

func weekend(start int64) bool {
	d := time.Unix(start, 0).UTC().Weekday()
	return d == time.Saturday || d == time.Sunday
}
