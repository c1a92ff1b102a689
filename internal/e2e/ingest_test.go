package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestIngest reads one archive from S3 and from a directory, and then each way
// that a bucket can be wrong.
func TestIngest(t *testing.T) {
	s, p := start(t), newProgram(t, key, secret)
	files := archive()
	s.put(t, "trail", files)
	s.put(t, "bare", nil)
	s.user(t, "AKIANOBODYEXAMPLE", "nobody-secret")
	dirLake, s3Lake := filepath.Join(t.TempDir(), "dir"), filepath.Join(t.TempDir(), "s3")
	fromDir := p.ingest(t, 4, onDisk(t, files), "--lake", dirLake)
	from := func(args ...string) []string { return append(args, "--endpoint-url", s.url) }

	t.Run("the same as from a directory", func(t *testing.T) {
		fromS3 := p.ingest(t, 4, from("s3://trail/", "--lake", s3Lake)...)
		if fromS3 != fromDir || fromS3.Events != archiveEvents || fromS3.Objects.Read != 48 || fromS3.Objects.Quarantined != 1 {
			t.Errorf("from S3 %+v, from the directory %+v", fromS3, fromDir)
		}
		sameRows(t, dirLake, s3Lake)
	})
	t.Run("again", func(t *testing.T) {
		if again := p.ingest(t, 0, from("s3://trail", "--lake", s3Lake)...); again.Objects.Read != 0 || again.Events != 0 || again.Objects.Skipped != 50 {
			t.Errorf("%+v", again)
		}
	})
	t.Run("filters", func(t *testing.T) {
		got := p.ingest(t, 0, from("s3://trail/", "--lake", filepath.Join(t.TempDir(), "l"), "--account", "444455556666", "--region", "us-east-1", "--since", "2026-01-30", "--until", "2026-01-30")...)
		if got.Objects.Read != 4 || got.Events != 80 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("one object", func(t *testing.T) {
		for name := range files {
			if strings.HasSuffix(name, "_x.json.gz") {
				if got := p.ingest(t, 0, from("s3://trail/"+name, "--lake", filepath.Join(t.TempDir(), "l"))...); got.Objects.Read != 1 || got.Events != 40 {
					t.Errorf("%s: %+v", name, got)
				}
				return
			}
		}
	})
	t.Run("dry run", func(t *testing.T) {
		lake := filepath.Join(t.TempDir(), "l")
		out, errs, code := p.run(t, from("ingest", "s3://trail/", "--lake", lake, "--dry-run")...)
		if code != 0 || !strings.HasPrefix(out, "Would read 49 objects, ") || !strings.Contains(out, " LIST and 49 GET requests") {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
	})
	t.Run("a bad line", func(t *testing.T) { overABadLine(t, s, p, dirLake) })
	t.Run("errors", func(t *testing.T) { wrongCalls(t, s, p) })
	t.Run("denied objects", func(t *testing.T) { deniedObjects(t, s, p, fromDir) })
}

// wrongCalls are calls that must fail with one error and one hint.
func wrongCalls(t *testing.T, s *server, p program) {
	nobody := p.as(t, "AKIANOBODYEXAMPLE", "nobody-secret")
	for name, c := range map[string]struct {
		p           program
		args        []string
		error, hint string
	}{
		"an unknown key":  {p.as(t, "AKIAUNKNOWNEXAMPLE", secret), []string{"s3://trail/"}, "list s3://trail/: AWS does not know the access key", "aws configure list"},
		"a wrong secret":  {p.as(t, key, "wrong"), []string{"s3://trail/"}, "list s3://trail/: the secret key does not fit the access key", "aws configure list"},
		"no bucket":       {p, []string{"s3://absent/x"}, "list s3://absent/x: no such bucket", "aws s3 ls"},
		"no objects":      {p, []string{"s3://trail/AWSlogs/"}, "s3://trail/AWSlogs/: no CloudTrail object", "there is s3://trail/AWSLogs/, s3://trail/README.md"},
		"an empty bucket": {p, []string{"s3://bare"}, "s3://bare/: no CloudTrail object", "aws s3 ls s3://bare/"},
		"nothing fits":    {p, []string{"s3://trail/AWSLogs/", "--since", "2030-01-01"}, "s3://trail/AWSLogs/: no CloudTrail object that fits the filters", "without --since"},
		"no right":        {nobody, []string{"s3://trail/"}, "list s3://trail/: access denied (s3:ListBucket on arn:aws:s3:::trail)", "s3:GetObject on arn:aws:s3:::trail/*"},
		"no credentials":  {p.as(t, "", ""), []string{"s3://trail/"}, "open s3://trail/: no AWS credentials (", "--profile"},
		"no profile":      {p, []string{"s3://trail/", "--profile", "audit"}, `open s3://trail/: no AWS profile "audit"`, "aws configure list-profiles"},
		"no server":       {p, []string{"s3://trail/", "--endpoint-url", "http://127.0.0.1:9"}, "list s3://trail/: no connection to 127.0.0.1:9: connect: connection refused", "--endpoint-url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"ingest", "--lake", filepath.Join(t.TempDir(), "l"), "--endpoint-url", s.url}, c.args...)
			out, errs, code := c.p.run(t, args...)
			lines := strings.Split(strings.TrimSpace(errs), "\n")
			if code != 1 || out != "" || len(lines) != 2 || !strings.HasPrefix(lines[0], "trimtrail: error: "+c.error) ||
				!strings.HasPrefix(lines[1], "trimtrail: hint: ") || !strings.Contains(lines[1], c.hint) {
				t.Errorf("exit %d, output %q\n%s", code, out, errs)
			}
		})
	}
}

// deniedObjects: where one object is denied the others count, where all are the
// run ends with one error.
func deniedObjects(t *testing.T, s *server, p program, whole summary) {
	nobody := p.as(t, "AKIANOBODYEXAMPLE", "nobody-secret")
	const who = `"Principal":{"AWS":["AKIANOBODYEXAMPLE"]}`
	list := `{"Effect":"Allow",` + who + `,"Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::trail"]}`
	get := `,{"Effect":"Allow",` + who + `,"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::trail/*"]}`
	deny := `,{"Effect":"Deny",` + who + `,"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::trail/` + broken + `"]}`
	lake := filepath.Join(t.TempDir(), "l")

	s.policy(t, "trail", list)
	_, errs, code := nobody.run(t, "ingest", "s3://trail/", "--lake", lake, "--endpoint-url", s.url)
	if code != 1 || strings.Count(errs, "\n") != 2 || !strings.Contains(errs, "error: no object may be read: read s3://trail/AWSLogs/") || !strings.Contains(errs, "allow s3:GetObject on arn:aws:s3:::trail/*") {
		t.Errorf("all denied: exit %d\n%s", code, errs)
	}
	s.policy(t, "trail", list+get+deny)
	if got := nobody.ingest(t, 4, "s3://trail/", "--lake", lake, "--endpoint-url", s.url); got.Events != whole.Events || got.Objects.Quarantined != 1 {
		t.Errorf("one denied: %+v", got)
	}
	if got := nobody.ingest(t, 4, "s3://trail/", "--lake", lake, "--endpoint-url", s.url); got.Objects.Read != 0 || got.Objects.Quarantined != 1 {
		t.Errorf("still denied: %+v", got)
	}
}

// overABadLine puts a proxy between that throttles every request once, and cuts
// every object once; the lake must be the same.
func overABadLine(t *testing.T, s *server, p program, want string) {
	line := &badLine{to: s.url, seen: map[string]int{}}
	proxy := httptest.NewServer(line)
	defer proxy.Close()
	lake := filepath.Join(t.TempDir(), "l")
	got := p.ingest(t, 4, "s3://trail/", "--lake", lake, "--endpoint-url", proxy.URL)
	if got.Events != archiveEvents || line.throttled < 49 || line.cut < 49 {
		t.Errorf("%+v after %d throttled and %d cut answers", got, line.throttled, line.cut)
	}
	sameRows(t, want, lake)
}

// badLine is an HTTP proxy.
type badLine struct {
	to             string
	mu             sync.Mutex
	seen           map[string]int
	throttled, cut int
}

func (l *badLine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	object := strings.Count(r.URL.Path, "/") > 1
	l.mu.Lock()
	l.seen[r.URL.String()]++
	turn := l.seen[r.URL.String()]
	l.mu.Unlock()
	if turn == 1 {
		l.count(&l.throttled)
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, `<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
		return
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, l.to+r.URL.RequestURI(), nil)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out.Header, out.Host = r.Header, r.Host // both are signed
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	for k, v := range answer.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.StatusCode)
	if object && turn == 2 && answer.StatusCode == http.StatusOK {
		l.count(&l.cut)
		io.CopyN(w, answer.Body, 100)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	io.Copy(w, answer.Body)
}

func (l *badLine) count(n *int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*n++
}
