package rules

import (
	"math/rand"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func TestGlobCovers(t *testing.T) {
	for _, c := range []struct {
		p, q             string
		covers, overlaps bool
	}{
		{"*", "arn:aws:s3:::b/k", true, true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/a/*", true, true},
		{"arn:aws:s3:::b/a/*", "arn:aws:s3:::b/*", false, true},
		{"arn:aws:s3:::b/*/x", "arn:aws:s3:::b/y/*", false, true},
		{"arn:aws:s3:::b", "arn:aws:s3:::b/*", false, false},
		{"arn:aws:s3:::b?", "arn:aws:s3:::b*", false, true},
		{"arn:aws:s3:::b??", "arn:aws:s3:::b??", true, true},
		{"arn:aws:s3:::${*}", "arn:aws:s3:::${*}", true, true},
		{"arn:aws:s3:::${*}", "arn:aws:s3:::*", false, true},
		{"arn:aws:s3:::*", "arn:aws:s3:::${*}", true, true},
		{"arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::alice/*", false, true},
		{"arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::${aws:username}/k", true, true},
		{"arn:aws:ec2:eu-*:1:instance/*", "arn:aws:ec2:eu-west-1:1:instance/i-1", true, true},
		{"arn:aws:ec2:e*1:1:instance/*", "arn:aws:ec2:*:1:instance/i-1", false, true},
	} {
		p, q := readGlob(c.p, true), readGlob(c.q, true)
		if got := p.covers(q); got != c.covers {
			t.Errorf("%s covers %s: %v", c.p, c.q, got)
		}
		if got := p.overlaps(q); got != c.overlaps {
			t.Errorf("%s overlaps %s: %v", c.p, c.q, got)
		}
		if p.overlaps(q) != q.overlaps(p) {
			t.Errorf("%s and %s overlap one way only", c.p, c.q)
		}
	}
}

// A pattern that covers another takes every text that the other takes, and a
// text that both take proves that they overlap.
func TestGlobAgainstMatcher(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	word := func(alphabet string, n int) string {
		b := make([]byte, r.Intn(n))
		for i := range b {
			b[i] = alphabet[r.Intn(len(alphabet))]
		}
		return string(b)
	}
	covering, both := 0, 0
	for range 200_000 {
		p, q, s := word("ab:*?*", 6), word("ab:*?", 6), word("ab:", 6)
		gp, gq := readGlob(p, true), readGlob(q, true)
		inP, inQ := iam.MatchResource(p, s), iam.MatchResource(q, s)
		if gp.covers(gq) {
			covering++
			if inQ && !inP {
				t.Fatalf("%q covers %q, but not its %q", p, q, s)
			}
		}
		if inP && inQ {
			both++
			if !gp.overlaps(gq) {
				t.Fatalf("%q and %q both take %q, but do not overlap", p, q, s)
			}
		}
	}
	if covering < 1000 || both < 1000 {
		t.Errorf("too few cases to tell: %d covering, %d both", covering, both)
	}
}

func TestWideResource(t *testing.T) {
	for p, want := range map[string]bool{
		"*": true, "arn:aws:s3:::*": true, "arn:aws:s3:::*/*": true, "arn:aws:dynamodb:*:*:table/*": true, "arn:aws:lambda:*:*:function:*": true,
		"arn:aws:logs:*:*:*": true, "arn:aws:*": true, "arn:aws:apigateway:*::/*": true,
		"arn:aws:s3:::b/*": false, "arn:aws-cn:s3:::b/*": false, "arn:aws:s3:::b*": false, "arn:aws:dynamodb:*:*:table/orders*": false,
		"arn:aws:s3:::${aws:username}/*": false, "arn:aws:sqs:eu-west-1:111122223333:q": false,
	} {
		if got := WideResource(p); got != want {
			t.Errorf("WideResource(%s) = %v", p, got)
		}
	}
}
