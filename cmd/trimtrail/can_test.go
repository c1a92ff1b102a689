package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/lake"
)

const iamFixtures = "../../testdata/iam"

// call runs the program on input and returns its exit code, output and messages.
func call(in string, args ...string) (code int, out, errors string) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, streams{strings.NewReader(in), &o, &e})
	return code, o.String(), e.String()
}

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// asked is a line of input with these policies.
func asked(policies string) string {
	return `{"principal":"arn:aws:iam::111122223333:user/alice","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333","context":{},"policies":{` + policies + `}}`
}

func TestCanLines(t *testing.T) {
	allowed := `{"decision":"allowed","by":["identity: statement 1"]}`
	for _, c := range []struct{ name, line, want string }{
		{"allowed", asked(`"identity":[` + allowAll + `]`), allowed},
		{"no policies", asked(``), `{"decision":"implicitly_denied","by":["identity: no statement allows"]}`},
		{"empty and null are not there", asked(`"identity":[` + allowAll + `],"boundary":[],"session":null,"resource":null,"endpoint":[],"scps":[],"rcps":null`), allowed},
		{"context of strings and lists", strings.Replace(asked(`"identity":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":"1"},"ForAnyValue:StringEquals":{"b":"2"},"Bool":{"c":"true"}}}}]`), `"context":{}`, `"context":{"a":"1","b":["1","2"],"c":true}`, 1), allowed},
		{"denied", asked(`"identity":[` + allowAll + `],"scps":[[` + allowAll + `],[{"Statement":{"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"}}]]`), `{"decision":"explicitly_denied","by":["scp level 2: No"]}`},
		{"broken line", `{"principal":`, `{"error":"not a request: unexpected EOF"}`},
		{"two on a line", asked(``) + asked(``), `{"error":"not a request: more follows on the line"}`},
		{"misspelt member", `{"principal":"*","action":"a:B","resource":"*","contxt":{}}`, `{"error":"not a request: json: unknown field \"contxt\""}`},
		{"no principal", `{"action":"a:B","resource":"*"}`, `{"error":"principal is missing: an ARN, or \"*\" for anybody"}`},
		{"no action", `{"principal":"*","resource":"*"}`, `{"error":"action \"\" is not service:Name"}`},
		{"wildcard", `{"principal":"*","action":"s3:*","resource":"*"}`, `{"error":"action \"s3:*\" has a wildcard: ask for one action"}`},
		{"no resource", `{"principal":"*","action":"a:B"}`, `{"error":"resource is missing: an ARN, or \"*\" where the action takes none"}`},
		{"a value longer than any", `{"principal":"*","action":"a:B","resource":"` + strings.Repeat("a", longestValue+1) + `"}`, `{"error":"resource is 16385 bytes long; at most 16384 are compared"}`},
		{"a long context", `{"principal":"*","action":"a:B","resource":"*","context":{"k":["v","` + strings.Repeat("a", longestValue+1) + `"]}}`, `{"error":"context key k is 16385 bytes long; at most 16384 are compared"}`},
		{"a key twice", `{"principal":"*","action":"a:B","resource":"*","context":{"aws:k":"1","AWS:K":"2"}}`, `{"error":"context keys AWS:K and aws:k are the same: their case does not count"}`},
		{"bad policy", asked(`"identity":[` + allowAll + `,{"Statement":{"Action":"*"}}]`), `{"error":"identity[1]: statement 1: Effect is missing: Allow or Deny"}`},
		{"unknown operator", asked(`"boundary":[{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringIs":{"a":"b"}}}}]`), `{"error":"boundary[0]: statement 1: Condition operator \"StringIs\" is not known"}`},
		{"bad level", asked(`"rcps":[[],[{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}]]`), `{"error":"rcps[1][0]: statement 1: Principal must be \"*\" in a resource control policy"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, _ := call(c.line+"\n", "can", "--format", "jsonl")
			if out != c.want+"\n" {
				t.Errorf("got  %swant %s", out, c.want)
			}
			if wantCode := map[bool]int{true: exitQuarantined}[strings.HasPrefix(c.want, `{"error"`)]; code != wantCode {
				t.Errorf("exit code is %d, want %d", code, wantCode)
			}
		})
	}
}

// Every line has its answer in its place, whatever came before.
func TestCanKeepsOrder(t *testing.T) {
	yes, no, bad := asked(`"identity":[`+allowAll+`]`), asked(``), `nonsense`
	_, out, _ := call(strings.Join([]string{yes, bad, "", no, yes}, "\n"), "can")
	var got []string
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		got = append(got, l[:12])
	}
	if want := `{"decision": {"error":"no {"decision": {"decision":`; strings.Join(got, " ") != want {
		t.Errorf("answers begin %q", got)
	}
}

// Who asks one by one gets each answer before the next question.
func TestCanAnswersAtOnce(t *testing.T) {
	in, question := io.Pipe()
	answer, out := io.Pipe()
	done := make(chan int)
	go func() {
		code := run(context.Background(), []string{"can"}, streams{in, out, io.Discard})
		out.Close()
		done <- code
	}()
	buf := make([]byte, 1000)
	for range 3 {
		if _, err := io.WriteString(question, asked(``)+"\n"); err != nil {
			t.Fatal(err)
		}
		if n, err := answer.Read(buf); err != nil || !bytes.HasPrefix(buf[:n], []byte(`{"decision"`)) {
			t.Fatalf("answer is %q, %v", buf[:n], err)
		}
	}
	question.Close()
	if code := <-done; code != 0 {
		t.Errorf("exit code is %d", code)
	}
}

func TestCanLooksUp(t *testing.T) {
	details := filepath.Join(iamFixtures, "details.json")
	ask := func(principal, action, resource, more string) string {
		return `{"principal":"` + principal + `","action":"` + action + `","resource":"` + resource + `"` + more + "}\n"
	}
	const a = "arn:aws:iam::111122223333:"
	for _, c := range []struct{ name, line, want string }{
		{"user", ask(a+"user/alice", "s3:GetObject", "arn:aws:s3:::data/x", ""), `{"decision":"allowed","by":["arn:aws:iam::111122223333:policy/team/deploy: statement 1","group:readers read: statement 1","arn:aws:iam::111122223333:policy/edge: statement 1"]}`},
		{"session of a role with a path", ask("arn:aws:sts::111122223333:assumed-role/app/i-1", "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/app-1", ""), `{"decision":"allowed","by":["inline work: Tables"]}`},
		{"policies that are not in the state", ask(a+"user/robots/ci", "s3:GetObject", "arn:aws:s3:::data/x", ""), `{"decision":"implicitly_denied","by":["identity: no statement allows"],"unknown":["arn:aws:iam::aws:policy/ReadOnlyAccess"]}`},
		{"what the line brings counts", ask(a+"user/robots/ci", "s3:GetObject", "arn:aws:s3:::data/x", `,"policies":{"identity":[`+allowAll+`]}`), `{"decision":"allowed","by":["identity: statement 1"]}`},
		{"SCP beside the looked-up", ask(a+"user/alice", "s3:GetObject", "arn:aws:s3:::data/x", `,"policies":{"scps":[[]]}`), `{"decision":"implicitly_denied","by":["scp level 1: no statement allows"]}`},
		{"trust policy", ask("ec2.amazonaws.com", "sts:AssumeRole", a+"role/service/app", ""), `{"decision":"allowed","by":["resource: statement 1"]}`},
		{"trust policy of another", ask("lambda.amazonaws.com", "sts:AssumeRole", a+"role/service/app", ""), `{"decision":"implicitly_denied","by":["resource: no statement allows"]}`},
		{"trust policy that is not in the state", ask(a+"root", "sts:AssumeRole", "arn:aws:iam::444455556666:role/x", ""), `{"decision":"implicitly_denied","by":["resource: no statement allows"],"unknown":["trust policy of arn:aws:iam::444455556666:role/x"]}`},
		{"root", ask(a+"root", "s3:GetObject", "arn:aws:s3:::data/x", ""), `{"decision":"allowed","by":[]}`},
		{"nobody of that name", ask(a+"user/bob", "s3:GetObject", "*", ""), `{"error":"arn:aws:iam::111122223333:user/bob is not in the state"}`},
		{"another account", ask("arn:aws:iam::444455556666:user/bob", "s3:GetObject", "*", ""), `{"error":"account of arn:aws:iam::444455556666:user/bob is not in the state"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, out, _ := call(c.line, "can", "--iam", details); out != c.want+"\n" {
				t.Errorf("got  %swant %s", out, c.want)
			}
		})
	}
}

func TestCanLooksUpInALake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	who := []string{"can", "--iam", dir, "--principal", "arn:aws:iam::111122223333:role/audit", "--action", "iam:GetUser"}
	if code, _, errors := call("", who...); code != exitFailed || !strings.Contains(errors, dir) {
		t.Errorf("no lake: exit code %d, %s", code, errors)
	}
	if code, _, errors := call("", "iam", "load", filepath.Join(iamFixtures, "details.json"), "--lake", dir); code != 0 {
		t.Fatal(errors)
	}
	if code, out, errors := call("", who...); code != 0 || out != "allowed\n  by       arn:aws:iam::aws:policy/SecurityAudit: statement 1\n" {
		t.Errorf("exit code %d, %q, %s", code, out, errors)
	}
	if _, err := lake.Create(filepath.Join(dir, "..", "empty")); err != nil {
		t.Fatal(err)
	}
	who[2] = filepath.Join(dir, "..", "empty")
	if code, _, errors := call("", who...); code != exitFailed || !strings.Contains(errors, "hint: trimtrail iam load") {
		t.Errorf("empty lake: exit code %d, %s", code, errors)
	}
}

func TestCanByFlags(t *testing.T) {
	details := filepath.Join(iamFixtures, "details.json")
	policy := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(policy, []byte(`{"Version":"2012-10-17","Statement":[{"Sid":"EU","Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	who := []string{"can", "--principal", "arn:aws:iam::111122223333:user/robots/ci", "--action", "ec2:DescribeInstances"}
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string
		err  string // a part of it
	}{
		{"looked up", []string{"--iam", details}, 0, "implicitly_denied\n  by       identity: no statement allows\n  unknown  arn:aws:iam::aws:policy/ReadOnlyAccess: not in the state, so that it was left out\n", ""},
		{"policy from a file", []string{"--policy", policy, "--context", "aws:RequestedRegion=eu-west-1"}, 0, "allowed\n  by       identity: EU\n", ""},
		{"context decides", []string{"--policy", policy, "--context", "aws:RequestedRegion=us-east-1"}, 0, "implicitly_denied\n  by       identity: no statement allows\n", ""},
		{"json", []string{"--policy", policy, "--format", "json"}, 0, `{"schema":"trimtrail.can/1","decision":"implicitly_denied","by":["identity: no statement allows"]}` + "\n", ""},
		{"no policies", nil, exitUsage, "", "needs --iam or --policy"},
		{"context without value", []string{"--policy", policy, "--context", "x"}, exitUsage, "", `--context "x" is not key=value`},
		{"format", []string{"--policy", policy, "--format", "xml"}, exitUsage, "", `unknown format "xml"`},
		{"no such file", []string{"--policy", "gone.json"}, exitFailed, "", "gone.json"},
		{"policy that is none", []string{"--policy", details}, exitFailed, "", "one identity policy document"},
		{"unknown action", []string{"--policy", policy, "--action", "ec2:DescribeInstanzes"}, 0, "implicitly_denied\n  by       identity: no statement allows\n", "ec2:DescribeInstanzes is no action"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errors := call("", append(append([]string{}, who...), c.args...)...)
			if code != c.code || out != c.out || !strings.Contains(errors, c.err) || c.err == "" && errors != "" {
				t.Errorf("exit code %d, output %q, messages %q", code, out, errors)
			}
		})
	}
	if code, _, errors := call("", "can", "--principal", "x"); code != exitUsage || !strings.Contains(errors, "--principal and --action") {
		t.Errorf("half a request: exit code %d, %q", code, errors)
	}
	if code, _, errors := call("", "can", "--context", "a=b"); code != exitUsage || !strings.Contains(errors, "belong to a request by flags") {
		t.Errorf("context for lines: exit code %d, %q", code, errors)
	}
}
