package iam

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// folder reads the fixtures of a folder, those that must wait for others last.
func folder(tb testing.TB, into States, dir string) {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(fixtures, dir, "*.json"))
	if err != nil || len(names) == 0 {
		tb.Fatalf("%s: %v", dir, err)
	}
	for range 2 {
		for _, n := range names {
			_, err = Load(n, read(tb, filepath.Join(dir, filepath.Base(n))), into)
			if err == nil {
				continue
			}
			tb.Logf("later: %v", err)
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
}

func TestLoadSettings(t *testing.T) {
	s := load(t, "caller.json", "summary.json", "password-policy.json", "last-accessed.json")
	if s.Summary["AccountMFAEnabled"] != 1 || s.Summary["Users"] != 2 {
		t.Errorf("summary is %v", s.Summary)
	}
	want := PasswordPolicy{Exists: true, MinimumLength: 14, Symbols: true, Numbers: true, Uppercase: true, Lowercase: true, UsersChange: true, MaxAgeDays: 90, RememberedPast: 24}
	if *s.PasswordPolicy != want {
		t.Errorf("password policy is %+v", s.PasswordPolicy)
	}
	if got := s.Parts(); !slices.Equal(got, []string{"last_accessed", "password_policy", "summary"}) {
		t.Errorf("parts are %v", got)
	}
	if !slices.IsSorted(AllParts()) {
		t.Error("parts are not sorted")
	}
}

// A file without an account asks for one, and changes nothing.
func TestLoadWithoutAccount(t *testing.T) {
	for _, name := range []string{"summary.json", "password-policy.json"} {
		for _, into := range []States{{}, {"111122223333": {AccountID: "111122223333"}, "444455556666": {AccountID: "444455556666"}}} {
			n := len(into)
			if _, err := Load(name, read(t, name), into); err == nil || !strings.Contains(err.Error(), ErrNoAccount.Error()) || len(into) != n {
				t.Errorf("%s into %d states: %v", name, n, err)
			}
		}
	}
}

func TestLastAccessed(t *testing.T) {
	text := string(read(t, "last-accessed.json"))
	app := "arn:aws:iam::111122223333:role/service/app"
	asked := strings.Replace(text, "{", `{"Arn":"`+app+`",`, 1)
	day := func(m time.Month, d, h int) time.Time { return time.Date(2026, m, d, h, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name, data, action string
		at                 time.Time
		exact, known       bool
	}{
		{"an action that IAM tracks", asked, "s3:PutBucketPolicy", day(4, 1, 10), true, true},
		{"in other case", asked, "S3:putbucketpolicy", day(4, 1, 10), true, true},
		{"one that was not used", asked, "s3:CreateBucket", time.Time{}, true, true},
		{"one that IAM does not track", asked, "s3:GetObject", day(5, 30, 23), false, true},
		{"a service that was not used", asked, "kms:Decrypt", time.Time{}, false, true},
		{"a service that is not listed", asked, "ec2:RunInstances", time.Time{}, false, true},
		{"nobody says whom it was asked for: uses count", text, "s3:PutBucketPolicy", day(4, 1, 10), true, true},
		{"and what is not used does not", text, "s3:CreateBucket", time.Time{}, false, true},
		{"nor does a service", text, "kms:Decrypt", time.Time{}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := States{}
			l, err := Load("f", []byte(c.data), states)
			if err != nil || !l.Used {
				t.Fatalf("%+v, %v", l, err)
			}
			a := states[home].Accessed(app)
			if a == nil || !a.At.Equal(time.Date(2026, 6, 1, 0, 0, 2, 0, time.UTC)) {
				t.Fatalf("record is %+v", a)
			}
			at, exact, known := a.Last(c.action)
			if c.name == "and what is not used does not" { // the service's time stands in
				c.at = day(5, 30, 23)
			}
			if !at.Equal(c.at) || exact != c.exact || known != c.known {
				t.Errorf("last is %v, exact %v, known %v", at, exact, known)
			}
		})
	}
}

// Recordings put the status beside the answer, and spell times as objects.
func TestRecordedAnswers(t *testing.T) {
	states := States{home: {AccountID: home}}
	for _, c := range []struct {
		data string
		used bool
	}{
		{`{"status_code":200,"data":{"AccessKeyMetadata":[{"UserName":"ci","AccessKeyId":"AKIAEXAMPLE","Status":"Active","CreateDate":{"__class__":"datetime","year":2025,"month":3,"day":4,"hour":5,"minute":6,"second":7,"microsecond":0}}]}}`, true},
		{`{"status_code":403,"data":{"Error":{"Code":"AccessDenied","Message":"Password Policy"}}}`, false},
		{`{"status_code":404,"data":{"Error":{"Code":"NoSuchEntity","Message":"The Password Policy with domain name x cannot be found."}}}`, true},
	} {
		had := states[home].PasswordPolicy
		l, err := Load("f", []byte(c.data), states)
		if err != nil || l.Used != c.used || !c.used && (l.Reason == "" || states[home].PasswordPolicy != had) {
			t.Errorf("%s: %+v, %v", c.data, l, err)
		}
	}
	if p := states[home].PasswordPolicy; p == nil || p.Exists {
		t.Errorf("password policy is %+v", p)
	}
	if at := states[home].AccessKeys[0].Created; !at.Equal(time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)) {
		t.Errorf("created at %v", at)
	}
}

// A record about a policy speaks of several principals: each gets its own
// times. Two records about one principal are joined, the later time counts.
func TestLastAccessedJoined(t *testing.T) {
	const ann, bob = "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/bob"
	service := func(name, who, last, actions string) string {
		return `{"ServiceNamespace":"` + name + `","LastAuthenticatedEntity":"` + who + `","LastAuthenticated":"2026-05-` + last + `","TrackedActionsLastAccessed":[` + actions + `]}`
	}
	states := States{}
	for _, list := range []string{
		service("s3", ann, "03", `{"ActionName":"CreateBucket","LastAccessedTime":"2026-05-02","LastAccessedEntity":"`+bob+`"}`) + "," + service("ec2", bob, "04", ""),
		service("s3", ann, "01", `{"ActionName":"CreateBucket","LastAccessedTime":"2026-05-01","LastAccessedEntity":"`+ann+`"}`),
		service("s3", ann, "05", "") + "," + service("sqs", ann, "06", ""),
	} {
		if _, err := Load("f", []byte(`{"JobStatus":"COMPLETED","ServicesLastAccessed":[`+list+`]}`), states); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		arn, action string
		day         int
		known       bool
	}{
		{ann, "s3:GetObject", 5, true}, {ann, "ec2:RunInstances", 0, false}, {ann, "sqs:SendMessage", 6, true},
		{bob, "ec2:RunInstances", 4, true}, {bob, "s3:GetObject", 0, false},
	} {
		at, _, known := states[home].Accessed(c.arn).Last(c.action)
		if known != c.known || known && at.Day() != c.day {
			t.Errorf("%s %s: %v, %v", c.arn, c.action, at, known)
		}
	}
	if at, exact, _ := states[home].Accessed(ann).Last("s3:CreateBucket"); !exact || at.Day() != 1 {
		t.Errorf("the action's own time is lost: %v, %v", at, exact)
	}
	if got := states[home].Accessed(ann).Services; len(got) != 2 || got[0].Service != "s3" {
		t.Errorf("services are %+v", got)
	}
}

func TestTrails(t *testing.T) {
	states := States{}
	for _, name := range []string{"selectors.json", "describe-trails.json"} { // in any order
		if _, err := Load(name, read(t, filepath.Join("trails", name)), states); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load("status.json", read(t, "trails/status.json"), states); err == nil || !strings.Contains(err.Error(), ErrNotYet.Error()) {
		t.Errorf("the status of one of two trails: %v", err)
	}
	if _, err := Load("status.json", []byte(`{"IsLogging":false,"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/old"}`), states); err != nil {
		t.Fatal(err)
	}
	s := states[home]
	main, old := s.Trails[0], s.Trails[1]
	if !s.HasTrails || main.Name != "main" || !main.Organization || !main.MultiRegion || !main.Validation || main.Bucket != "org-trail" || main.Logging != nil || !main.HasSelectors {
		t.Errorf("trail is %+v", main)
	}
	if old.Logging == nil || *old.Logging || old.Name != "old" || old.HomeRegion != "us-east-1" {
		t.Errorf("trail is %+v", old)
	}
	if l, known := main.Management(); !known || l != (Logged{Read: true, Write: true}) {
		t.Errorf("management events of main are %+v", l)
	}
	if l, known := old.Management(); !known || l != (Logged{Read: true, Write: true, Whole: true}) {
		t.Errorf("management events of old are %+v", l)
	}
	data, known := main.Data()
	if want := []Logged{{"AWS::Lambda::Function", true, true, true}, {"AWS::S3::Object", true, true, false}}; !known || !slices.Equal(data, want) {
		t.Errorf("data events are %+v", data)
	}
}

func TestSelectors(t *testing.T) {
	basic := func(s ...EventSelector) Trail { return Trail{HasSelectors: true, Custom: true, Selectors: s} }
	data := func(values ...string) EventSelector {
		return EventSelector{ReadWrite: "All", Data: []DataResource{{"AWS::S3::Object", values}}}
	}
	for _, c := range []struct {
		name       string
		trail      Trail
		management Logged
		known      bool
		data       []Logged
	}{
		{"not asked", Trail{Custom: true}, Logged{}, false, nil},
		{"default", Trail{}, Logged{"", true, true, true}, true, nil},
		{"nothing", basic(), Logged{}, true, nil},
		{"writes", basic(EventSelector{ReadWrite: "WriteOnly", Management: true}), Logged{"", false, true, true}, true, nil},
		{"writes and reads apart", basic(EventSelector{ReadWrite: "WriteOnly", Management: true}, EventSelector{ReadWrite: "ReadOnly", Management: true}), Logged{"", true, true, true}, true, nil},
		{"without KMS", basic(EventSelector{ReadWrite: "All", Management: true, Excluded: []string{"kms.amazonaws.com"}}), Logged{"", true, true, false}, true, nil},
		{"all buckets", basic(data("arn:aws:s3")), Logged{}, true, []Logged{{"AWS::S3::Object", true, true, true}}},
		{"all buckets, as the console writes it", basic(data("arn:aws:s3:::")), Logged{}, true, []Logged{{"AWS::S3::Object", true, true, true}}},
		{"one bucket", basic(data("arn:aws:s3:::a/")), Logged{}, true, []Logged{{"AWS::S3::Object", true, true, false}}},
		{"advanced ones count instead", Trail{HasSelectors: true, Custom: true, Selectors: []EventSelector{{ReadWrite: "All", Management: true}},
			Advanced: []AdvancedSelector{{Fields: []SelectorField{{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::SNS::Topic"}}}}}},
			Logged{}, true, []Logged{{"AWS::SNS::Topic", true, true, true}}},
		{"one bucket, and all", basic(data("arn:aws:s3:::a/"), data("arn:aws:s3")), Logged{}, true, []Logged{{"AWS::S3::Object", true, true, true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, known := c.trail.Management()
			list, _ := c.trail.Data()
			if l != c.management || known != c.known || !slices.Equal(list, c.data) {
				t.Errorf("management %+v, known %v, data %+v", l, known, list)
			}
		})
	}
}

func TestVirtualMFAAndKeys(t *testing.T) {
	states := States{}
	for _, data := range []string{
		`{"VirtualMFADevices":[{"SerialNumber":"arn:aws:iam::111122223333:mfa/root-account-mfa-device","EnableDate":"2025-01-01T00:00:00Z","User":{"Arn":"arn:aws:iam::111122223333:root"}}]}`,
		`{"AccessKeyMetadata":[{"UserName":"ci","AccessKeyId":"AKIAEXAMPLE2","Status":"Inactive"},{"UserName":"ci","AccessKeyId":"AKIAEXAMPLE1","Status":"Active","CreateDate":"2025-01-01T00:00:00Z"}]}`,
	} {
		if _, err := Load("f", []byte(data), states); err != nil {
			t.Fatal(err)
		}
	}
	s := states[home]
	if len(s.VirtualMFA) != 1 || s.VirtualMFA[0].User != "arn:aws:iam::111122223333:root" {
		t.Errorf("devices are %+v", s.VirtualMFA)
	}
	if len(s.AccessKeys) != 2 || s.AccessKeys[0].ID != "AKIAEXAMPLE1" || !s.AccessKeys[0].Active || s.AccessKeys[1].Active {
		t.Errorf("keys are %+v", s.AccessKeys)
	}
}

func TestPermissionSets(t *testing.T) {
	const arn = "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-0123456789abcdef"
	states := States{home: {AccountID: home}}
	inline := `{"InlinePolicy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}`
	if _, err := Load("inline-ps-0123456789abcdef.json", []byte(inline), states); err == nil || !strings.Contains(err.Error(), ErrNotYet.Error()) {
		t.Errorf("a set that is not known: %v", err)
	}
	for _, f := range [][2]string{
		{"other.json", `{"PermissionSet":{"Name":"read","PermissionSetArn":"arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-0000000000000000"}}`},
		{"set.json", `{"PermissionSet":{"Name":"admin","PermissionSetArn":"` + arn + `","SessionDuration":"PT8H"}}`},
		{"inline-ps-0123456789abcdef.json", inline},
		{"managed.json", `{"PermissionSetArn":"` + arn + `","AttachedManagedPolicies":[{"Name":"ReadOnlyAccess","Arn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]}`},
		{"own-ps-0123456789abcdef.json", `{"CustomerManagedPolicyReferences":[{"Name":"deploy","Path":"/team/"}]}`},
		{"boundary-ps-0123456789abcdef.json", `{"PermissionsBoundary":{"CustomerManagedPolicyReference":{"Name":"edge","Path":"/"}}}`},
		{"who.json", `{"AccountAssignments":[{"AccountId":"444455556666","PermissionSetArn":"` + arn + `","PrincipalType":"GROUP","PrincipalId":"g-1"}]}`},
	} {
		if _, err := Load(f[0], []byte(f[1]), states); err != nil {
			t.Fatal(err)
		}
	}
	sets := states[home].PermissionSets
	if len(sets) != 2 || sets[0].Name != "read" || sets[0].Inline != nil {
		t.Fatalf("sets are %+v", sets)
	}
	p := sets[1]
	if p.Name != "admin" || p.SessionDuration != "PT8H" || p.Inline == nil || !slices.Equal(p.Managed, []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}) ||
		!slices.Equal(p.CustomerManaged, []string{"/team/deploy"}) || p.Boundary != "/edge" || !slices.Equal(p.Assignments, []Assignment{{"444455556666", "GROUP", "g-1"}}) {
		t.Errorf("set is %+v", p)
	}
}

// full is a state with every part, at a time.
func full(t *testing.T) *State {
	t.Helper()
	states := States{}
	for _, n := range []string{"details.json", "report.json", "summary.json", "password-policy.json", "last-accessed.json"} {
		if _, err := Load(n, read(t, n), states); err != nil {
			t.Fatal(err)
		}
	}
	folder(t, states, "organization")
	for _, n := range []string{"trails/describe-trails.json", "trails/selectors.json"} {
		if _, err := Load(n, read(t, n), states); err != nil {
			t.Fatal(err)
		}
	}
	s := states[home]
	s.HasVirtualMFA, s.VirtualMFA = true, []VirtualMFA{{Serial: "arn:aws:iam::111122223333:mfa/x"}}
	s.HasAccessKeys, s.AccessKeys = true, []AccessKey{{ID: "AKIAEXAMPLE"}}
	s.permissionSet(PermissionSet{ARN: "arn:aws:sso:::permissionSet/x/ps-1", Inline: &Document{Version: "2012-10-17"}})
	if got := s.Parts(); !slices.Equal(got, AllParts()) {
		t.Fatalf("parts are %v", got)
	}
	return s
}

func TestStoredParts(t *testing.T) {
	s := full(t)
	text := encoded(t, s)
	back, err := DecodeState([]byte(text))
	if err != nil || encoded(t, back) != text {
		t.Errorf("does not come back: %v", err)
	}
	names, ok, err := StoredParts(strings.NewReader(text[:400]))
	if err != nil || !ok || !slices.Equal(names, AllParts()) {
		t.Errorf("the beginning tells %v, %v, %v", names, ok, err)
	}
	for text, bad := range map[string]bool{`{"schema":"trimtrail.iam-state/1","account_id":"1"}`: false, `{"a":1}`: false, `[]`: false, `{"schema":"trimtrail.iam-state/9","parts":[]}`: false, "": true, `{"schema":"trimtrail.iam-state/1","parts":["de`: true, "damaged": true} {
		if names, ok, err := StoredParts(strings.NewReader(text)); ok || (err != nil) != bad {
			t.Errorf("%q tells %v, %v, %v", text, names, ok, err)
		}
	}
	old, err := DecodeState([]byte(`{"schema":"trimtrail.iam-state/1","account_id":"111122223333","taken_at":"2026-06-01T00:00:00Z","has_details":true,"users":[],"later":{"a":1}}`))
	if err != nil || !slices.Equal(old.Parts(), []string{"details"}) {
		t.Errorf("an older state is %+v, %v", old, err)
	}
}

// Every part follows the rule of MergeFrom: into a state without it it goes,
// an older one does not come back, and one merged with itself stays.
func TestMergeParts(t *testing.T) {
	whole := full(t)
	whole.TakenAt = time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	want := encoded(t, whole)
	for _, days := range []int{-1, 0, 1} {
		empty := &State{AccountID: home, TakenAt: whole.TakenAt.AddDate(0, 0, days)}
		empty.MergeFrom(whole)
		empty.TakenAt = whole.TakenAt
		if got := encoded(t, empty); got != want {
			t.Errorf("into a state %d days later: %s", days, apart(got, want))
		}
	}
	older, err := DecodeState([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	older.TakenAt = older.TakenAt.AddDate(0, 0, -1)
	older.Summary, older.PasswordPolicy, older.Organization.Nodes, older.Trails[0].Bucket = map[string]int{}, &PasswordPolicy{}, nil, "other"
	older.accessed(LastAccessed{ARN: "arn:aws:iam::111122223333:user/gone"})
	older.Organization.node(OrgNode{ID: "999900001111"})
	older.LastAccessed[0].Services, older.VirtualMFA, older.AccessKeys, older.PermissionSets = nil, nil, nil, nil
	for _, other := range []*State{older, whole} {
		m, err := DecodeState([]byte(want))
		if err != nil {
			t.Fatal(err)
		}
		m.MergeFrom(other)
		if got := encoded(t, m); got != want {
			t.Errorf("merged with %v: %s", other.TakenAt, apart(got, want))
		}
	}
	older.MergeFrom(whole)
	if got := encoded(t, older); got != want {
		t.Errorf("the later one does not win: %s", apart(got, want))
	}
}

// apart shows where two texts part.
func apart(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	from := max(0, i-60)
	return "…" + got[from:min(len(got), i+60)] + "…\nwant …" + want[from:min(len(want), i+60)] + "…"
}
