package iam

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRoundTrip(t *testing.T) {
	for name, text := range map[string]string{
		"single statement":        `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`,
		"list of one statement":   `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"no statements":           `{"Version":"2012-10-17","Statement":[]}`,
		"strings and lists":       `{"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":["a","b"]}]}`,
		"order and Sids":          `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"B","Effect":"Allow","Action":"b:B","Resource":"*"},{"Sid":"A","Effect":"Deny","NotAction":["z:Z","a:A"],"NotResource":["z","a"]}]}`,
		"empty Sid":               `{"Statement":[{"Sid":"","Effect":"Allow","Action":"b:B","Resource":"*"}]}`,
		"empty lists":             `{"Statement":[{"Effect":"Allow","Action":[],"Resource":[]}]}`,
		"empty Condition":         `{"Statement":[{"Effect":"Allow","Action":"b:B","Resource":"*","Condition":{}}]}`,
		"conditions":              `{"Statement":[{"Effect":"Allow","Action":"b:B","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"StringLike":{"s3:prefix":["","a/*"]}}}]}`,
		"principals":              `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"b:B"},{"Effect":"Allow","Principal":{"AWS":["111122223333"],"Service":"ec2.amazonaws.com"},"Action":"b:B"},{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"b:B"}]}`,
		"signs that HTML escapes": `{"Statement":[{"Sid":"a<b>&c","Effect":"Allow","Action":"b:B","Resource":"*"}]}`,
		"quotes and beyond ASCII": `{"Statement":[{"Sid":"\"\\é\n","Effect":"Allow","Action":"b:B","Resource":"*"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := decode([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(d.JSON()); got != text {
				t.Errorf("got  %s\nwant %s", got, text)
			}
			if got := string(d.Clone().JSON()); got != text {
				t.Errorf("clone is %s\nwant     %s", got, text)
			}
		})
	}
}

// Numbers and booleans in conditions come back as the strings that AWS takes them for.
func TestScalarsInConditions(t *testing.T) {
	d, err := ParsePolicy([]byte(`{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"k":true},"NumericEquals":{"n":[5,"6"]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"k":"true"},"NumericEquals":{"n":["5","6"]}}}}`
	if got := string(d.JSON()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestIndent(t *testing.T) {
	d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"}]}`)
	want := "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"a:B\",\n      \"Resource\": \"*\"\n    }\n  ]\n}"
	if got := string(d.Indent("  ")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A clone shares nothing that an editor changes.
func TestCloneIsDeep(t *testing.T) {
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["a:B"],"Resource":["*"],"Condition":{"Bool":{"k":["true"]}}}]}`
	d := mustParse(t, text)
	c := d.Clone()
	s := &c.Statements[0]
	s.Action.Values[0], s.Resource.Values[0] = "x", "x"
	s.Condition["Bool"]["k"].Values[0] = "x"
	s.Condition["Bool"]["l"] = StringList{}
	s.Principal.By["AWS"].Values[0] = "x"
	s.Principal.By["Service"] = StringList{}
	if got := string(d.JSON()); got != text {
		t.Errorf("the original became %s", got)
	}
	if (*Document)(nil).Clone() != nil {
		t.Error("a clone of nothing is something")
	}
}

func TestParseRefuses(t *testing.T) {
	st := func(s string) string { return `{"Statement":[` + s + `]}` }
	for _, c := range []struct{ name, text, want string }{
		{"empty", " ", "the document is empty"},
		{"not JSON", "{\n  \"Statement\": [}", "line 2, column"},
		{"cut short", `{"Statement":[`, "unexpected end"},
		{"a list", `[]`, "must be an object"},
		{"no Statement", `{"Version":"2012-10-17"}`, "no Statement"},
		{"bad Version", `{"Version":"2012-10-18","Statement":[]}`, "2012-10-17 or 2008-10-17"},
		{"spelling", `{"statement":[]}`, "it is spelt Statement"},
		{"unknown", `{"Statements":[]}`, `unknown element "Statements"`},
		{"Statement text", `{"Statement":"x"}`, "object or a list of objects"},
		{"twice", st(`{"Effect":"Allow","Effect":"Deny","Action":"a:B"}`), `"Effect" twice`},
		{"no Effect", st(`{"Sid":"X","Action":"a:B","Resource":"*"}`), `statement 1 (Sid "X"): Effect is missing`},
		{"bad Effect", st(`{"Effect":"allow","Action":"a:B","Resource":"*"}`), "must be Allow or Deny"},
		{"no Action", st(`{"Effect":"Allow","Resource":"*"}`), "Action or NotAction is missing"},
		{"both actions", st(`{"Effect":"Allow","Action":"a:B","NotAction":"a:C","Resource":"*"}`), "exclude each other"},
		{"both resources", st(`{"Effect":"Allow","Action":"a:B","Resource":"*","NotResource":"*"}`), "exclude each other"},
		{"both principals", st(`{"Effect":"Allow","Principal":"*","NotPrincipal":"*","Action":"a:B"}`), "exclude each other"},
		{"bare action", st(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`), "no service prefix"},
		{"number as action", st(`{"Effect":"Allow","Action":5,"Resource":"*"}`), "Action must be a string or a list of strings"},
		{"list in list", st(`{"Effect":"Allow","Action":["a:B",["a:C"]],"Resource":"*"}`), "value 2"},
		{"bucket as resource", st(`{"Effect":"Allow","Action":"a:B","Resource":"my-bucket"}`), "neither an ARN"},
		{"operator", st(`{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"StringIs":{"a":"b"}}}`), `operator "StringIs" is not known`},
		{"Null with IfExists", st(`{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"NullIfExists":{"a":"true"}}}`), "is not known"},
		{"null as value", st(`{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"a":null}}}`), "must be a string"},
		{"principal as text", st(`{"Effect":"Allow","Principal":"111122223333","Action":"a:B"}`), `must be "*"`},
		{"deep", strings.Repeat("[", 200_000), "max depth"},
		{"deep inside", st(`{"Effect":"Allow","Action":` + strings.Repeat("[", 200_000) + `}`), "max depth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParsePolicy([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, statement string
		kind            Kind
		want            string // empty: accepted
	}{
		{"identity", `{"Effect":"Allow","Action":"a:B","Resource":"*"}`, IdentityPolicy, ""},
		{"identity with principal", `{"Effect":"Allow","Principal":"*","Action":"a:B","Resource":"*"}`, IdentityPolicy, "resource policies only"},
		{"identity without resource", `{"Effect":"Allow","Action":"a:B"}`, IdentityPolicy, "Resource or NotResource is missing"},
		{"same Sid", `{"Sid":"A","Effect":"Allow","Action":"a:B","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"a:C","Resource":"*"}`, IdentityPolicy, "same Sid"},
		{"trust", `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`, ResourcePolicy, ""},
		{"trust without principal", `{"Effect":"Allow","Action":"sts:AssumeRole"}`, ResourcePolicy, "says for whom"},
		{"endpoint", `{"Effect":"Allow","Action":"*","Resource":"*"}`, EndpointPolicy, ""},
		{"control", `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`, ControlPolicy, ""},
		{"control for one", `{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}`, ControlPolicy, `must be "*"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := mustParse(t, `{"Statement":[`+c.statement+`]}`).Check(c.kind)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

// ReadPolicy passes what only cannot match, and refuses what would be a guess.
func TestReadPolicy(t *testing.T) {
	pass := `{"Version":"x","Statement":[{"Effect":"Allow","Action":"GetObject","Resource":"ARN:AWS:s3:::b"}]}`
	if _, err := ReadPolicy([]byte(pass), IdentityPolicy); err != nil {
		t.Errorf("refuses %s: %v", pass, err)
	}
	for _, s := range []string{
		`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringIs":{"a":"b"}}}`,
		`{"Effect":"Deny","Resource":"*"}`,
		`{"Effect":"Deny","Action":"*"}`,
		`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`,
	} {
		if _, err := ReadPolicy([]byte(`{"Statement":[`+s+`]}`), IdentityPolicy); err == nil {
			t.Errorf("accepts %s", s)
		}
	}
}

// A policy of 1 MB is read, printed and decided by in no time worth noting.
func TestLargePolicy(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"`)
	for b.Len() < 1<<20 {
		b.WriteString(`,"a*b*c*d*e*f*:*x*y*z*"`)
	}
	b.WriteString(`],"Resource":"*"}]}`)
	start := time.Now()
	d, err := ParsePolicy([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(d.JSON()); got != b.String() {
		t.Error("the policy does not come back as it was")
	}
	r := Request{Principal: "arn:aws:iam::111122223333:user/a", Action: "abcdefabcdefabcdef:XxYyabcabcabc", Resource: "*"}
	if got := Decide(r, Policies{Identity: []*Document{d}}); got != ImplicitlyDenied {
		t.Errorf("decided %s", got)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestJSONOfParts(t *testing.T) {
	type parts struct {
		L StringList
		P Principal
		D Document
	}
	text := `{"L":["a"],"P":{"AWS":"*"},"D":{"Statement":[]}}`
	var p parts
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(p)
	if err != nil || string(got) != text {
		t.Errorf("got %s, %v; want %s", got, err, text)
	}
	if !slices.Equal(p.L.Values, []string{"a"}) || p.L.One {
		t.Errorf("list is %+v", p.L)
	}
}

// Whatever is read prints to what reads as the same again, and is decided by without a panic.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Id":"i","Statement":{"Sid":"s","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username, 'x'}/*"}}`))
	f.Add([]byte(`{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"NotAction":["a:*"],"NotResource":["${*}"],"Condition":{"ForAnyValue:StringLikeIfExists":{"k":["*?",5,true]}}}]}`))
	f.Add([]byte(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"a:b","Condition":{"Null":{"k":"true"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := decode(data)
		if err != nil {
			return
		}
		text := d.JSON()
		again, err := decode(text)
		if err != nil {
			t.Fatalf("%s does not read: %v", text, err)
		}
		if got := again.JSON(); string(got) != string(text) {
			t.Fatalf("%s became %s", text, got)
		}
		r := Request{Principal: "arn:aws:iam::111122223333:user/a", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: map[string][]string{"k": {"a", ""}}}
		one, why := DecideWhy(r, Policies{Identity: []*Document{d}, Resource: d, RCPs: [][]*Document{{d}}})
		two, same := DecideWhy(r, Policies{Identity: []*Document{again}, Resource: again, RCPs: [][]*Document{{again}}})
		if one != two || !slices.Equal(why, same) {
			t.Fatalf("%s decides %s %v, its print %s %v", data, one, why, two, same)
		}
	})
}
