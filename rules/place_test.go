package rules

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// register knows four networks of the tests.
func register(a netip.Addr) Place {
	for prefix, p := range map[string]Place{
		"198.51.100.0/24": {ASN: 64500, Owner: "Example Office", Country: "DE"},
		"203.0.113.0/24":  {ASN: 64501, Owner: "Example Hosting", Country: "NL"},
		"2001:db8:5::/48": {ASN: 64501, Owner: "Example Hosting", Country: "NL"},
		"192.0.2.0/24":    {Region: "eu-west-1", Service: "EC2"},
	} {
		if netip.MustParsePrefix(prefix).Contains(a) {
			return p
		}
	}
	return Place{}
}

func placed(ps ...analyze.Principal) *Findings {
	return Evaluate(factsOf(ps...), nil, catalog.Default(), Options{Place: register})
}

// signedIn is alice at the console, in Germany and in the Netherlands.
func signedIn(here, there string) scene {
	a := from("198.51.100.7", "198.51.100.0/24", "", "console", back(1, here), back(1, here), 1)
	b := from("203.0.113.9", awayNet, "", "console", back(1, there), back(1, there), 1)
	s := seen(principal(alice, a, b))
	s.place = register
	return s
}

// TestSignInsFromTwoCountries holds when a pair is told, and how gravely.
func TestSignInsFromTwoCountries(t *testing.T) {
	with := func(change func(*scene)) scene { s := signedIn("09:00:00", "09:40:00"); change(&s); return s }
	noMFA := loaded(reported(iam.Credentials{ARN: alice, PasswordEnabled: true})).states
	noMFA[testAccount].Users = []iam.User{{Name: "alice", ARN: alice}}
	for name, c := range map[string]struct {
		scene
		severity Severity
	}{
		"within 40 minutes": {signedIn("09:00:00", "09:40:00"), Medium},
		"the later first":   {signedIn("09:40:00", "09:00:00"), Medium},
		"without MFA":       {with(func(s *scene) { s.states = noMFA }), High},
		"hours apart":       {signedIn("09:00:00", "11:40:00"), ""},
		"one failed":        {with(func(s *scene) { s.facts.Principals[0].Networks[1].Denied = 1 }), ""},
		"not a sign-in":     {with(func(s *scene) { s.facts.Principals[0].Networks[1].Credential = keyOfAlice }), ""},
		"no register":       {with(func(s *scene) { s.place = nil }), ""},
		"on three days": {with(func(s *scene) {
			p := &s.facts.Principals[0]
			for n := 2; n < 4; n++ {
				p.Networks = append(p.Networks, from("198.51.100.7", "198.51.100.0/24", "", "console", back(n, "09:00:00"), back(n, "09:00:00"), 1), from("203.0.113.9", awayNet, "", "console", back(n, "09:30:00"), back(n, "09:30:00"), 1))
			}
		}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			fs := c.evaluate()
			wantOne(t, fs, "TT-A07", c.severity)
			if lacks := slices.Contains(fs.NotEvaluable, "sign-ins from two countries: needs an MMDB file of countries (--mmdb)"); lacks != (name == "no register") {
				t.Errorf("not evaluable: %q", fs.NotEvaluable)
			}
		})
	}
}

// TestOwners holds that a register joins the networks of one owner, names it,
// and parts neighbours that are not of one.
func TestOwners(t *testing.T) {
	there := from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/linux", back(2, "03:00:00"), back(2, "03:10:00"), 5)
	v6 := from("2001:db8:5::9", "2001:db8:5::/48", keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 5)
	nets := append(settled(alice, keyOfAlice, 60, 2), there, v6)
	x := wantOne(t, placed(principal(alice, nets...)), "TT-A03", High)
	if x.Resource != "AS64501 Example Hosting" || !strings.Contains(x.Title, "(AS64501 Example Hosting, NL)") || !strings.Contains(x.Reason, "was in NL before") {
		t.Errorf("%q %q\n%s", x.Resource, x.Title, x.Reason)
	}
	if n := len(ofRule(evaluate(factsOf(principal(alice, nets...)), nil), "TT-A03")); n != 2 {
		t.Errorf("%d findings without a register", n)
	}
	key := func(address, network, agent, first string) analyze.NetworkUse {
		return from(address, network, "ASIAEXAMPLE000000007", agent, back(1, first), back(1, first), 5)
	}
	one := principal(alice, key("203.0.113.9", awayNet, "aws-cli/linux", "09:00:00"), key("2001:db8:5::9", "2001:db8:5::/48", "aws-cli/macos", "09:10:00"))
	wantOne(t, placed(one), "TT-A02", "")
}

// TestOutsideAWS holds that an instance's credentials on an address that is
// not AWS's are graver than on one that is.
func TestOutsideAWS(t *testing.T) {
	use := func(address, network, first string) analyze.NetworkUse {
		u := from(address, network, "ASIAEXAMPLE000000001", "boto3/linux", back(1, first), back(1, first), 9)
		u.Instance, u.Session = true, "i-0aa11bb22cc33dd44"
		return u
	}
	home := use("192.0.2.7", "192.0.2.0/24", "02:00:00")
	x := wantOne(t, placed(principal(worker, home, use("203.0.113.9", awayNet, "12:00:00"))), "TT-A01", High)
	if !strings.Contains(x.Reason, "none of AWS's (AS64501 Example Hosting, NL)") {
		t.Errorf("reason %s", x.Reason)
	}
	wantOne(t, evaluate(factsOf(principal(worker, home, use("203.0.113.9", awayNet, "12:00:00"))), nil), "TT-A01", Medium)
}
