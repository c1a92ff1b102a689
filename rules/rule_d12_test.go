package rules

import (
	"slices"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// sizedApp is a proposal for the role app, which used one action of two that it has.
func sizedApp(t *testing.T, o SizeOptions) *Policies {
	t.Helper()
	f := sizeFacts(secretsDaily())
	ps := SizeAll(f, sizeState(t, statements(`{"Sid":"Read","Effect":"Allow","Action":"secretsmanager:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"checkout"}}}`)), catalog.Default(), o)
	if len(ps.Policies) != 1 || ps.Policies[0].Confidence == TooEarly {
		t.Fatalf("%+v", ps)
	}
	return ps
}

// later are the facts of a month after a proposal, with refused calls.
func later(denials ...analyze.Denial) *analyze.Facts {
	f := sizeFacts()
	f.AsOf, f.Window.To = sizeEnd.AddDate(0, 1, 0), sizeEnd.AddDate(0, 1, 0)
	f.Denials = denials
	return f
}

// What a proposal took away and is asked for later comes with the statement that gives it back.
func TestRemovedByProposal(t *testing.T) {
	const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/db-Qz81Lm"
	at := sizeEnd.AddDate(0, 0, 9)
	on := func(d *analyze.Denial) { d.Resource = secret }
	put := refusedCall(sizeRole, "secretsmanager:PutSecretValue", at, identityImplicit, on)
	for _, c := range []struct {
		name    string
		applied bool
		denial  analyze.Denial
		finds   bool
	}{
		{"after the proposal", true, put, true},
		{"no proposal is given back", false, put, false},
		{"before it was made", true, refusedCall(sizeRole, "secretsmanager:PutSecretValue", daysBefore(3), identityImplicit, on), false},
		{"never allowed", true, refusedCall(sizeRole, "s3:GetObject", at, identityImplicit), false},
		{"still allowed by the proposal", true, refusedCall(sizeRole, "secretsmanager:GetSecretValue", at, identityImplicit, on), false},
		{"refused by the organisation", true, refusedCall(sizeRole, "secretsmanager:PutSecretValue", at, func(d *analyze.Denial) { d.Layer = "scp" }, on), false},
		{"works again", true, refusedCall(sizeRole, "secretsmanager:PutSecretValue", at, identityImplicit, on, func(d *analyze.Denial) { d.AllowedAfter = at.Add(time.Hour) }), false},
		{"another principal", true, refusedCall(alice, "secretsmanager:PutSecretValue", at, identityImplicit, on), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{}
			if c.applied {
				o.Applied = sizedApp(t, SizeOptions{})
			}
			fs := Evaluate(later(c.denial), nil, catalog.Default(), o)
			i := slices.IndexFunc(fs.Findings, func(f Finding) bool { return f.Rule == "TT-D12" })
			if (i >= 0) != c.finds {
				t.Fatalf("found %+v", fs.Findings)
			}
			if i < 0 {
				return
			}
			x := fs.Findings[i]
			d := policyDoc(t, x.Fix.Policy)
			want := statements(`{"Sid":"RestoreSecretsmanager","Effect":"Allow","Action":"secretsmanager:PutSecretValue","Resource":"` + secret + `","Condition":{"StringEquals":{"aws:PrincipalTag/team":"checkout"}}}`)
			if string(d.JSON()) != want || len(x.Fix.Commands) != 1 || x.Severity != High {
				t.Errorf("got %s\n%+v", d.JSON(), x)
			}
			givesBack(t, o.Applied, d, c.denial)
		})
	}
}

// givesBack holds that a restored statement allows the call, and nothing that was not there before.
func givesBack(t *testing.T, ps *Policies, d *iam.Document, denial analyze.Denial) {
	t.Helper()
	p := &ps.Policies[0]
	docs := append(plainDocs(docsOf(p.Proposed)), d)
	if !newReplayer(sizeRole, docs).allows(&useRow{Action: denial.Action, Resource: denial.Resource, Last: denial.Last}) {
		t.Error("the statement does not allow the call")
	}
	if beyond := newAccess(newActionIndex(catalog.Default()), docsOf(p.Current), []*iam.Document{d}); beyond != "" {
		t.Errorf("it gives %s", beyond)
	}
}

// A condition that the proposal added is named.
func TestRemovedByCondition(t *testing.T) {
	ps := sizedApp(t, SizeOptions{Conditions: true})
	denial := refusedCall(sizeRole, "secretsmanager:GetSecretValue", sizeEnd.AddDate(0, 0, 9), func(d *analyze.Denial) {
		d.Layer, d.Effect, d.Resource = "identity", "explicit", "arn:aws:secretsmanager:us-west-2:111122223333:secret:checkout/db-Qz81Lm"
	})
	fs := Evaluate(later(denial), nil, catalog.Default(), Options{Applied: ps})
	i := slices.IndexFunc(fs.Findings, func(f Finding) bool { return f.Rule == "TT-D12" })
	if i < 0 || !contains(fs.Findings[i].Fix.Summary, "see trimtrail-conditions-app") || fs.Findings[i].Fix.Policy != "" {
		t.Errorf("found %+v", fs.Findings)
	}
}

// A shared policy that was narrowed is answered for each who had it.
func TestRemovedFromShared(t *testing.T) {
	f, states := team(t, statements(`{"Sid":"Team","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`), map[string][]analyze.Usage{"api": secretsDaily(), "web": secretsDaily()})
	ps := SizeAll(f, states, catalog.Default(), SizeOptions{Only: []string{sharedARN}})
	denial := refusedCall(roleARN(sizeAccount, "web"), "secretsmanager:PutSecretValue", sizeEnd.AddDate(0, 0, 9), identityImplicit)
	fs := Evaluate(later(denial), nil, catalog.Default(), Options{Applied: ps})
	i := slices.IndexFunc(fs.Findings, func(f Finding) bool { return f.Rule == "TT-D12" })
	if i < 0 || !contains(fs.Findings[i].Fix.Summary, "back into team") || !contains(fs.Findings[i].Fix.Policy, "secretsmanager:PutSecretValue") {
		t.Errorf("found %+v", fs.Findings)
	}
}
