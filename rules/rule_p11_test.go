package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

var strongPasswords = iam.PasswordPolicy{Exists: true, MinimumLength: 16, Symbols: true, Numbers: true, Uppercase: true, Lowercase: true, UsersChange: true, RememberedPast: 24}

// passwordsAsked is an account with a user who has a password.
func passwordsAsked(change func(*iam.PasswordPolicy)) scene {
	s, p := password(2, true), strongPasswords
	change(&p)
	s.states[testAccount].PasswordPolicy = &p
	return s
}

func TestPasswordPolicy(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*iam.PasswordPolicy)
		severity Severity
		words    string
		command  string
	}{
		{"strong", func(*iam.PasswordPolicy) {}, "", "", ""},
		{"short", func(p *iam.PasswordPolicy) { p.MinimumLength = 8 }, Medium, "8 characters are enough", "--minimum-password-length 14"},
		{"without symbols", func(p *iam.PasswordPolicy) { p.Symbols = false }, Medium, "symbols need not be in it", "--minimum-password-length 16"},
		{"five remembered", func(p *iam.PasswordPolicy) { p.RememberedPast, p.MaxAgeDays, p.HardExpiration = 5, 60, true }, Medium, "5 earlier passwords remembered", "--allow-users-to-change-password --max-password-age 60 --hard-expiry"},
		{"AWS's default", func(p *iam.PasswordPolicy) { *p = iam.PasswordPolicy{} }, Medium, "8 characters are enough; no earlier password is remembered", "--allow-users-to-change-password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := passwordsAsked(c.change)
			x := wantOne(t, evaluate(s.facts, s.states), "TT-P11", c.severity)
			if !strings.Contains(x.Title, c.words) || !strings.Contains(strings.Join(x.Fix.Commands, "\n"), c.command) {
				t.Errorf("%s\n%s", x.Title, x.Fix.Commands)
			}
		})
	}
}

// A policy for passwords that nobody has is no matter; one that was not loaded is not judged.
func TestPasswordPolicyOfNobody(t *testing.T) {
	s := loaded(func(s *iam.State) {
		s.PasswordPolicy, s.Report = &iam.PasswordPolicy{}, []iam.Credentials{{User: "<root_account>", ARN: rootOfTest, PasswordEnabled: true, MFA: true}}
	})
	wantOne(t, evaluate(s.facts, s.states), "TT-P11", "")
	s = password(2, true)
	fs := evaluate(s.facts, s.states)
	wantOne(t, fs, "TT-P11", "")
	if want := "the password policy in account 111122223333: needs the account password policy"; !slices.Contains(fs.NotEvaluable, want) {
		t.Errorf("not evaluable: %q", fs.NotEvaluable)
	}
}

// rootDevice is an account whose root has MFA, and one virtual device.
func rootDevice(user string) scene {
	return loaded(func(s *iam.State) {
		s.Report = []iam.Credentials{{User: "<root_account>", ARN: rootOfTest, MFA: true}}
		s.HasVirtualMFA, s.VirtualMFA = true, []iam.VirtualMFA{{Serial: "arn:aws:iam::111122223333:mfa/phone", User: user, Enabled: days(100)}}
	})
}

func TestRootDevice(t *testing.T) {
	s := rootDevice(rootOfTest)
	if x := wantOne(t, evaluate(s.facts, s.states), "TT-P09", Info); x.Principal != rootOfTest {
		t.Error(x.Principal)
	}
	s = rootDevice(alice)
	wantOne(t, evaluate(s.facts, s.states), "TT-P09", "")
	s = rootDevice(rootOfTest)
	s.states[testAccount].Report[0].MFA = false
	wantOne(t, evaluate(s.facts, s.states), "TT-P09", "")
	s.states[testAccount].HasReport, s.states[testAccount].Report = false, nil
	wantOne(t, evaluate(s.facts, s.states), "TT-P09", "")
	s.states[testAccount].Summary = map[string]int{"AccountMFAEnabled": 1}
	wantOne(t, evaluate(s.facts, s.states), "TT-P09", Info)
}

func TestRootBySummary(t *testing.T) {
	for _, c := range []struct {
		name     string
		summary  map[string]int
		report   bool
		severity Severity
		words    string
		lack     bool
	}{
		{"good", map[string]int{"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1}, false, "", "", false},
		{"a key", map[string]int{"AccountAccessKeysPresent": 1, "AccountMFAEnabled": 1}, false, Critical, "has an active access key", false},
		{"no MFA", map[string]int{"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 0, "AccountPasswordPresent": 1}, false, Critical, "has no MFA", false},
		{"no MFA, and no password", map[string]int{"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 0, "AccountPasswordPresent": 0}, false, "", "", false},
		{"nothing said", map[string]int{}, false, "", "", true},
		{"not loaded", nil, false, "", "", true},
		{"the report knows better", map[string]int{"AccountAccessKeysPresent": 1, "AccountMFAEnabled": 0}, true, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := accountState(func(s *iam.State) {
				s.Summary, s.HasReport = c.summary, c.report
				if c.report {
					s.Report = []iam.Credentials{{User: "<root_account>", ARN: rootOfTest, MFA: true}}
				}
			})
			fs := evaluate(factsOf(), states)
			if x := wantOne(t, fs, "TT-P01", c.severity); !strings.Contains(x.Title, c.words) || c.severity != "" && x.Principal != rootOfTest {
				t.Errorf("%s of %s", x.Title, x.Principal)
			}
			if lack := slices.Contains(fs.NotEvaluable, "root access keys and root MFA in account 111122223333: needs the credential report or the account summary"); lack != c.lack {
				t.Errorf("not evaluable: %q", fs.NotEvaluable)
			}
		})
	}
}

// copied is an account where two users hold inline policies of these texts.
func copied(t *testing.T, of, and string) scene {
	return loaded(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: []iam.NamedDocument{{Name: "deploy", Document: document(t, of)}}},
			{Name: "bob", ARN: bob, Inline: []iam.NamedDocument{{Name: "deploy2", Document: document(t, and)}}}}
	})
}

const (
	listing      = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::a"}]}`
	listingNamed = `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"B","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::a"}]}`
	listingOther = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}]}`
	denyingAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
)

func TestCopies(t *testing.T) {
	s := copied(t, listing, listingNamed)
	x := wantOne(t, evaluate(s.facts, s.states), "TT-P10", Low)
	for _, want := range []string{
		`aws iam create-policy --policy-name deploy --policy-document '` + listing + `'`,
		"aws iam attach-user-policy --user-name bob --policy-arn arn:aws:iam::111122223333:policy/deploy",
		"aws iam delete-user-policy --user-name bob --policy-name deploy2",
	} {
		if !slices.Contains(x.Fix.Commands, want) {
			t.Errorf("commands\n%s\nwant\n%s", strings.Join(x.Fix.Commands, "\n"), want)
		}
	}
	s.states[testAccount].Policies = []iam.Policy{{Name: "Deploy", ARN: "arn:aws:iam::111122223333:policy/Deploy"}}
	if x := wantOne(t, evaluate(s.facts, s.states), "TT-P10", Low); !strings.Contains(x.Fix.Commands[0], "--policy-name deploy-shared ") {
		t.Error(x.Fix.Commands[0])
	}
	for name, and := range map[string]string{"another document": listingOther, "retired": denyingAll} {
		of := listing
		if and == denyingAll {
			of = and
		}
		s := copied(t, of, and)
		if found := ofRule(evaluate(s.facts, s.states), "TT-P10"); len(found) > 0 {
			t.Errorf("%s: %s", name, found[0].Title)
		}
	}
}
