package deliver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Webhook posts the message as JSON. With a signing secret the receiver can
// tell who sent it and when: Trimtrail-Signature is v1= and the HMAC-SHA256 in
// hex of the timestamp, a dot and the body.
type Webhook struct {
	URL     Secret
	Signing Secret // empty: unsigned
	Token   Secret // for Authorization: Bearer; empty: none
	Client  *Client
}

// Headers of a webhook.
const (
	TimestampHeader = "Trimtrail-Timestamp" // seconds since 1970
	SignatureHeader = "Trimtrail-Signature"
	KeyHeader       = "Idempotency-Key"
)

// Send implements Target.
func (w Webhook) Send(ctx context.Context, p *Parcel) error {
	body, err := json.Marshal(p.Message)
	if err != nil {
		return err
	}
	return w.post(ctx, body, p.Key())
}

func (w Webhook) post(ctx context.Context, body []byte, key string) error {
	_, err := w.Client.do(ctx, func(ctx context.Context) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(w.URL), bytes.NewReader(body))
		if err != nil {
			return nil, plainURL(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(KeyHeader, key)
		if w.Token != "" {
			req.Header.Set("Authorization", "Bearer "+string(w.Token))
		}
		if w.Signing != "" {
			at := strconv.FormatInt(time.Now().Unix(), 10)
			req.Header.Set(TimestampHeader, at)
			req.Header.Set(SignatureHeader, Sign(w.Signing, at, body))
		}
		return req, nil
	})
	if err != nil {
		return scrub(fmt.Errorf("post to %s: %w", hostOf(w.URL), err), w.URL, w.Signing, w.Token)
	}
	return nil
}

// Sign is the value of SignatureHeader.
func Sign(secret Secret, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(timestamp + "."))
	h.Write(body)
	return "v1=" + hex.EncodeToString(h.Sum(nil))
}

// hostOf is as much of an address as may be told.
func hostOf(address Secret) string {
	u, err := url.Parse(string(address))
	if err != nil || u.Host == "" {
		return "an address that is no URL"
	}
	return u.Host
}

// Slack posts the message as text to a webhook of Slack, or of what speaks as it does.
type Slack struct {
	URL    Secret
	Client *Client
}

// Send implements Target.
func (s Slack) Send(ctx context.Context, p *Parcel) error {
	body, err := json.Marshal(map[string]string{"text": p.Message.lines(slackSafe, "*")})
	if err != nil {
		return err
	}
	return Webhook{URL: s.URL, Client: s.Client}.post(ctx, body, p.Key())
}

// slackSafe keeps text from becoming a link, a mention or markup
// (Slack's "Formatting text for app surfaces", seen 2026-11).
func slackSafe(s string) string {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	return strings.NewReplacer("*", "∗", "`", "'", "~", "∼", "@here", "@ here", "@channel", "@ channel", "@everyone", "@ everyone").Replace(s)
}
