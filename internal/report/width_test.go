package report

import (
	"slices"
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	tests := []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"arn:aws:s3:::bucket/key", 11, "arn:a…t/key"},
		{"日本語日本語", 7, "日本…語"},
		{"日本語", 2, "…"},
		{"ae\u0301ae\u0301ae\u0301", 3, "ae…"},
	}
	for _, tt := range tests {
		got := cut(tt.in, tt.n)
		if columns(got) > tt.n {
			t.Errorf("cut(%q, %d) = %q takes %d columns", tt.in, tt.n, got, columns(got))
		}
		if got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		in   string
		n    int
		want []string
	}{
		{"", 5, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"abcdefghij k", 4, []string{"abcd", "efgh", "ij k"}},
		{"日本語 日本", 5, []string{"日本", "語", "日本"}},
	}
	for _, tt := range tests {
		if got := wrap(tt.in, tt.n); !slices.Equal(got, tt.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
	for n := 1; n < 12; n++ {
		text := "a 日本語 sentence of several w\u0301ords and one_very_long_one"
		lines := wrap(text, n)
		if strings.Join(lines, "") == "" || strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("wrap at %d loses text: %q", n, lines)
		}
	}
}

func TestWords(t *testing.T) {
	tests := []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(1000), "1,000"}, {number(1204331), "1,204,331"}, {number(-4200), "-4,200"},
		{short(99_999), "99,999"}, {short(401_118), "401 k"}, {short(999_600), "1.0 M"}, {short(1_204_331), "1.2 M"}, {short(54_000_000), "54 M"},
		{count(1, "policy"), "1 policy"}, {count(2, "policy"), "2 policies"}, {count(2, "day"), "2 days"}, {count(0, "key"), "0 keys"},
		{shortName("arn:aws:iam::111122223333:role/a/b/etl"), "role/etl"},
		{shortName("arn:aws:iam::111122223333:root"), "root"},
		{shortName("arn:aws:iam::111122223333:user/"), "user/"},
		{shortName("arn:aws:sts::111122223333:federated-user/a/b"), "federated-user/a/b"},
		{shortName("config.amazonaws.com"), "config.amazonaws.com"},
		{shortName(""), "unknown"},
		{quote("arn:aws:iam::1:role/a+b=c,@d-e_f"), "arn:aws:iam::1:role/a+b=c,@d-e_f"},
		{quote("it's $(rm)"), `'it'\''s $(rm)'`},
		{quote(""), "''"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestNamesTellAccountsApart(t *testing.T) {
	a, b, c := "arn:aws:iam::111122223333:role/etl", "arn:aws:iam::444455556666:role/etl", "arn:aws:iam::444455556666:role/api"
	n := namesOf([]string{a, b, c, a})
	for arn, want := range map[string]string{a: "role/etl in 111122223333", b: "role/etl in 444455556666", c: "role/api"} {
		if got := n.of(arn); got != want {
			t.Errorf("%s is called %q, want %q", arn, got, want)
		}
	}
}
