package analyze

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestOutcomeOf(t *testing.T) {
	for _, c := range []struct {
		code, message string
		tier          Tier
		want          Outcome
	}{
		{"", "", "", OutcomeAllowed},
		{"AccessDenied", "Access Denied", TierCaller, OutcomeDenied},
		{"Client.UnauthorizedOperation", "You are not authorized to perform this operation.", TierCaller, OutcomeDenied},
		{"com.amazonaws.kms#AccessDeniedException", "", TierCaller, OutcomeDenied},
		{"SomethingAccessDeniedNew", "", TierCaller, OutcomeDenied},
		{"ValidationException", "User: x is not authorized to perform: states:StartExecution", TierCaller, OutcomeDenied},
		{"KMS.AccessDeniedException", "", TierDependency, OutcomeFailed},
		{"InvalidCloudWatchLogsRoleArnException", "Access denied. Check the trust relationships for your role.", TierDependency, OutcomeFailed},
		{"Client.AuthFailure", "", TierAuthentication, OutcomeDenied},
		{"ExpiredToken", "", TierAuthentication, OutcomeDenied},
		{"AccessDenied", "IAM user access not activated", TierState, OutcomeDenied},
		{"OptInRequired", "", TierState, OutcomeDenied},
		{"ThrottlingException", "Rate exceeded", "", OutcomeFailed},
		{"LimitExceededException", "", "", OutcomeFailed},
		{"NoSuchBucketPolicy", "The bucket policy does not exist", "", OutcomeFailed},
		{"ClientException", "the token unauthorizedly used", "", OutcomeFailed},
	} {
		e := event.Event{EventName: "X", ErrorCode: c.code, ErrorMessage: c.message}
		if got, tier := OutcomeOf(&e), TierOf(&e); got != c.want || tier != c.tier {
			t.Errorf("%s %q: %s, tier %q; want %s, %q", c.code, c.message, got, tier, c.want, c.tier)
		}
	}
}

func TestFailedSignIn(t *testing.T) {
	e := event.Event{EventName: "ConsoleLogin", ErrorMessage: "Failed authentication", ResponseElements: `{"ConsoleLogin":"Failure"}`}
	if TierOf(&e) != TierAuthentication || OutcomeOf(&e) != OutcomeDenied {
		t.Errorf("%s, %s", TierOf(&e), OutcomeOf(&e))
	}
	e = event.Event{EventName: "ConsoleLogin", ResponseElements: `{"ConsoleLogin":"Success"}`}
	if OutcomeOf(&e) != OutcomeAllowed {
		t.Errorf("a sign-in that worked: %s", OutcomeOf(&e))
	}
}

func TestReadReason(t *testing.T) {
	const who = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\" "
	for _, c := range []struct {
		message string
		want    reason
	}{
		{who + "because no identity-based policy allows the s3:GetObject action", reason{"identity", "implicit", ""}},
		{who + "because no session policy allows the s3:GetObject action", reason{"session", "implicit", ""}},
		{who + "with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1", reason{"scp", "explicit", "arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1"}},
		{who + "with an explicit deny in a resource control policy, with policy ARN: arn:aws:organizations::111122223333:policy/o-1/resource_control_policy/p-2.", reason{"rcp", "explicit", "arn:aws:organizations::111122223333:policy/o-1/resource_control_policy/p-2"}},
		{who + "with an explicit deny in an identity-based policy", reason{"identity", "explicit", ""}},
		{who + "with an explicit\ndeny in a permissions boundary", reason{"boundary", "explicit", ""}},
		{who + "with an explicit deny in a service control policy transitively through a resource-based policy", reason{"scp", "explicit", ""}},
		{who + "with an explicit deny", reason{"", "explicit", ""}},
		{"The request was denied due to a VPC endpoint policy", reason{layer: "endpoint"}},
		{"Not authorized to perform sts:AssumeRoleWithWebIdentity", reason{layer: "trust"}},
		{"User: x is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access", reason{layer: "resource"}},
		{"Access Denied", reason{}}, {"", reason{}}, {"because no", reason{}},
	} {
		if got := readReason(c.message); got != c.want {
			t.Errorf("%q:\n got %+v\nwant %+v", c.message, got, c.want)
		}
	}
}

// sameLayer are the truth's words for what our layers and tiers say otherwise.
var sameLayer = map[string]string{
	"vpce": "endpoint", "unknown": "", "s3-bpa": "resource", "s3-blocked-encryption": "resource", "kms-ambiguous": "resource",
	"passrole": "", "account-setting": "", "dependency-role": "",
}

// TestRealMessages reads messages that AWS's documentation and logs have.
func TestRealMessages(t *testing.T) {
	dir := os.Getenv("TRIMTRAIL_DATA")
	if dir == "" {
		t.Skip("TRIMTRAIL_DATA names no folder with real messages")
	}
	data, err := os.ReadFile(filepath.Join(dir, "truth", "denial_messages.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Message string
		Expect  struct{ Layer, Effect, Policy string }
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got := readReason(c.Message)
		if ours, ok := sameLayer[c.Expect.Layer]; ok {
			c.Expect.Layer = ours
		}
		if c.Expect.Effect == "unknown" {
			c.Expect.Effect = ""
		}
		if got.layer != c.Expect.Layer || c.Expect.Effect != "" && got.effect != c.Expect.Effect {
			t.Errorf("%q:\n got %+v\nwant %+v", c.Message, got, c.Expect)
		}
	}
}
