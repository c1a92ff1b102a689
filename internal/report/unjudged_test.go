package report

import "testing"

func TestUnjudged(t *testing.T) {
	for _, c := range []struct {
		list []string
		want string
	}{
		{nil, ""},
		{[]string{"unused keys in account 111122223333: needs the credential report", "unused passwords in account 111122223333: needs the credential report"},
			"without the credential report of 111122223333: unused keys, unused passwords"},
		{[]string{"unused keys in account 1: needs a report", "unused keys in account 2: needs a report", "unused roles in account 1: needs details", "password policy: needs the account summary"},
			"without a report of 2 accounts: unused keys · without details of 1: unused roles · without the account summary: password policy"},
		{[]string{"something else"}, "also: something else"},
	} {
		if got := unjudged(c.list); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.list, got, c.want)
		}
	}
}
