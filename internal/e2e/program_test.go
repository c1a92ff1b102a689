package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// program is the built trimtrail with an environment of its own: nothing of the
// user's AWS configuration.
type program struct {
	path string
	env  []string
}

func newProgram(t *testing.T, key, secret string) program {
	t.Helper()
	path, err := build(t, "TRIMTRAIL", "../..", "./cmd/trimtrail")
	check(t, err)
	return program{path, environment(t, key, secret)}
}

func environment(t *testing.T, key, secret string) []string {
	home := t.TempDir()
	env := []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(home, "config"), "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(home, "credentials"),
	}
	if key != "" {
		env = append(env, "AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY="+secret)
	}
	return env
}

// as is the program with other credentials.
func (p program) as(t *testing.T, key, secret string) program {
	return program{p.path, environment(t, key, secret)}
}

// run runs the program and returns what it says and its exit code.
func (p program) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(p.path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// summary is the JSON document of ingest.
type summary struct {
	Schema                                string
	Objects                               struct{ Read, Skipped, Quarantined int }
	Records, Events, Duplicates, Rejected int
	Bytes                                 struct{ Compressed, Raw int }
}

// ingest runs ingest with an exit code and returns its summary.
func (p program) ingest(t *testing.T, code int, args ...string) summary {
	t.Helper()
	out, errs, got := p.run(t, append([]string{"ingest", "--format", "json"}, args...)...)
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil || got != code || s.Schema != "trimtrail.ingest/1" {
		t.Fatalf("ingest %q: exit %d, want %d\n%s%s", args, got, code, out, errs)
	}
	return s
}

// events are the rows of a lake, in its order.
func events(t *testing.T, dir string) []event.Event {
	t.Helper()
	l, err := lake.Open(dir)
	check(t, err)
	var out []event.Event
	for e, err := range l.Events(context.Background(), lake.Query{}) {
		check(t, err)
		out = append(out, *e)
	}
	return out
}

// sameRows compares two lakes row by row.
func sameRows(t *testing.T, a, b string) {
	t.Helper()
	x, y := events(t, a), events(t, b)
	if len(x) == 0 || !reflect.DeepEqual(x, y) {
		t.Errorf("the lakes differ: %d rows and %d", len(x), len(y))
	}
}

func zip(text string) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write([]byte(text))
	z.Close()
	return out.Bytes()
}

// archive is a generated trail: two accounts, two regions, three days, four
// objects of each, delivered in part by a second trail; digests, a broken object
// and one that is no log beside them.
func archive() map[string][]byte {
	files := map[string][]byte{}
	for _, account := range []string{"111122223333", "444455556666"} {
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			for _, day := range []string{"30", "31", "29"} {
				folder := "AWSLogs/" + account + "/CloudTrail/" + region + "/2026/01/" + day + "/"
				for n := range 4 {
					name := fmt.Sprintf("%s_CloudTrail_%s_202601%sT%02d00Z_x.json.gz", account, region, day, n)
					files[folder+name] = zip(records(account, region, day, n/2*2, 40))
				}
				files["AWSLogs/"+account+"/CloudTrail-Digest/"+region+"/2026/01/"+day+"/d.json.gz"] = zip(`{"digestStartTime":"x"}`)
			}
		}
	}
	files[broken] = zip(records("111122223333", "eu-west-1", "31", 90, 400))[:500]
	files["README.md"] = []byte("not a log")
	return files
}

const (
	archiveEvents = 2 * 2 * 3 * 2 * 40 // every object has a twin
	broken        = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/31/broken.json.gz"
)

func records(account, region, day string, object, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"eventVersion":"1.11","eventTime":"2026-01-%sT%02d:%02d:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",
"awsRegion":%q,"eventID":"%s-%s-%s-%d-%d","recipientAccountId":%q,"sourceIPAddress":"192.0.2.7","requestParameters":{"bucketName":"b","key":"%x"}}`,
			day, object%24, i%60, region, account, region, day, object, i, account, i*2654435761)
	}
	return `{"Records":[` + strings.Join(list, ",") + `]}`
}

// onDisk writes files below a new directory.
func onDisk(t *testing.T, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, content, 0o644))
	}
	return root
}
