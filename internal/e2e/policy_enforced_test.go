package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	policy "github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/rules"
)

// guarded is an S3 server that enforces the policies of an IAM server.
type guarded struct {
	root *s3.Client
	iam  *iam.Client
	url  string
}

// guard starts both servers of versitygw.
func guard(t *testing.T) *guarded {
	t.Helper()
	program, err := build(t, "VERSITYGW", ".", "github.com/versity/versitygw/cmd/versitygw")
	if err != nil {
		skip(t, "no S3 server: %v", err)
	}
	dir, err := os.MkdirTemp("", "gw") // a socket's path must be short
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	api, gateway := freeAddress(t), freeAddress(t)
	serve(t, program, "http://"+api+"/health", "--port", api, "--health", "/health", "iam", "--dir", t.TempDir(), "--private-ports", socket)
	serve(t, program, "http://"+gateway+"/health", "--port", gateway, "--health", "/health", "--iam-standalone-endpoint", socket, "--iam-cache-disable", "posix", t.TempDir())
	g := &guarded{url: "http://" + gateway}
	g.root = g.as(key, secret)
	g.iam = iam.New(iam.Options{BaseEndpoint: aws.String("http://" + api), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(key, secret, "")})
	return g
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().String()
}

// serve runs a program until the test ends, and waits until it answers.
func serve(t *testing.T, program, health string, args ...string) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(program, append([]string{"--quiet"}, args...)...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+key, "ROOT_SECRET_KEY="+secret)
	cmd.Stdout, cmd.Stderr = &output, &output
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if r, err := http.Get(health); err == nil && r.StatusCode == http.StatusOK {
			r.Body.Close()
			return
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("%s does not answer", health)
		}
	}
}

func (g *guarded) as(key, secret string) *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: &g.url, UsePathStyle: true, Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, "")})
}

// user makes a user with what the documents say of S3 as its policies, and a
// client of its own; nil where that is more than the server takes.
func (g *guarded) user(t *testing.T, name string, refs []rules.PolicyRef) *s3.Client {
	t.Helper()
	ctx := t.Context()
	_, err := g.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	check(t, err)
	for i, r := range refs {
		d := ofS3(r.Document)
		if d == nil {
			continue
		}
		_, err := g.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String(fmt.Sprint("p", i)), PolicyDocument: aws.String(string(d.JSON()))})
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "LimitExceeded" {
			return nil
		}
		check(t, err)
	}
	k, err := g.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
	check(t, err)
	return g.as(*k.AccessKey.AccessKeyId, *k.AccessKey.SecretAccessKey)
}

// ofS3 is a document without the actions of other services, since users have
// less room than roles; nil where nothing is left.
func ofS3(d *policy.Document) *policy.Document {
	if d == nil {
		return nil
	}
	out := d.Clone()
	out.Statements = slices.DeleteFunc(out.Statements, func(s policy.Statement) bool { return s.NotAction.Values == nil && !namesS3(s.Action.Values) })
	for i := range out.Statements {
		s := &out.Statements[i]
		s.Action.Values = slices.DeleteFunc(s.Action.Values, func(a string) bool { return !namesS3([]string{a}) })
	}
	if len(out.Statements) == 0 {
		return nil
	}
	return out
}

func namesS3(actions []string) bool {
	return slices.ContainsFunc(actions, func(a string) bool {
		service, _, _ := strings.Cut(a, ":")
		return service == "s3" || strings.ContainsAny(service, "*?")
	})
}

// call is one S3 call of the trail.
type call struct{ name, bucket, key string }

// make makes the call and reports whether it was denied.
func (c call) make(t *testing.T, s *s3.Client) (denied bool) {
	t.Helper()
	var err error
	ctx := t.Context()
	switch c.name {
	case "GetObject":
		var r *s3.GetObjectOutput
		if r, err = s.GetObject(ctx, &s3.GetObjectInput{Bucket: &c.bucket, Key: &c.key}); err == nil {
			r.Body.Close()
		}
	case "HeadObject":
		_, err = s.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &c.bucket, Key: &c.key})
	case "PutObject":
		_, err = s.PutObject(ctx, &s3.PutObjectInput{Bucket: &c.bucket, Key: &c.key, Body: strings.NewReader("x")})
	case "ListObjects":
		_, err = s.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &c.bucket})
	case "DeleteObject":
		_, err = s.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &c.bucket, Key: &c.key})
	}
	var api smithy.APIError
	if err != nil && (!errors.As(err, &api) || api.ErrorCode() != "AccessDenied" && api.ErrorCode() != "Forbidden") {
		t.Fatalf("%v: %v", c, err)
	}
	return err != nil
}

// replayed are the names of the calls that make makes.
var replayed = map[string]bool{"GetObject": true, "HeadObject": true, "PutObject": true, "ListObjects": true}

// callsOf are the distinct allowed S3 calls of each principal, by ARN; at most the first 60 of each.
func callsOf(t *testing.T, dir string) map[string][]call {
	t.Helper()
	l, err := lake.Open(dir)
	check(t, err)
	out, seen := map[string][]call{}, map[string]bool{}
	for e, err := range l.Events(context.Background(), lake.Query{}) {
		check(t, err)
		if e.EventSource != "s3.amazonaws.com" || !replayed[e.EventName] || e.ErrorCode != "" {
			continue
		}
		var p struct{ BucketName, Key string }
		check(t, json.Unmarshal([]byte(e.RequestParameters), &p))
		who := cmp.Or(e.IssuerARN, e.IdentityARN)
		c := call{e.EventName, p.BucketName, p.Key}
		if id := who + c.name + c.bucket + c.key; !seen[id] && len(out[who]) < 60 {
			seen[id] = true
			out[who] = append(out[who], c)
		}
	}
	return out
}

// TestPolicyEnforced gives users the policies that are proposed for the demo's
// principals, on a server that enforces them, and makes the calls of the trail
// again: all pass. Calls that nobody made, which the policies of today would
// mostly allow, are refused.
func TestPolicyEnforced(t *testing.T) {
	p := newProgram(t, "", "")
	dir := filepath.Join(t.TempDir(), "demo")
	if _, errs, code := p.run(t, "demo", "--dir", dir, "--events", "60000"); code != 0 {
		t.Fatal(errs)
	}
	out, errs, code := p.run(t, "policy", "--all", "--lake", filepath.Join(dir, "lake"), "--format", "json")
	var proposals rules.Policies
	if err := json.Unmarshal([]byte(out), &proposals); err != nil || code != 0 {
		t.Fatal(err, errs)
	}
	g := guard(t)
	calls := callsOf(t, filepath.Join(dir, "lake"))
	g.furnish(t, calls)
	users, allowed, refused := 0, 0, 0
	for _, q := range proposals.Policies {
		made := calls[q.Principal]
		if q.Confidence == "too early" || len(made) == 0 {
			continue
		}
		client := g.user(t, q.AccountID+"-"+q.Principal[strings.LastIndexByte(q.Principal, '/')+1:], q.Proposed)
		if client == nil {
			t.Logf("%s: more policy than a user may have", q.Principal)
			continue
		}
		users++
		for _, c := range made {
			allowed++
			if c.make(t, client) {
				t.Errorf("%s: %v is denied", q.Principal, c)
			}
		}
		for _, c := range unmade(made) {
			refused++
			if !c.make(t, client) {
				t.Errorf("%s: %v is allowed", q.Principal, c)
			}
		}
	}
	if users < 10 {
		t.Errorf("only %d users", users)
	}
	t.Logf("%d users: %d calls of the trail allowed, %d others refused", users, allowed, refused)
}

// furnish makes the buckets and objects of all calls, and a bucket that nobody used.
func (g *guarded) furnish(t *testing.T, calls map[string][]call) {
	t.Helper()
	buckets := map[string]bool{elsewhere: true}
	for _, list := range calls {
		for _, c := range list {
			buckets[c.bucket] = true
		}
	}
	for b := range buckets {
		_, err := g.root.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b})
		check(t, err)
	}
	put := func(bucket, key string) {
		_, err := g.root.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: io.Reader(strings.NewReader("x"))})
		check(t, err)
	}
	put(elsewhere, "k")
	for _, list := range calls {
		for _, c := range list {
			if c.key != "" {
				put(c.bucket, c.key)
			}
		}
	}
}

const elsewhere = "nobody-went-here"

// unmade are calls that were not made: deletions, all of another bucket, and
// writing where only reading was seen.
func unmade(made []call) []call {
	out := []call{{"GetObject", elsewhere, "k"}, {"PutObject", elsewhere, "k"}, {"ListObjects", elsewhere, ""}, {"DeleteObject", elsewhere, "k"}}
	wrote := map[string]bool{}
	for _, c := range made {
		if c.name == "PutObject" {
			wrote[c.bucket] = true
		}
	}
	for _, c := range made[:min(len(made), 5)] {
		out = append(out, call{"DeleteObject", c.bucket, cmp.Or(c.key, "k")})
		if !wrote[c.bucket] {
			out = append(out, call{"PutObject", c.bucket, cmp.Or(c.key, "k")})
		}
	}
	return out
}
