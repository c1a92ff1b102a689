package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// Past is what an earlier report said, in sums.
type Past struct {
	At                                time.Time // as of
	Critical, High, Medium, Low, Info int       // findings
	// Privilege is the mean score of the current policies, from 0 to 100 in
	// tenths, of Policies that have one; 0 where none has.
	Privilege int
	Policies  int
}

// PastOf reads the sums of a report that `report --format json` or a run wrote.
func PastOf(data []byte) (Past, error) {
	var d struct {
		Schema   string
		Findings *struct {
			AsOf     time.Time `json:"as_of"`
			Findings []struct{ Severity rules.Severity }
		}
		Policies *struct {
			Policies []struct{ Score *rules.Score }
		}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return Past{}, fmt.Errorf("is no report of this version: %w", err)
	}
	if d.Schema != Schema || d.Findings == nil || d.Findings.AsOf.IsZero() {
		return Past{}, errors.New("is no report with findings")
	}
	p := Past{At: d.Findings.AsOf}
	for _, f := range d.Findings.Findings {
		p.count(f.Severity)
	}
	if d.Policies != nil {
		var scores []*rules.Score
		for _, g := range d.Policies.Policies {
			scores = append(scores, g.Score)
		}
		p.weigh(scores)
	}
	return p, nil
}

// pastOf are the sums of m itself.
func pastOf(m *Model) Past {
	p := Past{At: m.Generated}
	for i := range m.Findings.Findings {
		p.count(m.Findings.Findings[i].Severity)
	}
	var scores []*rules.Score
	for i := range m.Policies.Policies {
		scores = append(scores, m.Policies.Policies[i].Score)
	}
	p.weigh(scores)
	return p
}

func (p *Past) count(s rules.Severity) {
	switch s {
	case rules.Critical:
		p.Critical++
	case rules.High:
		p.High++
	case rules.Medium:
		p.Medium++
	case rules.Low:
		p.Low++
	case rules.Info:
		p.Info++
	}
}

func (p *Past) weigh(scores []*rules.Score) {
	sum := 0
	for _, s := range scores {
		if s != nil {
			sum, p.Policies = sum+s.Current, p.Policies+1
		}
	}
	if p.Policies > 0 {
		p.Privilege = int(math.Round(10 * float64(sum) / float64(p.Policies)))
	}
}
