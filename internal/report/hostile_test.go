package report

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// hostile breaks out of every context that a careless view would put it in.
const hostile = "\"'><img src=x onerror=alert(1)></script><script>alert(1)</script></style><!--{{.}}`${1}` javascript:alert(1)" +
	"\u202e\u2066\u200b\u2028\x1b[2J\x1b]0;x\x07\u009b31m\r\n\x00\x7f\t=cmd()a\u0301\u0302\u0303\u0304\U000e0041\xff"

// fill returns a T with every string set to s, every list of two, and every
// pointer, time and number set.
func fill[T any](t testing.TB, s string) T {
	var v T
	fillValue(t, reflect.ValueOf(&v).Elem(), s)
	return v
}

func fillValue(t testing.TB, v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(t, v.Elem(), s)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fillValue(t, v.Index(i), s)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		fillStruct(t, v, s)
	default:
		t.Fatalf("no way to fill a %s", v.Type())
	}
}

func fillStruct(t testing.TB, v reflect.Value, s string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(asOf))
	case opaque(v.Type()): // a policy document
		text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Id": s, "Statement": []any{map[string]any{
			"Sid": s, "Effect": "Allow", "Action": s, "Resource": []string{s, s}, "Condition": map[string]any{"StringLike": map[string]any{s: s}}}}})
		if err == nil {
			err = json.Unmarshal(text, v.Addr().Interface())
		}
		if err != nil {
			t.Fatal(err)
		}
	default:
		for i := range v.NumField() {
			fillValue(t, v.Field(i), s)
		}
	}
}

// views are every text view of a model.
func views(m *Model, o TableOptions) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"table":    func(w io.Writer) error { return Table(w, m.Findings, o) },
		"explain":  func(w io.Writer) error { return Explain(w, &m.Findings.Findings[0], o) },
		"policies": func(w io.Writer) error { return PolicyTable(w, m.Policies, o) },
		"diff":     func(w io.Writer) error { return PolicyDiff(w, &m.Policies.Policies[0], o) },
	}
}

func TestHostileText(t *testing.T) {
	m := fill[Model](t, hostile)
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, o := range []TableOptions{{}, {Width: 80}, {Width: 100, Wide: true, Lake: hostile}, {Width: 100, Color: true}} {
		for name, view := range views(&m, o) {
			var b bytes.Buffer
			if err := view(&b); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text := b.String()
			if o.Color {
				text = sgr.ReplaceAllString(text, "")
			}
			if r := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (unsafe(r) || r == '\uFFFD') }); r >= 0 {
				t.Errorf("%s %+v lets %q through", name, o, text[r:min(len(text), r+12)])
			}
			if name != "policies" && !strings.Contains(strings.Join(strings.Fields(text), ""), `\u202e`) {
				t.Errorf("%s hides the override instead of showing it", name)
			}
		}
	}
}

var (
	tag   = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)
	value = regexp.MustCompile(`"[^"]*"`)
)

// skeleton is the page's markup without its text and attribute values.
func skeleton(page []byte) []string {
	out := tag.FindAllString(string(page), -1)
	for i := range out {
		out[i] = value.ReplaceAllString(out[i], `""`)
	}
	return out
}

// TestHostileHTML fills every string of the model, in turn, with harmless and
// hostile text: the markup must be the same to the tag and attribute.
func TestHostileHTML(t *testing.T) {
	harmless, bad := fill[Model](t, "x:y"), fill[Model](t, hostile)
	want, page := skeleton(page1(t, &harmless)), page1(t, &bad)
	if got := skeleton(page); !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Fatalf("markup differs at tag %d: %q, want %q", i, got[i], want[i])
			}
		}
		t.Fatalf("%d tags, want %d", len(got), len(want))
	}
	if i := bytes.IndexFunc(page, func(r rune) bool { return r != '\n' && unsafe(r) }); i >= 0 {
		t.Errorf("the page lets %q through", page[i:min(len(page), i+12)])
	}
	if !bytes.Contains(page, []byte(`\u202e`)) {
		t.Error("the page hides the override instead of showing it")
	}
}

// TestHostileBriefRows does the same for the rows that a big page shortens.
func TestHostileBriefRows(t *testing.T) {
	harmless, bad := fill[Model](t, "x:y"), fill[Model](t, hostile)
	want, page := skeleton(briefRows(t, &harmless)), briefRows(t, &bad)
	if got := skeleton(page); !slices.Equal(got, want) || len(want) < 20 {
		t.Errorf("markup is %q, want %q", got, want)
	}
}

func briefRows(t *testing.T, m *Model) []byte {
	t.Helper()
	p := newPage(m)
	b := &sections{t: parsed(t)}
	rows(b, "finding", p.Findings, share{0, len(p.Findings)})
	rows(b, "principal", p.Principals, share{0, len(p.Principals)})
	rows(b, "proposal", p.Proposals, share{0, len(p.Proposals)})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.Bytes()
}

func parsed(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := pageTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// TestHostileJSON checks that JSON keeps every string as it was, yet puts no
// character on a terminal that it would obey.
func TestHostileJSON(t *testing.T) {
	want := fill[rules.Findings](t, strings.ToValidUTF8(hostile, "\uFFFD"))
	var b bytes.Buffer
	if err := FindingsJSON(&b, &want); err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexFunc(b.Bytes(), func(r rune) bool { return r != '\n' && unsafe(r) }); i >= 0 {
		t.Errorf("JSON lets %q through", b.Bytes()[i:min(b.Len(), i+12)])
	}
	var got rules.Findings
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("strings change on the way through JSON")
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"role/etl", "role/etl"},
		{"", ""},
		{"naïve 日本 עברית", "naïve 日本 עברית"},
		{"\x1b[31mred", `\x1b[31mred`},
		{"a\u202eb", `a\u202eb`},
		{"a\u009b1mb", `a\u009b1mb`},
		{"two\nlines\ttab\r", `two\nlines\ttab\r`},
		{"bad \xff byte", `bad \xff byte`},
		{"real \uFFFD sign", "real \uFFFD sign"},
		{"tag \U000e0041", `tag \U000e0041`},
		{"e\u0301\u0301\u0301\u0301", "e\u0301\u0301" + `\u0301\u0301`},
		{"no\u00a0break", `no\u00a0break`},
	}
	for _, tt := range tests {
		if got := clean(tt.in); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
