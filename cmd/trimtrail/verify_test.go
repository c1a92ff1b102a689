package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/ingest/digest"
	"github.com/trimtrail/trimtrail/ingest/digest/chaintest"
)

// copied is a directory with a copy of a chain of four hours, its public keys,
// and the signature of its newest digest.
func copied(t *testing.T) (a *chaintest.Archive, digests []string, dir, keys, signatures string) {
	t.Helper()
	a = chaintest.New("org-trail")
	digests = a.Chain(chaintest.Trail{Account: "111122223333", Region: "eu-west-1", Name: "org", Home: "eu-west-1"}, time.Date(2026, 1, 31, 8, 1, 31, 0, time.UTC), 4, 2)
	root := t.TempDir()
	dir, keys, signatures = filepath.Join(root, "copy"), filepath.Join(root, "keys.json"), filepath.Join(root, "signatures.jsonl")
	newest := digests[3]
	for _, err := range []error{
		a.Write(dir),
		os.WriteFile(keys, a.PublicKeys(), 0o600),
		os.WriteFile(signatures, fmt.Appendf(nil, "{\"key\":%q,\"signature\":%q}\n\n", newest, a.Files[newest].Metadata["signature"]), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return a, digests, dir, keys, signatures
}

func TestVerifyDirectory(t *testing.T) {
	a, _, dir, keys, signatures := copied(t)
	out, errs, code := command(t, "", "verify", dir, "--public-keys", keys, "--signatures", signatures)
	if code != 0 || errs != "" || !strings.Contains(out, "111122223333  eu-west-1  org    2026-01-31 08:01  2026-01-31 12:01  4/4      8/8   valid") ||
		!strings.HasSuffix(out, "Valid: 4 of 4 digests valid, 8 of 8 log files valid, 1 chain\n") {
		t.Errorf("valid: exit %d\n%s%s", code, out, errs)
	}
	out, errs, code = command(t, "", "verify", dir, "--public-keys", keys)
	if code != 4 || !strings.Contains(out, "signature_unset") || !strings.Contains(out, "3 of 4 digests valid, 1 not evaluable") || !strings.Contains(errs, "hint:") {
		t.Errorf("without signatures: exit %d\n%s%s", code, out, errs)
	}
	out, _, code = command(t, "", "verify", dir, "--public-keys", "none", "--format", "json")
	var r digest.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 4 || r.Schema != "trimtrail.verify-archive/1" || r.Status != "not_evaluable" || r.Logs.NotEvaluable != 8 {
		t.Errorf("without keys: exit %d, %v\n%s", code, err, out)
	}
	for key := range a.Files {
		if strings.Contains(key, "/CloudTrail/") {
			if err := os.Remove(filepath.Join(dir, key)); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	out, errs, code = command(t, "", "verify", dir, "--public-keys", keys, "--signatures", signatures)
	if code != 1 || !strings.Contains(out, "missing_log") || !strings.Contains(out, "7 of 8 log files valid, 1 missing") || !strings.Contains(errs, "error: 1 problem: the archive is not as CloudTrail delivered it") {
		t.Errorf("a log file gone: exit %d\n%s%s", code, out, errs)
	}
	out, _, code = command(t, "", "verify", dir, "--public-keys", keys, "--signatures", signatures, "--until", "2026-01-31")
	if code != 1 || !strings.Contains(out, "missing_newest") {
		t.Errorf("until the end of the day: exit %d\n%s", code, out)
	}
}

// TestVerifyLiveKeys asks an endpoint that answers as CloudTrail does.
func TestVerifyLiveKeys(t *testing.T) {
	a, _, dir, _, signatures := copied(t)
	calls, deny := 0, false
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if deny || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPublicKeys") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/cloudtrail/") {
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			w.WriteHeader(400)
			fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"not authorized"}`)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Write([]byte(strings.NewReplacer(`"2020-01-01T00:00:00Z"`, "1577836800", `"2040-01-01T00:00:00Z"`, "2208988800").Replace(string(a.PublicKeys()))))
	}))
	defer stub.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_CLOUDTRAIL": stub.URL, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "c"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "c"), "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	if out, errs, code := command(t, "", "verify", dir, "--signatures", signatures); code != 0 || calls != 1 {
		t.Errorf("exit %d after %d calls\n%s%s", code, calls, out, errs)
	}
	deny = true
	_, errs, code := command(t, "", "verify", dir)
	if code != 1 || !strings.Contains(errs, "list CloudTrail's public keys in eu-west-1: AccessDeniedException: not authorized") || !strings.Contains(errs, "aws cloudtrail list-public-keys --region eu-west-1") {
		t.Errorf("denied: exit %d\n%s", code, errs)
	}
}

func TestVerifyCalls(t *testing.T) {
	_, _, dir, keys, _ := copied(t)
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte(`{"key":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		code  int
		error string
	}{
		"no source":            {nil, 2, "no SOURCE"},
		"no such directory":    {[]string{"absent"}, 1, "absent: no such directory"},
		"a file":               {[]string{keys}, 1, "not a directory"},
		"an empty directory":   {[]string{t.TempDir()}, 1, "no CloudTrail object"},
		"no bucket":            {[]string{"s3:///x"}, 1, "is not of the form s3://bucket/prefix"},
		"absent keys":          {[]string{dir, "--public-keys", "absent"}, 2, "--public-keys absent: cannot be read"},
		"keys that are none":   {[]string{dir, "--public-keys", bad}, 2, "no public key in it"},
		"signatures of none":   {[]string{dir, "--public-keys", keys, "--signatures", bad}, 2, "line 1 holds no key and signature"},
		"a bad time":           {[]string{dir, "--since", "yesterday"}, 2, "--since \"yesterday\" is no time"},
		"times swapped":        {[]string{dir, "--since", "2026-02-02", "--until", "2026-01-31"}, 2, "is after --until"},
		"a bad format":         {[]string{dir, "--format", "xml"}, 2, "--format"},
		"a bad account":        {[]string{dir, "--account", "12"}, 2, "--account"},
		"an account not there": {[]string{dir, "--public-keys", keys, "--account", "444455556666"}, 1, "no CloudTrail object that fits the filters"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := command(t, "", append([]string{"verify"}, c.args...)...)
			if code != c.code || out != "" || !strings.Contains(errs, c.error) || !strings.Contains(errs, "trimtrail: hint: ") {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
}
