package schedule

import (
	"strings"
	"testing"
	"time"
)

func plan(t *testing.T, text, zone string) *Plan {
	t.Helper()
	p, err := Parse(text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestNext goes through changes of the clock both ways, hour for hour, and the
// odd zones: half an hour, at midnight, a whole day left out.
func TestNext(t *testing.T) {
	for _, c := range []struct {
		name, text, zone, from string
		want                   []string
	}{
		{"mondays at six", "0 6 * * 1", "Europe/Berlin", "2026-03-20T00:00:00Z", []string{"2026-03-23T05:00:00Z", "2026-03-30T04:00:00Z", "2026-04-06T04:00:00Z"}},
		{"back to winter time", "0 6 * * 1", "Europe/Berlin", "2026-10-18T00:00:00Z", []string{"2026-10-19T04:00:00Z", "2026-10-26T05:00:00Z"}},
		{"in the hour that is left out", "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", []string{"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}},
		{"twice in that hour is one run", "0,30 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", []string{"2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z", "2026-03-09T06:30:00Z"}},
		{"in the hour that comes twice", "30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", []string{"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"asked within its second time", "30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", []string{"2026-11-02T06:30:00Z"}},
		{"each hour, forward", "0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}},
		{"each hour, back", "0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", []string{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
		{"@hourly, back", "@hourly", "America/New_York", "2026-11-01T04:30:00Z", []string{"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"}},
		{"a quarter, back", "*/15 * * * *", "Europe/Berlin", "2026-10-25T00:40:00Z", []string{"2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:15:00Z"}},
		{"half an hour forward", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", []string{"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"}},
		{"half an hour back", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", []string{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"}},
		{"no midnight", "0 0 * * *", "America/Sao_Paulo", "2018-11-03T00:00:00Z", []string{"2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}},
		{"a day left out", "0 6 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", []string{"2011-12-29T16:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T16:00:00Z"}},
		{"leap day", "0 0 29 2 *", "", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"zone in the expression", "CRON_TZ=Asia/Kolkata 0 6 * * *", "", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:30:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, now := plan(t, c.text, c.zone), at(t, c.from)
			for _, want := range c.want {
				now = p.Next(now)
				if got := now.UTC().Format(time.RFC3339); got != want {
					t.Fatalf("next is %s, want %s", got, want)
				}
			}
		})
	}
}

// TestDaily holds for every zone's odd days that a daily plan runs once a day
// of the calendar, neither more nor less.
func TestDaily(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata", "UTC"} {
		for _, text := range []string{"0 0 * * *", "30 2 * * *", "59 23 * * *", "45 1 * * *"} {
			p, days := plan(t, text, zone), map[string]int{}
			end := at(t, "2019-12-31T12:00:00Z")
			for next := p.Next(at(t, "2015-01-01T12:00:00Z")); next.Before(end); next = p.Next(next) {
				days[next.In(p.Location()).Format(time.DateOnly)]++
			}
			for day := at(t, "2015-01-02T12:00:00Z"); day.Before(end); day = day.AddDate(0, 0, 1) {
				if d := day.Format(time.DateOnly); days[d] != 1 && d < "2019-12-31" {
					t.Errorf("%s in %s: %d runs on %s", text, zone, days[d], d)
				}
			}
		}
	}
}

func TestDue(t *testing.T) {
	p := plan(t, "0 6 * * 1", "Europe/Berlin")
	for _, c := range []struct{ name, since, now, want string }{
		{"not yet", "2026-03-23T05:00:00Z", "2026-03-30T03:59:59Z", ""},
		{"now", "2026-03-23T05:00:00Z", "2026-03-30T04:00:00Z", "2026-03-30T04:00:00Z"},
		{"three missed", "2026-03-09T05:00:00Z", "2026-04-01T00:00:00Z", "2026-03-30T04:00:00Z"},
		{"years missed", "2001-03-09T05:00:00Z", "2026-04-01T00:00:00Z", "2026-03-30T04:00:00Z"},
		{"a clock that was ahead", "2027-01-01T00:00:00Z", "2026-04-01T00:00:00Z", ""},
	} {
		got := p.Due(at(t, c.since), at(t, c.now))
		if c.want == "" && !got.IsZero() || c.want != "" && !got.Equal(at(t, c.want)) {
			t.Errorf("%s: due %v, want %s", c.name, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, zone, want string }{
		{"", "", "no schedule"},
		{"0 6 * *", "", "expected exactly 5 fields"},
		{"0 6 * * 7", "", "Sunday is 0"},
		{"61 6 * * 1", "", "above maximum"},
		{"@every 1h", "", "write five fields"},
		{"0 0 31 2 *", "", "never comes"},
		{"0 6 * * 1", "Europe/Berlim", "no time zone"},
		{"TZ=0", "", "a zone and no schedule"},
		{"CRON_TZ=UTC", "", "a zone and no schedule"},
		{"CRON_TZ= 0 6 * * 1", "", "a zone and no schedule"},
		{"CRON_TZ=UTC 0 6 * * 1", "Europe/Berlin", "two time zones"},
		{"CRON_TZ=UTC TZ=0", "", "no schedule"},
		{", * * * *", "", "no schedule"},
		{"0 0 6 * * 1", "", "expected exactly 5 fields"},
	} {
		if _, err := Parse(c.text, c.zone); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in %q: error %v, want %q", c.text, c.zone, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0 6 * * 1", "TZ=0", "CRON_TZ=x TZ=", "@daily", "*/0 * * * *", "1-0 * * * *", "@", "?,, * * * *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := Parse(s, ""); err == nil && p.Next(time.Unix(0, 0)).IsZero() {
			t.Errorf("%q has no next", s)
		}
	})
}
