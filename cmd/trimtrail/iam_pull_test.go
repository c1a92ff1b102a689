package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// fewAnswers is an account that allows who one is, the summary and the
// password policy, which there is none of; all else it refuses.
func fewAnswers(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(data))
		switch op := form.Get("Action"); {
		case op == "GetCallerIdentity":
			io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/a</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		case op == "GetAccountSummary":
			io.WriteString(w, `<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>`)
		case op == "GetAccountPasswordPolicy":
			w.WriteHeader(404)
			io.WriteString(w, `<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>`)
		case op != "":
			w.WriteHeader(403)
			io.WriteString(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no `+op+` for you</Message></Error></ErrorResponse>`)
		default:
			w.WriteHeader(400)
			io.WriteString(w, `{"__type":"AccessDeniedException","message":"no"}`)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// alone takes the user's AWS configuration away.
func alone(t *testing.T, key string) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for k, v := range map[string]string{
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": key, "AWS_SESSION_TOKEN": "", "AWS_REGION": "", "AWS_ENDPOINT_URL": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
	} {
		t.Setenv(k, v)
	}
}

// What is refused is named, the rest is kept, and the exit code tells.
func TestIAMPullPartly(t *testing.T) {
	alone(t, "AKIAEXAMPLE")
	dir, server := filepath.Join(t.TempDir(), "lake"), fewAnswers(t)
	code, out, errors := call("", "iam", "pull", "--lake", dir, "--endpoint-url", server)
	if code != exitQuarantined || !strings.Contains(out, "password policy, summary") ||
		!strings.Contains(errors, "111122223333: pull: account 111122223333: details is missing: iam:GetAccountAuthorizationDetails is not allowed (AccessDenied: no GetAccountAuthorizationDetails for you)") ||
		!strings.Contains(errors, "hint: allow cloudtrail:DescribeTrails, iam:GenerateCredentialReport, iam:GetAccountAuthorizationDetails, iam:ListVirtualMFADevices, organizations:DescribeOrganization; docs/permissions.md") {
		t.Errorf("exit code %d\n%s%s", code, out, errors)
	}
	s := kept(t, dir)
	if s.HasDetails || s.Summary["Users"] != 3 || s.PasswordPolicy == nil || s.PasswordPolicy.Exists || s.TakenAt.IsZero() {
		t.Errorf("kept %+v", s)
	}
	code, out, errors = call("", "iam", "pull", "--lake", dir, "--endpoint-url", server, "--parts", "summary", "--format", "json")
	var doc iamLoaded
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 || errors != "" || doc.Schema != "trimtrail.iam/1" || doc.Missing == nil || doc.Files == nil || len(doc.Accounts) != 1 {
		t.Errorf("exit code %d, %v\n%s%s", code, err, out, errors)
	}
	code, _, errors = call("", "iam", "pull", "--lake", dir, "--endpoint-url", server, "--parts", "report")
	if code != exitFailed || !strings.Contains(errors, "error: account 111122223333: report is missing: iam:GenerateCredentialReport is not allowed") {
		t.Errorf("exit code %d, %s", code, errors)
	}
	code, _, errors = call("", "iam", "pull", "--lake", dir, "--endpoint-url", server, "--org-role", "audit", "--account", "444455556666", "--parts", "summary")
	if code != exitFailed || !strings.Contains(errors, "account 444455556666 is missing: sts:AssumeRole is not allowed") {
		t.Errorf("exit code %d, %s", code, errors)
	}
}

func TestIAMPullErrors(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	for _, c := range []struct {
		name, key string
		args      []string
		code      int
		want      string
	}{
		{"no lake", "A", nil, exitUsage, "--lake is missing"},
		{"words", "A", []string{"--lake", lake, "x"}, exitUsage, "x"},
		{"format", "A", []string{"--lake", lake, "--format", "csv"}, exitUsage, "--format"},
		{"URL", "A", []string{"--lake", lake, "--endpoint-url", "here"}, exitUsage, "is no URL"},
		{"region", "A", []string{"--lake", lake, "--region", "Ireland"}, exitUsage, "write it as eu-west-1"},
		{"workers", "A", []string{"--lake", lake, "--workers", "0"}, exitUsage, "between 1 and 64"},
		{"part", "A", []string{"--lake", lake, "--parts", "all"}, exitUsage, "there are details, organization"},
		{"level", "A", []string{"--lake", lake, "--last-accessed", "yes"}, exitUsage, "--last-accessed service"},
		{"keys without details", "A", []string{"--lake", lake, "--access-keys", "--parts", "summary"}, exitUsage, "add details"},
		{"two roles", "A", []string{"--lake", lake, "--org-role", "a", "--role-arn-pattern", "arn:aws:iam::{account}:role/b"}, exitUsage, "say the same"},
		{"one role for all", "A", []string{"--lake", lake, "--role-arn-pattern", "arn:aws:iam::111122223333:role/b"}, exitUsage, "has no {account}"},
		{"account without a role", "A", []string{"--lake", lake, "--account", "111122223333"}, exitUsage, "--org-role NAME"},
		{"account", "A", []string{"--lake", lake, "--org-role", "a", "--account", "12"}, exitUsage, "twelve digits"},
		{"profile", "A", []string{"--lake", lake, "--profile", "gone"}, exitFailed, "aws configure list-profiles"},
		{"no credentials", "", []string{"--lake", lake}, exitFailed, "hint: name a profile"},
		{"nobody there", "A", []string{"--lake", lake, "--endpoint-url", "http://127.0.0.1:1"}, exitFailed, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			alone(t, c.key)
			code, out, errors := call("", append([]string{"iam", "pull"}, c.args...)...)
			if code != c.code || out != "" || !strings.Contains(errors, c.want) {
				t.Errorf("exit code %d, output %q, messages %q", code, out, errors)
			}
		})
	}
}
