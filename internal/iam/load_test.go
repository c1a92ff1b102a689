package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

const fixtures = "../../testdata/iam"

func read(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(fixtures, name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// load reads fixtures together, in order, into one account.
func load(tb testing.TB, names ...string) *State {
	tb.Helper()
	states := States{}
	for _, n := range names {
		if _, err := Load(n, read(tb, n), states); err != nil {
			tb.Fatal(err)
		}
	}
	if len(states) != 1 || states[home] == nil {
		tb.Fatalf("states of %d accounts", len(states))
	}
	return states[home]
}

func encoded(tb testing.TB, s *State) string {
	tb.Helper()
	data, err := EncodeState(s)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestLoadDetails(t *testing.T) {
	s := load(t, "details.json")
	if !s.HasDetails || s.HasReport || s.AccountID != home || len(s.Warnings) != 0 {
		t.Errorf("state is %+v", s)
	}
	u, r := s.Users[0], s.Roles[1]
	if u.Name != "alice" || u.ID != "AIDAEXAMPLEALICE" || !slices.Equal(u.Groups, []string{"readers"}) || u.Tags["team"] != "blue" ||
		u.Boundary != "arn:aws:iam::111122223333:policy/edge" || !slices.Equal(u.Attached, []string{"arn:aws:iam::111122223333:policy/team/deploy"}) ||
		!u.Created.Equal(time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("user is %+v", u)
	}
	if r.Name != "app" || r.Path != "/service/" || r.ID != "AROAEXAMPLEAPP" || r.LastUsed == nil || !r.LastUsed.Equal(time.Date(2026, 5, 30, 23, 10, 0, 0, time.UTC)) ||
		r.Trust.Statements[0].Principal.By["Service"].Values[0] != "ec2.amazonaws.com" || r.Inline[0].Name != "work" {
		t.Errorf("role is %+v", r)
	}
	if s.Roles[0].LastUsed != nil {
		t.Error("a role without RoleLastUsed was used")
	}
	deploy := s.Policies[slices.IndexFunc(s.Policies, func(p Policy) bool { return p.Name == "deploy" })]
	if got := deploy.Document.Statements[0].Action.Values; len(got) != 3 {
		t.Errorf("not the default version: %v", got)
	}
}

// The raw API's pages say the same as the CLI's one document; so do pages in
// a list, and in files of their own.
func TestLoadPages(t *testing.T) {
	want := encoded(t, load(t, "details.json"))
	if got := encoded(t, load(t, "details-pages.jsonl")); got != want {
		t.Errorf("pages give\n%s\nwant\n%s", got, want)
	}
	pages := bytes.Split(bytes.TrimSpace(read(t, "details-pages.jsonl")), []byte("\n"))
	for name, files := range map[string][][]byte{
		"a list":    {[]byte("[" + string(bytes.Join(pages, []byte(","))) + "]")},
		"two files": pages,
		"turned":    {pages[1], pages[0]},
	} {
		states := States{}
		for i, f := range files {
			l, err := Load(name, f, states)
			if err != nil {
				t.Fatal(err)
			}
			if truncated := bytes.Contains(f, []byte(`"IsTruncated": true`)) && !bytes.Contains(f, []byte(`"IsTruncated": false`)); l.Partial != truncated {
				t.Errorf("%s, file %d: partial is %v", name, i, l.Partial)
			}
		}
		if got := encoded(t, states[home]); got != want {
			t.Errorf("%s gives\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestLoadReport(t *testing.T) {
	s := load(t, "report.csv")
	if s.HasDetails || !s.HasReport || !s.TakenAt.IsZero() || len(s.Report) != 3 {
		t.Errorf("state is %+v", s)
	}
	at := func(y int, m time.Month, d, h, min int) time.Time { return time.Date(y, m, d, h, min, 0, 0, time.UTC) }
	want := Credentials{
		User: "ci", ARN: "arn:aws:iam::111122223333:user/robots/ci", Created: at(2025, 1, 15, 9, 30),
		Keys: [2]Key{
			{Active: true, Rotated: at(2025, 1, 15, 9, 31), LastUsed: at(2026, 5, 31, 22, 0), LastService: "s3", LastRegion: "eu-west-1"},
			{Active: true, Rotated: at(2025, 11, 2, 10, 0)},
		},
	}
	if got := s.Report[2]; got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if root := s.Report[0]; root.User != "<root_account>" || !root.MFA || root.PasswordEnabled {
		t.Errorf("root is %+v", root)
	}
	wrapped := load(t, "report.json")
	if !wrapped.TakenAt.Equal(at(2026, 6, 1, 0, 0)) {
		t.Errorf("taken at %v", wrapped.TakenAt)
	}
	wrapped.TakenAt = time.Time{}
	if got, want := encoded(t, wrapped), encoded(t, s); got != want {
		t.Errorf("base64 gives\n%s\nwant\n%s", got, want)
	}
	text, err := json.Marshal(map[string]string{"Content": string(read(t, "report.csv")), "ReportFormat": "text/csv"})
	if err != nil {
		t.Fatal(err)
	}
	states := States{}
	if _, err := Load("plain Content on one line", text, states); err != nil {
		t.Error(err)
	} else if got, want := encoded(t, states[home]), encoded(t, s); got != want {
		t.Errorf("plain Content gives\n%s\nwant\n%s", got, want)
	}
}

func TestLoadTogether(t *testing.T) {
	a, b := load(t, "details.json", "report.json"), load(t, "report.json", "details.json")
	if !a.HasDetails || !a.HasReport || len(a.Warnings) != 0 || len(a.Users) != 2 || len(a.Report) != 3 {
		t.Errorf("state is %+v", a)
	}
	if encoded(t, a) != encoded(t, b) {
		t.Error("the order of files changes the state")
	}
}

// Windows PowerShell writes UTF-16, other tools a byte order mark.
func TestLoadOtherEncodings(t *testing.T) {
	want := encoded(t, load(t, "details.json"))
	text := read(t, "details.json")
	little, big := []byte("\xFF\xFE"), []byte("\xFE\xFF")
	for _, u := range utf16.Encode([]rune(string(text))) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	for name, data := range map[string][]byte{"UTF-16LE": little, "UTF-16BE": big, "BOM": append([]byte("\xEF\xBB\xBF"), text...)} {
		states := States{}
		if _, err := Load(name, data, states); err != nil {
			t.Error(err)
		} else if got := encoded(t, states[home]); got != want {
			t.Errorf("%s gives another state", name)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	report := "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n"
	for _, c := range []struct{ name, data, want string }{
		{"empty", " \n", "the file is empty"},
		{"NUL", "{\x00}", "NUL byte"},
		{"gzip", "\x1F\x8B\x08\x00", "unpack it"},
		{"zip", "PK\x03\x04\x00", "unpack it"},
		{"text", "hello", ErrUnknown.Error()},
		{"XML", "<GetAccountAuthorizationDetailsResponse/>", ErrUnknown.Error()},
		{"other JSON", `{"Records":[]}`, ErrUnknown.Error()},
		{"empty list", `[]`, ErrUnknown.Error()},
		{"list of numbers", `[1,2]`, ErrUnknown.Error()},
		{"cut short", `{"UserDetailList":[`, "cut short"},
		{"broken", `{"UserDetailList":}`, "JSON breaks at byte 19"},
		{"deep", strings.Repeat("[", 100_000), "max depth"},
		{"wrong type", `{"UserDetailList":[{"Arn":1}]}`, "UserDetailList.Arn is a number"},
		{"no account", `{"UserDetailList":[]}`, "names the account"},
		{"time", `{"UserDetailList":[{"Arn":"arn:aws:iam::111122223333:user/a","CreateDate":"soon"}]}`, `"soon" is not a time`},
		{"another CSV", "a,b\n1,2\n", ErrUnknown.Error()},
		{"report with columns missing", "user,arn,user_creation_time\n", "column password_enabled is missing"},
		{"report with a bad time", report + "a,arn:aws:iam::111122223333:user/a,soon,true,true,true,true\n", "line 2: user_creation_time"},
		{"report without account", report + "a,user/a,2026-01-01T00:00:00Z,true,true,true,true\n", "no account in its ARN"},
		{"report with an open quote", report + "\"a,b\n", "quote"},
		{"wrapped nothing", `{"Content":"aGVsbG8=","ReportFormat":"text/csv"}`, "neither the CSV nor its base64"},
		{"wrapped number", `{"Content":5,"ReportFormat":"text/csv"}`, "Content is a number"},
		{"state of a later program", `{"schema":"trimtrail.iam-state/9","account_id":"111122223333","has_details":true}`, `"trimtrail.iam-state/9"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := States{}
			_, err := Load("f", []byte(c.data), states)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read f: ") {
				t.Errorf("error is %v, want one with %q", err, c.want)
			}
			if len(states) != 0 {
				t.Errorf("a refused file left %d states", len(states))
			}
			if c.want == ErrUnknown.Error() && !errors.Is(err, ErrUnknown) {
				t.Error("the error is not ErrUnknown")
			}
		})
	}
}

// One document that cannot be read does not lose the account.
func TestOddDocuments(t *testing.T) {
	data := `{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/x","RoleName":"x","AssumeRolePolicyDocument":"%7B%22a","RolePolicyList":[
		{"PolicyName":"bad","PolicyDocument":{"Statement":5}},{"PolicyName":"good","PolicyDocument":"{\"Statement\":[]}"}]}],
		"Policies":[{"Arn":"arn:aws:iam::111122223333:policy/none","PolicyName":"none","PolicyVersionList":[]}]}`
	states := States{}
	if _, err := Load("f", []byte(data), states); err != nil {
		t.Fatal(err)
	}
	s := states[home]
	r := s.Roles[0]
	if r.Trust != nil || r.Inline[0].Document != nil || r.Inline[1].Document == nil {
		t.Errorf("role is %+v", r)
	}
	want := []string{"arn:aws:iam::111122223333:role/x inline policy bad cannot be read", "arn:aws:iam::111122223333:role/x trust policy cannot be read"}
	if len(s.Warnings) != 2 || !strings.HasPrefix(s.Warnings[0], want[0]) || !strings.HasPrefix(s.Warnings[1], want[1]) {
		t.Errorf("warnings are %q", s.Warnings)
	}
	if h, _ := s.Lookup(r.ARN); !slices.Equal(h.Unresolved, []string{"inline:bad"}) {
		t.Errorf("unresolved are %q", h.Unresolved)
	}
}

// RFC 3986 knows no + for a space; and without DefaultVersionId the versions say which is in force.
func TestDocumentDetails(t *testing.T) {
	data := `{"Policies":[{"Arn":"arn:aws:iam::111122223333:policy/p","PolicyName":"p","PolicyVersionList":[
		{"VersionId":"v2","IsDefaultVersion":false,"Document":{"Statement":[]}},
		{"VersionId":"v1","IsDefaultVersion":true,"Document":"%7B%22Id%22%3A%22a+b%20c%22%2C%22Statement%22%3A%5B%5D%7D"}]}]}`
	states := States{}
	if _, err := Load("f", []byte(data), states); err != nil {
		t.Fatal(err)
	}
	if d := states[home].Policies[0].Document; d == nil || d.ID != "a+b c" {
		t.Errorf("document is %+v", d)
	}
}

func TestRecognisedAndNotUsed(t *testing.T) {
	for data, what := range map[string]string{
		`{"Roles":[{"Arn":"x"}]}`:                             "list of roles",
		`{"Policies":[{"Arn":"x"}]}`:                          "list of policies",
		`{"JobStatus":"IN_PROGRESS"}`:                         "last-accessed job",
		`{"JobStatus":"COMPLETED","ServicesLastAccessed":[]}`: "last-accessed details",
		`{"status_code":404,"data":{"Error":{"Code":"X"}}}`:   "error that AWS answered",
	} {
		states := States{}
		l, err := Load("f", []byte(data), states)
		if err != nil || l.Used || l.What != what || l.Reason == "" || len(states) != 0 {
			t.Errorf("%s: %+v, %v", data, l, err)
		}
	}
}

func TestStoredState(t *testing.T) {
	s := load(t, "details.json", "report.json")
	text := encoded(t, s)
	back, err := DecodeState([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := encoded(t, back); got != text {
		t.Errorf("came back as\n%s\nwas\n%s", got, text)
	}
	states := States{}
	if _, err := Load("stored", []byte(text), states); err != nil {
		t.Fatal(err)
	}
	if got := encoded(t, states[home]); got != text {
		t.Errorf("loaded as\n%s\nwas\n%s", got, text)
	}
	var empty map[string]any
	if err := json.Unmarshal([]byte(encoded(t, &State{AccountID: home})), &empty); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"users", "roles", "groups", "policies", "report", "warnings"} {
		if empty[list] == nil {
			t.Errorf("%s is null in an empty state", list)
		}
	}
}

func TestMerge(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 6, d, 0, 0, 0, 0, time.UTC) }
	details := func(d int, users ...string) *State {
		s := &State{AccountID: home, TakenAt: day(d), HasDetails: true}
		for _, u := range users {
			s.Users = append(s.Users, User{Name: u, ARN: "arn:aws:iam::111122223333:user/" + u})
		}
		return s
	}
	report := func(d int, users ...string) *State {
		s := &State{AccountID: home, TakenAt: day(d), HasReport: true}
		for _, u := range users {
			s.Report = append(s.Report, Credentials{User: u, ARN: "arn:aws:iam::111122223333:user/" + u})
		}
		return s
	}
	for _, c := range []struct {
		name          string
		states        []*State
		users, report string
		warnings      int
		at            int
	}{
		{"details and report", []*State{details(1, "a", "b"), report(2, "a", "b")}, "a b", "a b", 0, 2},
		{"newer details win whole", []*State{details(1, "a", "b"), details(2, "c")}, "c", "", 0, 2},
		{"older details do not come back", []*State{details(2, "c"), details(1, "a")}, "c", "", 0, 2},
		{"older report fills in", []*State{details(2, "a"), report(1, "a")}, "a", "a", 0, 2},
		{"older report does not come back", []*State{report(2, "a"), report(1, "b")}, "", "a", 0, 2},
		{"reports of one time are joined", []*State{report(1, "b"), report(1, "a")}, "", "a b", 0, 1},
		{"same time is joined", []*State{details(1, "a"), details(1, "b")}, "a b", "", 0, 1},
		{"who is missing in the details", []*State{details(1, "a"), report(2, "a", "b")}, "a", "a b", 1, 2},
		{"who is missing in the report", []*State{details(2, "a", "b"), report(1, "a")}, "a b", "a", 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &State{AccountID: home}
			for _, s := range c.states {
				m.MergeFrom(s)
			}
			var users, lines []string
			for _, u := range m.Users {
				users = append(users, u.Name)
			}
			for _, l := range m.Report {
				lines = append(lines, l.User)
			}
			if got := strings.Join(users, " "); got != c.users {
				t.Errorf("users are %q, want %q", got, c.users)
			}
			if got := strings.Join(lines, " "); got != c.report {
				t.Errorf("report is %q, want %q", got, c.report)
			}
			if len(m.Warnings) != c.warnings || !m.TakenAt.Equal(day(c.at)) {
				t.Errorf("taken at %v, warnings %q", m.TakenAt, m.Warnings)
			}
		})
	}
}

// What is described twice, differently, is said, and the later counts.
func TestMergeContradiction(t *testing.T) {
	states := States{}
	for _, id := range []string{"1", "2"} {
		if _, err := Load("f", []byte(`{"UserDetailList":[{"Arn":"arn:aws:iam::111122223333:user/a","UserName":"a","UserId":"`+id+`"}]}`), states); err != nil {
			t.Fatal(err)
		}
	}
	s := states[home]
	if len(s.Users) != 1 || s.Users[0].ID != "2" || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "described twice") {
		t.Errorf("users are %+v, warnings %q", s.Users, s.Warnings)
	}
}

func FuzzLoad(f *testing.F) {
	// Small seeds: the fuzzer spends its time shrinking large ones.
	f.Add([]byte(`{"UserDetailList":[{"Arn":"arn:aws:iam::111122223333:user/a","UserName":"a","CreateDate":"2026-01-01T00:00:00Z","GroupList":["g"]}]}`))
	f.Add([]byte(`{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/r","AssumeRolePolicyDocument":"%7B%22Statement%22%3A%5B%5D%7D"}]}{"GroupDetailList":[]}`))
	f.Add([]byte("user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active\na,arn:aws:iam::111122223333:user/a,2026-01-01T00:00:00Z,true,N/A,no_information,x\n"))
	f.Add([]byte("user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n,::::000000000000:\xCE"))
	f.Add([]byte(`{"Content":"dXNlcixhcm4sdXNlcl9jcmVhdGlvbl90aW1lCg==","GeneratedTime":1780000000}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		states := States{}
		if _, err := Load("f", data, states); err != nil {
			return
		}
		for _, s := range states {
			text := encoded(t, s)
			back, err := DecodeState([]byte(text))
			if err != nil {
				t.Fatalf("%s does not read: %v", text, err)
			}
			if got := encoded(t, back); got != text {
				t.Fatalf("%s became %s", text, got)
			}
			s.Index().Holders()
		}
	})
}
