package catalog

import (
	"strings"
	"testing"
)

func TestObservability(t *testing.T) {
	for action, want := range map[string]string{
		"ec2:RunInstances":    "management events (write), network activity events of ec2.amazonaws.com",
		"iam:ListUsers":       "management events (read)",
		"iam:CreateUser":      "management events (write)",
		"kms:Decrypt":         "management events (read), network activity events of kms.amazonaws.com",
		"KMS:createkey":       "management events (write), network activity events of kms.amazonaws.com",
		"sts:AssumeRole":      "management events (read)",
		"s3:GetObject":        "data events of AWS::S3::Object, network activity events of s3.amazonaws.com",
		"dynamodb:GetRecords": "data events of AWS::DynamoDB::Stream",
		"iam:PassRole":        "never logged",
		"s3:ReplicateObject":  "never logged",
		"nosuch:Thing":        "never logged",
	} {
		if got := Default().Observability(action).String(); got != want {
			t.Errorf("%s: %s, want %s", action, got, want)
		}
	}
	for p := range networkServices {
		if Default().service(p) == nil {
			t.Errorf("%s is no service", p)
		}
	}
	for _, table := range []map[string]string{readOnlyWrites, unmodelled} {
		for p, patterns := range table {
			for _, name := range strings.Fields(patterns) {
				if len(Default().Expand(p+":"+name)) == 0 {
					t.Errorf("%s:%s matches no action", p, name)
				}
			}
		}
	}
}

// TestRealReadOnly holds that the kind of management event follows from the
// action, on public events.
func TestRealReadOnly(t *testing.T) {
	events := realEvents(t)
	c, agree, differ := Default(), 0, map[string]int{}
	for i := range events {
		e := &events[i]
		if e.ReadOnly == nil || needsNone(e) || e.EventCategory != "" && e.EventCategory != "Management" {
			continue
		}
		for _, u := range c.Attribute(e).Actions {
			if o := c.Observability(u.Action); u.Via != ViaName || o.Visibility != Management {
				continue
			} else if o.ReadOnly == *e.ReadOnly {
				agree++
			} else {
				differ[u.Action]++
			}
		}
	}
	n := 0
	for _, k := range differ {
		n += k
	}
	// What differs are examples that people wrote, with false for calls of STS and KMS.
	t.Logf("%d agree, these differ:\n%s", agree, sortedCounts(differ))
	if agree < 5000 || n*1000 > agree {
		t.Errorf("%d agree, %d differ", agree, n)
	}
}

// TestRealVisibility holds that what is seen is not called never logged, and
// lists where the kind of event is another than the one seen.
func TestRealVisibility(t *testing.T) {
	events := realEvents(t)
	c, agree, hidden, other := Default(), 0, map[string]int{}, map[string]int{}
	for i := range events {
		e := &events[i]
		if needsNone(e) || e.EventCategory == "NetworkActivity" {
			continue
		}
		for _, u := range c.Attribute(e).Actions {
			if u.Via == ViaImplied || u.Via == ViaMessage {
				continue
			}
			o := c.Observability(u.Action)
			switch {
			case o.Visibility == Never:
				hidden[u.Action]++
			case e.EventCategory != "" && (e.EventCategory == "Data") != (o.Visibility == Data):
				other[u.Action+" seen as "+e.EventCategory]++
			default:
				agree++
			}
		}
	}
	t.Logf("%d agree; of another kind:\n%s", agree, sortedCounts(other))
	if len(hidden) > 0 {
		t.Errorf("called never logged, but seen:\n%s", sortedCounts(hidden))
	}
}
