package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// motoVersion is the server's, from the Python package index.
const motoVersion = "moto[server]==5.2.5"

// moto is a server that plays the services of AWS, on loopback.
type moto struct{ url string }

// motoServer is the path of moto_server: MOTO_SERVER, the one in PATH, or a
// new one where a server is required.
func motoServer(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("MOTO_SERVER"); path != "" {
		return path
	}
	if path, err := exec.LookPath("moto_server"); err == nil {
		return path
	}
	if os.Getenv("TRIMTRAIL_REQUIRE_S3") != "1" {
		t.Skip("no moto_server; MOTO_SERVER names one, TRIMTRAIL_REQUIRE_S3=1 installs one")
	}
	venv := filepath.Join(t.TempDir(), "venv")
	for _, args := range [][]string{{"python3", "-m", "venv", venv}, {filepath.Join(venv, "bin", "pip"), "install", "-q", motoVersion}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(venv, "bin", "moto_server")
}

func startMoto(t *testing.T) moto {
	t.Helper()
	program := motoServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	host, port, _ := net.SplitHostPort(l.Addr().String())
	check(t, l.Close())
	var output bytes.Buffer
	cmd := exec.Command(program, "-H", host, "-p", port)
	cmd.Stdout, cmd.Stderr, cmd.Env = &output, &output, append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	m := moto{"http://" + net.JoinHostPort(host, port)}
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if r, err := http.Get(m.url + "/moto-api/"); err == nil {
			r.Body.Close()
			return m
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("moto does not answer:\n%s", output.String())
		}
	}
}

// call posts a request with the headers of a service. moto reads the service
// and region from the signature's scope, and the account from the key.
func (m moto) call(t *testing.T, service, key, contentType, target, body string) []byte {
	t.Helper()
	r, err := http.NewRequest("POST", m.url, strings.NewReader(body))
	check(t, err)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	response, err := http.DefaultClient.Do(r)
	check(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	check(t, err)
	if response.StatusCode != 200 {
		t.Fatalf("%s %s%s: %s\n%s", service, target, body, response.Status, data)
	}
	return data
}

// iam makes a call of IAM or STS: its name and parameters by turns.
func (m moto) iam(t *testing.T, key, action string, params ...string) []byte {
	t.Helper()
	version := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	service := "iam"
	if action == "AssumeRole" {
		service = "sts"
		version.Set("Version", "2011-06-15")
	}
	for i := 0; i+1 < len(params); i += 2 {
		version.Set(params[i], params[i+1])
	}
	return m.call(t, service, key, "application/x-www-form-urlencoded", "", version.Encode())
}

// json makes a call in the JSON protocol and decodes what comes back.
func (m moto) json(t *testing.T, service, target string, in any) map[string]any {
	t.Helper()
	body, err := json.Marshal(in)
	check(t, err)
	var out map[string]any
	check(t, unmarshal(m.call(t, service, key, "application/x-amz-json-1.1", target, string(body)), &out))
	return out
}

// unmarshal reads an answer; some have no body.
func unmarshal(data []byte, out any) error {
	if len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, out)
}

type object = map[string]any

const (
	anything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	noEC2    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*"}]}`
	trust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`
)

// fill makes an account with 250 users, more than a page of moto's, each with a key or an inline policy.
func (m moto) fill(t *testing.T) {
	for i := range 250 {
		name := fmt.Sprintf("user%03d", i)
		m.iam(t, key, "CreateUser", "UserName", name, "Path", "/crowd/")
		if i%50 == 0 {
			m.iam(t, key, "PutUserPolicy", "UserName", name, "PolicyName", "own", "PolicyDocument", anything)
			m.iam(t, key, "CreateAccessKey", "UserName", name)
		}
	}
	m.iam(t, key, "CreateGroup", "GroupName", "readers")
	m.iam(t, key, "AddUserToGroup", "GroupName", "readers", "UserName", "user007")
	m.iam(t, key, "AttachGroupPolicy", "GroupName", "readers", "PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
	m.iam(t, key, "CreateRole", "RoleName", "app", "AssumeRolePolicyDocument", trust)
	m.iam(t, key, "CreatePolicy", "PolicyName", "work", "PolicyDocument", anything)
	m.iam(t, key, "AttachRolePolicy", "RoleName", "app", "PolicyArn", "arn:aws:iam::123456789012:policy/work")
	m.iam(t, key, "UpdateAccountPasswordPolicy", "MinimumPasswordLength", "14", "RequireSymbols", "true")
	m.iam(t, key, "CreateVirtualMFADevice", "VirtualMFADeviceName", "phone")
}

// trail makes a trail with selectors.
func (m moto) trail(t *testing.T) {
	r, err := http.NewRequest("PUT", m.url+"/logs", nil)
	check(t, err)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x")
	response, err := http.DefaultClient.Do(r)
	check(t, err)
	response.Body.Close()
	target := "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
	m.json(t, "cloudtrail", target+"CreateTrail", object{"Name": "main", "S3BucketName": "logs", "IsMultiRegionTrail": true})
	m.json(t, "cloudtrail", target+"PutEventSelectors", object{"TrailName": "main", "EventSelectors": []object{{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}}})
	m.json(t, "cloudtrail", target+"StartLogging", object{"Name": "main"})
}

// organization makes an organisation with a unit, a member in it, and an SCP; it returns the member's account.
func (m moto) organization(t *testing.T) string {
	call := func(name string, in object) object {
		return m.json(t, "organizations", "AWSOrganizationsV20161128."+name, in)
	}
	call("CreateOrganization", object{"FeatureSet": "ALL"})
	root := call("ListRoots", object{})["Roots"].([]any)[0].(object)["Id"].(string)
	call("EnablePolicyType", object{"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"})
	unit := call("CreateOrganizationalUnit", object{"ParentId": root, "Name": "work"})["OrganizationalUnit"].(object)["Id"].(string)
	member := call("CreateAccount", object{"AccountName": "work", "Email": "work@example.com"})["CreateAccountStatus"].(object)["AccountId"].(string)
	call("MoveAccount", object{"AccountId": member, "SourceParentId": root, "DestinationParentId": unit})
	policy := call("CreatePolicy", object{"Name": "no-ec2", "Description": "x", "Type": "SERVICE_CONTROL_POLICY", "Content": noEC2})["Policy"].(object)["PolicySummary"].(object)["Id"].(string)
	call("AttachPolicy", object{"PolicyId": policy, "TargetId": unit})
	return member
}

// identityCenter makes a permission set with a managed and an inline policy and
// assigns it in the account; it returns the set's ARN.
func (m moto) identityCenter(t *testing.T) string {
	call := func(name string, in object) object { return m.json(t, "sso", "SWBExternalService."+name, in) }
	instance := call("ListInstances", object{})["Instances"].([]any)[0].(object)["InstanceArn"].(string)
	set := call("CreatePermissionSet", object{"InstanceArn": instance, "Name": "Audit", "Description": "x", "SessionDuration": "PT8H"})["PermissionSet"].(object)["PermissionSetArn"].(string)
	of := object{"InstanceArn": instance, "PermissionSetArn": set}
	with := func(more object) object {
		maps.Copy(more, of)
		return more
	}
	call("AttachManagedPolicyToPermissionSet", with(object{"ManagedPolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"}))
	call("PutInlinePolicyToPermissionSet", with(object{"InlinePolicy": noEC2}))
	call("CreateAccountAssignment", with(object{"TargetId": "123456789012", "TargetType": "AWS_ACCOUNT", "PrincipalType": "GROUP", "PrincipalId": "11111111-2222-3333-4444-555555555555"}))
	call("ProvisionPermissionSet", with(object{"TargetType": "AWS_ACCOUNT", "TargetId": "123456789012"}))
	return set
}

// completed is moto with the calls that it does not speak answered as AWS does for a
// set without a boundary that is provisioned where it is assigned.
func (m moto) completed(t *testing.T) moto {
	target, err := url.Parse(m.url)
	check(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "SWBExternalService.") {
		case "GetPermissionsBoundaryForPermissionSet":
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"__type":"ResourceNotFoundException","message":"no boundary"}`)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return moto{server.URL}
}

// Permission sets come out of Identity Center into the lake.
func TestIAMPullPermissionSets(t *testing.T) {
	m := startMoto(t)
	set := m.identityCenter(t)
	p := newProgram(t, key, secret)
	lake := filepath.Join(t.TempDir(), "lake")
	doc := p.pull(t, m.completed(t), 0, "--lake", lake, "--permission-sets", "--parts", "details")
	if len(doc.Accounts) != 1 || len(doc.Missing) != 0 || !slices.Contains(doc.Accounts[0].Parts, "permission_sets") {
		t.Fatalf("pulled %+v", doc)
	}
	files, err := filepath.Glob(filepath.Join(lake, "iam", "123456789012", "*.json"))
	check(t, err)
	if len(files) != 1 {
		t.Fatalf("states in the lake: %v", files)
	}
	data, err := os.ReadFile(files[0])
	check(t, err)
	for _, want := range []string{set, "arn:aws:iam::aws:policy/SecurityAudit", "11111111-2222-3333-4444-555555555555", "PT8H", "ec2:*"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the state lacks %s", want)
		}
	}
}

// member makes a role and a user in the member account, as its root.
func (m moto) member(t *testing.T, account string) {
	answer := string(m.iam(t, key, "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/root", "RoleSessionName", "setup"))
	_, rest, _ := strings.Cut(answer, "<AccessKeyId>")
	there, _, _ := strings.Cut(rest, "<")
	m.iam(t, there, "CreateRole", "RoleName", "worker", "AssumeRolePolicyDocument", trust)
	m.iam(t, there, "PutRolePolicy", "RoleName", "worker", "PolicyName", "all", "PolicyDocument", anything)
}

// pulled is what `iam pull --format json` says.
type pulled struct {
	Schema   string
	Accounts []struct {
		AccountID                              string `json:"account_id"`
		Users, Roles, Groups, Policies, Report int
		Parts                                  []string
	}
	Missing []struct{ Part, Action, Reason string }
}

func (p program) pull(t *testing.T, m moto, want int, args ...string) pulled {
	t.Helper()
	out, errs, code := p.run(t, append([]string{"iam", "pull", "--format", "json", "--endpoint-url", m.url, "--region", "us-east-1"}, args...)...)
	var doc pulled
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != want || doc.Schema != "trimtrail.iam/1" {
		t.Fatalf("iam pull %q: exit %d\n%s%s", args, code, out, errs)
	}
	return doc
}

// An account and its organisation, from moto into a lake, and back out of it by `can`.
func TestIAMPull(t *testing.T) {
	m := startMoto(t)
	m.fill(t)
	m.trail(t)
	account := m.organization(t)
	m.member(t, account)
	p := newProgram(t, key, secret)
	lake := filepath.Join(t.TempDir(), "lake")

	doc := p.pull(t, m, 0, "--lake", lake, "--access-keys")
	if len(doc.Accounts) != 1 || len(doc.Missing) != 0 {
		t.Fatalf("one account gives %+v", doc)
	}
	a := doc.Accounts[0]
	parts := []string{"access_keys", "details", "organization", "password_policy", "report", "summary", "trails", "virtual_mfa"}
	if a.AccountID != "123456789012" || a.Users != 250 || a.Roles != 1 || a.Groups != 1 || a.Policies < 2 || a.Report < 250 || !slices.Equal(a.Parts, parts) {
		t.Errorf("pulled %+v", a)
	}

	doc = p.pull(t, m, 0, "--lake", lake, "--org-role", "audit", "--parts", "details,organization")
	if len(doc.Accounts) != 2 || len(doc.Missing) != 0 {
		t.Fatalf("the organisation gives %+v", doc)
	}
	for _, c := range []struct{ arn, action, want string }{
		{"arn:aws:iam::" + account + ":role/worker", "ec2:RunInstances", "explicitly_denied"}, // by the unit's SCP
		{"arn:aws:iam::" + account + ":role/worker", "s3:ListAllMyBuckets", "allowed"},
		{"arn:aws:iam::123456789012:role/app", "ec2:RunInstances", "allowed"}, // the management account is not limited
		{"arn:aws:iam::123456789012:user/crowd/user001", "s3:ListAllMyBuckets", "implicitly_denied"},
	} {
		out, errs, code := p.run(t, "can", "--iam", lake, "--principal", c.arn, "--action", c.action, "--format", "json")
		if !strings.Contains(out, c.want) {
			t.Errorf("can %s %s: exit %d\n%s%s", c.arn, c.action, code, out, errs)
		}
	}
}
