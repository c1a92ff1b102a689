package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/lake/s3store"
)

// bucketLake opens a lake below a prefix of a bucket.
func (s *server) bucketLake(t *testing.T, bucket, prefix string) *lake.Lake {
	t.Helper()
	b := s3store.New(s.client, bucket, prefix, s3store.Options{})
	l, err := lake.OpenBucket(t.Context(), b.String(), b)
	check(t, err)
	return l
}

// rowsOf are the events of a lake in their order, as JSON.
func rowsOf(t *testing.T, l *lake.Lake) (rows []string) {
	t.Helper()
	for e, err := range l.Events(t.Context(), lake.Query{}) {
		check(t, err)
		text, err := json.Marshal(e)
		check(t, err)
		rows = append(rows, string(text))
	}
	return rows
}

func sameLake(t *testing.T, a, b *lake.Lake) {
	t.Helper()
	x, y := rowsOf(t, a), rowsOf(t, b)
	if strings.Join(x, "\n") != strings.Join(y, "\n") {
		t.Errorf("%d and %d rows, not the same", len(x), len(y))
	}
	for _, l := range []*lake.Lake{a, b} {
		if r, err := l.Verify(); err != nil || !r.OK() {
			t.Errorf("verify %s: %v, %v", l.Dir(), r.Problems, err)
		}
	}
}

// at is the program with the endpoint in its environment.
func (p program) at(url string) program {
	return program{p.path, append(p.env, "AWS_ENDPOINT_URL="+url, "AWS_REGION=us-east-1")}
}

// The whole care of a lake that is in a bucket, by the commands.
func TestLakeInBucket(t *testing.T) {
	s := start(t)
	p := newProgram(t, key, secret).at(s.url)
	files := archive()
	s.put(t, "lakes", nil)
	onDiskLake := filepath.Join(t.TempDir(), "lake")
	fromDir := p.ingest(t, 4, onDisk(t, files), "--lake", onDiskLake)
	inS3 := p.ingest(t, 4, onDisk(t, files), "--lake", "s3://lakes/a/lake/")
	if inS3 != fromDir {
		t.Errorf("into S3 %+v, into a directory %+v", inS3, fromDir)
	}
	local, err := lake.Open(onDiskLake)
	check(t, err)
	sameLake(t, local, s.bucketLake(t, "lakes", "a/lake"))
	for _, args := range [][]string{
		{"status", "--format", "json"}, {"verify"}, {"compact"}, {"ddl", "--engine", "athena"}, {"prune", "--before", "2000-01-01", "--dry-run"},
	} {
		out, errs, code := p.run(t, append([]string{"lake", args[0], "--lake", "s3://lakes/a/lake"}, args[1:]...)...)
		if code != 0 || out == "" {
			t.Errorf("lake %s: exit %d\n%s%s", args[0], code, out, errs)
		}
		if args[0] == "ddl" && !strings.Contains(out, "'s3://lakes/a/lake/events/account_id=${account_id}/") {
			t.Errorf("no location in\n%s", out)
		}
	}
	sameLake(t, local, s.bucketLake(t, "lakes", "a/lake"))
	if again := p.ingest(t, 4, onDisk(t, files), "--lake", "s3://lakes/a/lake"); again.Events != 0 {
		t.Errorf("the same archive elsewhere: %+v", again)
	}
	if out, errs, code := p.run(t, "lake", "prune", "--lake", "s3://lakes/a/lake", "--before", "2100-01-01"); code != 0 {
		t.Errorf("prune: exit %d\n%s%s", code, out, errs)
	}
	if rows := rowsOf(t, s.bucketLake(t, "lakes", "a/lake")); len(rows) != 0 {
		t.Errorf("%d rows are left", len(rows))
	}
	left, err := s.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("lakes"), Prefix: aws.String("a/lake/events/")})
	check(t, err)
	if len(left.Contents) != 0 {
		t.Errorf("%d objects of events are left", len(left.Contents))
	}
	if _, errs, code := p.run(t, "lake", "status", "--lake", "s3://lakes/elsewhere"); code != 1 || !strings.Contains(errs, "s3://lakes/elsewhere is not a lake: it is empty") {
		t.Errorf("no lake: exit %d\n%s", code, errs)
	}
}

// Four programs ingest overlapping folders at once, some are killed; what the
// last one leaves is the lake of one program.
func TestManyIntoABucket(t *testing.T) {
	s := start(t)
	p := newProgram(t, key, secret).at(s.url)
	files := archive()
	s.put(t, "shared", nil)
	dir, alone := onDisk(t, files), filepath.Join(t.TempDir(), "lake")
	p.ingest(t, 4, dir, "--lake", alone)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		var wg sync.WaitGroup
		for range 4 {
			cmd := exec.Command(p.path, "ingest", dir, "--lake", "s3://shared/lake")
			cmd.Env = p.env
			check(t, cmd.Start())
			kill := time.AfterFunc(time.Duration(100+random.IntN(1200))*time.Millisecond, func() { cmd.Process.Kill() })
			wg.Go(func() { cmd.Wait(); kill.Stop() })
		}
		wg.Wait()
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if out, errs, code := p.run(t, "ingest", dir, "--lake", "s3://shared/lake"); code != 0 && code != 4 {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
	wg.Wait()
	local, err := lake.Open(alone)
	check(t, err)
	shared := s.bucketLake(t, "shared", "lake")
	if x, y := rowsOf(t, local), rowsOf(t, shared); strings.Join(x, "\n") != strings.Join(y, "\n") {
		t.Errorf("%d rows of one program, %d of many", len(x), len(y))
	}
	one, err := local.Status()
	check(t, err)
	many, err := shared.Status()
	check(t, err)
	if one.Objects != many.Objects || one.Quarantined != many.Quarantined || one.Events != many.Events {
		t.Errorf("one program %+v, many %+v", one, many)
	}
}

// A real server keeps the promises that the lake builds on.
func TestStore(t *testing.T) {
	s := start(t)
	s.put(t, "store", nil)
	b := s3store.New(s.client, "store", "p", s3store.Options{PartSize: 5 << 20})
	ctx := t.Context()
	t.Run("one of many wins", func(t *testing.T) {
		for round := range 5 {
			var wg sync.WaitGroup
			var mu sync.Mutex
			won := -1
			for i := range 8 {
				wg.Go(func() {
					body := fmt.Sprintf("%d", i)
					err := b.Put(ctx, fmt.Sprintf("_log/%08d", round), strings.NewReader(body), int64(len(body)), true)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil && won >= 0:
						t.Errorf("round %d: %d and %d win", round, won, i)
					case err == nil:
						won = i
					case !errors.Is(err, fs.ErrExist):
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			wg.Wait()
			if data, err := b.Get(ctx, fmt.Sprintf("_log/%08d", round), 0, -1); err != nil || string(data) != fmt.Sprint(won) {
				t.Errorf("round %d: %q, %v, not of %d", round, data, err, won)
			}
		}
	})
	t.Run("parts and ranges", func(t *testing.T) {
		content := bytes.Repeat([]byte("0123456789abcdef"), 12<<16) // 12 MB
		check(t, b.Put(ctx, "events/large", bytes.NewReader(content), int64(len(content)), false))
		if n, err := b.Size(ctx, "events/large"); err != nil || n != int64(len(content)) {
			t.Errorf("%d bytes, %v", n, err)
		}
		part, err := b.Get(ctx, "events/large", 5<<20-3, 10)
		if err != nil || !bytes.Equal(part, content[5<<20-3:][:10]) {
			t.Errorf("%q, %v", part, err)
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		_, err := b.Get(ctx, "nothing", 0, -1)
		_, size := b.Size(ctx, "nothing")
		if !errors.Is(err, fs.ErrNotExist) || !errors.Is(size, fs.ErrNotExist) {
			t.Errorf("get: %v; size: %v", err, size)
		}
		check(t, b.Delete(ctx, []string{"nothing"}))
		_, err = s3store.New(s.client, "nowhere", "", s3store.Options{}).Get(ctx, "x", 0, -1)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a bucket that is not there: %v", err)
		}
	})
	t.Run("given up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l, err := lake.CreateBucket(ctx, "s3://store/p", s3store.New(s.client, "store", "given-up", s3store.Options{}))
		check(t, err)
		w, err := l.Writer(lake.WriterOptions{})
		check(t, err)
		_, _, err = w.Add(&event.Batch{Object: event.Object{URI: "a"}, Events: []event.Event{{AccountID: "111122223333", EventID: "a", EventTime: time.Now()}}})
		check(t, err)
		cancel()
		if err := w.Commit(); !errors.Is(err, context.Canceled) {
			t.Errorf("commit gives %v", err)
		}
		check(t, w.Close())
		left := 0
		check(t, s3store.New(s.client, "store", "given-up", s3store.Options{}).List(t.Context(), "", func(key string, _ int64, _ time.Time) error {
			left++
			return nil
		}))
		if left != 1 {
			t.Errorf("%d objects are left, want the one that makes a lake", left)
		}
	})
}
