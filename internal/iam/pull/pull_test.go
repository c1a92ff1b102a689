package pull

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// everything is all that can be asked for.
func everything(o Options) Options {
	o.Parts = iam.AllParts()
	return o
}

func TestPullWholeAccount(t *testing.T) {
	s := newStub(t)
	s.whole()
	r := s.run(t, everything(s.options()))
	if len(r.Missing) != 0 || !slices.Equal(r.Asked, []string{home}) || len(r.States) != 1 {
		t.Fatalf("asked %v, missing %q", r.Asked, missing(r))
	}
	state := r.States[home]
	if got := state.Parts(); !slices.Equal(got, iam.AllParts()) {
		t.Errorf("parts are %v", got)
	}
	if len(state.Users) != 2 || len(state.Roles) != 1 || state.Roles[0].LastUsed == nil || state.Users[0].Inline[0].Document == nil || len(state.Report) != 3 {
		t.Errorf("state is %+v", state)
	}
	if !state.TakenAt.Equal(noon) || len(state.Warnings) != 0 {
		t.Errorf("taken at %v, warnings %q", state.TakenAt, state.Warnings)
	}
	if p := state.PasswordPolicy; *p != (iam.PasswordPolicy{Exists: true, MinimumLength: 14, Symbols: true, RememberedPast: 24, MaxAgeDays: 90}) {
		t.Errorf("password policy is %+v", p)
	}
	if state.Summary["AccountMFAEnabled"] != 1 || len(state.VirtualMFA) != 2 || len(state.AccessKeys) != 2 {
		t.Errorf("summary %v, devices %v, keys %v", state.Summary, state.VirtualMFA, state.AccessKeys)
	}
	trails := state.Trails
	if len(trails) != 2 || trails[0].Name != "local" || trails[1].Name != "main" || trails[1].Logging == nil || !*trails[1].Logging {
		t.Fatalf("trails are %+v", trails)
	}
	if l, known := trails[1].Management(); !known || l.Read || !l.Write {
		t.Errorf("management events are %+v", l)
	}
	a := state.Accessed("arn:aws:iam::" + home + ":role/app")
	if a == nil || !a.Complete || len(a.Services) != 2 {
		t.Errorf("last accessed is %+v", a)
	}
}

// The member is under the unit's SCP, in the states that come out.
func TestPullOrganizationLevels(t *testing.T) {
	s := newStub(t)
	s.whole()
	s.to("sts:AssumeRole", assume)
	s.to("iam:GetAccountAuthorizationDetails", func(c call) answer {
		account := home
		if c.key == "ASIA"+member {
			account = member
		}
		return detailsPage(account, c.params["Marker"])
	})
	o := s.options()
	o.RoleARN, o.Parts, o.ExternalID = "arn:{partition}:iam::{account}:role/audit", []string{"details", "organization", "trails"}, "e-1"
	r := s.run(t, o)
	if !slices.Equal(r.Asked, []string{home, member}) || len(r.Missing) != 0 {
		t.Fatalf("asked %v, missing %q", r.Asked, missing(r))
	}
	r.States.Organize()
	may := func(account string) iam.Decision {
		h, ok := r.States[account].Lookup("arn:aws:iam::" + account + ":user/ann")
		if !ok || len(h.Unresolved) != 0 {
			t.Fatalf("%s: %+v", account, h)
		}
		return iam.Decide(iam.Request{Principal: h.ARN, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, h.Documents())
	}
	if got := may(member); got != iam.ExplicitlyDenied {
		t.Errorf("the member's user is %s", got)
	}
	if got := may(home); got != iam.Allowed {
		t.Errorf("the management account's user is %s", got)
	}
	if n := s.count("organizations:DescribeOrganization"); n != 1 {
		t.Errorf("the organisation was asked for %d times", n)
	}
	if len(r.States[member].Trails) != 2 {
		t.Errorf("trails of the member are %+v", r.States[member].Trails)
	}
}

func assume(c call) answer {
	if c.params["ExternalId"] != "e-1" || c.params["RoleArn"] != "arn:aws:iam::"+member+":role/audit" {
		return xmlError(403, "AccessDenied", "not allowed")
	}
	return xmlAnswer("AssumeRole", `<Credentials><AccessKeyId>ASIA`+member+`</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`)
}

// Each call refused by itself costs its part, and one sentence names the action.
func TestPullPartial(t *testing.T) {
	full := newStub(t)
	full.whole()
	whole := full.run(t, everything(full.options())).States[home]
	for _, name := range full.names() {
		if name == "sts:GetCallerIdentity" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			s.whole()
			s.on(name, denied403(name))
			r := s.run(t, everything(s.options()))
			state := r.States[home]
			sentences := missing(r)
			if len(sentences) == 0 || !strings.Contains(sentences[0], name+" is not allowed (AccessDenied") || !r.Missing[0].Denied {
				t.Errorf("missing is %q", sentences)
			}
			if !slices.Contains(state.Warnings, "pull: "+sentences[0]) {
				t.Errorf("warnings are %q", state.Warnings)
			}
			lost := len(whole.Parts()) - len(state.Parts())
			if atMost := map[bool]int{true: 3, false: 1}[strings.Contains(name, "AuthorizationDetails")]; lost > atMost {
				t.Errorf("%d parts are lost: %v", lost, state.Parts())
			}
		})
	}
}

func TestPullNothingAllowed(t *testing.T) {
	s := newStub(t)
	r := s.run(t, s.options())
	if len(r.Asked) != 0 || len(r.States) != 0 || len(r.Missing) != len(DefaultParts()) {
		t.Errorf("asked %v, states %v, missing %q", r.Asked, r.States, missing(r))
	}
	s.on("sts:GetCallerIdentity", xmlError(403, "ExpiredToken", "The security token included in the request is expired"))
	if _, err := Run(t.Context(), s.config(), s.options(), noon); err == nil || !strings.Contains(err.Error(), "ExpiredToken: The security token") {
		t.Errorf("error is %v", err)
	}
}

// Throttled calls are made again; the answers are whole all the same.
func TestPullThrottled(t *testing.T) {
	s := newStub(t)
	s.whole()
	summary := xmlAnswer("GetAccountSummary", `<SummaryMap/>`)
	slow := xmlError(400, "Throttling", "Rate exceeded")
	s.on("iam:GetAccountSummary", slow, xmlError(503, "ServiceUnavailable", "later"), summary)
	s.on("organizations:DescribeOrganization", jsonError(400, "TooManyRequestsException", "slow down"), jsonError(400, "AWSOrganizationsNotInUseException", "not in use"))
	o := s.options()
	o.Parts = []string{"summary", "organization"}
	r := s.run(t, o)
	if len(r.Missing) != 0 || s.count("iam:GetAccountSummary") != 3 || s.count("organizations:DescribeOrganization") != 2 {
		t.Errorf("missing %q, %d and %d calls", missing(r), s.count("iam:GetAccountSummary"), s.count("organizations:DescribeOrganization"))
	}
}

// A proxy's page is no answer; what AWS would give is missing, not empty.
func TestPullHTML(t *testing.T) {
	page := "<html><head><title>Sign in</title></head><body>Proxy</body></html>"
	for name, a := range map[string]answer{
		"sign-in page": {status: 200, body: page, html: true}, "bad gateway": {status: 502, body: page, html: true}, "refused": {status: 403, body: page, html: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			s.whole()
			s.on("iam:GetAccountAuthorizationDetails", a)
			s.on("cloudtrail:DescribeTrails", a)
			r := s.run(t, s.options())
			if parts := r.States[home].Parts(); len(r.Missing) != 2 || slices.Contains(parts, "details") || slices.Contains(parts, "trails") {
				t.Errorf("parts %v, missing %q", parts, missing(r))
			}
			for _, m := range missing(r) {
				if !strings.Contains(m, "the answer is not AWS's") {
					t.Errorf("missing is %q", m)
				}
			}
		})
	}
}

func TestPullReport(t *testing.T) {
	wait, gone := xmlError(404, "ReportInProgress", "wait"), xmlError(410, "ReportExpired", "expired")
	for _, c := range []struct {
		name    string
		answers []answer
		missing string
		makes   int
	}{
		{"at once", []answer{credentialReport(home)}, "", 1},
		{"after a while", []answer{wait, wait, wait, credentialReport(home)}, "", 1},
		{"expired meanwhile", []answer{gone, wait, credentialReport(home)}, "", 2},
		{"never", []answer{wait}, "iam:GetCredentialReport: not ready after 50ms; try again later", 1},
		{"no answer", []answer{xmlError(400, "ServiceFailure", "broken")}, "iam:GetCredentialReport: ServiceFailure: broken", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t)
			s.whole()
			s.on("iam:GetCredentialReport", c.answers...)
			o := s.options()
			o.Parts = []string{"report", "summary"}
			r := s.run(t, o)
			if got := strings.Join(missing(r), ""); !strings.HasSuffix(got, c.missing) || (got == "") != (c.missing == "") {
				t.Errorf("missing is %q", got)
			}
			if n := s.count("iam:GenerateCredentialReport"); n != c.makes || r.States[home].HasReport != (c.missing == "") {
				t.Errorf("%d reports were begun; there is one: %v", n, r.States[home].HasReport)
			}
		})
	}
}

func TestPullNoPasswordPolicy(t *testing.T) {
	s := newStub(t)
	s.on("iam:GetAccountPasswordPolicy", xmlError(404, "NoSuchEntity", "The Password Policy with domain name 111122223333 cannot be found."))
	o := s.options()
	o.Parts = []string{"password_policy"}
	r := s.run(t, o)
	if p := r.States[home].PasswordPolicy; p == nil || p.Exists || len(r.Missing) != 0 {
		t.Errorf("password policy is %+v, missing %q", p, missing(r))
	}
}

// A member account may not ask about the organisation, which is no gap; an
// account without one has none.
func TestPullNoOrganization(t *testing.T) {
	for name, set := range map[string]func(*stub){
		"member": func(s *stub) {
			s.on("organizations:DescribeOrganization", answer{body: `{"Organization":{"Id":"` + orgID + `","MasterAccountId":"` + member + `"}}`})
			s.on("organizations:ListRoots", denied403("organizations:ListRoots"))
		},
		"none": func(s *stub) {
			s.on("organizations:DescribeOrganization", jsonError(400, "AWSOrganizationsNotInUseException", "not in use"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			s.whole()
			set(s)
			r := s.run(t, s.options())
			if len(r.Missing) != 0 || r.States[home].Organization != nil || len(r.States) != 1 {
				t.Errorf("missing %q, organization %+v", missing(r), r.States[home].Organization)
			}
			o := s.options()
			o.RoleARN = "arn:aws:iam::{account}:role/audit"
			if _, err := Run(t.Context(), s.config(), o, noon); !errors.Is(err, ErrNoOrganization) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// An account whose role cannot be assumed is missing; the others count.
func TestPullRoleRefused(t *testing.T) {
	s := newStub(t)
	s.whole()
	s.on("sts:AssumeRole", denied403("sts:AssumeRole"))
	o := s.options()
	o.RoleARN, o.Accounts = "arn:aws:iam::{account}:role/audit", []string{member, home}
	r := s.run(t, o)
	if got := missing(r); len(got) != 1 || !strings.HasPrefix(got[0], "account "+member+" is missing: sts:AssumeRole is not allowed") {
		t.Errorf("missing is %q", got)
	}
	if !slices.Equal(r.Asked, []string{home}) || r.States[member] != nil {
		t.Errorf("asked %v", r.Asked)
	}
}

func TestPullInterrupted(t *testing.T) {
	s := newStub(t)
	s.whole()
	ctx, cancel := context.WithCancel(t.Context())
	s.to("iam:GetAccountSummary", func(call) answer {
		cancel()
		return answer{status: 503}
	})
	begin := time.Now()
	if _, err := Run(ctx, s.config(), s.options(), noon); !errors.Is(err, context.Canceled) || time.Since(begin) > 5*time.Second {
		t.Errorf("error is %v after %v", err, time.Since(begin))
	}
}

// A server that gives one page for ever does not hold the run, and what it gave is not taken for the whole.
func TestPullSamePageAgain(t *testing.T) {
	s := newStub(t)
	s.whole()
	s.on("iam:GetAccountAuthorizationDetails", detailsPage(home, ""))
	o := s.options()
	o.Parts = []string{"details"}
	r := s.run(t, o)
	if n := s.count("iam:GetAccountAuthorizationDetails"); n != 2 || len(r.Missing) != 1 || len(r.States) != 0 {
		t.Errorf("%d calls, missing %q", n, missing(r))
	}
}
