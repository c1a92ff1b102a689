// Package schedule says when to do a thing again and again, and does it then:
// cron expressions in a time zone, through changes of its clock; one run for
// those that were missed; never two at once.
//
// Plan is pure. Run reads the clock and waits; a test gives it one of its own
// by testing/synctest. It knows nothing of what it runs.
//
//	p, err := schedule.Parse("0 6 * * 1", "Europe/Berlin")
//	next := p.Next(now)
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a container without zones knows them all the same

	"github.com/robfig/cron/v3"
)

// Plan is when to run.
type Plan struct {
	text     string
	schedule *cron.SpecSchedule
	location *time.Location
	// hourly plans follow the time that passes: their hour begins with *.
	hourly bool
}

// String is the plan as it may be written: 0 6 * * 1 (Europe/Berlin).
func (p *Plan) String() string { return p.text + " (" + p.location.String() + ")" }

// Location is the plan's time zone.
func (p *Plan) Location() *time.Location { return p.location }

// Parse reads a cron expression of five fields, or @daily and its like. The
// zone is a name of the IANA data base, or Local; an expression that begins
// with CRON_TZ=ZONE has its own. Empty means UTC.
func Parse(text, zone string) (*Plan, error) {
	text, zone, err := zoned(strings.TrimSpace(text), zone)
	if err != nil {
		return nil, err
	}
	loc, err := location(zone)
	if err != nil {
		return nil, err
	}
	if strings.Contains(text, "=") { // the library panics on TZ=0
		return nil, fmt.Errorf("%q is no schedule", text)
	}
	if strings.HasPrefix(text, "@every") {
		return nil, errors.New("@every has no hours of the day; write five fields, as 0 */6 * * *")
	}
	s, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no schedule: %w%s", text, err, sunday(text))
	}
	spec, ok := s.(*cron.SpecSchedule)
	if !ok || spec.Minute == 0 || spec.Hour == 0 || spec.Dom == 0 || spec.Month == 0 || spec.Dow == 0 {
		return nil, fmt.Errorf("%q is no schedule of five fields", text)
	}
	spec.Location = time.Local // of the time that Next is given
	p := &Plan{text: text, schedule: spec, location: loc, hourly: hourly(text)}
	if p.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("%q never comes", text)
	}
	return p, nil
}

// zoned takes the zone off the front of an expression.
func zoned(text, zone string) (string, string, error) {
	for _, prefix := range []string{"CRON_TZ=", "TZ="} {
		rest, ok := strings.CutPrefix(text, prefix)
		if !ok {
			continue
		}
		own, expression, ok := strings.Cut(rest, " ")
		if !ok || own == "" {
			return "", "", fmt.Errorf("%q has a zone and no schedule; write %sEurope/Berlin 0 6 * * 1", text, prefix)
		}
		if zone != "" && zone != own {
			return "", "", fmt.Errorf("two time zones, %s and %s", own, zone)
		}
		return strings.TrimSpace(expression), own, nil
	}
	return text, zone, nil
}

func location(zone string) (*time.Location, error) {
	if zone == "" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("no time zone %q; write a name as Europe/Berlin or UTC", zone)
	}
	return loc, nil
}

// sunday helps those who know it as 7.
func sunday(text string) string {
	if fields := strings.Fields(text); len(fields) == 5 && strings.Contains(fields[4], "7") {
		return "; Sunday is 0"
	}
	return ""
}

func hourly(text string) bool {
	fields := strings.Fields(text)
	return text == "@hourly" || len(fields) == 5 && strings.HasPrefix(fields[1], "*")
}

// Next is the first time after t to run; zero where there is none within years.
//
// Where the clock is put forward, what was to run in the hour that is left out
// runs at its end; where it is put back, what is to run in the hour that comes
// twice runs the first time only. Plans whose hour is * or */n run by the time
// that passes, as cron has it.
func (p *Plan) Next(t time.Time) time.Time {
	if p.hourly {
		return p.schedule.Next(t.In(p.location))
	}
	wall := wallOf(t.In(p.location))
	for range 1000 {
		wall = p.schedule.Next(wall)
		if wall.IsZero() {
			return wall
		}
		if at := instant(wall, p.location); at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// Due is the last time to run that is after since and not after now; zero
// where there is none.
func (p *Plan) Due(since, now time.Time) time.Time {
	// From a long way back, begin nearer: only the last counts.
	for _, near := range []time.Duration{time.Hour, 24 * time.Hour, 32 * 24 * time.Hour, 367 * 24 * time.Hour} {
		from := now.Add(-near)
		if from.Before(since) {
			break
		}
		if due := p.last(from, now); !due.IsZero() {
			return due
		}
	}
	return p.last(since, now)
}

func (p *Plan) last(since, now time.Time) (due time.Time) {
	for next := p.Next(since); !next.IsZero() && !next.After(now); next = p.Next(next) {
		due = next
	}
	return due
}

// wallOf is what a clock shows, as a time of UTC, where every hour is one hour.
func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instant is the first moment at which a clock in loc shows wall; where none
// does, that at which it jumps over it.
func instant(wall time.Time, loc *time.Location) time.Time {
	var first time.Time
	const day = 26 * time.Hour // no zone changes twice within
	for _, at := range []time.Time{wall.Add(-day), wall.Add(day)} {
		_, offset := at.In(loc).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if wallOf(t).Equal(wall) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		return first
	}
	return jump(wall, loc)
}

// jump is the moment near wall at which the clock is put forward.
func jump(wall time.Time, loc *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, loc)
	begin, end := t.ZoneBounds()
	if begin.IsZero() || !end.IsZero() && end.Sub(t) < t.Sub(begin) {
		return end
	}
	return begin
}
