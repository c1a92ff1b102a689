package rules

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// oddities are values that logs have held or could hold.
var oddities = []string{"", "*", "arn:", "arn:aws:iam::111122223333:user/", alice, worker, "arn:aws:iam::111122223333:role/x/", "arn:aws:iam::111122223333:root", "a b'c",
	"AWS Internal", "delivery.logs.amazonaws.com", "private", "vpce-1", "203.0.113.0/24", "2001:db8::/48", "253.252.51.07", "s3:GetObject", "iam:PassRole", ":", "s3:", "ASIAEXAMPLE", "AKIAEXAMPLE", "i-0a1b2c3d", "\x00\n", "PutUserPolicy", "CreateAccessKey", "StopLogging", "PutEventSelectors",
	everything, `{"Version":"2012-10-17","Statement":[]}`, "kali/linux", "/", "aws-cli/macos"}

type dice struct{ *rand.Rand }

func (d dice) odd() string { return oddities[d.Intn(len(oddities))] }

func (d dice) odds() []string {
	var out []string
	for range d.Intn(4) {
		out = append(out, d.odd())
	}
	return out
}

func (d dice) when() time.Time {
	if d.Intn(8) == 0 {
		return time.Time{}
	}
	return end.Add(-time.Duration(d.Intn(120*24*60)) * time.Minute)
}

func (d dice) actor() analyze.Actor {
	kinds := []analyze.Kind{analyze.KindUser, analyze.KindRole, analyze.KindRoot, analyze.KindService, analyze.KindUnknown}
	return analyze.Actor{Kind: kinds[d.Intn(len(kinds))], ARN: d.odd(), AccountID: testAccount, Name: d.odd()}
}

func (d dice) facts() *analyze.Facts {
	f := factsOf()
	for range d.Intn(6) {
		p := analyze.Principal{Actor: d.actor(), First: d.when(), Last: d.when(), LastSuccess: d.when(), Events: int64(d.Intn(9)), AssumedBy: d.odds()}
		for range d.Intn(9) {
			p.Networks = append(p.Networks, analyze.NetworkUse{Day: d.when(), Network: d.odd(), Addresses: d.odds(), Credential: d.odd(), Session: d.odd(), Instance: d.Intn(2) == 0, Delivery: d.odd(),
				Agents: d.odds(), Count: int64(d.Intn(99)), Denied: int64(d.Intn(9)), First: d.when(), Last: d.when(), Events: d.odds()})
			p.Usage = append(p.Usage, analyze.Usage{Action: d.odd(), Day: d.when(), Resource: d.odd(), Outcome: analyze.OutcomeAllowed, First: d.when(), Last: d.when()})
		}
		f.Principals = append(f.Principals, p)
		f.Changes = append(f.Changes, analyze.Change{Actor: d.actor(), At: d.when(), AccountID: testAccount, EventName: d.odd(), EventSource: d.odd(), Target: d.odd(), Detail: d.odd(), Policy: d.odd(), OnItself: d.Intn(2) == 0})
	}
	tiers, layers := []analyze.Tier{analyze.TierCaller, analyze.TierDependency, analyze.TierAuthentication, analyze.TierState, ""}, []string{"", "identity", "scp", "trust", "resource", "other"}
	for range d.Intn(12) {
		f.Denials = append(f.Denials, analyze.Denial{Actor: d.actor(), EventSource: d.odd(), EventName: d.odd(), Action: d.odd(), Resource: d.odd(), Code: d.odd(), Tier: tiers[d.Intn(len(tiers))],
			Layer: layers[d.Intn(len(layers))], Effect: []string{"", "implicit", "explicit"}[d.Intn(3)], Count: int64(1 + d.Intn(200)), First: d.when(), Last: d.when(), Days: d.Intn(5), Addresses: d.odds(), AllowedBefore: d.when(), AllowedAfter: d.when()})
	}
	return f
}

func (d dice) states(t testing.TB) map[string]*iam.State {
	return accountState(func(s *iam.State) {
		for range d.Intn(4) {
			s.Users = append(s.Users, iam.User{Name: d.odd(), ARN: d.odd(), Created: d.when(), Attached: d.odds(), Groups: d.odds(), Inline: []iam.NamedDocument{{Name: d.odd(), Document: document(t, everything)}, {Name: "none"}}})
			s.Roles = append(s.Roles, iam.Role{Name: d.odd(), Path: d.odd(), ARN: d.odd(), Created: d.when(), Attached: d.odds(), Boundary: d.odd()})
			s.Report = append(s.Report, iam.Credentials{User: d.odd(), ARN: d.odd(), Created: d.when(), PasswordEnabled: d.Intn(2) == 0, PasswordLastUsed: d.when(), Keys: [2]iam.Key{{Active: true, Rotated: d.when(), LastUsed: d.when()}}})
			s.Groups = append(s.Groups, iam.Group{Name: d.odd(), ARN: d.odd(), Attached: d.odds(), Inline: []iam.NamedDocument{{Name: d.odd(), Document: document(t, everything)}}})
		}
		d.rest(s)
	})
}

// rest are the parts of a state beyond details and report.
func (d dice) rest(s *iam.State) {
	s.HasTrails, s.HasVirtualMFA, s.HasAccessKeys = d.Intn(2) == 0, d.Intn(2) == 0, d.Intn(2) == 0
	s.Summary, s.PasswordPolicy = map[string]int{"AccountMFAEnabled": d.Intn(2)}, &iam.PasswordPolicy{Exists: d.Intn(2) == 0, MinimumLength: d.Intn(30), RememberedPast: d.Intn(30)}
	for range d.Intn(4) {
		on := d.Intn(2) == 0
		s.Trails = append(s.Trails, iam.Trail{Name: d.odd(), ARN: d.odd(), HomeRegion: d.odd(), Bucket: d.odd(), MultiRegion: d.Intn(2) == 0, Organization: d.Intn(3) == 0, Logging: &on, HasSelectors: d.Intn(2) == 0, Custom: d.Intn(2) == 0,
			Selectors: []iam.EventSelector{{ReadWrite: d.odd(), Management: d.Intn(2) == 0, Excluded: d.odds()}}})
		s.VirtualMFA = append(s.VirtualMFA, iam.VirtualMFA{Serial: d.odd(), User: d.odd() + ":root", Enabled: d.when()})
		s.AccessKeys = append(s.AccessKeys, iam.AccessKey{ID: d.odd(), User: d.odd(), Active: d.Intn(2) == 0, Created: d.when()})
		s.LastAccessed = append(s.LastAccessed, iam.LastAccessed{ARN: d.odd(), At: d.when(), Complete: d.Intn(2) == 0, Services: []iam.ServiceAccess{{Service: "s3", Last: d.when(), Actions: []iam.ActionAccess{{Action: d.odd(), Last: d.when()}}}}})
	}
	slices.SortFunc(s.LastAccessed, func(a, b iam.LastAccessed) int { return strings.Compare(a.ARN, b.ARN) })
}

// Whatever the facts hold, the answer is whole, sorted and safe to type.
func TestAnyFacts(t *testing.T) {
	for seed := range int64(400) {
		d := dice{rand.New(rand.NewSource(seed))}
		fs := evaluate(d.facts(), d.states(t))
		ids := map[string]bool{}
		for i, f := range fs.Findings {
			if ids[f.ID] || weight(f.Severity) < 0 || f.Title == "" || i > 0 && byWeight(fs.Findings[i-1], f) > 0 {
				t.Fatalf("seed %d: %+v", seed, f)
			}
			ids[f.ID] = true
			for _, c := range f.Fix.Commands {
				if !utf8.ValidString(c) || strings.ContainsAny(c, "\x00\n") {
					t.Fatalf("seed %d: command %q", seed, c)
				}
			}
		}
	}
}
