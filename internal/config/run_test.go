package config

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestRunOfTheSample reads the sample with everything in it switched on.
func TestRunOfTheSample(t *testing.T) {
	r := parse(t, Sample).Run
	if r.Lake != "lake" || len(r.Sources)+len(r.Deliveries)+len(r.Reports.Files) > 0 || r.Schedule.Plan != nil || r.IAM.Pull != nil {
		t.Errorf("the sample as it is does something: %+v", r)
	}
	r = parse(t, regexp.MustCompile(`(?m)^  # `).ReplaceAllString(Sample, "  ")).Run
	if len(r.Sources) != 1 || r.Sources[0].Accounts[0] != "111122223333" || r.Sources[0].Since != "90d" {
		t.Errorf("sources %+v", r.Sources)
	}
	if r.IAM.Pull == nil || r.IAM.Pull.OrgRole != "trimtrail" || !r.IAM.Pull.AccessKeys || len(r.IAM.Load) != 1 {
		t.Errorf("iam %+v", r.IAM)
	}
	if want := []ReportFile{{"report.html", "html", ""}, {"findings.ocsf", "ocsf", ""}}; len(r.Reports.Files) != 2 || r.Reports.Files[0].Format != want[0].Format || r.Reports.Files[1].Format != "ocsf" {
		t.Errorf("reports %+v", r.Reports)
	}
	var kinds []string
	for _, d := range r.Deliveries {
		kinds = append(kinds, d.Kind)
	}
	if got := strings.Join(kinds, " "); got != "s3 directory slack webhook smtp ses sns security_hub" {
		t.Errorf("deliveries %s", got)
	}
	if d := r.Deliveries[3]; d.Signing != (SecretRef{File: "/run/secrets/soar"}) || d.URL == "" {
		t.Errorf("webhook %+v", d)
	}
	if s := r.Schedule; s.Plan == nil || s.Jitter != 10*time.Minute || s.Plan.String() != "0 6 * * 1 (Europe/Berlin)" {
		t.Errorf("schedule %+v", s)
	}
}

// TestSampleHasEveryKey holds that the sample names every key of the run's sections.
func TestSampleHasEveryKey(t *testing.T) {
	for _, v := range []any{runSections{}, lakeKeys{}, source{}, ingestKeys{}, iamKeys{}, pullKeys{}, analysisKeys{}, policiesKeys{}, reportsKeys{}, reportFile{}, deliveryKey{}, scheduleKeys{}} {
		for _, key := range keysOf(reflect.TypeOf(v)) {
			if !regexp.MustCompile(`\b`+key+`\b`).MatchString(Sample) && key != "password_file" && key != "secret_env" {
				t.Errorf("the sample does not name %s", key)
			}
		}
	}
}

func TestRunProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown section", "deliverys: []", `1:1: unknown key "deliverys"; did you mean "deliveries"?`},
		{"unknown key", "sources:\n  - url: s3://b/", "2:5: unknown key \"url\"; did you mean \"uri\"?\nf.yaml:2:5: uri is missing; write uri: s3://bucket/AWSLogs/ or a directory"},
		{"no uri", "sources:\n  - profile: audit", `2:5: uri is missing; write uri: s3://bucket/AWSLogs/ or a directory`},
		{"stdin", "sources: [{uri: '-'}]", `1:17: standard input is no source of a run; name a bucket, a directory or a file`},
		{"account", "sources: [{uri: x, accounts: [prod]}]", `1:31: "prod" is no account; an account id has twelve digits; write it in quotes, as "111122223333"`},
		{"since", "sources: [{uri: x, since: lately}]", `1:27: "lately" is no day; write 2026-01-31, or 90d for so long ago`},
		{"memory", "ingest: {memory: much}", `1:18: "much" is no size; write 256MiB or 1GiB`},
		{"window", "analysis: {window: a month}", `1:20: "a month" is no span of time; write 90d, 12w or 36h`},
		{"fail_on", "analysis: {fail_on: hihg}", `1:21: "hihg" is no severity; did you mean "high"?`},
		{"report without format", "reports: {files: [{path: out}]}", `1:26: the name "out" does not say the format; write format: and one of html, markdown, table, json, csv, sarif, asff, ocsf`},
		{"report twice", "reports:\n  files:\n    - path: a.html\n    - path: a.html", `4:13: report a.html is written twice, first on line 3`},
		{"policies without dir", "policies: {format: terraform}", `1:11: dir is missing; write dir: policies, where they go`},
		{"cron", `schedule: {cron: "0 6 * *"}`, `1:18: "0 6 * *" is no schedule: expected exactly 5 fields, found 4: [0 6 * *]; minute, hour, day of the month, month, day of the week (0 is Sunday)`},
		{"zone", `schedule: {cron: "0 6 * * 1", time_zone: Berlin}`, `1:42: no time zone "Berlin"; write a name as Europe/Berlin or UTC; minute, hour, day of the month, month, day of the week (0 is Sunday)`},
		{"no cron", `schedule: {jitter: 1m}`, `1:11: cron is missing; write cron: "0 6 * * 1" for Mondays at six`},
		{"jitter", `schedule: {cron: "0 6 * * 1", jitter: some}`, `1:39: "some" is no duration up to a day; write 30s, 5m or 1h`},
		{"lake", "lake: s3:/b", `1:7: "s3:/b" is no lake; write s3://bucket/prefix, or a directory`},
		{"kind", "deliveries: [{name: a, kind: slak}]", `1:30: "slak" is no kind of delivery; did you mean "slack"?`},
		{"no name", "deliveries: [{kind: sns, topic_arn: 'arn:aws:sns:eu-west-1:111122223333:x'}]", `1:14: name is missing; write name: and a short word, by which the run tells of it`},
		{"name", "deliveries: [{name: ../x, kind: directory, path: x}]", `1:21: "../x" is no name of a delivery; small letters, digits and -, as security-team`},
		{"name twice", "deliveries:\n  - {name: a, kind: directory, path: x}\n  - {name: a, kind: directory, path: y}", `3:12: delivery a comes twice, first on line 2`},
		{"key of another kind", "deliveries: [{name: a, kind: directory, path: x, topic_arn: 'arn:aws:sns:eu-west-1:111122223333:x'}]", `1:61: a directory delivery has no topic_arn; known are path, formats`},
		{"missing", "deliveries: [{name: a, kind: ses, region: eu-west-1}]", "1:14: from is missing; a ses delivery needs from, to, region\nf.yaml:1:14: to is missing; a ses delivery needs from, to, region"},
		{"slack url", "deliveries: [{name: a, kind: slack, url: 'https://hooks.slack.com/services/T/B/X'}]", `1:42: the address of a Slack webhook is a secret; write url_env: SLACK_URL, or url_file: and a file that holds it`},
		{"no url", "deliveries: [{name: a, kind: webhook}]", `1:14: no address to send to; write url_env: and the name of a variable that holds it, or url_file:`},
		{"password in url", "deliveries: [{name: a, kind: webhook, url: 'https://u:p@example.com/'}]", `1:44: a URL with a user or password in it; secrets come from the environment or a file: write password_env or password_file, or url_env or url_file`},
		{"secret for a variable", "deliveries: [{name: a, kind: slack, url_env: 'https://hooks'}]", `1:46: this is no name of a variable; write the name of an environment variable that holds the secret, not the secret`},
		{"two places", "deliveries: [{name: a, kind: slack, url_env: A, url_file: b}]", `1:59: the secret comes from two places; name a variable or a file`},
		{"password without TLS", "deliveries: [{name: a, kind: smtp, host: h, from: a@example.com, to: [b@example.com], user: u, password_env: P, tls: none}]", `1:118: a password over a connection without TLS; write tls: starttls or tls: implicit`},
		{"address", "deliveries: [{name: a, kind: smtp, host: h, from: nobody, to: [b@example.com]}]", `1:51: "nobody" is no mail address; write security@example.com`},
		{"topic", "deliveries: [{name: a, kind: sns, topic_arn: x}]", `1:46: "x" is no topic; write arn:aws:sns:eu-west-1:111122223333:name`},
		{"bucket", "deliveries: [{name: a, kind: s3, uri: x}]", `1:39: "x" is no bucket; write s3://bucket/prefix`},
		{"format", "deliveries: [{name: a, kind: directory, path: x, formats: [pdf]}]", `1:60: "pdf" is no format; known are html, markdown, table, json, csv, sarif, asff, ocsf`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.text))
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("error %v", err)
			}
			if got := strings.TrimPrefix(ps.Error(), "f.yaml:"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
