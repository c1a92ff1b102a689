package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// call is an event by user alice of account 111122223333, in us-east-1.
func call(source, name, request string) event.Event {
	return event.Event{
		AccountID: "111122223333", EventID: "e", EventSource: source + ".amazonaws.com", EventName: name, EventType: "AwsApiCall",
		AWSRegion: "us-east-1", RequestParameters: request, IdentityType: "IAMUser", IdentityARN: "arn:aws:iam::111122223333:user/alice",
	}
}

// lines writes uses as "action resource,resource via key=value", one each.
func lines(a Attribution) []string {
	out := []string{}
	for _, u := range a.Actions {
		line := u.Action + " " + strings.Join(u.Resources, ",") + " " + string(u.Via)
		if k := conditionKey(u); k != "" {
			line += " " + k
		}
		out = append(out, line)
	}
	return out
}

func wantLines(t *testing.T, e event.Event, want ...string) {
	t.Helper()
	got := lines(Default().Attribute(&e))
	if !slices.Equal(got, want) {
		t.Errorf("%s %s\n got %s\nwant %s", e.EventSource, e.EventName, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
