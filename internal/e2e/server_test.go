package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// key and secret are the server's root user.
const key, secret = "AKIAROOTEXAMPLE", "root-secret-of-a-test"

// skip ends the test: a skip, or a failure where S3 is required.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("TRIMTRAIL_REQUIRE_S3") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// build returns the path of a program: the one that env names, or a new one.
func build(t *testing.T, env, dir, pkg string) (string, error) {
	t.Helper()
	if path := os.Getenv(env); path != "" {
		return filepath.Abs(path)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", path, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}

// server is a gateway on loopback that ends with the test.
type server struct {
	url     string
	program string
	client  *s3.Client
}

func start(t *testing.T) *server {
	t.Helper()
	program, err := build(t, "VERSITYGW", ".", "github.com/versity/versitygw/cmd/versitygw")
	if err != nil {
		skip(t, "no S3 server: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	address := l.Addr().String()
	check(t, l.Close())
	s := &server{url: "http://" + address, program: program}
	var output bytes.Buffer
	cmd := exec.Command(program, "--port", address, "--access", key, "--secret", secret, "--iam-dir", t.TempDir(), "--quiet", "--health", "/health", "posix", t.TempDir())
	cmd.Stdout, cmd.Stderr = &output, &output
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if r, err := http.Get(s.url + "/health"); err == nil {
			r.Body.Close()
			break
		}
		if time.Since(begin) > 20*time.Second {
			skip(t, "the S3 server does not answer:\n%s", output.String())
		}
	}
	s.client = s3.New(s3.Options{
		BaseEndpoint: &s.url, UsePathStyle: true, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
	})
	return s
}

// put makes a bucket of files, with the headers that CloudTrail gives its logs.
func (s *server) put(t *testing.T, bucket string, files map[string][]byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := s.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	check(t, err)
	for name, content := range files {
		in := &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(name), Body: bytes.NewReader(content), ContentType: aws.String("application/json")}
		if filepath.Ext(name) == ".gz" {
			in.ContentEncoding = aws.String("gzip")
		}
		_, err := s.client.PutObject(ctx, in)
		check(t, err)
	}
}

// user makes a user without rights.
func (s *server) user(t *testing.T, key, secret string) {
	t.Helper()
	s.admin(t, "create-user", "--access", key, "--secret", secret, "--role", "user")
}

// admin runs a command of the server's administrator.
func (s *server) admin(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(s.program, append([]string{"admin", "--access", key, "--secret", secret, "--endpoint-url", s.url}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// policy puts a bucket policy with these statements.
func (s *server) policy(t *testing.T, bucket, statements string) {
	t.Helper()
	_, err := s.client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)})
	check(t, err)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
