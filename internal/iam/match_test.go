package iam

import (
	"strings"
	"testing"
	"time"
)

func TestMatchAction(t *testing.T) {
	for _, c := range []struct {
		pattern, action string
		want            bool
	}{
		{"s3:GetObject", "s3:GetObject", true},
		{"S3:getobject", "s3:GetObject", true},
		{"s3:Get*", "s3:GetObject", true},
		{"s3:Get*", "s3:PutObject", false},
		{"s3:*Object", "s3:GetObject", true},
		{"s3:*Object", "s3:GetObjectAcl", false},
		{"s3:?etObject", "s3:GetObject", true},
		{"s3:?GetObject", "s3:GetObject", false},
		{"*", "s3:GetObject", true},
		{"*:*", "s3:GetObject", true},
		{"s3:GetObject", "s3:GetObject ", false},
		{"", "s3:GetObject", false},
		{"s3:GetObject*", "s3:GetObject", true},
		{"s3:G*t*t", "s3:GetObject", true},
		{"s3*:GetObject", "s3:GetObject", true},
	} {
		if got := MatchAction(c.pattern, c.action); got != c.want {
			t.Errorf("MatchAction(%q, %q) is %v", c.pattern, c.action, got)
		}
	}
}

func TestMatchResource(t *testing.T) {
	for _, c := range []struct {
		name, pattern, arn string
		want               bool
	}{
		{"exact", "arn:aws:s3:::b/k", "arn:aws:s3:::b/k", true},
		{"case", "arn:aws:s3:::B/k", "arn:aws:s3:::b/k", false},
		{"star over slashes", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", true},
		{"star over nothing", "arn:aws:s3:::b/*", "arn:aws:s3:::b/", true},
		{"bucket is no object", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"object is no bucket", "arn:aws:s3:::b", "arn:aws:s3:::b/k", false},
		{"any region", "arn:aws:ec2:*:111122223333:instance/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", true},
		{"region within its part", "arn:aws:ec2:eu-*-1:111122223333:instance/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", true},
		{"inner star stays in its part", "arn:aws:ec2:eu*1:instance/*", "arn:aws:ec2:eu-west-1:111122223333:x1:instance/i-1", false},
		{"last star of a part runs on", "arn:aws:sns:*:topic", "arn:aws:sns:eu-west-1:111122223333:topic", true},
		{"short pattern", "arn:aws:s3*", "arn:aws:s3:::b/k", true},
		{"question mark is no colon", "arn:aws:s3?::b", "arn:aws:s3:::b", false},
		{"colon in the resource", "arn:aws:logs:eu-west-1:111122223333:log-group:*:log-stream:x", "arn:aws:logs:eu-west-1:111122223333:log-group:a:b:log-stream:x", true},
		{"question mark takes one character", "arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true},
		{"everything", "*", "arn:aws:s3:::b/k", true},
		{"everything, also no ARN", "*", "*", true},
		{"an ARN is not everything", "arn:aws:s3:::b", "*", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := MatchResource(c.pattern, c.arn); got != c.want {
				t.Errorf("MatchResource(%q, %q) is %v", c.pattern, c.arn, got)
			}
		})
	}
}

// Patterns that make backtracking matchers take years.
func TestHostilePatterns(t *testing.T) {
	long := strings.Repeat("a", 20_000)
	start := time.Now()
	for name, pattern := range map[string]string{
		"stars":               strings.Repeat("*", 5000) + "b",
		"stars and questions": strings.Repeat("*?", 2000) + "b",
		"stars and letters":   strings.Repeat("*a", 2000) + "b",
		"pairs":               strings.Repeat("a*a?", 1000) + "b",
	} {
		if MatchAction("s3:"+pattern, "s3:"+long) || MatchResource("arn:aws:s3:::"+pattern, "arn:aws:s3:::"+long) {
			t.Errorf("%s match", name)
		}
		inner := strings.Repeat("a*", 500)
		MatchResource("arn:"+inner+"a:s3:::*", "arn:"+long[:2000]+":s3:::b")
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// Runs of stars, variables without end, and a policy full of either cost no more than what they meet.
func TestHostileLengths(t *testing.T) {
	name := strings.Repeat("a", 2000)
	for _, c := range []struct {
		name, resource string
		want           Decision
	}{
		{"a megabyte of stars inside a part", "arn:a" + strings.Repeat("*", 1<<20) + "s:s3:::" + name, Allowed},
		{"a megabyte of stars and letters", "arn:aws:s3:::" + strings.Repeat("*a", 1<<19), ImplicitlyDenied},
		{"as many as fit", "arn:aws:s3:::" + strings.Repeat("*a", 2000), Allowed},
		{"variables that grow", "arn:aws:s3:::" + strings.Repeat("${a:k}", 1<<17), ImplicitlyDenied},
		{"variables never closed", "arn:aws:s3:::" + strings.Repeat("${", 1<<19), ImplicitlyDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::" + name, ResourceAccount: home, Context: keys{"a:k": {strings.Repeat("v", 16<<10)}}}
			d := policy(t, allow("s3:*", res(c.resource)))
			if got := Decide(r, Policies{Identity: []*Document{d}}); got != c.want {
				t.Errorf("%s", got)
			}
		})
	}
}

// The matcher says what trying every way says.
func FuzzMatch(f *testing.F) {
	f.Add("a*b?c", "aXXbYc")
	f.Add("*?*", "é")
	f.Add("arn:a*a:?:*", "arn:aba:x:y:z")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 12 || strings.ToValidUTF8(s, "") != s || strings.ToValidUTF8(pattern, "") != pattern {
			return
		}
		if got, want := plain.match(pattern, s), slowMatch([]rune(pattern), []rune(s)); got != want {
			t.Errorf("match(%q, %q) is %v", pattern, s, got)
		}
		if plain.matchARN(pattern, s) && !plain.match(pattern, s) {
			t.Errorf("matchARN(%q, %q) holds and match does not", pattern, s)
		}
	})
}

func slowMatch(pattern, s []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == '*':
		return slowMatch(pattern[1:], s) || len(s) > 0 && slowMatch(pattern, s[1:])
	}
	return len(s) > 0 && (pattern[0] == '?' || pattern[0] == s[0]) && slowMatch(pattern[1:], s[1:])
}

// TestMatchPieces holds the fast way against the one for all patterns, over
// every pattern and every text of a few letters.
func TestMatchPieces(t *testing.T) {
	patterns, ss := words("ab*", 6), words("ab", 6)
	for _, p := range patterns {
		for _, s := range ss {
			if got, want := plain.matchPieces(p, s), plain.matchStepwise(p, s); got != want {
				t.Fatalf("%q on %q is %v, stepwise %v", p, s, got, want)
			}
		}
	}
}

// words are all texts over an alphabet of at most n letters.
func words(alphabet string, n int) []string {
	all := []string{""}
	for last := all; n > 0; n-- {
		var next []string
		for _, w := range last {
			for _, c := range alphabet {
				next = append(next, w+string(c))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}
