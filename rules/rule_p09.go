package rules

import (
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP09() Rule {
	return Rule{
		ID: "TT-P09", Title: "Root MFA is software", Severity: Info, Since: "0.1",
		Text:  "The root's MFA device is an app, whose seed can be copied and whose codes can be phished; a security key is proof against both. Told by the list of virtual MFA devices. A root without any MFA is TT-P01.",
		Needs: []string{needsVirtualMFA, "the credential report or the account summary"}, Source: "CIS 1.6; AWS FSBP IAM.6",
		ask: askRootDevice,
	}
}

func askRootDevice(q *inquiry) {
	const check = "the kind of the root's MFA"
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasVirtualMFA {
			q.lack(account, check, needsVirtualMFA)
			continue
		}
		on, known := rootMFA(s)
		if !known {
			q.lack(account, check, needsReport+" or "+needsSummary)
			continue
		}
		for _, d := range s.VirtualMFA {
			if on && isRootDevice(&d) {
				q.find(rootDeviceFinding(s, &d))
			}
		}
	}
}

// isRootDevice goes by whom the device is assigned to, and by the serial
// number that the console gives to the root's.
func isRootDevice(d *iam.VirtualMFA) bool {
	return strings.HasSuffix(d.User, ":root") || strings.HasSuffix(d.Serial, ":mfa/root-account-mfa-device")
}

func rootDeviceFinding(s *iam.State, d *iam.VirtualMFA) Finding {
	f := Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: rootOf(s), Resource: d.Serial,
		Title:    fmt.Sprintf("The root of %s signs in with a virtual MFA device", s.AccountID),
		Reason:   "Its codes come from an app: who copies the seed, or asks for a code on a false page, has the second factor.",
		Evidence: Evidence{Count: 1, First: moment(d.Enabled), State: "virtual_mfa/" + nameOf(d.Serial)},
		Fix:      Fix{Summary: "Sign in as the root, register two security keys (FIDO2) under Security credentials, keep them in different places, then take the virtual device off.", Clears: "no virtual MFA device of the root"},
	}
	if !d.Enabled.IsZero() {
		f.Reason += fmt.Sprintf(" It was set up %s.", dateOf(d.Enabled))
	}
	return f
}
