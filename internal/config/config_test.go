package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/rules"
)

const full = `# everything
thresholds:
  unused_days: 45
  rotate_days: 60
  max_per_rule: 20
  network_budget: 3
networks:
  203.0.113.0/24: office Berlin
  2001:db8::1: build host
owners:
  - {principal: role/etl-*, account: "1111*", owner: data@example.com}
exceptions:
  - rule: TT-C01
    principal: user/legacy
    reason: the vendor moves in June
    expires: 2026-06-30
disabled: [TT-D04]
severity:
  TT-C05: medium
  X-USERS: critical
rules:
  - id: X-USERS
    title: A user made by hand
    severity: high
    for: change
    when: |
      change.event_name == "CreateUser" &&
        !glob(principal.name, "pipeline-*")
    message: "{principal.name} made {change.target} {{on}} {change.at}"
    must_fire:
      - principal: {name: alice}
        change: {event_name: CreateUser, target: "arn:aws:iam::111122223333:user/bob", at: 2026-03-01T10:00:00Z}
        message: alice made arn:aws:iam::111122223333:user/bob {on} 2026-03-01 10:00
    must_stay_quiet:
      - principal: {name: pipeline-eu}
        change: {event_name: CreateUser}
`

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("trimtrail.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFull(t *testing.T) {
	c := parse(t, full)
	o := c.Options
	if o.UnusedDays != 45 || o.RotateDays != 60 || o.MaxPerRule != 20 || o.NetworkBudget != 3 {
		t.Errorf("thresholds %+v", o)
	}
	if len(o.Networks) != 2 || o.Networks[0].Label != "office Berlin" || o.Networks[1].Prefix.String() != "2001:db8::1/128" {
		t.Errorf("networks %v", o.Networks)
	}
	want := rules.Exception{Rule: "TT-C01", Principal: "user/legacy", Reason: "the vendor moves in June", Expires: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), Place: "trimtrail.yaml:13"}
	if len(o.Exceptions) != 1 || o.Exceptions[0] != want {
		t.Errorf("exceptions %+v", o.Exceptions)
	}
	if len(o.Owners) != 1 || o.Owners[0] != (rules.Owner{Principal: "role/etl-*", Account: "1111*", Owner: "data@example.com"}) {
		t.Errorf("owners %+v", o.Owners)
	}
	if len(o.Disabled) != 1 || o.Severities["TT-C05"] != rules.Medium || o.Severities["X-USERS"] != rules.Critical || len(o.Own) != 1 {
		t.Errorf("disabled %v, severities %v, own %v", o.Disabled, o.Severities, o.Own)
	}
	for _, r := range c.Test() {
		if !r.Passed {
			t.Errorf("%+v", r)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "{}", "thresholds:\nrules:\n", "---\n"} {
		if c := parse(t, text); len(c.Options.Own) != 0 || c.Options.UnusedDays != 0 {
			t.Errorf("%q: %+v", text, c.Options)
		}
	}
}

// ruleWith is a file with one rule, its condition as given.
func ruleWith(kind, when string) string {
	return "rules:\n  - id: X-1\n    title: t\n    severity: low\n    for: " + kind + "\n    when: " + when + "\n"
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "exeptions: []", `1:1: unknown key "exeptions"; did you mean "exceptions"?`},
		{"unknown key below", "thresholds:\n  unusd_days: 9", `2:3: unknown key "unusd_days"; did you mean "unused_days"?`},
		{"nothing near", "thresholds:\n  colour: 9", `2:3: unknown key "colour"; known are unused_days, rotate_days, max_per_rule, network_budget`},
		{"twice", "disabled: []\ndisabled: []", `2:1: key "disabled" comes twice, first on line 1`},
		{"no number", "thresholds: {unused_days: soon}", `1:27: "soon" is no whole number from 1 to 3650`},
		{"too small", "thresholds: {unused_days: 0}", `1:27: "0" is no whole number from 1 to 3650`},
		{"list for a mapping", "thresholds: [9]", `1:13: a list where a mapping (key: value) belongs`},
		{"mapping for a list", "disabled: {TT-D04: x}", `1:11: a mapping where a list belongs; begin each entry with - on a line of its own, or write [a, b]`},
		{"value for a list", "disabled: TT-D04", `1:11: a value where a list belongs; begin each entry with - on a line of its own, or write [a, b]`},
		{"mapping for a value", "disabled: [{a: b}]", `1:12: a mapping where one value belongs`},
		{"no rule", "disabled: [TT-D44]", `1:12: no rule "TT-D44"; did you mean "TT-D04"?`},
		{"no rule at all", "severity: {C05: low}", `1:12: no rule "C05"; trimtrail rules lists them`},
		{"no severity", "severity: {TT-C05: hihg}", `1:20: "hihg" is no severity; did you mean "high"?`},
		{"no network", "networks: {office: x}", `1:12: "office" is no network; write an address or a prefix, as 203.0.113.0/24 or 2001:db8::/32`},
		{"host bits", "networks: {203.0.113.9/24: x}", `1:12: 203.0.113.9/24 has bits set behind its length; did you mean "203.0.113.0/24"?`},
		{"a network too wide", "networks: {0.0.0.0/0: x}", `1:12: 0.0.0.0/0 is too wide to be one's own; IPv4 networks from /8 on, IPv6 networks from /16 on`},
		{"exception for every rule", "exceptions:\n  - {rule: '*', reason: x, expires: 2026-01-31}", `2:5: an exception for every rule; write rule: and an id, or finding: and the id of one finding`},
		{"exception without end", "exceptions:\n  - {rule: TT-C01, reason: x}", `2:5: expires is missing; write expires: and the last day it holds, as 2026-12-31`},
		{"exception without reason", "exceptions:\n  - {rule: TT-C01, reason: ' ', expires: 2026-01-31}", `2:28: reason is missing; write reason: and why it may pass, for those who come after`},
		{"exception for all", "exceptions:\n  - {principal: role/x, reason: x, expires: 2026-01-31}", `2:5: an exception for every rule; write rule: and an id, or finding: and the id of one finding`},
		{"no day", "exceptions:\n  - {rule: TT-C01, reason: x, expires: 31.1.2026}", `2:40: "31.1.2026" is no day; write it as 2026-12-31`},
		{"no such kind of principal", "exceptions:\n  - {rule: TT-C01, principal: rolle/x, reason: x, expires: 2026-01-31}", `2:31: "rolle/x" fits no principal; did you mean "role"?`},
		{"no account", "owners:\n  - {principal: '*', owner: x, account: prod}", `2:41: "prod" is no account; an account id has twelve digits, as "111122223333"; * stands for any`},
		{"alias", "disabled: &a [TT-D04]\nseverity: *a", `2:11: an alias (*a); write the value out; aliases are not read`},
		{"two documents", "disabled: []\n---\ndisabled: []", `2:1: a second document; one file holds one configuration; take the --- out`},
		{"no yaml", "disabled: [\nseverity: {", `2:1: this is no YAML:`},
		{"tabs", "thresholds:\n\tunused_days: 9", `2:2: this is no YAML: found character that cannot start any token; indent with spaces, not tabs`},
		{"own: id", "rules:\n  - {id: TT-1, title: t, severity: low, for: denial, when: 'true'}", `2:10: "TT-1" is no id for a rule of your own; write X- and capital letters, digits or -, as X-NO-USERS`},
		{"own: rows", "rules:\n  - {id: X-1, title: t, severity: low, for: denials, when: 'true'}", `2:45: no rows "denials"; did you mean "denial"?`},
		{"own: without condition", "rules:\n  - {id: X-1, title: t, severity: low, for: denial}", `2:5: when is missing; write when: and a condition in CEL, as "iam:CreateUser" in principal.actions`},
		{"cel: field", ruleWith("change", `change.evnt_name == "CreateUser"`), `6:17: no field "evnt_name"; did you mean "event_name"?`},
		{"cel: name", ruleWith("change", `chang.event_name == "CreateUser"`), `6:11: nothing is called "chang"; did you mean "change"?`},
		{"cel: row of another kind", ruleWith("change", `denial.count > 3`), `6:11: denial is not here; a rule sees the rows that it is for: write for: denial`},
		{"cel: types", ruleWith("denial", `denial.count == "3"`), `6:24: == does not go with (int, string); both sides must be of one type: texts are in quotes, numbers are not`},
		{"cel: no condition", ruleWith("denial", `denial.count`), `6:11: the condition is of type int, not true or false; compare it with something, as … == "x"`},
		{"cel: one =", ruleWith("denial", `denial.count = 3`), `6:24: = compares nothing; write ==`},
		{"cel: and", ruleWith("denial", `denial.count > 3 and true`), `6:28: and is no word of CEL; write &&`},
		{"cel: in a block", ruleWith("denial", "|\n      denial.count > 3 &&\n        denial.addreses == \"x\""), `8:15: no field "addreses"; did you mean "addresses"?`},
		{"cel: folded", ruleWith("denial", ">\n      denial.count > 3 &&\n      denial.cod == \"x\""), `8:13: no field "cod"; did you mean "code"?`},
		{"cel: quoted", ruleWith("denial", `"denial.cod == 'x'"`), `6:18: no field "cod"; did you mean "code"?`},
		{"message", ruleWith("denial", "denial.count > 3\n    message: \"{principal.nam} was denied\""), `7:25: no field "nam"; did you mean "name"?`},
		{"message: open brace", ruleWith("denial", "denial.count > 3\n    message: \"a {principal.name\""), `7:17: a { that nothing closes; write {expression}, or {{ for a brace`},
		{"fixture: key", ruleWith("denial", "denial.count > 3\n    must_fire:\n      - denial: {cuont: 4}"), `8:18: unknown key "cuont"; did you mean "count"?`},
		{"fixture: type", ruleWith("denial", "denial.count > 3\n    must_fire:\n      - denial: {count: many}"), `8:25: "many" is no whole number`},
		{"fixture: without the row", ruleWith("denial", "denial.count > 3\n    must_fire:\n      - principal: {name: x}"), `8:9: a fixture without denial; the rule is for rows of that kind: write denial: {…}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.text))
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("error %v", err)
			}
			want := "f.yaml:" + c.want
			got := ps.Error()
			if strings.HasSuffix(c.want, ":") && strings.HasPrefix(got, want) {
				return
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestProblemsComeAllAndInOrder(t *testing.T) {
	_, err := Parse("f.yaml", []byte("rules: 3\ndisabled: [TT-X, TT-D01]\nthresholds: {unused_days: x}\ncolours: 1\n"))
	var lines []string
	for l := range strings.SplitSeq(err.Error(), "\n") {
		lines = append(lines, strings.SplitN(l, ":", 3)[1])
	}
	if got := strings.Join(lines, " "); got != "1 2 3 4" {
		t.Errorf("problems on lines %s:\n%v", got, err)
	}
}

func TestEnvironments(t *testing.T) {
	for _, k := range rowKinds {
		newEnvironment(rules.RowKind(k))
	}
}

// A rule of the user's over facts, as the program asks it.
func TestOwnRuleFinds(t *testing.T) {
	c := parse(t, full)
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	actor := analyze.Actor{Kind: analyze.KindUser, ARN: "arn:aws:iam::111122223333:user/alice", AccountID: "111122223333", Name: "alice"}
	f := &analyze.Facts{AsOf: at.Add(time.Hour), Changes: []analyze.Change{
		{Actor: actor, At: at, AccountID: "111122223333", EventSource: "iam.amazonaws.com", EventName: "CreateUser", EventID: "e-1", Address: "203.0.113.9", Target: "arn:aws:iam::111122223333:user/bob"},
		{Actor: actor, At: at, AccountID: "111122223333", EventSource: "iam.amazonaws.com", EventName: "DeleteUser", EventID: "e-2"},
	}}
	var found []rules.Finding
	for _, x := range rules.Evaluate(f, nil, catalog.Default(), c.Options).Findings {
		if x.Rule == "X-USERS" {
			found = append(found, x)
		}
	}
	if len(found) != 1 {
		t.Fatalf("found %+v", found)
	}
	x := found[0]
	if x.Severity != rules.Critical || x.Title != "alice made arn:aws:iam::111122223333:user/bob {on} 2026-03-01 10:00" || len(x.Evidence.Events) != 1 || x.Evidence.Events[0] != "e-1" {
		t.Errorf("%+v", x)
	}
}

// What costs too much leaves the row unjudged, and says so.
func TestCostIsBounded(t *testing.T) {
	c := parse(t, ruleWith("principal", `principal.addresses.all(a, principal.addresses.all(b, principal.addresses.all(c, a + b != c)))`))
	p := &rules.PrincipalRow{}
	for range 400 {
		p.Addresses = append(p.Addresses, "203.0.113.9")
	}
	began := time.Now()
	_, err := c.Options.Own[0].When(&rules.Row{Principal: p})
	if err == nil || !strings.Contains(err.Error(), "cost limit") {
		t.Errorf("error %v", err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
	p.Addresses = nil
	if _, err := c.Options.Own[0].When(&rules.Row{Principal: p}); err != nil {
		t.Error(err)
	}
}

// Lists and maps of constants are values too.
func TestTextsOfAnExpression(t *testing.T) {
	c := parse(t, ruleWith("principal", `'principal.name in ["b", "a"] && principal.actions.filter(x, x != "c") != [] && {"k": "v"} != {}'`))
	if got := strings.Join(c.Options.Own[0].Texts, " "); got != "a b c k v" {
		t.Errorf("texts %s", got)
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{`denial.count > 3`, `denial.action in ["a"] || {} == {"x": 1u}`, `principal.actions.map(a, a + "x").size() > 1.5`, `glob("a", b"")`, `cidr("x").ip() == null`, `-9223372036854775808 / -1 == 0`} {
		f.Add(s)
	}
	e := newEnvironment(rules.DenialRows)
	row := &rules.Row{Principal: &rules.PrincipalRow{Actions: []string{"s3:GetObject"}, Tags: map[string]string{"a": "b"}}, Denial: &rules.DenialRow{Count: 4}}
	f.Fuzz(func(t *testing.T, s string) {
		p := &parser{file: "f.yaml", lines: [][]byte{[]byte(s)}}
		node := &yaml.Node{Kind: yaml.ScalarNode, Value: s, Line: 1, Column: 1}
		if prog := p.compile(e, text{s, node}, s, 0, nil); prog != nil {
			if v, err := prog.run(row); err == nil {
				_ = shown(v)
			}
		} else if len(p.problems) == 0 {
			t.Error("refused without a reason")
		}
		p.message(e, text{s, node})
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(ruleWith("change", "|\n   a ==\n")))
	f.Add([]byte("rules:\n  - message: '{a}}{'\n    for: denial\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse("f.yaml", data)
		var ps Problems
		if err != nil && (!errors.As(err, &ps) || len(ps) == 0) {
			t.Errorf("error %v", err)
		}
	})
}
