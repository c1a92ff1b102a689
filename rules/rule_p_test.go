package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const rootOfTest = "arn:aws:iam::111122223333:root"

func TestRootUse(t *testing.T) {
	use := func(change func(*analyze.Principal)) *analyze.Facts {
		p := principal(rootOfTest, from("198.51.100.7", "198.51.100.0/24", "", "console", days(2), days(1), 12))
		p.Usage = []analyze.Usage{usedAction("iam:ListUsers", "*", days(1), 12)}
		change(&p)
		return factsOf(p)
	}
	for _, c := range []struct {
		name     string
		change   func(*analyze.Principal)
		severity Severity
	}{
		{"reading", func(*analyze.Principal) {}, Medium},
		{"writing", func(p *analyze.Principal) { p.Usage = append(p.Usage, usedAction("iam:CreateUser", "*", days(1), 1)) }, High},
		{"with a key", func(p *analyze.Principal) {
			p.Credentials = []analyze.Credential{{ID: "AKIAEXAMPLEROOT00001", Kind: analyze.LongTermKey}}
		}, Critical},
		{"denied only", func(p *analyze.Principal) { p.Denied = p.Events }, ""},
	} {
		t.Run(c.name, func(t *testing.T) { wantOne(t, evaluate(use(c.change), nil), "TT-P01", c.severity) })
	}
}

func TestRootReport(t *testing.T) {
	line := func(mfa bool, key bool) map[string]*iam.State {
		return accountState(func(s *iam.State) {
			s.Report = []iam.Credentials{{User: "<root_account>", ARN: rootOfTest, Created: days(900), MFA: mfa, Keys: [2]iam.Key{{Active: key}}}}
		})
	}
	for _, c := range []struct {
		name     string
		states   map[string]*iam.State
		severity Severity
		words    string
	}{
		{"good", line(true, false), "", ""},
		{"no MFA", line(false, false), Critical, "has no MFA"},
		{"a key", line(true, true), Critical, "has an active access key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := wantOne(t, evaluate(factsOf(), c.states), "TT-P01", c.severity)
			if !strings.Contains(x.Title, c.words) {
				t.Error(x.Title)
			}
		})
	}
}

func TestConsoleMFA(t *testing.T) {
	line := iam.Credentials{ARN: alice, Created: days(20), PasswordEnabled: true, PasswordChanged: days(20), PasswordLastUsed: days(2)}
	wantOne(t, evaluate(factsOf(), accountState(reported(line))), "TT-P02", High)
	wantOne(t, evaluate(factsOf(), accountState(reported(line), administratorNamed(t, alice))), "TT-P02", Critical)
	line.MFA = true
	wantOne(t, evaluate(factsOf(), accountState(reported(line))), "TT-P02", "")
	line.MFA, line.PasswordEnabled = false, false
	wantOne(t, evaluate(factsOf(), accountState(reported(line))), "TT-P02", "")
}

func TestAdministrators(t *testing.T) {
	all := func() []iam.NamedDocument {
		return []iam.NamedDocument{{Name: "all", Document: document(t, everything)}}
	}
	deny := iam.NamedDocument{Name: "off", Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)}
	role := func(name, path, trusted string, inline ...iam.NamedDocument) func(*iam.State) {
		return func(s *iam.State) {
			s.Roles = []iam.Role{{Name: name, Path: path, ARN: "arn:aws:iam::111122223333:role" + path + name, Created: days(5), Inline: inline,
				Trust: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":`+trusted+`,"Action":"sts:AssumeRole"}]}`)}}
		}
	}
	const own, lambda = `{"AWS":"arn:aws:iam::111122223333:root"}`, `{"Service":"lambda.amazonaws.com"}`
	managed := func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}}}
	}
	limited := func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: all(), Boundary: "arn:aws:iam::111122223333:policy/b"}}
		s.Policies = []iam.Policy{{Name: "b", ARN: "arn:aws:iam::111122223333:policy/b", Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)}}
	}
	for _, c := range []struct {
		name     string
		state    func(*iam.State)
		severity Severity
	}{
		{"user", administratorNamed(t, alice), High},
		{"user by the managed policy", managed, High},
		{"user within a boundary", limited, ""},
		{"role of a machine", role("etl", "/", lambda, all()...), High},
		{"role of people", role("ops", "/", own, all()...), Medium},
		{"role denied everything", role("ops", "/", own, append(all(), deny)...), ""},
		{"for emergencies", role("break-glass", "/", own, all()...), Info},
		{"of Identity Center", role("AWSReservedSSO_Admin_0123456789abcdef", "/aws-reserved/sso.amazonaws.com/", own, all()...), Info},
		{"narrow", role("etl", "/", lambda), ""},
	} {
		t.Run(c.name, func(t *testing.T) { wantOne(t, evaluate(factsOf(), accountState(c.state)), "TT-P03", c.severity) })
	}
}

func TestAdministratorOfItsOwnMaking(t *testing.T) {
	states := accountState(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: []iam.NamedDocument{{Name: "zlj9i0k83o", Document: document(t, everything)}}}}
	})
	fs := evaluate(escalating(everything), states)
	wantOne(t, fs, "TT-D02", Critical)
	wantOne(t, fs, "TT-P03", "")
}

func TestDirectPolicies(t *testing.T) {
	fs := evaluate(factsOf(), accountState(func(s *iam.State) {
		s.Users = []iam.User{{Name: "a", ARN: alice, Attached: []string{"x", "y"}}, {Name: "b", ARN: bob}, {Name: "c", ARN: bob + "c", Attached: []string{"x"}}}
	}))
	if x := wantOne(t, fs, "TT-P04", Low); x.Evidence.Count != 2 || !strings.Contains(x.Title, "2 of 3 users carry own policies") {
		t.Errorf("%d, %s", x.Evidence.Count, x.Title)
	}
}

func TestSharedKey(t *testing.T) {
	use := func(n int, systems ...string) *analyze.Facts {
		var nets []analyze.NetworkUse
		for d := range n {
			nets = append(nets, from("198.51.100.7", "198.51.100.0/24", keyOfAlice, "aws-cli/"+systems[0], back(20+d, "09:00:00"), back(20+d, "17:00:00"), 9),
				from("203.0.113.9", awayNet, keyOfAlice, "aws-cli/"+systems[1], back(20+d, "10:00:00"), back(20+d, "16:00:00"), 9))
		}
		return factsOf(principal(alice, nets...))
	}
	wantOne(t, evaluate(use(4, "linux", "macos"), nil), "TT-P05", Medium)
	wantOne(t, evaluate(use(4, "linux", "macos"), accountState(administratorNamed(t, alice))), "TT-P05", High)
	wantOne(t, evaluate(use(2, "linux", "macos"), nil), "TT-P05", "")
	wantOne(t, evaluate(use(4, "linux", "linux"), nil), "TT-P05", "")
}

func TestOldWaysOnInstances(t *testing.T) {
	u := here(2, "08:00:00", "18:00:00", "boto3/linux")
	u.Delivery = "1.0"
	x := wantOne(t, evaluate(factsOf(principal(worker, u)), nil), "TT-P06", Medium)
	if len(x.Fix.Commands) != 1 || !strings.Contains(x.Fix.Commands[0], instance) {
		t.Errorf("commands %q", x.Fix.Commands)
	}
	u.Delivery = "2.0"
	wantOne(t, evaluate(factsOf(principal(worker, u)), nil), "TT-P06", "")

	other := onInstance(from("192.0.2.21", homeNet, "ASIAEXAMPLE000000009", "boto3/linux", days(2), days(2), 3), "i-0000000000000009")
	key := principal(alice, from("192.0.2.20", homeNet, keyOfAlice, "boto3/linux", days(2), days(2), 3))
	if x := wantOne(t, evaluate(factsOf(principal(worker, u, other), key), nil), "TT-P06", Medium); x.Credential != keyOfAlice {
		t.Errorf("credential %s", x.Credential)
	}
}

func TestTrust(t *testing.T) {
	for _, c := range []struct {
		name, principal, condition string
		admin                      bool
		severity                   Severity
	}{
		{"everybody", `"*"`, "", false, High},
		{"everybody in the organisation", `"*"`, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, false, ""},
		{"everybody, administrator", `{"AWS":"*"}`, "", true, Critical},
		{"a stranger", `{"AWS":"arn:aws:iam::999988887777:root"}`, "", false, Medium},
		{"a stranger, administrator", `{"AWS":"999988887777"}`, "", true, High},
		{"a vendor with an ExternalId", `{"AWS":"arn:aws:iam::999988887777:root"}`, `{"StringEquals":{"sts:ExternalId":"x"}}`, false, ""},
		{"the own account", `{"AWS":"arn:aws:iam::111122223333:root"}`, "", false, ""},
		{"GitHub without a subject", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`, `{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`, false, High},
		{"GitHub with one", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`, `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/app:*"}}`, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			condition := ""
			if c.condition != "" {
				condition = `,"Condition":` + c.condition
			}
			states := accountState(func(s *iam.State) {
				r := iam.Role{Name: "worker", Path: "/", ARN: worker, Created: days(5), Trust: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":`+c.principal+`,"Action":"sts:AssumeRole"`+condition+`}]}`)}
				if c.admin {
					r.Inline = []iam.NamedDocument{{Name: "all", Document: document(t, everything)}}
				}
				s.Roles = []iam.Role{r}
			})
			wantOne(t, evaluate(factsOf(), states), "TT-P07", c.severity)
		})
	}
}

func trail(name, detail string, at time.Time) analyze.Change {
	c := changed(bob, name, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", detail, at)
	c.EventSource = "cloudtrail.amazonaws.com"
	return c
}

func TestLogging(t *testing.T) {
	at := func(m int) time.Time { return back(3, "09:00:00").Add(time.Duration(m) * time.Minute) }
	for _, c := range []struct {
		name     string
		changes  []analyze.Change
		severity Severity
	}{
		{"stopped", []analyze.Change{trail("StopLogging", "", at(0))}, High},
		{"stopped and started", []analyze.Change{trail("StopLogging", "", at(0)), trail("StartLogging", "", at(9))}, Low},
		{"started", []analyze.Change{trail("StartLogging", "", at(0))}, ""},
		{"deleted", []analyze.Change{trail("CreateTrail", "", at(0)), trail("DeleteTrail", "", at(9))}, High},
		{"selectors", []analyze.Change{trail("PutEventSelectors", `[{"includeManagementEvents":true,"readWriteType":"All"}]`, at(0))}, Medium},
		{"selectors narrowed", []analyze.Change{trail("PutEventSelectors", `[{"includeManagementEvents": false}]`, at(0))}, High},
		{"selectors to reading only", []analyze.Change{trail("PutEventSelectors", `[{"includeManagementEvents": true, "readWriteType": "ReadOnly"}]`, at(0))}, High},
		{"selectors of a trail just made", []analyze.Change{trail("CreateTrail", "", at(0)), trail("PutEventSelectors", "", at(2)), trail("UpdateTrail", "", at(4))}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := factsOf()
			f.Changes = c.changes
			wantOne(t, evaluate(f, nil), "TT-L01", c.severity)
		})
	}
}

func TestCoverage(t *testing.T) {
	wantOne(t, evaluate(factsOf(), nil), "TT-L02", "")
	f := factsOf()
	f.Coverage[0].DataEvents = nil
	wantOne(t, evaluate(f, nil), "TT-L02", Info)
	f.Coverage[0].ManagementWrite = false
	wantOne(t, evaluate(f, nil), "TT-L02", Medium)
	f = factsOf()
	f.Coverage[0].Gaps = []analyze.Window{{From: days(30), To: days(28)}, {From: days(20), To: days(10)}}
	if x := wantOne(t, evaluate(f, nil), "TT-L02", Info); !strings.Contains(x.Title, "2 gaps, the longest from 2026-03-12 12:00 to 2026-03-22 12:00") {
		t.Error(x.Title)
	}
}
