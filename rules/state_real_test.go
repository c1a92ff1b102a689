package rules

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// realStates loads a folder of recorded answers, or skips the test. Files that
// name no account wait until one is known.
func realStates(t *testing.T, folder string) map[string]*iam.State {
	t.Helper()
	dir := os.Getenv("TRIMTRAIL_DATA")
	if dir == "" {
		t.Skip("TRIMTRAIL_DATA names no folder with real data")
	}
	states := iam.States{}
	for range 2 {
		err := filepath.WalkDir(filepath.Join(dir, "iam", folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			_, err = iam.Load(name, data, states)
			if errors.Is(err, iam.ErrUnknown) || errors.Is(err, iam.ErrNoAccount) || errors.Is(err, iam.ErrNotYet) {
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return states
}

// What a reviewer finds in these accounts beyond keys and roles.
func TestRealStates(t *testing.T) {
	for _, c := range []struct {
		folder, account, rule string
		want                  int
		severity              Severity
	}{
		{"demo-account", "123456789012", "TT-P01", 1, Critical}, // a root key
		{"demo-account", "123456789012", "TT-L03", 1, High},     // a trail of one region
		{"demo-account", "123456789012", "TT-L04", 1, Medium},   // without a KMS key
		{"demo-account", "123456789012", "TT-P11", 0, ""},       // the password policy was not asked for
		{"account-details", "012345678901", "TT-P10", 2, Low},   // two documents, on two users and on two roles
		{"account-details", "200611803367", "TT-P10", 0, ""},    // sixteen roles that AWS Quick Setup made
		{"account-details", "200611803367", "TT-L03", 0, ""},    // not loaded
	} {
		n := 0
		for _, f := range ofRule(evaluate(factsOf(), realStates(t, c.folder)), c.rule) {
			if f.AccountID == c.account {
				n++
				if f.Severity != c.severity {
					t.Errorf("%s of %s is %s: %s", c.rule, c.account, f.Severity, f.Title)
				}
			}
		}
		if n != c.want {
			t.Errorf("%s of %s: %d findings, want %d", c.rule, c.account, n, c.want)
		}
	}
}
