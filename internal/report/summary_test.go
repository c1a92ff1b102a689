package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

func TestSummariseIsBounded(t *testing.T) {
	p := analyze.Principal{Actor: analyze.Actor{ARN: "arn:aws:iam::111122223333:role/busy"}, Events: 5000}
	for i := range 500 {
		day := window.From.AddDate(0, 0, i%90)
		p.Networks = append(p.Networks, analyze.NetworkUse{Day: day, Network: fmt.Sprintf("192.0.2.%d/32", i%60), Count: int64(i), First: day, Last: day, Agents: []string{fmt.Sprint("agent", i)}})
		p.Credentials = append(p.Credentials, analyze.Credential{ID: fmt.Sprintf("ASIA%03d", i), Kind: analyze.Session, Events: int64(i)})
		p.Usage = append(p.Usage, analyze.Usage{Action: fmt.Sprintf("svc%d:Do", i), Day: day, Outcome: analyze.OutcomeAllowed, Count: 1})
	}
	p.Credentials = append(p.Credentials, analyze.Credential{ID: "AKIA1", Kind: analyze.LongTermKey, Events: 1})
	s := Summarise(&analyze.Facts{Window: window, Principals: []analyze.Principal{p}})[0]
	if len(s.Networks) != maxNetworks || s.NetworkCount != 60 || len(s.Credentials) != maxCredentials || s.CredentialCount != 501 || len(s.Services) != maxServices || s.ServiceCount != 500 {
		t.Errorf("bounds do not hold: %d of %d networks, %d of %d credentials, %d of %d services",
			len(s.Networks), s.NetworkCount, len(s.Credentials), s.CredentialCount, len(s.Services), s.ServiceCount)
	}
	if s.Credentials[0].ID != "AKIA1" {
		t.Errorf("the long-term key is behind %s", s.Credentials[0].ID)
	}
	var sum int64
	for _, n := range s.Daily {
		sum += n
	}
	if want := int64(500 * 499 / 2); sum != want {
		t.Errorf("the days hold %d calls, want %d", sum, want)
	}
}

func TestSummariseCounts(t *testing.T) {
	day := window.From
	usage := func(action string, outcome analyze.Outcome, n int64) analyze.Usage {
		return analyze.Usage{Action: action, Day: day, Outcome: outcome, Count: n}
	}
	p := analyze.Principal{Actor: analyze.Actor{ARN: "b"}, Usage: []analyze.Usage{
		usage("s3:GetObject", analyze.OutcomeAllowed, 3), usage("s3:GetObject", analyze.OutcomeFailed, 2),
		usage("s3:PutObject", analyze.OutcomeDenied, 4), usage("kms:Decrypt", analyze.OutcomeFailed, 1)}}
	facts := &analyze.Facts{Window: window, Principals: []analyze.Principal{p, {Actor: analyze.Actor{ARN: "a"}}},
		Denials: []analyze.Denial{{Actor: p.Actor, EventSource: "s3.amazonaws.com", EventName: "PutObject", Code: "AccessDenied", Count: 4, First: day, Last: day.Add(time.Hour)}}}
	all := Summarise(facts)
	if all[0].ARN != "a" || all[1].ARN != "b" {
		t.Fatalf("not sorted: %s, %s", all[0].ARN, all[1].ARN)
	}
	got := fmt.Sprintf("%+v %+v", all[1].Services, all[1].Denials[0].Action)
	if want := "[{Service:kms Used:1 Calls:1 Denied:0} {Service:s3 Used:1 Calls:9 Denied:4}] s3 PutObject"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDailyOfLongWindows(t *testing.T) {
	w := analyze.Window{From: asOf.AddDate(0, 0, -400), To: asOf}
	p := analyze.Principal{Usage: []analyze.Usage{{Day: asOf.AddDate(0, 0, -1), Count: 5}, {Day: asOf.AddDate(-2, 0, 0), Count: 7}}}
	s := summarise(&p, nil, w)
	if len(s.Daily) > maxBuckets || s.BucketDays != 5 || s.Daily[len(s.Daily)-1]+s.Daily[len(s.Daily)-2] != 5 {
		t.Errorf("%d buckets of %d days: %v", len(s.Daily), s.BucketDays, s.Daily)
	}
}

func TestArea(t *testing.T) {
	tests := []struct {
		in   []int64
		want string
	}{
		{nil, ""}, {[]int64{0, 0}, ""},
		{[]int64{0, 8, 8, 1000, 0}, "M0 10h1v-1h2v-9h1v10z"},
		{[]int64{4}, "M0 10v-10h1v10z"},
	}
	for _, tt := range tests {
		if got := area(tt.in, 10); got != tt.want {
			t.Errorf("area(%v) = %s, want %s", tt.in, got, tt.want)
		}
	}
}
