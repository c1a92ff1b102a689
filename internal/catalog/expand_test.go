package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestExpand(t *testing.T) {
	c := Default()
	for pattern, want := range map[string][]string{
		"iam:PassRole":          {"iam:PassRole"},
		"IAM:passrole":          {"iam:PassRole"},
		"iam:*passrole":         {"iam:PassRole"},
		"iam:Pass?ole":          {"iam:PassRole"},
		"s3:GetObjectTor*":      {"s3:GetObjectTorrent"},
		"s3:PutBucketC?RS":      {"s3:PutBucketCORS"},
		"sts:*Caller*":          {"sts:GetCallerIdentity"},
		"rds-d*:connect":        {"rds-db:connect"},
		"ssmmessages:*":         c.Actions("ssmmessages"),
		"s3:NoSuchAction":       nil,
		"nosuchservice:*":       nil,
		"s3":                    nil,
		"":                      nil,
		"s3:":                   nil,
		":":                     nil,
		"s3:get??":              nil,
		"kafka-cluster:conn*ct": {"kafka-cluster:Connect"},
	} {
		if got := c.Expand(pattern); !slices.Equal(got, want) {
			t.Errorf("Expand(%q) = %v, want %v", pattern, got, want)
		}
	}
}

func TestExpandCounts(t *testing.T) {
	c := Default()
	if n := len(c.Expand("*")); n != 22091 {
		t.Errorf("all actions: %d, want 22091", n)
	}
	if n := len(c.Services()); n != 456 {
		t.Errorf("services: %d, want 456", n)
	}
	all := c.Expand("*:*")
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("all actions are not sorted and distinct")
	}
	get := c.Expand("*:Get*")
	if !slices.IsSorted(get) || len(get) < 3000 {
		t.Errorf("%d actions match *:Get*, sorted %v", len(get), slices.IsSorted(get))
	}
	for _, name := range c.Expand("ec2:?escribe*") {
		if !strings.HasPrefix(name, "ec2:Describe") {
			t.Errorf("ec2:?escribe* matches %s", name)
		}
	}
}

// TestMatchIsLinear fails by time where many stars make a matcher backtrack
// without bound.
func TestMatchIsLinear(t *testing.T) {
	start := time.Now()
	if match(strings.Repeat("a*", 200)+"b", strings.Repeat("a", 5000)) {
		t.Error("matched without a b")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"*", "", true}, {"?", "", false}, {"a", "a", true}, {"a*c", "abbc", true}, {"a*c", "ab", false},
		{"*a*b*", "xaybz", true}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"**", "x", true}, {"a*", "a", true}, {"*ab", "aab", true},
	} {
		if got := match(c.pattern, c.text); got != c.want {
			t.Errorf("match(%q, %q) = %v", c.pattern, c.text, got)
		}
	}
}
