package lake

import (
	"errors"
	"fmt"
	"time"
)

// PruneSchema names the JSON shape of PruneReport.
const PruneSchema = "trimtrail.prune/1"

// PruneReport is what Prune forgot, or would forget.
type PruneReport struct {
	Schema          string    `json:"schema"` // PruneSchema
	Before          time.Time `json:"before"` // the start of a day, UTC
	DryRun          bool      `json:"dry_run"`
	Partitions      int64     `json:"partitions"`
	Files           int64     `json:"files"` // of events
	Events          int64     `json:"events"`
	Bytes           int64     `json:"bytes"`            // in these files
	QuarantineFiles int64     `json:"quarantine_files"` // forgotten with them
}

// Prune forgets the events of the days that end at before or earlier, with one
// log entry, and removes their files. Quarantined records go with the newest
// event that the lake had when they came. Objects that were read stay known,
// so that the next ingest does not bring the events back; a late delivery of a
// forgotten day does. IAM states stay. A dry run changes nothing.
func (l *Lake) Prune(before time.Time, dryRun bool) (r PruneReport, err error) {
	first := dayOf(before) // the first day that stays
	if dryRun {
		r, _, err = l.prunable(first)
		r.DryRun = true
		return r, err
	}
	c, err := l.committer(l.state)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for won := false; !won; {
		var names []string
		if r, names, err = l.prunable(first); err != nil || len(names) == 0 {
			return r, err
		}
		if err := c.skim(); err != nil {
			return r, err
		}
		e := &entry{Kind: kindPrune, Files: []File{}, Quarantined: []quarantineRef{}, Objects: []objectRef{}, Removed: names}
		if won, err = c.replace(e, c.skim); err != nil {
			return r, fmt.Errorf("prune: %w", err)
		}
	} // not won: a compaction has replaced some of them
	return r, c.removeReplaced()
}

// prunable returns what lies before the first day that stays.
func (l *Lake) prunable(first day) (r PruneReport, names []string, err error) {
	r = PruneReport{Schema: PruneSchema, Before: time.Unix(int64(first)*86400, 0).UTC()}
	log := newState()
	newest, old := first-1, []string{} // of the entries so far; quarantine files
	seen := false
	err = entries(l, func(n int64, e *logEntry) error {
		for i := range e.Files {
			if d, ok := parseDay(e.Files[i].Date); ok {
				newest, seen = max(newest, d), true
			}
		}
		if e.Quarantine != nil && seen && newest < first {
			old = append(old, e.Quarantine.Path)
		}
		return log.apply(n, e)
	})
	if err != nil {
		return r, nil, err
	}
	dirs := map[string]bool{}
	for _, f := range log.list() {
		if d, ok := parseDay(f.Date); !ok || d >= first {
			continue
		}
		dirs[dirOf(f.Path)] = true
		names = append(names, f.Path)
		r.Files, r.Events, r.Bytes = r.Files+1, r.Events+f.Rows, r.Bytes+f.Bytes
	}
	r.Partitions = int64(len(dirs))
	for _, name := range old {
		if log.quarantine[name] != nil {
			names = append(names, name)
			r.QuarantineFiles++
		}
	}
	return r, names, nil
}
