package pull

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

const (
	instanceARN = "arn:aws:sso:::instance/ssoins-1111222233334444"
	adminSet    = "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-0123456789abcdef"
	auditSet    = "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-fedcba9876543210"
)

// identityCenter is an instance in eu-west-1 with two sets, each list in two pages.
func (s *stub) identityCenter() {
	paged := func(first, second string) func(call) answer {
		return func(c call) answer {
			if c.params["NextToken"] == "" {
				return answer{body: `{` + first + `,"NextToken":"more"}`}
			}
			return answer{body: `{` + second + `}`}
		}
	}
	s.to("sso:ListInstances", func(c call) answer {
		if c.params["region"] != "eu-west-1" {
			return answer{body: `{"Instances":[]}`}
		}
		return paged(`"Instances":[]`, `"Instances":[{"InstanceArn":"`+instanceARN+`","IdentityStoreId":"d-1","Status":"ACTIVE"}]`)(c)
	})
	s.to("sso:ListPermissionSets", paged(`"PermissionSets":["`+adminSet+`"]`, `"PermissionSets":["`+auditSet+`"]`))
	s.to("sso:DescribePermissionSet", func(c call) answer {
		name := map[string]string{adminSet: "Admin", auditSet: "Audit"}[c.params["PermissionSetArn"]]
		return answer{body: fmt.Sprintf(`{"PermissionSet":{"Name":%q,"PermissionSetArn":%q,"Description":"for %s","SessionDuration":"PT8H","CreatedDate":1.7e9}}`, name, c.params["PermissionSetArn"], name)}
	})
	ofAudit := func(f func(call) answer, none string) func(call) answer {
		return func(c call) answer {
			if c.params["PermissionSetArn"] == auditSet {
				return f(c)
			}
			return answer{body: none}
		}
	}
	s.to("sso:GetInlinePolicyForPermissionSet", ofAudit(func(call) answer { return answer{body: `{"InlinePolicy":"` + noS3 + `"}`} }, `{"InlinePolicy":""}`))
	managed := func(name string) string {
		return `"AttachedManagedPolicies":[{"Name":"` + name + `","Arn":"arn:aws:iam::aws:policy/` + name + `"}]`
	}
	s.to("sso:ListManagedPoliciesInPermissionSet", paged(managed("SecurityAudit"), managed("ReadOnlyAccess")))
	s.to("sso:ListCustomerManagedPolicyReferencesInPermissionSet", ofAudit(paged(`"CustomerManagedPolicyReferences":[{"Name":"one","Path":"/team/"}]`, `"CustomerManagedPolicyReferences":[{"Name":"two","Path":"/"}]`), `{"CustomerManagedPolicyReferences":[]}`))
	s.to("sso:GetPermissionsBoundaryForPermissionSet", func(c call) answer {
		if c.params["PermissionSetArn"] == adminSet {
			return jsonError(400, "ResourceNotFoundException", "PermissionsBoundary not found")
		}
		return answer{body: `{"PermissionsBoundary":{"ManagedPolicyArn":"arn:aws:iam::aws:policy/PowerUserAccess"}}`}
	})
	s.to("sso:ListAccountsForProvisionedPermissionSet", paged(`"AccountIds":["`+home+`"]`, `"AccountIds":["`+member+`"]`))
	s.to("sso:ListAccountAssignments", func(c call) answer {
		assigned := func(kind, id string) string {
			return fmt.Sprintf(`"AccountAssignments":[{"AccountId":%q,"PermissionSetArn":%q,"PrincipalType":%q,"PrincipalId":%q}]`, c.params["AccountId"], c.params["PermissionSetArn"], kind, id)
		}
		return paged(assigned("GROUP", "g-1"), assigned("USER", "u-1"))(c)
	})
}

func centerOptions(s *stub) Options {
	o := s.options()
	o.Parts = []string{"permission_sets"}
	return o
}

// Sets come out as the loader of files makes them, whole over all pages.
func TestPullPermissionSets(t *testing.T) {
	s := newStub(t)
	s.whole()
	r := s.run(t, centerOptions(s))
	sets := r.States[home].PermissionSets
	if len(r.Missing) != 0 || len(sets) != 2 {
		t.Fatalf("missing %q, sets %+v", missing(r), sets)
	}
	audit := sets[1]
	if audit.Inline == nil || len(audit.Inline.Statements) != 1 {
		t.Errorf("inline policy is %+v", audit.Inline)
	}
	audit.Inline = nil
	want := iam.PermissionSet{
		ARN: auditSet, Name: "Audit", Description: "for Audit", SessionDuration: "PT8H", Boundary: "arn:aws:iam::aws:policy/PowerUserAccess",
		Managed:         []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"},
		CustomerManaged: []string{"/team/one", "/two"},
		Assignments:     []iam.Assignment{{AccountID: home, Kind: "GROUP", Principal: "g-1"}, {AccountID: home, Kind: "USER", Principal: "u-1"}, {AccountID: member, Kind: "GROUP", Principal: "g-1"}, {AccountID: member, Kind: "USER", Principal: "u-1"}},
	}
	if !reflect.DeepEqual(audit, want) {
		t.Errorf("got  %+v\nwant %+v", audit, want)
	}
	if admin := sets[0]; admin.Name != "Admin" || admin.Inline != nil || admin.Boundary != "" || len(admin.CustomerManaged) != 0 || len(admin.Assignments) != 4 {
		t.Errorf("the other set is %+v", admin)
	}
}

// Where there is no instance, a sentence says so and what to try.
func TestPullNoIdentityCenter(t *testing.T) {
	s := newStub(t)
	s.whole()
	o := centerOptions(s)
	o.Parts, o.IdentityCenterRegion = append(o.Parts, "summary"), "us-east-1"
	r := s.run(t, o)
	if got := missing(r); len(got) != 1 || !strings.Contains(got[0], "permission sets is missing: sso:ListInstances: there is no instance of Identity Center in us-east-1") || r.Missing[0].Denied {
		t.Errorf("missing is %q", got)
	}
	if got := r.States[home].Parts(); !slices.Equal(got, []string{"summary"}) {
		t.Errorf("parts are %v", got)
	}
	o.IdentityCenterRegion, o.Region = "eu-west-1", "us-east-1"
	if r := s.run(t, o); len(r.Missing) != 0 || len(r.States[home].PermissionSets) != 2 {
		t.Errorf("in its region: missing %q", missing(r))
	}
}

// Through a role the sets are asked for once, by the caller.
func TestPullPermissionSetsOnce(t *testing.T) {
	s := newStub(t)
	s.whole()
	s.to("sts:AssumeRole", assume)
	o := centerOptions(s)
	o.RoleARN, o.ExternalID, o.Parts = "arn:{partition}:iam::{account}:role/audit", "e-1", append(o.Parts, "summary")
	for _, accounts := range [][]string{nil, {member}} {
		o.Accounts = accounts
		before := s.count("sso:ListPermissionSets")
		r := s.run(t, o)
		if n := s.count("sso:ListPermissionSets") - before; len(r.Missing) != 0 || n != 2 || len(r.States[home].PermissionSets) != 2 || r.States[member].HasPermissionSets {
			t.Errorf("accounts %v: %d pages asked, missing %q", accounts, n, missing(r))
		}
	}
}

// Throttled pages are asked again; a list that never ends, and a page of HTML, end the part alone.
func TestPullPermissionSetsTroubled(t *testing.T) {
	for _, c := range []struct {
		name, call string
		answers    []answer
		want       string
	}{
		{"throttled", "sso:ListPermissionSets", []answer{jsonError(400, "ThrottlingException", "Rate exceeded"), {body: `{"PermissionSets":["` + adminSet + `"]}`}}, ""},
		{"never ends", "sso:ListPermissionSets", []answer{{body: `{"PermissionSets":[],"NextToken":"same"}`}}, "the same page came twice"},
		{"a proxy's page", "sso:DescribePermissionSet", []answer{{status: 200, body: "<html>log in</html>", html: true}}, "the answer is not AWS's"},
		{"broken policy", "sso:GetInlinePolicyForPermissionSet", []answer{{body: `{"InlinePolicy":"{"}`}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t)
			s.whole()
			s.on(c.call, c.answers...)
			o := centerOptions(s)
			o.Parts = append(o.Parts, "summary")
			r := s.run(t, o)
			got := strings.Join(missing(r), "; ")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("missing is %q", got)
			}
			if r.States[home] == nil || r.States[home].Summary == nil {
				t.Error("the summary is lost too")
			}
			if c.name == "broken policy" && !strings.Contains(strings.Join(r.States[home].Warnings, "; "), "inline policy of "+adminSet+" cannot be read") {
				t.Errorf("warnings are %q", r.States[home].Warnings)
			}
		})
	}
}
