package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// apply is patch(1): it follows the hunks of d over a, and checks what they claim.
func apply(a, d []string) ([]string, error) {
	var out []string
	at := 0
	for i := 0; i < len(d); {
		var oldAt, oldN, newAt, newN int
		if _, err := fmt.Sscanf(d[i], "@@ -%d,%d +%d,%d @@", &oldAt, &oldN, &newAt, &newN); err != nil {
			return nil, fmt.Errorf("line %q: %w", d[i], err)
		}
		start := oldAt - min(oldN, 1) // an empty side names the line before it
		out = append(out, a[at:start]...)
		at = start
		if got := len(out) + min(newN, 1); got != newAt {
			return nil, fmt.Errorf("hunk %q starts at new line %d", d[i], got)
		}
		for i++; i < len(d) && d[i][0] != '@'; i++ {
			op, line := d[i][0], d[i][1:]
			if op != '+' {
				if a[at] != line {
					return nil, fmt.Errorf("line %d is %q, the diff says %q", at+1, a[at], line)
				}
				at, oldN = at+1, oldN-1
			}
			if op != '-' {
				out, newN = append(out, line), newN-1
			}
		}
		if oldN != 0 || newN != 0 {
			return nil, fmt.Errorf("a hunk's counts are off by %d and %d", oldN, newN)
		}
	}
	return append(out, a[at:]...), nil
}

func TestUnifiedApplies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a := make([]string, r.IntN(40))
		for i := range a {
			a[i] = string(rune('a' + r.IntN(6)))
		}
		b := slices.Clone(a)
		for range r.IntN(5) {
			if len(b) > 0 && r.IntN(2) == 0 {
				i := r.IntN(len(b))
				b = slices.Delete(b, i, i+1)
			} else {
				b = slices.Insert(b, r.IntN(len(b)+1), "new")
			}
		}
		d := unified(a, b)
		got, err := apply(a, d)
		if err != nil || !slices.Equal(got, b) {
			t.Fatalf("from %q to %q gives %q (%v) by\n%s", a, b, got, err, strings.Join(d, "\n"))
		}
		if slices.Equal(a, b) && len(d) > 0 {
			t.Fatalf("equal texts have a diff: %q", d)
		}
	}
}

func TestUnified(t *testing.T) {
	a := strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")
	b := slices.Clone(a)
	b[4], b[18] = "five", "nineteen"
	want := "@@ -2,7 +2,7 @@| 2| 3| 4|-5|+five| 6| 7| 8|@@ -16,5 +16,5 @@| 16| 17| 18|-19|+nineteen| 20"
	if got := strings.Join(unified(a, b), "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := strings.Join(unified(nil, a[:2]), "|"), "@@ -0,0 +1,2 @@|+1|+2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPatchesPairDocuments(t *testing.T) {
	const star = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	tests := []struct {
		name              string
		current, proposed []rules.PolicyRef
		want              []string
	}{
		{"same name, same text", []rules.PolicyRef{ref(t, "a", "inline", star)}, []rules.PolicyRef{ref(t, "a", "inline", star)}, nil},
		{"name decides", []rules.PolicyRef{ref(t, "a", "", star), ref(t, "b", "", checkoutNow)}, []rules.PolicyRef{ref(t, "b", "", checkoutNext)}, []string{"b > b", "a > /dev/null"}},
		{"likeness decides", []rules.PolicyRef{ref(t, "a", "", star), ref(t, "b", "", checkoutNow)}, []rules.PolicyRef{ref(t, "new", "", checkoutNext)}, []string{"b > new", "a > /dev/null"}},
		{"nothing known", nil, []rules.PolicyRef{ref(t, "new", "", star)}, []string{"/dev/null > new"}},
		{"document missing", []rules.PolicyRef{{Name: "a"}}, []rules.PolicyRef{ref(t, "a", "", star)}, []string{"a > a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range patches(tt.current, tt.proposed) {
				got = append(got, p.Old+" > "+p.New)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
