package rules

import (
	"math"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// Score is how much a principal may do before and after, 0 to 100: the
// logarithm of its actions' weights (permissions management 10, write 3,
// tagging 2, read 1, list ½; a tenth of that on named resources, a quarter on
// patterns) over that of all actions there are. Logarithmic, because
// the step from two actions to twenty matters as much as from 200 to 2,000.
type Score struct {
	Current  int `json:"current"`
	Proposed int `json:"proposed"`
}

// scoreOf weighs documents.
func scoreOf(x *actionIndex, docs []heldDoc) int {
	reach := make([]float64, len(x.names))
	for _, g := range grantsOf(x, docs) {
		share := reachOf(g.s)
		g.actions.each(0, len(reach), func(i int) { reach[i] = max(reach[i], share) })
	}
	gone := refused(x, docs)
	sum := 0.
	for i, r := range reach {
		if r > 0 && !gone.has(i) {
			if x.typeless.has(i) {
				r = 1
			}
			sum += r * x.weights[i]
		}
	}
	return int(math.Round(100 * math.Log1p(sum) / math.Log1p(x.total)))
}

// reachOf is how far a statement's resources go: 1 for everything of a kind.
func reachOf(s *iam.Statement) float64 {
	if s.NotResource.Values != nil {
		return 1
	}
	share := .1
	for i, r := range s.Resource.Values {
		switch {
		case WideResource(r):
			return 1
		case readGlob(r, true).wild() || i >= 10:
			share = .25
		}
	}
	return share
}

// wild reports whether g has a wildcard or a variable.
func (g glob) wild() bool {
	for _, c := range g {
		if c < 0 {
			return true
		}
	}
	return false
}
