package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// CompactSchema names the JSON shape of CompactReport.
const CompactSchema = "trimtrail.compact/1"

// CompactReport is the outcome of Compact; counts are of event files.
type CompactReport struct {
	Schema      string `json:"schema"`     // CompactSchema
	Partitions  int64  `json:"partitions"` // that were rewritten
	FilesBefore int64  `json:"files_before"`
	FilesAfter  int64  `json:"files_after"`
	BytesBefore int64  `json:"bytes_before"`
	BytesAfter  int64  `json:"bytes_after"`
}

const (
	// fileLimit is where a merged file ends, in bytes, at the next row group:
	// some MB below 256 MB.
	fileLimit = 240 << 20
	// manyFiles is how many files of a partition an ingest leaves alone.
	manyFiles = 8
	// fanIn is how many files are merged at once: each takes the memory of a
	// page in each of its columns.
	fanIn = 16
	// compactBatch is how many partitions one entry rewrites. It bounds the
	// disk space, and the time during which a plain glob sees rows twice.
	compactBatch = 16
)

// Compact merges the files of each partition into as few as there can be, of
// at most 256 MB. It works beside writers and readers: a reader of the log
// sees the old files or the new one. A plain glob sees both, and the rows
// twice, from when the new files are in place until the old ones are removed:
// some milliseconds, or until the next writer cleans up where the program dies
// in between.
func (l *Lake) Compact(ctx context.Context) (r CompactReport, err error) {
	c, err := l.committer(l.state)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	r.Schema = CompactSchema
	r.FilesBefore, r.BytesBefore = c.log.weight()
	rewritten := map[string]bool{}
	for sets := c.log.due(); len(sets) > 0; sets = c.log.due() {
		for batch := range slices.Chunk(sets, compactBatch) {
			for _, set := range batch {
				rewritten[dirOf(set[0].Path)] = true
			}
			if _, err := c.rewrite(ctx, batch, c.skim); err != nil {
				return r, fmt.Errorf("compact: %w", err)
			}
		}
	}
	r.Partitions = int64(len(rewritten))
	r.FilesAfter, r.BytesAfter = c.log.weight()
	return r, nil
}

// skim follows the log without a look at the events.
func (c *committer) skim() error {
	err := c.follow(func(*logEntry) {})
	clear(c.unseen)
	return err
}

func (s *state) weight() (files, bytes int64) {
	for _, f := range s.files {
		files, bytes = files+1, bytes+f.Bytes
	}
	return files, bytes
}

// due returns the sets of files to merge, each of one partition. A partition of
// very many files has more to merge once this was done.
func (s *state) due() (sets [][]File) {
	for _, files := range s.partitions() {
		if set := mergeable(files); len(set) > 0 {
			sets = append(sets, set)
		}
	}
	return sets
}

// mergeable chooses the smallest files of a partition, those that are half of
// a file's limit or more left alone: any two of them give one.
func mergeable(files []File) []File {
	var small []File
	for _, f := range files {
		if f.Bytes < fileLimit/2 {
			small = append(small, f)
		}
	}
	slices.SortFunc(small, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Bytes, b.Bytes), strings.Compare(a.Path, b.Path))
	})
	small = small[:min(len(small), fanIn)]
	if len(small) < 2 {
		return nil
	}
	return small
}

// worthwhile is mergeable for a partition that is being written: few files are
// left alone, and so are files much larger than all the smaller ones together,
// so that a row is rewritten a few times in its life and not with each commit.
func worthwhile(files []File) []File {
	if len(files) <= manyFiles {
		return nil
	}
	set := mergeable(files)
	var sum int64
	for i, f := range set {
		if i > 1 && f.Bytes > 4*sum {
			return set[:i]
		}
		sum += f.Bytes
	}
	return set
}

// tidy merges files of the partitions that a commit has made many of.
func (w *Writer) tidy(parts []*partition) error {
	var sets [][]File
	for _, p := range parts {
		var files []File
		for _, name := range p.files {
			if f := w.log.files[name]; f != nil {
				files = append(files, *f)
			}
		}
		if set := worthwhile(files); len(set) > 0 {
			sets = append(sets, set)
		}
	}
	for batch := range slices.Chunk(sets, compactBatch) {
		e, err := w.rewrite(context.Background(), batch, func() error { _, err := w.catchUp(); return err })
		if err != nil {
			return fmt.Errorf("compact: %w", err)
		}
		if e != nil {
			w.moveFiles(e.folded())
		}
	}
	return nil
}

// rewrite replaces each set of files by their rows merged, with one entry,
// which it returns. Sets that another committer has replaced meanwhile are left
// to it, and the whole batch with them: the entry is nil then, and the caller
// looks anew at what is to be done.
func (c *committer) rewrite(ctx context.Context, sets [][]File, catchUp func() error) (*entry, error) {
	e := &entry{Kind: kindCompact, Files: []File{}, Quarantined: []quarantineRef{}, Objects: []objectRef{}}
	var files []staged
	for _, set := range sets {
		made, err := c.mergeSet(ctx, set, len(files))
		if errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
			return nil, errors.Join(c.unstage(), c.stillThere(err, set, catchUp))
		}
		if err != nil {
			return nil, err
		}
		for _, f := range made {
			files = append(files, staged{c.stage(path.Base(f.Path)), f.Path})
		}
		e.Files = append(e.Files, made...)
		for _, f := range set {
			e.Removed = append(e.Removed, f.Path)
		}
	}
	if err := c.publish(files); err != nil {
		return nil, err
	}
	won, err := c.replace(e, catchUp)
	if err != nil {
		return nil, err
	}
	if !won {
		return nil, c.retract()
	}
	return e, c.removeReplaced()
}

// replace appends an entry that removes files, unless somebody else has
// removed one of them.
func (c *committer) replace(e *entry, catchUp func() error) (won bool, err error) {
	for {
		for _, name := range e.Removed {
			if !c.log.counts(name) {
				return false, nil
			}
		}
		if won, err := c.append(e); won || err != nil {
			return won, err
		}
		if err := catchUp(); err != nil {
			return false, err
		}
	}
}

// stillThere returns err, which says that a file of the set is gone, unless the
// log by now agrees.
func (c *committer) stillThere(err error, set []File, catchUp func() error) error {
	if err := catchUp(); err != nil {
		return err
	}
	for _, f := range set {
		if !c.log.counts(f.Path) {
			return nil
		}
	}
	return err
}

// unstage removes the staged files.
func (c *committer) unstage() error {
	names, err := filepath.Glob(c.stage("*.parquet"))
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// mergeSet writes the rows of a set of files to as few in the stage, whose
// names count from n.
func (c *committer) mergeSet(ctx context.Context, set []File, n int) (made []File, err error) {
	byTime := slices.Clone(set)
	slices.SortFunc(byTime, func(a, b File) int { return a.Min.Compare(b.Min) })
	m := &merged{lake: c.lake, view: wholeView(ctx), waiting: byTime}
	defer func() { err = errors.Join(err, m.close()) }()
	next := func(e *event.Event) error {
		row, err := m.next()
		if err == nil {
			*e = *row
		}
		return err
	}
	var rows int64
	for more := true; more; {
		var f File
		name := dataName(c.next(), c.claim.mark, n+len(made))
		if f, more, err = c.table.write(c.stage(name), next, fileLimit); err != nil {
			return nil, err
		}
		if f.Rows == 0 { // the limit fell on the last row
			return made, removeIfThere(c.stage(name))
		}
		f.Path, f.AccountID, f.Date = dirOf(set[0].Path)+name, set[0].AccountID, set[0].Date
		made, rows = append(made, f), rows+f.Rows
		if err := c.at("staged"); err != nil {
			return nil, err
		}
	}
	for _, f := range set {
		rows -= f.Rows
	}
	if rows != 0 {
		return nil, fmt.Errorf("merge files of %s: %d rows more than before", dirOf(set[0].Path), rows)
	}
	return made, nil
}

// wholeView reads everything.
func wholeView(ctx context.Context) *view {
	return &view{ctx: ctx, names: new(columnNames()), overlaps: func(time.Time, time.Time) bool { return true }}
}
