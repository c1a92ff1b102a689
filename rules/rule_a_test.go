package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const (
	instance = "i-0a1b2c3d4e5f60718"
	homeNet  = "192.0.2.0/24"
	awayNet  = "203.0.113.0/24"
)

// here and there are uses of the instance's credentials at its own place and elsewhere.
func here(days int, first, last, agent string) analyze.NetworkUse {
	return onInstance(from("192.0.2.20", homeNet, "ASIAEXAMPLE000000001", agent, back(days, first), back(days, last), 20), instance)
}

func there(address, network, key, agent string, days int, first, last string) analyze.NetworkUse {
	return onInstance(from(address, network, key, agent, back(days, first), back(days, last), 2), instance)
}

func TestInstanceCredentials(t *testing.T) {
	const ownKey, otherKey = "ASIAEXAMPLE000000001", "ASIAEXAMPLE000000002"
	cases := []struct {
		name     string
		nets     []analyze.NetworkUse
		others   []analyze.Principal
		severity Severity
	}{
		{"at home", []analyze.NetworkUse{here(2, "08:00:00", "18:00:00", "boto3/linux")}, nil, ""},
		{"another network in between", []analyze.NetworkUse{here(2, "08:00:00", "18:00:00", "boto3/linux"), there("203.0.113.77", awayNet, otherKey, "boto3/linux", 2, "12:00:00", "12:10:00")}, nil, High},
		{"another system after it", []analyze.NetworkUse{here(2, "08:00:00", "09:00:00", "boto3/linux"), there("203.0.113.77", awayNet, otherKey, "aws-cli/macos", 2, "12:00:00", "12:10:00")}, nil, High},
		{"the key moved with the software", []analyze.NetworkUse{here(2, "08:00:00", "09:00:00", "boto3/linux"), there("203.0.113.77", awayNet, ownKey, "boto3/linux", 2, "12:00:00", "12:10:00")}, nil, Medium},
		{"stopped and started: new address, new key, same software", []analyze.NetworkUse{here(2, "08:00:00", "09:00:00", "boto3/linux"), there("203.0.113.77", awayNet, otherKey, "boto3/linux", 2, "12:00:00", "12:10:00")}, nil, ""},
		{"a VPC endpoint beside", []analyze.NetworkUse{here(2, "08:00:00", "18:00:00", "boto3/linux"), there("10.0.0.5", "vpce-0a1b2c3d", ownKey, "boto3/linux", 2, "12:00:00", "12:10:00")}, nil, ""},
		{"a private address beside", []analyze.NetworkUse{here(2, "08:00:00", "18:00:00", "boto3/linux"), there("10.0.0.5", "private", ownKey, "boto3/linux", 2, "12:00:00", "12:10:00")}, nil, ""},
		{"a private address where a person works", []analyze.NetworkUse{here(2, "08:00:00", "18:00:00", "amazon-ssm-agent/linux"), there("192.168.10.20", "private", otherKey, "aws-sdk-go-v2/linux", 2, "08:00:06", "08:00:06")},
			[]analyze.Principal{principal(bob, from("192.168.10.20", "private", "AKIAEXAMPLEBOB000001", "terraform/linux", back(2, "07:00:00"), back(2, "19:00:00"), 2000))}, High},
		{"a network that other instances leave by", []analyze.NetworkUse{here(2, "08:00:00", "18:00:00", "boto3/linux"), there("203.0.113.77", awayNet, otherKey, "boto3/linux", 2, "12:00:00", "12:10:00")},
			[]analyze.Principal{principal("arn:aws:iam::111122223333:role/web", onInstance(from("203.0.113.5", awayNet, "ASIAEXAMPLE000000003", "boto3/linux", back(3, "01:00:00"), back(3, "02:00:00"), 5), "i-0000000000000001"),
				onInstance(from("203.0.113.5", awayNet, "ASIAEXAMPLE000000004", "boto3/linux", back(3, "01:00:00"), back(3, "02:00:00"), 5), "i-0000000000000002"))}, ""},
		{"a Mac among Linux instances", []analyze.NetworkUse{there("203.0.113.77", awayNet, otherKey, "aws-cli/macos", 2, "12:00:00", "12:10:00"),
			onInstance(from("192.0.2.20", homeNet, ownKey, "boto3/linux", back(2, "08:00:00"), back(2, "18:00:00"), 3), "i-0000000000000009")}, nil, High},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := factsOf(append([]analyze.Principal{principal(worker, c.nets...)}, c.others...)...)
			x := wantOne(t, evaluate(f, nil), "TT-A01", c.severity)
			if c.severity != "" && (x.Resource != instance || !slices.Contains(x.Evidence.Addresses, c.nets[len(c.nets)-1].Addresses[0]) && !strings.Contains(x.Title, "Mac")) {
				t.Errorf("finding is of %s, %v", x.Resource, x.Evidence.Addresses)
			}
		})
	}
}

func TestInstanceIncidentTellsAll(t *testing.T) {
	away := there("203.0.113.77", awayNet, "ASIAEXAMPLE000000002", "kali/linux", 2, "12:00:00", "12:10:00")
	away.Count, away.Denied = 13, 5
	f := factsOf(principal(worker, here(2, "08:00:00", "18:00:00", "boto3/linux"), away))
	for i, a := range []string{"ec2:DescribeInstances", "iam:ListUsers", "rds:DescribeDBInstances", "s3:ListAllMyBuckets", "iam:CreateUser"} {
		f.Denials = append(f.Denials, refusedCall(worker, a, back(2, fmt.Sprintf("12:0%d:00", i)), func(d *analyze.Denial) { d.Addresses = []string{"203.0.113.77"} }))
	}
	fs := evaluate(f, nil)
	x := wantOne(t, fs, "TT-A01", Critical)
	for _, want := range []string{"(5 refused)", "iam:CreateUser", "Kali Linux"} {
		if !strings.Contains(x.Reason, want) {
			t.Errorf("no %q in %s", want, x.Reason)
		}
	}
	for _, r := range []string{"TT-A04", "TT-D01", "TT-D05"} {
		wantOne(t, fs, r, "")
	}
}

func TestTemporaryKey(t *testing.T) {
	use := func(address, network, agent, first, last string) analyze.NetworkUse {
		return from(address, network, "ASIAEXAMPLE000000007", agent, back(1, first), back(1, last), 5)
	}
	split := func(arn string) analyze.Principal {
		return principal(arn, from("198.51.100.1", "198.51.100.0/24", "ASIAEXAMPLE0000000"+arn[len(arn)-2:], "x/linux", back(9, "09:00:00"), back(9, "10:00:00"), 1),
			from("203.0.113.1", awayNet, "ASIAEXAMPLE0000000"+arn[len(arn)-2:], "x/linux", back(9, "15:00:00"), back(9, "16:00:00"), 1))
	}
	cases := []struct {
		name     string
		nets     []analyze.NetworkUse
		others   []analyze.Principal
		severity Severity
	}{
		{"in turn, other system", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "terraform/linux", "09:00:00", "10:00:00"), use("203.0.113.9", awayNet, "aws-cli/macos", "09:30:00", "09:40:00")}, nil, High},
		{"in turn, same system", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "aws-cli/linux", "09:00:00", "10:00:00"), use("203.0.113.9", awayNet, "aws-cli/linux", "09:30:00", "09:40:00")}, nil, Medium},
		{"hours apart", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "aws-cli/linux", "09:00:00", "10:00:00"), use("203.0.113.9", awayNet, "aws-cli/linux", "14:30:00", "14:40:00")}, nil, ""},
		{"one owner", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "aws-cli/linux", "09:00:00", "10:00:00"), use("198.51.7.9", "198.51.7.0/24", "aws-cli/linux", "09:30:00", "09:40:00")}, nil, ""},
		{"IPv4 and IPv6", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "aws-cli/linux", "09:00:00", "10:00:00"), use("2001:db8::1", "2001:db8::/48", "aws-cli/linux", "09:30:00", "09:40:00")}, nil, ""},
		{"a split VPN", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "aws-cli/linux", "09:00:00", "10:00:00"), use("203.0.113.9", awayNet, "aws-cli/linux", "09:30:00", "09:40:00")},
			[]analyze.Principal{split("arn:aws:iam::111122223333:user/u1"), split("arn:aws:iam::111122223333:user/u2")}, ""},
		{"the console", []analyze.NetworkUse{use("198.51.100.7", "198.51.100.0/24", "console", "09:00:00", "10:00:00"), use("203.0.113.9", awayNet, "console", "09:30:00", "09:40:00")}, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantOne(t, evaluate(factsOf(append([]analyze.Principal{principal(worker, c.nets...)}, c.others...)...), nil), "TT-A02", c.severity)
		})
	}
	lambda := principal(worker, cases[1].nets...)
	lambda.AssumedBy = []string{"lambda.amazonaws.com"}
	wantOne(t, evaluate(factsOf(lambda), nil), "TT-A02", "")
}

// settled is a user on one network on each of n days that end d days ago.
func settled(arn, key string, n, d int) []analyze.NetworkUse {
	var out []analyze.NetworkUse
	for i := range n {
		out = append(out, from("198.51.100.7", "198.51.100.0/24", key, "terraform/linux", back(d+n-i, "09:00:00"), back(d+n-i, "17:00:00"), 50))
	}
	return out
}

func TestNewNetwork(t *testing.T) {
	intruder := from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 22)
	intruder.Denied = 18
	quiet := from("203.0.113.9", awayNet, keyOfAlice, "terraform/linux", back(1, "03:00:00"), back(1, "03:10:00"), 22)
	var roaming []analyze.NetworkUse
	for i := range 40 {
		roaming = append(roaming, from(fmt.Sprintf("203.%d.113.9", i), fmt.Sprintf("203.%d.113.0/24", i), keyOfAlice, "terraform/linux", back(50-i, "09:00:00"), back(50-i, "10:00:00"), 9))
	}
	var moved []analyze.NetworkUse
	for i := range 8 {
		moved = append(moved, from("203.0.113.9", awayNet, keyOfAlice, "terraform/linux", back(9-i, "09:00:00"), back(9-i, "17:00:00"), 50))
	}
	var colleagues []analyze.Principal
	for i := range 6 {
		colleagues = append(colleagues, principal(fmt.Sprintf("arn:aws:iam::111122223333:user/c%d", i), from("203.0.113.9", awayNet, fmt.Sprintf("AKIAEXAMPLE00000000%d", i), "terraform/linux", back(1, "03:00:00"), back(1, "09:00:00"), 9)))
	}
	cases := []struct {
		name     string
		nets     []analyze.NetworkUse
		others   []analyze.Principal
		severity Severity
	}{
		{"an intruder after 60 days", append(settled(alice, keyOfAlice, 60, 2), intruder), nil, High},
		{"the same software, nothing refused", append(settled(alice, keyOfAlice, 60, 0), quiet), nil, Medium},
		{"the same, and nothing at its own place", append(settled(alice, keyOfAlice, 60, 1), quiet), nil, Info},
		{"eight days of history", append(settled(alice, keyOfAlice, 8, 2), intruder), nil, Info},
		{"two days of history", append(settled(alice, keyOfAlice, 2, 2), intruder), nil, ""},
		{"one who is always elsewhere", append(roaming, quiet), nil, ""},
		{"it came to stay", append(settled(alice, keyOfAlice, 60, 10), moved...), nil, ""},
		{"a new way out of the office", append(settled(alice, keyOfAlice, 60, 2), quiet), colleagues, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fs := evaluate(factsOf(append([]analyze.Principal{principal(alice, c.nets...)}, c.others...)...), nil)
			x := wantOne(t, fs, "TT-A03", c.severity)
			if c.severity != "" && !strings.Contains(x.Reason, "never used before") {
				t.Errorf("the cause is not told: %s", x.Reason)
			}
		})
	}
}

// Doubling the traffic of every day must not change who is suspected.
func TestNewNetworkCountsDays(t *testing.T) {
	nets := append(settled(alice, keyOfAlice, 60, 2), from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 22))
	before := evaluate(factsOf(principal(alice, nets...)), nil)
	for i := range nets[:60] {
		nets[i].Count *= 10
	}
	after := evaluate(factsOf(principal(alice, nets...)), nil)
	if a, b := ofRule(before, "TT-A03"), ofRule(after, "TT-A03"); len(a) != 1 || len(b) != 1 || a[0].Reason != b[0].Reason {
		t.Errorf("before %+v\nafter %+v", a, b)
	}
}

func TestNewNetworkBudget(t *testing.T) {
	var ps []analyze.Principal
	for i := range 9 {
		arn, key := fmt.Sprintf("arn:aws:iam::111122223333:user/u%d", i), fmt.Sprintf("AKIAEXAMPLE00000000%d", i)
		ps = append(ps, principal(arn, append(settled(arn, key, 60, 0), from(fmt.Sprintf("203.%d.113.9", i), fmt.Sprintf("203.%d.113.0/24", i), key, "terraform/linux", back(1, "03:00:00"), back(1, "04:00:00"), 9))...))
	}
	fs := Evaluate(factsOf(ps...), nil, catalog.Default(), Options{NetworkBudget: 4})
	if n := len(ofRule(fs, "TT-A03")); n != 4 {
		t.Errorf("%d findings", n)
	}
	if len(fs.Warnings) != 1 || !strings.Contains(fs.Warnings[0], "5 medium findings") {
		t.Errorf("warnings %q", fs.Warnings)
	}
}

func TestTools(t *testing.T) {
	for _, c := range []struct {
		agent    string
		days     int
		severity Severity
	}{
		{"stratus-red-team/linux", 1, High}, {"pacu/linux", 1, High}, {"trufflehog", 1, High}, {"kali/linux", 4, High},
		{"prowler/linux", 1, Low}, {"prowler/linux", 3, Info}, {"aws-cli/linux", 1, ""}, {"terraform/linux", 1, ""},
	} {
		t.Run(c.agent, func(t *testing.T) {
			var nets []analyze.NetworkUse
			for d := range c.days {
				nets = append(nets, from("198.51.100.7", "198.51.100.0/24", keyOfAlice, c.agent, back(9-d, "09:00:00"), back(9-d, "10:00:00"), 3))
			}
			wantOne(t, evaluate(factsOf(principal(alice, nets...)), nil), "TT-A04", c.severity)
		})
	}
}

func TestQuarantine(t *testing.T) {
	const policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
	attached := accountState(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Attached: []string{policy}}}
	})
	wantOne(t, evaluate(factsOf(), attached), "TT-A05", Critical)

	denied := factsOf()
	denied.Denials = []analyze.Denial{refusedCall(alice, "ec2:RunInstances", back(1, "03:00:00"), func(d *analyze.Denial) { d.PolicyARN = policy })}
	fs := evaluate(denied, nil)
	wantOne(t, fs, "TT-A05", Critical)
	wantOne(t, fs, "TT-D01", "")

	changed := factsOf()
	changed.Changes = []analyze.Change{{Actor: actorOf(bob), At: back(1, "03:00:00"), AccountID: testAccount, EventSource: "iam.amazonaws.com", EventName: "AttachUserPolicy", EventID: "c-1", Target: alice, Detail: policy}}
	if x := wantOne(t, evaluate(changed, nil), "TT-A05", Critical); x.Principal != alice {
		t.Errorf("principal %s", x.Principal)
	}
	wantOne(t, evaluate(factsOf(), accountState()), "TT-A05", "")
}

func changed(arn, name, target, detail string, at time.Time) analyze.Change {
	return analyze.Change{Actor: actorOf(arn), At: at, AccountID: testAccount, EventSource: "iam.amazonaws.com", EventName: name,
		EventID: "c-" + name, Address: "203.0.113.9", Target: target, Detail: detail, OnItself: arn == target}
}

func TestAccessGivenAway(t *testing.T) {
	trust := func(who, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + who + `,"Action":"sts:AssumeRole"` + condition + `}]}`
	}
	for _, c := range []struct {
		name     string
		change   analyze.Change
		severity Severity
	}{
		{"a role for a foreign account", changed(alice, "UpdateAssumeRolePolicy", worker, trust(`{"AWS":"arn:aws:iam::999988887777:root"}`, ""), end), High},
		{"a role for everybody", changed(alice, "CreateRole", worker, trust(`"*"`, ""), end), High},
		{"a role for the own account", changed(alice, "CreateRole", worker, trust(`{"AWS":"arn:aws:iam::111122223333:root"}`, ""), end), ""},
		{"a vendor with an ExternalId", changed(alice, "CreateRole", worker, trust(`{"AWS":"arn:aws:iam::999988887777:root"}`, `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`), end), ""},
		{"a service", changed(alice, "CreateRole", worker, trust(`{"Service":"ec2.amazonaws.com"}`, ""), end), ""},
		{"another administrator", changed(alice, "AttachUserPolicy", bob, "arn:aws:iam::aws:policy/AdministratorAccess", end), Medium},
		{"another policy", changed(alice, "AttachUserPolicy", bob, "arn:aws:iam::aws:policy/ReadOnlyAccess", end), ""},
		{"a key for another", changed(alice, "CreateAccessKey", bob, "AKIAEXAMPLEBOB000001", end), Low},
		{"a key for itself", changed(alice, "CreateAccessKey", alice, keyOfAlice, end), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := factsOf()
			f.Changes = []analyze.Change{c.change}
			wantOne(t, evaluate(f, nil), "TT-A06", c.severity)
		})
	}
}
