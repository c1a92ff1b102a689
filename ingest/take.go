package ingest

import (
	"errors"
	"strings"
	"sync/atomic"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/par"
)

// run is the state of one Run.
type run struct {
	Config
	budget  *par.Budget
	cpu     chan struct{}
	ratio   atomic.Int64 // unpacked over stored, the mean of late
	sum     Summary
	pending int64 // events since the last commit
	objects int64 // and objects
	dirty   bool  // something waits for a commit
	broken  bool  // the sink failed: nothing more goes there
	denied  *UnreadError
	part    string // of the objects at hand, see Entry
}

// task is an object on its way.
type task struct {
	item
	known  int64 // objects before it, and with it, that are to be left alone
	only   bool  // there is nothing but those
	share  int64 // of the memory budget
	stored int64 // bytes read
	batch  *event.Batch
	memory *memory // of batch
	err    error   // of this object alone
}

const (
	// knownEach is how many known objects are told at once, at most.
	knownEach = 256
	// startRatio is what CloudTrail's gzip makes of JSON, before any was seen.
	startRatio = 12
	// rowRatio is how much the decoded events add to the text that they share.
	rowRatio = 2
)

// estimate is the memory that an object will take.
func (r *run) estimate(e Entry) int64 {
	if e.Content != nil && !isGzip(e.Content) || !strings.HasSuffix(e.Object.URI, ".gz") && !strings.HasSuffix(e.Object.URI, ".parquet") {
		return e.Object.Size * rowRatio
	}
	return e.Object.Size * (1 + rowRatio*r.ratio.Load())
}

// correct puts what an object takes in the place of its estimate.
func (r *run) correct(t task) int64 {
	share := int64(0)
	if t.batch != nil {
		share = t.batch.RawBytes * rowRatio
		if t.stored > 0 && t.batch.RawBytes > t.stored {
			r.ratio.Store((7*r.ratio.Load() + t.batch.RawBytes/t.stored + 7) / 8)
		}
	}
	r.budget.Add(share - t.share)
	return share
}

// take brings one object to its end: into the sink, the quarantine, or neither.
func (r *run) take(t task, q *queue) error {
	defer r.budget.Release(t.share)
	if err := r.between(t); err != nil {
		return err
	}
	err := r.settle(t)
	r.look(q)
	r.Progress(r.sum)
	if err == nil && (r.pending >= r.CommitEvents || r.objects >= r.CommitObjects) {
		err = r.commit()
	}
	return err
}

// between commits where the objects of another part begin, if it pays.
func (r *run) between(t task) error {
	if t.batch == nil {
		return nil
	}
	before := r.part
	if r.part = t.entry.Part; r.part == before || !r.Full() {
		return nil
	}
	return r.commit()
}

// look takes over how far the listing is.
func (r *run) look(q *queue) {
	r.sum.Listed, r.sum.ListedBytes, r.sum.ListDone = q.listed.Load(), q.bytes.Load(), q.done.Load()
}

func (r *run) settle(t task) error {
	r.sum.Known += t.known
	if t.only {
		return nil
	}
	var unread *UnreadError
	switch {
	case t.entry.Ignored:
		r.sum.Ignored++
		return nil
	// Asked again in turn, so that an object listed twice is known the second
	// time however fast the first one was.
	case r.Sink.Known(t.entry.Object):
		r.sum.Known++
		r.sum.StoredBytes += t.stored
		return nil
	case errors.As(t.err, &unread):
		return r.unread(t.entry.Object, unread)
	case t.err != nil:
		r.sum.StoredBytes += t.stored
		return r.quarantine(t.entry.Object, t.err.Error())
	}
	return r.add(t)
}

// add takes in an object that was read.
func (r *run) add(t task) error {
	r.dirty = true
	added, duplicates, err := r.Sink.Add(t.batch)
	if err != nil {
		r.broken = true
		return err
	}
	r.sum.Read++
	r.sum.Events += int64(added)
	r.sum.Duplicates += int64(duplicates)
	r.sum.StoredBytes += t.stored
	r.sum.RawBytes += t.batch.RawBytes
	if t.entry.Unplaced {
		r.sum.Unplaced++
	}
	if len(t.batch.Rejected) == 0 { // their reasons go into the summary
		defer t.memory.release()
	}
	for _, bad := range t.batch.Rejected {
		r.sum.Rejected++
		r.sum.problem(Problem{t.entry.Object.URI, bad.Index, bad.Reason})
	}
	r.pending += int64(added)
	r.objects++
	return nil
}

// unreadVersion marks an object in the quarantine that was never read: under
// its own version it stays unknown, so that the next run tries it again.
const unreadVersion = "unread"

// unread quarantines what could not be fetched. Where nothing at all may be
// read the run ends: the archive is not to blame.
func (r *run) unread(o event.Object, e *UnreadError) error {
	const enough = 10
	if e.Denied {
		if r.sum.Denied++; r.denied == nil {
			r.denied = e
		}
	}
	o.Version = unreadVersion
	if r.sum.allDenied(1) && r.sum.Denied >= enough {
		return &DeniedError{r.denied}
	}
	if r.Sink.Known(o) { // told by an earlier run
		r.sum.Quarantined++
		r.sum.problem(Problem{o.URI, WholeObject, e.Reason})
		return nil
	}
	return r.quarantine(o, e.Reason)
}

func (r *run) quarantine(o event.Object, reason string) error {
	r.dirty = true
	r.sum.Quarantined++
	r.sum.problem(Problem{o.URI, WholeObject, reason})
	if err := r.Sink.Quarantine(o, reason); err != nil {
		r.broken = true
		return err
	}
	return nil
}

func (r *run) commit() error {
	if !r.dirty {
		return nil
	}
	r.dirty, r.pending, r.objects = false, 0, 0
	r.sum.Committing = true
	r.Progress(r.sum)
	err := r.Sink.Commit()
	r.sum.Committing = false
	if r.broken = err != nil; !r.broken {
		r.sum.KeptObjects, r.sum.KeptEvents = r.sum.Read, r.sum.Events
	}
	return err
}
