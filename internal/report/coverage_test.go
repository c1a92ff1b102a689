package report

import (
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
)

func TestCoverageLine(t *testing.T) {
	logged := analyze.Coverage{AccountID: "111122223333", Events: 5, First: asOf, Last: asOf, Regions: []string{"eu-west-1"}, ManagementRead: true, ManagementWrite: true}
	stateOnly := analyze.Coverage{AccountID: "444455556666", HasDetails: true}
	on := day(asOf)
	for _, c := range []struct {
		name string
		cs   []analyze.Coverage
		want string
	}{
		{"nothing", nil, "no account: nothing was ingested for this window"},
		{"logs alone", []analyze.Coverage{logged}, "1 account · 5 events · " + on + " to " + on + " · 1 region · management read+write · no data events · no IAM state · no credential report"},
		{"state of another account", []analyze.Coverage{logged, stateOnly}, "2 accounts · no logs of 444455556666 · 5 events · " + on + " to " + on +
			" · 1 region · management read+write · no data events · no IAM state for 111122223333 · no credential report"},
		{"state alone", []analyze.Coverage{stateOnly}, "1 account · no logs of 444455556666 · IAM state loaded · no credential report"},
	} {
		if got := coverageLine(c.cs); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
