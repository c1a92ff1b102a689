package catalog

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
)

func TestParams(t *testing.T) {
	p := params{raw: ` {"a" : "x\n\"\u00e9\ud83d\ude00", "n":-1.5, "t":true, "z":null, "o":{"deep":{"a":"y"}},
		"l":[{"a":"1"},{"a":"2"},"3",[]], "e":{}, "A_b":"q"}`}
	for name, want := range map[string]string{"n": "-1.5", "t": "", "ab": "q", "l": "3", "nosuch": ""} {
		if got := strings.Join(p.values(name), ","); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := p.top("a"); got != "x\n\"é😀" {
		t.Errorf("a is %q", got)
	}
	if got := strings.Join(p.values("a"), ","); got != "x\n\"é😀" {
		t.Errorf("the outermost a is %q", got)
	}
}

func TestParamsBounds(t *testing.T) {
	deep := params{raw: strings.Repeat(`{"a":`, 100000) + `"x"` + strings.Repeat(`}`, 100000)}
	if n := len(deep.fields()); n != 0 {
		t.Errorf("%d fields below the depth bound", n)
	}
	wide := params{raw: `{"a":[` + strings.Repeat(`"x",`, 100000) + `"x"]}`}
	if n := len(wide.fields()); n != maxFields {
		t.Errorf("%d fields, bound is %d", n, maxFields)
	}
}

// FuzzParams holds that any text ends the walk, and that JSON objects give
// what encoding/json gives.
func FuzzParams(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b"}`, `{"a":[1,{"b":"\u00e9\n"}]}`, `{"a`, `{"a":`, `[`, `{"a":"b"}}`, `{"a":"\ud83d"}`, `"`, `{"a":]`, `{"a":{"b":[}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := params{raw: s}
		got := topStrings(&p)
		var want map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &want) != nil || want == nil {
			return
		}
		for k, v := range want {
			var str string
			if v[0] == '"' && json.Unmarshal(v, &str) == nil && strings.Count(s, `"`+k+`"`) == 1 && !strings.Contains(str, "\uFFFD") && got[k] != str {
				t.Errorf("%s: %q is %q, want %q", s, k, got[k], str)
			}
		}
	})
}

func topStrings(p *params) map[string]string {
	out := map[string]string{}
	members(p.raw, func(k, v string) bool {
		out[k] = scalar(v)
		return true
	})
	p.fields()
	return out
}

func TestSameName(t *testing.T) {
	for _, c := range []struct {
		name, key string
		want      bool
	}{{"dbinstanceidentifier", "dBInstanceIdentifier", true}, {"a", "a-", true}, {"ab", "a_B", true}, {"ab", "abc", false}, {"abc", "ab", false}, {"", "", true}} {
		if got := sameName(c.name, c.key); got != c.want {
			t.Errorf("sameName(%q, %q) = %v", c.name, c.key, got)
		}
	}
	if normal("Slot-Type.V2") != "slottypev2" {
		t.Error("normal is wrong")
	}
}

func sortedCounts(m map[string]int) string {
	var out []string
	for k, n := range m {
		out = append(out, fmt.Sprintf("%6d %s", n, k))
	}
	sort.Sort(sort.Reverse(sort.StringSlice(out)))
	return strings.Join(out, "\n")
}
