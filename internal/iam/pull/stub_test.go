package pull

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	home   = "111122223333"
	member = "444455556666"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// call is one request as the stub understood it.
type call struct {
	name   string            // as iam:GetAccountSummary
	params map[string]string // of the form, or the strings of the JSON
	key    string            // access key id that signed it
}

// answer is what the stub says to a call; the last of a list is said again and again.
type answer struct {
	status int // 200 where zero
	body   string
	html   bool
}

// stub speaks AWS's protocols: Query with XML for IAM and STS, JSON 1.1 for
// CloudTrail, Organizations and Identity Center.
type stub struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]func(call) answer
	calls   []call
}

func newStub(t *testing.T) *stub {
	s := &stub{answers: map[string]func(call) answer{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	s.on("sts:GetCallerIdentity", xmlAnswer("GetCallerIdentity", `<Arn>arn:aws:iam::`+home+`:user/audit</Arn><UserId>AIDAEXAMPLE</UserId><Account>`+home+`</Account>`))
	return s
}

// on sets the answers to a call, in order.
func (s *stub) on(name string, list ...answer) {
	n := 0
	s.to(name, func(call) answer {
		n++
		return list[min(n, len(list))-1]
	})
}

func (s *stub) to(name string, f func(call) answer) { s.answers[name] = f }

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := read(r)
	s.calls = append(s.calls, c)
	f := s.answers[c.name]
	if f == nil {
		f = func(c call) answer { return denied403(c.name) }
	}
	a := f(c)
	switch {
	case a.html:
		w.Header().Set("Content-Type", "text/html")
	case strings.HasPrefix(a.body, "{"):
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	default:
		w.Header().Set("Content-Type", "text/xml")
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	io.WriteString(w, a.body)
}

// read finds out which call a request is.
func read(r *http.Request) call {
	data, _ := io.ReadAll(r.Body)
	c := call{params: map[string]string{}}
	scope := strings.Split(r.Header.Get("Authorization"), "/")
	if len(scope) > 3 {
		_, c.key, _ = strings.Cut(scope[0], "Credential=")
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		var m map[string]any
		json.Unmarshal(data, &m)
		for k, v := range m {
			c.params[k] = strings.Trim(fmt.Sprint(v), "[]")
		}
		service, op := "organizations", target[strings.LastIndex(target, ".")+1:]
		if strings.Contains(target, "CloudTrail") {
			service = "cloudtrail"
			c.params["region"] = scope[2]
		}
		if strings.HasPrefix(target, "SWBExternalService.") {
			service = "sso"
			c.params["region"] = scope[2]
		}
		c.name = service + ":" + op
		return c
	}
	form, _ := url.ParseQuery(string(data))
	for k := range form {
		c.params[k] = form.Get(k)
	}
	service := "iam"
	if form.Get("Version") == "2011-06-15" {
		service = "sts"
	}
	c.name = service + ":" + form.Get("Action")
	return c
}

// names are the distinct calls so far, sorted.
func (s *stub) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, c := range s.calls {
		out = append(out, c.name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *stub) count(name string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.name == name {
			n++
		}
	}
	return n
}

func xmlAnswer(op, inner string) answer {
	return answer{body: fmt.Sprintf(`<%sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><%sResult>%s</%sResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></%sResponse>`, op, op, inner, op, op)}
}

func xmlError(status int, code, message string) answer {
	return answer{status: status, body: fmt.Sprintf(`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>`, code, message)}
}

func jsonError(status int, code, message string) answer {
	return answer{status: status, body: fmt.Sprintf(`{"__type":%q,"message":%q}`, code, message)}
}

// denied403 is the refusal in the protocol of the call.
func denied403(name string) answer {
	message := "User: arn:aws:iam::" + home + ":user/audit is not authorized to perform: " + name
	if strings.HasPrefix(name, "iam:") || strings.HasPrefix(name, "sts:") {
		return xmlError(403, "AccessDenied", message)
	}
	return jsonError(400, "AccessDeniedException", message)
}

// config reaches the stub alone.
func (s *stub) config() aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")}
}

func (s *stub) options() Options {
	return Options{EndpointURL: s.URL, Pause: time.Millisecond, Patience: 50 * time.Millisecond, MaxBackoff: time.Millisecond}
}

func (s *stub) run(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Run(t.Context(), s.config(), o, noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// missing are the sentences of a result.
func missing(r *Result) []string {
	var out []string
	for _, m := range r.Missing {
		out = append(out, m.String())
	}
	return out
}
