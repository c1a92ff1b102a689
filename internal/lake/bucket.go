package lake

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bucket is what a lake needs of an object store. Keys are below the lake's
// prefix. It is used from several goroutines, and retries on its own.
type Bucket interface {
	// Size returns the bytes of an object; fs.ErrNotExist where there is none.
	Size(ctx context.Context, key string) (int64, error)
	// Get returns the object from a place on: length bytes, or all of it where
	// length is negative.
	Get(ctx context.Context, key string, from, length int64) ([]byte, error)
	// Put makes an object, whole. With fresh it must be a new one: of several
	// that try at once one wins, the others get fs.ErrExist.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, fresh bool) error
	// Delete deletes objects; those that are gone are no error.
	Delete(ctx context.Context, keys []string) error
	// List calls each with the objects of a prefix in the order of their keys.
	List(ctx context.Context, prefix string, each func(key string, size int64, changed time.Time) error) error
}

const (
	writersDir = logDir + "/writers"
	// A writer's mark in the bucket is renewed this often, and taken for that
	// of a dead one when it is that much older than a new one.
	markRenewed, markDead = 5 * time.Minute, time.Hour
	// parallel is how many requests run at once.
	parallel = 16
)

// bucket is a store in a bucket. Its context is that of the lake's user.
type bucket struct {
	ctx  context.Context
	api  Bucket
	name string // for messages, as s3://bucket/prefix
	dead time.Duration
}

var _ store = (*bucket)(nil)

// OpenBucket opens the lake in a bucket, whose name is for messages. Every
// request has ctx. The errors are those of Open.
func OpenBucket(ctx context.Context, name string, api Bucket) (*Lake, error) {
	return openStore(&bucket{ctx: ctx, api: api, name: name, dead: markDead})
}

// CreateBucket is OpenBucket that makes a lake where the prefix is empty.
func CreateBucket(ctx context.Context, name string, api Bucket) (*Lake, error) {
	l, err := OpenBucket(ctx, name, api)
	var not *NotLakeError
	if !errors.As(err, &not) {
		return l, err
	}
	b := &bucket{ctx: ctx, api: api, name: name, dead: markDead}
	if !b.vacant() {
		return OpenBucket(ctx, name, api)
	}
	if err := writeFormat(b); err != nil {
		return nil, err
	}
	return openStore(b)
}

func (b *bucket) root() string { return b.name }

// vacant reports whether there is nothing at all.
func (b *bucket) vacant() bool {
	return b.list("", func(string, int64) error { return errStop }) == nil
}

func (b *bucket) whyNot() string {
	if b.vacant() {
		return "it is empty"
	}
	return "it holds other objects"
}

func (b *bucket) read(name string) ([]byte, error) { return b.api.Get(b.ctx, name, 0, -1) }

func (b *bucket) create(name string, data []byte, _ string) error {
	return b.api.Put(b.ctx, name, bytes.NewReader(data), int64(len(data)), true)
}

func (b *bucket) replace(name string, data []byte) error {
	return b.api.Put(b.ctx, name, bytes.NewReader(data), int64(len(data)), false)
}

func (b *bucket) put(name string, data []byte) error { return b.replace(name, data) }

// publish uploads several at once; places are told first.
func (b *bucket) publish(files []staged, each func(string), done func() error) error {
	for _, f := range files {
		each(f.path)
	}
	err := atOnce(len(files), func(i int) error { return b.upload(files[i]) })
	for range files {
		if err == nil {
			err = done()
		}
	}
	return err
}

func (b *bucket) upload(f staged) error {
	file, err := os.Open(f.name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := b.api.Put(b.ctx, f.path, file, info.Size(), false); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return os.Remove(f.name)
}

// atOnce calls do with 0 to n-1, several at a time, and returns the first error.
func atOnce(n int, do func(i int) error) error {
	errs := make([]error, n)
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(i)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// lasting has a minute.
func (b *bucket) lasting() (store, func()) {
	c := *b
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), time.Minute)
	c.ctx = ctx
	return &c, cancel
}

func (b *bucket) remove(names []string) error {
	if len(names) == 0 {
		return nil
	}
	return b.api.Delete(b.ctx, names)
}

func (b *bucket) list(dir string, each func(string, int64) error) error {
	return b.api.List(b.ctx, prefixOf(dir), func(key string, size int64, _ time.Time) error { return each(key, size) })
}

func prefixOf(dir string) string {
	if dir == "" {
		return ""
	}
	return dir + "/"
}

// writerMark is a claim on a bucket: a mark that is renewed while the writer
// lives, and a directory of this machine.
type writerMark struct {
	*bucket
	mark, stage string
	dead        []string
	stop        context.CancelFunc
	renewing    sync.WaitGroup
}

// claim leaves a mark of its own in the bucket. Marks that were not renewed
// for long are those of dead writers; before anything of theirs is removed, an
// entry says so, and a writer that lives after all finds it and gives up.
func (b *bucket) claim() (*claim, error) {
	var id [6]byte
	rand.Read(id[:])
	m := &writerMark{bucket: b, mark: "x" + hex.EncodeToString(id[:])}
	if err := m.put(b.ctx); err != nil {
		return nil, fmt.Errorf("open lake: %w", err)
	}
	var err error
	if m.dead, err = m.others(); err == nil {
		m.stage, err = os.MkdirTemp("", "trimtrail-")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open lake: %w", err), b.remove([]string{m.key(m.mark)}))
	}
	ctx, stop := context.WithCancel(b.ctx)
	m.stop = stop
	m.renewing.Go(func() { m.renew(ctx) })
	return &claim{mark: m.mark, stage: m.stage, dead: m.dead, fence: true, begin: m.begin, release: m.release}, nil
}

func (m *writerMark) key(mark string) string { return path.Join(writersDir, mark) }

func (m *writerMark) put(ctx context.Context) error {
	return m.api.Put(ctx, m.key(m.mark), strings.NewReader(""), 0, false)
}

// others returns the marks that are much older than the own new one, by the
// bucket's clock.
func (m *writerMark) others() (dead []string, err error) {
	changed := map[string]time.Time{}
	err = m.api.List(m.ctx, prefixOf(writersDir), func(key string, _ int64, at time.Time) error {
		changed[path.Base(key)] = at
		return nil
	})
	now := changed[m.mark]
	for mark, at := range changed {
		if mark != m.mark && now.Sub(at) > m.bucket.dead {
			dead = append(dead, mark)
		}
	}
	slices.Sort(dead)
	return dead, err
}

func (m *writerMark) renew(ctx context.Context) {
	tick := time.NewTicker(markRenewed)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			m.put(ctx) // if it fails for an hour the log says no in the end
		}
	}
}

// begin forgets the marks of the dead.
func (m *writerMark) begin() error {
	var keys []string
	for _, mark := range m.dead {
		keys = append(keys, m.key(mark))
	}
	return m.remove(keys)
}

func (m *writerMark) release(clean bool) error {
	m.stop()
	m.renewing.Wait()
	err := os.RemoveAll(m.stage)
	if clean {
		store, done := m.lasting()
		defer done()
		err = errors.Join(err, store.remove([]string{m.key(m.mark)}))
	}
	return err
}
