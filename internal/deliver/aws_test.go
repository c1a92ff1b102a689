package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

var keys = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "hunter2"}, nil
})

// hubParcel has n findings of two accounts in ASFF.
func hubParcel(n int) *Parcel {
	p := &Parcel{Message: Message{Run: "20260131T120000Z-abcdef", Delivery: "hub"}}
	for i := range n {
		account := []string{"111122223333", "222233334444"}[i%2]
		p.Findings = append(p.Findings, json.RawMessage(fmt.Sprintf(
			`{"Id":"f%d","AwsAccountId":%q,"ProductArn":"arn:aws:securityhub:eu-west-1:%s:product/%s/default"}`, i, account, account, account)))
	}
	return p
}

// hubFinding is what the tests look at of an imported finding.
type hubFinding struct {
	Id, AwsAccountId, ProductArn string
	ProductFields                map[string]string
}

// hubServer takes batches, answers the nth as it is told, and keeps them.
func hubServer(t *testing.T, answer func(n int64) string) (SecurityHub, *[][]hubFinding) {
	var got [][]hubFinding
	address, _ := webServer(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		var in struct{ Findings []hubFinding }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/findings/import" {
			t.Errorf("%s: %v", r.URL, err)
		}
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "/eu-west-1/securityhub/aws4_request") {
			t.Errorf("authorization %q", auth)
		}
		got = append(got, in.Findings)
		io.WriteString(w, answer(n))
	})
	patient := quick()
	patient.Timeout = time.Minute
	return SecurityHub{AWS{keys, "eu-west-1", address, patient}, "111122223333"}, &got
}

// Batches hold a hundred at most, each finding goes once, and all are findings
// of the account of the credentials.
func TestSecurityHubBatches(t *testing.T) {
	for n, want := range map[int]string{0: "[]", 1: "[1]", 100: "[100]", 101: "[100 1]", 250: "[100 100 50]"} {
		h, got := hubServer(t, func(int64) string { return `{"FailedCount":0}` })
		if err := h.Send(t.Context(), hubParcel(n)); err != nil {
			t.Fatal(err)
		}
		sizes := []int{}
		for _, b := range *got {
			sizes = append(sizes, len(b))
		}
		if fmt.Sprint(sizes) != want {
			t.Errorf("%d findings in batches of %v, want %s", n, sizes, want)
		}
		for i, f := range slices.Concat(*got...) {
			of := []string{"", "222233334444"}[i%2]
			if f.Id != fmt.Sprint("f", i) || f.AwsAccountId != "111122223333" || f.ProductArn != "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default" || f.ProductFields["trimtrail/account_id"] != of {
				t.Fatalf("finding %d: %+v", i, f)
			}
		}
	}
}

// Long findings make shorter batches: AWS bounds the request.
func TestSecurityHubBytes(t *testing.T) {
	h, got := hubServer(t, func(int64) string { return `{"FailedCount":0}` })
	p := hubParcel(3)
	for i := range p.Findings {
		p.Findings[i] = json.RawMessage(strings.Replace(string(p.Findings[i]), `{`, `{"Note":"`+strings.Repeat("x", 2<<20)+`",`, 1))
	}
	if err := h.Send(t.Context(), p); err != nil || len(*got) != 2 || len((*got)[0]) != 2 {
		t.Errorf("%d batches, %v", len(*got), err)
	}
}

// What is refused, wholly or in part, is an error: the parcel stays in the outbox.
func TestSecurityHubRefuses(t *testing.T) {
	partly := `{"FailedCount":1,"SuccessCount":99,"FailedFindings":[{"Id":"f7","ErrorCode":"InvalidInput","ErrorMessage":"no Title"}]}`
	for name, c := range map[string]struct {
		answer func(n int64) string
		want   string
	}{
		"a part":               {func(int64) string { return partly }, "1 of 100 findings were refused: f7: InvalidInput: no Title"},
		"a part of the second": {func(n int64) string { return []string{`{}`, partly}[n-1] }, "1 of 50 findings were refused"},
		"without a reason":     {func(int64) string { return `{"FailedCount":100}` }, "100 of 100 findings were refused: no reason given"},
		"by a page":            {func(int64) string { return "<html>" }, "the answer is no JSON"},
	} {
		h, _ := hubServer(t, c.answer)
		if err := h.Send(t.Context(), hubParcel(150)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	h, got := hubServer(t, func(int64) string { return `{}` })
	h.Region = "us-east-1"
	if err := h.Send(t.Context(), hubParcel(1)); err == nil || !strings.Contains(err.Error(), "for region eu-west-1, the delivery for us-east-1") || len(*got) != 0 {
		t.Errorf("another region: %v", err)
	}
}

// Without credentials nothing is sent, and no server is asked.
func TestAWSWithoutCredentials(t *testing.T) {
	address, n := webServer(t, func(int64, http.ResponseWriter, *http.Request) {})
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("expired") })
	err := SNS{AWS{none, "eu-west-1", address, quick()}, "arn:aws:sns:eu-west-1:111122223333:t"}.Send(t.Context(), parcel(t))
	if err == nil || !strings.Contains(err.Error(), "no AWS credentials: expired") || n.Load() != 0 {
		t.Errorf("%v, %d requests", err, n.Load())
	}
}

// A topic gets a subject that SNS takes; a FIFO topic can tell the parcel sent twice.
func TestSNS(t *testing.T) {
	for _, c := range []struct {
		topic string
		fifo  bool
	}{{"arn:aws:sns:eu-west-1:111122223333:team", false}, {"arn:aws:sns:eu-west-1:111122223333:team.fifo", true}} {
		var got []url.Values
		address, _ := webServer(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			got = append(got, r.PostForm)
		})
		s, p := SNS{AWS{keys, "eu-west-1", address, quick()}, c.topic}, parcel(t)
		p.Message.Title = "Müller " + strings.Repeat("x", 200)
		for range 2 {
			if err := s.Send(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		subject := got[0].Get("Subject")
		if got[0].Get("Action") != "Publish" || got[0].Get("TopicArn") != c.topic || !strings.Contains(got[0].Get("Message"), "→ Deactivate it") {
			t.Errorf("form %v", got[0])
		}
		if len(subject) == 0 || len(subject) > 99 || strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("subject %q", subject)
		}
		id := got[0].Get("MessageDeduplicationId")
		if (id != "") != c.fifo || id != got[1].Get("MessageDeduplicationId") || (got[0].Get("MessageGroupId") != "") != c.fifo {
			t.Errorf("%s: ids %q, %q", c.topic, id, got[1].Get("MessageDeduplicationId"))
		}
	}
}

func TestEndpoint(t *testing.T) {
	for _, c := range []struct{ region, url, want string }{
		{"eu-west-1", "", "https://email.eu-west-1.amazonaws.com"},
		{"us-gov-west-1", "", "https://email.us-gov-west-1.amazonaws.com"},
		{"cn-north-1", "", "https://email.cn-north-1.amazonaws.com.cn"},
		{"eu-west-1", "http://127.0.0.1:4566/", "http://127.0.0.1:4566"},
	} {
		if got := (AWS{Region: c.region, EndpointURL: c.url}).endpoint("email"); got != c.want {
			t.Errorf("%s: %s, want %s", c.region, got, c.want)
		}
	}
}
