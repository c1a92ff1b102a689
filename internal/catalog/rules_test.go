package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestRules(t *testing.T) {
	for _, c := range []struct{ source, event, request, want string }{
		// Event sources.
		{"tagging", "GetResources", ``, "tag:GetResources"},
		{"amazonmq", "DescribeBroker", ``, "mq:DescribeBroker"},
		{"agreement-marketplace", "SearchAgreements", ``, "aws-marketplace:SearchAgreements"},
		{"opensearch", "DescribeDomain", ``, "es:DescribeDomain"},
		{"cloudcontrolapi", "GetResource", ``, "cloudformation:GetResource"},
		{"pinpoint", "GetApp", ``, "mobiletargeting:GetApp"},
		{"streams.dynamodb", "DescribeStream", ``, "dynamodb:DescribeStream"},
		{"runtime.lex", "PostText", ``, "lex:PostText"},
		{"chime-sdk-voice", "CreateVoiceConnector", ``, "chime:CreateVoiceConnector"},
		{"appstream2", "DescribeFleets", ``, "appstream:DescribeFleets"},
		{"iotdata", "UpdateThingShadow", ``, "iot:UpdateThingShadow"},
		{"ingest.timestream", "WriteRecords", ``, "timestream:WriteRecords"},
		{"dataplane.payment-cryptography", "EncryptData", ``, "payment-cryptography:EncryptData"},
		{"greengrassv2", "ListComponents", ``, "greengrass:ListComponents"},
		{"appintegrations", "ListApplications", ``, "app-integrations:ListApplications"},
		// Shared sources.
		{"autoscaling", "PutScalingPolicy", `{"autoScalingGroupName":"g"}`, "autoscaling:PutScalingPolicy"},
		{"autoscaling", "PutScalingPolicy", `{"serviceNamespace":"ecs"}`, "application-autoscaling:PutScalingPolicy"},
		{"autoscaling", "DescribeScalableTargets", ``, "application-autoscaling:DescribeScalableTargets"},
		{"autoscaling", "DescribeScalingPlans", ``, "autoscaling-plans:DescribeScalingPlans"},
		{"ssm", "OpenControlChannel", ``, "ssmmessages:OpenControlChannel"},
		// Directory buckets: a session stands for all object calls.
		{"s3express", "PutObject", `{"bucketName":"b--use1-az4--x-s3","key":"k","x-amz-acl":"private"}`, "s3express:CreateSession"},
		{"s3express", "ListDirectoryBuckets", ``, "s3express:ListAllMyDirectoryBuckets"},
		{"s3express", "GetBucketEncryption", `{"bucketName":"b--use1-az4--x-s3"}`, "s3express:GetEncryptionConfiguration"},
		{"verifiedpermissions", "BatchIsAuthorized", ``, "verifiedpermissions:IsAuthorized"},
		// S3.
		{"s3", "ListBuckets", ``, "s3:ListAllMyBuckets"},
		{"s3", "HeadObject", `{"bucketName":"b","key":"k"}`, "s3:GetObject"},
		{"s3", "GetObject", `{"bucketName":"b","key":"k","versionId":"v"}`, "s3:GetObjectVersion"},
		{"s3", "UploadPart", `{"bucketName":"b","key":"k"}`, "s3:PutObject"},
		{"s3", "GetBucketLifecycle", ``, "s3:GetLifecycleConfiguration"},
		{"s3", "ListBucketInventoryConfigurations", ``, "s3:GetInventoryConfiguration"},
		{"s3", "DeleteBucketEncryption", ``, "s3:PutEncryptionConfiguration"},
		{"s3", "PutBucketAccelerateConfiguration", ``, "s3:PutAccelerateConfiguration"},
		{"s3", "DeleteBucketCors", ``, "s3:PutBucketCORS"},
		{"s3", "DeleteAccountPublicAccessBlock", ``, "s3:PutAccountPublicAccessBlock"},
		{"s3", "GetBucketPolicy", ``, "s3:GetBucketPolicy"},
		// Others.
		{"lambda", "Invoke", `{"functionName":"f"}`, "lambda:InvokeFunction"},
		{"sqs", "SendMessageBatch", ``, "sqs:SendMessage"},
		{"sns", "PublishBatch", ``, "sns:Publish"},
		{"budgets", "DescribeBudgets", ``, "budgets:ViewBudget"},
		{"budgets", "DeleteNotification", ``, "budgets:ModifyBudget"},
		{"budgets", "DescribeBudgetAction", ``, "budgets:DescribeBudgetAction"},
		{"cassandra", "DropTable", ``, "cassandra:Drop"},
		{"cassandra", "Update", ``, "cassandra:Modify"},
		{"cassandra", "UpdateTable", ``, "cassandra:Alter"},
		{"dms", "DescribeDataProviders", ``, "dms:ListDataProviders"},
		{"dms", "DescribeEndpoints", ``, "dms:DescribeEndpoints"},
		{"bedrock", "Converse", ``, "bedrock:InvokeModel"},
		{"deadline", "BatchGetJob", ``, "deadline:GetJob"},
		{"sso", "UpdateSsoConfiguration", ``, "sso:UpdateSSOConfiguration"},
		{"dynamodb", "TransactWriteItems", `{"transactItems":[{"put":{"tableName":"t"}},{"delete":{"tableName":"u"}}]}`, "dynamodb:DeleteItem dynamodb:PutItem"},
		{"dynamodb", "ExecuteStatement", `{"statement":"SELECT * FROM \"t\" WHERE id=1"}`, "dynamodb:PartiQLSelect"},
		{"dynamodb", "BatchExecuteStatement", `{"statements":[{"statement":"INSERT INTO t VALUE {}"},{"statement":"update t set a=1"}]}`, "dynamodb:PartiQLInsert dynamodb:PartiQLUpdate"},
		{"apigateway", "TagResource", `{"resourceArn":"arn:aws:apigateway:us-east-1::/restapis/a"}`, "apigateway:PUT"},
		{"apigateway", "TagResource", `{"resourceArn":"arn:aws:apigateway:us-east-1::/apis/a"}`, "apigateway:POST"},
		// Needs none.
		{"sts", "GetCallerIdentity", ``, ""},
		{"s3", "PreflightRequest", `{"bucketName":"b","key":"k"}`, ""},
		{"signin", "ConsoleLogin", ``, ""},
	} {
		e := call(c.source, c.event, c.request)
		a := Default().Attribute(&e)
		var names []string
		for _, u := range a.Actions {
			names = append(names, u.Action)
		}
		if got := strings.Join(names, " "); got != c.want || a.Unmapped {
			t.Errorf("%s %s %s: got %q (unmapped %v), want %q", c.source, c.event, c.request, got, a.Unmapped, c.want)
		}
	}
}

func TestUnmappedIsLoud(t *testing.T) {
	for _, e := range []event.Event{
		call("s3", "GetStorageLensDashboardDataInternal", ``), call("nosuchservice", "GetThing", ``), call("lambda", "InvokeEverything", ``),
		call("dynamodb", "ExecuteStatement", `{"statement":"***"}`), call("", "", ``),
	} {
		if a := Default().Attribute(&e); !a.Unmapped || len(a.Actions) != 0 {
			t.Errorf("%s %s: got %+v, want unmapped", e.EventSource, e.EventName, a)
		}
	}
}

func TestNeedsNone(t *testing.T) {
	service := call("kms", "RotateKey", ``)
	service.EventType = "AwsServiceEvent"
	insight := call("ec2", "RunInstances", ``)
	insight.EventCategory = "Insight"
	for _, e := range []event.Event{service, insight} {
		if a := Default().Attribute(&e); a.Unmapped || len(a.Actions) != 0 {
			t.Errorf("%s: got %+v, want nothing", e.EventName, a)
		}
	}
}

func TestStripVersion(t *testing.T) {
	for name, want := range map[string]string{
		"CreateFunction20150331": "CreateFunction", "UpdateFunctionCode20150331v2": "UpdateFunctionCode",
		"CreateDistribution2020_05_31": "CreateDistribution", "GetPolicy_2015_03_31": "GetPolicy",
		"RestoreDBClusterFromS3": "RestoreDBClusterFromS3", "ListObjectsV2": "ListObjectsV2", "DescribeEnvironmentEC2": "DescribeEnvironmentEC2",
		"20150331": "20150331", "Get2015": "Get2015", "Getv2": "Getv2", "": "", "A120150331": "A120150331",
	} {
		if got := stripVersion(name); got != want {
			t.Errorf("stripVersion(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestTargetsExist holds that no rule names an action that AWS does not have.
func TestTargetsExist(t *testing.T) {
	c := Default()
	for name := range reachedByRule() {
		if !c.Known(name) {
			t.Errorf("rule target %s is not in the catalogue", name)
		}
	}
	for _, pattern := range familyTargets {
		if len(c.Expand(pattern)) == 0 {
			t.Errorf("family target %s matches nothing", pattern)
		}
	}
	for _, binding := range c.service("apigateway").routes {
		for _, r := range binding {
			if !c.Known("apigateway:" + r.verb) {
				t.Errorf("apigateway:%s is not in the catalogue", r.verb)
			}
		}
	}
	for prefix, name := range tagActions {
		if !c.Known(prefix + ":" + name) {
			t.Errorf("tagging action %s:%s is not in the catalogue", prefix, name)
		}
	}
	for create, name := range iamTagging {
		if !c.Known("iam:"+name) || !c.Known("iam:"+create) {
			t.Errorf("tagging action iam:%s of %s is not in the catalogue", name, create)
		}
	}
}

// TestTablesExist holds that hand-written tables name services, actions and
// operations that exist, so that a new catalogue cannot leave them behind.
func TestTablesExist(t *testing.T) {
	c := Default()
	for source, prefix := range sourcePrefixes {
		if c.service(prefix) == nil {
			t.Errorf("source %s leads to unknown service %s", source, prefix)
		}
	}
	for prefix, actions := range neverLoggedActions {
		for _, a := range actions {
			if len(c.Expand(prefix+":"+a)) == 0 {
				t.Errorf("never logged %s:%s matches no action", prefix, a)
			}
		}
	}
	for prefix, kinds := range dataActions {
		for _, k := range kinds {
			for _, a := range strings.Fields(k.actions) {
				if len(c.Expand(prefix+":"+a)) == 0 {
					t.Errorf("data action %s:%s matches no action", prefix, a)
				}
			}
		}
	}
	for _, prefix := range strings.Fields(passedToItself) {
		if c.service(prefix) == nil {
			t.Errorf("role taker %s is no service", prefix)
		}
	}
	for prefix := range passedExceptions {
		if c.service(prefix) == nil {
			t.Errorf("role taker %s is no service", prefix)
		}
	}
	checkAliases(t, c)
}

// checkAliases holds that each alias is that of a variable of its service.
func checkAliases(t *testing.T, c *Catalog) {
	for key := range aliases {
		prefix, rest, _ := strings.Cut(key, ".")
		s := c.service(prefix)
		if s == nil {
			t.Errorf("alias of unknown service %s", key)
			continue
		}
		if !slices.ContainsFunc(s.types, func(ty *resourceType) bool {
			return slices.ContainsFunc(ty.tail, func(p piece) bool {
				return p.variable && (normal(p.text) == rest || normal(ty.Name)+"."+normal(p.text) == rest)
			})
		}) {
			t.Errorf("alias %s is of no variable", key)
		}
	}
	for key := range idPrefixes {
		prefix, kind, _ := strings.Cut(key, ".")
		if !slices.ContainsFunc(c.service(prefix).types, func(ty *resourceType) bool { return ty.Name == kind }) {
			t.Errorf("id prefix of unknown type %s", key)
		}
	}
}
