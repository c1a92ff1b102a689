package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/rollup"
)

// Rollups are the daily rollups of a lake as one version of the analysis
// makes them. A rollup is made of one committed file of events and of nothing
// else, has its name, and goes with it: usage/…/x.parquet is of
// events/…/x.parquet. One that is missing, damaged or of another version is
// none, and can be made again at any time. It is for one goroutine at a time.
type Rollups struct {
	lake    *Lake
	version string
	tables  []rollupTable
	codec   *zstdCodec
}

// NoRollupError says that a file of events has no rollup that can be used.
type NoRollupError struct {
	Path   string // of the file of events
	Reason string
	// Absent tells that there is none, or one of another version; else what is
	// there is damaged.
	Absent bool
}

func (e *NoRollupError) Error() string { return fmt.Sprintf("no rollup of %s: %s", e.Path, e.Reason) }

// Rollups returns those of a version, which stands in their files.
func (l *Lake) Rollups(version string) (*Rollups, error) {
	codec, err := newCodec(1)
	return &Rollups{lake: l, version: version, tables: rollupTables(), codec: codec}, err
}

// Read returns the rollup of f, or a *NoRollupError. Other errors are those of
// the store.
func (r *Rollups) Read(f *File) (*rollup.Rows, error) {
	s := rollupSource{lake: r.lake, file: f, version: r.version}
	rows, err := s.read(r.tables)
	if s.absent != "" {
		return nil, &NoRollupError{f.Path, s.absent, true}
	}
	if s.damaged != nil {
		return nil, &NoRollupError{f.Path, s.damaged.Error(), false}
	}
	return rows, err
}

// Write stores the rollup of f, over one that may be there: whole, but not
// durable before the system sees to it. Two who write it at once write the
// same. Who writes rollups has to Settle them.
func (r *Rollups) Write(f *File, rows *rollup.Rows) error {
	var tables, empty []string
	meta := []parquet.WriterOption{parquet.KeyValueMetadata(metaVersion, r.version), parquet.KeyValueMetadata(metaSource, f.SHA256)}
	for _, t := range r.tables {
		n := t.count(rows)
		if n == 0 {
			empty = append(empty, rollupOf(t.name, f.Path))
			continue
		}
		tables = append(tables, fmt.Sprintf("%s=%d", t.name, n))
		if t.name == coverageTable {
			meta = append(meta, parquet.KeyValueMetadata(metaTables, strings.Join(tables, " ")))
		}
		data, err := t.encode(r.codec, rows, meta...)
		if err == nil {
			err = r.lake.store.put(rollupOf(t.name, f.Path), data)
		}
		if err != nil {
			return fmt.Errorf("write rollup of %s: %w", f.Path, err)
		}
	}
	return r.lake.store.remove(empty) // that an older version may have made
}

// rollupSource reads one rollup.
type rollupSource struct {
	lake    *Lake
	file    *File
	version string // "" for any, which is that of coverage then
	// Why there are no rows; both empty where the store is to blame.
	absent  string
	damaged error
}

func (s *rollupSource) read(tables []rollupTable) (rows *rollup.Rows, err error) {
	rows = &rollup.Rows{AccountID: s.file.AccountID}
	counts := map[string]int{}
	for i := len(tables) - 1; i >= 0; i-- { // coverage first
		t := tables[i]
		if t.name != coverageTable && counts[t.name] == 0 {
			continue
		}
		if err := s.table(t, rows, counts); err != nil || s.absent != "" || s.damaged != nil {
			return nil, err
		}
	}
	if err := rows.Check(); err != nil {
		s.damaged = err
	} else if n := rows.Events(); n != s.file.Rows {
		s.damaged = fmt.Errorf("it is of %d events, not %d", n, s.file.Rows)
	}
	return rows, nil
}

// table reads one table; with coverage, what others there are.
func (s *rollupSource) table(t rollupTable, rows *rollup.Rows, counts map[string]int) error {
	f, err := s.lake.store.open(rollupOf(t.name, s.file.Path))
	if errors.Is(err, fs.ErrNotExist) {
		s.absent = "there is none"
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	s.damaged = s.decode(f, t, rows, counts)
	return nil
}

// decode is for damaged files, too: parquet-go panics over some.
func (s *rollupSource) decode(f blob, t rollupTable, rows *rollup.Rows, counts map[string]int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", t.name, p)
		}
	}()
	pf, err := openTable(f)
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	version, _ := pf.Lookup(metaVersion)
	if s.version == "" {
		s.version = version
	}
	if version != s.version {
		s.absent = "it is of another version"
		return nil
	}
	if sum, _ := pf.Lookup(metaSource); sum != s.file.SHA256 {
		return fmt.Errorf("%s: it is of other events", t.name)
	}
	if t.name == coverageTable {
		list, _ := pf.Lookup(metaTables)
		if err := countsIn(list, counts); err != nil {
			return err
		}
	}
	if err := t.decode(pf, rows, counts[t.name]); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

// countsIn reads what metaTables says.
func countsIn(list string, counts map[string]int) error {
	for part := range strings.FieldsSeq(list) {
		name, number, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(number)
		if err != nil || n <= 0 {
			return fmt.Errorf("%s: tables %q", coverageTable, list)
		}
		counts[name] = n
	}
	return nil
}
