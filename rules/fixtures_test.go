package rules

import (
	"net/netip"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// scene is facts and a state for one rule.
type scene struct {
	facts  *analyze.Facts
	states map[string]*iam.State
	place  func(netip.Addr) Place
	// applied are proposals that are given back.
	applied *Policies
}

func seen(ps ...analyze.Principal) scene { return scene{facts: factsOf(ps...)} }

func loaded(change ...func(*iam.State)) scene {
	return scene{facts: factsOf(), states: accountState(change...)}
}

func refusals(ds ...analyze.Denial) scene {
	s := seen()
	s.facts.Denials = ds
	return s
}

func altered(cs ...analyze.Change) scene {
	s := seen()
	s.facts.Changes = cs
	return s
}

// in changes the facts of a scene.
func (s scene) in(change func(*analyze.Facts)) scene {
	change(s.facts)
	return s
}

func (s scene) evaluate() *Findings {
	return Evaluate(s.facts, s.states, catalog.Default(), Options{Place: s.place, Applied: s.applied})
}

// one is one denied call of alice.
func one(action string, change ...func(*analyze.Denial)) scene {
	return refusals(refusedCall(alice, action, back(9, "09:00:00"), change...))
}

func several(actions ...string) scene {
	s := seen(principal(alice))
	for i, a := range actions {
		s.facts.Denials = append(s.facts.Denials, refusedCall(alice, a, back(1, "03:00:00").Add(time.Duration(i)*time.Minute)))
	}
	return s
}

func ofTier(tier analyze.Tier, code string) func(*analyze.Denial) {
	return func(d *analyze.Denial) { d.Tier, d.Code = tier, code }
}

func oldKey(born, used int) scene {
	k := iam.Key{Active: true, Rotated: days(born)}
	if used > 0 {
		k.LastUsed = days(used)
	}
	return loaded(reported(iam.Credentials{ARN: alice, Created: days(900), MFA: true, Keys: [2]iam.Key{k}}))
}

func password(used int, mfa bool) scene {
	return loaded(reported(iam.Credentials{ARN: alice, Created: days(900), PasswordEnabled: true, PasswordChanged: days(400), PasswordLastUsed: days(used), MFA: mfa}))
}

func roleWith(change func(*iam.Role)) func(*iam.State) {
	return func(s *iam.State) {
		used := days(1)
		r := iam.Role{Name: "worker", Path: "/", ARN: worker, Created: days(700), LastUsed: &used}
		change(&r)
		s.Roles = append(s.Roles, r)
	}
}

// working is a role at work that holds what a policy allows.
func working(t *testing.T, actions string) scene {
	p := principal(worker, from("192.0.2.1", homeNet, "", "boto3/linux", days(50), days(1), 90))
	p.Usage = []analyze.Usage{usedAction("s3:GetObject", "*", days(3), 40)}
	return scene{facts: factsOf(p), states: accountState(roleWith(func(r *iam.Role) {
		r.Inline = []iam.NamedDocument{{Name: "p", Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":`+actions+`,"Resource":"*"}]}`)}}
	}))}
}

func trusting(t *testing.T, who string) scene {
	return loaded(roleWith(func(r *iam.Role) {
		r.Trust = document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":`+who+`,"Action":"sts:AssumeRole"}]}`)
	}))
}

func sharedBy(systems ...string) scene {
	var nets []analyze.NetworkUse
	for d := range 4 {
		nets = append(nets, from("198.51.100.7", "198.51.100.0/24", keyOfAlice, "aws-cli/"+systems[0], back(20+d, "09:00:00"), back(20+d, "17:00:00"), 9),
			from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/"+systems[1], back(20+d, "10:00:00"), back(20+d, "16:00:00"), 9))
	}
	return seen(principal(alice, nets...))
}

// takenFromApp is a refused call of the role app, a week after a proposal that
// left it secretsmanager:GetSecretValue of all it had.
func takenFromApp(t *testing.T, action string) scene {
	d := refusedCall(sizeRole, action, sizeEnd.AddDate(0, 0, 9), identityImplicit, func(d *analyze.Denial) {
		d.Resource = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/db-Qz81Lm"
	})
	return scene{facts: later(d), applied: sizedApp(t, SizeOptions{})}
}

// fixtures are, for each rule, what must make it speak and the nearest thing
// that must leave it silent. The rules' own tests go through the shades between.
func fixtures(t *testing.T) map[string]struct{ fire, quiet scene } {
	off := there("203.0.113.77", awayNet, "ASIAEXAMPLE000000002", "boto3/linux", 2, "12:00:00", "12:10:00")
	endpoint := there("10.0.0.5", "vpce-0a1b2c3d", "ASIAEXAMPLE000000001", "boto3/linux", 2, "12:00:00", "12:10:00")
	home := here(2, "08:00:00", "18:00:00", "boto3/linux")
	temporary := func(network, first string) analyze.NetworkUse {
		return from("203.0.113.9", network, "ASIAEXAMPLE000000007", "aws-cli/linux", back(1, first), back(1, "11:00:00"), 5)
	}
	intruder := from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 22)
	intruder.Denied = 18
	usual := from("198.51.100.7", "198.51.100.0/24", keyOfAlice, "aws-cli/windows", back(1, "03:00:00"), back(1, "03:10:00"), 22)
	tool := func(agent string) scene {
		return seen(principal(alice, from("198.51.100.7", "198.51.100.0/24", keyOfAlice, agent, back(1, "09:00:00"), back(1, "10:00:00"), 3)))
	}
	attached := func(policy string) scene {
		return loaded(func(s *iam.State) { s.Users = []iam.User{{Name: "alice", ARN: alice, Attached: []string{policy}}} })
	}
	grouped := loaded(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Groups: []string{"staff"}}}
		s.Groups = []iam.Group{{Name: "staff", ARN: "arn:aws:iam::111122223333:group/staff", Attached: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}}
	})
	unused := func(n int) scene {
		at := days(n)
		return loaded(roleWith(func(r *iam.Role) { r.LastUsed = &at }))
	}
	regressed := func(before time.Time) scene {
		return refusals(refusedCall(worker, "glue:GetTable", back(9, "12:00:00"), identityImplicit, repeated(70, 3), func(d *analyze.Denial) { d.AllowedBefore = before }))
	}
	layer := func(name string) func(*analyze.Denial) {
		return func(d *analyze.Denial) { d.Layer, d.Effect = name, "explicit" }
	}
	forMFA := func(effect string) scene {
		s := loaded(func(s *iam.State) {
			s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: []iam.NamedDocument{{Name: "mfa", Document: document(t,
				`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`)}}}}
		})
		s.facts.Denials = one("ec2:StopInstances", func(d *analyze.Denial) { d.Layer, d.Effect, d.WithoutMFA = "identity", effect, true }).facts.Denials
		return s
	}
	root := principal(rootOfTest, from("198.51.100.7", "198.51.100.0/24", "", "console", days(2), days(1), 12))
	failing := root
	failing.Denied = failing.Events
	imds := func(version string) scene {
		u := home
		u.Delivery = version
		return seen(principal(worker, u))
	}
	escalated := scene{facts: escalating(everything)}
	onBob := scene{facts: escalating(everything)}.in(func(f *analyze.Facts) { f.Changes[0].Target, f.Changes[0].OnItself = bob, false })
	return map[string]struct{ fire, quiet scene }{
		"TT-A01": {seen(principal(worker, home, off)), seen(principal(worker, home, endpoint))},
		"TT-A02": {seen(principal(worker, temporary("198.51.100.0/24", "09:00:00"), temporary(awayNet, "09:30:00"))), seen(principal(worker, temporary(awayNet, "09:00:00"), temporary(awayNet, "09:30:00")))},
		"TT-A03": {seen(principal(alice, append(settled(alice, keyOfAlice, 60, 2), intruder)...)), seen(principal(alice, append(settled(alice, keyOfAlice, 60, 2), usual)...))},
		"TT-A04": {tool("pacu/linux"), tool("aws-cli/linux")},
		"TT-A05": {attached("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"), attached("arn:aws:iam::aws:policy/ReadOnlyAccess")},
		"TT-A06": {altered(changed(alice, "AttachUserPolicy", bob, "arn:aws:iam::aws:policy/AdministratorAccess", end)), altered(changed(alice, "AttachUserPolicy", bob, "arn:aws:iam::aws:policy/ReadOnlyAccess", end))},
		"TT-C01": {oldKey(400, 211), oldKey(400, 80)},
		"TT-C02": {password(159, true), password(2, true)},
		"TT-C03": {unused(179), unused(1)},
		"TT-C04": {oldKey(400, 0), oldKey(30, 0)},
		"TT-C05": {oldKey(120, 2), oldKey(80, 2)},
		"TT-C06": {working(t, `["s3:GetObject","ec2:*"]`), working(t, `["s3:GetObject"]`)},
		"TT-D01": {one("s3:GetObject", identityImplicit, repeated(720, 30)), one("s3:GetObject", layer("scp"), repeated(720, 30))},
		"TT-D02": {escalated, onBob},
		"TT-D03": {regressed(back(10, "08:00:00")), regressed(time.Time{})},
		"TT-D04": {one("ec2:RunInstances", layer("scp")), one("ec2:RunInstances", layer("identity"))},
		"TT-D05": {several("ec2:DescribeInstances", "iam:ListUsers", "s3:ListAllMyBuckets", "lambda:ListFunctions"), several("ec2:DescribeInstances", "iam:ListUsers", "s3:ListAllMyBuckets")},
		"TT-D06": {refusals(refusedCall("delivery.logs.amazonaws.com", "s3:PutObject", back(9, "01:00:00"))), one("s3:PutObject")},
		"TT-D07": {one("s3:GetObject", repeated(40, 3), ofTier(analyze.TierAuthentication, "ExpiredToken")), one("s3:GetObject", repeated(40, 3))},
		"TT-D08": {one("s3:GetObject", ofTier(analyze.TierDependency, "KMS.AccessDeniedException")), one("s3:GetObject")},
		"TT-D09": {forMFA("explicit"), forMFA("implicit")},
		"TT-D10": {one("iam:PassRole", identityImplicit, func(d *analyze.Denial) { d.Resource = worker }), one("iam:GetRole", identityImplicit, func(d *analyze.Denial) { d.Resource = worker })},
		"TT-D11": {one("ec2:GetPasswordData", identityImplicit, repeated(30, 1)), one("ec2:GetPasswordData", identityImplicit, repeated(3, 1))},
		"TT-D12": {takenFromApp(t, "secretsmanager:PutSecretValue"), takenFromApp(t, "secretsmanager:GetSecretValue")},
		"TT-L01": {altered(trail("StopLogging", "", back(3, "09:00:00"))), altered(trail("StartLogging", "", back(3, "09:00:00")))},
		"TT-L02": {seen().in(func(f *analyze.Facts) { f.Coverage[0].ManagementWrite = false }), seen()},
		"TT-L03": {withTrails(goodTrail(regional)), withTrails(goodTrail())},
		"TT-L04": {withTrails(goodTrail(func(t *iam.Trail) { t.Validation = false })), withTrails(goodTrail())},
		"TT-P01": {seen(root), seen(failing)},
		"TT-P02": {password(2, false), password(2, true)},
		"TT-P03": {loaded(administratorNamed(t, alice)), attached("arn:aws:iam::aws:policy/ReadOnlyAccess")},
		"TT-P04": {attached("arn:aws:iam::aws:policy/ReadOnlyAccess"), grouped},
		"TT-P05": {sharedBy("linux", "macos"), sharedBy("linux", "linux")},
		"TT-P06": {imds("1.0"), imds("2.0")},
		"TT-P07": {trusting(t, `{"AWS":"arn:aws:iam::999988887777:root"}`), trusting(t, `{"AWS":"arn:aws:iam::111122223333:root"}`)},
		"TT-P08": {climber(t, `{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"*"}`), climber(t, `{"Effect":"Allow","Action":"iam:GetUserPolicy","Resource":"*"}`)},
		"TT-P09": {rootDevice(rootOfTest), rootDevice(alice)},
		"TT-P10": {copied(t, listing, listingNamed), copied(t, listing, listingOther)},
		"TT-A07": {signedIn("09:00:00", "09:40:00"), signedIn("09:00:00", "11:40:00")},
		"TT-P12": {reader(t, "ReadOnly", `["s3:PutObject"]`), reader(t, "ReadOnly", `["s3:GetObject"]`)},
		"TT-P11": {passwordsAsked(func(p *iam.PasswordPolicy) { p.MinimumLength = 8 }), passwordsAsked(func(*iam.PasswordPolicy) {})},
	}
}

// TestEveryRuleFiresAndStaysQuiet asks a pair of fixtures of every rule.
func TestEveryRuleFiresAndStaysQuiet(t *testing.T) {
	all := fixtures(t)
	for _, r := range Rules() {
		c, ok := all[r.ID]
		if !ok {
			t.Errorf("%s has no fixtures: add what must make it fire, and the nearest thing that must not, to fixtures_test.go", r.ID)
			continue
		}
		delete(all, r.ID)
		if n := len(ofRule(c.fire.evaluate(), r.ID)); n == 0 {
			t.Errorf("%s stays quiet where it must fire", r.ID)
		}
		if found := ofRule(c.quiet.evaluate(), r.ID); len(found) > 0 {
			t.Errorf("%s fires where it must stay quiet: %s", r.ID, found[0].Title)
		}
	}
	for id := range all {
		t.Errorf("fixtures for %s, which is no rule", id)
	}
}
