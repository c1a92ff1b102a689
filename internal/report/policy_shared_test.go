package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

func sharedDoc(t *testing.T, action string) *iam.Document {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// someShared is a shared policy with all that a view shows.
func someShared(t *testing.T, name string) rules.Shared {
	t.Helper()
	arn, proven := "arn:aws:iam::111122223333:policy/"+name, true
	role := "arn:aws:iam::111122223333:role/"
	return rules.Shared{Kind: "policy", Name: name, ARN: arn, Accounts: []string{"111122223333"}, Principals: []string{role + "a", role + "b", role + "c"}, Confidence: "ready",
		Current: []rules.PolicyRef{{Name: name, Source: arn, Document: sharedDoc(t, "s3:*")}}, Proposed: []rules.PolicyRef{{Name: name, Source: arn, Document: sharedDoc(t, "s3:GetObject")}},
		Needs: []rules.Need{{Principal: role + "a", Actions: []string{"s3:GetObject"}}, {Principal: role + "b", Actions: []string{"s3:ListBucket"}}}, Idle: []string{role + "c"},
		Breaks:      []rules.Broken{{Principal: role + "b", Calls: 2, Failures: []rules.Failure{{Action: "s3:ListBucket", Count: 2, Event: "e-1"}}}},
		Split:       []rules.Part{{Principals: []string{role + "a"}, Actions: []string{"s3:GetObject"}, Document: sharedDoc(t, "s3:GetObject")}, {Principals: []string{role + "b"}, Actions: []string{"s3:ListBucket"}, Document: sharedDoc(t, "s3:ListBucket")}},
		NoNewAccess: &proven, Replay: &rules.Replay{Calls: 10}, Score: &rules.Score{Current: 50, Proposed: 5}, Warnings: []string{"mind <this> | that"}}
}

func TestSharedDiff(t *testing.T) {
	s := someShared(t, "team")
	var b bytes.Buffer
	if err := SharedDiff(&b, &s, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"policy/team · READY · account 111122223333, 3 principals", `-      "Action": "s3:*"`, `+      "Action": "s3:GetObject"`, "unused by       role/c",
		"needs           role/a: s3:GetObject", "would break     role/b: 2 held-out calls, first s3:ListBucket", "or split        role/a with 1 used action"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// Pages and code of shared policies lie apart, and no name leads out of the directory.
func TestSharedFiles(t *testing.T) {
	p := &rules.Policies{Shared: []rules.Shared{someShared(t, "team"), someShared(t, "../../x"), someShared(t, "TEAM")}}
	early := someShared(t, "early")
	early.Confidence = "too early"
	p.Shared = append(p.Shared, early)
	for format, want := range map[string]string{
		"json": "111122223333/shared/policy-team/team.json", "terraform": "111122223333/shared/policy-team.tf 111122223333/shared/provider.tf 111122223333/shared/rollback/policy-team.tf",
		"cli": "111122223333/shared/policy-team.sh 111122223333/shared/policy-team.rollback.sh", "cloudformation": "111122223333/shared/policy-team.template.json 111122223333/shared/policy-team.import.json",
	} {
		files, _, _ := PolicyFiles(p, format, PlanOptions{})
		got := map[string]string{}
		for _, f := range files {
			got[f.Name] = string(f.Data)
			if strings.Contains(f.Name, "..") || strings.Contains(f.Name, "early") {
				t.Errorf("%s: wrote %s", format, f.Name)
			}
		}
		for _, name := range append(strings.Fields(want), "111122223333/shared/policy-team.md", "111122223333/shared/policy-TEAM-2.md") {
			if got[name] == "" {
				t.Errorf("%s: no %s", format, name)
			}
		}
		if !strings.Contains(got["README.md"], "(111122223333/shared/policy-team.md)") {
			t.Errorf("%s: the index does not lead there:\n%s", format, got["README.md"])
		}
		if page := got["111122223333/shared/policy-team.md"]; !strings.Contains(page, "Who needs what") || !strings.Contains(page, `mind \<this\> \| that`) {
			t.Errorf("page:\n%s", page)
		}
	}
}
