package deliver

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// quick is a client without patience.
func quick() *Client {
	c := NewClient()
	c.Pause, c.Timeout = time.Millisecond, 200*time.Millisecond
	return c
}

func parcel(t *testing.T) *Parcel {
	t.Helper()
	p, _ := pack(t, model(nil, finding("a", rules.Critical)), Packing{Files: []File{{"report.html", "text/html; charset=utf-8", []byte("<p>" + strings.Repeat("x", 300))}}})
	return p
}

// webServer answers with what handle says, and counts.
func webServer(t *testing.T, handle func(n int64, w http.ResponseWriter, r *http.Request)) (string, *atomic.Int64) {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(n.Add(1), w, r) }))
	t.Cleanup(s.Close)
	return s.URL, &n
}

func TestWebhook(t *testing.T) {
	p, other := parcel(t), "http://203.0.113.1/"
	for _, c := range []struct {
		name   string
		handle func(n int64, w http.ResponseWriter, r *http.Request)
		tries  int64
		want   string // of the error
	}{
		{"takes it", func(int64, http.ResponseWriter, *http.Request) {}, 1, ""},
		{"fails twice", func(n int64, w http.ResponseWriter, _ *http.Request) {
			if n < 3 {
				w.WriteHeader(503)
			}
		}, 3, ""},
		{"fails always", func(_ int64, w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\nroom", 500) }, 4, "answers 500 Internal Server Error: no room (4 tries)"},
		{"says no", func(_ int64, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, 1, "answers 403 Forbidden"},
		{"is busy", func(n int64, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(429)
			}
		}, 2, ""},
		{"stalls", func(n int64, w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, 4, "no answer in time (4 tries)"},
		{"hangs up", func(n int64, w http.ResponseWriter, _ *http.Request) {
			c, _, _ := http.NewResponseController(w).Hijack()
			c.Close()
		}, 4, "EOF"},
		{"redirects to another host", func(_ int64, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other)
			w.WriteHeader(307)
		}, 1, "redirected to another host, 203.0.113.1, which is not followed"},
		{"redirects on itself", func(n int64, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				http.Redirect(w, r, "/there", http.StatusPermanentRedirect)
			} else if r.Method != "POST" || r.ContentLength == 0 || r.Header.Get(SignatureHeader) == "" {
				w.WriteHeader(400)
			}
		}, 2, ""},
		{"would lose the message", func(_ int64, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there", http.StatusFound) }, 1, "answers 302 Found"},
		{"goes in circles", func(_ int64, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}, 24, "more than five redirects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url, n := webServer(t, c.handle)
			err := Webhook{URL: Secret(url + "/hook/t0psecret"), Signing: "s1gning", Token: "t0ken", Client: quick()}.Send(t.Context(), p)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if n.Load() != c.tries {
				t.Errorf("%d tries, want %d", n.Load(), c.tries)
			}
		})
	}
}

func TestWebhookIsSigned(t *testing.T) {
	url, _ := webServer(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		at := r.Header.Get(TimestampHeader)
		var m Message
		if err := json.Unmarshal(body, &m); err != nil || m.Schema != MessageSchema || len(m.New) != 1 {
			t.Errorf("%v %s", err, body)
		}
		if r.Header.Get(SignatureHeader) != Sign("s1gning", at, body) || r.Header.Get(SignatureHeader) == Sign("other", at, body) {
			t.Errorf("signature %s", r.Header.Get(SignatureHeader))
		}
		if r.Header.Get("Authorization") != "Bearer t0ken" || r.Header.Get(KeyHeader) != "20260131T120000Z-abcdef/team" {
			t.Errorf("header %v", r.Header)
		}
	})
	if err := (Webhook{URL: Secret(url), Signing: "s1gning", Token: "t0ken", Client: quick()}).Send(t.Context(), parcel(t)); err != nil {
		t.Error(err)
	}
	// printf '1.body' | openssl dgst -sha256 -hmac key
	if got := Sign("key", "1", []byte("body")); got != "v1=91b5374b153842ad05b2c4eab9349b8321b14703165bd3fb8b034dfb8be98ae5" {
		t.Errorf("signature %s", got)
	}
}

// What a server answers, and what the network says, may repeat the secret.
func TestErrorsHideSecrets(t *testing.T) {
	url, _ := webServer(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no hook "+r.Host+r.URL.Path+" for "+r.Header.Get("Authorization"), 404)
	})
	for _, address := range []string{url + "/t0psecret", "http://127.0.0.1:1/t0psecret", "http://no such host/t0psecret", "ftp://127.0.0.1/t0psecret", "http://%zz/t0psecret", "http://[::1/t0psecret"} {
		for name, target := range map[string]Target{"webhook": Webhook{URL: Secret(address), Token: "t0ken", Client: quick()}, "slack": Slack{URL: Secret(address), Client: quick()}} {
			err := target.Send(t.Context(), parcel(t))
			if err == nil || strings.Contains(err.Error(), "t0ken") || strings.Contains(err.Error(), address) || strings.Contains(strings.Replace(err.Error(), "/t0psecret for", "", 1), "t0psecret") {
				t.Errorf("%s to %s: %v", name, address, err)
			}
		}
	}
}

func TestDirectory(t *testing.T) {
	dir, p := t.TempDir(), parcel(t)
	for range 2 { // again is no harm
		if err := (Directory{dir}).Send(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"2026/01/31/20260131T120000Z-abcdef/report.html", "latest/report.html"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != string(p.Files[0].Data) {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
}

// smtpServer is a small server: greeting, EHLO, STARTTLS, AUTH PLAIN, one mail.
type smtpServer struct {
	tls     *tls.Config
	refuse  string // the command that gets 550
	bad     string // the recipient that gets 550
	stall   bool
	noTLS   bool
	first   bool // TLS from the first byte on
	mails   chan string
	logins  chan string
	address *net.TCPAddr
}

func (s *smtpServer) start(t *testing.T) *smtpServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s.address, s.mails, s.logins = l.Addr().(*net.TCPAddr), make(chan string, 9), make(chan string, 9)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *smtpServer) serve(c net.Conn) {
	defer c.Close()
	if s.stall {
		io.Copy(io.Discard, c)
		return
	}
	if s.first {
		c = tls.Server(c, s.tls)
	}
	r, secure := bufio.NewReader(c), s.first
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	say("220 mail.example.com")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		switch {
		case verb == s.refuse, s.bad != "" && strings.Contains(line, s.bad):
			text := "550 not here: " + strings.TrimSpace(line) // some repeat what they were told
			if verb == "AUTH" {
				text += " hunter2"
			}
			say(text)
		case verb == "EHLO" && !secure && !s.noTLS:
			say("250-mail.example.com\r\n250 STARTTLS")
		case verb == "EHLO":
			say("250-mail.example.com\r\n250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go on")
			c = tls.Server(c, s.tls)
			r, secure = bufio.NewReader(c), true
		case verb == "AUTH":
			s.logins <- strings.TrimSpace(line)
			say("235 welcome")
		case verb == "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(l, "."))
			}
			s.mails <- b.String()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// certificate is one for 127.0.0.1 with the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *tls.Config) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}

func TestSMTP(t *testing.T) {
	server, client := certificate(t)
	send := func(s *smtpServer, o SMTP) error {
		s.tls = server
		s.start(t)
		o.Envelope, o.Host, o.Port, o.Timeout = Envelope{"Trimtrail <trimtrail@example.com>", []string{"security@example.com", "data@example.com"}}, "127.0.0.1", s.address.Port, 500*time.Millisecond
		return o.Send(t.Context(), parcel(t))
	}
	s := &smtpServer{}
	if err := send(s, SMTP{User: "u", Password: "hunter2", Config: client}); err != nil {
		t.Fatal(err)
	}
	if login := <-s.logins; login != "AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00u\x00hunter2")) {
		t.Errorf("login %q", login)
	}
	readMail(t, <-s.mails)
	s = &smtpServer{first: true}
	if err := send(s, SMTP{TLS: "implicit", User: "u", Password: "hunter2", Config: client}); err != nil {
		t.Fatal("implicit TLS: ", err)
	}
	readMail(t, <-s.mails)
	s = &smtpServer{bad: "<data@example.com>"}
	if err := send(s, SMTP{Config: client}); err == nil || !strings.Contains(err.Error(), "to data@example.com: 550") || len(s.mails) != 0 {
		t.Errorf("one of two recipients refused: %v, %d mails", err, len(s.mails))
	}
	for name, c := range map[string]struct {
		server smtpServer
		o      SMTP
		want   string
	}{
		"a certificate of nobody":  {smtpServer{}, SMTP{}, "certificate"},
		"implicit TLS, none there": {smtpServer{}, SMTP{TLS: "implicit", Config: client}, "TLS"},
		"a foreign certificate":    {smtpServer{first: true}, SMTP{TLS: "implicit"}, "certificate"},
		"no TLS":                   {smtpServer{noTLS: true}, SMTP{Config: client}, "offers no STARTTLS"},
		"a stall":                  {smtpServer{stall: true}, SMTP{}, "no answer in time"},
		"a refused recipient":      {smtpServer{refuse: "RCPT"}, SMTP{Config: client}, "to security@example.com: 550"},
		"a refused mail":           {smtpServer{refuse: "DATA"}, SMTP{Config: client}, "550"},
		"a refused login":          {smtpServer{refuse: "AUTH"}, SMTP{User: "u", Password: "hunter2", Config: client}, "log in as u"},
	} {
		if err := send(&c.server, c.o); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), base64.StdEncoding.EncodeToString([]byte("\x00u\x00hunter2"))) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// readMail reads a mail as a mail program does.
func readMail(t *testing.T, text string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "trimtrail: 1 finding (1 critical)" {
		t.Errorf("subject %q %v", subject, err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	body, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if words, err := io.ReadAll(body); err != nil || !strings.Contains(string(words), "→ Deactivate it") {
		t.Errorf("text %q %v", words, err)
	}
	file, err := parts.NextPart()
	if err != nil || file.FileName() != "report.html" {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, file)); err != nil || len(data) != 303 {
		t.Errorf("%d bytes of the report, %v", len(data), err)
	}
}

func TestWaitAfter(t *testing.T) {
	for _, c := range []struct {
		err  error
		want time.Duration
	}{
		{io.EOF, time.Second},
		{&statusError{code: 503}, time.Second},
		{&statusError{code: 429, after: 7 * time.Second}, 7 * time.Second},
		{fmt.Errorf("once more: %w", &statusError{code: 503, after: time.Hour}), time.Minute},
	} {
		if got := waitAfter(c.err, time.Second); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
	if got := retryAfter("120"); got != 2*time.Minute {
		t.Errorf("Retry-After of 120: %s", got)
	}
}

// A redirect from TLS to none is one to another place.
func TestSameHost(t *testing.T) {
	request := func(url string) *http.Request { return httptest.NewRequest("POST", url, nil) }
	first := []*http.Request{request("https://hooks.example.com/a")}
	for url, ok := range map[string]bool{"https://hooks.example.com/b": true, "http://hooks.example.com/a": false, "https://hooks.example.com:8443/a": false, "https://example.com/a": false} {
		if err := sameHost(request(url), first); (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
}
