package analyze

import (
	"fmt"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

const (
	account1 = "111122223333"
	alice    = "arn:aws:iam::111122223333:user/alice"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var march = Window{noon.AddDate(0, 0, -1), noon.AddDate(0, 1, 0)}

// by is a call of alice's, n minutes after noon.
func by(n int, source, name string) event.Event {
	at := noon.Add(time.Duration(n) * time.Minute)
	return event.Event{
		AccountID: account1, EventID: fmt.Sprintf("e-%s-%s-%04d", source, name, n), EventTime: at,
		EventSource: source + ".amazonaws.com", EventName: name, AWSRegion: "eu-west-1", EventType: "AwsApiCall",
		IdentityType: "IAMUser", IdentityARN: alice, IdentityAccountID: account1, IdentityUserName: "alice",
		PrincipalID: "AIDAEXAMPLE", AccessKeyID: "AKIAEXAMPLE1", SourceIPAddress: "192.0.2.7", UserAgent: "aws-cli/2.1 Python/3 Linux/5",
		ReadOnly: new(true), Management: new(true), EventCategory: "Management",
	}
}

func denied(e event.Event, message string) event.Event {
	e.ErrorCode, e.ErrorMessage = "AccessDenied", message
	return e
}

func params(e event.Event, json string) event.Event {
	e.RequestParameters = json
	return e
}

func write(e event.Event) event.Event {
	e.ReadOnly = new(false)
	return e
}

func factsOf(t *testing.T, events ...event.Event) *Facts {
	t.Helper()
	a := NewAccumulator(march, catalog.Default())
	for i := range events {
		a.Add(&events[i])
	}
	return a.Facts(time.Time{}, nil, nil)
}

// must is the facts of a principal that has to be there.
func must(t *testing.T, f *Facts, arn string) *Principal {
	t.Helper()
	p := f.Principal(arn)
	if p == nil {
		t.Fatalf("no principal %s", arn)
	}
	return p
}
