package iam

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// realData is the folder of real account data, or the test is skipped.
func realData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRIMTRAIL_DATA")
	if dir == "" {
		t.Skip("TRIMTRAIL_DATA names no folder with real data")
	}
	return filepath.Join(dir, "iam")
}

func eachFile(t *testing.T, dir string, do func(name string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err == nil {
			do(name, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Real details load, every document of theirs prints as it was written, and comes back out of the lake's form.
func TestRealDetails(t *testing.T) {
	dir := realData(t)
	accounts, documents, holders := 0, 0, 0
	for _, folder := range []string{"account-details", "demo-account"} {
		eachFile(t, filepath.Join(dir, folder), func(name string, data []byte) {
			states := States{}
			l, err := Load(name, data, states)
			if errors.Is(err, ErrUnknown) || errors.Is(err, ErrNoAccount) || err == nil && !l.Used {
				if strings.Contains(name, "authz") || strings.Contains(name, "authorization-details") || strings.Contains(name, "credential-report") {
					t.Errorf("%s is not recognised", name)
				}
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			documents += sameDocuments(t, data)
			for _, s := range states {
				accounts++
				text := encoded(t, s)
				back, err := DecodeState([]byte(text))
				if err != nil || encoded(t, back) != text {
					t.Errorf("%s, account %s: does not come back: %v", name, s.AccountID, err)
				}
				holders += grantsAgree(t, s)
			}
		})
	}
	t.Logf("%d accounts, %d documents, %d users and roles", accounts, documents, holders)
	if accounts == 0 || documents == 0 || holders == 0 {
		t.Error("nothing was read")
	}
}

// grantsAgree holds what users and roles are granted against single
// decisions: nothing that is not granted may be allowed.
func grantsAgree(t *testing.T, s *State) (holders int) {
	c := catalog.Default()
	for _, h := range s.Holders() {
		holders++
		granted := map[string]bool{}
		for _, a := range h.Granted(c).Actions {
			granted[a.Name] = true
		}
		v := NewEvaluator(h.Documents())
		for i, a := range c.Expand("*") {
			if i%7 == holders%7 && !granted[a] && v.Decide(Request{Principal: h.ARN, Action: a, Resource: "*"}) == Allowed {
				t.Errorf("%s may %s, which is not granted", h.ARN, a)
			}
		}
	}
	return holders
}

// sameDocuments holds every policy document in a text against its own print.
func sameDocuments(t *testing.T, data []byte) (n int) {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if _, ok := v["Statement"]; ok {
				n++
				same(t, v)
				return
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return n
}

func same(t *testing.T, v map[string]any) {
	text, _ := json.Marshal(v)
	d, err := decode(text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	var back any
	if err := json.Unmarshal(d.JSON(), &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if string(again) != string(text) && !strings.Contains(string(text), "true") { // unquoted booleans come back quoted
		t.Errorf("became %s\nwas    %s", again, text)
	}
}

func TestLabAccount(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(realData(t), "account-details", "lab-account.json"))
	if err != nil {
		t.Skip(err)
	}
	states := States{}
	if _, err := Load("lab-account.json", data, states); err != nil {
		t.Fatal(err)
	}
	users, groups, roles, used := 0, 0, 0, 0
	for _, s := range states {
		users, groups, roles = users+len(s.Users), groups+len(s.Groups), roles+len(s.Roles)
		for _, r := range s.Roles {
			if r.LastUsed != nil {
				used++
			}
		}
	}
	if got := [4]int{users, groups, roles, used}; got != [4]int{44, 5, 78, 26} {
		t.Errorf("users, groups, roles, roles used are %v", got)
	}
}

// Recorded responses wrap what AWS said in status_code and data, and times in an object.
func TestRealReports(t *testing.T) {
	n := 0
	eachFile(t, filepath.Join(realData(t), "recorded-responses"), func(name string, data []byte) {
		var r struct {
			Status int `json:"status_code"`
			Data   struct{ Content string }
		}
		if !strings.Contains(name, "GetCredentialReport") || json.Unmarshal(data, &r) != nil || r.Status != 200 {
			return
		}
		n++
		text, _ := json.Marshal(map[string]any{"Content": r.Data.Content, "ReportFormat": "text/csv"})
		states := States{}
		if _, err := Load(name, text, states); err != nil {
			t.Error(err)
			return
		}
		lines := strings.Count(strings.TrimSpace(r.Data.Content), "\n")
		for _, s := range states {
			if len(s.Report)+len(s.Warnings) != lines { // one name stands twice in some
				t.Errorf("%s: %d users of %d lines", name, len(s.Report), lines)
			}
		}
	})
	t.Logf("%d reports", n)
	if n == 0 {
		t.Error("nothing was read")
	}
}

// Every real file loads, or is said to be of no use, with the reason.
func TestRealFilesAllAnswer(t *testing.T) {
	used, unused := map[string]int{}, map[string]int{}
	eachFile(t, realData(t), func(name string, data []byte) {
		states := States{"111122223333": {AccountID: "111122223333"}}
		l, err := Load(name, data, states)
		text := strings.Contains(name, "LICENSE") || strings.HasSuffix(name, "SOURCE.txt") || strings.HasSuffix(name, ".yaml")
		switch {
		case text && errors.Is(err, ErrUnknown):
			unused["text of another sort"]++
		case err != nil || text:
			t.Errorf("%s: %+v, %v", name, l, err)
		case l.Used:
			used[l.What]++
		default:
			if unused[l.What+": "+l.Reason]++; l.Reason == "" {
				t.Errorf("%s: no reason", name)
			}
		}
	})
	t.Logf("used: %v", used)
	t.Logf("of no use: %v", unused)
	for _, what := range []string{"account summary", "password policy", "last-accessed details", "list of trails", "authorization details", "credential report", "caller identity"} {
		if used[what] == 0 {
			t.Errorf("no %s was read", what)
		}
	}
}
