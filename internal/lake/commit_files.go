package lake

import (
	"fmt"
	"path"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// smallShare of the memory for rows is what a partition takes at most that is
	// written beside another: what that needs on top is about as much again.
	smallShare = 16
	// manyParts are enough for one more file to be written at once, most the
	// files at once.
	manyParts, mostAtOnce = 8, 4
)

// fileWriting is one commit's files being written.
type fileWriting struct {
	w     *Writer
	parts []*partition
	files []File
	errs  []error

	mu     sync.Mutex // of the writer's step
	next   atomic.Int64
	failed atomic.Bool
}

// writeFiles writes the pending rows of each partition into the stage, several
// files at once. Each is the same whoever writes it. Large partitions, and those
// with rows in the spill file, are written one after another.
func (w *Writer) writeFiles(parts []*partition) ([]File, error) {
	f := &fileWriting{w: w, parts: parts, files: make([]File, len(parts)), errs: make([]error, len(parts))}
	var small, large []int
	for n, p := range parts {
		if len(p.runs) == 0 && p.rows.size <= w.opts.Memory/smallShare {
			small = append(small, n)
		} else {
			large = append(large, n)
		}
	}
	tables, err := w.tables(len(small) / manyParts)
	if err != nil {
		return nil, err
	}
	var others sync.WaitGroup
	for _, t := range tables {
		others.Go(func() { f.share(t, small) })
	}
	for _, n := range large {
		f.one(w.table, n)
	}
	f.share(w.table, small)
	others.Wait()
	for _, err := range f.errs {
		if err != nil {
			return nil, err
		}
	}
	return f.files, nil
}

// tables returns as many as are of use beside the first: want, if there is a
// worker for each. They are made when they are needed first.
func (w *Writer) tables(want int) ([]*table, error) {
	workers := w.opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	want = min(want, workers-1, mostAtOnce-1)
	for len(w.more) < want {
		t, err := newTableWriter()
		if err != nil {
			return nil, err
		}
		w.more = append(w.more, t)
	}
	return w.more[:max(want, 0)], nil
}

// share writes, of the partitions with these numbers, those that nobody has
// begun.
func (f *fileWriting) share(t *table, numbers []int) {
	for {
		i := int(f.next.Add(1)) - 1
		if i >= len(numbers) {
			return
		}
		f.one(t, numbers[i])
	}
}

// one writes partition n, unless another has failed.
func (f *fileWriting) one(t *table, n int) {
	if f.failed.Load() {
		return
	}
	var err error
	if f.files[n], err = f.w.prepareFile(t, f.parts[n], dataName(f.w.next(), f.w.claim.mark, n)); err != nil {
		err = fmt.Errorf("write %s: %w", f.files[n].Path, err)
	} else {
		f.mu.Lock()
		err = f.w.at("staged")
		f.mu.Unlock()
	}
	if err != nil {
		f.errs[n] = err
		f.failed.Store(true)
	}
}

// prepareFile writes the pending rows of p, merged.
func (w *Writer) prepareFile(t *table, p *partition, name string) (file File, err error) {
	place := path.Join(p.key.dir(), name)
	src, err := newMerge(p.sources())
	if err != nil {
		return File{Path: place}, err
	}
	file, _, err = t.writeRows(w.stage(name), rowSource{src, w.texts}, 0)
	file.Path, file.AccountID, file.Date = place, p.key.account, p.key.date
	if err == nil && file.Rows != p.pending {
		err = fmt.Errorf("%d rows were added, %d written", p.pending, file.Rows)
	}
	return file, err
}
