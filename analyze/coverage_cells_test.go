package analyze

import (
	"reflect"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
)

// TestCells holds what is told of each region and kind, from events and from rows alike.
func TestCells(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 5, n, 0, 0, 0, 0, time.UTC) }
	call := func(n int, region, source, name string, readOnly bool) event.Event {
		return event.Event{EventTime: day(n).Add(9 * time.Hour), AccountID: "111122223333", AWSRegion: region, EventSource: source, EventName: name, ReadOnly: &readOnly}
	}
	object := call(4, "eu-west-1", "s3.amazonaws.com", "GetObject", true)
	object.EventCategory = "Data"
	events := []event.Event{
		call(1, "eu-west-1", "ec2.amazonaws.com", "RunInstances", false), call(2, "eu-west-1", "ec2.amazonaws.com", "DescribeInstances", true),
		call(5, "eu-west-1", "ec2.amazonaws.com", "RunInstances", false), object,
		call(3, "us-east-1", "iam.amazonaws.com", "CreateUser", false),
	}
	cell := func(region, category, kind string, first, last, days, covered int) Cell {
		return Cell{region, category, kind, day(first), day(last), days, covered}
	}
	want := []Cell{
		cell("eu-west-1", DataEvent, "AWS::S3::Object", 4, 4, 1, 1), cell("eu-west-1", ManagementRead, "", 2, 2, 1, 1),
		cell("eu-west-1", ManagementWrite, "", 1, 5, 2, 3), cell("us-east-1", ManagementWrite, "", 3, 3, 1, 1),
	}
	w, cat := Window{From: day(1), To: day(9)}, catalog.Default()
	direct, rolled := NewAccumulator(w, cat), NewAccumulator(w, cat)
	for i := range events {
		direct.Add(&events[i])
		r := NewRoller(cat)
		r.Add(&events[i])
		rolled.AddRows(r.Rows("111122223333"))
	}
	for name, a := range map[string]*Accumulator{"events": direct, "rows": rolled} {
		if got := a.Facts(time.Time{}, nil, nil).Coverage[0].Cells; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, want)
		}
	}
}
