package rules

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// organisation is made-up facts and states of accounts with 40 principals
// each: a third at work every weekday, a third once a week, the rest asleep;
// people of IAM Identity Center in every account, users with keys, roles of
// machines, some refused and some with wide policies.
func organisation(t testing.TB, accounts int) (*analyze.Facts, map[string]*iam.State) {
	t.Helper()
	f := factsOf()
	f.Coverage = nil
	states := map[string]*iam.State{}
	policies := []*iam.Document{
		document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}]}`),
		document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","sqs:*","dynamodb:*"],"Resource":"*"}]}`),
		document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","lambda:*","iam:PassRole","logs:*"],"Resource":"*"}]}`),
		document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`),
	}
	trust := document(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	for a := range accounts {
		id := fmt.Sprintf("9%011d", a)
		s := &iam.State{AccountID: id, TakenAt: end, HasDetails: true, HasReport: true}
		f.Coverage = append(f.Coverage, analyze.Coverage{AccountID: id, First: f.Window.From, Last: end, Events: 2_000_000, Days: 100, Regions: []string{"eu-west-1"}, ManagementRead: true, ManagementWrite: true})
		for i := range 40 {
			p := resident(id, a, i)
			doc := policies[min(3, i%13)]
			if i%4 == 0 {
				s.Users = append(s.Users, iam.User{Name: p.Name, ARN: p.ARN, Created: days(300), Inline: []iam.NamedDocument{{Name: "own", Document: doc}}})
				s.Report = append(s.Report, iam.Credentials{User: p.Name, ARN: p.ARN, Created: days(300), Keys: [2]iam.Key{{Active: true, Rotated: days(300), LastUsed: days(i * 3)}}})
			} else {
				s.Roles = append(s.Roles, iam.Role{Name: p.Name, Path: "/", ARN: p.ARN, Created: days(400), Trust: trust, Inline: []iam.NamedDocument{{Name: "own", Document: doc}}, LastUsed: moment(days(i * 3))})
			}
			if len(p.Networks) == 0 {
				continue
			}
			f.Principals = append(f.Principals, p)
			if i%5 == 0 {
				f.Denials = append(f.Denials, refusedCall(p.ARN, "kms:Decrypt", days(3), identityImplicit), refusedCall(p.ARN, "iam:ListUsers", days(9), identityImplicit))
			}
		}
		states[id] = s
	}
	return f, states
}

// resident is the i-th principal of an account.
func resident(account string, a, i int) analyze.Principal {
	arn := fmt.Sprintf("arn:aws:iam::%s:role/worker-%02d", account, i)
	session, every, key := "", 1, fmt.Sprintf("ASIAEXAMPLE%04d%05d", i, a)
	switch {
	case i%4 == 0:
		arn, key = fmt.Sprintf("arn:aws:iam::%s:user/user-%02d", account, i), fmt.Sprintf("AKIAEXAMPLE%04d%05d", i, a)
	case i%10 == 1:
		arn, session = fmt.Sprintf(centerRole, account), fmt.Sprintf("person%d@example.com", (a+i)%900)
	}
	if i%3 == 1 {
		every = 7
	}
	var nets []analyze.NetworkUse
	for d := 100; d > 0 && i%3 != 2; d -= every {
		at := back(d, "09:00:00")
		u := from(fmt.Sprintf("198.%d.%d.7", a%200, i), fmt.Sprintf("198.%d.%d.0/24", a%200, i), key, "boto3/linux", at, at.Add(8*time.Hour), 40)
		u.Session = session
		nets = append(nets, u)
	}
	p := principal(arn, nets...)
	p.AccountID = account
	for d := 100; d > 0 && len(nets) > 0; d -= every {
		for _, action := range []string{"s3:GetObject", "s3:ListBucket", "sqs:SendMessage"} {
			p.Usage = append(p.Usage, usedAction(action, "*", back(d, "09:00:00"), 10))
		}
	}
	return p
}

// BenchmarkEvaluateOrganisation judges 500 accounts with 20,000 principals.
// MB-facts is what facts and states take, MB-more what judging adds at its peak.
func BenchmarkEvaluateOrganisation(b *testing.B) {
	f, states := organisation(b, 500)
	cat := catalog.Default()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak, stop := m.HeapAlloc, m.HeapAlloc, make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
		}
	}()
	b.ReportAllocs()
	b.ResetTimer()
	var found *Findings
	for range b.N {
		found = Evaluate(f, states, cat, Options{})
	}
	b.StopTimer()
	close(stop)
	<-done
	b.ReportMetric(float64(before)/1e6, "MB-facts")
	b.ReportMetric(float64(peak-before)/1e6, "MB-more")
	b.ReportMetric(float64(len(found.Findings)), "findings")
	runtime.KeepAlive(f)
}
