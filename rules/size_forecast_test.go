package rules

import (
	"math"
	"strings"
	"testing"
)

func TestForecast(t *testing.T) {
	for _, c := range []struct {
		name   string
		days   int
		onDays map[int]int
		want   float64
		ok     bool
	}{
		{"nothing rare", 90, map[int]int{90: 5}, 0, true},
		{"three seen once", 90, map[int]int{1: 3}, 1, true},
		{"once and twice", 90, map[int]int{1: 9, 2: 9}, 3 - 1, true},
		{"window too short", 20, map[int]int{1: 3}, 0, false},
	} {
		f := forecast{days: c.days, onDays: c.onDays}
		if got, ok := f.firstNeeds(); ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
	notes := forecastNotes(map[string]*forecast{"111122223333": {days: 90, principals: 4, onDays: map[int]int{1: 12}}, "444455556666": {days: 90, principals: 1}})
	if len(notes) != 1 || !strings.Contains(notes[0], "account 111122223333: in the next 30 days, expect about 4 first-time needs") {
		t.Errorf("notes %q", notes)
	}
}
