package rollup

import "fmt"

// Check tells what no rows of a folding can have: a row of an actor that is
// not there, a count without events. A file that was tampered with shows so.
func (r *Rows) Check() error {
	c := checker{actors: map[Who]bool{}}
	for i := range r.Actors {
		c.tally("actors", r.Actors[i].Tally)
		c.actors[r.Actors[i].Who] = true
	}
	for i := range r.Usage {
		u := &r.Usage[i]
		c.actor("usage", u.Who)
		c.tally("usage", u.Tally)
	}
	for i := range r.Networks {
		n := &r.Networks[i]
		c.actor("networks", n.Who)
		c.sampled("networks", n.Tally, n.Events)
	}
	for i := range r.Denials {
		d := &r.Denials[i]
		c.actor("denials", d.Who)
		c.sampled("denials", d.Tally, d.Events)
	}
	for i := range r.Sessions {
		c.tally("sessions", r.Sessions[i].Tally)
	}
	for i := range r.Coverage {
		c.tally("coverage", r.Coverage[i].Tally)
	}
	for i := range r.Unmapped {
		c.tally("unmapped", r.Unmapped[i].Tally)
	}
	return c.err
}

// checker keeps the first thing that is wrong.
type checker struct {
	actors map[Who]bool
	err    error
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *checker) actor(table string, w Who) {
	if !c.actors[w] {
		c.fail("%s: actor %q is not among the actors", table, w.Actor)
	}
}

func (c *checker) tally(table string, t Tally) {
	if t.Count <= 0 || t.First > t.Last {
		c.fail("%s: a row of %d events", table, t.Count)
	}
}

func (c *checker) sampled(table string, t Tally, events []Sample) {
	c.tally(table, t)
	if len(events) == 0 || int64(len(events)) > t.Count {
		c.fail("%s: %d of %d events are named", table, len(events), t.Count)
	}
}
