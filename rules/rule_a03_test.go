package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

const centerRole = "arn:aws:iam::%s:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Editor_0123456789abcdef"

// atDesk is a person's use of a role of IAM Identity Center on each of n days that end d days ago.
func atDesk(person string, n, d int) []analyze.NetworkUse {
	us := settled("", "ASIAEXAMPLE00000DESK", n, d)
	for i := range us {
		us[i].Session, us[i].Agents = person, []string{"aws-cli/macos"}
	}
	return us
}

// People travel: at the usual work with the usual software they are a note,
// one over all accounts; with anything else they are told.
func TestPeopleTravel(t *testing.T) {
	away := func(agent string, denied int64) analyze.NetworkUse {
		u := from("203.0.113.9", awayNet, "ASIAEXAMPLE00000HOME", agent, back(1, "19:00:00"), back(1, "20:00:00"), 8)
		u.Session, u.Denied = "ada@example.com", denied
		return u
	}
	copied := away("aws-cli/windows", 0)
	copied.Credential = "ASIAEXAMPLE00000DESK"
	for _, c := range []struct {
		name     string
		away     analyze.NetworkUse
		severity Severity
	}{
		{"with the usual laptop", away("aws-cli/macos", 0), ""},
		{"with another computer, signed in anew", away("aws-cli/windows", 0), Info},
		{"with another computer and a key of the office", copied, High},
		{"and much is refused", away("aws-cli/macos", 6), High},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ps []analyze.Principal
			for _, account := range []string{testAccount, "222233334444", "333344445555"} {
				p := principal(fmt.Sprintf(centerRole, account), append(atDesk("ada@example.com", 60, 2), c.away)...)
				p.AccountID = account
				ps = append(ps, p)
			}
			x := wantOne(t, evaluate(factsOf(ps...), nil), "TT-A03", c.severity)
			if c.severity != "" && !strings.Contains(x.Title, "ada@example.com (permission set Editor and others, in 3 roles)") {
				t.Errorf("title %q", x.Title)
			}
		})
	}
}

// A copy of a program's key that works for days beside the program does not
// become its network; a program that moved house does.
func TestCopyOfAKeyDoesNotSettle(t *testing.T) {
	there := func(i int) analyze.NetworkUse {
		return from("203.0.113.9", awayNet, keyOfAlice, "terraform/linux", back(8-i, "03:00:00"), back(8-i, "03:10:00"), 5)
	}
	moved, both := settled(alice, keyOfAlice, 60, 8), settled(alice, keyOfAlice, 68, 0)
	for i := range 6 {
		moved, both = append(moved, there(i)), append(both, there(i))
	}
	wantOne(t, evaluate(factsOf(principal(alice, moved...)), nil), "TT-A03", "")
	wantOne(t, evaluate(factsOf(principal(alice, both...)), nil), "TT-A03", Medium)
}

// A long-term key that comes back after weeks, elsewhere, is told even of a
// person; one that is used day after day is a traveller's.
func TestForgottenKeyWakesUp(t *testing.T) {
	for name, c := range map[string]struct {
		until    int
		severity Severity
	}{"used until yesterday": {1, ""}, "unused for five weeks": {35, Medium}} {
		t.Run(name, func(t *testing.T) {
			us := settled(alice, keyOfAlice, 40, c.until)
			for i := range us {
				us[i].Agents = []string{"aws-cli/macos"}
			}
			us = append(us, from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/macos", back(0, "19:00:00"), back(0, "20:00:00"), 8))
			f := factsOf(principal(alice, us...))
			if got := severest(ofRule(evaluate(f, nil), "TT-A03")); got != c.severity {
				t.Errorf("got %q, want %q", got, c.severity)
			}
		})
	}
}

// severest is the severity of the only finding of a rule, notes left out.
func severest(fs []Finding) Severity {
	for _, f := range fs {
		if f.Severity != Info {
			return f.Severity
		}
	}
	return ""
}

// An instance that had an address days ago and has it again is in one place;
// one whose calls come from two places within hours is not.
func TestInstanceInTwoPlacesWithinHours(t *testing.T) {
	day := func(n int, address, network, key string) analyze.NetworkUse {
		u := from(address, network, key, "boto3/linux", back(n, "02:00:00"), back(n, "22:00:00"), 20)
		u.Instance, u.Session = true, "i-0aa11bb22cc33dd44"
		return u
	}
	moves := principal(worker, day(9, "198.51.100.7", "198.51.100.0/24", "ASIAEXAMPLE000000001"), day(6, "203.0.113.9", awayNet, "ASIAEXAMPLE000000002"), day(3, "198.51.100.7", "198.51.100.0/24", "ASIAEXAMPLE000000003"))
	wantOne(t, evaluate(factsOf(moves), nil), "TT-A01", "")
	two := principal(worker, day(6, "198.51.100.7", "198.51.100.0/24", "ASIAEXAMPLE000000001"), day(6, "203.0.113.9", awayNet, "ASIAEXAMPLE000000002"))
	two.Networks[1].First = two.Networks[1].First.Add(time.Hour)
	wantOne(t, evaluate(factsOf(two), nil), "TT-A01", High)
}

// Six stolen keys on one network do not make it a common way out.
func TestIntrudersDoNotVouch(t *testing.T) {
	var ps []analyze.Principal
	for i := range 6 {
		arn, key := fmt.Sprintf("arn:aws:iam::111122223333:user/u%d", i), fmt.Sprintf("AKIAEXAMPLE00000000%d", i)
		ps = append(ps, principal(arn, append(settled(arn, key, 60, 2), from("203.0.113.9", awayNet, key, "aws-cli/linux", back(1, "03:00:00"), back(1, "03:05:00"), 9))...))
	}
	if n := len(ofRule(evaluate(factsOf(ps...), nil), "TT-A03")); n != 6 {
		t.Errorf("%d findings, want 6", n)
	}
	for i := range ps { // the same software: a new gateway
		last := &ps[i].Networks[len(ps[i].Networks)-1]
		last.Agents = []string{"terraform/linux"}
	}
	if n := len(ofRule(evaluate(factsOf(ps...), nil), "TT-A03")); n != 0 {
		t.Errorf("%d findings on a new gateway", n)
	}
}

// A role from a hundred thousand networks on a day is one finding, and soon told.
func TestManyNetworksAreOneFinding(t *testing.T) {
	nets := settled(alice, keyOfAlice, 60, 2)
	for i := range 100_000 {
		a := fmt.Sprintf("%d.%d.%d.9", 11+i/65536, i/256%256, i%256)
		nets = append(nets, from(a, strings.TrimSuffix(a, ".9")+".0/24", keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 1))
	}
	start := time.Now()
	x := wantOne(t, evaluate(factsOf(principal(alice, nets...)), nil), "TT-A03", High)
	if !strings.Contains(x.Reason, "other new neighbourhoods stand out as well") {
		t.Errorf("reason %q", x.Reason)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// A compute role's key with its own software in two places is AWS; with other
// software it is two places.
func TestComputeKeyWithOtherSoftware(t *testing.T) {
	use := func(address, network, agent, first, last string) analyze.NetworkUse {
		return from(address, network, "ASIAEXAMPLE000000007", agent, back(1, first), back(1, last), 5)
	}
	for agent, severity := range map[string]Severity{"aws-sdk-java/linux": "", "aws-cli/linux": Medium} {
		p := principal(worker, use("198.51.100.7", "198.51.100.0/24", "aws-sdk-java/linux", "09:00:00", "10:00:00"), use("203.0.113.9", awayNet, agent, "09:30:00", "09:40:00"))
		p.AssumedBy = []string{"ecs-tasks.amazonaws.com"}
		wantOne(t, evaluate(factsOf(p), nil), "TT-A02", severity)
	}
}
