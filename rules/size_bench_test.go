package rules

import (
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// recordAll gives every role of a state a last-accessed record that vetoes
// most services: each was used in the window in a way that no log shows.
func recordAll(s *iam.State, services int) {
	prefixes := catalog.Default().Services()
	for i := range s.Roles {
		l := iam.LastAccessed{ARN: s.Roles[i].ARN, At: sizeEnd, Complete: true}
		for j := range services {
			l.Services = append(l.Services, lastOf(prefixes[j*len(prefixes)/services], daysBefore(5)))
		}
		s.LastAccessed = append(s.LastAccessed, l)
	}
}

// BenchmarkSizeAccessed sizes principals whose last-accessed record keeps twenty, or two hundred, whole services.
func BenchmarkSizeAccessed(b *testing.B) {
	for _, c := range []struct {
		name     string
		services int
	}{{"20", 20}, {"200", 200}} {
		b.Run(c.name, func(b *testing.B) {
			f, states := manyPrincipals(30, 200)
			recordAll(states[sizeAccount], c.services)
			for b.Loop() {
				SizeAll(f, states, catalog.Default(), SizeOptions{})
			}
		})
	}
}
