package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/netdb/mmdbtest"
	"github.com/trimtrail/trimtrail/rules"
)

// signIns is a lake in which frank signs in from two networks within half an hour.
func signIns(t *testing.T) (lake, dir string) {
	t.Helper()
	dir = t.TempDir()
	var records []string
	for i, address := range []string{"198.51.100.7", "203.0.113.9"} {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/frank","accountId":"111122223333","userName":"frank"},
"eventTime":"2026-03-02T12:%[1]d0:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"%[2]s","userAgent":"Mozilla/5.0 (X11; Linux x86_64)","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},
"additionalEventData":{"MFAUsed":"Yes"},"eventID":"00000000-0000-0000-0000-00000000000%[1]d","eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","readOnly":false}`, i+1, address))
	}
	write := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	file := write("x.json", `{"Records":[`+strings.Join(records, ",")+`]}`)
	countries, err := mmdbtest.Bytes("GeoLite2-Country", []mmdbtest.Network{
		{Prefix: "198.51.100.0/24", Record: map[string]any{"country": map[string]any{"iso_code": "DE"}}},
		{Prefix: "203.0.113.0/24", Record: map[string]any{"country": map[string]any{"iso_code": "NL"}}}})
	if err != nil {
		t.Fatal(err)
	}
	write("countries.mmdb", string(countries))
	lake = filepath.Join(dir, "lake")
	must(t, "ingest", file, "--lake", lake)
	return lake, dir
}

// TestPlaces holds the files of the flags and of the configuration, whose names are relative to it.
func TestPlaces(t *testing.T) {
	lake, dir := signIns(t)
	beside := filepath.Join(dir, "trimtrail.yaml")
	if err := os.WriteFile(beside, []byte("networks:\n  mmdb: countries.mmdb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want bool
	}{
		"no file":       {nil, false},
		"a flag":        {[]string{"--mmdb", filepath.Join(dir, "countries.mmdb")}, true},
		"configuration": {[]string{"--config", beside}, true},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := try(append([]string{"analyze", "--lake", lake, "--format", "json"}, c.args...)...)
			var f rules.Findings
			if err := json.Unmarshal([]byte(out), &f); err != nil || code != 0 {
				t.Fatal(code, err, errs)
			}
			said := false
			for _, x := range f.Findings {
				said = said || x.Rule == "TT-A07" && strings.Contains(x.Title, "from DE and NL, 10 min apart")
			}
			if lacks := strings.Contains(strings.Join(f.NotEvaluable, " "), "MMDB"); said != c.want || lacks == c.want {
				t.Errorf("told %v, not evaluable %v: %q", said, lacks, f.NotEvaluable)
			}
		})
	}
}

func TestBadPlaces(t *testing.T) {
	bad := configFile(t, "networks:\n  mmdb: nowhere.mmdb\n  203.0.113.0/24: office\n")
	for name, args := range map[string][]string{
		"no such file":   {"--mmdb", "nowhere.mmdb"},
		"no ranges":      {"--aws-ranges", bad},
		"by the file":    {"--config", bad},
		"an empty name":  {"--config", configFile(t, "networks: {mmdb: ''}\n")},
		"a list of none": {"--config", configFile(t, "networks: {aws_ranges: [a]}\n")},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := try(append([]string{"analyze", "--lake", "nowhere"}, args...)...)
			if code != exitUsage || out != "" || !strings.Contains(errs, "trimtrail: error: ") || strings.Contains(errs, "no lake") {
				t.Errorf("exit code %d, output %q\n%s", code, out, errs)
			}
		})
	}
}
