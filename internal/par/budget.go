package par

import (
	"context"
	"sync"
)

// Budget bounds what is in flight, in any unit. Something larger than the
// whole of it passes when nothing else is in flight, so that it delays but
// never deadlocks. A Budget may be used from several goroutines.
type Budget struct {
	mu    sync.Mutex
	limit int64
	used  int64
	freed chan struct{} // closed and renewed at each release
}

// NewBudget returns a budget of limit units.
func NewBudget(limit int64) *Budget {
	return &Budget{limit: limit, freed: make(chan struct{})}
}

// Acquire takes n units, and waits until they are free or ctx ends.
func (b *Budget) Acquire(ctx context.Context, n int64) error {
	for {
		wait := b.try(n)
		if wait == nil {
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// try takes n units, or returns what to wait for.
func (b *Budget) try(n int64) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used > 0 && b.used+n > b.limit {
		return b.freed
	}
	b.used += n
	return nil
}

// Add corrects an earlier estimate by n units, which may be negative: it never
// waits, so that used may pass the limit until something is released.
func (b *Budget) Add(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
	if n < 0 {
		close(b.freed)
		b.freed = make(chan struct{})
	}
}

// Release gives n units back.
func (b *Budget) Release(n int64) { b.Add(-n) }
