package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// used is a day's use of a network between two hours.
func used(daysAgo int, network, from, to string) analyze.NetworkUse {
	return analyze.NetworkUse{Day: at(daysAgo, "00:00:00"), Network: network, Count: 1, First: at(daysAgo, from), Last: at(daysAgo, to)}
}

func TestSummaryTellsWhen(t *testing.T) {
	p := analyze.Principal{Networks: []analyze.NetworkUse{
		used(90, "a", "08:10:00", "09:00:00"), used(90, "b", "07:59:00", "08:00:00"), used(89, "a", "23:00:00", "23:59:59"), used(2, "a", "00:00:00", "12:00:00"),
		used(200, "a", "01:00:00", "02:00:00"), // before the window
	}}
	s := summarise(&p, nil, window)
	if !slices.Equal(s.FirstHour[:3], []int{7, 23, -1}) || !slices.Equal(s.LastHour[:3], []int{9, 23, -1}) || s.FirstHour[88] != 0 || s.LastHour[88] != 12 {
		t.Errorf("hours %v to %v", s.FirstHour, s.LastHour)
	}
	if got := s.Networks[0]; got.Network != "a" || !slices.Equal(got.Active, []int{0, 1, 88}) {
		t.Errorf("network %s is active in %v", got.Network, got.Active)
	}
	if c := hoursOf(&s); c.Path != "M0 7h1v3h-1zM1 23h1v1h-1zM88 0h1v13h-1z" || !strings.HasSuffix(c.Label, "mostly 07:00 to 12:59") {
		t.Errorf("drawn as %s, %s", c.Path, c.Label)
	}
	if line := networkLines(&s).Rows[0].Front; strings.Count(line, "M") != 2 {
		t.Errorf("two runs of days are drawn as %s", line)
	}
}

// TestSummaryIsBounded holds that three years take no more room than three months.
func TestSummaryIsBounded(t *testing.T) {
	long := analyze.Window{From: asOf.AddDate(-3, 0, 0), To: asOf}
	p := analyze.Principal{}
	for d := range 3 * 365 {
		day := long.From.AddDate(0, 0, d+1)
		p.Networks = append(p.Networks, analyze.NetworkUse{Day: day, Network: "a", First: day.Add(9 * time.Hour), Last: day.Add(17 * time.Hour)})
	}
	s := summarise(&p, nil, long)
	if len(s.FirstHour) > maxBuckets || len(s.FirstHour) != len(s.Daily) || len(s.Networks[0].Active) > maxBuckets {
		t.Errorf("%d hours, %d values, %d active", len(s.FirstHour), len(s.Daily), len(s.Networks[0].Active))
	}
}

func TestCauses(t *testing.T) {
	tests := []struct {
		d    analyze.Denial
		want string
	}{
		{analyze.Denial{Layer: "identity", Effect: "implicit"}, "no policy allows it"},
		{analyze.Denial{Layer: "identity", Effect: "explicit"}, "deny in its own policy"},
		{analyze.Denial{Layer: "scp"}, "service control policy"},
		{analyze.Denial{Layer: "rcp"}, "resource control policy"},
		{analyze.Denial{Layer: "boundary"}, "permissions boundary"},
		{analyze.Denial{Layer: "endpoint"}, "endpoint policy"},
		{analyze.Denial{}, "AWS does not tell"},
		{analyze.Denial{Tier: analyze.TierState, Layer: "scp"}, "region or service not enabled"},
		{analyze.Denial{Tier: analyze.TierAuthentication}, "credential not accepted"},
		{analyze.Denial{Tier: analyze.TierDependency}, "something it depends on"},
	}
	var all []analyze.Denial
	for i, tt := range tests {
		if got := cause(&tt.d); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.d, got, tt.want)
		}
		tt.d.Count = int64(i + 1)
		all = append(all, tt.d, tt.d)
	}
	if got := causes(all); len(got) != len(tests) || got[0] != (CauseCount{"something it depends on", 20}) {
		t.Errorf("causes %v", got)
	}
	by := map[string]int64{}
	for i := range 30 {
		by[strings.Repeat("x", i+1)] = int64(100 - i)
	}
	if got := causesOf(by); len(got) != maxCauses || got[maxCauses-1].Cause != "other" || got[maxCauses-1].Count != 1520 {
		t.Errorf("%d causes, the last %v", len(got), got[len(got)-1])
	}
}
