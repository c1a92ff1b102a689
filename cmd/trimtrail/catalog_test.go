package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCatalog(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"about", []string{}, []string{"Catalogue of 2026-09-26: 456 services, 22,091 actions\n", "botocore (PyPI) 1.44.8, Apache-2.0"}},
		{"an action, in any case", []string{"S3:headOBJECT"}, nil},
		{"an action", []string{"lambda:createfunction"}, []string{"lambda:CreateFunction\n", "level       Write\n", "seen in     management events (write)\n",
			"operations  lambda CreateFunction, HTTP POST, passes a role in Role\n", "function  arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}\n",
			"lambda:VpcIds  String\n", "may need    iam:PassRole\n"}},
		{"permission only", []string{"iam:PassRole"}, []string{"permission only", "never logged", "iam:PassedToService  String"}},
		{"a pattern", []string{"kms:Re*"}, []string{"kms:ReEncryptFrom  ", "kms:RevokeGrant    Permissions management  management events (write)"}},
		{"a service", []string{"STS"}, []string{"sts:AssumeRole ", "sts:TagSession "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := try(append([]string{"catalog"}, c.args...)...)
			if c.want == nil {
				if code != exitFailed || out != "" || !strings.Contains(errs, "did you mean") {
					t.Errorf("exit %d, %q, %q", code, out, errs)
				}
				return
			}
			if code != 0 {
				t.Fatalf("exit %d: %s", code, errs)
			}
			for _, w := range c.want {
				if !strings.Contains(out, w) {
					t.Errorf("lacks %q:\n%s", w, out)
				}
			}
		})
	}
}

func TestCatalogJSON(t *testing.T) {
	var got catalogAnswer
	decode(t, must(t, "catalog", "codepipeline:UpdatePipeline", "--format", "json"), &got)
	if got.Schema != "trimtrail.catalog/1" || len(got.Actions) != 1 {
		t.Fatalf("%+v", got)
	}
	a := got.Actions[0]
	if a.Action != "codepipeline:UpdatePipeline" || a.Level != "Write" || a.Visibility != "management" || a.ReadOnly || a.Dependents == nil ||
		len(a.Operations) != 1 || !slices.Contains(a.Operations[0].RoleMembers, "pipeline.roleArn") {
		t.Errorf("%+v", a)
	}
}

func TestCatalogUnknown(t *testing.T) {
	for asked, hint := range map[string]string{
		"s3:GetObjct": "did you mean s3:GetObject?", "lamda": "did you mean lambda?", "iam:Xyzzy": "trimtrail catalog iam lists its actions",
		"qqqqqqqqqqq": "trimtrail catalog '*'", "\x1b[31m": "trimtrail catalog '*'",
	} {
		code, out, errs := try("catalog", asked)
		if code != exitFailed || out != "" || !strings.Contains(errs, hint) || strings.Contains(errs, "\x1b") {
			t.Errorf("%q: exit %d, %q, %q", asked, code, out, errs)
		}
	}
	if code, _, _ := try("catalog", "s3", "--format", "xml"); code != exitUsage {
		t.Errorf("an unknown format: exit %d", code)
	}
}

// serviceReference is a directory with one file of AWS's shape.
func serviceReference(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "newsvc.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestServiceReference(t *testing.T) {
	dir := serviceReference(t, `{"Name":"newsvc","Actions":[{"Name":"MakeThing","Annotations":{"Properties":{"IsWrite":true}}}],"Operations":[{"Name":"MakeThing"}]}`)
	if out := must(t, "catalog", "--service-reference", dir); !strings.Contains(out, "457 services, 22,092 actions\nwith 1 service reference files") {
		t.Errorf("%s", out)
	}
	if out := must(t, "catalog", "newsvc:MakeThing", "--service-reference", dir); !strings.Contains(out, "level       Write\n  seen in     management events (write)") {
		t.Errorf("%s", out)
	}
	const event = `{"Records":[{"eventVersion":"1.08","eventTime":"2026-01-31T12:00:00Z","eventID":"a","eventSource":"newsvc.amazonaws.com","eventName":"MakeThing",
		"recipientAccountId":"111122223333","requestParameters":{}}]}`
	if out, _, err := attribute(event, "-", "--service-reference", dir); err != nil || !strings.Contains(out, `"action":"newsvc:MakeThing"`) {
		t.Errorf("%v: %s", err, out)
	}
	for _, bad := range []string{filepath.Join(dir, "none"), t.TempDir(), serviceReference(t, "nonsense")} {
		if code, out, errs := try("catalog", "--service-reference", bad); code != exitFailed || out != "" || !strings.Contains(errs, "hint: it is a directory") {
			t.Errorf("%s: exit %d, %q, %q", bad, code, out, errs)
		}
	}
}
