// Package par runs work on a bounded number of goroutines: results in the
// order of the input, the first error wins, nothing outlives the call.
//
// Ordered is a pipeline from a sequence through workers to one consumer, Each
// a loop over a slice, Budget a bound on bytes in flight. The package knows
// nothing of what is worked on.
//
//	err := par.Ordered(ctx, 8, names, fetch, func(b []byte) error { return w.Write(b) })
package par

import (
	"context"
	"iter"
	"sync"
)

// job is one item on its way, with the place where its result is awaited.
type job[T, R any] struct {
	item T
	done chan R
}

// Ordered calls work on each item of items with up to n goroutines, and out
// with each result in the order of items, from the calling goroutine. At most
// 2n items are under way at once. It stops at the first error, of work or of
// out, or when ctx ends, and returns once every goroutine that it started has.
// After a failure, results that were complete may not reach out.
func Ordered[T, R any](ctx context.Context, n int, items iter.Seq[T], work func(context.Context, T) (R, error), out func(R) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs, order := make(chan job[T, R]), make(chan chan R, 2*n)
	var wg sync.WaitGroup
	wg.Go(func() { feed(ctx, items, jobs, order) })
	for range n {
		wg.Go(func() {
			for j := range jobs {
				r, err := work(ctx, j.item)
				if err != nil {
					cancel(err)
					return
				}
				j.done <- r
			}
		})
	}
	err := drain(ctx, order, out)
	cancel(err)
	wg.Wait()
	return err
}

// feed hands items to the workers, and the places of their results, in order,
// to the consumer.
func feed[T, R any](ctx context.Context, items iter.Seq[T], jobs chan<- job[T, R], order chan<- chan R) {
	defer close(jobs)
	defer close(order)
	for item := range items {
		j := job[T, R]{item, make(chan R, 1)}
		select {
		case order <- j.done:
		case <-ctx.Done():
			return
		}
		select {
		case jobs <- j:
		case <-ctx.Done():
			return
		}
	}
}

// drain awaits each result in its turn.
func drain[R any](ctx context.Context, order <-chan chan R, out func(R) error) error {
	for done := range order {
		select {
		case r := <-done:
			if err := out(r); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return context.Cause(ctx)
}

// Each calls do on each item with up to n goroutines and returns the first
// error, after which no further item is begun.
func Each[T any](ctx context.Context, n int, items []T, do func(context.Context, T) error) error {
	seq := func(yield func(T) bool) {
		for _, it := range items {
			if !yield(it) {
				return
			}
		}
	}
	work := func(ctx context.Context, it T) (struct{}, error) { return struct{}{}, do(ctx, it) }
	return Ordered(ctx, n, seq, work, func(struct{}) error { return nil })
}
