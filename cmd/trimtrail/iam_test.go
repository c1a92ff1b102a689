package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// kept is the state of the fixtures' account as the lake gives it.
func kept(t *testing.T, dir string) *iam.State {
	t.Helper()
	l, err := lake.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	states, err := loadStates(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(states) != 1 || states["111122223333"] == nil {
		t.Fatalf("states of %d accounts", len(states))
	}
	return states["111122223333"]
}

func TestIAMLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	code, out, errors := call("", "iam", "load", filepath.Join(iamFixtures, "details.json"), filepath.Join(iamFixtures, "report.json"), "--lake", dir, "--format", "json")
	if code != 0 || errors != "" {
		t.Fatalf("exit code %d, %s", code, errors)
	}
	var doc iamLoaded
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	a := doc.Accounts[0]
	if doc.Schema != "trimtrail.iam/1" || len(doc.Accounts) != 1 || len(doc.Files) != 2 || a.AccountID != "111122223333" || a.Users != 2 || a.Roles != 2 || a.Groups != 1 ||
		a.Policies != 3 || a.Report != 3 || !a.HasDetails || !a.HasReport || a.Warnings == nil || !a.TakenAt.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("printed %s", out)
	}
	s := kept(t, dir)
	if !s.HasDetails || !s.HasReport || len(s.Users) != 2 || len(s.Report) != 3 || !s.TakenAt.Equal(a.TakenAt) {
		t.Errorf("kept %+v", s)
	}
}

// Details and report loaded one after the other, at one time or at two, end in one state.
func TestIAMLoadInSteps(t *testing.T) {
	for _, times := range [][2]string{{"2026-06-01", "2026-06-01"}, {"2026-06-01", "2026-06-02"}, {"2026-06-02", "2026-06-01"}} {
		dir := filepath.Join(t.TempDir(), "lake")
		for i, name := range []string{"details-pages.jsonl", "report.csv"} {
			if code, _, errors := call("", "iam", "load", filepath.Join(iamFixtures, name), "--lake", dir, "--taken-at", times[i]); code != 0 {
				t.Fatal(errors)
			}
		}
		s := kept(t, dir)
		if !s.HasDetails || !s.HasReport || len(s.Users) != 2 || len(s.Report) != 3 || s.TakenAt.Format(time.DateOnly) != max(times[0], times[1]) {
			t.Errorf("at %v: kept %+v", times, s)
		}
	}
}

// A newer snapshot replaces an older one whole, and older ones are not read without need.
func TestLoadStatesTakesTheNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	l, err := lake.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	save := func(day int, s *iam.State) {
		s.AccountID, s.TakenAt = "111122223333", time.Date(2026, 6, day, 0, 0, 0, 0, time.UTC)
		if err := saveState(l, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.SaveState("111122223333", time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), []byte("damaged, and too old to matter")); err != nil {
		t.Fatal(err)
	}
	save(1, &iam.State{HasReport: true, Report: []iam.Credentials{{User: "old", ARN: "arn:aws:iam::111122223333:user/old"}}})
	save(2, &iam.State{HasDetails: true, Users: []iam.User{{Name: "gone", ARN: "arn:aws:iam::111122223333:user/gone"}}})
	save(3, &iam.State{HasDetails: true, Users: []iam.User{{Name: "here", ARN: "arn:aws:iam::111122223333:user/here"}}})
	s := kept(t, dir)
	if len(s.Users) != 1 || s.Users[0].Name != "here" || len(s.Report) != 1 || len(s.Warnings) != 2 {
		t.Errorf("kept %+v", s)
	}
}

func TestLoadStatesSaysWhatIsDamaged(t *testing.T) {
	l, err := lake.Create(filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	if states, err := loadStates(context.Background(), l); err != nil || len(states) != 0 {
		t.Errorf("an empty lake has %d states, %v", len(states), err)
	}
	if err := l.SaveState("111122223333", time.Unix(0, 0), []byte("{")); err != nil {
		t.Fatal(err)
	}
	if _, err := loadStates(context.Background(), l); err == nil || !strings.Contains(err.Error(), "111122223333") {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := loadStates(ctx, l); err != context.Canceled {
		t.Errorf("interrupted, the error is %v", err)
	}
}

func TestIAMLoadTable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	csv, err := os.ReadFile(filepath.Join(iamFixtures, "report.csv"))
	if err != nil {
		t.Fatal(err)
	}
	code, out, errors := call(string(csv), "iam", "load", "-", "--lake", dir, "--taken-at", "2026-06-01T08:00:00+02:00")
	want := "ACCOUNT       TAKEN AT              USERS  ROLES  GROUPS  POLICIES  CREDENTIAL REPORT  ALSO\n" +
		"111122223333  2026-06-01T06:00:00Z  -      -      -       -         3 lines            -\n"
	if code != 0 || out != want || errors != "" {
		t.Errorf("exit code %d, %s%s", code, out, errors)
	}
}

// A directory gives what it holds; what cannot be read is named, and the exit code says so.
func TestIAMLoadDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"a.txt": "not looked at", "a.json": `{"SummaryMap":{"Users":2}}`, "b.json": `{"Roles":[]}`, "c.json": "{", "d.json": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	to := filepath.Join(t.TempDir(), "lake")
	if code, _, errors := call("", "iam", "load", dir, "--lake", to); code != exitFailed || !strings.Contains(errors, "left out: read "+filepath.Join(dir, "c.json")) {
		t.Errorf("exit code %d, %s", code, errors)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("a lake was made for nothing")
	}
	details, err := os.ReadFile(filepath.Join(iamFixtures, "details.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "e.json"), details, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errors := call("", "iam", "load", dir, "--lake", to)
	if code != exitQuarantined || strings.Count(errors, "left out") != 2 || !strings.Contains(errors, "(list of roles) is of no use: it has no policies") {
		t.Errorf("exit code %d, %s", code, errors)
	}
	if s := kept(t, to); len(s.Users) != 2 || s.Summary["Users"] != 2 {
		t.Errorf("kept %+v", s)
	}
}

func TestIAMLoadErrors(t *testing.T) {
	details := filepath.Join(iamFixtures, "details.json")
	dir := t.TempDir()
	notLake := filepath.Join(dir, "file")
	if err := os.WriteFile(notLake, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no files", []string{"--lake", dir}, exitUsage, "at least 1 arg"},
		{"no lake", []string{details}, exitUsage, "--lake is missing"},
		{"format", []string{details, "--lake", dir, "--format", "xml"}, exitUsage, "unknown format"},
		{"time", []string{details, "--lake", dir, "--taken-at", "noon"}, exitUsage, "is not a time"},
		{"no such file", []string{"gone.json", "--lake", dir}, exitFailed, "gone.json"},
		{"lake that is a file", []string{details, "--lake", notLake}, exitFailed, "is not a lake"},
		{"not IAM", []string{filepath.Join(iamFixtures, "README.md"), "--lake", dir}, exitFailed, "hint: load the output of  aws iam get-account-authorization-details"},
		{"account", []string{details, "--lake", dir, "--account", "12"}, exitUsage, "--account"},
		{"whose summary", []string{filepath.Join(iamFixtures, "summary.json"), "--lake", dir}, exitFailed, "hint: name it with  --account"},
		{"empty", []string{notLake, "--lake", dir}, exitFailed, "the file is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errors := call("", append([]string{"iam", "load"}, c.args...)...)
			if code != c.code || out != "" || !strings.Contains(errors, c.want) {
				t.Errorf("exit code %d, output %q, messages %q", code, out, errors)
			}
		})
	}
}

// Files that name no account find theirs in any order: by the call's other
// files, by the caller's identity, or as told.
func TestIAMLoadFindsTheAccount(t *testing.T) {
	summary, passwords := filepath.Join(iamFixtures, "summary.json"), filepath.Join(iamFixtures, "password-policy.json")
	for name, args := range map[string][]string{
		"before": {summary, passwords, filepath.Join(iamFixtures, "report.csv")},
		"after":  {filepath.Join(iamFixtures, "report.csv"), summary, passwords},
		"caller": {summary, passwords, filepath.Join(iamFixtures, "caller.json")},
		"told":   {summary, passwords, "--account", "111122223333"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "lake")
			if code, _, errors := call("", append([]string{"iam", "load", "--lake", dir, "--taken-at", "2026-06-01"}, args...)...); code != 0 {
				t.Fatal(errors)
			}
			if s := kept(t, dir); s.Summary["AccountMFAEnabled"] != 1 || s.PasswordPolicy == nil || s.PasswordPolicy.MinimumLength != 14 {
				t.Errorf("kept %+v", s)
			}
		})
	}
}

// A part that was loaded once stays, however many snapshots without it follow,
// and those are not read for it.
func TestLoadStatesGoesBackForParts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	l, err := lake.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	save := func(day int, s *iam.State) {
		s.AccountID, s.TakenAt = "111122223333", time.Date(2026, 6, day, 0, 0, 0, 0, time.UTC)
		if err := saveState(l, s); err != nil {
			t.Fatal(err)
		}
	}
	save(1, &iam.State{PasswordPolicy: &iam.PasswordPolicy{Exists: true, MinimumLength: 8}})
	save(2, &iam.State{PasswordPolicy: &iam.PasswordPolicy{Exists: true, MinimumLength: 14}})
	for day := 3; day < 9; day++ {
		save(day, &iam.State{HasDetails: true, HasReport: true})
	}
	// What follows the parts is damaged, and nobody looks at it.
	if err := l.SaveState("111122223333", time.Date(2026, 6, 7, 0, 0, 0, 0, time.UTC), []byte(`{"schema":"trimtrail.iam-state/1","parts":["details"],"account_id":`)); err != nil {
		t.Fatal(err)
	}
	if s := kept(t, dir); s.PasswordPolicy == nil || s.PasswordPolicy.MinimumLength != 14 || s.TakenAt.Day() != 8 {
		t.Errorf("kept %+v", s)
	}
}
