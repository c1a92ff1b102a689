package analyze

import (
	"fmt"
	"math/rand"
	"testing"
)

func TestWiden(t *testing.T) {
	const object = "arn:aws:s3:::logs/app/2026-03-02/part-0001.json"
	for _, c := range []struct {
		in   string
		step int
		want string
	}{
		{object, exactly, object},
		{object, tokens, "arn:aws:s3:::logs/app/*/part-*.json"},
		{object, directory, "arn:aws:s3:::logs/app/*"},
		{object, container, "arn:aws:s3:::logs/*"},
		{object, service, "arn:aws:s3:::*"},
		{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0", tokens, "arn:aws:ec2:eu-west-1:111122223333:instance/i-*"},
		{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0", container, "arn:aws:ec2:eu-west-1:111122223333:instance/*"},
		{"arn:aws:logs:eu-west-1:111122223333:log-group:app:log-stream:7f3e2a1b9c", directory, "arn:aws:logs:eu-west-1:111122223333:log-group:app:*"},
		{"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:log-stream:2026/03/02/a", directory, "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*"},
		{"arn:aws:lambda:eu-west-1:111122223333:function:f", directory, "arn:aws:lambda:eu-west-1:111122223333:function:*"},
		{"arn:aws:s3:::b/2026-03-03/79a52084-e33e-4725-8998-13eec6f407c1.json", tokens, "arn:aws:s3:::b/*/*.json"},
		{"arn:aws:s3:::b/abcd/eeee-ab.parquet", siblings, "arn:aws:s3:::b/abcd/*.parquet"},
		{"arn:aws:s3:::b/data/x", siblings, "arn:aws:s3:::b/data/*"},
		{"arn:aws:s3:::bucket", container, "arn:aws:s3:::bucket"},
		{"*", service, "*"}, {"", service, ""}, {"user alice", service, "user alice"},
		{"arn:aws:iam::111122223333:role/deploy", tokens, "arn:aws:iam::111122223333:role/deploy"},
	} {
		if got := widen(c.in, c.step); got != c.want {
			t.Errorf("widen(%q, %d) = %q, want %q", c.in, c.step, got, c.want)
		}
	}
}

// TestWidenIsAChain holds what the order-independence of facts rests on: a
// step made after a smaller one gives what the step alone gives.
func TestWidenIsAChain(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	parts := []string{"app", "2026", "03", "7f3e2a1b9c0d", "*", "x1", "0", "data-set", "AbCdEf0123456789xyz", "a.b", "79a52084-e33e-4725-8998-13eec6f407c1", "79a52084-e33e-4725-8998-13eec6f407c1x"}
	for range 20_000 {
		s := "arn:aws:s3:::"
		for i := range 1 + r.Intn(6) {
			if i > 0 {
				s += string(separators[r.Intn(len(separators))])
			}
			s += parts[r.Intn(len(parts))]
		}
		for lo := exactly; lo <= lastStep; lo++ {
			for hi := lo; hi <= lastStep; hi++ {
				if got, want := widen(widen(s, lo), hi), widen(s, hi); got != want {
					t.Fatalf("%q: step %d after %d gives %q, alone %q", s, hi, lo, got, want)
				}
			}
		}
	}
}

func TestManyResourcesBecomePatterns(t *testing.T) {
	a := newActionUse()
	for i := range 5 * maxResources {
		a.add(rowKey{resource: fmt.Sprintf("arn:aws:s3:::b/data/%06d.json", i), outcome: OutcomeAllowed}, 1, stamp{int64(i), "x"})
	}
	var total int64
	for k, row := range a.rows {
		total += row.on(1).count
		if k.resource != "arn:aws:s3:::b/data/*.json" {
			t.Errorf("resource %q", k.resource)
		}
	}
	if len(a.rows) != 1 || total != 5*maxResources {
		t.Errorf("%d rows, %d calls", len(a.rows), total)
	}
}
