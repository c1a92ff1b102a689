package ingest

import (
	"context"
	"errors"
	"iter"
	"runtime"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/par"
)

// Sink takes what was read; a lake's writer is one. Known may be called while
// another method is at work, the rest are called by one goroutine.
type Sink interface {
	// Known reports whether the object was taken in before, in this version.
	Known(event.Object) bool
	// Add takes in one object, all or nothing of it, rejected records
	// included. It keeps nothing of the batch.
	Add(*event.Batch) (added, duplicates int, err error)
	// Quarantine keeps that a whole object could not be read, and why.
	Quarantine(o event.Object, reason string) error
	// Commit makes what was taken in since the last call count.
	Commit() error
}

// Config is what Run does.
type Config struct {
	Sources []Source
	Filter  Filter
	// Shard limits the run to a part of the objects.
	Shard Shard
	Sink  Sink
	// Workers decode at once, GOMAXPROCS by default. They change the speed,
	// never the result.
	Workers int
	// Fetchers read objects at once, Workers + 2 by default. Sources with a
	// latency want many.
	Fetchers int
	// Memory bounds the bytes of objects under way, unpacked; 64 MiB by
	// default. One object may take more when it is alone.
	Memory int64
	// CommitEvents is after how many events a commit is made, 1 million by
	// default: few, large files against work lost where the run is killed.
	CommitEvents int64
	// CommitObjects is the same in objects, 128 Ki by default: their names wait
	// in memory too.
	CommitObjects int64
	// Full, where it is set, reports whether most of the sink's memory is taken.
	// Then a commit is made before the next part of a source: what lies before
	// is complete, and need not be put aside for what may follow.
	Full   func() bool
	Limits Limits
	// Check, where it is set, is asked about each object as it is stored, by
	// several goroutines; an object that it has an error for is quarantined with
	// that as the reason.
	Check func(o event.Object, content []byte) error
	// Progress, where it is set, is told after each object and before a commit.
	Progress func(Summary)
}

const (
	defaultInFlight      = 64 << 20
	defaultCommitEvents  = 1 << 20
	defaultCommitObjects = 1 << 17
)

func (c Config) orDefault() Config {
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Fetchers <= 0 {
		c.Fetchers = c.Workers + 2
	}
	if c.Memory <= 0 {
		c.Memory = defaultInFlight
	}
	if c.CommitEvents <= 0 {
		c.CommitEvents = defaultCommitEvents
	}
	if c.CommitObjects <= 0 {
		c.CommitObjects = defaultCommitObjects
	}
	if c.Full == nil {
		c.Full = func() bool { return false }
	}
	if c.Progress == nil {
		c.Progress = func(Summary) {}
	}
	c.Limits = c.Limits.orDefault()
	return c
}

// Run reads what the sources list, and the sink does not know, into the sink:
// object by object in the order of the listing, whatever the number of workers.
// What cannot be read is quarantined and the rest goes on.
//
// Where Run ends early, by an error or because ctx did, what is complete by
// then is committed, and the summary tells of it: the next run goes on there.
// Errors are those of the sources and of the sink, an *EmptyError where a source
// holds nothing, and a *DeniedError where nothing may be read.
func Run(ctx context.Context, c Config) (Summary, error) {
	r := &run{Config: c.orDefault()}
	r.budget, r.cpu = par.NewBudget(r.Memory), make(chan struct{}, r.Workers)
	r.ratio.Store(startRatio)
	err := r.all(ctx)
	if denied := (*DeniedError)(nil); r.broken || errors.As(err, &denied) {
		return r.sum, err
	}
	if cerr := r.commit(); err == nil {
		err = cerr
	}
	return r.sum, err
}

// all is the pipeline: list, fetch and decode at once, take in one by one.
func (r *run) all(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	q := newQueue(ctx, r.Sources, r.Filter, r.Shard)
	defer q.wait()
	defer cancel(nil)
	// A failure ends ctx at once, since the listing may be waiting for more of
	// a stream.
	stop := func(t task, err error) (task, error) {
		if err != nil {
			cancel(err)
		}
		return t, err
	}
	err := par.Ordered(ctx, r.Fetchers, r.tasks(ctx, q),
		func(ctx context.Context, t task) (task, error) { return stop(r.work(ctx, t)) },
		func(t task) error { _, err := stop(t, r.take(t, q)); return err })
	r.look(q)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil: // the listing may still be at work
		return context.Cause(ctx)
	case q.err != nil:
		return q.err
	case r.sum.allDenied(0):
		return &DeniedError{r.denied}
	}
	return q.empty
}

// tasks are the listed objects, each with its share of the memory, taken in
// turn: what is to be taken in first never waits for what comes later. Known
// ones go with the next that is not, some hundreds at most at once: there may be
// a million of them.
func (r *run) tasks(ctx context.Context, q *queue) iter.Seq[task] {
	return func(yield func(task) bool) {
		known := int64(0) // since the last yield
		for {
			it, ok := q.next(ctx)
			if !ok {
				break
			}
			t := task{item: it}
			switch {
			case it.entry.Ignored:
			case r.Sink.Known(it.entry.Object):
				if known++; known < knownEach {
					continue
				}
				t.only = true
			default:
				if t.share = r.estimate(it.entry); r.budget.Acquire(ctx, t.share) != nil {
					return
				}
			}
			t.known, known = known, 0
			if !yield(t) {
				return
			}
		}
		if known > 0 {
			yield(task{known: known, only: true})
		}
	}
}

// work fetches and decodes one object.
func (r *run) work(ctx context.Context, t task) (task, error) {
	if t.entry.Ignored || t.only {
		return t, nil
	}
	content := t.entry.Content
	if content == nil {
		if t.entry.Object.Size > r.Limits.MaxRaw {
			t.err = &FormatError{"larger than the limit of " + size(r.Limits.MaxRaw)}
			return t, nil
		}
		o, got, err := t.source.Fetch(ctx, t.entry.Object)
		if unread := (*UnreadError)(nil); errors.As(err, &unread) {
			t.err = err
			return t, nil
		} else if err != nil {
			return t, err
		}
		t.entry.Object, content = o, got
	}
	select {
	case r.cpu <- struct{}{}:
	case <-ctx.Done():
		return t, context.Cause(ctx)
	}
	defer func() { <-r.cpu }()
	t.stored = int64(len(content))
	if r.Check != nil {
		if t.err = r.Check(t.entry.Object, content); t.err != nil {
			return t, nil
		}
	}
	t.memory = memories.Get().(*memory)
	t.memory.listed = t.entry.Modified
	t.batch, t.err = t.memory.decode(t.entry.Object, content, r.Limits)
	if t.entry.Content == nil && isGzip(content) { // nothing is left of it
		contents.Put(&content)
	}
	t.share = r.correct(t)
	return t, nil
}
