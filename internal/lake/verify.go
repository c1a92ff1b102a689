package lake

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// VerifySchema names the JSON shape of Report.
const VerifySchema = "trimtrail.verify/1"

// What can be wrong with a file.
const (
	Missing   = "missing"   // the log names it, it is not there
	Truncated = "truncated" // not the size that the log says
	Altered   = "altered"   // the size is right, the content is not
	Rows      = "rows"      // the footer is unreadable, or other than the log and the schema say
	Orphan    = "orphan"    // it is there, the log does not name it
	Rollup    = "rollup"    // it is not what its file of events gives; analysis does without
)

// Problem is one file that does not agree with the log.
type Problem struct {
	Path   string `json:"path"` // relative to the lake
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
}

// Report is the outcome of Verify.
type Report struct {
	Schema   string    `json:"schema"` // VerifySchema
	Entries  int64     `json:"entries"`
	Files    int64     `json:"files"` // checked, quarantine included
	Events   int64     `json:"events"`
	Bytes    int64     `json:"bytes"`
	Rollups  int64     `json:"rollups"`  // checked, of whatever version
	Problems []Problem `json:"problems"` // by path
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// Verify reads every file that the log names and compares presence, size,
// checksum and rows, and the rollups that there are with the events that they
// are of; files below events, _quarantine and the rollups' tables that the log
// does not name are orphans. A run that is committing meanwhile, or that was killed
// there, shows as orphans until it, or the next one, is done. The error is for
// what keeps Verify from judging, such as a damaged log.
func (l *Lake) Verify() (Report, error) {
	r := Report{Schema: VerifySchema, Problems: []Problem{}}
	log, err := l.history()
	if err != nil {
		return r, err
	}
	r.Entries = log.last
	tables := rollupTables()
	for _, f := range log.list() {
		r.Events += f.Rows
		r.check(l, f, true)
		r.checkRollup(l, &f, tables)
	}
	for _, f := range log.quarantine {
		r.check(l, *f, false)
	}
	err = r.orphans(l)
	slices.SortFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind))
	})
	return r, err
}

func (r *Report) check(l *Lake, f File, table bool) {
	r.Files++
	r.Bytes += f.Bytes
	if kind, detail := l.examine(f, table); kind != "" {
		r.Problems = append(r.Problems, Problem{f.Path, kind, detail})
	}
}

func (r *Report) checkRollup(l *Lake, f *File, tables []rollupTable) {
	s := rollupSource{lake: l, file: f}
	_, err := s.read(tables)
	if s.absent != "" && s.version == "" {
		return // not rolled up yet
	}
	r.Rollups++
	if err == nil && s.absent != "" {
		err = fmt.Errorf("a table that coverage names: %s", s.absent)
	}
	if err = cmp.Or(err, s.damaged); err != nil {
		r.Problems = append(r.Problems, Problem{rollupOf(coverageTable, f.Path), Rollup, err.Error()})
	}
}

// examine compares a file with what the log says.
func (l *Lake) examine(f File, table bool) (kind, detail string) {
	b, err := l.store.open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Missing, "the log names it"
	}
	if err != nil {
		return Missing, err.Error()
	}
	defer b.Close()
	if b.size() != f.Bytes {
		return Truncated, fmt.Sprintf("%d bytes, the log says %d", b.size(), f.Bytes)
	}
	sum, err := checksum(b)
	if err != nil {
		return Altered, err.Error()
	}
	if sum != f.SHA256 {
		return Altered, fmt.Sprintf("sha256 %s, the log says %s", sum, f.SHA256)
	}
	if table {
		if err := checkFooter(b, f.Rows); err != nil {
			return Rows, err.Error()
		}
	}
	return "", ""
}

func checksum(b blob) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(b, 0, b.size())); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// orphans looks at the disk first and at the log then, so that a commit in
// between is not taken for one.
func (r *Report) orphans(l *Lake) error {
	var found []string
	for _, dir := range append([]string{eventsDir, quarantineDir}, rollupNames...) {
		err := l.store.list(dir, func(name string, _ int64) error {
			found = append(found, name)
			return nil
		})
		if err != nil {
			return fmt.Errorf("list lake: %w", err)
		}
	}
	log, err := l.history()
	if err != nil {
		return err
	}
	for _, rel := range found {
		switch {
		case log.counts(rel):
		case log.removed[rel]:
			r.Problems = append(r.Problems, Problem{rel, Orphan, "it was replaced or forgotten"})
		case log.counts(eventsOfRollup(rel)):
		default:
			r.Problems = append(r.Problems, Problem{rel, Orphan, "the log does not name it"})
		}
	}
	return nil
}
