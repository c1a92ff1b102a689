package lake

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/event"
)

// view is how files are read.
type view struct {
	ctx      context.Context
	names    *names
	skip     map[string]bool // columns
	overlaps func(first, last time.Time) bool
}

// fileScan yields the rows of one file in their order.
type fileScan struct {
	view    *view
	name    string // relative to the lake
	account string
	file    blob
	parquet *parquet.File
	groups  []int // still to be read
	group   *group
	left    int64 // rows of the group
	batch   []event.Event
	ready   []event.Event // what is left of the batch
}

// openScan opens a file at its first row group that v wants.
func (l *Lake) openScan(v *view, f *File) (*fileScan, error) {
	file, err := l.store.open(f.Path)
	if err != nil {
		return nil, fileError(f.Path, err)
	}
	pf, err := openTable(file)
	if err != nil {
		return nil, fileError(f.Path, errors.Join(err, file.Close()))
	}
	s := &fileScan{view: v, name: f.Path, account: accountFrom(f.Path), file: file, parquet: pf, batch: make([]event.Event, min(readBatch, max(f.Rows, 1)))}
	for i, g := range pf.RowGroups() {
		if first, last, ok := timeBounds(pf, g); !ok || v.overlaps(first, last) {
			s.groups = append(s.groups, i)
		}
	}
	return s, nil
}

// head is the row at hand; advance must have been called.
func (s *fileScan) head() *event.Event { return &s.ready[0] }

// advance moves to the next row; io.EOF after the last. A batch is decoded
// whole before its first row is seen, so that all columns have agreed.
func (s *fileScan) advance() error {
	if len(s.ready) > 1 {
		s.ready = s.ready[1:]
		return nil
	}
	if err := s.fill(); err != nil {
		if err == io.EOF || s.view.ctx.Err() != nil {
			return err
		}
		return fileError(s.name, err)
	}
	return nil
}

func (s *fileScan) fill() error {
	if err := s.view.ctx.Err(); err != nil {
		return err
	}
	for s.left == 0 {
		if err := s.nextGroup(); err != nil {
			return err
		}
	}
	n := min(s.left, int64(len(s.batch)))
	s.left -= n
	s.ready = s.batch[:n]
	for i := range s.ready {
		s.group.read(&s.ready[i])
		s.ready[i].AccountID = s.account
	}
	return s.group.err()
}

func (s *fileScan) nextGroup() error {
	if err := s.closeGroup(); err != nil {
		return err
	}
	if len(s.groups) == 0 {
		return io.EOF
	}
	i := s.groups[0]
	if err := announce(s.file, s.parquet, i, s.view.skip); err != nil {
		return err
	}
	s.groups = s.groups[1:]
	g := s.parquet.RowGroups()[i]
	s.group, s.left = openGroup(g, s.view.names, s.view.skip), g.NumRows()
	return nil
}

func (s *fileScan) closeGroup() error {
	if s.group == nil {
		return nil
	}
	err := s.group.close()
	s.group = nil
	return err
}

func (s *fileScan) close() error { return errors.Join(s.closeGroup(), s.file.Close()) }

// merged yields the rows of the files of one partition, sorted by time, then
// event id, whatever commits they came in. A file is opened when its first row
// is near, so that files of times apart are read one after the other.
type merged struct {
	lake    *Lake
	view    *view
	waiting []File // not opened yet, by first time
	open    scans
	started bool // the first of open was handed out and must move on
}

// next returns the next row, valid until the next call; io.EOF after the last.
func (m *merged) next() (*event.Event, error) {
	if m.started {
		if err := m.step(0); err != nil {
			return nil, err
		}
	}
	for len(m.waiting) > 0 && (len(m.open) == 0 || !m.waiting[0].Min.After(m.open[0].head().EventTime)) {
		s, err := m.lake.openScan(m.view, &m.waiting[0])
		if err != nil {
			return nil, err
		}
		m.waiting = m.waiting[1:]
		heap.Push(&m.open, s)
		// Its first row is not known before it is read: it is put in its place then.
		if err := m.step(m.open.place(s)); err != nil {
			return nil, err
		}
	}
	if m.started = len(m.open) > 0; !m.started {
		return nil, io.EOF
	}
	return m.open[0].head(), nil
}

// each calls do with all rows; errStop where it returns false.
func (m *merged) each(do func(*event.Event) bool) error {
	for {
		e, err := m.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !do(e) {
			return errStop
		}
	}
}

// step moves scan i to its next row and drops it after its last.
func (m *merged) step(i int) error {
	switch err := m.open[i].advance(); err {
	case nil:
		heap.Fix(&m.open, i)
		return nil
	case io.EOF:
		return heap.Remove(&m.open, i).(*fileScan).close()
	default:
		return err
	}
}

func (m *merged) close() (err error) {
	for _, s := range m.open {
		err = errors.Join(err, s.close())
	}
	m.open = nil
	return err
}

// scans is a heap of opened files by the row at hand.
type scans []*fileScan

func (h scans) place(s *fileScan) int {
	for i := range h {
		if h[i] == s {
			return i
		}
	}
	return -1
}

func (h scans) Len() int { return len(h) }

func (h scans) Less(i, j int) bool {
	a, b := h[i].ready, h[j].ready
	if len(a) == 0 || len(b) == 0 { // before its first row
		return len(a) < len(b)
	}
	return compareRows(&a[0], &b[0]) < 0
}

func (h scans) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *scans) Push(x any) { *h = append(*h, x.(*fileScan)) }

func (h *scans) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// compareRows is the order of rows within a partition.
func compareRows(a, b *event.Event) int {
	return cmp.Or(a.EventTime.Compare(b.EventTime), strings.Compare(a.EventID, b.EventID))
}
