package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// requests is a proxy that keeps what it passes on.
type requests struct {
	mu   sync.Mutex
	seen []*http.Request
}

func (q *requests) listen(t *testing.T, target string) string {
	b, _ := newBreaker(t, target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q.mu.Lock()
		q.seen = append(q.seen, r.Clone(t.Context()))
		q.mu.Unlock()
		b.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// without counts the requests of a method that lack a header's value.
func (q *requests) without(method, header, value string) (lacking, of int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.seen {
		if r.Method != method {
			continue
		}
		if of++; r.Header.Get(header) != value {
			lacking++
		}
	}
	return lacking, of
}

// owned is the server's user that stands for an account which owns a bucket.
const owned = "111122223333"

// Every command that opens a lake takes the flags that say how the bucket is
// reached and written; nothing is in the environment.
func TestLakeFlags(t *testing.T) {
	s := start(t)
	p := newProgram(t, "", "")
	config := filepath.Join(t.TempDir(), "credentials")
	check(t, os.WriteFile(config, []byte("[audit]\naws_access_key_id = "+owned+"\naws_secret_access_key = "+secret+"\n"), 0o600))
	p.env = append(p.env, "AWS_SHARED_CREDENTIALS_FILE="+config)
	s.put(t, "lakes", nil)
	s.user(t, owned, secret)
	s.admin(t, "change-bucket-owner", "--bucket", "lakes", "--owner", owned)
	dir := onDisk(t, map[string][]byte{"a.json": []byte(records("111122223333", "eu-west-1", "31", 1, 20))})
	details := filepath.Join(t.TempDir(), "details.json")
	check(t, os.WriteFile(details, []byte(`{"UserDetailList":[{"Path":"/","UserName":"u","UserId":"AIDAEXAMPLE","Arn":"arn:aws:iam::111122223333:user/u","CreateDate":"2026-01-01T00:00:00Z",
"UserPolicyList":[{"PolicyName":"p","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}}]}],"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}`), 0o600))
	q := &requests{}
	const header = "X-Amz-Expected-Bucket-Owner"
	reach := []string{"--profile", "audit", "--endpoint-url", q.listen(t, s.url), "--lake-bucket-owner", owned, "--lake-kms-key", "alias/lake"}
	for _, c := range []struct {
		args []string
		want string // on standard output
	}{
		{[]string{"ingest", dir, "--lake", "s3://lakes/l"}, "20 events"},
		{[]string{"ingest", dir, "--lake", "s3://lakes/l", "--dry-run"}, "Would read 0 objects"},
		{[]string{"iam", "load", details, "--lake", "s3://lakes/l"}, "111122223333"},
		{[]string{"lake", "status", "--lake", "s3://lakes/l", "--region", "us-east-1"}, "20"},
		{[]string{"lake", "verify", "--lake", "s3://lakes/l"}, "0 problems"},
		{[]string{"lake", "compact", "--lake", "s3://lakes/l"}, ""},
		{[]string{"lake", "ddl", "--lake", "s3://lakes/l"}, "s3://lakes/l"},
		{[]string{"lake", "prune", "--lake", "s3://lakes/l", "--before", "2000-01-01"}, ""},
		{[]string{"analyze", "--lake", "s3://lakes/l"}, ""},
		{[]string{"report", "--lake", "s3://lakes/l", "--format", "json"}, "trimtrail."},
		{[]string{"policy", "--all", "--lake", "s3://lakes/l"}, ""},
		{[]string{"explain", "arn:aws:iam::111122223333:user/u", "--lake", "s3://lakes/l"}, ""},
		{[]string{"can", "--iam", "s3://lakes/l", "--principal", "arn:aws:iam::111122223333:user/u", "--action", "s3:GetObject", "--resource", "arn:aws:s3:::b/k"}, "allowed"},
	} {
		q.seen = nil
		out, errs, code := p.run(t, append(c.args, reach...)...)
		if code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d, want %q\n%s%s", c.args, code, c.want, out, errs)
		}
		lacking, gets := q.without("GET", header, owned)
		if lacking > 0 || gets == 0 {
			t.Errorf("%v: %d of %d reads do not name the owner", c.args, lacking, gets)
		}
		for header, value := range map[string]string{header: owned, "X-Amz-Server-Side-Encryption": "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "alias/lake"} {
			if lacking, puts := q.without("PUT", header, value); lacking > 0 {
				t.Errorf("%v: %d of %d writes have no %s", c.args, lacking, puts, header)
			}
		}
	}
	other := []string{"lake", "status", "--lake", "s3://lakes/l", "--profile", "audit", "--endpoint-url", s.url, "--lake-bucket-owner", "444455556666"}
	if _, errs, code := p.run(t, other...); code != 1 || !strings.Contains(errs, "AccessDenied") {
		t.Errorf("a bucket of another account: exit %d\n%s", code, errs)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"lake", "status", "--lake", "l", "--lake-kms-key", "alias/x"}, "are for a lake in a bucket"},
		{[]string{"lake", "status", "--lake", "s3://lakes/l", "--lake-kms-key", "no key"}, "write it as arn:aws:kms:"},
		{[]string{"lake", "status", "--lake", "s3://lakes/l", "--lake-bucket-owner", "me"}, "twelve digits"},
		{[]string{"analyze", "--lake", "s3://lakes/l", "--endpoint-url", "host"}, "write it as https://host:port"},
	} {
		if _, errs, code := p.run(t, c.args...); code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, want %q\n%s", c.args, code, c.want, errs)
		}
	}
}
