package codejudge

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

// account is one account of the world on a moto server.
type account struct {
	t      *testing.T
	url    string
	client *sdk.Client
	// unknown are managed policies of AWS that the server does not have.
	unknown map[string]bool
}

// serve starts a moto server for an account, with AWS's own managed policies.
func serve(t *testing.T, id string) *account {
	t.Helper()
	program := judge(t, "moto_server")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	check(t, l.Close())
	var output bytes.Buffer
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_ACCOUNT_ID="+id, "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	cmd.Stdout, cmd.Stderr = &output, &output
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	a := &account{t: t, url: "http://127.0.0.1:" + port, unknown: map[string]bool{}}
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if r, err := http.Get(a.url + "/moto-api/"); err == nil {
			r.Body.Close()
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("moto does not answer:\n%s", output.String())
		}
	}
	a.client = sdk.New(sdk.Options{BaseEndpoint: &a.url, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")})
	return a
}

// fill makes what the world's authorization details say of the account.
func (a *account) fill(w *world, id string) {
	a.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, "iam", id+"-authorization-details.json"))
	check(a.t, err)
	states := iam.States{}
	_, err = iam.Load("details.json", data, states)
	check(a.t, err)
	s := states[id]
	ctx := context.Background()
	for _, p := range s.Policies {
		if !strings.Contains(p.ARN, ":iam::aws:") {
			_, path, _ := strings.Cut(p.ARN, ":policy")
			_, err := a.client.CreatePolicy(ctx, &sdk.CreatePolicyInput{PolicyName: &p.Name, Path: aws.String(strings.TrimSuffix(path, p.Name)), PolicyDocument: text(p.Document)})
			check(a.t, err)
		}
	}
	for i := range s.Groups {
		a.group(&s.Groups[i])
	}
	for i := range s.Roles {
		a.role(&s.Roles[i])
	}
	for i := range s.Users {
		a.user(&s.Users[i])
	}
}

func text(d *iam.Document) *string {
	s := string(d.JSON())
	return &s
}

func (a *account) group(g *iam.Group) {
	ctx := context.Background()
	_, err := a.client.CreateGroup(ctx, &sdk.CreateGroupInput{GroupName: &g.Name})
	check(a.t, err)
	for _, d := range g.Inline {
		_, err := a.client.PutGroupPolicy(ctx, &sdk.PutGroupPolicyInput{GroupName: &g.Name, PolicyName: &d.Name, PolicyDocument: text(d.Document)})
		check(a.t, err)
	}
	for _, arn := range g.Attached {
		_, err := a.client.AttachGroupPolicy(ctx, &sdk.AttachGroupPolicyInput{GroupName: &g.Name, PolicyArn: &arn})
		check(a.t, err)
	}
}

func (a *account) role(r *iam.Role) {
	ctx := context.Background()
	_, err := a.client.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: &r.Name, Path: aws.String(r.Path), AssumeRolePolicyDocument: text(r.Trust)})
	check(a.t, err)
	for _, d := range r.Inline {
		_, err := a.client.PutRolePolicy(ctx, &sdk.PutRolePolicyInput{RoleName: &r.Name, PolicyName: &d.Name, PolicyDocument: text(d.Document)})
		check(a.t, err)
	}
	for _, arn := range r.Attached {
		_, err := a.client.AttachRolePolicy(ctx, &sdk.AttachRolePolicyInput{RoleName: &r.Name, PolicyArn: &arn})
		a.attached(arn, err)
	}
}

func (a *account) user(u *iam.User) {
	ctx := context.Background()
	_, err := a.client.CreateUser(ctx, &sdk.CreateUserInput{UserName: &u.Name})
	check(a.t, err)
	for _, d := range u.Inline {
		_, err := a.client.PutUserPolicy(ctx, &sdk.PutUserPolicyInput{UserName: &u.Name, PolicyName: &d.Name, PolicyDocument: text(d.Document)})
		check(a.t, err)
	}
	for _, arn := range u.Attached {
		_, err := a.client.AttachUserPolicy(ctx, &sdk.AttachUserPolicyInput{UserName: &u.Name, PolicyArn: &arn})
		a.attached(arn, err)
	}
	for _, g := range u.Groups {
		_, err := a.client.AddUserToGroup(ctx, &sdk.AddUserToGroupInput{UserName: &u.Name, GroupName: &g})
		check(a.t, err)
	}
}

// attached notes a policy of AWS that the server lacks; whoever has it is not tried.
func (a *account) attached(arn string, err error) {
	if err != nil && strings.Contains(arn, ":iam::aws:") {
		a.unknown[arn] = true
		return
	}
	check(a.t, err)
}

// holding reads what the server says that a principal has.
func (a *account) holding(p *rules.Proposal) holding {
	a.t.Helper()
	name := p.Principal[strings.LastIndexByte(p.Principal, '/')+1:]
	if strings.Contains(p.Principal, ":user/") {
		return a.userHolding(name)
	}
	ctx, h := context.Background(), newHolding()
	names, err := a.client.ListRolePolicies(ctx, &sdk.ListRolePoliciesInput{RoleName: &name})
	check(a.t, err)
	for _, n := range names.PolicyNames {
		d, err := a.client.GetRolePolicy(ctx, &sdk.GetRolePolicyInput{RoleName: &name, PolicyName: &n})
		check(a.t, err)
		h.Inline[n] = a.decode(d.PolicyDocument)
	}
	attached, err := a.client.ListAttachedRolePolicies(ctx, &sdk.ListAttachedRolePoliciesInput{RoleName: &name})
	check(a.t, err)
	for _, m := range attached.AttachedPolicies {
		h.Attached[*m.PolicyArn] = a.document(*m.PolicyArn)
	}
	return h
}

func (a *account) userHolding(name string) holding {
	ctx, h := context.Background(), newHolding()
	names, err := a.client.ListUserPolicies(ctx, &sdk.ListUserPoliciesInput{UserName: &name})
	check(a.t, err)
	for _, n := range names.PolicyNames {
		d, err := a.client.GetUserPolicy(ctx, &sdk.GetUserPolicyInput{UserName: &name, PolicyName: &n})
		check(a.t, err)
		h.Inline[n] = a.decode(d.PolicyDocument)
	}
	attached, err := a.client.ListAttachedUserPolicies(ctx, &sdk.ListAttachedUserPoliciesInput{UserName: &name})
	check(a.t, err)
	for _, m := range attached.AttachedPolicies {
		h.Attached[*m.PolicyArn] = a.document(*m.PolicyArn)
	}
	groups, err := a.client.ListGroupsForUser(ctx, &sdk.ListGroupsForUserInput{UserName: &name})
	check(a.t, err)
	for _, g := range groups.Groups {
		h.Groups[*g.GroupName] = true
	}
	return h
}

func (a *account) decode(encoded *string) any {
	plain, err := url.QueryUnescape(*encoded)
	check(a.t, err)
	return decoded([]byte(plain))
}

// document is the default version of a managed policy.
func (a *account) document(arn string) any {
	p, err := a.client.GetPolicy(context.Background(), &sdk.GetPolicyInput{PolicyArn: &arn})
	check(a.t, err)
	v, err := a.client.GetPolicyVersion(context.Background(), &sdk.GetPolicyVersionInput{PolicyArn: &arn, VersionId: p.Policy.DefaultVersionId})
	check(a.t, err)
	return a.decode(v.PolicyVersion.Document)
}

// bash runs a script against the server; more is further environment, as NAME=value.
func (a *account) bash(script string, more ...string) (string, error) {
	cmd := exec.Command(judge(a.t, "bash"), script)
	home := a.t.TempDir()
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_CONFIG_FILE=" + filepath.Join(home, "config"), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=us-east-1", "AWS_ENDPOINT_URL=" + a.url,
	}, more...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w", filepath.Base(script), err)
	}
	return string(out), err
}
