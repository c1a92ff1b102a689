package catalog

import (
	"slices"
	"strings"
	"testing"
)

func TestDetail(t *testing.T) {
	for _, c := range []struct {
		action, keys, dependents, operations string
		permissionOnly                       bool
	}{
		{"s3:GetObject", "s3:ExistingObjectTag/<key> s3:TlsVersion", "", "GetObject GET|HeadObject HEAD|SelectObjectContent POST", false},
		{"lambda:CreateFunction", "aws:RequestTag/${TagKey} lambda:VpcIds", "iam:PassRole", "CreateFunction POST Role", false},
		{"lambda:InvokeFunction", "lambda:InvokedViaFunctionUrl", "", "Invoke POST|InvokeWithResponseStream POST", false},
		{"codepipeline:UpdatePipeline", "", "", "UpdatePipeline POST pipeline.roleArn", false},
		{"ec2:RunInstances", "ec2:InstanceType", "ec2:CreateTags iam:PassRole ssm:GetParameters", "RunInstances POST IamInstanceProfile", false},
		{"ssmmessages:CreateControlChannel", "", "", "", false},
		{"apigateway:PATCH", "", "", "UpdateStage PATCH", false},
		{"EC2:INJECTAPIERROR", "", "", "", true},
		{"iam:PassRole", "iam:PassedToService iam:AssociatedResourceArn", "", "", true},
	} {
		d, ok := Default().Detail(c.action)
		if !ok || !strings.EqualFold(d.Name, c.action) || d.PermissionOnly != c.permissionOnly {
			t.Errorf("%s: %v, %q, permission only %v", c.action, ok, d.Name, d.PermissionOnly)
		}
		for _, k := range strings.Fields(c.keys) {
			if !slices.ContainsFunc(d.ConditionKeys, func(x ConditionKey) bool { return x.Name == k && x.Type != "" }) {
				t.Errorf("%s lacks condition key %s: %v", c.action, k, d.ConditionKeys)
			}
		}
		for _, a := range strings.Fields(c.dependents) {
			if !slices.Contains(d.Dependents, a) {
				t.Errorf("%s lacks dependent action %s: %v", c.action, a, d.Dependents)
			}
		}
		for _, op := range strings.Split(c.operations, "|") {
			if op != "" && !slices.Contains(told(d.Operations), op) && !slices.ContainsFunc(told(d.Operations), func(s string) bool { return strings.HasPrefix(s, op+" ") }) {
				t.Errorf("%s lacks operation %s: %v", c.action, op, told(d.Operations))
			}
		}
	}
	if _, ok := Default().Detail("s3:NoSuchAction"); ok {
		t.Error("an unknown action has details")
	}
}

func told(ops []Operation) []string {
	var out []string
	for _, op := range ops {
		out = append(out, strings.Join(slices.Concat([]string{op.Name}, op.Methods, op.RoleMembers), " "))
	}
	return out
}

// TestDetailsOfAll holds the second file against the first.
func TestDetailsOfAll(t *testing.T) {
	c, keys, dependents, methods := Default(), 0, 0, 0
	for _, name := range c.Expand("*") {
		d, ok := c.Detail(name)
		if !ok {
			t.Fatalf("%s has no detail", name)
		}
		keys, dependents = keys+len(d.ConditionKeys), dependents+len(d.Dependents)
		for _, op := range d.Operations {
			methods += len(op.Methods)
		}
		for _, k := range d.ConditionKeys {
			if !strings.Contains(k.Name, ":") {
				t.Errorf("%s: condition key %q", name, k.Name)
			}
		}
	}
	if keys < 15000 || dependents < 3000 || methods < 15000 {
		t.Errorf("%d condition keys, %d dependent actions, %d methods", keys, dependents, methods)
	}
	if n := len(embedded) + len(embeddedDetails); n > 400<<10 {
		t.Errorf("embedded data is %d bytes, above 400 KiB", n)
	}
}

func TestNumbers(t *testing.T) {
	if got := numbers("0-2 5 7-9 x 1-y", 9); !slices.Equal(got, []int{0, 1, 2, 5, 7, 8}) {
		t.Errorf("%v", got)
	}
}

func BenchmarkLoadDetails(b *testing.B) {
	for b.Loop() {
		if _, err := loadDetails(embeddedDetails); err != nil {
			b.Fatal(err)
		}
	}
}
