package par

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestOrderedKeepsTheOrder(t *testing.T) {
	for _, workers := range []int{1, 8} {
		var got []int
		work := func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Duration(i%3) * time.Millisecond)
			return i * i, nil
		}
		err := Ordered(t.Context(), workers, count(50), work, func(i int) error { got = append(got, i); return nil })
		if err != nil || len(got) != 50 || !slices.IsSorted(got) {
			t.Errorf("%d workers: %v, %v", workers, got, err)
		}
	}
}

func TestOrderedStopsAtTheFirstError(t *testing.T) {
	bad := errors.New("bad")
	var began atomic.Int32
	work := func(_ context.Context, i int) (int, error) {
		began.Add(1)
		if i == 5 {
			return 0, bad
		}
		return i, nil
	}
	if err := Ordered(t.Context(), 2, count(1000), work, func(int) error { return nil }); !errors.Is(err, bad) {
		t.Errorf("work fails: %v", err)
	}
	if began.Load() > 100 {
		t.Errorf("%d items begun after a failure at 5", began.Load())
	}
	err := Ordered(t.Context(), 2, count(1000), func(_ context.Context, i int) (int, error) { return i, nil }, func(i int) error {
		if i == 7 {
			return bad
		}
		return nil
	})
	if !errors.Is(err, bad) {
		t.Errorf("out fails: %v", err)
	}
}

func TestOrderedEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := Ordered(ctx, 3, count(1_000_000), func(_ context.Context, i int) (int, error) { return i, nil }, func(int) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 10 {
		t.Errorf("%d results after cancellation at 10, %v", n, err)
	}
}

func TestEach(t *testing.T) {
	var sum atomic.Int64
	items := []int{1, 2, 3, 4}
	err := Each(t.Context(), 2, items, func(_ context.Context, i int) error { sum.Add(int64(i)); return nil })
	if err != nil || sum.Load() != 10 {
		t.Errorf("sum %d, %v", sum.Load(), err)
	}
}

func TestBudget(t *testing.T) {
	b := NewBudget(10)
	must := func(n int64) {
		if err := b.Acquire(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	must(100) // larger than all of it, alone
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if b.Acquire(short, 1) == nil {
		t.Fatal("acquired beyond the budget")
	}
	go b.Release(100)
	must(6)
	b.Add(-3)
	must(7)
}
