package rules

import (
	"fmt"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// BenchmarkEvaluate judges 600 principals with 90 days of networks, 200 rows
// of usage and 5 denials each, half of them with wide policies.
func BenchmarkEvaluate(b *testing.B) {
	f, s := factsOf(), &iam.State{AccountID: testAccount, TakenAt: end, HasDetails: true, HasReport: true}
	wide := document(b, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ec2:*","lambda:*","dynamodb:*","kms:*"],"Resource":"*"}]}`)
	for i := range 600 {
		arn := fmt.Sprintf("arn:aws:iam::111122223333:role/r%03d", i)
		p := principal(arn, settled(arn, "ASIAEXAMPLE", 90, 1)...)
		for j := range 200 {
			p.Usage = append(p.Usage, usedAction(fmt.Sprintf("s3:Action%d", j%40), "*", days(j%90), 5))
		}
		f.Principals = append(f.Principals, p)
		for j := range 5 {
			f.Denials = append(f.Denials, refusedCall(arn, "s3:GetObject", days(j+1), identityImplicit, repeated(30, 1)))
		}
		r := iam.Role{Name: nameOf(arn), Path: "/", ARN: arn, Created: days(400)}
		if i%2 == 0 {
			r.Inline = []iam.NamedDocument{{Name: "wide", Document: wide}}
		}
		s.Roles = append(s.Roles, r)
	}
	states, cat := map[string]*iam.State{testAccount: s}, catalog.Default()
	b.ResetTimer()
	for range b.N {
		if fs := Evaluate(f, states, cat, Options{}); len(fs.Findings) == 0 {
			b.Fatal("no findings")
		}
	}
}
