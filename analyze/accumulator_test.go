package analyze

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func TestUsage(t *testing.T) {
	get := params(by(1, "s3", "GetObject"), `{"bucketName":"b","key":"k"}`)
	get.EventCategory, get.Management = "Data", new(false)
	again := get
	again.EventID, again.EventTime = "later", get.EventTime.Add(time.Hour)
	missing := params(by(3, "s3", "GetBucketPolicy"), `{"bucketName":"b"}`)
	missing.ErrorCode = "NoSuchBucketPolicy"
	no := denied(params(by(4, "s3", "DeleteBucket"), `{"bucketName":"b"}`), "Access Denied")
	p := must(t, factsOf(t, get, again, missing, no), alice)

	want := []struct {
		action, resource string
		outcome          Outcome
		count            int64
	}{
		{"s3:DeleteBucket", "arn:aws:s3:::b", OutcomeDenied, 1},
		{"s3:GetBucketPolicy", "arn:aws:s3:::b", OutcomeFailed, 1},
		{"s3:GetObject", "arn:aws:s3:::b/k", OutcomeAllowed, 2},
	}
	if len(p.Usage) != len(want) {
		t.Fatalf("%d rows: %+v", len(p.Usage), p.Usage)
	}
	for i, w := range want {
		u := p.Usage[i]
		if u.Action != w.action || u.Resource != w.resource || u.Outcome != w.outcome || u.Count != w.count {
			t.Errorf("row %d: %+v, want %+v", i, u, w)
		}
	}
	if u := p.Usage[2]; !u.First.Equal(get.EventTime) || !u.Last.Equal(again.EventTime) || len(u.Events) != 1 || u.Events[0] != get.EventID {
		t.Errorf("span and samples: %+v", u)
	}
	if p.Events != 4 || p.Denied != 1 || p.Days != 1 || !p.LastSuccess.Equal(again.EventTime) {
		t.Errorf("%d events, %d denied, %d days, last success %s", p.Events, p.Denied, p.Days, p.LastSuccess)
	}
}

func TestPassRoleIsImplied(t *testing.T) {
	e := write(params(by(1, "lambda", "CreateFunction20150331"), `{"functionName":"f","role":"arn:aws:iam::111122223333:role/r"}`))
	p := must(t, factsOf(t, e), alice)
	for _, u := range p.Usage {
		if u.Action == "iam:PassRole" {
			if !u.Implied || u.Resource != "arn:aws:iam::111122223333:role/r" || u.Condition != "iam:PassedToService=lambda.amazonaws.com" {
				t.Errorf("%+v", u)
			}
			return
		}
	}
	t.Errorf("no iam:PassRole in %+v", p.Usage)
}

func TestDenials(t *testing.T) {
	const msg = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:DeleteBucket on resource: \"arn:aws:s3:::b\" with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p"
	bucket := func(n int) event.Event { return write(params(by(n, "s3", "DeleteBucket"), `{"bucketName":"b"}`)) }
	f := factsOf(t, bucket(1), denied(bucket(10), msg), denied(bucket(70), msg), bucket(90))
	if len(f.Denials) != 1 {
		t.Fatalf("%d denials: %+v", len(f.Denials), f.Denials)
	}
	d := f.Denials[0]
	if d.Action != "s3:DeleteBucket" || d.Resource != "arn:aws:s3:::b" || d.Tier != TierCaller || d.Layer != "scp" || d.Effect != "explicit" || d.PolicyARN != "arn:aws:organizations::1:policy/p" {
		t.Errorf("%+v", d)
	}
	if d.Count != 2 || d.Days != 1 || d.Hours != 2 || !d.AllowedBefore.Equal(noon.Add(time.Minute)) || !d.AllowedAfter.Equal(noon.Add(90*time.Minute)) {
		t.Errorf("count %d, hours %d, before %s, after %s", d.Count, d.Hours, d.AllowedBefore, d.AllowedAfter)
	}
	if d.ReadOnly || d.WithoutMFA || d.Console || len(d.Addresses) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestDenialFloodIsBounded(t *testing.T) {
	var events []event.Event
	for i := range 3000 {
		e := denied(params(by(i/10, "s3", "PutObject"), fmt.Sprintf(`{"bucketName":"b","key":"AWSLogs/%06d.gz"}`, i)), "Access Denied")
		e.EventID = fmt.Sprint(i)
		e.IdentityType, e.IdentityARN, e.InvokedBy, e.AccessKeyID = "AWSService", "", "delivery.logs.amazonaws.com", ""
		events = append(events, e)
	}
	f := factsOf(t, events...)
	if len(f.Denials) != 1 || f.Denials[0].Count != 3000 || f.Denials[0].ARN != "delivery.logs.amazonaws.com" {
		t.Errorf("%d groups, first %+v", len(f.Denials), f.Denials[:1])
	}
}

func TestCredentialsAndNetworks(t *testing.T) {
	session := by(5, "sts", "GetCallerIdentity")
	session.AccessKeyID, session.SourceIPAddress = "ASIAEXAMPLE", "198.51.100.4"
	login := by(6, "signin", "ConsoleLogin")
	login.AccessKeyID = ""
	p := must(t, factsOf(t, by(1, "sts", "GetCallerIdentity"), session, login), alice)
	var got []string
	for _, c := range p.Credentials {
		got = append(got, fmt.Sprint(c.ID, " ", c.Kind, " ", c.Events))
	}
	if want := []string{"AKIAEXAMPLE1 access key 1", "console console 1", "sessions session 1"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if len(p.Networks) != 3 || p.Networks[2].Network != "198.51.100.0/24" || p.Networks[2].Credential != "ASIAEXAMPLE" {
		t.Errorf("%+v", p.Networks)
	}
}

func TestChanges(t *testing.T) {
	own := write(params(by(1, "iam", "PutUserPolicy"), `{"userName":"alice","policyName":"p","policyDocument":"{\"Statement\":[]}"}`))
	key := write(params(by(2, "iam", "CreateAccessKey"), ``))
	key.ResponseElements = `{"accessKey":{"accessKeyId":"AKIAEXAMPLE2"}}`
	other := write(params(by(3, "iam", "AttachRolePolicy"), `{"roleName":"r","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`))
	bob := write(params(by(4, "iam", "CreateAccessKey"), `{"userName":"bob"}`))
	read := by(5, "iam", "GetUser")
	failed := denied(write(params(by(6, "iam", "PutUserPolicy"), `{"userName":"alice"}`)), "Access Denied")
	stop := write(params(by(7, "cloudtrail", "StopLogging"), `{"name":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"}`))
	f := factsOf(t, stop, failed, read, bob, other, key, own)
	type change struct {
		name, target, detail string
		itself               bool
	}
	want := []change{
		{"PutUserPolicy", alice, `{"Statement":[]}`, true},
		{"CreateAccessKey", alice, "AKIAEXAMPLE2", true},
		{"AttachRolePolicy", "arn:aws:iam::111122223333:role/r", "arn:aws:iam::aws:policy/AdministratorAccess", false},
		{"CreateAccessKey", "arn:aws:iam::111122223333:user/bob", "", false},
		{"StopLogging", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t", "", false},
	}
	var got []change
	for _, c := range f.Changes {
		got = append(got, change{c.EventName, c.Target, c.Detail, c.OnItself})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if f.Changes[0].Policy != "p" {
		t.Errorf("policy %q", f.Changes[0].Policy)
	}
}

// TestEpisode tells a self-escalation in order, whatever order it comes in.
func TestEpisode(t *testing.T) {
	list := denied(by(2, "ec2", "DescribeInstances"), "You are not authorized to perform this operation.")
	put := write(params(by(5, "iam", "PutUserPolicy"), `{"userName":"alice","policyName":"p","policyDocument":"{}"}`))
	again := by(9, "ec2", "DescribeInstances")
	stranger := by(6, "ec2", "DescribeInstances")
	stranger.IdentityARN, stranger.EventID = "arn:aws:iam::111122223333:user/bob", "bob"
	tooLate := by(60*24*3, "ec2", "DescribeInstances")
	events := []event.Event{again, tooLate, stranger, put, list}
	a := NewAccumulator(march, catalog.Default())
	for i := range events {
		a.Add(&events[i])
	}
	ns := a.Nominate()
	if len(ns) != 1 || ns[0].Principal != alice || !ns[0].Span.Contains(list.EventTime) || !ns[0].Span.Contains(again.EventTime) || ns[0].Span.Contains(tooLate.EventTime) {
		t.Fatalf("nominations %+v", ns)
	}
	r := NewRetelling(ns[0], catalog.Default())
	for i := range events {
		r.Add(&events[i])
	}
	e, warning := r.Episode()
	if warning != "" || len(e.Moments) != 3 {
		t.Fatalf("%q, moments %+v", warning, e.Moments)
	}
	m := e.Moments
	if m[0].Outcome != OutcomeDenied || !m[1].Change || !m[1].OnItself || m[1].Target != alice || m[2].Outcome != OutcomeAllowed || m[2].Actions[0] != "ec2:DescribeInstances" {
		t.Errorf("%+v", m)
	}
}

func TestCoverage(t *testing.T) {
	data := params(by(2, "s3", "GetObject"), `{"bucketName":"b","key":"k"}`)
	data.EventCategory, data.Management = "Data", new(false)
	late := write(by(60*24*4, "iam", "CreateUser"))
	a := NewAccumulator(march, catalog.Default())
	for _, e := range []event.Event{by(1, "iam", "ListUsers"), data, late} {
		a.Add(&e)
	}
	state := &iam.State{AccountID: "444455556666", TakenAt: noon.AddDate(0, 0, 20), HasDetails: true}
	f := a.Facts(time.Time{}, map[string]*iam.State{"444455556666": state}, nil)
	if len(f.Coverage) != 2 || !f.Coverage[1].HasDetails || f.Coverage[1].Events != 0 {
		t.Fatalf("%+v", f.Coverage)
	}
	c := f.Coverage[0]
	if c.Events != 3 || c.Days != 2 || !c.ManagementRead || !c.ManagementWrite || !reflect.DeepEqual(c.DataEvents, []string{"AWS::S3::Object"}) {
		t.Errorf("%+v", c)
	}
	if len(c.Gaps) != 1 || !c.Gaps[0].From.Equal(noon.Add(time.Hour)) || !c.Gaps[0].To.Equal(noon.AddDate(0, 0, 4)) {
		t.Errorf("gaps %+v", c.Gaps)
	}
	if !f.AsOf.Equal(state.TakenAt) {
		t.Errorf("as of %s", f.AsOf)
	}
}

func TestOutsideTheWindow(t *testing.T) {
	e := by(0, "iam", "ListUsers")
	e.EventTime = march.To
	if f := factsOf(t, e); len(f.Principals) != 0 || len(f.Coverage) != 0 {
		t.Errorf("an event at the window's end was counted")
	}
}

// TestAnyOrderAndAnyShare holds the promise of the package: the same events
// give the same facts, byte for byte.
func TestAnyOrderAndAnyShare(t *testing.T) {
	events := manyEvents(4000)
	want := text(t, accumulated(events))
	r := rand.New(rand.NewSource(7))
	for _, parts := range []int{1, 2, 5} {
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		var all *Accumulator
		for i := range parts {
			part := accumulated(events[i*len(events)/parts : (i+1)*len(events)/parts])
			if all == nil {
				all = part
			} else {
				all.Merge(part)
			}
		}
		if got := text(t, all); got != want {
			t.Fatalf("shuffled in %d parts, the facts differ", parts)
		}
	}
}

func accumulated(events []event.Event) *Accumulator {
	a := NewAccumulator(march, catalog.Default())
	for i := range events {
		a.Add(&events[i])
	}
	return a
}

func text(t *testing.T, a *Accumulator) string {
	t.Helper()
	data, err := json.Marshal(a.Facts(time.Time{}, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// manyEvents are calls of a few principals on many resources, some refused,
// some changes, some at the same moment.
func manyEvents(n int) []event.Event {
	r := rand.New(rand.NewSource(3))
	out := make([]event.Event, n)
	for i := range out {
		e := by(r.Intn(20*24*60), "s3", "GetObject")
		switch r.Intn(6) {
		case 0:
			e = write(params(e, fmt.Sprintf(`{"userName":"u%d","policyName":"p"}`, r.Intn(3))))
			e.EventSource, e.EventName = "iam.amazonaws.com", "PutUserPolicy"
		case 1:
			e = denied(params(e, fmt.Sprintf(`{"bucketName":"b%d","key":"%06d"}`, r.Intn(4), i)), "Access Denied")
		default:
			e = params(e, fmt.Sprintf(`{"bucketName":"b%d","key":"in/%06d.json"}`, r.Intn(2), i))
		}
		name := fmt.Sprintf("u%d", r.Intn(3))
		e.EventID, e.IdentityARN, e.IdentityUserName = fmt.Sprintf("id-%05d", i), "arn:aws:iam::111122223333:user/"+name, name
		e.AccessKeyID = fmt.Sprintf("ASIA%d", r.Intn(30))
		e.SourceIPAddress = fmt.Sprintf("203.0.113.%d", r.Intn(60))
		out[i] = e
	}
	return out
}
