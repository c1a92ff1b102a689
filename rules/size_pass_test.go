package rules

import (
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
)

// TestSizeUnknownProfile holds that an instance profile whose role nobody
// knows neither lets the policy pass any role, nor takes the roles that are
// known out of it, nor breaks its proof.
func TestSizeUnknownProfile(t *testing.T) {
	const ec2 = "iam:PassedToService=ec2.amazonaws.com"
	role := "arn:aws:iam::111122223333:role/worker"
	known, unknown := daily(passRole, role), daily(passRole, "arn:aws:iam::111122223333:instance-profile/p")
	for _, rows := range [][]analyze.Usage{known, unknown} {
		for i := range rows {
			rows[i].Implied, rows[i].Condition = true, ec2
		}
	}
	p := sizeOf(t, sizeFacts(known, unknown), nil)
	if got, want := proposedText(p), `"Action":"iam:PassRole","Resource":"`+role+`","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`; !contains(got, want) {
		t.Errorf("proposed\n%s\nwant\n%s", got, want)
	}
	if p.Replay == nil || p.Replay.Denied != 0 || p.Backtest.Denied != 0 || !warned(p, "instance-profile/p was used") {
		t.Errorf("replay %+v, backtest %+v, warnings %q", p.Replay, p.Backtest, p.Warnings)
	}
}
