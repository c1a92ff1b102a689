package lake

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// varied returns n events that compress and repeat about as real ones do:
// random ids, a few principals, parameters of some hundred bytes.
func varied(account string, first, n int) []event.Event {
	events := sample(account, first, n)
	for i := range events {
		e, id := &events[i], first+i
		user := id * 7 % 40
		e.EventTime = start.Add(time.Duration(id*131%(10*86400)) * time.Second)
		e.EventVersion, e.EventType, e.EventCategory = "1.11", "AwsApiCall", "Management"
		e.RequestID = fmt.Sprintf("%016x", uint64(id)*0x9e3779b97f4a7c15)
		e.EventName = [...]string{"GetObject", "ListBuckets", "AssumeRole", "DescribeInstances", "PutObject"}[id%5]
		e.ReadOnly, e.Management = &yes, &yes
		e.RecipientAccountID, e.IdentityAccountID = account, account
		e.IdentityType, e.UserAgent = "IAMUser", fmt.Sprintf("aws-cli/2.15.%d Python/3.11.6 Linux/6.1 exe/x86_64", user%9)
		e.IdentityARN = fmt.Sprintf("arn:aws:iam::%s:user/person-%d", account, user)
		e.IdentityUserName, e.PrincipalID = fmt.Sprintf("person-%d", user), fmt.Sprintf("AIDAEXAMPLE%09d", user)
		e.AccessKeyID = fmt.Sprintf("AKIAEXAMPLE%09d", user)
		e.TLSVersion, e.TLSCipherSuite, e.TLSHostHeader = "TLSv1.3", "TLS_AES_128_GCM_SHA256", "s3.eu-central-1.amazonaws.com"
		e.RequestParameters = fmt.Sprintf(`{"bucketName":"data-%d","Host":"data-%d.s3.eu-central-1.amazonaws.com","key":"year=2026/part-%08d.json"}`, user, user, id)
		e.AdditionalEventData = fmt.Sprintf(`{"SignatureVersion":"SigV4","bytesTransferredIn":0,"bytesTransferredOut":%d,"x-amz-id-2":"%x"}`, id*31%9000, uint64(id)*0x9e3779b97f4a7c15)
	}
	return events
}

// BenchmarkWrite is Add and Commit, a commit every 64 k events, per event.
func BenchmarkWrite(b *testing.B) {
	l := create(b)
	w := writer(b, l, WriterOptions{})
	const object, objects = 100, 650
	pool := varied("111122223333", 0, object*objects)
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += object {
		events := pool[n/object%objects*object:][:object]
		for i := range events {
			events[i].EventID = fmt.Sprintf("%08x-1111-4000-8000-%012x", uint32((n+i)*2654435761), n+i)
		}
		_, _, err := w.Add(batch(fmt.Sprint(n), events))
		check(b, err)
		if w.Pending() >= 64<<10 {
			check(b, w.Commit())
		}
	}
	check(b, w.Commit())
	b.StopTimer()
	s, err := l.Status()
	check(b, err)
	b.ReportMetric(float64(s.Bytes)/float64(s.Events), "bytes/event")
}

// BenchmarkRead is Events over 64 k events, per event.
func BenchmarkRead(b *testing.B) {
	l := create(b)
	w := writer(b, l, WriterOptions{})
	const events = 64 << 10
	add(b, w, batch("a", varied("111122223333", 0, events)), events, 0)
	check(b, w.Commit())
	for _, light := range []bool{false, true} {
		b.Run(fmt.Sprintf("light=%v", light), func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; n < b.N; {
				for _, err := range l.Events(context.Background(), Query{Light: light}) {
					check(b, err)
					n++
				}
			}
		})
	}
}
