package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// memoryBucket is a bucket in memory that behaves: whole objects, conditional
// puts, and a network that may fail before or after a request took effect.
type memoryBucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	changed map[string]time.Time
	now     time.Time
	fail    func(op, key string) (before, after bool)
}

var errNetwork = errors.New("connection reset")

func newMemoryBucket() *memoryBucket {
	return &memoryBucket{objects: map[string][]byte{}, changed: map[string]time.Time{}, now: start}
}

// do runs a request, and fails it where the test says so.
func (b *memoryBucket) do(ctx context.Context, op, key string, request func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	before, after := false, false
	if b.fail != nil {
		before, after = b.fail(op, key)
	}
	if before {
		return errNetwork
	}
	if err := request(); err != nil {
		return err
	}
	if after {
		return errNetwork
	}
	return nil
}

func (b *memoryBucket) Size(ctx context.Context, key string) (n int64, err error) {
	err = b.do(ctx, "size", key, func() error {
		data, ok := b.objects[key]
		if !ok {
			return fs.ErrNotExist
		}
		n = int64(len(data))
		return nil
	})
	return n, err
}

func (b *memoryBucket) Get(ctx context.Context, key string, from, length int64) (part []byte, err error) {
	err = b.do(ctx, "get", key, func() error {
		data, ok := b.objects[key]
		if !ok {
			return fs.ErrNotExist
		}
		if length < 0 {
			length = int64(len(data)) - from
		}
		part = slices.Clone(data[from:][:length])
		return nil
	})
	return part, err
}

func (b *memoryBucket) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, fresh bool) error {
	data, err := io.ReadAll(body)
	if err != nil || int64(len(data)) != size {
		return fmt.Errorf("%d bytes, not %d: %w", len(data), size, err)
	}
	return b.do(ctx, "put", key, func() error {
		if _, ok := b.objects[key]; ok && fresh {
			return fs.ErrExist
		}
		b.objects[key], b.changed[key] = data, b.now
		return nil
	})
}

func (b *memoryBucket) Delete(ctx context.Context, keys []string) error {
	return b.do(ctx, "delete", keys[0], func() error {
		for _, key := range keys {
			delete(b.objects, key)
		}
		return nil
	})
}

func (b *memoryBucket) List(ctx context.Context, prefix string, each func(string, int64, time.Time) error) error {
	var then *memoryBucket
	if err := b.do(ctx, "list", prefix, func() error { then = b.copyOf(); return nil }); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(then.objects)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		if err := each(key, int64(len(then.objects[key])), then.changed[key]); err != nil {
			return err
		}
	}
	return nil
}

// copyOf is the bucket as it is now.
func (b *memoryBucket) copyOf() *memoryBucket {
	return &memoryBucket{objects: maps.Clone(b.objects), changed: maps.Clone(b.changed), now: b.now}
}

func (b *memoryBucket) lake(t testing.TB) *Lake {
	t.Helper()
	l, err := CreateBucket(t.Context(), "s3://bucket/lake", b)
	check(t, err)
	return l
}

// wantBucket is wantScript for a bucket: by the log and by a plain listing.
func wantBucket(t *testing.T, b *memoryBucket, events int) {
	t.Helper()
	l := b.lake(t)
	r, err := l.Verify()
	check(t, err)
	if !r.OK() || r.Events != int64(events) {
		t.Errorf("%d events, want %d; problems: %v", r.Events, events, r.Problems)
	}
	ids := map[string]bool{}
	for _, e := range read(t, l, Query{Light: true}) {
		ids[e.AccountID+e.EventID] = true
	}
	if len(ids) != events {
		t.Errorf("%d distinct events, want %d", len(ids), events)
	}
	for key := range b.objects {
		if strings.HasPrefix(key, writersDir) {
			t.Errorf("%s is left", key)
		}
	}
}

// The same lake in a bucket as in a directory: rows, duplicates, compaction,
// pruning, states.
func TestBucket(t *testing.T) {
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			b := newMemoryBucket()
			l := b.lake(t)
			w := writer(t, l, o)
			check(t, script(w))
			check(t, w.Close())
			wantBucket(t, b, scriptEvents)
			disk := create(t)
			check(t, script(writer(t, disk, o)))
			want := read(t, disk, Query{})
			if got := read(t, l, Query{}); !reflect.DeepEqual(got, want) {
				t.Error("the rows are not those of a lake on a disk")
			}
			r, err := l.Compact(t.Context())
			check(t, err)
			if r.FilesAfter >= r.FilesBefore || !reflect.DeepEqual(read(t, l, Query{}), want) {
				t.Errorf("compaction: %+v", r)
			}
			wantBucket(t, b, scriptEvents)
			w = writer(t, l, o)
			if !w.Known(batch("3", sample(one, 60, 30)).Object) {
				add(t, w, batch("again", sample(one, 0, 250)), 0, 250)
			}
			check(t, w.Close())
			check(t, l.SaveState(one, start, []byte("{}")))
			if states, err := l.States(); err != nil || len(states) != 1 || states[0].Bytes != 2 {
				t.Errorf("states are %v, %v", states, err)
			}
			_, err = l.Prune(start.AddDate(1, 0, 0), false)
			check(t, err)
			wantBucket(t, b, 0)
		})
	}
}

func TestOpenBucket(t *testing.T) {
	b := newMemoryBucket()
	var not *NotLakeError
	if _, err := OpenBucket(t.Context(), "s3://b/l", b); !errors.As(err, &not) || not.Reason != "it is empty" {
		t.Errorf("an empty bucket opens with %v", err)
	}
	b.objects["notes.txt"] = nil
	if _, err := CreateBucket(t.Context(), "s3://b/l", b); !errors.As(err, &not) || not.Reason != "it holds other objects" {
		t.Errorf("a bucket of other things: %v", err)
	}
	b.fail = func(string, string) (bool, bool) { return true, false }
	if _, err := CreateBucket(t.Context(), "s3://b/l", b); !errors.Is(err, errNetwork) {
		t.Errorf("without a network: %v", err)
	}
}

// The network fails, before or after the request took effect, at each request
// in turn; the run after that, and after the mark has gone stale, makes the
// lake whole.
func TestBucketFailures(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		failed := 0
		for at := 0; ; at++ {
			b := newMemoryBucket()
			l := b.lake(t)
			n := 0
			b.fail = func(op, key string) (before, after bool) {
				n++
				return n == at+1 && when == "before", n == at+1 && when == "after"
			}
			w, err := l.Writer(WriterOptions{})
			if err == nil {
				err = errors.Join(script(w), w.Close())
			}
			if err != nil {
				failed++
			}
			if n <= at {
				break
			}
			b.fail, b.now = nil, b.now.Add(2*markDead)
			again := writer(t, l, WriterOptions{})
			check(t, script(again))
			check(t, again.Close())
			if wantBucket(t, b, scriptEvents); t.Failed() {
				t.Fatalf("after a failure %s request %d: %v", when, at, err)
			}
		}
		if failed < 15 {
			t.Errorf("%d requests failed", failed)
		}
	}
}

// The bucket is copied after each request, as a machine that dies there leaves
// it.
func TestBucketCrashes(t *testing.T) {
	b := newMemoryBucket()
	l := b.lake(t)
	var copies []*memoryBucket
	b.fail = func(op, key string) (bool, bool) {
		if op == "put" || op == "delete" {
			copies = append(copies, b.copyOf())
		}
		return false, false
	}
	w := writer(t, l, WriterOptions{})
	check(t, script(w))
	check(t, w.Close())
	_, err := l.Compact(t.Context())
	check(t, err)
	b.fail = nil
	for i, c := range copies {
		soon := c.copyOf() // before the mark is stale: leftovers, but no wrong lake
		check(t, script(writer(t, soon.lake(t), WriterOptions{})))
		if n := len(read(t, soon.lake(t), Query{})); n != scriptEvents {
			t.Errorf("copy %d: %d events", i, n)
		}
		c.now = c.now.Add(2 * markDead)
		again := writer(t, c.lake(t), WriterOptions{})
		check(t, script(again))
		check(t, again.Close())
		if wantBucket(t, c, scriptEvents); t.Failed() {
			t.Fatalf("copy %d of %d", i, len(copies))
		}
	}
	if len(copies) < 15 {
		t.Errorf("%d copies", len(copies))
	}
}

// A writer that was taken for dead, because it could not renew its mark, commits
// nothing any more: the files that it had uploaded may be gone.
func TestFenced(t *testing.T) {
	b := newMemoryBucket()
	l := b.lake(t)
	slow := writer(t, l, WriterOptions{})
	add(t, slow, batch("a", sample(one, 0, 10)), 10, 0)
	b.now = b.now.Add(2 * markDead)
	slow.step = func(step string) error {
		if step == "entry staged" {
			slow.step = nil
			return writer(t, l, WriterOptions{}).Close()
		}
		return nil
	}
	if err := slow.Commit(); !errors.Is(err, errFenced) {
		t.Errorf("commit gives %v", err)
	}
	check(t, slow.Close())
	wantBucket(t, b, 0)
}

// Writers at once over a bucket whose network fails make the lake of one.
func TestBucketAtOnce(t *testing.T) {
	b := newMemoryBucket()
	l := b.lake(t)
	random := rand.New(rand.NewPCG(1, 2))
	b.fail = func(op, key string) (before, after bool) {
		return random.IntN(60) == 0, random.IntN(60) == 0
	}
	var wg sync.WaitGroup
	for n := range manyPeople {
		wg.Go(func() {
			for done := false; !done; {
				w, err := l.Writer(WriterOptions{Memory: 30_000})
				if err != nil {
					continue
				}
				err = manyScript(w, n)
				done = errors.Join(err, w.Close()) == nil
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			l.Compact(context.Background())
		}
	})
	wg.Wait()
	b.fail, b.now = nil, b.now.Add(2*markDead)
	check(t, writer(t, l, WriterOptions{}).Close())
	alone := create(t)
	w := writer(t, alone, WriterOptions{})
	for n := range manyPeople {
		check(t, manyScript(w, n))
	}
	want := read(t, alone, Query{})
	wantBucket(t, b, len(want))
	if !reflect.DeepEqual(read(t, l, Query{}), want) {
		t.Error("the rows are not those of one writer")
	}
	if s, err := l.Status(); err != nil || s.Objects != manyObjects || s.Quarantined != manyObjects {
		t.Errorf("status is %+v, %v", s, err)
	}
}

// twice sends each request that makes an entry a second time, as a client does
// whose first answer was lost.
type twice struct{ *memoryBucket }

func (b twice) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, fresh bool) error {
	err := b.memoryBucket.Put(ctx, key, body, size, fresh)
	if err == nil && fresh {
		_, err = body.Seek(0, io.SeekStart)
		err = errors.Join(err, b.memoryBucket.Put(ctx, key, body, size, fresh))
	}
	return err
}

// A writer that meets its own entry has not lost the number.
func TestLostAnswer(t *testing.T) {
	b := newMemoryBucket()
	l, err := CreateBucket(t.Context(), "s3://bucket/lake", twice{b})
	check(t, err)
	w := writer(t, l, WriterOptions{})
	check(t, script(w))
	check(t, w.Close())
	wantBucket(t, b, scriptEvents)
	if w.Late() != 0 {
		t.Errorf("%d of its own events were another's", w.Late())
	}
	n, err := l.last()
	check(t, err)
	if n != 3 {
		t.Errorf("%d entries, want 3", n)
	}
}
