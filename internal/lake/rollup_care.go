package lake

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// RollupStatus tells how much of a lake is rolled up.
type RollupStatus struct {
	Files  int64               `json:"files"` // of events that have rollups, of whatever version
	Bytes  int64               `json:"bytes"` // of all tables
	Tables []RollupTableStatus `json:"tables"`
}

// RollupTableStatus is one table of the rollups.
type RollupTableStatus struct {
	Name  string `json:"name"`
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"`
}

// rollupStatus goes by names and sizes; it opens no file.
func (l *Lake) rollupStatus(log *state) (*RollupStatus, error) {
	s := &RollupStatus{Tables: []RollupTableStatus{}}
	for _, table := range rollupNames {
		t := RollupTableStatus{Name: table}
		err := l.store.list(table, func(name string, size int64) error {
			if log.counts(eventsOfRollup(name)) {
				t.Files, t.Bytes = t.Files+1, t.Bytes+size
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list rollups: %w", err)
		}
		if table == coverageTable {
			s.Files = t.Files
		}
		s.Bytes += t.Bytes
		s.Tables = append(s.Tables, t)
	}
	return s, nil
}

// Settle removes the rollups of these files where a file does not count any
// more: whoever removed it may have come before its rollup.
func (r *Rollups) Settle(paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	log, err := r.lake.state()
	if err != nil {
		return err
	}
	return r.lake.store.remove(rollupsOf(without(paths, log)))
}

// rollupsOf are withRollups without the files themselves.
func rollupsOf(names []string) []string {
	var all []string
	for _, name := range withRollups(names) {
		if !strings.HasPrefix(name, eventsDir+"/") {
			all = append(all, name)
		}
	}
	return all
}

// SweepRollups removes what is no rollup of a file that counts, and what those
// who were killed over writing one have left. It looks at the files before the
// log, so that a rollup of a file that is committed meanwhile stays.
func (l *Lake) SweepRollups() error {
	var found []string
	for _, table := range rollupNames {
		err := l.store.list(table, func(name string, _ int64) error {
			if _, ok := madeBy(name); ok {
				found = append(found, name)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("list rollups: %w", err)
		}
	}
	log, err := l.state()
	if err != nil {
		return err
	}
	var left []string
	for _, name := range found {
		if !log.counts(eventsOfRollup(name)) {
			left = append(left, name)
		}
	}
	return errors.Join(l.store.remove(left), l.sweepStage(time.Now().Add(-time.Hour)))
}

// sweepStage removes what was begun before a time and not finished.
func (l *Lake) sweepStage(before time.Time) error {
	var left []string
	err := l.store.list(rollupStage, func(name string, _ int64) error {
		begun, _, _ := strings.Cut(strings.TrimPrefix(path.Base(name), temporaryPrefix), "-")
		if at, err := strconv.ParseInt(begun, 10, 64); err == nil && at < before.Unix() {
			left = append(left, name)
		}
		return nil
	})
	return errors.Join(err, l.store.remove(left))
}
