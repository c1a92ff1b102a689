package ingest

import (
	"context"
	"sync"
	"sync/atomic"
)

// queueLength is how many objects may be listed before their turn, so that the
// progress of all but the largest archives knows its end.
const queueLength = 1 << 15

// item is an entry and where it came from.
type item struct {
	source Source
	entry  Entry
}

// queue lists the sources, one after another, ahead of the work.
type queue struct {
	items  chan item
	listed atomic.Int64 // objects that are no others' files
	bytes  atomic.Int64
	shard  Shard
	done   atomic.Bool
	wg     sync.WaitGroup
	// Once items is closed:
	err   error // of the listing
	empty error // an *EmptyError for the first source that holds nothing
}

// newQueue starts listing; it stops when ctx ends.
func newQueue(ctx context.Context, sources []Source, f Filter, shard Shard) *queue {
	q := &queue{items: make(chan item, queueLength), shard: shard}
	q.wg.Go(func() {
		defer close(q.items)
		for _, s := range sources {
			found, err := q.list(ctx, s, f)
			if err != nil {
				q.err = err
				return
			}
			if !found && q.empty == nil {
				q.empty = &EmptyError{Source: s.String(), Pruned: !f.Empty()}
			}
		}
		q.done.Store(true)
	})
	return q
}

// list lists one source and reports whether it holds any object.
func (q *queue) list(ctx context.Context, s Source, f Filter) (found bool, err error) {
	for e, err := range s.List(ctx, f) {
		if err != nil {
			return found, err
		}
		found = found || !e.Ignored
		if !q.shard.Has(e.Object.URI) {
			continue
		}
		if !e.Ignored {
			q.listed.Add(1)
			q.bytes.Add(e.Object.Size)
		}
		select {
		case q.items <- item{s, e}:
		case <-ctx.Done():
			return found, context.Cause(ctx)
		}
	}
	return found, nil
}

// next returns the next item, false at the end or when ctx ends.
func (q *queue) next(ctx context.Context) (item, bool) {
	select {
	case it, ok := <-q.items:
		return it, ok
	case <-ctx.Done():
		return item{}, false
	}
}

func (q *queue) wait() { q.wg.Wait() }
