package rules

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const (
	testAccount = "111122223333"
	alice       = "arn:aws:iam::111122223333:user/alice"
	bob         = "arn:aws:iam::111122223333:user/bob"
	worker      = "arn:aws:iam::111122223333:role/worker"
	keyOfAlice  = "AKIAEXAMPLEALICE0001"
)

// end is the as-of time of tests; back is n days before it, at an hour and minute.
var end = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func back(days int, clock string) time.Time {
	c, err := time.Parse("15:04:05", clock)
	if err != nil {
		panic(err)
	}
	return end.AddDate(0, 0, -days).Add(time.Duration(c.Hour())*time.Hour + time.Duration(c.Minute())*time.Minute + time.Duration(c.Second())*time.Second)
}

// factsOf are facts of 100 days over which the account's logs are complete.
func factsOf(ps ...analyze.Principal) *analyze.Facts {
	slices.SortFunc(ps, func(a, b analyze.Principal) int { return strings.Compare(a.ARN, b.ARN) })
	from := end.AddDate(0, 0, -100)
	return &analyze.Facts{
		Window: analyze.Window{From: from, To: end}, AsOf: end, Principals: ps,
		Coverage: []analyze.Coverage{{AccountID: testAccount, First: from, Last: end, Events: 1000, Days: 100, Regions: []string{"eu-west-1"},
			ManagementRead: true, ManagementWrite: true, DataEvents: []string{"AWS::S3::Object"}}},
	}
}

func actorOf(arn string) analyze.Actor {
	a := analyze.Actor{ARN: arn, AccountID: testAccount, Name: nameOf(arn), Kind: analyze.KindUser}
	switch {
	case strings.Contains(arn, ":role/"):
		a.Kind = analyze.KindRole
	case strings.HasSuffix(arn, ":root"):
		a.Kind, a.Name = analyze.KindRoot, "root"
	case !strings.HasPrefix(arn, "arn:"):
		a.Kind = analyze.KindService
	}
	return a
}

// principal has its events and days counted from its networks.
func principal(arn string, nets ...analyze.NetworkUse) analyze.Principal {
	p := analyze.Principal{Actor: actorOf(arn), Networks: nets}
	days := map[time.Time]bool{}
	for _, n := range nets {
		p.Events, p.Denied = p.Events+n.Count, p.Denied+n.Denied
		days[n.Day] = true
		if p.First.IsZero() || n.First.Before(p.First) {
			p.First = n.First
		}
		p.Last = newest(p.Last, n.Last)
	}
	p.Days, p.LastSuccess = len(days), p.Last
	return p
}

// from is a day's use from one address.
func from(address, network, key, agent string, first, last time.Time, n int64) analyze.NetworkUse {
	return analyze.NetworkUse{Day: first.Truncate(24 * time.Hour), Network: network, Addresses: []string{address}, Credential: key, Agents: []string{agent},
		Count: n, First: first, Last: last, Events: []string{"n-" + first.Format("0102150405") + "-" + address}}
}

func onInstance(u analyze.NetworkUse, session string) analyze.NetworkUse {
	u.Session, u.Instance = session, true
	return u
}

func usedAction(action, resource string, at time.Time, n int64) analyze.Usage {
	return analyze.Usage{Action: action, Resource: resource, Day: at.Truncate(24 * time.Hour), Outcome: analyze.OutcomeAllowed, Count: n, First: at, Last: at, Events: []string{"u-" + action}}
}

// refusedCall is one denied call; change it by what a case needs.
func refusedCall(arn, action string, at time.Time, change ...func(*analyze.Denial)) analyze.Denial {
	service, name, _ := strings.Cut(action, ":")
	d := analyze.Denial{Actor: actorOf(arn), EventSource: service + ".amazonaws.com", EventName: name, Action: action, Resource: "*", Code: "AccessDenied",
		Tier: analyze.TierCaller, Count: 1, First: at, Last: at, Days: 1, Hours: 1, Addresses: []string{"203.0.113.9"}, Agents: []string{"aws-cli/linux"},
		Events: []string{"d-" + action + at.Format("-150405")}}
	for _, c := range change {
		c(&d)
	}
	return d
}

func identityImplicit(d *analyze.Denial) { d.Layer, d.Effect = "identity", "implicit" }

func repeated(n int64, days int) func(*analyze.Denial) {
	return func(d *analyze.Denial) {
		d.Count, d.Days, d.Last = n, days, d.First.AddDate(0, 0, days-1)
	}
}

func document(t testing.TB, text string) *iam.Document {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func accountState(change ...func(*iam.State)) map[string]*iam.State {
	s := &iam.State{AccountID: testAccount, TakenAt: end, HasDetails: true, HasReport: true}
	for _, c := range change {
		c(s)
	}
	return map[string]*iam.State{testAccount: s}
}

func evaluate(f *analyze.Facts, states map[string]*iam.State) *Findings {
	return Evaluate(f, states, catalog.Default(), Options{})
}

// ofRule are the findings of one rule.
func ofRule(fs *Findings, rule string) []Finding {
	var out []Finding
	for _, f := range fs.Findings {
		if f.Rule == rule {
			out = append(out, f)
		}
	}
	return out
}

// wantOne is the one finding of a rule, of this severity; severity "" wants none.
func wantOne(t *testing.T, fs *Findings, rule string, severity Severity) Finding {
	t.Helper()
	found := ofRule(fs, rule)
	switch {
	case severity == "" && len(found) > 0:
		t.Fatalf("%s: want nothing, got %s: %s\n%s", rule, found[0].Severity, found[0].Title, found[0].Reason)
	case severity == "":
		return Finding{}
	case len(found) != 1:
		var all []string
		for _, f := range fs.Findings {
			all = append(all, string(f.Severity)+" "+f.Rule+" "+f.Title)
		}
		t.Fatalf("%s: want one finding, got %d; all:\n%s", rule, len(found), strings.Join(all, "\n"))
	case found[0].Severity != severity:
		t.Fatalf("%s: want %s, got %s: %s\n%s", rule, severity, found[0].Severity, found[0].Title, found[0].Reason)
	}
	return found[0]
}

func TestRules(t *testing.T) {
	rs := Rules()
	for i, r := range rs {
		if i > 0 && rs[i-1].ID >= r.ID {
			t.Errorf("%s comes after %s", r.ID, rs[i-1].ID)
		}
		if !regexp.MustCompile(`^TT-[ACDLP]\d\d$`).MatchString(r.ID) || r.Title == "" || len(r.Text) < 80 || r.Severity == "" || len(r.Needs) == 0 || r.Since == "" || r.Source == "" || r.ask == nil {
			t.Errorf("%s is not documented: %+v", r.ID, r)
		}
		if weight(r.Severity) < 0 {
			t.Errorf("%s: severity %q", r.ID, r.Severity)
		}
	}
}

func TestNothingToSay(t *testing.T) {
	fs := evaluate(&analyze.Facts{AsOf: end}, nil)
	data, err := json.Marshal(fs)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schema":"trimtrail.findings/1"`, `"findings":[]`, `"coverage":[]`, `"not_evaluable":[]`, `"warnings":[]`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in %s", want, data)
		}
	}
}

func TestNotEvaluable(t *testing.T) {
	fs := evaluate(factsOf(), nil)
	for _, want := range []string{"unused access keys in account 111122223333: needs the credential report", "unused roles in account 111122223333: needs account authorization details"} {
		if !slices.Contains(fs.NotEvaluable, want) {
			t.Errorf("no %q in %q", want, fs.NotEvaluable)
		}
	}
	if !slices.IsSorted(fs.NotEvaluable) {
		t.Error("not sorted")
	}
	full := evaluate(factsOf(), accountState(func(s *iam.State) {
		s.HasTrails, s.Trails, s.HasVirtualMFA = true, []iam.Trail{goodTrail()}, true
		s.Summary = map[string]int{"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1}
	}))
	if len(full.NotEvaluable) > 0 {
		t.Errorf("with everything loaded: %q", full.NotEvaluable)
	}
}

// everyKind are facts and a state that most rules find something in.
func everyKind(t testing.TB) (*analyze.Facts, map[string]*iam.State) {
	f := factsOf(principal(alice, from("198.51.100.7", "198.51.100.0/24", keyOfAlice, "pacu/linux", back(3, "09:00:00"), back(3, "17:00:00"), 40)),
		principal("arn:aws:iam::111122223333:root", from("198.51.100.7", "198.51.100.0/24", "", "console", back(2, "09:00:00"), back(2, "09:10:00"), 4)))
	for i := range 30 {
		arn := fmt.Sprintf("arn:aws:iam::111122223333:role/job-%02d", i)
		f.Denials = append(f.Denials, refusedCall(arn, "s3:GetObject", back(9, "01:00:00"), identityImplicit, repeated(int64(i+1), 3)))
	}
	f.Denials = append(f.Denials, refusedCall("delivery.logs.amazonaws.com", "s3:PutObject", back(30, "00:00:00"), repeated(10011, 20)),
		refusedCall(bob, "iam:PassRole", back(4, "10:00:00"), func(d *analyze.Denial) { d.Resource, d.EventSource = worker, "lambda.amazonaws.com" }))
	states := accountState(func(s *iam.State) {
		s.Users = []iam.User{{Name: "alice", ARN: alice, Inline: []iam.NamedDocument{{Name: "all", Document: document(t, everything)}}}}
		s.Report = []iam.Credentials{{User: "alice", ARN: alice, Created: back(400, "00:00:00"), PasswordEnabled: true, Keys: [2]iam.Key{{Active: true, Rotated: back(400, "00:00:00"), LastUsed: back(211, "00:00:00")}}}}
	})
	return f, states
}

func TestOrderAndIdentity(t *testing.T) {
	f, states := everyKind(t)
	fs := evaluate(f, states)
	seen := map[string]bool{}
	for i, x := range fs.Findings {
		if i > 0 && byWeight(fs.Findings[i-1], x) > 0 {
			t.Errorf("%s %s stands before %s %s", fs.Findings[i-1].Severity, fs.Findings[i-1].Rule, x.Severity, x.Rule)
		}
		if seen[x.ID] || !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(x.ID) {
			t.Errorf("id %q of %s", x.ID, x.Title)
		}
		seen[x.ID] = true
		if x.Title == "" || x.Reason == "" || x.Fix.Summary == "" || x.Fix.Clears == "" || x.Confidence == "" || x.AccountID == "" || x.Principal == "" {
			t.Errorf("%s lacks a part: %+v", x.Rule, x)
		}
		if len(x.Evidence.Events) > 10 || len(x.Evidence.Addresses) > 20 {
			t.Errorf("%s: evidence without bound", x.Rule)
		}
	}
	if len(fs.Findings) < 30 {
		t.Errorf("only %d findings", len(fs.Findings))
	}
	last := fs.Findings[len(fs.Findings)-1]
	if last.Severity != Info {
		t.Errorf("last is %s %s", last.Severity, last.Title)
	}
}

func TestDeterministic(t *testing.T) {
	f, states := everyKind(t)
	a, _ := json.Marshal(evaluate(f, states))
	for range 5 {
		if b, _ := json.Marshal(evaluate(f, states)); string(a) != string(b) {
			t.Fatal("two runs differ")
		}
	}
}

func TestIdentityIsStable(t *testing.T) {
	f, _ := everyKind(t)
	before := ofRule(evaluate(f, nil), "TT-D06")[0].ID
	f.Denials[30].Count += 500
	f.AsOf = f.AsOf.AddDate(0, 0, 1)
	if after := ofRule(evaluate(f, nil), "TT-D06")[0].ID; after != before {
		t.Errorf("id was %s, is %s with more of the same", before, after)
	}
}

func TestCapFolds(t *testing.T) {
	f, _ := everyKind(t)
	fs := Evaluate(f, nil, catalog.Default(), Options{MaxPerRule: 10})
	d := ofRule(fs, "TT-D01")
	if len(d) != 11 {
		t.Fatalf("%d findings", len(d))
	}
	i := slices.IndexFunc(d, func(x Finding) bool { return x.Resource == "folded" })
	if i < 0 || d[i].Evidence.Count != 20 {
		t.Fatalf("folded: %+v", d[max(0, i)])
	}
}

// A name that comes from a log is one word to the shell, whatever it holds.
func TestCommandsAreWords(t *testing.T) {
	for _, name := range []string{"alice", "it's", "a b", "$(touch /tmp/x)", "`id`", "a;b|c&d", "-rf", "--help", `back\slash`, `"q"`, "*", "ü"} {
		line := aws("iam", "get-user", "--user-name", name, "--output", "text")
		out, err := exec.Command("sh", "-c", strings.Replace(line, "aws", `printf '%s\n'`, 1)).Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		words := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		want := []string{"iam", "get-user", "--user-name", name, "--output", "text"}
		if strings.HasPrefix(name, "-") {
			want = []string{"iam", "get-user", "--user-name=" + name, "--output", "text"}
		}
		if !slices.Equal(words, want) {
			t.Errorf("%q became %q in %s", name, words, line)
		}
	}
	for _, name := range []string{"a\nb", "\x1b[31m", "a\u202eb", "\xff"} {
		if line := aws("iam", "get-user", "--user-name", name); line != "" {
			t.Errorf("%q was put in %s", name, line)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{who(alice), "user/alice"},
		{who("arn:aws:iam::111122223333:role/a/b/c"), "role/c"},
		{who("arn:aws:iam::111122223333:root"), "the root of 111122223333"},
		{who("delivery.logs.amazonaws.com"), "delivery.logs.amazonaws.com"},
		{who(""), "an unknown caller"},
		{counted(1, "call"), "1 call"},
		{counted(1204331, "call"), "1,204,331 calls"},
		{counted(2, "policy"), "2 policies"},
		{counted(2, "day"), "2 days"},
		{counted(3, "access"), "3 accesses"},
		{listed([]string{"a", "b", "c"}, 2), "a, b and 1 more"},
		{lasted(45 * time.Second), "45 s"},
		{lasted(90 * time.Minute), "90 min"},
		{lasted(50 * time.Hour), "2 days"},
		{stretch(back(1, "10:00:00"), back(1, "10:00:30")), "2026-03-31 10:00"},
		{stretch(back(1, "10:00:00"), back(1, "10:05:00")), "2026-03-31 10:00 to 10:05"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
