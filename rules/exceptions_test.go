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

// oldKeys is a state in which alice and bob have a key that nobody uses.
func oldKeys() map[string]*iam.State {
	key := [2]iam.Key{{Active: true, Rotated: days(400), LastUsed: days(211)}}
	return accountState(reported(iam.Credentials{ARN: alice, Keys: key}), reported(iam.Credentials{ARN: bob, Keys: key}))
}

func TestExceptions(t *testing.T) {
	const reason = "the vendor moves in June"
	for _, c := range []struct {
		name     string
		e        Exception
		left     int
		warnings string
	}{
		{"by name", Exception{Rule: "TT-C01", Principal: "user/alice", Expires: end}, 1, ""},
		{"on its last day", Exception{Rule: "TT-C01", Principal: "alice", Expires: end.Truncate(24 * 3600e9)}, 1, ""},
		{"by pattern", Exception{Rule: "TT-C*", Principal: "arn:aws:iam::*:user/*", Expires: days(-9)}, 0, ""},
		{"by account and resource", Exception{Account: testAccount, Resource: "access key 1", Expires: days(-9)}, 0, ""},
		{"expired", Exception{Rule: "TT-C01", Principal: "user/alice", Expires: days(3), Place: "trimtrail.yaml:9"}, 2,
			"the exception for TT-C01, user/alice (trimtrail.yaml:9) expired on 2026-03-29: 1 finding is shown again"},
		{"expired and gone", Exception{Rule: "TT-C01", Principal: "user/carol", Expires: days(3)}, 2, "the exception for TT-C01, user/carol expired on 2026-03-29: nothing fits it now, it can go"},
		{"of another rule", Exception{Rule: "TT-C02", Principal: "user/alice", Expires: days(-9), Place: "trimtrail.yaml:9"}, 2, "1 exception fit no finding: trimtrail.yaml:9"},
		{"of another account", Exception{Account: "999988887777", Expires: days(-9), Place: "x.yaml:1"}, 2, "1 exception fit no finding: x.yaml:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.e.Reason = reason
			fs := Evaluate(factsOf(), oldKeys(), catalog.Default(), Options{Exceptions: []Exception{c.e}})
			if n := len(ofRule(fs, "TT-C01")); n != c.left || len(fs.Accepted) != 2-c.left {
				t.Errorf("%d findings left, %d accepted", n, len(fs.Accepted))
			}
			for _, a := range fs.Accepted {
				if a.Exception.Reason != reason || a.ID == "" {
					t.Errorf("accepted %+v", a)
				}
			}
			if got := strings.Join(fs.Warnings, "\n"); got != c.warnings {
				t.Errorf("warnings %q, want %q", got, c.warnings)
			}
		})
	}
}

func TestExceptionByFinding(t *testing.T) {
	id := ofRule(evaluate(factsOf(), oldKeys()), "TT-C01")[1].ID
	fs := Evaluate(factsOf(), oldKeys(), catalog.Default(), Options{Exceptions: []Exception{{Finding: id, Expires: end}}})
	if len(fs.Accepted) != 1 || fs.Accepted[0].ID != id {
		t.Errorf("accepted %+v", fs.Accepted)
	}
}

func TestSettings(t *testing.T) {
	fs := Evaluate(factsOf(), oldKeys(), catalog.Default(), Options{
		Severities: map[string]Severity{"TT-C01": Critical},
		Owners:     []Owner{{Principal: "user/a*", Account: "1111*", Owner: "team-a"}, {Principal: "*", Owner: "platform"}},
	})
	found := ofRule(fs, "TT-C01")
	if len(found) != 2 || found[0].Owner != "team-a" || found[1].Owner != "platform" || found[0].Severity != Critical {
		t.Errorf("found %+v", found)
	}
	fs = Evaluate(factsOf(), oldKeys(), catalog.Default(), Options{Disabled: []string{"TT-C01"}})
	if len(ofRule(fs, "TT-C01")) > 0 || !slices.Contains(fs.Warnings, "1 rule switched off: TT-C01") {
		t.Errorf("found %+v, warnings %q", ofRule(fs, "TT-C01"), fs.Warnings)
	}
}

func TestKnownNetworks(t *testing.T) {
	office := []KnownNetwork{{netip.MustParsePrefix("203.0.113.0/28"), "office"}, {netip.MustParsePrefix("198.51.100.0/24"), "VPN"}, {netip.MustParsePrefix("203.0.0.0/16"), "all"}}
	intruder := from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 22)
	intruder.Denied = 18
	key := func(address, network, first string) analyze.NetworkUse {
		return from(address, network, "ASIAEXAMPLE000000007", "aws-cli/linux", back(1, first), back(1, "11:00:00"), 5)
	}
	off := there("203.0.113.9", awayNet, "ASIAEXAMPLE000000002", "curl/linux", 2, "12:00:00", "12:10:00")
	mac := there("203.0.113.9", awayNet, "ASIAEXAMPLE000000002", "aws-cli/macos", 2, "12:00:00", "12:10:00")
	for _, c := range []struct {
		name  string
		rule  string
		p     analyze.Principal
		known []KnownNetwork
		want  Severity
	}{
		{"a new network", "TT-A03", principal(alice, append(settled(alice, keyOfAlice, 60, 2), intruder)...), office[1:2], High},
		{"a new network that is known", "TT-A03", principal(alice, append(settled(alice, keyOfAlice, 60, 2), intruder)...), office, ""},
		{"two networks, one known", "TT-A02", principal(worker, key("198.51.100.7", "198.51.100.0/24", "09:00:00"), key("203.0.113.99", awayNet, "09:30:00")), office[:2], Medium},
		{"two networks, both known", "TT-A02", principal(worker, key("198.51.100.7", "198.51.100.0/24", "09:00:00"), key("203.0.113.9", awayNet, "09:30:00")), office, ""},
		{"an instance elsewhere", "TT-A01", principal(worker, here(2, "08:00:00", "18:00:00", "boto3/linux"), off), nil, High},
		{"an instance behind the office", "TT-A01", principal(worker, here(2, "08:00:00", "18:00:00", "boto3/linux"), off), office, ""},
		{"its key on a Mac in the office", "TT-A01", principal(worker, here(2, "08:00:00", "18:00:00", "boto3/linux"), mac), office, High},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantOne(t, Evaluate(factsOf(c.p), nil, catalog.Default(), Options{Networks: c.known}), c.rule, c.want)
		})
	}
	n := networksOf(factsOf(), office, nil)
	if got := n.known(intruder); got != "office" {
		t.Errorf("the narrowest is %q", got)
	}
	if got := n.known(analyze.NetworkUse{Network: "203.0.0.0/8"}); got != "" {
		t.Errorf("a wider network is %q", got)
	}
}
