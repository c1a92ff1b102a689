package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// hostileTexts are what an attacker could call things, in turn.
var hostileTexts = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `=cmd()`, "+1+cmd|' /C calc'!A0", "@SUM(1)", "moc.elpmaxe\u202e\u2066", "\x1b[31mred\x1b]0;x\x07", "a\r\nb\u2028c", "`x` [y](javascript:alert(1)) |", "{{.}}${x}",
}

// hostileTrail makes an archive in which what callers can choose is hostile:
// user agents, names of users, roles, sessions and keys, regions, messages.
func hostileTrail(t *testing.T) string {
	t.Helper()
	var records []any
	for i := range 12 * len(hostileTexts) {
		bad := hostileTexts[i%len(hostileTexts)]
		identity := map[string]any{"type": "IAMUser", "principalId": "AIDA" + bad, "arn": "arn:aws:iam::111122223333:user/" + bad, "accountId": "111122223333", "accessKeyId": "AKIA" + bad, "userName": bad}
		if i%3 == 0 {
			role := map[string]any{"type": "Role", "principalId": "AROA" + bad, "arn": "arn:aws:iam::111122223333:role/" + bad, "accountId": "111122223333", "userName": bad}
			identity = map[string]any{"type": "AssumedRole", "principalId": "AROA:" + bad, "arn": "arn:aws:sts::111122223333:assumed-role/" + bad + "/" + bad, "accountId": "111122223333", "accessKeyId": "ASIA" + bad, "sessionContext": map[string]any{"sessionIssuer": role}}
		}
		records = append(records, map[string]any{"eventVersion": "1.11", "userIdentity": identity, "eventTime": fmt.Sprintf("2026-03-01T%02d:%02d:00Z", i/60, i%60),
			"eventSource": []string{"iam.amazonaws.com", "ec2.amazonaws.com", "s3.amazonaws.com"}[i%3], "eventName": []string{"CreateUser", "DescribeInstances", "PutBucketPolicy", "PutUserPolicy"}[i%4],
			"awsRegion": "us-east-1" + bad, "sourceIPAddress": []string{"203.0.113.77", bad}[i%2], "userAgent": bad, "errorCode": "AccessDenied", "errorMessage": "User: " + bad + " is not authorized to perform: " + bad,
			"requestParameters": map[string]any{"userName": bad, "policyName": bad, "bucketName": bad}, "resources": []any{map[string]any{"ARN": "arn:aws:s3:::" + bad}},
			"eventID": fmt.Sprintf("%d-%s", i, bad), "recipientAccountId": "111122223333"})
	}
	data, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeFile(filepath.Join(dir, "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0000Z_x.json"), data); err != nil {
		t.Fatal(err)
	}
	return dir
}

// obeyed are characters that a terminal or a reader's eye would obey.
func obeyed(r rune) bool {
	return r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029')
}

// TestHostileTrail takes hostile text the whole way, from a trail to each
// format: it stays text.
func TestHostileTrail(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	must(t, "ingest", hostileTrail(t), "--lake", lake)
	for _, format := range reportFormats {
		out := must(t, "report", "--lake", lake, "--format", format)
		if i := strings.IndexFunc(out, obeyed); i >= 0 && !(format == "csv" && strings.Count(out, "\r") == strings.Count(out, "\r\n")) {
			t.Errorf("%s lets %q through", format, out[max(0, i-30):min(len(out), i+12)])
		}
		if !strings.Contains(html.UnescapeString(out), "alert(1)") {
			t.Errorf("%s does not have the text at all", format)
		}
		hostileFormat(t, format, out)
	}
	must(t, "report", "--lake", lake, "--out", dir+"/pages/")
	for _, name := range []string{"pages/index.html", "pages/pages/001.html"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		hostileFormat(t, "html", string(data))
	}
}

// tagsOfOthers are elements and handlers that the page does not have of itself.
var tagsOfOthers = regexp.MustCompile(`(?i)<(img|iframe|object|embed|base|link)\b|<[a-z][^>]*\son[a-z]+=`)

// hostileFormat holds what a format must not let text do.
func hostileFormat(t *testing.T, format, out string) {
	t.Helper()
	switch format {
	case "html":
		if m := tagsOfOthers.FindString(regexp.MustCompile(`="[^"]*"`).ReplaceAllString(out, `=""`)); m != "" || strings.Count(out, "<script") != 1 {
			t.Errorf("html: %q; %d scripts", m, strings.Count(out, "<script"))
		}
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatalf("csv: %d rows, %v", len(rows), err)
		}
		for _, row := range rows[1:] {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("csv: a formula: %q", cell)
				}
			}
		}
	case "markdown":
		plain := regexp.MustCompile("(?s)```+[a-z]*\n.*?\n *```+|``+.*?``+|`[^`\n]*`").ReplaceAllString(out, "")
		if m := regexp.MustCompile(`[^\\](<script|<img|\]\(javascript).*`).FindString(plain); m != "" {
			t.Errorf("markdown: markup: %q", m)
		}
	case "json", "sarif", "asff":
		if !json.Valid([]byte(out)) {
			t.Errorf("%s is no JSON", format)
		}
	}
}
