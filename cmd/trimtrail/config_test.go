package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/rules"
)

// configFile writes a configuration and returns its name.
func configFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "trimtrail.yaml")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func findingsWith(t *testing.T, lake, config string, more ...string) *rules.Findings {
	t.Helper()
	code, out, errs := try(append([]string{"analyze", "--lake", lake, "--format", "json", "--config", configFile(t, config)}, more...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var f rules.Findings
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		t.Fatal(err)
	}
	return &f
}

func ruleCount(fs *rules.Findings, rule string) (found, accepted int) {
	for _, x := range fs.Findings {
		if x.Rule == rule {
			found++
		}
	}
	for _, x := range fs.Accepted {
		if x.Rule == rule {
			accepted++
		}
	}
	return found, accepted
}

func TestConfigAcceptsFindings(t *testing.T) {
	lake := archive(t)
	exception := func(day string) string {
		return "exceptions:\n  - {rule: TT-D02, principal: user/eve, reason: a drill, expires: " + day + "}\n"
	}
	if found, accepted := ruleCount(findingsWith(t, lake, exception("2026-03-02")), "TT-D02"); found != 0 || accepted != 1 {
		t.Errorf("on the last day: %d found, %d accepted", found, accepted)
	}
	fs := findingsWith(t, lake, exception("2026-03-01"))
	if found, accepted := ruleCount(fs, "TT-D02"); found != 1 || accepted != 0 {
		t.Errorf("after it: %d found, %d accepted", found, accepted)
	}
	if w := strings.Join(fs.Warnings, "\n"); !strings.Contains(w, "trimtrail.yaml:2) expired on 2026-03-01: 1 finding is shown again") {
		t.Errorf("warnings %s", w)
	}
	name := configFile(t, exception("2026-12-31"))
	for _, args := range [][]string{{"explain", "user/eve"}, {"report", "--format", "json"}, {"policy", "--all"}, {"analyze"}} {
		code, out, errs := try(append(args, "--lake", lake, "--config", name)...)
		if code != 0 {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
		switch {
		case args[0] == "explain" && !strings.Contains(strings.Join(strings.Fields(out), " "), "Accepted until 2026-12-31 (trimtrail.yaml:2): a drill."),
			args[0] == "report" && !strings.Contains(out, `"reason": "a drill"`),
			args[0] == "analyze" && (strings.Contains(out, "TT-D02") || !strings.Contains(errs, "1 finding let pass")):
			t.Errorf("%v: %s\n%s", args, out, errs)
		}
	}
}

func TestConfigOwnRule(t *testing.T) {
	fs := findingsWith(t, archive(t), `
severity: {TT-D02: low}
owners: [{principal: user/eve, owner: red team}]
rules:
  - id: X-SELF
    title: A user wrote a policy of its own
    severity: high
    for: change
    when: change.event_name == "PutUserPolicy" && change.on_itself
    message: "{principal.name} wrote {change.policy} from {change.address} ({change.known_network})"
`, "--known-net", "203.0.113.0/24=office")
	for _, x := range fs.Findings {
		switch {
		case x.Rule == "X-SELF" && (x.Title != "eve wrote p from 203.0.113.77 (office)" || x.Owner != "red team" || x.Evidence.Events[0] != "00000000-0000-0000-0000-000000000012"):
			t.Errorf("%+v", x)
		case x.Rule == "TT-D02" && x.Severity != rules.Low:
			t.Errorf("severity %s", x.Severity)
		}
	}
	if found, _ := ruleCount(fs, "X-SELF"); found != 1 {
		t.Errorf("%d findings", found)
	}
}

func TestConfigErrors(t *testing.T) {
	bad := configFile(t, "exeptions: []\ndisabled: [TT-D44]\n")
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"problems", []string{"config", "check", bad}, []string{bad + `:1:1: unknown key "exeptions"; did you mean "exceptions"?`, bad + `:2:12: no rule "TT-D44"; did you mean "TT-D04"?`}},
		{"before the lake is looked at", []string{"analyze", "--lake", "nowhere", "--config", bad}, []string{"unknown key"}},
		{"no file", []string{"analyze", "--lake", "nowhere", "--config", "no.yaml"}, []string{"no file no.yaml", "trimtrail config init no.yaml"}},
		{"no network", []string{"analyze", "--lake", "nowhere", "--known-net", "203.0.113.9"}, []string{"--known-net", "203.0.113.0/24=office"}},
		{"written already", []string{"config", "init", bad}, []string{"is there already"}},
		{"no such command", []string{"config", "chek"}, []string{"unknown command"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := try(c.args...)
			if code != exitUsage || out != "" {
				t.Errorf("exit code %d, output %q", code, out)
			}
			for _, w := range c.want {
				if !strings.Contains(errs, w) {
					t.Errorf("no %q in\n%s", w, errs)
				}
			}
		})
	}
}

func TestConfigInit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new.yaml")
	must(t, "config", "init", name)
	must(t, "config", "check", name)
}

func TestConfigCheckJSON(t *testing.T) {
	code, out, errs := try("config", "check", "--format", "json", configFile(t, "exeptions: []\n"))
	if code != exitUsage || errs != "" || !strings.Contains(out, `"hint": "did you mean \"exceptions\"?"`) || !strings.Contains(out, `"good": false`) {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	out = must(t, "config", "check", "--format", "json", configFile(t, "exceptions: [{rule: TT-C01, reason: x, expires: 2020-01-01}, {rule: TT-C01, reason: y, expires: 2999-01-01}]\n"))
	if strings.Count(out, `"reason"`) != 1 || !strings.Contains(out, `"reason": "x"`) || !strings.Contains(out, `"good": true`) {
		t.Error(out)
	}
}

func TestRulesTest(t *testing.T) {
	const rule = "rules:\n  - {id: X-1, title: t, severity: low, for: denial, when: denial.count > 3,\n     must_fire: [{denial: {count: 4}}], must_stay_quiet: [{denial: {count: %}}]}\n"
	code, out, errs := try("rules", "test", configFile(t, strings.Replace(rule, "%", "3", 1)))
	if code != 0 || strings.Count(out, "ok  ") != 2 {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	code, out, errs = try("rules", "test", configFile(t, strings.Replace(rule, "%", "9", 1)))
	if code != exitFailed || !strings.Contains(out, "FAIL  X-1  must stay quiet 1") || !strings.Contains(errs, "1 of 2 fixtures") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	code, out, _ = try("rules", "test", "--format", "json", configFile(t, strings.Replace(rule, "must_fire", "must_stay_quiet", 1)))
	if code != exitUsage || out != "" {
		t.Errorf("a key that comes twice: exit code %d\n%s", code, out)
	}
	code, out, _ = try("rules", "test", "--format", "json", configFile(t, strings.Replace(strings.Replace(rule, "must_fire: [{denial: {count: 4}}], ", "", 1), "%", "1", 1)))
	if code != exitFailed || !strings.Contains(out, `"schema": "trimtrail.rules-test/1"`) || !strings.Contains(out, "no fixture") {
		t.Errorf("without must_fire: exit code %d\n%s", code, out)
	}
}

func TestRulesOfTheConfiguration(t *testing.T) {
	name := configFile(t, "rules:\n  - {id: X-1, title: Many denials, severity: low, for: denial, when: denial.count > 3}\n")
	if out := must(t, "rules", "--config", name); !strings.Contains(out, "X-1      low       Many denials") || !strings.Contains(out, "TT-P07") {
		t.Error(out)
	}
	if out := must(t, "rules", "x-1", "--config", name); !strings.Contains(out, "denial.count > 3") {
		t.Error(out)
	}
	if out := must(t, "rules", "TT-C05"); !strings.Contains(out, "CIS v7.0 2.12") {
		t.Error(out)
	}
}
