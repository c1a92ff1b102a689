package orgsim

import "fmt"

// Scene is a day of one actor in the hands of a [Persona] script. Calls are
// made by the actor's first session, from 9:00 on, some seconds apart, until
// the script says otherwise.
type Scene struct {
	d        *dayPlan
	a        *actor
	r        *rng
	sessions []*session
	session  *session
	at       int64
	address  string
	agent    string
	vpce     string
	plant    *planted
}

// Left is the number of days to the end of the archive: 1 on the last day.
func (s *Scene) Left() int { return s.d.w.left(s.d.start) }

// Weekend tells whether the day is a Saturday or a Sunday.
func (s *Scene) Weekend() bool { return weekend(s.d.start) }

// Person is the unit of an SSO persona, empty for others.
func (s *Scene) Person() string { return s.a.unit }

// Has tells that a persona of this name is in the account.
func (s *Scene) Has(name string) bool { return s.d.w.byName[key(name, s.a.account)] != nil }

// Chance is true in that many of 100 cases.
func (s *Scene) Chance(percent int) bool { return s.r.intn(100) < percent }

// Clock sets the time, or the session's, where that starts later.
func (s *Scene) Clock(hour, minute int) *Scene {
	s.at = s.d.start + int64(hour*3600+minute*60)
	return s
}

// Wait moves the clock.
func (s *Scene) Wait(seconds int) *Scene {
	s.at += int64(seconds)
	return s
}

// Session takes the n-th session of the day, counted from 0, and its time.
func (s *Scene) Session(n int) *Scene {
	s.session = s.sessions[min(n, len(s.sessions)-1)]
	s.at = s.session.from + 600
	return s
}

// From makes the next calls come from elsewhere; empty: the session's own.
func (s *Scene) From(address, agent string) *Scene {
	s.address, s.agent, s.vpce = address, agent, ""
	return s
}

// Through makes the next calls pass a VPC endpoint, from a private address.
func (s *Scene) Through(endpoint, address string) *Scene {
	s.address, s.vpce = address, endpoint
	return s
}

// Plant marks the next calls as the events of a plant; empty: of none.
func (s *Scene) Plant(kind string) *Scene {
	s.plant = s.a.plants[kind]
	return s
}

// Do makes calls of one operation, one on each name.
func (s *Scene) Do(id string, names ...string) *Scene { return s.Fail(nil, id, names...) }

// Fail makes calls that end in a fault.
func (s *Scene) Fail(f *Fault, id string, names ...string) *Scene {
	if len(names) == 0 {
		names = []string{""}
	}
	for _, name := range names {
		c, err := s.d.w.call(id, name)
		if err != nil {
			s.d.err = fmt.Errorf("script of %s: %w", s.a.Name, err)
			return s
		}
		if s.session.actor != nil && s.session.name != "" {
			s.at = max(s.at, s.session.from+3)
		}
		e := s.d.event(s.session, c, s.at, s.r)
		e.fault, e.plant = f, s.plant
		if s.address != "" {
			e.address, e.vpce = s.address, s.vpce
		}
		if s.agent != "" {
			e.agent = s.agent
		}
		s.d.events = append(s.d.events, e)
		s.at += int64(2 + s.r.intn(20))
	}
	return s
}
