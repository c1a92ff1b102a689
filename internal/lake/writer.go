package lake

import (
	"errors"
	"fmt"
	"sync"

	"github.com/trimtrail/trimtrail/internal/event"
)

// WriterOptions tune a Writer; the zero value is good.
type WriterOptions struct {
	// Memory is how many bytes of rows wait in memory for their commit; more
	// are spilled to disk. 0 means 48 MB.
	Memory int64
	// Keys is how many event keys are held to find duplicates, at about 40
	// bytes each; the least recently used partitions' are dropped and read
	// again when needed. 0 means 1 million.
	Keys int
	// Workers are how many files of a commit are written at once, GOMAXPROCS by
	// default. They change the speed, never the result.
	Workers int
}

// textShare is the part of the memory for rows that their texts may take.
const textShare = 8

const (
	defaultMemory = 48 << 20
	defaultKeys   = 1 << 20
)

// Writer adds batches to a lake. It is safe for concurrent use, and any number
// of them may work on one lake at once, in one process or in many: together
// they make the lake that one of them would have made. After an error of Add,
// Quarantine or Commit it only gives that error again: Close it, and start
// anew with what is committed.
type Writer struct {
	mu sync.Mutex
	*committer
	opts   WriterOptions
	err    error // sticky
	closed bool

	ledger   ledger
	parts    map[partKey]*partition
	held     int64        // bytes of rows in memory
	texts    *interned    // of all pending rows
	loaded   []*partition // whose keys are in memory
	keys     int          // in all of them
	clock    int64        // steps, to tell which keys were used last
	near     []*partition // of the last event, see neighbours; nil: look again
	nearDay  day
	spare    spare     // memory of rows, to be used again
	spilled  spillFile // the rows that are not
	counters counters
	bad      quarantine
	dates    map[day]string
	scratch  []byte
	late     int64 // see Late
	base     int64 // objects at the last checkpoint
	retry    *retry
	more     []*table // beside the committer's, see writeFiles
}

// Writer returns a new Writer and removes what killed runs left.
func (l *Lake) Writer(opts WriterOptions) (*Writer, error) {
	if opts.Memory <= 0 {
		opts.Memory = defaultMemory
	}
	if opts.Keys <= 0 {
		opts.Keys = defaultKeys
	}
	w := &Writer{opts: opts, dates: map[day]string{}, parts: map[partKey]*partition{},
		texts: newInterned(opts.Memory / textShare), spare: spare{limit: opts.Memory / 2}}
	var err error
	if w.committer, err = l.committer(func() (*state, error) { return w.replay(l) }); err != nil {
		return nil, err
	}
	w.bad = quarantine{name: w.stage("quarantine")}
	w.spilled.name = w.stage("spilled")
	return w, nil
}

// replay loads the log: what is committed, by partition, and the ledger.
func (w *Writer) replay(l *Lake) (*state, error) {
	var objects int64
	log, c, err := l.replay(func(e *logEntry) {
		objects += int64(len(e.Objects))
		for _, o := range e.Objects {
			w.ledger.sorted = append(w.ledger.sorted, idOf(o.object()))
		}
	})
	if err != nil {
		return nil, err
	}
	if c != nil {
		ids, err := l.ids(c)
		if err != nil { // read the names instead
			return w.replayAll(l)
		}
		w.ledger.sorted = append(ids, w.ledger.sorted...)
	}
	w.base = log.objects - objects
	w.started(log)
	return log, nil
}

// replayAll is replay without a checkpoint.
func (w *Writer) replayAll(l *Lake) (*state, error) {
	log := newState()
	w.ledger = ledger{}
	err := entries(l, func(n int64, e *logEntry) error {
		for _, o := range e.Objects {
			w.ledger.sorted = append(w.ledger.sorted, idOf(o.object()))
		}
		return log.apply(n, e)
	})
	w.started(log)
	return log, err
}

func (w *Writer) started(log *state) {
	for _, f := range log.list() {
		p := w.part(f.part())
		p.files = append(p.files, f.Path)
	}
	w.ledger.merge()
}

// Known reports whether the object was read before, in a committed run or in
// this one. A quarantined object is known until its size or version changes.
func (w *Writer) Known(o event.Object) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ledger.has(idOf(o))
}

// Pending returns the number of events added since the last commit.
func (w *Writer) Pending() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counters.Events
}

// Add takes in all rows of one source object and quarantines its rejected
// records. It keeps nothing of b. The object counts once it is committed; an
// event whose account and id the lake has, committed or pending, on the same
// day or one beside it, is a duplicate and not added again. Bytes that are no UTF-8 become U+FFFD.
func (w *Writer) Add(b *event.Batch) (added, duplicates int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, 0, w.err
	}
	defer func() { w.err = err }()
	w.texts.checked = b.UTF8
	for i := range b.Events {
		fresh, err := w.addEvent(&b.Events[i])
		if err != nil {
			return added, duplicates, fmt.Errorf("add event %d of %s: %w", i, b.Object.URI, err)
		}
		if fresh {
			added++
		} else {
			duplicates++
		}
	}
	for _, r := range b.Rejected {
		if err := w.reject(Quarantined{b.Object, r.Index, r.Reason, r.Record}); err != nil {
			return added, duplicates, err
		}
	}
	w.counters.Events += int64(added)
	w.counters.Duplicates += int64(duplicates)
	w.ledger.add(b.Object)
	w.retry.again(b.Object.URI)
	return added, duplicates, nil
}

// addEvent adds e unless it is a duplicate.
func (w *Writer) addEvent(e *event.Event) (bool, error) {
	if e.EventID == "" {
		return false, errors.New("it has no event id")
	}
	account, d := accountOf(e.AccountID), dayOf(e.EventTime)
	key := event.KeyOf(account, w.texts.valid(e.EventID)) // as the file will give it back
	p, known, err := w.find(account, d, key)
	if known || err != nil {
		return false, err
	}
	p.keys.add(key)
	w.keys++
	before := p.rows.size
	w.scratch = p.rows.add(e, w.texts, w.scratch)
	p.pending++
	w.held += p.rows.size - before
	if w.held+w.texts.size > w.opts.Memory {
		return true, w.spill()
	}
	return true, nil
}

// Quarantine keeps what could not be read, and why, with the next commit. A
// whole object that is quarantined counts as read. What Add was given as
// rejected is kept already; saying it again changes nothing.
func (w *Writer) Quarantine(q Quarantined) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.err = w.reject(q)
	return w.err
}

// reject keeps q, unless a commit has its object: another writer was faster.
func (w *Writer) reject(q Quarantined) error {
	if w.ledger.settled(idOf(q.Object)) {
		return nil
	}
	if err := w.bad.add(q); err != nil {
		return err
	}
	if q.Index == WholeObject {
		w.ledger.add(q.Object)
		w.retry.again(q.Object.URI)
	}
	return nil
}

// Close drops what is not committed. Where the log has grown much it leaves a
// checkpoint, so that the next run starts as fast as this one.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	var err error
	if w.err == nil {
		err = w.checkpoint()
	}
	w.closed, w.err = true, errors.New("writer is closed")
	return errors.Join(err, w.bad.reset(), w.spilled.reset(), w.committer.close())
}
