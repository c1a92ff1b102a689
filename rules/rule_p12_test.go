package rules

import (
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// reader is a role of a name that holds these actions.
func reader(t testing.TB, name, actions string) scene {
	return loaded(roleWith(func(r *iam.Role) {
		r.Name, r.ARN = name, "arn:aws:iam::111122223333:role/"+name
		r.Inline = []iam.NamedDocument{{Name: "p", Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":`+actions+`,"Resource":"*"}]}`)}}
	}))
}

func TestReaders(t *testing.T) {
	const reading = `["s3:Get*","s3:List*","ec2:Describe*","kms:Decrypt","athena:StartQueryExecution","logs:StartQuery","logs:StopQuery","sts:AssumeRole"]`
	managed := func(arn string) scene {
		s := reader(t, "ReadOnly", reading)
		st := s.states[testAccount]
		st.Roles[0].Attached = []string{arn}
		st.Policies = []iam.Policy{{Name: nameOf(arn), ARN: arn, Document: document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}`)}}
		return s
	}
	for _, c := range []struct {
		name     string
		scene    scene
		severity Severity
		words    string
	}{
		{"reads", reader(t, "ops-read-only", reading), "", ""},
		{"writes", reader(t, "ops-read-only", `["s3:Get*","s3:PutObject"]`), Medium, "may change things by 1 action"},
		{"may open a bucket", reader(t, "ViewOnly_team", `["s3:PutObject","s3:PutBucketPolicy"]`), Medium, "may change things by 2 actions"},
		{"another name", reader(t, "ops", `["s3:PutObject"]`), "", ""},
		{"an administrator", reader(t, "ReadOnlyAdmin", `"*"`), "", ""},
		{"by a policy of AWS", managed("arn:aws:iam::aws:policy/ReadOnlyAccess"), "", ""},
		{"by a managed policy of its own", managed("arn:aws:iam::111122223333:policy/more"), Medium, "1 action"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := wantOne(t, evaluate(c.scene.facts, c.scene.states), "TT-P12", c.severity)
			if !strings.Contains(x.Title, c.words) {
				t.Error(x.Title, x.Reason)
			}
		})
	}
	s := reader(t, "ViewOnly_team", `["s3:PutObject","s3:PutBucketPolicy"]`)
	if x := wantOne(t, evaluate(s.facts, s.states), "TT-P12", Medium); x.Evidence.Actions[0] != "s3:PutBucketPolicy" {
		t.Error(x.Evidence.Actions)
	}
}
