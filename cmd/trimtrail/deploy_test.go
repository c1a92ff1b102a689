package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake/s3store"
)

const deployDir = "../../docs/deploy"

func deployed(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(deployDir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func deployPolicy(t *testing.T, name string) *iam.Document {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(deployed(t, "policies/"+name+".json")))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

func actionsOf(docs ...*iam.Document) []string {
	var out []string
	for _, d := range docs {
		for _, s := range d.Statements {
			out = append(out, s.Action.Values...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestDeployPoliciesMeetTheCalls holds that the policies have the actions of
// the calls in the program; docs/permissions.md, from which two of them are
// taken, is held against it in internal/iam/pull.
func TestDeployPoliciesMeetTheCalls(t *testing.T) {
	of := map[string]string{"HeadObject": "s3:GetObject", "GetObject": "s3:GetObject", "PutObject": "s3:PutObject", "DeleteObjects": "s3:DeleteObject", "ListObjectsV2": "s3:ListBucket",
		"CreateMultipartUpload": "s3:PutObject", "UploadPart": "s3:PutObject", "CompleteMultipartUpload": "s3:PutObject", "AbortMultipartUpload": "s3:AbortMultipartUpload"}
	want := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	api := reflect.TypeFor[s3store.API]()
	for i := range api.NumMethod() {
		want = append(want, of[api.Method(i).Name])
	}
	slices.Sort(want)
	if got := actionsOf(deployPolicy(t, "lake")); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("lake.json has %q, the lake calls %q", got, want)
	}
	page, err := os.ReadFile("../../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, section := range map[string]string{"archive": "ingest", "state": "account"} {
		_, text, _ := strings.Cut(string(page), "<!-- policy: "+section+" -->\n```json\n")
		text, _, _ = strings.Cut(text, "```")
		d, err := iam.ParsePolicy([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := actionsOf(deployPolicy(t, name)), actionsOf(d); !slices.Equal(got, want) {
			t.Errorf("%s.json has %q, permissions.md %q", name, got, want)
		}
	}
	for _, name := range []string{"archive", "state", "lake", "deliver"} {
		for _, a := range actionsOf(deployPolicy(t, name)) {
			if len(catalog.Default().Expand(a)) != 1 {
				t.Errorf("%s.json: no action %s", name, a)
			}
		}
	}
}

// TestDeployPoliciesDecide asks our own evaluator what the policies let
// trimtrail do, and what not.
func TestDeployPoliciesDecide(t *testing.T) {
	var p iam.Policies
	for _, name := range []string{"archive", "state", "lake", "deliver"} {
		p.Identity = append(p.Identity, deployPolicy(t, name))
	}
	const lake, trail = "arn:aws:s3:::org-trimtrail", "arn:aws:s3:::org-trail"
	for _, c := range []struct {
		action, resource string
		allowed          bool
	}{
		{"s3:GetObject", trail + "/AWSLogs/111122223333/CloudTrail/x.json.gz", true},
		{"s3:ListBucket", trail, true},
		{"s3:PutObject", trail + "/AWSLogs/x", false},
		{"s3:DeleteObject", trail + "/AWSLogs/x", false},
		{"s3:PutObject", lake + "/lake/_log/00000001.json.gz", true},
		{"s3:DeleteObject", lake + "/lake/events/x.parquet", true},
		{"s3:PutObject", lake + "/reports/2026-01-31.html", true},
		{"s3:DeleteObject", lake + "/reports/2026-01-31.html", false},
		{"s3:PutBucketPolicy", lake, false},
		{"iam:GetAccountAuthorizationDetails", "*", true},
		{"iam:PutRolePolicy", "arn:aws:iam::111122223333:role/x", false},
		{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", false},
		{"sns:Publish", "arn:aws:sns:eu-west-1:999988887777:access-findings", true},
		{"sns:Publish", "arn:aws:sns:eu-west-1:999988887777:other", false},
	} {
		r := iam.Request{Principal: "arn:aws:iam::999988887777:role/trimtrail", Action: c.action, Resource: c.resource, ResourceAccount: "999988887777"}
		if got := iam.Decide(r, p); (got == iam.Allowed) != c.allowed {
			t.Errorf("%s on %s: %s", c.action, c.resource, got)
		}
	}
}

// quotedAction is an IAM action in Terraform or in a template.
var quotedAction = regexp.MustCompile(`(?:"|Action: |- )((?:s3|kms|iam|cloudtrail|organizations|sns):[A-Z][A-Za-z]+)\b`)

// TestDeployStacksGrantTheSame holds that Terraform and CloudFormation give
// the role what the policies of the directory give, of deliveries only those configured.
func TestDeployStacksGrantTheSame(t *testing.T) {
	want := actionsOf(deployPolicy(t, "archive"), deployPolicy(t, "state"), deployPolicy(t, "lake"), deployPolicy(t, "deliver"))
	want = slices.DeleteFunc(want, func(a string) bool { return a == "ses:SendEmail" || a == "securityhub:BatchImportFindings" })
	for _, name := range []string{"ecs.tf", "ecs.yaml"} {
		var got []string
		for _, m := range quotedAction.FindAllStringSubmatch(deployed(t, name), -1) {
			if !slices.Contains([]string{"iam:PassRole", "iam:PassedToService", "kms:ViaService"}, m[1]) { // the schedule's role, and keys of conditions
				got = append(got, m[1])
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s grants\n%q, the policies\n%q", name, got, want)
		}
	}
}

// deployLine finds the arguments by which a file starts the program.
var deployLine = regexp.MustCompile(`(?m)(?:ExecStart=\S+ (.*)$|(?i:command|args|CMD)\s*[:= ]\s*\[(.*)\]\s*,?$)`)

// TestDeployCommands holds each command line against the program.
func TestDeployCommands(t *testing.T) {
	for _, name := range []string{"Containerfile", "trimtrail.service", "cronjob.yaml", "ecs.tf", "ecs.yaml"} {
		m := deployLine.FindStringSubmatch(deployed(t, name))
		if m == nil {
			t.Errorf("%s starts nothing", name)
			continue
		}
		args := strings.FieldsFunc(m[1]+m[2], func(c rune) bool { return strings.ContainsRune(`", `, c) })
		if len(args) < 4 || args[0] != "run" || !slices.Contains(args, "--once") || !slices.Contains(args, "/etc/trimtrail/trimtrail.yaml") {
			t.Errorf("%s starts trimtrail %q", name, args)
		}
		if err := parses(args); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDeployConfiguration holds the example files against the program.
func TestDeployConfiguration(t *testing.T) {
	dir := t.TempDir()
	texts := map[string]string{"trimtrail.yaml": deployed(t, "trimtrail.yaml")}
	_, job, ok := strings.Cut(deployed(t, "cronjob.yaml"), "  trimtrail.yaml: |\n")
	job, _, _ = strings.Cut(job, "\n---")
	if !ok {
		t.Fatal("the job has no configuration")
	}
	texts["cronjob.yaml"] = strings.ReplaceAll(job, "\n    ", "\n")[4:]
	for name, text := range texts {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := try("config", "check", file); code != 0 {
			t.Errorf("%s: %s", name, errs)
		}
	}
}

// TestDeployIsTight looks for what a reviewer of the job would ask for.
func TestDeployIsTight(t *testing.T) {
	for name, wants := range map[string][]string{
		"cronjob.yaml": {"runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]", "type: RuntimeDefault", "concurrencyPolicy: Forbid",
			"automountServiceAccountToken: false", "limits:", "restartPolicy: Never"},
		"ecs.tf":            {"readonlyRootFilesystem = true", "assign_public_ip = false", "iam:PassedToService", "aws:SourceAccount"},
		"ecs.yaml":          {"ReadonlyRootFilesystem: true", "AssignPublicIp: DISABLED", "iam:PassedToService", "aws:SourceAccount"},
		"trimtrail.service": {"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=\n", "SystemCallErrorNumber=EPERM", "SuccessExitStatus=3 4"},
		"Containerfile":     {"distroless/static", "USER 65532:65532", "VOLUME /tmp", "-trimpath"},
	} {
		text := strings.Join(strings.Fields(deployed(t, name)), " ") + "\n"
		for _, want := range wants {
			if !strings.Contains(text, strings.TrimSpace(want)) {
				t.Errorf("%s has no %s", name, want)
			}
		}
	}
}

// TestDeployJudges lets the systems' own tools judge, where they are there.
func TestDeployJudges(t *testing.T) {
	if testing.Short() {
		t.Skip("a short run")
	}
	dir := t.TempDir()
	unit := strings.ReplaceAll(deployed(t, "trimtrail.service"), "/usr/local/bin/trimtrail", "/bin/true")
	unit = regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(unit, "")
	for name, text := range map[string]string{"trimtrail.service": unit, "trimtrail.timer": deployed(t, "trimtrail.timer"), "ecs.tf": deployed(t, "ecs.tf"), "ecs.yaml": deployed(t, "ecs.yaml")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, judge := range [][]string{
		{"systemd-analyze", "verify", "trimtrail.timer", "trimtrail.service"},
		{"terraform", "fmt", "-check", "-diff", "ecs.tf"},
		{"cfn-lint", "ecs.yaml"},
	} {
		program, err := exec.LookPath(judge[0])
		if err != nil {
			t.Logf("no %s", judge[0])
			continue
		}
		var errs bytes.Buffer
		c := exec.Command(program, judge[1:]...)
		c.Dir, c.Stdout, c.Stderr = dir, &errs, &errs
		if err := c.Run(); err != nil {
			t.Errorf("%v: %v\n%s", judge, err, errs.String())
		}
	}
}
