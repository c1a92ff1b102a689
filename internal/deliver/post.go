package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/par"
	"github.com/trimtrail/trimtrail/internal/report"
)

// Client sends requests, again where it is worth while, and follows no
// redirect to another host: what is sent is for the one that was named.
type Client struct {
	HTTP *http.Client
	// Tries are how often a request is made at most, Pause how long after the
	// first failure; it doubles.
	Tries   int
	Pause   time.Duration
	Timeout time.Duration // of one try
}

// NewClient is a client with the usual patience: four tries within half a minute or so.
func NewClient() *Client {
	return &Client{HTTP: &http.Client{CheckRedirect: sameHost}, Tries: 4, Pause: 2 * time.Second, Timeout: 20 * time.Second}
}

// longestPause bounds what a server may ask for by Retry-After.
const longestPause = time.Minute

// sameHost allows redirects that keep scheme, host and method.
func sameHost(next *http.Request, before []*http.Request) error {
	first := before[0]
	switch {
	case len(before) > 5:
		return errors.New("more than five redirects")
	case next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme:
		return fmt.Errorf("redirected to another host, %s, which is not followed", next.URL.Host)
	case next.Method != first.Method:
		return http.ErrUseLastResponse // 301 to 303 would lose the message
	}
	return nil
}

// statusError is an answer that says no.
type statusError struct {
	code  int
	text  string
	after time.Duration // as the server asks; 0: it does not
}

func (e *statusError) Error() string {
	s := fmt.Sprintf("answers %d %s", e.code, http.StatusText(e.code))
	if e.text != "" {
		s += ": " + e.text
	}
	return s
}

// again reports whether another try may do better.
func again(err error) bool {
	var s *statusError
	if errors.As(err, &s) {
		return s.code == http.StatusTooManyRequests || s.code == http.StatusRequestTimeout || s.code >= 500
	}
	return !strings.Contains(err.Error(), "which is not followed")
}

// do makes the request until it is answered with 2xx, and returns the answer.
func (c *Client) do(ctx context.Context, build func(context.Context) (*http.Request, error)) ([]byte, error) {
	pause := c.Pause
	for try := 1; ; try++ {
		body, err := c.once(ctx, build)
		if err == nil || ctx.Err() != nil || try >= c.Tries || !again(err) {
			if err != nil && try > 1 {
				err = fmt.Errorf("%w (%d tries)", err, try)
			}
			return body, err
		}
		if err := par.Sleep(ctx, waitAfter(err, pause)); err != nil {
			return nil, err
		}
		pause *= 2
	}
}

// waitAfter is how long to wait after an error: as the server asks, else the pause.
func waitAfter(err error, pause time.Duration) time.Duration {
	var s *statusError
	if errors.As(err, &s) && s.after > 0 {
		return min(s.after, longestPause)
	}
	return pause
}

func (c *Client) once(ctx context.Context, build func(context.Context) (*http.Request, error)) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	req, err := build(ctx)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "trimtrail")
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, plainURL(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, &statusError{resp.StatusCode, excerpt(body), retryAfter(resp.Header.Get("Retry-After"))}
	}
	return body, nil
}

// plainURL takes the address out of an error: its path may be the secret.
func plainURL(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return err
	}
	if errors.Is(u.Err, context.DeadlineExceeded) {
		return errors.New("no answer in time")
	}
	return u.Err
}

func retryAfter(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// excerpt is the beginning of an answer, in one line.
func excerpt(body []byte) string {
	return report.Clean(short(strings.Join(strings.Fields(string(bytes.ToValidUTF8(body, []byte("?")))), " "), 200))
}
