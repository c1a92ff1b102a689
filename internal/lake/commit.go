package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// stage returns the path of a name in the stage, the directory of what is not
// committed yet.
func (w *Writer) stage(name string) string {
	return filepath.Join(w.lake.dir, logDir, stageDir, name)
}

// at tells the step function, if there is one, where the commit is.
func (w *Writer) at(step string) error {
	if w.step == nil {
		return nil
	}
	return w.step(step)
}

// staged is a finished file that waits in the stage for its place.
type staged struct {
	name string // in the stage
	path string // in the lake
}

// Commit makes what was added and quarantined since the last commit count.
// After an error either all of it counts or nothing; the next Writer knows
// which. With nothing pending it does nothing.
//
// Files are written in the stage, made durable, moved into place, and then
// named by one new log entry: a reader of the log never sees half of it, and a
// plain glob sees complete files only.
func (w *Writer) Commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if w.counters.Events == 0 && len(w.ledger.objects) == 0 && len(w.bad.refs) == 0 {
		return nil
	}
	if err := w.commit(); err != nil {
		w.err = fmt.Errorf("commit: %w", err)
	}
	return w.err
}

func (w *Writer) commit() error {
	parts := w.dirty()
	e, files, err := w.prepare(parts)
	if err != nil {
		return err
	}
	if err := w.publish(files); err != nil {
		return err
	}
	if err := w.log(e); err != nil {
		return err
	}
	return w.settle(parts, e)
}

// dirty returns the partitions with pending rows, sorted.
func (w *Writer) dirty() []*partition {
	var parts []*partition
	for _, p := range w.parts {
		if p.pending > 0 {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, comparePartitions)
	return parts
}

// prepare writes all files of the commit in the stage and returns its entry.
func (w *Writer) prepare(parts []*partition) (*entry, []staged, error) {
	e := &entry{
		Version: Version, Sequence: w.sequence, Counters: w.counters,
		Files: make([]File, 0, len(parts)), Objects: w.ledger.objects, Quarantined: w.bad.refs,
	}
	e.Counters.Rejected = int64(len(w.bad.refs))
	var files []staged
	for n, p := range parts {
		file, err := w.prepareFile(p, n)
		if err != nil {
			return nil, nil, fmt.Errorf("write %s: %w", file.Path, err)
		}
		e.Files = append(e.Files, file)
		files = append(files, staged{w.stage(dataName(w.sequence, n)), file.Path})
		if err := w.at("staged"); err != nil {
			return nil, nil, err
		}
	}
	bad, err := w.bad.finish()
	if err != nil {
		return nil, nil, err
	}
	if bad != nil {
		bad.Path = path.Join(quarantineDir, quarantineName(w.sequence))
		e.Quarantine = bad
		files = append(files, staged{w.bad.name, bad.Path})
	}
	return e, files, nil
}

// prepareFile writes the pending rows of p, merged.
func (w *Writer) prepareFile(p *partition, n int) (file File, err error) {
	place := File{Path: p.target(w.sequence, n), AccountID: p.key.account, Date: p.key.date}
	sources, done, err := p.sources()
	if err != nil {
		return place, err
	}
	defer func() { err = errors.Join(err, done()) }()
	src, err := newMerge(sources)
	if err != nil {
		return place, err
	}
	file, err = w.table.write(w.stage(dataName(w.sequence, n)), src)
	file.Path, file.AccountID, file.Date = place.Path, place.AccountID, place.Date
	if err == nil && file.Rows != p.pending {
		err = fmt.Errorf("%d rows were added, %d written", p.pending, file.Rows)
	}
	return file, err
}

// publish syncs the staged files and moves them into place, durably.
func (w *Writer) publish(files []staged) error {
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, f.name)
	}
	if err := syncAll(names, syncFile); err != nil {
		return err
	}
	dirs := map[string]bool{}
	for _, f := range files {
		place := w.lake.path(f.path)
		if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
			return err
		}
		w.published = append(w.published, f.path)
		if err := os.Rename(f.name, place); err != nil {
			return err
		}
		for dir := path.Dir(f.path); ; dir = path.Dir(dir) {
			dirs[w.lake.path(dir)] = true
			if dir == "." {
				break
			}
		}
		if err := w.at("published"); err != nil {
			return err
		}
	}
	return syncAll(sorted(dirs), syncDir)
}

func sorted(set map[string]bool) []string {
	var list []string
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// log writes the entry: the moment at which the commit counts.
func (w *Writer) log(e *entry) error {
	data, err := e.encode()
	if err != nil {
		return err
	}
	name := w.lake.entryName(e.Sequence)
	temp, err := writeTemp(w.stage(""), data)
	if err != nil {
		return err
	}
	if err := w.at("entry staged"); err != nil {
		return err
	}
	if err := linkNew(temp, name); err != nil {
		return err
	}
	w.published = nil // from here on the files count, whatever fails
	if err := w.at("logged"); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(name)); err != nil {
		return err
	}
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// settle makes the writer's memory agree with the log.
func (w *Writer) settle(parts []*partition, e *entry) error {
	for n, p := range parts {
		if err := p.clear(e.Files[n].Path); err != nil {
			return err
		}
	}
	w.ledger.commit()
	w.counters = counters{}
	w.held = 0
	w.bad = quarantine{name: w.bad.name}
	w.sequence++
	return w.at("settled")
}

// discard removes what is not committed. Whether published files count is for
// the log to say: an error may have come after the entry was in place.
func (w *Writer) discard() error {
	if len(w.published) > 0 {
		return w.sweep()
	}
	return os.RemoveAll(w.stage(""))
}
