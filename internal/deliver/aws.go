package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// AWS calls one operation of a service by a signed request.
//
// Note: the clients of the SDK for SNS, SES and Security Hub would do the
// same; for one operation each they bring all the others along.
type AWS struct {
	Credentials aws.CredentialsProvider
	Region      string
	EndpointURL string // empty: that of AWS
	Client      *Client
}

// request is one call.
type request struct {
	service, host string // as securityhub, and the first part of the host's name
	path          string
	kind          string // Content-Type
	body          []byte
}

// call makes a request and returns the answer.
func (a AWS) call(ctx context.Context, q request) ([]byte, error) {
	sum := sha256.Sum256(q.body)
	body, err := a.Client.do(ctx, func(ctx context.Context) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.endpoint(q.host)+q.path, bytes.NewReader(q.body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", q.kind)
		c, err := a.Credentials.Retrieve(ctx)
		if err != nil {
			return nil, fmt.Errorf("no AWS credentials: %w", err)
		}
		return req, v4.NewSigner().SignHTTP(ctx, c, req, hex.EncodeToString(sum[:]), q.service, a.Region, time.Now())
	})
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", q.service, a.Region, err)
	}
	return body, nil
}

// endpoint is where the service is (AWS General Reference, seen 2026-11).
func (a AWS) endpoint(host string) string {
	if a.EndpointURL != "" {
		return strings.TrimSuffix(a.EndpointURL, "/")
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(a.Region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return "https://" + host + "." + a.Region + "." + domain
}

// SNS publishes the message to a topic, its subject and text for people.
// Permission: sns:Publish, and kms:GenerateDataKey and kms:Decrypt where the
// topic is encrypted.
type SNS struct {
	AWS
	TopicARN string
}

// Limits of SNS: the subject in characters of ASCII, the message in bytes.
const snsSubject, snsMessage = 99, 256 << 10

// Send implements Target.
func (s SNS) Send(ctx context.Context, p *Parcel) error {
	form := url.Values{
		"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {s.TopicARN},
		"Subject": {asciiOf(p.Message.Subject(), snsSubject)}, "Message": {p.Message.Text()},
	}
	if len(form.Get("Message")) > snsMessage {
		form.Set("Message", form.Get("Message")[:snsMessage-4]+"…")
	}
	if strings.HasSuffix(s.TopicARN, ".fifo") {
		form.Set("MessageGroupId", "trimtrail")
		sum := sha256.Sum256([]byte(p.Key()))
		form.Set("MessageDeduplicationId", hex.EncodeToString(sum[:]))
	}
	_, err := s.call(ctx, request{"sns", "sns", "/", "application/x-www-form-urlencoded; charset=utf-8", []byte(form.Encode())})
	return err
}

// asciiOf replaces what is no printable ASCII, and cuts.
func asciiOf(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(n, len(s))]
}

// SES mails by Amazon SES. Permission: ses:SendEmail on the identity of From.
type SES struct {
	AWS
	Envelope
}

// Send implements Target.
func (s SES) Send(ctx context.Context, p *Parcel) error {
	mail, err := s.compose(p, time.Now())
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"FromEmailAddress": s.From, "Destination": map[string]any{"ToAddresses": s.To},
		"Content": map[string]any{"Raw": map[string]any{"Data": mail}},
	})
	if err != nil {
		return err
	}
	_, err = s.call(ctx, request{"ses", "email", "/v2/email/outbound-emails", "application/json", body})
	return err
}

// SecurityHub imports findings as those of the default product of an account.
// Permission: securityhub:BatchImportFindings on that product.
type SecurityHub struct {
	AWS
	// Account that the credentials are of; findings of other accounts are
	// imported there too, since the default product takes its own only.
	Account string
}

// hubBatch is how many findings BatchImportFindings takes, hubBytes how much
// of them is sent at most (Security Hub API, seen 2026-11: 100, 6 MB).
const hubBatch, hubBytes = 100, 5 << 20

// Send implements Target. Findings that were imported before are updated, so
// that a parcel may be sent again.
func (s SecurityHub) Send(ctx context.Context, p *Parcel) error {
	var batch []json.RawMessage
	size := 0
	flush := func() error {
		err := s.send(ctx, batch)
		batch, size = nil, 0
		return err
	}
	for _, f := range p.Findings {
		own, err := s.adopt(f)
		if err != nil {
			return err
		}
		if len(batch) == hubBatch || size+len(own) > hubBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		batch, size = append(batch, own), size+len(own)
	}
	return flush()
}

// adopt makes a finding one of the account's default product.
func (s SecurityHub) adopt(finding json.RawMessage) (json.RawMessage, error) {
	var f map[string]any
	if err := json.Unmarshal(finding, &f); err != nil {
		return nil, err
	}
	arn, _ := f["ProductArn"].(string)
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return nil, fmt.Errorf("%q is no product of Security Hub", arn)
	}
	if parts[3] != s.Region {
		return nil, fmt.Errorf("a finding is for region %s, the delivery for %s", parts[3], s.Region)
	}
	f["ProductArn"] = fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%s/default", parts[1], s.Region, s.Account, s.Account)
	if of, _ := f["AwsAccountId"].(string); of != s.Account {
		fields, _ := f["ProductFields"].(map[string]any)
		if fields == nil {
			fields = map[string]any{}
		}
		fields["trimtrail/account_id"], f["ProductFields"], f["AwsAccountId"] = of, fields, s.Account
	}
	return json.Marshal(f)
}

func (s SecurityHub) send(ctx context.Context, batch []json.RawMessage) error {
	if len(batch) == 0 {
		return nil
	}
	body, err := json.Marshal(map[string]any{"Findings": batch})
	if err != nil {
		return err
	}
	answer, err := s.call(ctx, request{"securityhub", "securityhub", "/findings/import", "application/json", body})
	if err != nil {
		return err
	}
	var said struct {
		FailedCount    int
		FailedFindings []struct{ Id, ErrorCode, ErrorMessage string }
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return errors.New("securityhub: the answer is no JSON")
	}
	if said.FailedCount == 0 {
		return nil
	}
	why := "no reason given"
	if len(said.FailedFindings) > 0 {
		f := said.FailedFindings[0]
		why = excerpt([]byte(f.Id + ": " + f.ErrorCode + ": " + f.ErrorMessage))
	}
	return fmt.Errorf("securityhub in %s: %d of %d findings were refused: %s", s.Region, said.FailedCount, len(batch), why)
}
