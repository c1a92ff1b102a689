package ingest

import (
	"errors"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Versions to come are read, and what is new in them is kept.
func TestLaterVersions(t *testing.T) {
	for _, v := range []string{"1.12", "1.99", "2.0", "3"} {
		record := strings.Replace(rec("a", `"newMember":{"x":[1]}`), `"1.11"`, `"`+v+`"`, 1)
		b := decode(t, doc(record))
		if ids(b) != "a" || b.Events[0].EventVersion != v || b.Events[0].Extra != `{"newMember":{"x":[1]}}` {
			t.Errorf("version %s: %+v %v", v, b.Events, b.Rejected)
		}
	}
}

// Categories stay apart: calls by VPC endpoints have theirs in a column,
// Insights events are no calls, wherever they come from.
func TestCategories(t *testing.T) {
	network := rec("n", `"eventType":"AwsVpceEvent"`, `"eventCategory":"NetworkActivity"`, `"vpcEndpointId":"vpce-1"`, `"vpcEndpointAccountId":"444455556666"`)
	b := decode(t, doc(network))
	if e := b.Events[0]; e.EventCategory != "NetworkActivity" || e.EventType != "AwsVpceEvent" || e.VPCEndpointAccountID != "444455556666" {
		t.Errorf("network activity: %+v", e)
	}
	insight := `{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:00Z","awsRegion":"eu-west-1","eventID":"i","eventType":"AwsCloudTrailInsight","recipientAccountId":"111122223333","sharedEventID":"s","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight"},"eventCategory":"Insight"}`
	b = decode(t, doc(insight, rec("a")))
	if ids(b) != "a!" || b.Rejected[0].Reason != "a CloudTrail Insights event, which is no call" {
		t.Errorf("an Insights event among others: %s %v", ids(b), b.Rejected)
	}
	for _, text := range []string{doc(insight), "[" + insight + "]", `{"detail-type":"AWS Insight via CloudTrail","detail":` + insight + `}`} {
		_, err := Decode(event.Object{}, []byte(text), Limits{})
		var format *FormatError
		if !errors.As(err, &format) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}
