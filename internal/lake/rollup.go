package lake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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
		if t.name == coverageTable {
			meta = append(meta, parquet.KeyValueMetadata(metaTables, strings.Join(tables, " ")), parquet.KeyValueMetadata(metaDigest, noDigest))
		}
		data, err := t.encode(r.codec, rows, meta...)
		if err == nil && t.name == coverageTable {
			err = seal(data)
		}
		if err == nil {
			tables = append(tables, part{n, digestOf(data)}.text(t.name))
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
	parts := map[string]part{}
	for i := len(tables) - 1; i >= 0; i-- { // coverage first
		t := tables[i]
		if t.name != coverageTable && parts[t.name].rows == 0 {
			continue
		}
		if err := s.table(t, rows, parts); err != nil || s.absent != "" || s.damaged != nil {
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
func (s *rollupSource) table(t rollupTable, rows *rollup.Rows, parts map[string]part) error {
	data, err := s.lake.store.read(rollupOf(t.name, s.file.Path))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotDir), errors.Is(err, fs.ErrPermission):
		s.absent = "there is none"
		return nil
	case err != nil:
		return err
	case t.name == coverageTable && !sealed(data), t.name != coverageTable && digestOf(data) != parts[t.name].digest:
		s.damaged = fmt.Errorf("%s: its content was changed", t.name)
		return nil
	}
	// What was made to look right may still make parquet-go panic.
	defer func() {
		if p := recover(); p != nil {
			s.damaged = fmt.Errorf("%s: %v", t.name, p)
		}
	}()
	if t.name == coverageTable {
		s.damaged = s.coverage(data, t, rows, parts)
	} else {
		s.damaged = t.decode(data, rows, parts[t.name].rows)
	}
	return nil
}

// coverage reads the table that says what others there are.
func (s *rollupSource) coverage(data []byte, t rollupTable, rows *rollup.Rows, parts map[string]part) (err error) {
	pf, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	version, _ := pf.Lookup(metaVersion)
	if s.version != "" && version != s.version {
		s.absent = "it is of another version"
		return nil
	}
	s.version = version
	if sum, _ := pf.Lookup(metaSource); sum != s.file.SHA256 {
		return fmt.Errorf("%s: it is of other events", t.name)
	}
	list, _ := pf.Lookup(metaTables)
	if err := partsIn(list, parts); err != nil {
		return err
	}
	return t.decode(data, rows, int(pf.NumRows()))
}

// part is what coverage says of another table.
type part struct {
	rows   int
	digest string // of the file
}

func (p part) text(table string) string { return fmt.Sprintf("%s=%d:%s", table, p.rows, p.digest) }

// digestOf is enough of the SHA-256 to notice damage.
func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// seal puts into the footer of a file, where noDigest holds the place, the
// digest of all of the file as it is with noDigest.
func seal(data []byte) error {
	at := bytes.LastIndex(data, []byte(noDigest))
	if at < 0 {
		return errors.New("the footer has no place for a digest")
	}
	copy(data[at:], sealMark+digestOf(data))
	return nil
}

// sealed reports whether data is as it was when it was sealed.
func sealed(data []byte) bool {
	at := bytes.LastIndex(data, []byte(sealMark))
	if at < 0 || at+len(noDigest) > len(data) {
		return false
	}
	open := bytes.Clone(data)
	copy(open[at:], noDigest)
	return string(data[at+len(sealMark):at+len(noDigest)]) == digestOf(open)
}

// partsIn reads what metaTables says.
func partsIn(list string, parts map[string]part) error {
	for field := range strings.FieldsSeq(list) {
		name, rest, _ := strings.Cut(field, "=")
		number, digest, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(number)
		if err != nil || n <= 0 {
			return fmt.Errorf("%s: tables %q", coverageTable, list)
		}
		parts[name] = part{n, digest}
	}
	return nil
}
