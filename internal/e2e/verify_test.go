package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trimtrail/trimtrail/ingest/digest/chaintest"
)

// trailOf is what the chains of these tests are of.
var trailOf = chaintest.Trail{Account: "111122223333", Region: "eu-west-1", Name: "org_trail", Home: "eu-west-1"}

// tampered are archives of six digests, and what both validators must say of
// them: bad is for both, more for ours alone.
var tampered = []struct {
	name      string
	change    func(a *chaintest.Archive, keys []string)
	bad, more bool
	kind      string // of our first problem
}{
	{"valid", func(*chaintest.Archive, []string) {}, false, false, ""},
	{"hours-without-logs", func(a *chaintest.Archive, k []string) {
		a.Edit(k[5], func(d map[string]any) { d["logFiles"] = []any{} })
		drop(a, a.Logs[k[5]]...)
	}, false, false, ""},
	{"validation-off", func(a *chaintest.Archive, k []string) { a.Chain(trailOf, hour(8), 2, 1) }, false, false, ""},
	{"log-gone", func(a *chaintest.Archive, k []string) { drop(a, a.Logs[k[2]][0]) }, true, false, "missing_log"},
	{"log-changed", func(a *chaintest.Archive, k []string) { put(a, a.Logs[k[2]][0], chaintest.Zip("{}")) }, true, false, "modified_log"},
	{"log-cut", func(a *chaintest.Archive, k []string) { put(a, a.Logs[k[2]][0], a.Files[a.Logs[k[2]][0]].Content[:40]) }, true, false, "bad_format"},
	{"digest-gone", func(a *chaintest.Archive, k []string) { drop(a, k[2]) }, true, false, "missing_digest"},
	{"two-digests-gone", func(a *chaintest.Archive, k []string) { drop(a, k[2], k[3]) }, true, false, "missing_digest"},
	{"first-digest-gone", func(a *chaintest.Archive, k []string) { drop(a, k[0]) }, true, false, "missing_digest"},
	{"digest-changed", func(a *chaintest.Archive, k []string) {
		put(a, k[2], chaintest.Zip(string(chaintest.Unzip(a.Files[k[2]].Content))+" "))
	}, true, false, "bad_signature"},
	{"digest-broken", func(a *chaintest.Archive, k []string) { put(a, k[2], []byte("x")) }, true, false, "bad_format"},
	{"digest-unsigned", func(a *chaintest.Archive, k []string) { a.Files[k[2]] = chaintest.File{Content: a.Files[k[2]].Content} }, true, false, "no_signature"},
	{"digest-by-another-key", func(a *chaintest.Archive, k []string) {
		key, fingerprint := a.Key, a.Fingerprint
		a.Key, a.Fingerprint = chaintest.NewKey(), strings.Repeat("0", 32)
		a.Edit(k[5], func(d map[string]any) { d["digestPublicKeyFingerprint"] = a.Fingerprint })
		a.Key, a.Fingerprint = key, fingerprint
	}, true, false, "unknown_key"},
	{"digest-moved", func(a *chaintest.Archive, k []string) {
		a.Files[strings.Replace(k[5], "0131Z", "0132Z", 1)] = a.Files[k[5]]
		drop(a, k[5])
	}, true, false, "moved"},
	{"backfill", func(a *chaintest.Archive, k []string) { late(a) }, false, false, ""},
	{"backfill-log-gone", func(a *chaintest.Archive, k []string) { drop(a, late(a)) }, true, false, "missing_log"},
	{"newest-gone", func(a *chaintest.Archive, k []string) { drop(a, k[4], k[5]) }, false, true, "missing_newest"},
	{"log-added", func(a *chaintest.Archive, k []string) { a.Log(trailOf, hour(2).Add(30*time.Minute), 9) }, false, true, "unlisted_log"},
	{"log-with-second-member", func(a *chaintest.Archive, k []string) {
		key := a.Logs[k[2]][0]
		put(a, key, append(bytes.Clone(a.Files[key].Content), chaintest.Zip("{}")...))
	}, true, false, "trailing_data"},
	{"digest-with-second-member", func(a *chaintest.Archive, k []string) {
		put(a, k[2], append(bytes.Clone(a.Files[k[2]].Content), chaintest.Zip("{}")...))
	}, false, true, "trailing_data"},
	{"link-to-another-content", func(a *chaintest.Archive, k []string) { a.Edit(k[2], func(d map[string]any) { d["x"] = 1 }) }, false, true, "broken_link"},
	{"hour-left-out", func(a *chaintest.Archive, k []string) {
		a.Digest(trailOf, chaintest.Hour{Start: hour(5).Add(20 * time.Minute), End: hour(6), Previous: k[4], Logs: a.Logs[k[5]]})
	}, false, true, "time_break"},
}

// hour is the moment when the chain is so many hours old.
func hour(n int) time.Time { return time.Date(2026, 1, 30, 20+n, 1, 31, 0, time.UTC) }

func drop(a *chaintest.Archive, keys ...string) {
	for _, k := range keys {
		delete(a.Files, k)
	}
}

func put(a *chaintest.Archive, key string, content []byte) {
	f := a.Files[key]
	f.Content = content
	a.Files[key] = f
}

// late adds a log file that a backfill digest names.
func late(a *chaintest.Archive) string {
	key := a.Log(trailOf, hour(1).Add(40*time.Minute), 9)
	a.Digest(trailOf, chaintest.Hour{Start: hour(1), End: hour(2), Logs: []string{key}, Suffix: "_backfill"})
	return key
}

// TestVerify compares trimtrail with the AWS CLI's validator on the same chains.
func TestVerify(t *testing.T) {
	cli := newAWSCLI(t)
	s, p := start(t), newProgram(t, key, secret)
	keys := keyServer(t, chaintest.New("").PublicKeys())
	p.env = append(p.env, "AWS_ENDPOINT_URL_CLOUDTRAIL="+keys)
	cli.env = append(environment(t, key, secret), "AWS_ENDPOINT_URL_S3="+s.url)
	for _, c := range tampered {
		t.Run(c.name, func(t *testing.T) {
			a := chaintest.New(c.name)
			c.change(a, a.Chain(trailOf, hour(0), 6, 2))
			s.putArchive(t, a)
			end := hour(6)
			if c.name == "validation-off" {
				end = hour(10)
			}
			ours := p.verify(t, "s3://"+c.name+"/", "--endpoint-url", s.url, "--until", end.Format(time.RFC3339))
			theirs := cli.validate(t, keys, c.name, hour(0), end)
			if theirs.bad != c.bad || (len(ours.Problems) > 0) != (c.bad || c.more) {
				t.Errorf("the AWS CLI finds it bad: %v, want %v; ours has %d problems\n%s", theirs.bad, c.bad, len(ours.Problems), theirs.text)
			}
			if c.kind != "" && (len(ours.Problems) == 0 || ours.Problems[0].Kind != c.kind) {
				t.Errorf("ours: %+v, want %s", ours.Problems, c.kind)
			}
			if !c.more && (ours.Digests.Valid != theirs.digests || ours.Logs.Valid != theirs.logs) {
				t.Errorf("ours has %d valid digests and %d valid logs, theirs %d and %d\n%s", ours.Digests.Valid, ours.Logs.Valid, theirs.digests, theirs.logs, theirs.text)
			}
		})
	}
}

// verified is what these tests read of the report.
type verified struct {
	Schema, Status string
	Digests, Logs  struct{ Valid, Invalid, Missing int }
	Problems       []struct{ Kind, Object string }
}

func (p program) verify(t *testing.T, args ...string) verified {
	t.Helper()
	out, errs, code := p.run(t, append([]string{"verify", "--format", "json"}, args...)...)
	var v verified
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Schema != "trimtrail.verify-archive/1" {
		t.Fatalf("verify %q: exit %d\n%s%s", args, code, out, errs)
	}
	if want := map[string]int{"valid": 0, "broken": 1, "not_evaluable": 4}[v.Status]; code != want {
		t.Errorf("verify %q: %s, exit %d", args, v.Status, code)
	}
	return v
}

// putArchive makes a bucket of an archive, with the objects' metadata.
func (s *server) putArchive(t *testing.T, a *chaintest.Archive) {
	t.Helper()
	_, err := s.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &a.Bucket})
	check(t, err)
	for name, f := range a.Files {
		_, err := s.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &a.Bucket, Key: aws.String(name), Body: bytes.NewReader(f.Content),
			Metadata: f.Metadata, ContentType: aws.String("application/json"), ContentEncoding: aws.String("gzip")})
		check(t, err)
	}
}

// keyServer answers ListPublicKeys.
func keyServer(t *testing.T, saved []byte) string {
	t.Helper()
	answer := strings.NewReplacer(`"2020-01-01T00:00:00Z"`, "1577836800", `"2040-01-01T00:00:00Z"`, "2208988800").Replace(string(saved))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPublicKeys") {
			http.Error(w, `{"__type":"UnsupportedOperationException"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// awsCLI is the judge.
type awsCLI struct {
	path string
	env  []string
}

// newAWSCLI finds or installs the AWS CLI; AWSCLI names one, 1.45.12 or later.
func newAWSCLI(t *testing.T) *awsCLI {
	t.Helper()
	if path := os.Getenv("AWSCLI"); path != "" {
		return &awsCLI{path: path}
	}
	dir := filepath.Join(t.TempDir(), "cli")
	for _, args := range [][]string{{"python3", "-m", "venv", dir}, {filepath.Join(dir, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "awscli>=1.45.12,<2"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			skip(t, "no AWS CLI to compare with: %v: %v\n%s", args, err, out)
		}
	}
	return &awsCLI{path: filepath.Join(dir, "bin", "aws")}
}

// judged is what the AWS CLI says.
type judged struct {
	bad           bool
	digests, logs int // valid
	text          string
}

// counted finds `6/6 digest files valid` and its like.
var counted = regexp.MustCompile(`(\d+)/\d+ (backfill digest|digest|log) files valid`)

func (c *awsCLI) validate(t *testing.T, keys, bucket string, from, to time.Time) judged {
	t.Helper()
	cmd := exec.Command(c.path, "cloudtrail", "validate-logs", "--region", trailOf.Region, "--endpoint-url", keys, "--s3-bucket", bucket,
		"--trail-arn", "arn:aws:cloudtrail:"+trailOf.Home+":"+trailOf.Account+":trail/"+trailOf.Name,
		"--start-time", from.Format(time.RFC3339), "--end-time", to.Format(time.RFC3339))
	cmd.Env = c.env
	out, err := cmd.CombinedOutput()
	j := judged{text: string(out), bad: err != nil}
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() > 1 || !strings.Contains(j.text, "Results requested") {
		t.Fatalf("the AWS CLI fails: %v\n%s", err, out)
	}
	for _, m := range counted.FindAllStringSubmatch(j.text, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		if m[2] == "log" {
			j.logs += n
		} else {
			j.digests += n
		}
	}
	return j
}
