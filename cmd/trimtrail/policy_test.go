package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// TestPolicyPaths holds that files stay below the directory whatever a log
// calls its principals, and that names which IAM does not give become no code.
func TestPolicyPaths(t *testing.T) {
	doc, err := iam.ParsePolicy([]byte(allowAll))
	if err != nil {
		t.Fatal(err)
	}
	p := rules.Policies{}
	add := func(account, arn string) {
		p.Policies = append(p.Policies, rules.Proposal{Principal: arn, AccountID: account, Confidence: "ready",
			Proposed: []rules.PolicyRef{{Name: "p", Document: doc}, {Name: "unknown"}}})
	}
	for _, user := range []string{"a b", "a?b", "", strings.Repeat("n", 300), "\x1b[2J", "x;rm", "$(id)", "`id`", "a\nb"} {
		add("111122223333", "arn:aws:iam::111122223333:user/"+user)
	}
	add("../1", "arn:aws:iam::111122223333:user/alice")
	odd := []string{"../../../x", "..", ".hidden", "-rf", "a+b=c,d.e@f_g-h"}
	for _, user := range odd {
		add("111122223333", "arn:aws:iam::111122223333:user/"+user)
	}
	for _, format := range report.PolicyFormats {
		root := t.TempDir()
		plans, left, err := writePolicyFiles(filepath.Join(root, "a", "b"), format, &p, report.PlanOptions{})
		if err != nil || len(plans) != len(odd) || len(left) != len(p.Policies)-len(odd) {
			t.Fatalf("%s: %d written, %d left out, %v", format, len(plans), len(left), err)
		}
		checkPaths(t, root)
	}
}

func checkPaths(t *testing.T, root string) {
	t.Helper()
	safe := regexp.MustCompile(`^a/b/(README\.md|policies\.json|111122223333/(provider\.tf|(rollback/)?user-[A-Za-z0-9._@+=,-]+(/p(-user-[0-9])?\.json)?))$`)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		if err == nil && !d.IsDir() && !safe.MatchString(filepath.ToSlash(rel)) {
			t.Errorf("wrote %q", rel)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
