package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/trimtrail/trimtrail/internal/lake"
)

// small is an archive whose one large object comes in many pieces.
func small() map[string][]byte {
	files := map[string][]byte{}
	for n := range 4 {
		files[fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/%d/x.json.gz", 10+n)] = zip(records("111122223333", "eu-west-1", "31", n, 40))
	}
	files["AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/31/big.json.gz"] = zip(records("111122223333", "us-east-1", "31", 7, 6000))
	return files
}

// expected ingests an archive from a directory.
func expected(t *testing.T, p program, files map[string][]byte) *lake.Lake {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lake")
	p.ingest(t, 0, onDisk(t, files), "--lake", dir)
	l, err := lake.Open(dir)
	check(t, err)
	return l
}

// The network is bad in each way that toxiproxy knows, for the archive and for
// the lake; the lake is that of a directory.
func TestBadNetwork(t *testing.T) {
	s := start(t)
	p := newProgram(t, key, secret)
	files := small()
	s.put(t, "archive", files)
	s.put(t, "lakes", nil)
	want := expected(t, p, files)
	upstream := strings.TrimPrefix(s.url, "http://")
	for name, toxic := range map[string]string{
		"latency":        `{"type":"latency","attributes":{"latency":40,"jitter":30}}`,
		"narrow":         `{"type":"bandwidth","attributes":{"rate":400}}`,
		"reset":          `{"type":"reset_peer","toxicity":0.3,"attributes":{"timeout":5}}`,
		"reset mid-body": `{"type":"limit_data","toxicity":0.4,"attributes":{"bytes":20000}}`,
		"silence":        `{"type":"timeout","toxicity":0.2,"attributes":{"timeout":400}}`,
		"slow close":     `{"type":"slow_close","attributes":{"delay":300}}`,
		"small pieces":   `{"type":"slicer","attributes":{"average_size":600,"size_variation":500,"delay":10}}`,
		"down":           "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()), name, "127.0.0.1:0", upstream)
			check(t, proxy.Start())
			t.Cleanup(proxy.Stop)
			place := "s3://lakes/" + strings.ReplaceAll(name, " ", "-")
			if toxic != "" {
				_, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic))
				check(t, err)
			} else {
				_, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"type":"latency","attributes":{"latency":60}}`))
				check(t, err)
				time.AfterFunc(400*time.Millisecond, func() { proxy.Stop() })
				time.AfterFunc(1400*time.Millisecond, func() { proxy.Start() })
			}
			got := p.at("http://"+proxy.Listen).ingest(t, 0, "s3://archive/", "--lake", place)
			if got.Objects.Quarantined != 0 || got.Objects.Read != 5 {
				t.Errorf("%+v", got)
			}
			sameLake(t, want, s.bucketLake(t, "lakes", strings.TrimPrefix(place, "s3://lakes/")))
		})
	}
}

// breaker is a proxy that breaks one request of a run, by its number.
type breaker struct {
	mu   sync.Mutex
	seen int
	at   int // from 1; 0: none
	how  string
	next http.Handler
}

func newBreaker(t *testing.T, target string) (*breaker, string) {
	to, err := url.Parse(target)
	check(t, err)
	b := &breaker{next: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, server.URL
}

func (b *breaker) set(at int, how string) (seen int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen, b.seen, b.at, b.how = b.seen, 0, at, how
	return seen
}

func (b *breaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.seen++
	broken, how := b.seen == b.at, b.how
	b.mu.Unlock()
	switch {
	case !broken:
		b.next.ServeHTTP(w, r)
	case how == "before":
		panic(http.ErrAbortHandler)
	case how == "busy":
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
	default: // it is done, but the answer breaks half-way
		answer := httptest.NewRecorder()
		b.next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		body := answer.Body.Bytes()
		if len(body) == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(answer.Code)
		w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
}

// Each request of a run is broken once, in each way: whatever it was for, the
// run ends well, and the lake is that of a directory.
func TestEachRequestBroken(t *testing.T) {
	if testing.Short() {
		t.Skip("a run of the program for each request of one")
	}
	s := start(t)
	p := newProgram(t, key, secret)
	files := small()
	s.put(t, "archive", files)
	s.put(t, "lakes", nil)
	want := expected(t, p, files)
	b, address := newBreaker(t, s.url)
	p = p.at(address)
	b.set(0, "")
	p.ingest(t, 0, "s3://archive/", "--lake", "s3://lakes/whole")
	requests := b.set(0, "")
	t.Logf("%d requests", requests)
	for _, how := range []string{"before", "half-way", "busy"} {
		for n := 1; n <= requests; n++ {
			place := fmt.Sprintf("%s-%d", how, n)
			b.set(n, how)
			p.ingest(t, 0, "s3://archive/", "--lake", "s3://lakes/"+place)
			b.set(0, "")
			sameLake(t, want, s.bucketLake(t, "lakes", place))
		}
	}
}
