// Command s3 compares ingest from a bucket whose every answer is late with
// ingest from a disk: the same archive, the same program, in turns. The S3 server
// is one that is given, as versitygw; the delay is a proxy's.
//
//	go run ./internal/bench/s3 --trimtrail BIN --server http://127.0.0.1:7070 --archive /tmp/org/archive
//
// Credentials come from the environment. It uploads the archive into a new
// bucket, and judges nothing.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/spf13/pflag"
)

type bench struct {
	trimtrail, server, archive, bucket string
	delay                              time.Duration
	rounds                             int
}

func main() {
	var b bench
	fl := pflag.CommandLine
	fl.StringVar(&b.trimtrail, "trimtrail", "", "the program")
	fl.StringVar(&b.server, "server", "", "URL of an S3 server")
	fl.StringVar(&b.archive, "archive", "", "directory with an archive")
	fl.DurationVar(&b.delay, "delay", 30*time.Millisecond, "before each request")
	fl.IntVar(&b.rounds, "rounds", 3, "runs of each kind")
	pflag.Parse()
	b.bucket = fmt.Sprintf("bench-%d", os.Getpid())
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintf(os.Stderr, "s3: error: %v\n", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context) error {
	if err := b.upload(ctx); err != nil {
		return err
	}
	late, err := b.late()
	if err != nil {
		return err
	}
	defer late.Close()
	var disk, bucket []time.Duration
	for range b.rounds {
		d, err := b.ingest(b.archive)
		if err != nil {
			return err
		}
		s, err := b.ingest("s3://"+b.bucket+"/", "--endpoint-url", late.URL)
		if err != nil {
			return err
		}
		disk, bucket = append(disk, d), append(bucket, s)
		fmt.Printf("disk %.2f s   bucket %.2f s   rate %.2f of the disk's\n", d.Seconds(), s.Seconds(), d.Seconds()/s.Seconds())
	}
	slices.Sort(disk)
	slices.Sort(bucket)
	fmt.Printf("median: %.2f of the disk's rate\n", disk[len(disk)/2].Seconds()/bucket[len(bucket)/2].Seconds())
	return nil
}

// upload puts the archive into the bucket, without the delay.
func (b *bench) upload(ctx context.Context) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1"))
	if err != nil {
		return err
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = &b.server, true })
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b.bucket}); err != nil {
		return err
	}
	return filepath.WalkDir(b.archive, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		key, err := filepath.Rel(b.archive, name)
		if err == nil {
			_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: f})
		}
		return err
	})
}

// late is a proxy to the server that waits before each request.
func (b *bench) late() (*httptest.Server, error) {
	to, err := url.Parse(b.server)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(b.delay)
		proxy.ServeHTTP(w, r)
	})), nil
}

// ingest reads a source into a new lake and returns how long that took.
func (b *bench) ingest(args ...string) (time.Duration, error) {
	lake, err := os.MkdirTemp("", "bench-lake-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(lake)
	cmd := exec.Command(b.trimtrail, append([]string{"ingest", "--lake", filepath.Join(lake, "lake")}, args...)...)
	begin := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%v: %w\n%s", args, err, out)
	}
	return time.Since(begin), nil
}
